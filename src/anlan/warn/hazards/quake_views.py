"""Pages of earthquakes: the count-down, entering and cancelling an estimate, automatic actions of plants and their acknowledgement."""

from __future__ import annotations

from typing import cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.people import door as people
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.warn.hazards import quaking, queries, reading, shown_quakes
from anlan.warn.hazards.forms import ActionForm, EstimateForm
from anlan.warn.hazards.models import Quake


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("hazards.view")
@require_GET
def latest(request: ActorRequest) -> HttpResponse:
    """The earthquake whose warning is of use now; without one, that there is none."""
    found = queries.live_quake(clock.now())
    if found is not None:
        return HttpResponseRedirect(reverse("hazards:quake", args=[found.pk]))
    actor = _actor(request)
    context = {
        "recent": queries.quakes(actor).order_by("-origin_at")[:10],
        "may_enter": actor.may("hazards.estimate", place_code=actor.place_code),
    }
    return render(request, "hazards/no_quake.html", context)


@requires("hazards.view")
@require_GET
def quake(request: ActorRequest, quake_id: UUID) -> HttpResponse:
    """The count-down, who feels what, what plants were told, and afterwards what the warning was worth."""
    actor = _actor(request)
    return render(request, "hazards/quake.html", shown_quakes.page(queries.one_quake(quake_id, actor), actor, clock.now()))


@requires("hazards.view")
@require_GET
def seconds(request: ActorRequest, quake_id: UUID) -> JsonResponse:
    """``{"now": ms, "estimate": number, "cancelled", "answered"}``: the node's clock for the count-down, and whether the page is out of date."""
    actor = _actor(request)
    row = queries.one_quake(quake_id, actor)
    content = {
        "now": int(clock.now().timestamp() * 1000),
        "estimate": row.estimates_count,
        "cancelled": row.cancelled,
        "answered": queries.heard_of_orders(row, actor),
    }
    answer = JsonResponse(content)
    answer["Cache-Control"] = "no-store"
    return answer


@requires("hazards.estimate")
@require_http_methods(["GET", "POST"])
def estimate(request: ActorRequest) -> HttpResponse:
    """Enter an estimate by hand: a new earthquake, or the next estimate of one (``?quake=``)."""
    actor, now = _actor(request), clock.now()
    row = _named(request, actor)
    form = EstimateForm(request.POST or None, initial=_filled(row) if row is not None else {"origin_at": now, "depth_km": 10})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        number = row.number if row is not None else f"local/{uuid4()}"
        report = reading.QuakeReport(
            event=number,
            identifier=f"{number}#{uuid4().hex[:16]}",
            issued=now,
            origin=values["origin_at"],
            longitude=values["longitude"],
            latitude=values["latitude"],
            depth_km=values["depth_km"],
            magnitude=values["magnitude"],
            magnitude_kind="M",
            place=values["place"],
            agency=values["agency"],
            reviewed=values["reviewed"],
        )
        exercise = row.exercise if row is not None else values["exercise"]
        try:
            quaking.take_quake(report, exercise=exercise, actor=actor, now=now, action="hazards.estimate")
            return HttpResponseRedirect(reverse("hazards:quake", args=[Quake.objects.get(number=number).pk]))
        except Refusal as refusal:
            form.refuse(refusal)
    errors = [(name, str(error)) for name, each in form.errors.items() for error in each]
    return render(request, "hazards/estimate.html", {"form": form, "errors": errors, "quake": row}, status=422 if form.errors else 200)


def _named(request: ActorRequest, actor: Actor) -> Quake | None:
    asked = request.GET.get("quake", "")
    try:
        return queries.one_quake(UUID(asked), actor) if asked else None
    except ValueError:
        return None


def _filled(row: Quake) -> dict[str, object]:
    names = ("origin_at", "longitude", "latitude", "depth_km", "magnitude", "agency", "exercise")
    return {name: getattr(row, name) for name in names} | {"place": row.place_name}


@requires("hazards.estimate")
@require_POST
def cancel(request: ActorRequest, quake_id: UUID) -> HttpResponse:
    """Say that there was no such earthquake: plants that were told to act are told so, and decide themselves."""
    actor, now = _actor(request), clock.now()
    row = queries.one_quake(quake_id, actor)
    report = reading.QuakeReport(
        event=row.number,
        identifier=f"{row.number}#{uuid4().hex[:16]}",
        issued=now,
        origin=row.origin_at,
        longitude=row.longitude,
        latitude=row.latitude,
        depth_km=row.depth_km,
        magnitude=row.magnitude,
        magnitude_kind=row.magnitude_kind,
        place=row.place_name,
        agency=row.agency,
        reviewed=False,
        cancelled=True,
    )
    quaking.take_quake(report, exercise=row.exercise, actor=actor, now=now, action="hazards.estimate")
    messages.success(request, gettext("预警已取消；已通知执行过动作的企业，由其人工确认是否恢复。"))
    return HttpResponseRedirect(reverse("hazards:quake", args=[row.pk]))


@requires("hazards.subscribe")
@require_http_methods(["GET", "POST"])
def subscribe(request: ActorRequest) -> HttpResponse:
    """Register an automatic action of the actor's enterprise."""
    actor = _actor(request)
    form = ActionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and actor.enterprise_id is not None:
        try:
            quaking.subscribe(actor.enterprise_id, actor=actor, now=clock.now(), **form.cleaned_data)
            return HttpResponseRedirect(reverse("desk:plant-actions-list"))
        except Refusal as refusal:
            form.refuse(refusal)
    errors = [(name, str(error)) for name, each in form.errors.items() for error in each]
    context = {"form": form, "errors": errors, "of_enterprise": actor.enterprise_id is not None}
    return render(request, "hazards/subscribe.html", context, status=422 if form.errors else 200)


@requires("hazards.subscribe")
@require_POST
def toggle(request: ActorRequest, action_id: UUID) -> HttpResponse:
    """Put an automatic action in or out of use."""
    quaking.switch(action_id, active=request.POST.get("active") == "1", actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("desk:plant-actions-list"))


@requires("hazards.acknowledge")
@require_POST
def answer(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """A person of the plant says whether an order was carried out."""
    done = request.POST.get("done") == "1"
    row = quaking.answer(order_id, done=done, remark=request.POST.get("remark", ""), actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("hazards:quake", args=[row.quake_id]))


@requires("hazards.acknowledge", admits=people.by_key)
@require_POST
def api_answer(request: ActorRequest, order_id: UUID) -> JsonResponse:
    """POST by a plant's own system: ``done=1`` or ``0`` and ``remark`` as a form. ``{"state", "answered_at"}``."""
    done = request.POST.get("done", "1") == "1"
    row = quaking.answer(order_id, done=done, remark=request.POST.get("remark", ""), actor=_actor(request), now=clock.now())
    return JsonResponse({"state": row.state, "answered_at": row.answered_at.isoformat() if row.answered_at else None})
