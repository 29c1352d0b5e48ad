"""Pages of patrols: the league table, the draw, a spot check, a drawn point."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.desk.todo import Todo
from anlan.ground.evidence import door as evidence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger.flows import available_moves, steps
from anlan.sense.completeness import door as completeness
from anlan.sense.devices import door as devices
from anlan.sense.patrol import queries, rules, services
from anlan.sense.patrol.forms import CheckForm, DrawForm
from anlan.sense.patrol.models import Patrol, PatrolPoint
from anlan.sense.patrol.rules import Standing

GROUPS = ("enterprise", "county", "city")
PERIODS = (1, 7, 30, 90)
SHOWN = 200
_PERIOD = 7


def _asked(request: ActorRequest) -> tuple[int, str, str, str]:
    """Days, grouping, place and order of the league table as asked for; what makes no sense is the default."""
    days, by, place = request.GET.get("days", ""), request.GET.get("by", ""), request.GET.get("place", "")
    chosen = int(days) if days.isdigit() and int(days) in PERIODS else _PERIOD
    order = request.GET.get("order", "")
    return (
        chosen,
        by if by in GROUPS else GROUPS[0],
        place if place and places.exists(place) else "",
        order if order in rules.ORDERS else "worst",
    )


def _league(request: ActorRequest) -> tuple[list[Standing], dict[str, Any]]:
    days, by, place, order = _asked(request)
    last = timezone.localdate(clock.now())
    first = last - timedelta(days=days - 1)
    table = queries.league(cast(Actor, request.actor), first, last, by=by, place_code=place, order=order)
    return table, {"days": days, "by": by, "place": place, "order": order, "first": first, "last": last}


def _what_to_do(standing: Standing, by: str) -> tuple[str, str]:
    """Where to go from a line: the enterprise's gaps, or the enterprises of the region."""
    if by == "enterprise":
        return f"{reverse('desk:gaps-list')}?enterprise={standing.key}", gettext("查看缺口")
    return f"{reverse('patrol:league')}?by=enterprise&place={standing.key}", gettext("查看企业")


@requires("patrol.view")
@require_GET
def league_page(request: ActorRequest) -> HttpResponse:
    """Enterprises or regions by how well they are watched, worst first."""
    actor = cast(Actor, request.actor)
    table, asked = _league(request)
    words = {"enterprise": gettext("企业"), "county": gettext("县级"), "city": gettext("市级")}
    context = {
        **asked,
        "rows": [(at, row, completeness.tone(row.completeness), *_what_to_do(row, asked["by"])) for at, row in enumerate(table[:SHOWN], 1)],
        "total": len(table),
        "groups": [(code, words[code]) for code in GROUPS],
        "periods": PERIODS,
        "orders": [(code, gettext(label)) for code, label in rules.ORDERS.items()],
        "place_name": places.full_name(asked["place"]) if asked["place"] else "",
        "calibration_overdue": devices.calibration_overdue(actor, asked["last"]),
        "may_draw": actor.may_somewhere("patrol.draw"),
        "data_time": clock.now(),
    }
    return render(request, "patrol/league.html", context)


@requires("patrol.view")
@require_GET
def league_file(request: ActorRequest) -> HttpResponse:
    """The whole league table as a file."""
    table, asked = _league(request)
    text = io.StringIO()
    writer = csv.writer(text)
    heads = (
        gettext("名次"),
        gettext("名称"),
        gettext("完整率（%）"),
        gettext("变化（百分点）"),
        gettext("在线率（%）"),
        gettext("超量程占比（%）"),
        gettext("整日不变（点·日）"),
        gettext("未补齐缺口"),
        gettext("未确认报警"),
        gettext("校准超期（测点）"),
        gettext("校准超期占比（%）"),
        gettext("即将到期（测点）"),
        gettext("测点数"),
    )
    writer.writerow(heads)
    for at, row in enumerate(table, 1):
        # A name that a spreadsheet would take for a formula is told as text.
        name = f"'{row.name}" if row.name[:1] in "=+-@" else row.name
        figures = (row.completeness, row.trend, row.online, row.outside, row.frozen_days, row.gaps, row.unacknowledged)
        figures += (row.overdue, row.overdue_share, row.due_soon, row.points)
        writer.writerow((at, name, *("" if figure is None else figure for figure in figures)))
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="patrol-{asked["first"]:%Y%m%d}-{asked["last"]:%Y%m%d}.csv"'
    return response


@requires("patrol.draw")
@require_http_methods(["GET", "POST"])
def draw_page(request: ActorRequest) -> HttpResponse:
    """Draw points for a spot check."""
    actor, now = cast(Actor, request.actor), clock.now()
    first = {"place_code": request.GET.get("place") or actor.place_code, "wanted": 10}
    form = DrawForm(request.POST or None, initial=first, actor=actor, now=now)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            patrol = services.draw(values.pop("title"), **values, actor=actor, now=now)
            return HttpResponseRedirect(reverse("patrol:detail", args=[patrol.pk]))
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
    context = {"form": form, "errors": _errors(form)}
    return render(request, "patrol/draw.html", context, status=422 if form.errors else 200)


