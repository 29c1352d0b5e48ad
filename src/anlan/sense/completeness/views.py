"""Pages of completeness: the proof of a day, a gap, the declared interval of a point, what is kept how long."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.completeness import queries, rules, services
from anlan.sense.completeness.models import Gap
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream

POINTS_SHOWN = 200
DAYS_SHOWN = 14
GAPS_SHOWN = 100


def _counts(row: Any) -> list[tuple[str, int]]:
    return [(gettext(label), getattr(row, name)) for name, label in rules.COUNTS.items()]


def _gap_rows(gaps: Any) -> list[tuple[Gap, str, str]]:
    return [(gap, gettext(rules.GAP_STATES[gap.state]), rules.GAP_TONES[gap.state]) for gap in gaps]


@requires("completeness.view")
@require_GET
def day_page(request: ActorRequest, day_id: UUID) -> HttpResponse:
    """One enterprise on one day: sums, what they mean, gaps; with ``?verify=1`` every point reckoned again from its readings."""
    row = queries.one_day(day_id, cast(Actor, request.actor))
    since = timezone.make_aware(datetime.combine(row.day, time()))
    told, silent = None, False
    if request.GET.get("verify"):
        try:
            told = queries.proof(row, clock.now())
        except stream.StoreSilent:
            silent = True
    points = sorted(told["points"], key=lambda point: -point["missing"])[:POINTS_SHOWN] if told else []
    context = {
        "row": row,
        "place": places.full_name(row.place_code),
        "tone": rules.tone(row.share),
        "counts": _counts(row),
        "gaps": _gap_rows(queries.gaps_of_day(row, since, since + timedelta(days=1))[:GAPS_SHOWN]),
        "proof": told,
        "silent": silent,
        "points": [(point, gettext(rules.BASES[point["basis"]]), rules.share(point["expected"], point["missing"])) for point in points],
        "others": queries.days(cast(Actor, request.actor)).filter(enterprise_id=row.enterprise_id).order_by("-day")[:DAYS_SHOWN],
    }
    return render(request, "completeness/day.html", context)


@requires("completeness.view")
@require_GET
def day_proof(request: ActorRequest, day_id: UUID) -> HttpResponse:
    """The proof as a file: every point with its figures, their sums and a digest."""
    row = queries.one_day(day_id, cast(Actor, request.actor))
    told = queries.proof(row, clock.now())
    response = HttpResponse(json.dumps(told, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="completeness-{row.day:%Y%m%d}-{row.enterprise_id}.json"'
    return response


@requires("completeness.view")
@require_GET
def gap_page(request: ActorRequest, gap_id: UUID) -> HttpResponse:
    """One gap: since when, how much, whether it was asked for and filled."""
    return _show_gap(request, queries.one_gap(gap_id, cast(Actor, request.actor)))


def _show_gap(request: ActorRequest, gap: Gap, refusal: Refusal | None = None) -> HttpResponse:
    actor = cast(Actor, request.actor)
    scope = {"place_code": gap.place_code, "enterprise_id": gap.enterprise_id, "classification": gap.classification}
    context = {
        "gap": gap,
        "state": gettext(rules.GAP_STATES[gap.state]),
        "tone": rules.GAP_TONES[gap.state],
        "place": places.full_name(gap.place_code),
        "may_ask": gap.state == rules.ENDED and actor.may("completeness.ask", **scope),
        "ask_times": rules.ASK_TIMES,
        "ask_minutes": round(rules.ASK_EVERY.total_seconds() / 60),
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "completeness/gap.html", context, status=refusal.status if refusal else 200)


@requires("completeness.ask")
@require_POST
def ask(request: ActorRequest, gap_id: UUID) -> HttpResponse:
    """Ask the device of a gap to send again."""
    actor = cast(Actor, request.actor)
    gap = queries.one_gap(gap_id, actor)
    try:
        services.ask_again(gap_id, actor=actor, now=clock.now())
    except (rules.NothingToAsk, rules.NoLine, stream.StoreSilent) as refusal:
        return _show_gap(request, gap, refusal)
    return HttpResponseRedirect(reverse("completeness:gap", args=[gap_id]))


class IntervalForm(ResourceForm):
    """How often a point should send."""

    interval_s = forms.FloatField(label=gettext_lazy("上报间隔（秒）"), required=False)
    basis = forms.CharField(label=gettext_lazy("依据"), max_length=200, required=False)


@requires("completeness.declare")
@require_http_methods(["GET", "POST"])
def declare(request: ActorRequest, sensor_id: UUID) -> HttpResponse:
    """Declare or withdraw the interval of a point."""
    actor = cast(Actor, request.actor)
    point = devices.sensor(sensor_id, actor)
    known = queries.declared(point.id)
    first = {"interval_s": known.interval_s or None, "basis": known.basis} if known is not None else None
    form = IntervalForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            services.declare_interval(point.id, values["interval_s"], values["basis"], actor=actor, now=clock.now())
            return HttpResponseRedirect(reverse("devices:sensor", args=[point.id]))
        except (rules.IntervalOutOfRange, rules.BasisMissing) as refusal:
            form.add_error("basis" if isinstance(refusal, rules.BasisMissing) else "interval_s", sentence(refusal))
    errors = [(name, str(error)) for name, each in form.errors.items() for error in each]
    context = {"point": point, "form": form, "errors": errors}
    return render(request, "completeness/declare.html", context, status=422 if form.errors else 200)


@requires("completeness.view")
@require_GET
def retention_page(request: ActorRequest) -> HttpResponse:
    """How long readings, minutes and hours are kept, by class, with source; and how the disk stands."""
    chinese = (get_language() or "").startswith("zh")
    classes = {row.code: row.name_zh if chinese else row.name_en for row in devices.sensor_classes()}
    try:
        disk, removed = stream.disk_state(), stream.removed_readings()
    except stream.StoreSilent:
        disk, removed = None, ()
    labels = {"raw": gettext("原始读数"), "minute": gettext("分钟值"), "hour": gettext("小时值")}
    context = {
        "rows": [(classes.get(rule.sensor_class, gettext("其他各类")), rule) for rule in stream.retention_rules(timezone.localdate())],
        "disk": disk,
        "free_gib": round(disk.free_bytes / 2**30, 1) if disk else None,
        "removed": [(labels[kind], partition, [classes.get(each, each) for each in kinds], at) for kind, partition, kinds, at in removed],
    }
    return render(request, "completeness/retention.html", context)


def interval_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """How often a point should send, and where that comes from."""
    actor = cast(Actor, request.actor)
    scope = {"place_code": subject.place_code, "enterprise_id": subject.enterprise_id, "classification": subject.classification}
    context: dict[str, Any] = {"may_declare": actor.may("completeness.declare", **scope), "known": False}
    try:
        told = stream.completeness_proof([subject.channel], timezone.localdate(clock.now()))
    except stream.StoreSilent:
        return context
    if told:
        (point,) = told
        expected, missing = point.recorded["expected"], point.recorded["missing"]
        context |= {
            "known": True,
            "interval_s": point.interval_s,
            "basis": gettext(rules.BASES[point.basis]),
            "recorded": point.recorded,
            "share": rules.share(expected, missing),
            "tone": rules.tone(rules.share(expected, missing)),
        }
    return context


def enterprise_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """The last days of an enterprise and its standing gaps."""
    actor = cast(Actor, request.actor)
    rows = queries.days(actor).filter(enterprise_id=subject.pk).order_by("-day")[:7]
    gaps = queries.gaps(actor).filter(enterprise_id=subject.pk).exclude(state=rules.FILLED).count()
    return {"rows": [(row, rules.tone(row.share)) for row in rows], "gaps": gaps}


def disk_panel(_subject: Any, _request: Any) -> dict[str, Any] | None:
    """The notice of the duty desk while the node takes in no readings; nothing while it does."""
    try:
        disk = stream.disk_state()
    except stream.StoreSilent:
        return None
    return {"disk": disk} if disk.refusing else None
