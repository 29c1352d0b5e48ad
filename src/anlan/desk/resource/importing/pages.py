"""Pages of spreadsheet import: upload, progress and report, decision, template, report as a file."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import xlsxwriter
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest
from anlan.desk.models import SheetImport, SheetProblem
from anlan.desk.resource import cells
from anlan.desk.resource.addresses import page_url
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.importing import jobs
from anlan.desk.resource.refusing import messages_of
from anlan.desk.tasks import queue_sheet
from anlan.kernel import clock
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_

SHOWN_PROBLEMS = 200
STALLED_AFTER = timedelta(minutes=2)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoFile(Refusal):
    code = "no_file"
    sentence = N_("请先选择要导入的文件。")
    status = 422


def mine(request: ActorRequest, resource: Resource, key: UUID) -> SheetImport:
    """An import of the actor's own. Raises :class:`NotFound` for anybody else's."""
    assert request.actor is not None  # the guard lets nobody else in
    job = SheetImport.objects.filter(pk=key, resource=resource.code, account_id=request.actor.account_id).first()
    if job is None:
        raise NotFound(what=_("批量导入"))
    return job


@require_http_methods(["GET", "POST"])
def upload_page(request: ActorRequest, resource: Resource) -> HttpResponse:
    """Choose a file; on POST store it, queue its check and go to its report."""
    actor = request.actor
    assert actor is not None and resource.sheet is not None  # the guard and the addresses see to it
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise NoFile
            job = jobs.upload(resource, file, actor=actor, now=clock.now(), queue=queue_sheet)
            return HttpResponseRedirect(page_url(resource, "import-report", job.pk))
        except Refusal as refusal:
            errors = [("file", text) for _name, text in messages_of(refusal)]
    context = {
        "resource": resource,
        "columns": resource.sheet.columns,
        "limit": resource.sheet.limit,
        "errors": errors,
        "recent": SheetImport.objects.filter(account_id=actor.account_id, resource=resource.code)[:10],
        "list_url": page_url(resource, "list"),
        "template_url": page_url(resource, "import-template"),
    }
    return render(request, "desk/resource/import.html", context, status=422 if errors else 200)


@require_GET
def template(request: ActorRequest, resource: Resource) -> HttpResponse:
    """The empty workbook: heads (required ones starred), an example line, and a second sheet that explains every column."""
    assert resource.sheet is not None
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    sheet, words = book.add_worksheet(str(resource.label)[:31]), book.add_worksheet(_("填写说明"))
    words.write_row(0, 0, [_("列"), _("必填"), _("不得重复"), _("说明"), _("示例")], bold)
    for number, column in enumerate(resource.sheet.columns):
        # Text format: a spreadsheet must not turn an 18-digit code into a rounded number.
        sheet.set_column(number, number, 20, as_text)
        sheet.write_string(0, number, str(column.label) + ("*" if column.required else ""), bold)
        if column.example:
            sheet.write_string(1, number, column.example, as_text)
        yes = [_("是") if flag else "" for flag in (column.required, column.unique)]
        words.write_row(number + 1, 0, [str(column.label), *yes, str(column.help), column.example])
    sheet.freeze_panes(1, 0)
    words.set_column(0, 4, 24)
    book.close()
    return _attached(buffer.getvalue(), _("%(kind)s导入模板") % {"kind": resource.label})


@require_GET
def report_page(request: ActorRequest, resource: Resource, key: UUID) -> HttpResponse:
    """Progress while the job runs; then every problem, and the decision."""
    job = mine(request, resource, key)
    context = {
        "resource": resource,
        "job": job,
        "problems": [_line(resource, problem) for problem in job.problems.all()[:SHOWN_PROBLEMS]],
        "problem_count": job.problems.count(),
        "stalled": job.is_running and clock.now() - job.touched_at > STALLED_AFTER,
        "list_url": page_url(resource, "list"),
        "decide_url": page_url(resource, "import-decide", key),
        "file_url": page_url(resource, "import-file", key),
        "report_url": page_url(resource, "import-report", key),
        "upload_url": page_url(resource, "import"),
    }
    fragment = request.headers.get("HX-Target") == "import-report"
    return render(request, "desk/resource/_import_report.html" if fragment else "desk/resource/import_report.html", context)


@require_POST
def decide(request: ActorRequest, resource: Resource, key: UUID) -> HttpResponse:
    """POST ``choice``: ``good``, ``refuse``, ``cancel`` or ``again``."""
    assert request.actor is not None
    jobs.decide(mine(request, resource, key), request.POST.get("choice", ""), actor=request.actor, now=clock.now(), queue=queue_sheet)
    return HttpResponseRedirect(page_url(resource, "import-report", key))


@require_GET
def report_file(request: ActorRequest, resource: Resource, key: UUID) -> HttpResponse:
    """Every problem as a workbook."""
    job = mine(request, resource, key)
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [_("行号"), _("列"), _("内容"), _("原因")], book.add_format({"bold": True}))
    for number, problem in enumerate(job.problems.iterator(chunk_size=2000), start=1):
        row, column, value, reason = _line(resource, problem)
        sheet.write_row(number, 0, [row, cells.safe(column), cells.safe(value), cells.safe(reason)])
    book.close()
    return _attached(buffer.getvalue(), _("导入检查报告"))


def _line(resource: Resource, problem: SheetProblem) -> tuple[int, str, str, str]:
    """Row, column head, cell and reason in the language of the request."""
    assert resource.sheet is not None
    labels = {column.name: str(column.label) for column in resource.sheet.columns}
    facts = {key: _(fact) if isinstance(fact, str) and fact in labels.values() else fact for key, fact in problem.facts.items()}
    reason = Kept(problem.sentence, facts).text
    return problem.row, labels.get(problem.column, problem.column), problem.value, reason


class Kept:
    """A stored refusal: its Chinese sentence with facts, translated when read."""

    def __init__(self, sentence: str, facts: dict[str, object]) -> None:
        self._refusal = type("StoredRefusal", (Refusal,), {"sentence": sentence})(**facts)

    @property
    def text(self) -> str:
        """The sentence in the language of the request."""
        return str(self._refusal.message(_))


def _attached(content: bytes, title: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    name = quote(f"{title}-{timezone.localtime(clock.now()):%Y%m%d}.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Cache-Control"] = "no-store"
    return response
