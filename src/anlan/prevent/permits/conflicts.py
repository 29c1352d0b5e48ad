"""Works that endanger each other in one place (交叉作业): pairs as rows, near as a distance. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from uuid import UUID

from anlan.kernel.geo import Point, haversine_m
from anlan.ledger.sources import DatedRule
from anlan.prevent.permits import rules


@dataclass(frozen=True, kw_only=True)
class Pair(DatedRule):
    """Two kinds that endanger each other within ``metres`` (``None``: the distance of the parameters), and why."""

    code: str
    first: str
    second: str
    metres: int | None
    reason_zh: str
    reason_en: str
    article: str


@dataclass(frozen=True)
class Site:
    """Where and when a permit is worked under. ``place_key``: the place as compared where a position is missing."""

    permit_id: UUID
    kind: str
    start: datetime
    end: datetime
    point: Point | None = None
    place_key: str = ""
    opens_vessel: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind, and an open vessel where one stands open."""
        return (self.kind, rules.OPEN_VESSEL) if self.opens_vessel else (self.kind,)


@dataclass(frozen=True)
class Found:
    """One conflict: with which permit, which row, how far (metres; ``None``: told by the name of the place)."""

    other: UUID
    pair: Pair
    metres: float | None


def key_of(text: str) -> str:
    """A place as compared with others: no blanks and signs, lower case, at most 80 characters."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())[:80]


def distance(one: Site, other: Site) -> float | None:
    """Metres between two works; 0 where both name the same place, whatever their positions say; ``None`` where nothing can be said."""
    if one.place_key and one.place_key == other.place_key:
        return 0.0
    if one.point is None or other.point is None:
        return None
    return haversine_m(one.point, other.point)


def between(one: Site, other: Site, pairs: Iterable[Pair], *, metres: float) -> tuple[Found, ...]:
    """Conflicts of a work with another: rows that name both kinds, times that overlap, near enough. The order of the two does not matter."""
    if one.permit_id == other.permit_id or one.end <= other.start or other.end <= one.start:
        return ()
    far = distance(one, other)
    if far is None:
        return ()
    kinds = {frozenset(each) for each in product(one.kinds, other.kinds)}
    return tuple(
        Found(other.permit_id, pair, far)
        for pair in pairs
        if frozenset((pair.first, pair.second)) in kinds and far <= (pair.metres if pair.metres is not None else metres)
    )


def among(one: Site, others: Iterable[Site], pairs: Iterable[Pair], *, metres: float) -> tuple[Found, ...]:
    """Conflicts of a work with every other one, the nearest first."""
    pairs = tuple(pairs)
    found = [each for other in others for each in between(one, other, pairs, metres=metres)]
    return tuple(sorted(found, key=lambda each: (each.metres or 0.0, str(each.other), each.pair.code)))