def _errors(form: Any) -> list[tuple[str, str]]:
    return [(name, str(error)) for name, each in form.errors.items() for error in each]


@requires("patrol.view")
@require_GET
def patrol_page(request: ActorRequest, patrol_id: UUID) -> HttpResponse:
    """One spot check: how it was drawn, who checks what, what was found."""
    return _show(request, queries.one(patrol_id, cast(Actor, request.actor)))


def _show(request: ActorRequest, patrol: Patrol, refusal: Refusal | None = None) -> HttpResponse:
    actor = cast(Actor, request.actor)
    points = list(patrol.points.order_by("order"))
    done = sum(point.finding != rules.WAITING for point in points)
    counts = [
        (gettext(label), sum(point.finding == code for point in points), rules.FINDING_TONES[code])
        for code, label in rules.FINDINGS.items()
    ]
    context = {
        "patrol": patrol,
        "tone": rules.STATE_TONES[patrol.state],
        "place": places.full_name(patrol.place_code),
        "points": [(point, _finding(point), rules.FINDING_TONES.get(point.finding, "yellow")) for point in points],
        "done": done,
        "counts": [each for each in counts if each[1]],
        "moves": {move.code: gettext(move.label) for move in available_moves(patrol, actor)},
        "steps": steps(patrol),
        "refusal_message": sentence(refusal) if refusal else "",
        "conclusion": request.POST.get("conclusion", ""),
    }
    return render(request, "patrol/patrol.html", context, status=refusal.status if refusal else 200)


def _finding(point: PatrolPoint) -> str:
    return gettext(rules.FINDINGS[point.finding]) if point.finding else gettext("待核查")


@requires("patrol.view")
@require_GET
def population_file(request: ActorRequest, patrol_id: UUID) -> HttpResponse:
    """What was drawn from: every channel with its number, in the order of the draw, so that anybody can repeat it."""
    patrol = queries.one(patrol_id, cast(Actor, request.actor))
    lines = sorted((rules.number_of(patrol.seed, channel), channel) for channel in patrol.population_channels)
    text = "order,channel,sha256\r\n" + "".join(f"{at},{channel},{number}\r\n" for at, (number, channel) in enumerate(lines, 1))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="patrol-{patrol.pk}.csv"'
    return response


@requires("patrol.close")
@require_POST
def move(request: ActorRequest, patrol_id: UUID, code: str) -> HttpResponse:
    """Close or drop a spot check."""
    actor = cast(Actor, request.actor)
    patrol = queries.one(patrol_id, actor)
    try:
        told = {"conclusion": request.POST.get("conclusion", ""), "reason": request.POST.get("reason", "")}
        services.move(patrol_id, code, **told, actor=actor, now=clock.now())
    except Refusal as refusal:
        return _show(request, patrol, refusal)
    return HttpResponseRedirect(reverse("patrol:detail", args=[patrol_id]))


@requires("patrol.view")
@require_http_methods(["GET", "POST"])
def point_page(request: ActorRequest, point_id: UUID) -> HttpResponse:
    """One drawn point: what is to be checked, what was found, photographs."""
    actor = cast(Actor, request.actor)
    point = queries.one_point(point_id, actor)
    first = {"finding": point.finding, "site_value": point.site_value, "note": point.note}
    form = CheckForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.check(point_id, values["finding"], values["note"], site_value=values["site_value"], actor=actor, now=clock.now())
            return HttpResponseRedirect(reverse("patrol:point", args=[point_id]))
        except (rules.UnknownFinding, rules.NoteMissing, rules.AlreadyClosed) as refusal:
            form.add_error(None, sentence(refusal))
    scope = {"place_code": point.place_code, "enterprise_id": point.enterprise_id, "classification": point.classification}
    context = {
        "point": point,
        "finding": _finding(point),
        "tone": rules.FINDING_TONES.get(point.finding, "yellow"),
        "form": form,
        "errors": _errors(form),
        "may_check": point.patrol.state == rules.OPEN and actor.may("patrol.check", **scope),
        "sees_patrol": queries.patrols(actor).filter(pk=point.patrol_id).exists(),
        **(evidence.panel_context(point, actor) if actor.may_somewhere("evidence.view") else {}),
        "shows_evidence": actor.may_somewhere("evidence.view"),
    }
    return render(request, "patrol/point.html", context, status=422 if form.errors else 200)


def todo(actor: Actor, now: Any) -> list[Todo]:
    """Points that the actor is to check."""
    today = timezone.localdate(now)
    return [
        Todo(
            title=str(point),
            kind=gettext("监测抽查"),
            url=reverse("patrol:point", args=[point.pk]),
            what=gettext("现场核查并登记结果"),
            place=places.place_name(point.place_code),
            since=point.created_at,
            overdue=bool(point.patrol.due_on and point.patrol.due_on < today),
            exercise=point.patrol.exercise,
            subject=point.pk,
        )
        for point in queries.waiting_for(actor)
    ]
