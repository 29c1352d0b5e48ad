"""The notice board and the card as PDF."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from anlan.desk.documents import Document, pdf
from anlan.desk.guard import ActorRequest, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.prevent.risks import queries, sheet


@requires("risks.view")
@require_GET
def board_pdf(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The notice board of an enterprise, to hang up."""
    return _file(sheet.board(enterprise_id, cast("Actor", request.actor), clock.now()), "risk-board")


@requires("risks.view")
@require_GET
def card_pdf(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """The card of an object, to hang up beside it."""
    actor = cast("Actor", request.actor)
    row = queries.one(queries.objects(actor), object_id)
    address = request.build_absolute_uri(queries.object_url(row.pk))
    return _file(sheet.card(row, address, actor, clock.now()), f"risk-card-{row.pk}")


def _file(document: Document, name: str) -> HttpResponse:
    answer = HttpResponse(pdf(document), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
