"""``/todo/``: what waits for this actor, most urgent first. Cases and clocks are found here; rooms add their own with :func:`register`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, signed_in
from anlan.desk.resource.addresses import record_url, subject_url
from anlan.desk.resource.declare import Resource, Text
from anlan.desk.resource.registry import all_resources
from anlan.desk.resource.values import place_text, text_of
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.flows import available_moves
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.records import Case
from anlan.ledger.scope import scope_condition, visible

PER_SOURCE = 50


@dataclass(frozen=True)
class Todo:
    """One thing to do. ``subject`` (an id) lets one thing from several sources show once; ``until`` is its legal or set deadline."""

    title: str
    kind: Text
    url: str
    what: Text
    place: str = ""
    since: datetime | None = None
    until: datetime | None = None
    overdue: bool = False
    exercise: bool = False
    subject: UUID | None = None


Provider = Callable[[Actor, datetime], Iterable[Todo]]
"""``provider(actor, now)``: what a room knows to be waiting for the actor, at most some dozens."""

_providers: dict[str, Provider] = {}


def register(code: str, provider: Provider) -> None:
    """Add a source of things to do. The same code again replaces it."""
    _providers[code] = provider


def items(actor: Actor, now: datetime) -> list[Todo]:
    """Everything that waits for the actor: overdue first, then by deadline, then the oldest."""
    found = list(_clocks(actor, now))
    known = {item.subject for item in found if item.subject is not None}
    for resource in all_resources():
        if issubclass(resource.model, Case):
            found += [item for item in _cases(resource, resource.model, actor) if item.subject not in known]
    for provider in _providers.values():
        found += provider(actor, now)
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda item: (not item.overdue, item.until or far, item.since or far))


def count(actor: Actor, now: datetime) -> int:
    """How many things wait."""
    return len(items(actor, now))


def _clocks(actor: Actor, now: datetime) -> Iterable[Todo]:
    """Legal clocks owed by the actor's organisation, or, where none is named, by whoever may move the case."""
    owed = Clock.objects.filter(state__in=[ClockState.RUNNING, ClockState.MISSED], met_at__isnull=True)
    mine = owed.filter(owed_by_organisation_id=actor.organisation_id) if actor.organisation_id is not None else owed.none()
    reachable = owed.none()
    for resource in all_resources():
        if not issubclass(resource.model, Case):
            continue
        condition = _move_condition(resource.model, actor)
        if condition is not None:
            of_kind = owed.filter(owed_by_organisation_id__isnull=True, subject_type=resource.model._meta.label_lower)
            reachable = reachable | of_kind.filter(condition)
    for entry in (mine | reachable).order_by("until")[:PER_SOURCE]:
        yield Todo(
            title=_title(entry.subject_type, entry.subject_id),
            kind=gettext("法定时限"),
            url=subject_url(entry.subject_type, entry.subject_id),
            what=gettext(entry.label),
            place=place_text(entry.place_code),
            since=entry.since,
            until=entry.until,
            overdue=entry.until < now,
            exercise=entry.exercise,
            subject=entry.subject_id,
        )


def _title(subject_type: str, key: UUID) -> str:
    for resource in all_resources():
        if resource.model._meta.label_lower == subject_type:
            record = resource.model._default_manager.filter(pk=key).first()
            return text_of(getattr(record, resource.title, record)) if record is not None else str(resource.label)
    return subject_type


def _move_condition(model: type[Case], actor: Actor) -> Q | None:
    """Where the actor may make at least one move of a kind of case."""
    enterprise = "enterprise_id" if any(f.attname == "enterprise_id" for f in model._meta.concrete_fields) else None
    condition: Q | None = None
    for action in {move.action for move in model.flow.moves}:
        part = scope_condition(actor, action, enterprise=enterprise)
        if part is not None:
            condition = part if condition is None else condition | part
    return condition


def _cases(resource: Resource, model: type[Case], actor: Actor) -> Iterable[Todo]:
    """Open cases whose next move the actor may make."""
    condition = Q(pk__in=[])
    for state in model.flow.states:
        for action in {move.action for move in model.flow.moves_from(state.code) if not move.optional}:
            movable = visible(model._default_manager.filter(state=state.code), actor, action)
            if not movable.query.is_empty():
                condition |= Q(pk__in=movable.order_by("opened_at").values("pk")[:PER_SOURCE])
    cases = visible(model._default_manager.filter(condition), actor, resource.actions.view).order_by("opened_at")
    for case in cases[:PER_SOURCE]:
        moves = [move for move in available_moves(case, actor) if not move.optional]
        if moves:
            yield Todo(
                title=text_of(getattr(case, resource.title, case)),
                kind=resource.label,
                url=record_url(resource, case.pk),
                what=f"{case.get_state_label()} → " + "、".join(gettext(move.label) for move in moves),
                place=place_text(case.place_code),
                since=case.opened_at,
                exercise=case.exercise,
                subject=case.pk,
            )


@signed_in
@require_GET
def todo_page(request: ActorRequest) -> HttpResponse:
    """The list; as a fragment when htmx asks for it after an event."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    now = clock.now()
    context = {"items": items(actor, now), "now": now}
    fragment = request.headers.get("HX-Target") == "todo"
    return render(request, "desk/_todo.html" if fragment else "desk/todo.html", context)
