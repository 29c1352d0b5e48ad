"""What other rooms may ask about hazard sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from anlan.ground.risksources import kinds as table
from anlan.ground.risksources import queries
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RiskSourceRegistered(Event):
    """A hazard source came into the file; ``subject_id`` is its id."""

    kind: ClassVar[str] = "risksources.registered"
    action: ClassVar[str] = "risksources.view"
    name: str


@dataclass(frozen=True, kw_only=True)
class RiskSourceChanged(Event):
    """A hazard source changed; ``changed`` names the fields."""

    kind: ClassVar[str] = "risksources.changed"
    action: ClassVar[str] = "risksources.view"
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class RiskSourceSummary:
    """One hazard source as other rooms see it.

    Quantities in tonnes; coordinates in degrees (CGCS2000); ``major_level`` 1 (一级) to 4 (四级); ``attributes`` by attribute code in
    the unit that ``data/attributes.csv`` declares.
    """

    id: UUID
    enterprise_id: UUID
    site_id: UUID | None
    code: str
    name: str
    kind: str
    place_code: str
    classification: int
    state: str
    substance_name: str
    substance_cas: str
    quantity_t: Decimal | None
    design_max_t: Decimal | None
    is_major: bool
    major_level: int | None
    longitude: float | None
    latitude: float | None
    attributes: dict[str, object]


@dataclass(frozen=True)
class Kind:
    """One kind of hazard source (装置, 储罐, …)."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Answers:
    """The three who answer for a hazard source (安全包保责任人); empty names where nobody is entered."""

    id: UUID
    code: str
    name: str
    principal: str
    technical: str
    operation: str


def kinds() -> tuple[Kind, ...]:
    """Every kind of hazard source, in the order of the table."""
    return tuple(Kind(kind.code, kind.name_zh, kind.name_en) for kind in table.kinds())


def risk_source(source_id: UUID | str, actor: Actor | None = None) -> RiskSourceSummary:
    """The hazard source, as far as ``actor`` may see it (``None``: no check, for processes). Raises ``NotFound``."""
    found = queries.risk_sources(actor).filter(pk=source_id).first()
    if found is None:
        raise NotFound(what=str(source_id))
    return _summary(found)


def at_places(kinds: Iterable[str], prefix: str, actor: Actor | None, *, limit: int = 200) -> tuple[RiskSourceSummary, ...]:
    """Hazard sources of some kinds in a place and below it (by the prefix of its code) that are in use, by code; at most ``limit``."""
    rows = queries.risk_sources(actor).filter(kind__in=set(kinds), place_code__startswith=prefix)
    return tuple(_summary(row) for row in queries.in_use(rows).order_by("code", "pk")[:limit])


def risk_sources(ids: Iterable[UUID], actor: Actor | None = None) -> dict[UUID, RiskSourceSummary]:
    """Hazard sources among ``ids`` by id; one query; those not to be seen are left out."""
    return {row.pk: _summary(row) for row in queries.risk_sources(actor).filter(pk__in=set(ids))}


def answers_of(ids: Iterable[UUID]) -> tuple[Answers, ...]:
    """Who answers for each hazard source among ``ids``, by code; for records whose visibility has been decided already."""
    rows = queries.risk_sources(None).filter(pk__in=set(ids)).order_by("code")
    return tuple(Answers(row.pk, row.code, row.name, row.principal_name, row.technical_name, row.operation_name) for row in rows)


def of_enterprise(enterprise_id: UUID, actor: Actor | None = None) -> tuple[RiskSourceSummary, ...]:
    """The hazard sources of an enterprise that are not retired, by code."""
    return tuple(_summary(row) for row in queries.of_enterprise(enterprise_id, actor))


def counts_by_place() -> dict[tuple[str, str], int]:
    """How many hazard sources in use are registered at each place, by kind and place code: what areas are exposed to. No check: numbers only."""
    return queries.counts_by_place()


def within(box: tuple[float, float, float, float], actor: Actor | None, *, limit: int = 5000) -> tuple[RiskSourceSummary, ...]:
    """Hazard sources whose point lies in ``box`` (west, south, east, north in degrees), at most ``limit``, ordered by id."""
    return tuple(_summary(row) for row in queries.within(box, actor).order_by("pk")[:limit])


def major_within(box: tuple[float, float, float, float], *, limit: int = 500) -> tuple[RiskSourceSummary, ...]:
    """Major hazard sources (重大危险源) in use in ``box``, those of the highest level first; for reckoning, whoever asks."""
    rows = queries.in_use(queries.within(box, None)).filter(is_major=True)
    return tuple(_summary(row) for row in rows.order_by("major_level", "pk")[:limit])


def register_risk_source(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: object) -> RiskSourceSummary:
    """Register a hazard source (see ``services.register_risk_source`` for the fields and refusals); returns its summary."""
    from anlan.ground.risksources import services

    return _summary(services.register_risk_source(enterprise_id, actor=actor, now=now, **values))


def change_risk_source(source_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> RiskSourceSummary:
    """Correct a hazard source (see ``services.change_risk_source``); returns its summary."""
    from anlan.ground.risksources import services

    return _summary(services.change_risk_source(source_id, actor=actor, now=now, **values))


def in_use(after: UUID | None = None, *, limit: int = 5000, ids: Collection[UUID] | None = None) -> tuple[RiskSourceSummary, ...]:
    """Hazard sources that are not retired, ordered by id: those behind ``after``, or those among ``ids``. No check: for processes."""
    from anlan.ground.risksources import rules

    rows = queries.risk_sources(None).exclude(state=rules.RETIRED).order_by("pk")
    if ids is not None:
        rows = rows.filter(pk__among=ids)
    elif after is not None:
        rows = rows.filter(pk__gt=after)
    return tuple(RiskSourceSummary(*told) for told in rows.values_list(*_FIELDS)[: None if ids is not None else limit])


_FIELDS = tuple(RiskSourceSummary.__dataclass_fields__)


def _summary(row: object) -> RiskSourceSummary:
    return RiskSourceSummary(**{name: getattr(row, name) for name in _FIELDS})
