"""Pages of evacuation: the whole on one page, one place with its households, the scan at a shelter, the slips, the book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import segno
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.evacuation import forms, queries, rules, services
from anlan.command.evacuation.models import Evacuation, Group, LeftPlace, OpenedShelter
from anlan.command.incidents import door as incidents
from anlan.command.judgement import door as judgement
from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence
from anlan.ground.audiences import door as audiences
from anlan.ground.facilities import door as facilities
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.ids import new_id
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day

NEAR_KM = 30.0
"""How far around the middle of what is left shelters are offered (project default)."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _runs(incident_id: str, run_id: str, actor: Actor) -> list[tuple[str, str]]:
    """Newest answers of the judgements of an incident, and the one the page was called with."""
    found = judgement.for_subject("incident", UUID(incident_id), actor) if incident_id else ()
    offered = [(str(each.run_id), f"{each.title}：{each.sentence}"[:160]) for each in found if each.run_id is not None]
    if run_id and run_id not in {code for code, _label in offered}:
        offered.append((run_id, _("研判页面选定的结果")))
    return offered


@requires("evacuation.prepare")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Prepare an evacuation, by a judgement's answer or by hand."""
    actor, asked = _actor(request), request.POST if request.method == "POST" else request.GET
    incident_id, run_id = _uuid(asked.get("incident_id", "")), _uuid(asked.get("run_id", "") or asked.get("run", ""))
    start: dict[str, Any] = {"grounds": _(rules.GROUNDS), "incident_id": incident_id, "run_id": run_id}
    if incident_id:
        incident = incidents.incident(incident_id, actor)
        start |= {"title": _("{title}：人员疏散").format(title=incident.title)[:120], "exercise": incident.exercise}
    runs = _runs(incident_id, run_id, actor)
    if runs and not run_id:
        start["run_id"] = runs[0][0]
    form = forms.PrepareForm(request.POST if request.method == "POST" else None, initial=start, runs=runs)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.prepare(form.cleaned_data, actor=actor, now=clock.now())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("evacuation:detail", row.pk)
    return render(request, "evacuation/form.html", {"form": form, "errors": errors_of(form)}, status=422 if form.errors else 200)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise NotFound(what=text) from None


