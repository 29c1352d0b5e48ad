"""Whether two reports are about one event. Pure: points for what agrees, each with its reason; a person decides.

Points are project defaults: the place weighs most (40), then the enterprise (30), the time (20), the kind (10) and the words (10). Two events far apart in
place or time are never one, whatever their words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from anlan.kernel.geo import Point, haversine_m
from anlan.kernel.words import N_

PLACE, ENTERPRISE, TIME, KIND, WORDS = 40, 30, 20, 10, 10
REASONS: dict[str, str] = {
    "place": N_("地点相距 {metres} 米"),
    "county": N_("同一县（市、区），有一方未标坐标"),
    "enterprise": N_("同一单位"),
    "time": N_("时间相差 {minutes} 分钟"),
    "kind": N_("同一类别"),
    "words": N_("描述相近：{words}"),
}


@dataclass(frozen=True)
class Told:
    """What one report says, as far as likeness needs it. ``point``: longitude and latitude in degrees."""

    kind: str
    place_code: str
    occurred_at: datetime
    enterprise_id: object | None
    point: tuple[float, float] | None
    words: str
    exercise: bool = False


@dataclass(frozen=True)
class Likeness:
    """Points of 100 and more, and why: pairs of a code of :data:`REASONS` and its facts."""

    score: int
    reasons: tuple[tuple[str, dict[str, object]], ...]


def likeness(one: Told, other: Told, *, within_minutes: int, within_m: int) -> Likeness:
    """How much speaks for one event; 0 points when place or time rule it out, or when one is of an exercise and the other real."""
    if one.exercise != other.exercise:
        return Likeness(0, ())
    minutes = abs((one.occurred_at - other.occurred_at).total_seconds()) / 60
    if minutes > within_minutes:
        return Likeness(0, ())
    reasons: list[tuple[str, dict[str, object]]] = []
    score = 0
    if one.point is not None and other.point is not None:
        metres = haversine_m(Point(*one.point), Point(*other.point))
        if metres > within_m:
            return Likeness(0, ())
        score += round(PLACE * (1 - metres / within_m / 2))
        reasons.append(("place", {"metres": round(metres)}))
    elif one.place_code[:6] != other.place_code[:6]:
        return Likeness(0, ())
    else:
        score += PLACE // 4
        reasons.append(("county", {}))
    if one.enterprise_id is not None and one.enterprise_id == other.enterprise_id:
        score += ENTERPRISE
        reasons.append(("enterprise", {}))
    score += round(TIME * (1 - minutes / within_minutes))
    reasons.append(("time", {"minutes": round(minutes)}))
    if one.kind == other.kind:
        score += KIND
        reasons.append(("kind", {}))
    shared = sorted(_pairs(one.words) & _pairs(other.words))
    if len(shared) >= SHARED:
        score += WORDS
        reasons.append(("words", {"words": "、".join(shared[:4])}))
    return Likeness(score, tuple(reasons))


SHARED = 3
"""So many pairs of characters must be common before words count as alike."""


def _pairs(text: str) -> set[str]:
    """Pairs of neighbouring Chinese characters: short reports share few whole words."""
    kept = [letter if "\u4e00" <= letter <= "\u9fff" else " " for letter in text]
    return {one + two for one, two in pairwise(kept) if " " not in (one, two)}
