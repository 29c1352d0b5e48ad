"""Pages of the daily report and the brief."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.command.duty import queries, reporting, rules
from anlan.command.duty.models import DutyReport
from anlan.desk.documents import CONTENT_TYPES
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("duty.log")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a day, or an event for a brief; POST draws the draft."""
    actor, now = _actor(request), clock.now()
    if request.method == "POST":
        return redirect("duty:report", _drawn(request, actor).pk)
    yesterday = law_day(now - timedelta(hours=8)) if reporting.span_of(law_day(now))[0] > now else law_day(now)
    events = filings.open_filings(actor, limit=30) if actor.may_somewhere("filings.view") else ()
    return render(request, "duty/report_new.html", {"day": yesterday, "events": events})


def _drawn(request: HttpRequest, actor: Actor) -> DutyReport:
    now, event = clock.now(), request.POST.get("event", "")
    try:
        if event:
            return reporting.draft_brief(UUID(event), actor=actor, now=now)
        return reporting.draft_daily(date.fromisoformat(request.POST.get("day", "")), actor=actor, now=now)
    except ValueError:
        raise NotFound(what=event or request.POST.get("day", "")) from None


@requires("duty.view")
@require_GET
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A report; a draft can be edited."""
    return _show(request, queries.report(pk, _actor(request)))


def _show(request: HttpRequest, row: DutyReport, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    moves = {move.code for move in available_moves(row, actor)}
    context = {
        "report": row,
        "sections": reporting.values_of(row),
        "kind": _(rules.REPORT_KINDS[row.kind]),
        "editable": row.state == rules.DRAFT and actor.may("duty.log", place_code=row.place_code),
        "moves": moves,
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "duty/report.html", context, status=refusal.status if refusal else 200)


@requires("duty.view")
@require_http_methods(["POST"])
def move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Save, sign or drop a draft; signing keeps what stands in the form first."""
    actor, now = _actor(request), clock.now()
    row = queries.report(pk, actor)
    try:
        if code in {"save", "issue"} and "text-0" in request.POST:
            texts = [request.POST.get(f"text-{number}", "") for number in range(len(row.sections))]
            reporting.write(row, request.POST.get("title", ""), texts, actor=actor, now=now)
        if code == "issue":
            reporting.issue(row, actor=actor, now=now)
        elif code == "void":
            reporting.void(row, request.POST.get("reason", "").strip(), actor=actor, now=now)
        elif code != "save":
            raise NotFound(what=code)
    except Refusal as refusal:
        return _show(request, row, refusal)
    return redirect("duty:report", pk)


@requires("duty.view")
@require_GET
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The report as PDF, or with ``?as=docx`` as Word."""
    row = queries.report(pk, _actor(request))
    form = "docx" if request.GET.get("as") == "docx" else "pdf"
    response = HttpResponse(reporting.paper(row, clock.now(), word=form == "docx"), content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'inline; filename="duty-{row.day:%Y%m%d}.{form}"'
    return response
