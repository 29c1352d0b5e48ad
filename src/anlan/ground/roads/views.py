"""Pages of roads: the net in force with what is closed, trying a route, importing, one net, one closure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.desk.resource import find_for_model
from anlan.desk.resource.detail import HistoryLine, history
from anlan.desk.resource.importing.pages import Kept
from anlan.ground.places import door as places
from anlan.ground.roads import answering, asking, door, forms, intake, queries, rules, services
from anlan.ground.roads.models import RoadClosure
from anlan.ground.roads.queueing import queue_import
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.records import Record
from anlan.routing.classes import LABELS as ROAD_LABELS
from anlan.routing.routes import Route

SHOWN = 50
TURNS = {"depart": N_("出发"), "straight": N_("直行"), "left": N_("左转"), "right": N_("右转"), "back": N_("掉头")}
NETWORK_TONES = {rules.READY: "green", rules.FAILED: "red", rules.READING: "blue", rules.WAITING: "blue"}


@dataclass(frozen=True)
class Line:
    """One stretch of a route as the page shows it; length in km, time in minutes."""

    turn: str
    name: str
    road: str
    km: str
    minutes: str


def _actor(request: ActorRequest) -> Actor:
    return cast(Actor, request.actor)


@requires("roads.view")
@require_GET
def overview(request: ActorRequest) -> HttpResponse:
    """路网与封路: what the node reckons by, what is closed now, and a route to try: ``?start=&end=&vehicle=``."""
    actor, now = _actor(request), clock.now()
    row = queries.in_force(now)
    closed = list(queries.closed_at(now, actor).order_by("-from_at")[:SHOWN])
    context: dict[str, Any] = {
        "network": row,
        "sees_network": row is not None and queries.networks(actor).filter(pk=row.pk).exists(),
        "closures": [(each, places.place_name(each.place_code)) for each in closed],
        "may_close": actor.may_somewhere("roads.close"),
        "may_import": actor.may_somewhere("roads.import"),
        "running": list(queries.networks(actor).filter(state__in=rules.RUNNING)[:5]),
    }
    try:
        context["speeds"] = answering.present(now).speeds if row is not None else None
    except Refusal as refusal:
        context["broken"] = sentence(refusal)
    context |= _tried(request)
    return render(request, "roads/overview.html", context, status=422 if context.get("errors") else 200)


def _tried(request: ActorRequest) -> dict[str, Any]:
    """The form of a route, and the route when one was asked for."""
    if "start" not in request.GET:
        return {"form": forms.RouteForm(initial={"vehicle": "fire_engine"})}
    form = forms.RouteForm(request.GET)
    if not form.is_valid():
        return {"form": form, "errors": form.summary()}
    given = form.cleaned_data
    now = clock.now()
    ends = []
    for name in ("start", "end"):
        try:
            ends.append(asking.point(given, name))
        except Refusal as refusal:
            form.add_error(name, sentence(refusal))
    if not form.errors:
        try:
            found = door.route(ends[0], ends[1], vehicle=given["vehicle"], at=now, exercise=given["exercise"])
            return {
                "form": form,
                "route": found,
                "lines": _lines(found),
                "km": f"{found.length_m / 1000:.1f}",
                "minutes": _minutes(found.seconds),
            }
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
    return {"form": form, "errors": form.summary()}


def _lines(found: Route) -> list[Line]:
    return [
        Line(
            gettext(TURNS[step.turn]),
            step.name or gettext("无名道路"),
            gettext(ROAD_LABELS[step.road_class]),
            f"{step.length_m / 1000:.2f}",
            _minutes(step.seconds),
        )
        for step in found.steps
    ]


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


@requires("roads.import")
@require_http_methods(["GET", "POST"])
def import_page(request: ActorRequest) -> HttpResponse:
    """Upload a road file; its report is the page of the net."""
    actor = _actor(request)
    form = forms.ImportForm(request.POST or None, request.FILES or None, initial={"place_code": actor.place_code})
    if request.method == "POST" and form.is_valid():
        try:
            row = intake.ask(**form.cleaned_data, actor=actor, now=clock.now(), queue=queue_import)
            return HttpResponseRedirect(reverse("roads:network", args=[row.pk]))
        except Refusal as refusal:
            form.refuse(refusal)
    errors = form.summary() if form.errors else []
    return render(
        request, "roads/import.html", {"form": form, "errors": errors, "limit": rules.MOST_UPLOAD_MB}, status=422 if errors else 200
    )


@requires("roads.view")
@require_GET
def network_page(request: ActorRequest, network_id: UUID) -> HttpResponse:
    """One net: where it came from, how its import goes, what is in it, what was wrong in its file."""
    actor, now = _actor(request), clock.now()
    row = queries.one_network(network_id, actor)
    scope: dict[str, Any] = {"place_code": row.place_code, "classification": row.classification}
    failure = Kept(row.failure["sentence"], row.failure["facts"]).text if row.failure else ""
    present = queries.in_force(now)
    context = {
        "network": row,
        "state": gettext(rules.NETWORK_STATES[row.state]),
        "tone": NETWORK_TONES.get(row.state, "grey"),
        "place": places.full_name(row.place_code),
        "failure": failure,
        "stalled": intake.stalled(row, now),
        "troubles": [(Kept(each["sentence"], each["facts"]).text, each["kept"]) for each in row.complaints],
        "is_in_force": present is not None and present.pk == row.pk,
        "may_enact": row.state == rules.READY and actor.may("roads.enact", **scope),
        "may_import": actor.may("roads.import", **scope),
        "history": _history(row),
    }
    fragment = request.headers.get("HX-Target") == "network-report"
    return render(request, "roads/_network.html" if fragment else "roads/network.html", context)


def _history(row: Record) -> list[HistoryLine]:
    resource = find_for_model(type(row))
    return history(resource, row) if resource is not None else []


@requires("roads.view")
@require_GET
def closure_page(request: ActorRequest, closure_id: UUID) -> HttpResponse:
    """One closure with what may be done about it."""
    row = queries.one_closure(closure_id, _actor(request))
    return _closure(request, row)


def _closure(request: ActorRequest, row: RoadClosure, refused: str = "") -> HttpResponse:
    actor, now = _actor(request), clock.now()
    scope: dict[str, Any] = {"place_code": row.place_code, "classification": row.classification}
    standing = rules.standing(row.from_at, row.until_at, row.opened_at, now)
    stands = standing in (rules.PLANNED, rules.CLOSED)
    try:
        edges = len(answering.edges_of(answering.present(now), row))
    except Refusal:
        edges = None
    context = {
        "closure": row,
        "standing": gettext(rules.CLOSURE_STATES[standing]),
        "tone": rules.CLOSURE_TONES[standing],
        "shape": gettext(rules.SHAPES[row.shape]),
        "place": places.full_name(row.place_code),
        "edges": edges,
        "may_change": stands and actor.may("roads.close", **scope),
        "may_open": stands and actor.may("roads.open", **scope),
        "refused": refused,
        "history": _history(row),
    }
    return render(request, "roads/closure.html", context, status=422 if refused else 200)


@requires("roads.open")
@require_POST
def open_closure(request: ActorRequest, closure_id: UUID) -> HttpResponse:
    """Lift a closure."""
    actor = _actor(request)
    try:
        services.open_road(closure_id, reason=request.POST.get("reason", ""), actor=actor, now=clock.now())
    except (rules.ReasonMissing, rules.AlreadyOpened) as refusal:
        return _closure(request, queries.one_closure(closure_id, actor), sentence(refusal))
    return HttpResponseRedirect(reverse("roads:closure", args=[closure_id]))


@requires("roads.enact")
@require_POST
def enact(request: ActorRequest, network_id: UUID) -> HttpResponse:
    """Put a net in force."""
    services.enact(network_id, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("roads:network", args=[network_id]))


@requires("roads.import")
@require_POST
def decide(request: ActorRequest, network_id: UUID) -> HttpResponse:
    """POST ``choice``: ``cancel`` calls the import off, ``again`` queues a stalled one anew."""
    if request.POST.get("choice") == "again":
        intake.again(network_id, actor=_actor(request), now=clock.now(), queue=queue_import)
    else:
        intake.cancel(network_id, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("roads:network", args=[network_id]))
