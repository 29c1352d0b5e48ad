"""Pages of gradings: the assessment, filling it, reviewing it, its sheet, colours by region."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.documents import pdf
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.ledger.changes import permit
from anlan.ledger.sources import law_day
from anlan.prevent.standing import presenting, queries, refusals, rules, services
from anlan.prevent.standing.models import Grading


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _seen(request: ActorRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isdigit() else None


def _typed(request: ActorRequest, row: Grading) -> dict[str, dict[str, str]]:
    names = ("count", "proof", "remark", "found", "reason")
    return {
        item.code: {name: request.POST[key] for name in names if (key := f"{name}-{item.code}") in request.POST}
        for item in queries.items(row.rules_on)
    }


def _column(typed: dict[str, dict[str, str]], name: str) -> dict[str, str]:
    return {code: given[name] for code, given in typed.items() if name in given}


@requires("standing.view")
@require_GET
def grading_page(request: ActorRequest, grading_id: UUID) -> HttpResponse:
    """One assessment: colour, score, vetoes, items of both sides, and what may be done now."""
    row = queries.grading(grading_id, _actor(request))
    return render(request, "standing/grading.html", presenting.page(row, _actor(request)))


@requires("standing.fill")
@require_POST
def begin(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Begin this year's assessment; where there is one, open it."""
    actor, now = _actor(request), clock.now()
    try:
        row = services.begin(enterprise_id, exercise=bool(request.POST.get("exercise")), actor=actor, now=now)
    except refusals.YearTaken:
        year = law_day(now).year
        row = next(each for each in queries.of_enterprise(enterprise_id, actor) if each.year == year)
        return HttpResponseRedirect(queries.address(row.pk))
    return HttpResponseRedirect(queries.address(row.pk) + "fill/")


@requires("standing.fill")
@require_http_methods(["GET", "POST"])
def fill(request: ActorRequest, grading_id: UUID) -> HttpResponse:
    """Answer the items; what is refused stands beside its item and nothing typed is lost."""
    actor = _actor(request)
    row = queries.grading(grading_id, actor)
    permit(actor, "standing.fill", record=row)
    if row.state not in rules.EDITABLE:
        raise refusals.NotEditable(state=row.get_state_label())
    if request.method == "GET":
        return _form(request, row, "fill")
    typed = _typed(request, row)
    try:
        services.save(
            row.pk,
            counts=_column(typed, "count"),
            proofs=_column(typed, "proof"),
            remarks=_column(typed, "remark"),
            seen=_seen(request),
            actor=actor,
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(request, row, "fill", typed, refusal)
    messages.success(request, gettext("自评已保存。"))
    return HttpResponseRedirect(queries.address(row.pk))


@requires("standing.submit")
@require_POST
def submit(request: ActorRequest, grading_id: UUID) -> HttpResponse:
    """Send the assessment to the bureau; a bonus without proof leads back to the form, beside its item."""
    actor = _actor(request)
    row = queries.grading(grading_id, actor)
    try:
        services.submit(row.pk, seen=_seen(request), actor=actor, now=clock.now())
        messages.success(request, gettext("已提交监管部门审核。"))
    except Invalid as refusal:
        return _form(request, row, "fill", {}, refusal)
    return HttpResponseRedirect(queries.address(row.pk))


@requires("standing.review")
@require_http_methods(["GET", "POST"])
def review(request: ActorRequest, grading_id: UUID) -> HttpResponse:
    """The bureau's findings, item by item, and its decision."""
    actor = _actor(request)
    row = queries.grading(grading_id, actor)
    permit(actor, "standing.review", record=row)
    if request.method == "GET":
        return _form(request, row, "review")
    typed = _typed(request, row)
    try:
        services.review(
            row.pk,
            accept=request.POST.get("decision") == "accept",
            counts=_column(typed, "found"),
            reasons=_column(typed, "reason"),
            verdict=request.POST.get("verdict", "")[:2000],
            seen=_seen(request),
            actor=actor,
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(request, row, "review", typed, refusal)
    messages.success(request, gettext("审核结果已保存。"))
    return HttpResponseRedirect(queries.address(row.pk))


def _form(
    request: ActorRequest, row: Grading, kind: str, typed: dict[str, dict[str, str]] | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    if refusal is not None and refusal.status == 403:
        raise refusal
    beside = {code: sentence(why) for code, why in refusal.fields.items()} if isinstance(refusal, Invalid) else {}
    name = "count" if kind == "fill" else "found"
    told = [("verdict" if code == "verdict" else f"{name}-{code}", text) for code, text in beside.items()]
    if refusal is not None and not told:
        told = [("__all__", sentence(refusal))]
    context: dict[str, Any] = {
        "row": row,
        "kind": kind,
        "parts": presenting.parts(row, typed, beside),
        "errors": told,
        "verdict": request.POST.get("verdict", ""),
        "draft_key": f"{_actor(request).account_id}:standing:{row.pk}:{kind}",
        "self_label": presenting.colour_label(row.self_colour),
    }
    return render(request, "standing/form.html", context, status=refusal.status if refusal is not None else 200)


@requires("standing.view")
@require_GET
def sheet_pdf(request: ActorRequest, grading_id: UUID) -> HttpResponse:
    """The assessment to print and to file."""
    row = queries.grading(grading_id, _actor(request))
    answer = HttpResponse(pdf(presenting.document(row, _actor(request))), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="risk-grading-{row.enterprise.uscc}-{row.year}.pdf"'
    return answer


@requires("standing.view")
@require_GET
def regions_page(request: ActorRequest) -> HttpResponse:
    """Colours by region for a year, the worst first."""
    by = request.GET.get("by", "county")
    by = by if by in queries.DIGITS else "county"
    place = request.GET.get("place", "")
    place = place if place and places.exists(place) else ""
    this = law_day(clock.now()).year
    year = int(text) if (text := request.GET.get("year", "")).isdigit() and 2018 <= int(text) <= this else this
    rows = queries.regions(_actor(request), year, by, place)
    words = {"province": gettext("省级"), "city": gettext("市级"), "county": gettext("县级")}
    context = {
        "rows": [(row, places.place_name(row.key)) for row in rows],
        "by": by,
        "year": year,
        "years": [this - back for back in range(4) if this - back >= 2018],
        "groups": [(code, words[code]) for code in queries.DIGITS],
        "place": place,
        "totals": {name: sum(getattr(row, name) for row in rows) for name in (*rules.COLOURS, "waiting")},
    }
    return render(request, "standing/regions.html", context)
