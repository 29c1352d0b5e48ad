"""The judgement sheet as a PDF and as an editable Word file."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from anlan.command.judgement import facts, queries, sheet, surroundings
from anlan.command.judgement.models import Run
from anlan.desk.documents import Document, docx, pdf
from anlan.desk.guard import requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires("judgement.view")
@require_GET
def pdf_sheet(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """The sheet of a run, to print."""
    found = _run(request, pk, run)
    return _file(pdf(_document(request, found)), "application/pdf", found, "pdf")


@requires("judgement.view")
@require_GET
def word_sheet(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """The sheet of a run, to edit."""
    found = _run(request, pk, run)
    return _file(docx(_document(request, found)), WORD, found, "docx")


def _run(request: HttpRequest, pk: UUID, run: UUID) -> Run:
    found = queries.run(run, cast("Actor", request.actor))  # type: ignore[attr-defined]
    if found.judgement_id != pk:
        raise NotFound(what=str(run))
    return found


def _document(request: HttpRequest, run: Run) -> Document:
    actor, now = cast("Actor", request.actor), clock.now()  # type: ignore[attr-defined]
    told = facts.report(run, actor)
    return sheet.document(run, told, surroundings.blocks(run, actor, now), actor, now, surroundings.leaving_blocks(run, actor, now))


def _file(content: bytes, kind: str, run: Run, ending: str) -> HttpResponse:
    at: datetime = timezone.localtime(run.finished_at or run.asked_at)
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="judgement-{at:%Y%m%d-%H%M}-{run.number}.{ending}"'
    return answer
