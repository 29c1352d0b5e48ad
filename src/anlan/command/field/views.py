"""Pages and parts of pages of field units: who was turned away, calls for help at the head of every page, messages, marks for the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from anlan.command.field import queries, rules, talking
from anlan.command.field.models import FieldMark
from anlan.command.field.showing import talk_of
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import answer, sentence
from anlan.desk.resource.api import box_of
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_

REASONS: dict[str, str] = {
    rules.NotEnrolled.code: N_("没有登记，或已停用"),
    rules.WrongCallsign.code: N_("呼号与登记的不一致"),
    rules.WrongCertificate.code: N_("没有出示登记的证书"),
}
MARKS_AT_MOST = 2000
_SHAPES = {"points": ("Point",), "lines": ("LineString",), "areas": ("Polygon",)}


@requires("field.enrol")
@require_GET
def strangers(request: ActorRequest) -> HttpResponse:
    """Who knocked and was not let in, the newest first."""
    rows = [(row, gettext(REASONS.get(row.reason, row.reason))) for row in queries.strangers()]
    return render(request, "field/strangers.html", {"rows": rows, "data_time": clock.now()})


@requires("field.view")
@require_GET
def calls(request: ActorRequest) -> HttpResponse:
    """Fragment: calls for help that are not over, for the head of every page; empty when there is none."""
    actor = cast("Actor", request.actor)
    return _calls(request, actor)


def _calls(request: ActorRequest, actor: Actor, refusal: str = "") -> HttpResponse:
    rows = [
        (call, queries.call_label(call), actor.may("field.answer", place_code=call.place_code, classification=call.classification))
        for call in queries.open_calls(actor)
    ]
    return render(request, "field/_calls.html", {"rows": rows, "refusal": refusal}, status=422 if refusal else 200)


@requires("field.answer")
@require_POST
def take_call(request: ActorRequest, call_id: UUID) -> HttpResponse:
    """Take note of a call in one's own name."""
    return _move(request, call_id, lambda actor: talking.take_call(call_id, actor=actor, now=clock.now()))


@requires("field.answer")
@require_POST
def end_call(request: ActorRequest, call_id: UUID) -> HttpResponse:
    """End a call with what was found (``outcome``)."""
    return _move(request, call_id, lambda actor: talking.end_call(call_id, request.POST.get("outcome", ""), actor=actor, now=clock.now()))


def _move(request: ActorRequest, call_id: UUID, verb: Callable[[Actor], object]) -> HttpResponse:
    """Do it and show the calls again to the page's script, or else the unit's page."""
    actor = cast("Actor", request.actor)
    found = queries.call(call_id, actor)
    if found is None:
        raise NotFound(what=str(call_id))
    refusal = ""
    try:
        verb(actor)
    except Refusal as refused:
        if not request.headers.get("HX-Request"):
            return answer(request, refused)
        refusal = sentence(refused)
    if request.headers.get("HX-Target") == "field-calls":
        return _calls(request, actor, refusal)
    if request.headers.get("HX-Request"):
        unit = queries.one(found.unit_id, actor)
        return render(request, "field/_talk.html", talk_of(unit, actor, refusal=refusal), status=422 if refusal else 200)
    return HttpResponseRedirect(reverse("desk:field-units-detail", args=[found.unit_id]))


@requires("field.answer")
@require_POST
def say(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Write to a unit (``text``); answers the part of its page with messages to the page's script, or else leads back there."""
    actor, text = cast("Actor", request.actor), request.POST.get("text", "")
    unit = queries.one(unit_id, actor)
    refusal = ""
    try:
        talking.say(unit_id, text, actor=actor, now=clock.now())
    except Refusal as refused:
        if not request.headers.get("HX-Request"):
            return answer(request, refused)
        refusal = sentence(refused)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("desk:field-units-detail", args=[unit_id]))
    context = talk_of(unit, actor, text=text if refusal else "", refusal=refusal)
    return render(request, "field/_talk.html", context, status=422 if refusal else 200)


@requires("field.view")
@require_GET
def marks(request: ActorRequest) -> HttpResponse:
    """What units drew inside ``?bbox=``, as a layer of the one map; ``?shape=`` points, lines or areas."""
    try:
        box = box_of(request.GET.get("bbox", ""))
    except Refusal as refusal:
        return answer(request, refusal)
    now, wanted = clock.now(), _SHAPES.get(request.GET.get("shape", ""), ("Point", "LineString", "Polygon"))
    rows = queries.marks(cast("Actor", request.actor), box, now).filter(geometry__type__in=wanted)[: MARKS_AT_MOST + 1]
    features = [_feature(row, row.stale_at <= now) for row in rows]
    return JsonResponse({"type": "FeatureCollection", "features": features[:MARKS_AT_MOST], "truncated": len(features) > MARKS_AT_MOST})


def _feature(row: FieldMark, stale: bool) -> dict[str, Any]:
    named = row.title or gettext("未命名标注")
    return {
        "type": "Feature",
        "id": str(row.pk),
        "geometry": row.geometry,
        "properties": {
            "title": f"{gettext('【演练】') if row.exercise else ''}{named}（{row.unit.callsign}）",
            "tone": "grey" if stale else "blue",
            "url": reverse("desk:field-units-detail", args=[row.unit_id]),
            "colour": row.colour,
            "unit": row.unit.callsign,
            "at": row.at.isoformat(),
            "stale_at": row.stale_at.isoformat(),
            "stale": stale,
            "exercise": row.exercise,
            "panel": reverse("field:mark", args=[row.pk]),
        },
    }


@requires("field.view")
@require_GET
def mark(request: ActorRequest, mark_id: UUID) -> HttpResponse:
    """Fragment: one mark, for the panel beside the map."""
    row = queries.mark(mark_id, cast("Actor", request.actor))
    return render(request, "field/_mark.html", {"mark": row, "stale": row.stale_at <= clock.now()})
