"""Pages of the risk picture: the card of an enterprise."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.kernel.access import Actor
from anlan.warn.riskpicture import presenting, queries


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("riskpicture.view")
@require_GET
def card(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The live risk of one enterprise: grade, why, what would better it, how it moved."""
    row = queries.card(enterprise_id, _actor(request))
    return render(request, "riskpicture/card.html", presenting.card(row, _actor(request)))


@requires("riskpicture.view")
@require_GET
def grade(request: ActorRequest, grade_id: UUID) -> HttpResponse:
    """The same of any graded subject, by its own id: hazard sources have cards too."""
    row = queries.one(grade_id, _actor(request))
    return render(request, "riskpicture/card.html", presenting.card(row, _actor(request)))
