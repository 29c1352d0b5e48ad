"""Hygiene before a bulletin goes out: what is refused, what somebody must accept in so many words, and what is only told. Pure.

The limits are dated data (``data/limits.csv``); where no law or standard names a figure they are project defaults and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import ClassVar

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

DATA = Path(__file__).parent / "data"


class TooManyVertices(Refusal):
    code: ClassVar[str] = "bulletin_too_many_vertices"
    sentence: ClassVar[str] = N_("范围有 {count} 个顶点，超过 {limit} 个，手机和广播设备可能不接受。请核对简化后的范围并采用。")
    status: ClassVar[int] = 422


class OutsideJurisdiction(Refusal):
    code: ClassVar[str] = "bulletin_area_beyond"
    sentence: ClassVar[str] = N_("画出的范围有 {km2} 平方千米在本辖区之外（{places}）。请裁到辖区，或报请共同的上一级发布。")
    status: ClassVar[int] = 422


class NotAccepted(Refusal):
    code: ClassVar[str] = "bulletin_not_accepted"
    sentence: ClassVar[str] = N_("提交前请逐项核对并写明理由：{what}")
    status: ClassVar[int] = 422


class NotAnswered(Refusal):
    code: ClassVar[str] = "bulletin_contradiction"
    sentence: ClassVar[str] = N_("与生效中的预警“{headline}”不一致：请选择更新它、解除它，或写明另行发布的理由。")
    status: ClassVar[int] = 422


class CannotAnswerSo(Refusal):
    code: ClassVar[str] = "bulletin_answer_impossible"
    sentence: ClassVar[str] = N_("“{headline}”由其他单位发布，或本条已在更新、解除另一条预警：只能写明理由后另行发布。")
    status: ClassVar[int] = 422


TO_ACCEPT, TOLD = "to_accept", "told"
UPDATE, CANCEL, BESIDE = "update", "cancel", "beside"
ANSWERS = {UPDATE: N_("更新它"), CANCEL: N_("解除它"), BESIDE: N_("另行发布（写明理由）")}


@dataclass(frozen=True)
class Finding:
    """Something doubtful. ``weight``: :data:`TO_ACCEPT` needs a reason before submission, :data:`TOLD` is shown to writer and approver."""

    code: str
    weight: str
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def message(self, translate: object = None) -> str:
        """The sentence in the reader's language, facts filled in."""
        return (translate(self.sentence) if callable(translate) else self.sentence).format_map(dict(self.facts))


@dataclass(frozen=True, kw_only=True)
class Limit(DatedRule):
    """One figure by name; ``event`` is the beginning of event codes and ``level`` a colour that it is for (empty: all)."""

    name: str
    event: str
    level: str
    value: float
    unit: str


@cache
def _limits() -> tuple[Limit, ...]:
    return load_rules(DATA / "limits.csv", Limit)


def limit(name: str, on: date, *, event_code: str = "", level: str = "") -> float | None:
    """The figure of that name for an event and a level on a day, the most particular one; ``None`` when there is none."""
    fitting = [row for row in in_force(_limits(), on) if row.name == name and event_code.startswith(row.event) and row.level in ("", level)]
    best = max(fitting, key=lambda row: (len(row.event), len(row.level)), default=None)
    return best.value if best else None


def needed(name: str, on: date, **of: str) -> float:
    """As :func:`limit`, of a figure that the table must hold. Raises ``LookupError`` when it does not."""
    found = limit(name, on, **of)
    if found is None:
        raise LookupError(f"limits.csv holds no {name} on {on}")
    return found


def check_vertices(count: int, on: date) -> None:
    """Raises :class:`TooManyVertices`."""
    most = int(needed("vertices", on))
    if count > most:
        raise TooManyVertices(count=count, limit=most)


def area_findings(*, drawn_km2: float, event_code: str, level: str, holes: int, divisions_km2: float, on: date) -> list[Finding]:
    """What to say of the size of an area: drawn ones too large for kind and level need a reason, whole divisions are told."""
    found = []
    most = limit("area_km2", on, event_code=event_code, level=level)
    if most is not None and drawn_km2 > most:
        facts = {"km2": f"{drawn_km2:,.0f}", "limit": f"{most:,.0f}"}
        found.append(
            Finding("area_large", TO_ACCEPT, N_("范围 {km2} 平方千米，对这一类别和级别而言偏大（一般不超过 {limit} 平方千米）。"), facts)
        )
    if most is not None and divisions_km2 > most:
        facts = {"km2": f"{divisions_km2:,.0f}"}
        found.append(
            Finding("divisions_large", TOLD, N_("按整个行政区划发布，共 {km2} 平方千米：其中多数人可能并不受影响，画出范围更准。"), facts)
        )
    if holes:
        found.append(Finding("holes_filled", TOLD, N_("范围中有 {count} 处空洞，报文无法表示，已一并纳入。"), {"count": holes}))
    return found


