"""Pages of counts: regions, and the table of an enterprise for a quarter or year, also as PDF, Word file and spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Signatures, Table, docx, pdf
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger import clocks
from anlan.prevent.dangers import periods, queries, reporting, rules, statistics
from anlan.prevent.dangers.models import PeriodReport

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class SignForm(ResourceForm):
    """What the principal adds to the figures."""

    analysis = forms.CharField(label=_("统计分析"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)
    principal_name = forms.CharField(label=_("主要负责人"), max_length=60)


REGIONS_A_PAGE = 100


@requires("dangers.view")
@require_GET
def regions_page(request: ActorRequest) -> HttpResponse:
    """Open dangers by region, the worst first."""
    actor = cast("Actor", request.actor)
    by = request.GET.get("by", "county")
    by = by if by in statistics.DIGITS else "county"
    place = request.GET.get("place", "")
    place = place if place and places.exists(place) else ""
    rows = statistics.regions(actor, by, place)
    words = {"province": gettext("省级"), "city": gettext("市级"), "county": gettext("县级")}
    page = Paginator(rows, REGIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [(row, places.place_name(row.key)) for row in page],
        "page": page,
        "by": by,
        "groups": [(code, words[code]) for code in statistics.DIGITS],
        "place": place,
        "place_name": places.full_name(place) if place else "",
        "totals": {name: sum(getattr(row, name) for row in rows) for name in ("open", "major", "overdue", "listed", "ungraded")},
        "data_time": clock.now(),
    }
    return render(request, "dangers/regions.html", context)


@requires("dangers.view")
@require_http_methods(["GET", "POST"])
def report_page(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """The table of art. 14: figures, deadline, and the signature of the principal."""
    actor = cast("Actor", request.actor)
    report = queries.report(report_id, actor)
    form = SignForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                reporting.sign(report_id, **form.cleaned_data, actor=actor, now=clock.now())
                messages.success(request, gettext("统计表已签报。"))
                return HttpResponseRedirect(reverse("dangers:table", args=[report_id]))
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    figures = _figures(report)
    context = {
        "report": report,
        "lines": _lines(figures),
        "majors": [{**line, "state": gettext(rules.FLOW.state(line["state"]).label)} for line in figures["majors"]],
        "form": form,
        "errors": form.summary() if form.is_bound else [],
        "may_sign": report.state == periods.OWED
        and actor.may(
            "dangers.sign_report", place_code=report.place_code, enterprise_id=report.enterprise_id, classification=report.classification
        ),
        "clocks": clocks.for_subject(report),
    }
    return render(request, "dangers/table.html", context, status=status)


def _figures(report: PeriodReport) -> dict[str, Any]:
    """The signed figures; until then those of this moment."""
    return report.figures or statistics.table(report.enterprise_id, periods.parse(report.period)).as_json()


def _lines(figures: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            queries.grade_label(line["grade"]),
            *(str(line[name]) for name in ("carried", "found", "closed", "left", "overdue", "repeated", "funds_yuan")),
            "—" if line["rate"] is None else str(line["rate"]),
        )
        for line in figures["lines"]
    ]


def heads() -> tuple[str, ...]:
    """Column heads of the table."""
    return (
        gettext("隐患等级"),
        gettext("上期结转"),
        gettext("本期新增"),
        gettext("本期销号"),
        gettext("期末在改"),
        gettext("其中曾逾期"),
        gettext("其中重复"),
        gettext("整改资金（元）"),
        gettext("整改率（%）"),
    )


def _document(report: PeriodReport) -> Document:
    figures = _figures(report)
    signed = timezone.localtime(report.signed_at).strftime("%Y-%m-%d %H:%M") if report.signed_at else gettext("未签报")
    blocks: list[Block] = [
        Pairs(((gettext("企业"), report.enterprise.name), (gettext("统计期"), report.period), (gettext("应报时间"), timezone.localtime(report.due_at).strftime("%Y-%m-%d")))),
        Table(heads(), tuple(_lines(figures))),
    ]  # fmt: skip
    if figures["majors"]:
        rows = tuple(
            (
                line["title"],
                line["location"],
                line["criterion"],
                line["found_at"],
                line["deadline"],
                gettext(rules.FLOW.state(line["state"]).label),
            )
            for line in figures["majors"]
        )
        head = (gettext("隐患名称"), gettext("部位或设备"), gettext("判定依据"), gettext("发现日期"), gettext("整改期限"), gettext("状态"))
        blocks += [Heading(gettext("重大隐患")), Table(head, rows, (3, 2, 4, 1.6, 1.6, 1.6))]
    blocks += [
        Heading(gettext("统计分析")),
        Paragraph(report.analysis or "—"),
        Pairs(((gettext("签报时间"), signed),)),
        Signatures(((gettext("填表人"), ""), (gettext("主要负责人"), report.principal_name))),
    ]
    row = queries.period_row(report.kind, periods.parse(report.period).ends)
    return Document(
        title=queries.worded(row),
        blocks=tuple(blocks),
        organ=report.enterprise.name,
        number=report.period,
        date=signed if report.signed_at else "",
        foot=f"{row.source} {row.article}",
        page=gettext("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        letterhead=False,
    )


def _file(content: bytes, kind: str, report: PeriodReport, ending: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="hidden-dangers-{report.period}.{ending}"'
    return answer


@requires("dangers.view")
@require_GET
def report_pdf(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """The table, to print."""
    report = queries.report(report_id, cast("Actor", request.actor))
    return _file(pdf(_document(report)), "application/pdf", report, "pdf")


@requires("dangers.view")
@require_GET
def report_word(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """The table, to edit."""
    report = queries.report(report_id, cast("Actor", request.actor))
    return _file(docx(_document(report)), WORD, report, "docx")


@requires("dangers.view")
@require_GET
def report_sheet(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """The table for a spreadsheet."""
    report = queries.report(report_id, cast("Actor", request.actor))
    figures = _figures(report)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads())
    writer.writerows(_lines(figures))
    for line in figures["majors"]:
        # What a spreadsheet would take for a formula is told as text.
        cells = (
            line["title"],
            line["location"],
            line["criterion"],
            line["found_at"],
            line["deadline"],
            gettext(rules.FLOW.state(line["state"]).label),
        )
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return _file(("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8", report, "csv")
