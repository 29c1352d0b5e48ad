"""What other rooms may know of detection rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["CriteriaChanged", "RuleSummary", "by_code", "draft_from_template", "draft_of_unit", "keep_model", "model", "of_models"]

IN_FORCE = "in_force"
"""``RuleSummary.state`` of a rule that watches."""


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
    state: str = ""
    state_label: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


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


def keep_model(data: bytes, now: datetime) -> str:
    """Keep a model of a process unit (``detection.multivariate.pack``) for rules to name; its SHA-256.

    The caller has decided who may train, and audits. Raises ``MalformedModel``.
    """
    from anlan.sense.criteria import services

    return services.keep_model(data, now)


def model(digest: str) -> bytes | None:
    """The bytes of a model that was kept."""
    from anlan.sense.criteria import queries

    return queries.unit_model(digest)


def of_models(digests: Iterable[str], actor: Actor | None = None) -> tuple[RuleSummary, ...]:
    """Rules that name one of these models and that ``actor`` may see, newest first."""
    from anlan.sense.criteria import queries

    return tuple(map(queries.summary, queries.of_models(digests, actor)))


def draft_of_unit(
    *,
    name: str,
    level: int,
    channels: Iterable[int],
    interval_s: float,
    age_s: float,
    digest: str,
    enterprise_id: UUID,
    source: str,
    note: str = "",
    replaces: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> RuleSummary:
    """Draft the rule that watches a process unit by a kept model; ``channels`` in the order of its variables, of the enterprise.

    ``replaces``: the rule in force whose place it takes once it is put in force itself. Raises as ``services.draft``, and ``ModelMissing``.
    """
    from anlan.sense.criteria import queries, services

    drafted = services.draft(
        kind="UNIT",
        level=level,
        parameters={"channels": list(channels), "interval_s": interval_s, "model": digest, "age_s": age_s},
        scope=services.Scope(),
        name=name,
        enterprise_id=enterprise_id,
        source=source,
        note=note,
        replaces=queries.one(replaces, actor) if replaces is not None else None,
        actor=actor,
        now=now,
    )
    return queries.summary(drafted)