def time_findings(onset: datetime, expires: datetime, now: datetime, on: date) -> list[Finding]:
    """Times that are possible and unusual."""
    found = []
    ahead, behind = timedelta(hours=needed("onset_ahead_h", on)), timedelta(hours=needed("onset_behind_h", on))
    if onset > now + ahead:
        found.append(Finding("onset_far", TO_ACCEPT, N_("起始时间在 {hours} 小时以后，请核对日期。"), {"hours": _hours(onset - now)}))
    if onset < now - behind:
        found.append(Finding("onset_past", TO_ACCEPT, N_("起始时间已过去 {hours} 小时，请核对日期。"), {"hours": _hours(now - onset)}))
    if expires - max(onset, now) < timedelta(minutes=needed("shortest_min", on)):
        minutes = max(0, int((expires - max(onset, now)).total_seconds() // 60))
        found.append(Finding("short", TO_ACCEPT, N_("发布后只剩 {minutes} 分钟有效，群众可能来不及看到。"), {"minutes": minutes}))
    return found


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600)


@dataclass(frozen=True)
class Said:
    """What a bulletin says, as far as two of them can contradict each other. ``divisions``: place prefixes; ``shape``: degrees, or nothing."""

    id: str
    event_code: str
    level: str
    text: str
    exercise: bool
    divisions: tuple[str, ...] = ()
    shape: BaseGeometry | None = None
    incident: str = ""


def contradictions(said: Said, live: Iterable[Said]) -> list[Said]:
    """Live bulletins of the same event over some of the same ground that say another level or other words. Exercises and real ones never
    contradict each other."""
    return [
        other
        for other in live
        if other.id != said.id
        and other.exercise == said.exercise
        and _same_event(said, other)
        and (other.level != said.level or other.text != said.text)
        and overlap(said, other)
    ]


def _same_event(one: Said, other: Said) -> bool:
    if one.incident and other.incident:
        # Two incidents of one kind are two events, and one incident is one event by whatever code.
        return one.incident == other.incident
    return one.event_code == other.event_code


def overlap(one: Said, other: Said) -> bool:
    """Whether two areas share ground: by division where both name one, else by shape; touching borders share nothing."""
    if any(a.startswith(b) or b.startswith(a) for a in one.divisions for b in other.divisions):
        return True
    if one.shape is None or other.shape is None or one.shape.is_empty or other.shape.is_empty:
        return False
    return bool(shapely.intersects(one.shape, other.shape) and not shapely.touches(one.shape, other.shape))


def check_accepted(findings: Sequence[Finding], accepted: Mapping[str, str], translate: object = None) -> None:
    """Every finding that needs a reason has one. Raises :class:`NotAccepted` naming those that do not."""
    open_ones = [finding for finding in findings if finding.weight == TO_ACCEPT and not accepted.get(finding.code, "").strip()]
    if open_ones:
        raise NotAccepted(what=" ".join(finding.message(translate) for finding in open_ones), codes=[f.code for f in open_ones])


OVER, UNTOUCHED, ENDING, UNDECIDED, TOO_LATE, FORGOTTEN, LEFT = "over", "untouched", "ending", "undecided", "too_late", "forgotten", "left"
STALE: Mapping[str, str] = {
    OVER: N_("过期未解除"),
    UNTOUCHED: N_("长时间未更新"),
    ENDING: N_("即将到期"),
    UNDECIDED: N_("待审批过久"),
    TOO_LATE: N_("待审批，有效期已过"),
    FORGOTTEN: N_("未提交，有效期已过"),
    LEFT: N_("草稿搁置过久"),
}
"""Why a bulletin needs somebody, the pressing one first where several hold."""


def staleness(*, state: str, level: str, expires: datetime, touched: datetime, now: datetime, on: date) -> str:
    """Why a bulletin needs somebody (a key of :data:`STALE`), empty when it does not. ``touched``: when it was last published, submitted or
    changed."""
    if state == "published":
        if expires <= now:
            return OVER
        if expires - now <= timedelta(minutes=needed("ending_min", on)):
            return ENDING
        return UNTOUCHED if now - touched > timedelta(hours=needed("stale_h", on, level=level)) else ""
    if state == "pending":
        if expires <= now:
            return TOO_LATE
        return UNDECIDED if now - touched > timedelta(minutes=needed("waiting_min", on, level=level)) else ""
    if state == "draft":
        if expires <= now:
            return FORGOTTEN
        return LEFT if now - touched > timedelta(hours=needed("draft_h", on)) else ""
    return ""
