"""Pages of mine rescue: the operation on one screen, and its network as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.incidents import door as incidents
from anlan.command.minerescue import air, document, forms, network, queries, rules, services, telling
from anlan.command.minerescue.drawing import draw, tone
from anlan.command.minerescue.models import Entry, Operation, Squad
from anlan.command.minerescue.picture import Shown, picture
from anlan.command.resources import door as resources
from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.sense.devices import door as devices

_NEWEST_REPORTS = 20


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _may(row: Operation, actor: Actor, action: str) -> bool:
    return actor.may(action, place_code=row.place_code, classification=row.classification, enterprise_id=row.enterprise_id)


@requires("minerescue.record")
@require_POST
def open_operation(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Open mine rescue for an incident."""
    disaster = request.POST.get("disaster", "")
    if disaster not in rules.DISASTERS:
        raise NotFound(what=disaster)
    row = services.open_operation(incident, disaster, actor=_actor(request), now=clock.now())
    return redirect("minerescue:detail", row.pk)


@requires("minerescue.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The operation on one screen."""
    return _show(request, queries.operation(pk, _actor(request)))


def _show(request: HttpRequest, row: Operation, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    inside, seen = queries.underground(row), picture(row, now)
    squads, going = list(row.squads.all()), {each.squad_id: each for each in inside}
    people: dict[UUID, int] = {}
    for each in inside:
        people[each.place.pk] = people.get(each.place.pk, 0) + len(each.pressures)
    holds = [(each, queries.hold_name(each.kind, each.since)) for each in queries.holds(row, now)]
    can = {
        "record": not row.is_closed and _may(row, actor, "minerescue.record"),
        "command": not row.is_closed and _may(row, actor, "minerescue.command"),
        "recall": not row.is_closed and _may(row, actor, "dispatch.signal") and _may(row, actor, "minerescue.record"),
    }
    context = {
        "operation": row,
        "incident": _incident(row, actor),
        "summary": queries.summary(row, now),
        "now": now,
        "can": can,
        "places": [_told(each) for each in seen.shown],
        "quantities": [f"{_(label)} {unit}" for label, unit, _decimals in air.QUANTITIES.values()],
        "silent": seen.silent,
        "drawing": draw(seen.shown, row.airways.all(), people),
        "inside": [_underground(each, now) for each in inside],
        "squads": [(each, going.get(each.pk)) for each in squads],
        "standby": [each.name for each in squads if each.duty == rules.STANDBY and each.pk not in going],
        "duties": [(code, _(label)) for code, label in rules.DUTIES.items()],
        "holds": holds,
        "reports": [(each, telling.reported_in_words(each)) for each in queries.reports(row)[:_NEWEST_REPORTS]],
        "refusal_message": sentence(refusal) if refusal else "",
        **_forms(row, squads, inside, actor, can, now),
        **bound,
    }
    wrong = any(name.endswith("_errors") for name in bound)
    return render(request, "minerescue/detail.html", context, status=refusal.status if refusal else 422 if wrong else 200)


def _incident(row: Operation, actor: Actor) -> incidents.IncidentSummary | None:
    """The incident to go back to, for whoever may see it."""
    try:
        return incidents.incident(row.incident_id, actor)
    except NotFound:
        return None


def _forms(row: Operation, squads: list[Squad], inside: list[Entry], actor: Actor, can: dict[str, bool], now: Any) -> dict[str, Any]:
    if not can["record"]:
        return {}
    return {
        "report_form": forms.ReportForm(choices=_choices(row, inside)),
        "squad_form": forms.SquadForm(prefix="squad", teams=_teams(row, actor, now)),
        "enter_form": forms.EnterForm(prefix="enter", **_going(row, squads, inside), may_command=can["command"]),
        "hold_form": forms.HoldForm(prefix="hold"),
    }


def _choices(row: Operation, inside: list[Entry]) -> dict[str, list[tuple[str, Any]]]:
    written = queries.reports(row)[:_NEWEST_REPORTS]
    return {
        "entry": [(str(each.pk), f"{each.squad.name} → {each.place.name}") for each in inside],
        "place": [(str(each.pk), each.name) for each in row.places.all()],
        "replaces": [
            (str(each.pk), f"{timezone.localtime(each.at):%H:%M} {each.place or ''} {telling.measured_in_words(each)}"[:80])
            for each in written
        ],
    }


def _going(row: Operation, squads: list[Squad], inside: list[Entry]) -> dict[str, list[tuple[str, str]]]:
    below = {each.squad_id for each in inside}
    ready = [each for each in squads if each.duty != rules.AWAY and each.pk not in below]
    return {
        "squads": [(str(each.pk), _("{name}（{people} 人）").format(name=each.name, people=len(each.members))) for each in ready],
        "places": [(str(each.pk), each.name) for each in row.places.exclude(kind="base")],
    }


def _teams(row: Operation, actor: Actor, now: Any) -> list[tuple[str, str]]:
    """Teams on record for mine rescue that ``actor`` may take for the operation."""
    if not actor.may("resources.commit", place_code=row.place_code):
        return []
    return [(str(each.id), each.name) for each in resources.resources(actor, at=now, capability="mine_rescue", limit=100)]


def _told(shown: Shown) -> dict[str, Any]:
    """A place with the words and figures of its row."""
    label, _tone = air.STATES[shown.air.state]
    cells = []
    for name, (quantity, unit, decimals) in air.QUANTITIES.items():
        newest = shown.air.newest.get(name)
        slope = shown.air.rising.get(name, 0.0) * 10
        arrow = "" if round(abs(slope), decimals) == 0 else "↑" if slope > 0 else "↓"
        heading = f"{_(quantity)} {unit}"
        cells.append((heading, newest, "" if newest is None else f"{newest.value:.{decimals}f}", arrow, name in shown.air.stale))
    return {"shown": shown, "label": _(label), "tone": tone(shown.air), "cells": cells}


def _underground(entry: Entry, now: Any) -> dict[str, Any]:
    """An entry with the clock that counts next."""
    must = entry.must_turn(now)
    return {"entry": entry, "must_turn": must, "late": entry.out_by < now, "used": min(entry.pressures) - entry.lowest}


def _done(request: HttpRequest, row: Operation, verb: Callable[[], object], **bound: Any) -> HttpResponse:
    """Run one verb; a refusal is shown on the operation's own page, with what was typed."""
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.operation(row.pk, _actor(request)), refusal, **bound)
    return redirect("minerescue:detail", row.pk)


@requires("minerescue.record")
@require_POST
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what was told from underground."""
    actor, now = _actor(request), clock.now()
    row = queries.operation(pk, actor)
    form = forms.ReportForm(request.POST, choices=_choices(row, queries.underground(row)))
    if not form.is_valid():
        return _show(request, row, report_form=form, report_errors=errors_of(form))
    values = dict(form.cleaned_data)
    values["at"] = now - timedelta(minutes=values.pop("minutes_ago") or 0)
    for name, find in (("place", queries.place), ("entry", queries.entry), ("replaces", queries.report)):
        values[name] = find(row, values[name]) if values[name] else None
    return _done(request, row, lambda: services.report(row, values, actor=actor, now=now), report_form=form)


@requires("minerescue.record")
@require_POST
def squad(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a squad."""
    actor, now = _actor(request), clock.now()
    row = queries.operation(pk, actor)
    form = forms.SquadForm(request.POST, prefix="squad", teams=_teams(row, actor, now))
    if not form.is_valid():
        return _show(request, row, squad_form=form, squad_errors=errors_of(form))
    return _done(request, row, lambda: services.keep_squad(row, form.cleaned_data, actor=actor, now=now), squad_form=form)


@requires("minerescue.record")
@require_POST
def squad_duty(request: HttpRequest, pk: UUID, squad: UUID, code: str) -> HttpResponse:
    """A squad stands by, rests, or has left."""
    actor = _actor(request)
    row = queries.operation(pk, actor)
    if code not in rules.DUTIES:
        raise NotFound(what=code)
    found = queries.squad(row, squad)
    return _done(request, row, lambda: services.set_duty(row, found, code, actor=actor, now=clock.now()))


@requires("minerescue.record")
@require_POST
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a squad go in."""
    actor, now = _actor(request), clock.now()
    row = queries.operation(pk, actor)
    going = _going(row, list(row.squads.all()), queries.underground(row))
    form = forms.EnterForm(request.POST, prefix="enter", **going, may_command=_may(row, actor, "minerescue.command"))
    if not form.is_valid():
        return _show(request, row, enter_form=form, enter_errors=errors_of(form))
    values = form.cleaned_data
    squad, place = queries.squad(row, values["squad"]), queries.place(row, values["place"])
    return _done(request, row, lambda: services.enter(row, squad, place, values, actor=actor, now=now), enter_form=form, enter_open=True)


@requires("minerescue.record")
@require_POST
def entry_move(request: HttpRequest, pk: UUID, entry: UUID, code: str) -> HttpResponse:
    """``turn`` or ``leave``."""
    actor, now = _actor(request), clock.now()
    row = queries.operation(pk, actor)
    found = queries.entry(row, entry)
    if code == "turn":
        return _done(request, row, lambda: services.turn(found, actor=actor, now=now))
    if code != "leave":
        raise NotFound(what=code)
    field = forms.Pressures(required=False)
    try:
        told = field.clean(request.POST.get("pressures", ""))
    except ValidationError as wrong:
        return _show(request, row, leave_errors=[("", each) for each in wrong.messages])
    return _done(request, row, lambda: services.leave(found, told, request.POST.get("note", ""), actor=actor, now=now))


@requires("minerescue.view")
@require_POST
def act(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """``recall``, ``forbid`` or ``end``."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    row = queries.operation(pk, actor)
    if code == "forbid":
        form = forms.HoldForm(request.POST, prefix="hold")
        if not form.is_valid():
            return _show(request, row, hold_form=form, hold_errors=errors_of(form))
        told = form.cleaned_data
        return _done(request, row, lambda: services.forbid(row, told["kind"], told["note"], told["minutes"], actor=actor, now=now))
    verbs: dict[str, Callable[[], object]] = {
        "recall": lambda: services.recall(row, words, actor=actor, now=now),
        "end": lambda: services.end(row, words, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, row, verbs[code])


@requires("minerescue.command")
@require_POST
def lift(request: HttpRequest, pk: UUID, hold: UUID) -> HttpResponse:
    """Let squads in again before the time is over."""
    actor = _actor(request)
    row = queries.operation(pk, actor)
    found = queries.hold(row, hold)
    return _done(request, row, lambda: services.lift(row, found, request.POST.get("reason", ""), actor=actor, now=clock.now()))


@requires("minerescue.record")
@require_http_methods(["GET", "POST"])
def network_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The ventilation network as text."""
    actor = _actor(request)
    row = queries.operation(pk, actor)
    kinds = [(code, _(label)) for code, label in network.KINDS.items()]
    text, refusal = request.POST.get("text", ""), None
    if request.method == "POST":
        try:
            services.draw(row, text, kinds, actor=actor, now=clock.now())
            return redirect("minerescue:detail", row.pk)
        except Refusal as caught:
            refusal = caught
    context = {
        "operation": row,
        "text": text if refusal else services.written(row),
        "kinds": kinds,
        "sensors": devices.sensors_of(row.enterprise_id),
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "minerescue/network.html", context, status=refusal.status if refusal else 200)


@requires("minerescue.view")
@require_GET
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The record of entries as a PDF."""
    answer = HttpResponse(document.entry_record(queries.operation(pk, _actor(request)), clock.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="entries-{pk}.pdf"'
    return answer