@requires("evacuation.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything of one evacuation."""
    return _show(request, queries.evacuation(pk, _actor(request)))


def _show(request: HttpRequest, row: Evacuation, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor = _actor(request)
    lines = queries.place_lines(row)
    names = [(str(line.place.pk), line.place.name) for line in lines]
    books = queries.account(row)
    context = {
        "evacuation": row,
        "place_name": places.full_name(row.place_code),
        "incident": incidents.incident(row.incident_id, actor)
        if row.incident_id and actor.may("incidents.view", place_code=row.place_code)
        else None,
        "account": books,
        "where": [(code, _(label), books.where[code]) for code, label in rules.WHERE.items()],
        "lines": lines,
        "urgent": [_told(group, actor, row) for group in queries.urgent_groups(row)],
        "shelters": row.shelters.all(),
        "vehicles": row.vehicles.select_related("place"),
        "waves": row.waves.prefetch_related("places"),
        "moves": {move.code for move in available_moves(row, actor)},
        "can": _possible(row, actor),
        "refusal_message": sentence(refusal) if refusal else "",
        "place_form": forms.PlaceForm(prefix="place"),
        "shelter_form": forms.ShelterForm(prefix="shelter", shelters=_near(lines, actor)),
        "vehicle_form": forms.VehicleForm(prefix="vehicle", places=names),
        "wave_form": forms.WaveForm(prefix="wave", places=names),
        "actor_id": actor.account_id,
        **bound,
    }
    return render(request, "evacuation/detail.html", context, status=_status(refusal, bound))


def _status(refusal: Refusal | None, bound: dict[str, Any]) -> int:
    """A form that comes back with its faults is 422."""
    return refusal.status if refusal is not None else 422 if bound else 200


def _near(lines: list[queries.PlaceLine], actor: Actor) -> list[tuple[str, str]]:
    """Open shelters around what is left, the roomiest first."""
    points = [
        (line.place.longitude, line.place.latitude)
        for line in lines
        if line.place.longitude is not None and line.place.latitude is not None
    ]
    if not points:
        return []
    west, east = min(x for x, _y in points) - NEAR_KM / 90, max(x for x, _y in points) + NEAR_KM / 90
    south, north = min(y for _x, y in points) - NEAR_KM / 111, max(y for _x, y in points) + NEAR_KM / 111
    found = [each for each in facilities.shelters((west, south, east, north), actor) if each.room_left != 0]
    return [
        (str(each.id), _("{name}（余 {room}）").format(name=each.name, room="？" if each.room_left is None else each.room_left))
        for each in sorted(found, key=lambda each: -(each.room_left or 0))[:60]
    ]


def _possible(row: Evacuation, actor: Actor) -> dict[str, bool]:
    def may(action: str) -> bool:
        return actor.may(action, place_code=row.place_code, classification=row.classification)

    return {name: may(f"evacuation.{name}") for name in ("prepare", "order", "record", "people", "close")}


def _told(group: Group, actor: Actor, row: Evacuation) -> dict[str, Any]:
    """A group as a reader may see it: names and numbers in full only for those who have to call."""
    open_ = actor.may("evacuation.people", place_code=row.place_code, classification=row.classification)
    english, known = get_language() == "en", rules.needs(law_day(clock.now()))
    needs = [known[code] for code in group.needs if code in known]
    return {
        "group": group,
        "name": group.name if open_ or group.counted else audiences.masked_name(group.name),
        "phone": group.phone if open_ else audiences.masked_address(group.phone),
        "address": group.address if open_ else "",
        "needs": [(need.name_en if english else need.name_zh, need.means_en if english else need.means_zh) for need in needs],
        "unaccounted": sum(group.where[each] for each in rules.UNACCOUNTED),
        "where": [(code, _(rules.WHERE[code]), number) for code, number in group.where.items() if number],
    }


def _done(request: HttpRequest, pk: UUID, verb: Callable[[], object]) -> HttpResponse:
    """Run one verb; a refusal is shown on the evacuation's own page."""
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.evacuation(pk, _actor(request)), refusal)
    return redirect("evacuation:detail", pk)


@requires("evacuation.view")
@require_POST
def act(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Order, confirm empty, reopen, drop or end."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    row = queries.evacuation(pk, actor)
    verbs: dict[str, Callable[[], object]] = {
        "order": lambda: services.order(row, actor=actor, now=now),
        "empty": lambda: services.confirm_empty(row, actor=actor, now=now),
        "reopen": lambda: services.reopen(row, words, actor=actor, now=now),
        "drop": lambda: services.drop(row, words, actor=actor, now=now),
        "close": lambda: services.close(row, words, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code])


@requires("evacuation.record")
@require_POST
def add(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Add a place, shelter, vehicle or wave of return."""
    actor, now = _actor(request), clock.now()
    row = queries.evacuation(pk, actor)
    lines = queries.place_lines(row)
    names = [(str(line.place.pk), line.place.name) for line in lines]
    made: dict[str, Callable[[], Any]] = {
        "place": lambda: forms.PlaceForm(request.POST, prefix="place"),
        "shelter": lambda: forms.ShelterForm(request.POST, prefix="shelter", shelters=_near(lines, actor)),
        "vehicle": lambda: forms.VehicleForm(request.POST, prefix="vehicle", places=names),
        "wave": lambda: forms.WaveForm(request.POST, prefix="wave", places=names),
    }
    if what not in made:
        raise NotFound(what=what)
    form = made[what]()
    if not form.is_valid():
        told: dict[str, Any] = {f"{what}_form": form, f"{what}_errors": errors_of(form)}
        return _show(request, row, None, **told)
    values = dict(form.cleaned_data)
    return _done(request, pk, lambda: _add(row, what, values, actor, now))


def _add(row: Evacuation, what: str, values: dict[str, Any], actor: Actor, now: Any) -> object:
    if what == "place":
        return services.add_place(row, values, values.pop("people"), actor=actor, now=now)
    if what == "shelter":
        facility = values.pop("facility_id")
        return services.open_shelter(row, actor=actor, now=now, **({"facility_id": UUID(facility)} if facility else values))
    if what == "vehicle":
        values["place_id"] = values["place_id"] or None
        return services.add_vehicle(row, values, actor=actor, now=now)
    chosen = [queries.place(row, each) for each in values["places"]]
    return services.propose_return(row, chosen, values["grounds"], actor=actor, now=now)


@requires("evacuation.order")
@require_POST
def decide(request: HttpRequest, pk: UUID, wave: UUID, code: str) -> HttpResponse:
    """Allow or refuse a wave of return."""
    actor, now = _actor(request), clock.now()
    found = queries.wave(queries.evacuation(pk, actor), wave)
    verbs: dict[str, Callable[[], object]] = {
        "allow": lambda: services.allow_return(found, actor=actor, now=now),
        "refuse": lambda: services.refuse_return(found, request.POST.get("reason", "").strip(), actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code])


# --- one place -------------------------------------------------------------------------------------------------------------------


@requires("evacuation.view")
@require_GET
def place(request: HttpRequest, pk: UUID, place: UUID) -> HttpResponse:
    """One place with its households, as whoever calls there needs it."""
    row = queries.evacuation(pk, _actor(request))
    return _show_place(request, row, queries.place(row, place))


def _show_place(request: HttpRequest, row: Evacuation, found: LeftPlace, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor = _actor(request)
    groups = found.groups.select_related("place")
    call = request.GET.get("call", "")
    named = groups.filter(counted=False)
    page = Paginator(named.filter(call=call) if call in rules.CALLS else named, 50).get_page(request.GET.get("page"))
    books = next(line for line in queries.place_lines(row) if line.place.pk == found.pk).account
    context = {
        "evacuation": row,
        "place": found,
        "account": books,
        "where": [(code, _(label), books.where[code]) for code, label in rules.WHERE.items() if books.where[code]],
        "counted": _told(groups.get(counted=True), actor, row),
        "page": page,
        "rows": [_told(group, actor, row) for group in page],
        "calls": [(code, _(label)) for code, label in rules.CALLS.items()],
        "call": call,
        "targets": [(code, _(label)) for code, label in rules.WHERE.items() if code not in (rules.HOME, rules.SHELTERED)],
        "shelters": row.shelters.all(),
        "can": _possible(row, actor),
        "live": row.state in rules.LIVE,
        "may_return": books.where[rules.SHELTERED] and found.waves.filter(state=rules.ALLOWED).exists(),
        "group_form": forms.GroupForm(prefix="group"),
        "refusal_message": sentence(refusal) if refusal else "",
        "key": str(new_id()),
        **bound,
    }
    return render(request, "evacuation/place.html", context, status=_status(refusal, bound))


@requires("evacuation.record")
@require_POST
def enter(request: HttpRequest, pk: UUID, place: UUID) -> HttpResponse:
    """Enter a household at a place."""
    actor = _actor(request)
    row = queries.evacuation(pk, actor)
    found = queries.place(row, place)
    form = forms.GroupForm(request.POST, prefix="group")
    if not form.is_valid():
        return _show_place(request, row, found, group_form=form, group_errors=errors_of(form))
    values = dict(form.cleaned_data)
    return _at_place(request, row, found, lambda: services.enter_group(found, values, values.pop("people"), actor=actor, now=clock.now()))


def _at_place(request: HttpRequest, row: Evacuation, found: LeftPlace, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _show_place(request, row, found, refusal)
    return redirect("evacuation:place", row.pk, found.pk)


@requires("evacuation.record")
@require_POST
def back(request: HttpRequest, pk: UUID, place: UUID) -> HttpResponse:
    """Everybody of a place who is at a shelter has gone home."""
    actor = _actor(request)
    row = queries.evacuation(pk, actor)
    found = queries.place(row, place)
    return _at_place(request, row, found, lambda: services.return_all(found, actor=actor, now=clock.now()))


@requires("evacuation.record")
@require_POST
def record(request: HttpRequest, pk: UUID, group: UUID, what: str) -> HttpResponse:
    """Note a call (``call``), a whereabouts (``move``) or a corrected number (``recount``) of a group."""
    actor, now, asked = _actor(request), clock.now(), request.POST
    row = queries.evacuation(pk, actor)
    found = queries.group(row, group)
    people = int(asked["people"]) if asked.get("people", "").isdecimal() and len(asked["people"]) < 8 else 0
    verbs: dict[str, Callable[[], object]] = {
        "call": lambda: services.note_call(found, asked.get("call", ""), actor=actor, now=now),
        "move": lambda: _move(row, found, people, asked, actor, now),
        "recount": lambda: services.recount(found, people, asked.get("reason", ""), actor=actor, now=now),
    }
    if what not in verbs:
        raise NotFound(what=what)
    return _at_place(request, row, found.place, verbs[what])


def _move(row: Evacuation, group: Group, people: int, asked: Any, actor: Actor, now: Any) -> object:
    target, source = asked.get("target", ""), asked.get("source", "") or rules.HOME
    if target not in rules.WHERE or source not in rules.WHERE:
        raise NotFound(what=target or source)
    shelter = queries.shelter(row, asked["shelter"]) if asked.get("shelter") else None
    kept = {"note": asked.get("note", "").strip()[:200], "key": asked.get("key", "")[:60]}
    return services.move(group, source, target, people, actor=actor, now=now, shelter=shelter, **kept)


# --- the scan at a shelter, the slips, the book ----------------------------------------------------------------------------------


@requires("evacuation.record")
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest, pk: UUID, shelter: UUID) -> HttpResponse:
    """The desk at the door of a shelter: a slip is scanned or typed, or people without one are entered."""
    actor = _actor(request)
    row = queries.evacuation(pk, actor)
    found = queries.shelter(row, shelter)
    group, wrong = None, ""
    if request.method == "POST":
        try:
            group = _arrived(request, row, found, actor)
        except Refusal as refusal:
            wrong = sentence(refusal)
        found.refresh_from_db()
    context = {
        "evacuation": row,
        "shelter": found,
        "arrived": _told(group, actor, row) if group is not None else None,
        "wrong": wrong,
        "places": row.places.all(),
        "recent": queries.movements(row).filter(shelter=found)[:12],
        "key": str(new_id()),
        "live": row.state in rules.LIVE,
    }
    return render(request, "evacuation/scan.html", context, status=422 if wrong else 200)


def _arrived(request: HttpRequest, row: Evacuation, found: OpenedShelter, actor: Actor) -> Group:
    asked, now = request.POST, clock.now()
    text = asked.get("people", "").strip()
    people = int(text) if text.isdecimal() and len(text) < 8 else None
    key = asked.get("key", "")[:60]
    if asked.get("place"):
        note = asked.get("note", "").strip()[:200]
        return services.walk_in(queries.place(row, asked["place"]), found, people or 0, actor=actor, now=now, note=note, key=key)
    return services.arrive(row, asked.get("code", ""), found, actor=actor, now=now, people=people, key=key)


@requires("evacuation.people")
@require_GET
def slips(request: HttpRequest, pk: UUID, place: UUID) -> HttpResponse:
    """Slips to print and hand out: one for each household of a place, with its code to scan."""
    row = queries.evacuation(pk, _actor(request))
    found = queries.place(row, place)
    rows = [
        (group, segno.make(group.code, error="m", micro=False).svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=False))
        for group in found.groups.filter(counted=False)
    ]
    return render(request, "evacuation/slips.html", {"evacuation": row, "place": found, "rows": rows})


@requires("evacuation.view")
@require_GET
def book(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every movement, newest first."""
    actor = _actor(request)
    row = queries.evacuation(pk, actor)
    open_ = _possible(row, actor)["people"]
    page = Paginator(queries.movements(row), 50).get_page(request.GET.get("page"))
    rows = [
        (
            each,
            each.group.name if open_ or each.group.counted else audiences.masked_name(each.group.name),
            _(rules.WHERE[each.source]) if each.source else _("登记"),
            _(rules.WHERE[each.target]) if each.target else _("转到按户登记或核减"),
        )
        for each in page
    ]
    return render(request, "evacuation/book.html", {"evacuation": row, "page": page, "rows": rows})
