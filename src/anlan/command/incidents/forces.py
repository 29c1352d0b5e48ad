"""The forces of an incident: ordered, on the way with their arrival, on scene, what they leave uncovered; and what is still wanted, with proposals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.incidents import rules, sending
from anlan.command.incidents.models import Incident, ResponseTask
from anlan.command.incidents.rules import Force
from anlan.command.resources import door as resources
from anlan.desk.refusals import sentence
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal

Teller = Callable[[UUID, Actor, datetime], Iterable[Force]]
Asking = Callable[[UUID, UUID], str]
_tellers: list[Teller] = []
_asking: list[Asking] = []
PROPOSED_FOR = 6
"""For so many tasks forces are proposed at once; each takes a search on the roads."""


@dataclass(frozen=True)
class Proposal:
    """Somebody who could come: why he stands where he does, and what stands uncovered while he is away (``None``: not reckoned)."""

    choice: resources.Choice
    reasons: tuple[str, ...]
    uncovered: tuple[str, ...] | None


@dataclass(frozen=True)
class Wanted:
    """A task that asks for a capability and has nobody yet, and who could come. ``refusal``: why nobody is proposed, in words."""

    task: ResponseTask
    capability: str
    answer: resources.Recommendation | None = None
    proposals: tuple[Proposal, ...] = ()
    refusal: str = ""

    @property
    def first(self) -> tuple[Proposal, ...]:
        """The soonest: it is seen without asking."""
        return self.proposals[:1]

    @property
    def others(self) -> tuple[Proposal, ...]:
        """Those who stand behind it."""
        return self.proposals[1:]

    @property
    def ask_address(self) -> str:
        """Where other bureaus are asked for aid with this task; empty where no room does that."""
        return next((each(self.task.incident_id, self.task.pk) for each in _asking), "")


def join(teller: Teller) -> None:
    """Let a room above tell its forces; joining twice changes nothing."""
    if teller not in _tellers:
        _tellers.append(teller)


def join_asking(address: Asking) -> None:
    """Let the room that asks other bureaus say where (incident, task → address); joining twice changes nothing."""
    if address not in _asking:
        _asking.append(address)


def forces(incident: Incident, actor: Actor, now: datetime) -> tuple[Force, ...]:
    """Everything ordered and not yet home, the soonest first; what is on scene last."""
    tasks = list(incident.tasks.filter(state__in=rules.OPEN_TASKS, resource_id__isnull=False).order_by("number"))
    told = {each.id: each for each in resources.resources(actor, at=now, ids=[task.resource_id for task in tasks if task.resource_id])}
    seen = risksources.risk_sources([UUID(key) for task in tasks for key in task.uncovered or ()], actor)
    own = [_force(task, told.get(task.resource_id) if task.resource_id else None, seen) for task in tasks]
    others = [each for teller in _tellers for each in teller(incident.pk, actor, now)]
    return tuple(
        sorted([*own, *others], key=lambda each: (each.state == rules.ON_SCENE, each.expected_at is None, each.expected_at or now))
    )


def _force(task: ResponseTask, told: resources.ResourceSummary | None, seen: dict[UUID, risksources.RiskSourceSummary]) -> Force:
    held = told.held if told is not None else None
    away = told is not None and (held is None or held.subject_id != task.pk)
    gaps = None if task.uncovered is None else tuple(seen[key].name if (key := UUID(each)) in seen else "" for each in task.uncovered)
    return Force(
        name=task.resource_name,
        state=rules.GONE_AWAY if away else task.state,
        task=f"#{task.number} {task.title}",
        expected_at=task.expected_at,
        shift=rules.shift_minutes(task.first_expected_at, task.expected_at),
        unit=told.owner_name if told is not None else "",
        phone=(told.duty_phone or told.contact_phone) if told is not None else "",
        address=told.address if told is not None else "",
        told_through=task.told_through,
        by_mouth=bool(task.told_through) and task.spoken_at is None and task.state == rules.ORDERED,
        lapsed=told.lapsed if told is not None else (),
        uncovered=gaps,
        task_id=task.pk,
    )


def wanted(incident: Incident) -> list[ResponseTask]:
    """Tasks that ask for a capability and have nobody yet, the nearest deadline first."""
    rows = incident.tasks.filter(state__in=sending.OPEN, resource_id=None).exclude(capability="")
    return list(rows.select_related("incident").order_by("due", "number"))


def proposals(tasks: Iterable[ResponseTask], actor: Actor, now: datetime) -> list[Wanted]:
    """Who could come for each of these tasks; a capability is asked for once."""
    asked: dict[str, resources.Recommendation | Refusal] = {}
    found = []
    for task in tasks:
        if task.capability not in asked:
            asked[task.capability] = propose(task.incident, task.capability, Decimal(1), actor, now, limit=3)
        found.append(as_wanted(task, task.capability, asked[task.capability]))
    return found


def propose(
    incident: Incident, capability: str, quantity: Decimal, actor: Actor, now: datetime, *, limit: int
) -> resources.Recommendation | Refusal:
    """Who could come with a capability, or why nobody can be proposed."""
    try:
        return sending.recommend(incident, capability, quantity, actor=actor, now=now, limit=limit)
    except Refusal as refusal:
        return refusal


def as_wanted(task: ResponseTask, capability: str, answer: resources.Recommendation | Refusal) -> Wanted:
    """A task with the answer to its need."""
    name = resources.capability_name(capability)
    if isinstance(answer, Refusal):
        return Wanted(task, name, refusal=sentence(answer))
    found = tuple(
        Proposal(each, resources.reasons_told(each), None if each.uncovered is None else tuple(gap.name for gap in each.uncovered))
        for each in answer.choices
    )
    return Wanted(task, name, answer, found)


def labels() -> dict[str, str]:
    """Names of the states of forces in the reader's language."""
    return {code: str(_(label)) for code, label in rules.FORCE_STATES.items()}
