"""What major hazard units announce, and what other rooms may ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class HazardUnitEvent(Event):
    """Base: ``subject_id`` is the unit, ``name`` its name."""

    action: ClassVar[str] = "hazardsources.view"
    name: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class HazardUnitChanged(HazardUnitEvent):
    """A unit was registered or changed; ``what``: ``unit`` or ``inventory``."""

    kind: ClassVar[str] = "hazardsources.changed"
    what: str


@dataclass(frozen=True, kw_only=True)
class ReassessmentRaised(HazardUnitEvent):
    """A unit is to be assessed anew. ``trigger``: code of Order 40 art. 11; ``level``: as graded; ``trial_level``: as it would be graded now
    (1–4, ``None``: no major hazard source, or not to be told)."""

    kind: ClassVar[str] = "hazardsources.reassess"
    trigger: str
    reason: str
    level: int | None
    trial_level: int | None


@dataclass(frozen=True, kw_only=True)
class HazardAssessed(HazardUnitEvent):
    """A unit was identified and graded."""

    kind: ClassVar[str] = "hazardsources.assessed"
    level: int | None


@dataclass(frozen=True, kw_only=True)
class HazardRegraded(HazardUnitEvent):
    """The level of a unit changed; ``before`` is ``None`` too for one that had not been graded yet."""

    kind: ClassVar[str] = "hazardsources.regraded"
    before: int | None
    after: int | None


@dataclass(frozen=True, kw_only=True)
class HazardFilingMoved(HazardUnitEvent):
    """A filing went on; ``state``: code of ``rules.FLOW``; ``filing_id`` as text."""

    kind: ClassVar[str] = "hazardsources.filing"
    filing_id: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class HazardUnitSummary:
    """One unit as other rooms see it. ``s`` and ``r`` rounded down to four places, ``None`` before its first assessment."""

    id: UUID
    enterprise_id: UUID
    code: str
    name: str
    kind: str
    place_code: str
    longitude: float | None
    latitude: float | None
    is_major: bool | None
    major_level: int | None
    s: Decimal | None
    r: Decimal | None
    assessed_at: datetime | None
    next_due_on: date | None
    to_reassess: bool
    filing_state: str
    url: str


def units_of(enterprise_id: UUID, actor: Actor | None = None) -> tuple[HazardUnitSummary, ...]:
    """The units of an enterprise as far as ``actor`` may see them (``None``: no check, for processes), the gravest first."""
    from anlan.prevent.hazardsources import queries

    return tuple(queries.summary(row) for row in queries.of_enterprise(enterprise_id, actor))


def unit_of_source(source_id: UUID, actor: Actor | None = None) -> HazardUnitSummary | None:
    """The unit that a hazard source of the register belongs to, ``None`` without one."""
    from anlan.prevent.hazardsources import queries

    found = queries.unit_of_source(source_id, actor)
    return None if found is None else queries.summary(found)


def note_accident(
    enterprise_id: UUID, *, source_id: UUID | None = None, reason: str, actor: Actor, now: datetime
) -> tuple[HazardUnitSummary, ...]:
    """An accident with a death, ten injured or harm to the public (Order 40 art. 11 (5)) asks to assess anew: the unit of ``source_id``, else
    every major unit of the enterprise. Returns them. Needs ``hazardsources.declare``."""
    from anlan.prevent.hazardsources import queries, reassessing

    return tuple(queries.summary(row) for row in reassessing.note_accident(enterprise_id, source_id, reason=reason, actor=actor, now=now))


def note_held(source_id: UUID, sentence: str, facts: dict[str, str], *, actor: Actor, now: datetime) -> HazardUnitSummary | None:
    """More is held in a hazard source than its design maximum: its unit is asked to be assessed anew (Order 40 art. 11 (3)), because of ``sentence``
    (Chinese source text) with ``facts``. ``None`` where it belongs to no unit; nothing is raised for a unit that was never assessed."""
    from anlan.prevent.hazardsources import queries, reassessing

    unit = reassessing.note_held(source_id, sentence, dict(facts), actor=actor, now=now)
    return None if unit is None else queries.summary(unit)
