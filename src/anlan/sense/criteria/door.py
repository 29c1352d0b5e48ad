"""What other rooms may know of detection rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["CriteriaChanged", "RuleSummary", "by_code"]


@dataclass(frozen=True, kw_only=True)
class CriteriaChanged(Event):
    """What is in force changed: a rule was put in force or withdrawn, or a suppression began or ended."""

    kind: ClassVar[str] = "criteria.changed"
    action: ClassVar[str] = "criteria.view"

    name: str


@dataclass(frozen=True)
class RuleSummary:
    """One rule as an alarm names it (``Transition.rule``). ``url``: its page."""

    id: UUID
    code: str
    name: str
    kind: str
    kind_label: str
    level: int
    source: str
    article: str
    status: str
    url: str


def by_code(codes: Iterable[str], actor: Actor | None = None) -> dict[str, RuleSummary]:
    """Rules by the code that alarms carry; those not to be seen are left out."""
    from anlan.sense.criteria import queries

    return queries.by_code(codes, actor)


def draft_from_template(
    template: str,
    *,
    enterprise_id: UUID | None = None,
    place_code: str = "",
    channels: Iterable[int] = (),
    sensor_classes: Iterable[str] = (),
    actor: Actor,
    now: datetime,
) -> tuple[RuleSummary, ...]:
    """Draft the rules of a ready-made template for points or classes (see ``services.apply_template``)."""
    from anlan.sense.criteria import queries, services

    scope = services.Scope(tuple(channels), tuple(sensor_classes))
    drafted = services.apply_template(template, scope, enterprise_id=enterprise_id, place_code=place_code, actor=actor, now=now)
    return tuple(map(queries.summary, drafted))
