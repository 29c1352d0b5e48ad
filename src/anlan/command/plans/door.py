"""What other rooms may ask of plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.command.plans.rules import PlanGroup, TaskDraft
from anlan.kernel.access import Actor

__all__ = [
    "PlanGroup",
    "PlanLevelSummary",
    "PlanSummary",
    "TaskDraft",
    "instantiate",
    "load_examples",
    "plan",
    "plan_for",
    "plans_for",
    "structure",
]


@dataclass(frozen=True)
class PlanLevelSummary:
    """One response level of a plan."""

    level: str
    label: str
    condition: str
    decided_by: str
    expected_hours: int
    measures: str


@dataclass(frozen=True)
class PlanSummary:
    """One plan in force. ``example`` marks a template that no bureau has issued (示例)."""

    id: UUID
    code: str
    edition: int
    title: str
    kind: str
    place_code: str
    trigger: str
    example: bool
    levels: tuple[PlanLevelSummary, ...]
    address: str


def plan_for(kind: str, place_code: str) -> PlanSummary | None:
    """The plan in force for an event of ``kind`` at ``place_code``: the most local, then the newest; ``None`` when there is none."""
    from anlan.command.plans import queries

    return queries.plan_for(kind, place_code)


def plans_for(place_code: str) -> tuple[PlanSummary, ...]:
    """Every plan in force that covers ``place_code``."""
    from anlan.command.plans import queries

    return queries.plans_for(place_code)


def plan(plan_id: UUID) -> PlanSummary:
    """One plan. Raises ``NotFound``."""
    from anlan.command.plans import queries

    return queries.summary(queries.plan(plan_id, None))


def instantiate(plan_id: UUID, level: str, started_at: datetime) -> tuple[TaskDraft, ...]:
    """The tasks a plan gives at ``level`` when a response starts at ``started_at``. Raises ``NotFound``, ``NoActions``."""
    from anlan.command.plans import queries

    return queries.instantiate(plan_id, level, started_at)


def structure(plan_id: UUID, level: str) -> tuple[PlanGroup, ...]:
    """The command structure (现场指挥部 and groups) of a plan at ``level``, the top first. Raises ``NotFound``."""
    from anlan.command.plans import queries

    return queries.structure(plan_id, level)


def load_examples(*, actor: Actor, now: datetime) -> int:
    """Load the example plans that come with the platform; those already there are left alone. Returns how many were new."""
    from anlan.command.plans import services

    return services.load_examples(actor=actor, now=now)
