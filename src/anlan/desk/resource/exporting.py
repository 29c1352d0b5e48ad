"""Export of what is filtered, as CSV while it is read or as a workbook, audited before the first row leaves."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import xlsxwriter
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest
from anlan.desk.resource import asking, cells
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.listing import light
from anlan.desk.resource.values import EMPTY, Presenter
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change

WORKBOOK_ROWS = 200_000
_CHUNK = 2000
_END = object()


class UnknownFormat(Refusal):
    code = "unknown_format"
    sentence = N_("不能导出为“{value}”，可选 csv 或 xlsx。")
    status = 422


class TooManyForWorkbook(Refusal):
    code = "too_many_for_workbook"
    sentence = N_("符合条件的记录超过 {limit} 条，Excel 装不下。请缩小筛选范围，或改为导出 CSV。")
    status = 422


@require_GET
def export(request: ActorRequest, resource: Resource) -> HttpResponseBase:
    """``?format=csv|xlsx`` and the list's own parameters. Only rows that the actor may export."""
    actor = request.actor
    assert actor is not None and resource.actions.export is not None  # the guard and the declaration see to it
    form = request.GET.get("format", "csv")
    if form not in ("csv", "xlsx"):
        raise UnknownFormat(value=form)
    question = asking.read(resource, request.GET)
    # What leaves must be both visible and leave-able: a post may see a district and export only a part of it.
    own = asking.matches(resource, actor, question).values("pk")
    rows = asking.matches(resource, actor, question, resource.actions.export)
    if resource.actions.export != resource.actions.view:
        rows = rows.filter(pk__in=own)
    if form == "xlsx" and rows[: WORKBOOK_ROWS + 1].count() > WORKBOOK_ROWS:
        raise TooManyForWorkbook(limit=WORKBOOK_ROWS)
    audit(resource, actor, question, form)
    ordered = light(rows).order_by(question.order.text, "pk")
    name = quote(f"{resource.label}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.{form}")
    if form == "csv":
        return _streamed(request, name, csv_chunks(resource, ordered))
    response = HttpResponse(workbook(resource, ordered), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return _attached(response, name)


def csv_response(request: HttpRequest, title: str, lines: Iterator[list[Any]]) -> HttpResponseBase:
    """Lines of cells as a CSV file while they are read; a cell that a spreadsheet would run is made harmless. Audit before calling."""
    name = quote(f"{title}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.csv")
    return _streamed(request, name, _csv([cells.safe(cell) for cell in line] for line in lines))


def _streamed(request: HttpRequest, name: str, chunks: Iterator[str]) -> HttpResponseBase:
    content = _awaited(chunks) if isinstance(request, ASGIRequest) else chunks
    return _attached(StreamingHttpResponse(content, content_type="text/csv; charset=utf-8"), name)


def _attached(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Cache-Control"] = "no-store"
    return response


def audit(resource: Resource, actor: Actor, question: asking.Question, form: str) -> None:
    """Write down who took what out, before it leaves."""
    assert resource.actions.export is not None
    facts: dict[str, object] = {"resource": resource.code, "format": form, "filters": question.chosen, "words": question.words}
    with change(
        actor, resource.actions.export, now=clock.now(), place_code=actor.place_code, enterprise_id=actor.enterprise_id
    ) as gathered:
        gathered.facts.update(facts)


def _lines(resource: Resource, rows: QuerySet) -> Iterator[list[Any]]:
    """Heads, then one list of safe cells per record."""
    presenters = [Presenter(resource.model, column) for column in resource.columns]
    yield [presenter.label for presenter in presenters]
    for record in rows.iterator(chunk_size=_CHUNK):
        texts = (presenter.show(record).text for presenter in presenters)
        yield [cells.safe("" if text == EMPTY else text) for text in texts]


def csv_chunks(resource: Resource, rows: QuerySet) -> Iterator[str]:
    """The filtered rows as CSV text."""
    return _csv(_lines(resource, rows))


def _csv(lines: Iterable[list[Any]]) -> Iterator[str]:
    """CSV text in pieces of some thousand lines. The byte order mark makes Excel read Chinese."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    for number, line in enumerate(lines, start=1):
        writer.writerow(line)
        if number % _CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


async def _awaited(chunks: Iterator[str]) -> AsyncIterator[str]:
    """The same pieces for an asynchronous server, read in a thread one by one instead of all at once."""
    step = sync_to_async(next, thread_sensitive=True)
    while (piece := await step(chunks, _END)) is not _END:
        yield str(piece)


def workbook(resource: Resource, rows: QuerySet) -> bytes:
    """One sheet with a frozen head line; every cell is text or number, never a formula or a link."""
    with tempfile.TemporaryDirectory(prefix="anlan-export-") as folder:
        path = Path(folder) / "export.xlsx"
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(str(path), options)
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for number, line in enumerate(_lines(resource, rows)):
            sheet.write_row(number, 0, line, bold if number == 0 else None)
        book.close()
        return path.read_bytes()
