"""Mutual aid: a bureau asks others, each answers for itself, what is agreed is sent, arrives, is released and goes home.

The two sides never touch each other's records by right of their own place: whoever is asked moves the answer; whoever asked speaks
through the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.command.dispatch import bringing, door, rules
from anlan.command.dispatch.bringing import MESSENGER
from anlan.command.dispatch.models import AidAnswer, AidRequest
from anlan.command.incidents import door as incidents
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor
from anlan.kernel.flow import Move
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day

_ASKED = ("title", "need", "told", "meeting_point", "needed_by")
_MORE = ("capability", "terms", "phone")
_OFFERED = ("offer", "people", "phone", "expected_at", "resource_id", "resource_name")


def ask(incident_id: UUID, values: Mapping[str, Any], organisation_ids: Iterable[UUID], *, actor: Actor, now: datetime) -> AidRequest:
    """Ask bureaus for aid: ``title``, ``need``, ``told`` (all they learn of what happened), ``meeting_point``, ``needed_by``; as wished
    ``capability``, ``terms``, ``phone``, ``task_id``, ``shared``, ``longitude``, ``latitude``.

    Raises ``NobodyAsked``, ``NeededInThePast``, ``NotFound``.
    """
    incident = incidents.incident(incident_id, actor)
    units = [unit for each in dict.fromkeys(organisation_ids) if (unit := organisations.organisation(each)) is not None]
    units = [unit for unit in units if unit.id != actor.organisation_id]
    if not units:
        raise rules.NobodyAsked
    if values["needed_by"] <= now:
        raise rules.NeededInThePast
    request = AidRequest(
        state=rules.OPEN,
        exercise=incident.exercise,
        opened_at=now,
        place_code=incident.place_code,
        classification=incident.classification,
        incident_id=incident.id,
        task_id=values.get("task_id"),
        longitude=values.get("longitude", incident.longitude),
        latitude=values.get("latitude", incident.latitude),
        shared=bool(values.get("shared")),
        organisation_id=actor.organisation_id,
        asked_by_id=actor.account_id,
        asked_by_name=actor.name,
        **{name: values[name] for name in _ASKED},
        **{name: values.get(name) or "" for name in _MORE},
    )
    with change(actor, "dispatch.request", now=now, place_code=incident.place_code) as gathered:
        request.save(force_insert=True)
        gathered.subject = request
        open_case(request, actor=actor, now=now)
        for unit in units:
            _lay_before(request, unit, gathered, actor, now)
    return request


def _lay_before(request: AidRequest, unit: organisations.OrganisationInfo, gathered: Change, actor: Actor, now: datetime) -> None:
    answer = AidAnswer.objects.create(
        request=request,
        title=request.title,
        state=rules.ASKED,
        exercise=request.exercise,
        opened_at=now,
        place_code=unit.place_code,
        organisation_id=unit.id,
    )
    open_case(answer, actor=actor, now=now)
    until = now + timedelta(minutes=rules.TABLES.parameter("answer_minutes", law_day(now)))
    rule = clocks.ClockRule(rules.ANSWER_CLOCK, rules.ANSWER_LABEL, "", "unverified")
    clocks.start(answer, rule, since=now, until=until, owed_by=unit.name, owed_to=actor.name, owed_by_organisation_id=unit.id)
    gathered.announce(
        door.AidAsked(subject_id=answer.pk, place_code=answer.place_code, at=now, exercise=answer.exercise, title=request.title)
    )


# --- the bureau asked --------------------------------------------------------------------------------------------------------------


def offer(answer: AidAnswer, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> AidAnswer:
    """Say what can be sent (``offer``, ``phone``; as wished ``people``, ``expected_at``, ``resource_id`` of one's own, or a plain ``resource_name``)."""
    fields = {name: values[name] for name in _OFFERED if values.get(name) not in (None, "")}
    if fields.get("resource_id"):
        fields["resource_name"] = bringing.named(fields["resource_id"], actor, now)
    return _advance(answer, "offer", fields, "", "asker", actor=actor, now=now)


def decline(answer: AidAnswer, reason: str, *, actor: Actor, now: datetime) -> AidAnswer:
    """Say that nothing can be sent, and why."""
    return _advance(answer, "decline", {}, reason, "asker", actor=actor, now=now)


def send(answer: AidAnswer, *, actor: Actor, now: datetime) -> AidAnswer:
    """Send what was agreed; its resource is committed. Raises ``MissingFields`` while the asker has not agreed, ``AlreadyCommitted``."""
    return _advance(answer, "send", {"sent_at": now}, "", "asker", actor=actor, now=now)


def came_back(answer: AidAnswer, cost: Any = None, note: str = "", *, actor: Actor, now: datetime) -> AidAnswer:
    """What was sent is home again; with its cost in yuan, when known. Raises ``MissingFields`` before it was released."""
    return _advance(answer, "back", {"cost": cost, "cost_note": note.strip()}, "", "asker", actor=actor, now=now)


def _advance(answer: AidAnswer, move: str, fields: Mapping[str, Any], reason: str, to: str, *, actor: Actor, now: datetime) -> AidAnswer:
    def settle(locked: AidAnswer, made: Move, gathered: Change) -> None:
        if made.target in (rules.OFFERED, rules.DECLINED):
            clocks.stop(locked, rules.ANSWER_CLOCK, now=now, by=actor.name)
        elif made.target == rules.CALLED_OFF:
            clocks.cancel(locked, rules.ANSWER_CLOCK)
        elif made.target == rules.SENT:
            bringing.take(locked, actor=actor, now=now)
        elif made.target == rules.BACK:
            bringing.give_back(locked, now)
        _tell(locked, gathered, to, now)

    return advance(answer, move, actor=actor, now=now, fields=fields, reason=reason, after=settle)


def _tell(answer: AidAnswer, gathered: Change, to: str, now: datetime) -> None:
    """Both places are told, so that both pages refresh; ``to`` says whose turn it is."""
    target = answer.request.place_code if to == "asker" else answer.place_code
    for place in dict.fromkeys((answer.place_code, answer.request.place_code)):
        gathered.announce(
            door.AidChanged(
                subject_id=answer.pk if place == answer.place_code else answer.request_id,
                place_code=place,
                at=now,
                exercise=answer.exercise,
                title=answer.title,
                answer_id=str(answer.pk),
                state=answer.state,
                to=to if place == target else "",
            )
        )


# --- the bureau that asked ---------------------------------------------------------------------------------------------------------


def agree(answer: AidAnswer, *, actor: Actor, now: datetime) -> AidAnswer:
    """Agree to what was offered. Raises ``NotYetAgreed`` when nothing is offered."""
    if answer.state != rules.OFFERED:
        raise rules.NotYetAgreed(unit=answer.organisation.name)
    return _say(answer, {"agreed_at": now, "agreed_by_name": actor.name}, actor=actor, now=now)


def arrived(answer: AidAnswer, *, actor: Actor, now: datetime) -> AidAnswer:
    """What was sent is on scene; the task it came for is too. Raises ``NotSent``."""
    _refuse_unsent(answer)
    with transaction.atomic():
        bringing.on_scene(answer, now)
        return _say(answer, {"arrived_at": now}, actor=actor, now=now)


def release(answer: AidAnswer, *, actor: Actor, now: datetime) -> AidAnswer:
    """Let it go home. Raises ``NotSent``."""
    _refuse_unsent(answer)
    return _say(answer, {"released_at": now}, actor=actor, now=now)


def _refuse_unsent(answer: AidAnswer) -> None:
    if answer.state != rules.SENT:
        raise rules.NotSent(unit=answer.organisation.name)


def _say(answer: AidAnswer, fields: Mapping[str, Any], *, actor: Actor, now: datetime) -> AidAnswer:
    with change(actor, "dispatch.request", now=now, record=answer.request) as gathered:
        locked = AidAnswer.objects.select_for_update(of=("self",)).select_related("organisation", "request").get(pk=answer.pk)
        fresh = {name: value for name, value in fields.items() if not getattr(locked, name)}
        for name, value in fresh.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(fresh) or None)
        gathered.facts.update({"answer": str(locked.pk), **{name: str(value) for name, value in fresh.items()}})
        _tell(locked, gathered, "asked", now)
    return locked


def end(request: AidRequest, *, actor: Actor, now: datetime) -> AidRequest:
    """End a request once nothing sent is away from home; what was not answered is called off. Raises ``AidStillOut``."""
    return _finish(request, "end", _("增援已结束"), actor=actor, now=now)


def withdraw(request: AidRequest, reason: str, *, actor: Actor, now: datetime) -> AidRequest:
    """Take a request back, with the reason; the bureaus asked are told. Raises ``AidStillOut``."""
    return _finish(request, "withdraw", reason, actor=actor, now=now)


def _finish(request: AidRequest, move: str, reason: str, *, actor: Actor, now: datetime) -> AidRequest:
    out = [row.organisation.name for row in request.answers.filter(state=rules.SENT).select_related("organisation")]
    if out:
        raise rules.AidStillOut(units="、".join(out))

    def call_off(locked: AidRequest, _made: Move, _gathered: Change) -> None:
        for answer in locked.answers.filter(state__in=rules.PENDING).select_related("request", "organisation"):
            _advance(answer, "call_off", {}, reason, "asked", actor=MESSENGER, now=now)

    return advance(request, move, actor=actor, now=now, reason=reason if move == "withdraw" else "", after=call_off)
