"""Pages and addresses of a chemical beside those the desk makes: its card to print, and everything that is held of it as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.documents import pdf
from anlan.desk.guard import ActorRequest, requires
from anlan.ground.chemicals import cards, catalogue, document, queries, rules, toxicity
from anlan.ground.chemicals.cards import Card
from anlan.ground.chemicals.models import Chemical
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound


def _chemical(request: ActorRequest, chemical_id: UUID) -> Chemical:
    found = queries.chemicals(cast(Actor, request.actor)).filter(pk=chemical_id).first()
    if found is None:
        raise NotFound(what=_("化学品"))
    return found


@requires("chemicals.view")
@require_GET
def card_pdf(request: ActorRequest, chemical_id: UUID) -> HttpResponse:
    """The first-response card as a PDF."""
    row = _chemical(request, chemical_id)
    answer = HttpResponse(pdf(document.card_document(row.code, clock.now())), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="card-{row.code}.pdf"'
    return answer


@requires("chemicals.view")
@require_GET
def data_sheet(_request: ActorRequest, code: str) -> JsonResponse:
    """Everything held of a chemical: who it is, figures, limits, distances and card, each with source and status. 404 for an unknown code."""
    entry = catalogue.entry(code)
    notice = catalogue.regulated(code)
    told: dict[str, Any] = {
        "chemical": {
            **{
                name: getattr(entry, name)
                for name in ("code", "name_zh", "name_en", "formula", "cas", "un", "hazard_class", "guide", "form")
            },
            "aliases": [name for name in entry.aliases.split(";") if name],
            "stands_in": entry.stands_in or None,
            "source": entry.source,
            "status": entry.status,
        },
        "regulated": {"notice": notice.notice, "entry": notice.entry, "source": notice.source, "status": notice.status} if notice else None,
        "figures": [_plain(row, ("field", "value", "unit", "at_k", "source", "status")) for row in catalogue.figures(code)],
        "missing": [field for field in rules.FIELDS if field not in {row.field for row in catalogue.figures(code)}],
        "limits": [_plain(row, ("code", "minutes", "value", "unit", "source", "status")) for row in toxicity.all_limits(code)],
        "card": _card(code),
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})


def _plain(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


_DISTANCES = ("spill", "container", "spilled", "wind", "isolation_m", "day_m", "night_m", "fire_m", "gives_off", "source", "status")


def _card(code: str) -> dict[str, Any] | None:
    try:
        found: Card = cards.card(code)
    except rules.NoCard:
        return None
    return {
        "guide": found.guide,
        "guide_zh": found.guide_zh,
        "guide_en": found.guide_en,
        "isolation": [_plain(row, _DISTANCES) for row in found.isolation],
        "advice": {part: [asdict(each) for each in rows] for part, rows in found.advice.items()},
    }
