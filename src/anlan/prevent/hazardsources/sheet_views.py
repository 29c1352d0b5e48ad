"""The calculation sheet as a PDF and as an editable Word file."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from anlan.desk.documents import docx, pdf
from anlan.desk.guard import ActorRequest, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.prevent.hazardsources import queries, sheet
from anlan.prevent.hazardsources.models import Assessment

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires("hazardsources.view")
@require_GET
def pdf_sheet(request: ActorRequest, unit_id: UUID, number: int) -> HttpResponse:
    """The sheet of an assessment, to print and file."""
    row = _row(request, unit_id, number)
    return _file(pdf(sheet.document(row, clock.now())), "application/pdf", row, "pdf")


@requires("hazardsources.view")
@require_GET
def word_sheet(request: ActorRequest, unit_id: UUID, number: int) -> HttpResponse:
    """The sheet of an assessment, to edit."""
    row = _row(request, unit_id, number)
    return _file(docx(sheet.document(row, clock.now())), WORD, row, "docx")


def _row(request: ActorRequest, unit_id: UUID, number: int) -> Assessment:
    unit = queries.unit(unit_id, cast("Actor", request.actor))
    found = Assessment.objects.select_related("unit", "inventory").filter(unit=unit, number=number).first()
    if found is None:
        raise NotFound(what=str(number))
    return found


def _file(content: bytes, kind: str, row: Assessment, ending: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    name = f"gb18218-{timezone.localtime(row.at):%Y%m%d}-{row.number}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
