"""Alarms on the map: what is open now, or what was open at an earlier moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from django.db.models import Q, QuerySet
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.api import FEATURES, box_of
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.alarms import queries, rules, wording
from anlan.sense.alarms.models import Alarm


class NotAMoment(Refusal):
    code: ClassVar[str] = "not_a_moment"
    sentence: ClassVar[str] = N_("“{value}”不是时刻，应写成带时区的形式，例如 2026-11-22T09:30:00+08:00。")
    status: ClassVar[int] = 422


def moment_of(text: str) -> datetime | None:
    """The moment of ``?at=``, ``None`` for now. Raises :class:`NotAMoment`."""
    if not text:
        return None
    try:
        # A space stands where an address had a plus sign that nobody escaped.
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError as wrong:
        raise NotAMoment(value=text[:40]) from wrong
    if found.tzinfo is None:
        raise NotAMoment(value=text[:40])
    return found


def open_at(actor: Actor | None, moment: datetime) -> QuerySet[Alarm]:
    """Alarms that were open at ``moment``: raised, and not yet both back to normal and acknowledged (ISA-18.2, as :mod:`.rules` has it).

    By the times of the readings and of the people who acted, so that what arrived late stands where it belongs.
    """
    over = Q(cleared_at__lte=moment, acknowledged_at__lte=moment)
    return queries.alarms(actor).filter(raised_at__lte=moment).exclude(over)


def acknowledged_at(row: Alarm, moment: datetime) -> bool:
    """Whether somebody had taken notice at ``moment`` and the notice had not expired."""
    first, last = row.first_acknowledged_at or row.acknowledged_at, row.acknowledged_at
    if last is not None and last <= moment:
        return True
    rang_again = row.rang_at if row.rings > 1 else None
    return first is not None and first <= moment and (rang_again is None or moment < rang_again)


def state_at(row: Alarm, moment: datetime) -> str:
    """The code of the state in which an alarm was at ``moment``, of those that are open."""
    if row.cleared_at is not None and row.cleared_at <= moment:
        return rules.RETURNED
    return rules.ACKNOWLEDGED if acknowledged_at(row, moment) else rules.RAISED


@require_GET
@requires("alarms.view")
def map_features(request: ActorRequest) -> JsonResponse:
    """``?bbox=west,south,east,north[&at=]``: GeoJSON points of the alarms open now, or at that moment, gravest first.

    Each has ``title``, ``tone`` and ``level``, ``state`` (as it was then), ``exercise`` and ``late`` (not yet known to the node at that moment).
    """
    actor = cast("Actor", request.actor)
    west, south, east, north = box_of(request.GET.get("bbox", ""))
    at = moment_of(request.GET.get("at", ""))
    now = clock.now()
    moment = now if at is None or at >= now else at
    # What somebody shelved still holds: it stays on the map.
    found = queries.alarms(actor).filter(state__in=sorted(rules.OPEN_STATES)) if moment == now else open_at(actor, moment)
    inside = found.filter(longitude__range=(west, east), latitude__range=(south, north)).select_related(None)
    rows = list(inside.order_by("level", "-raised_at", "-pk")[: FEATURES + 1])
    content = {
        "type": "FeatureCollection",
        "features": [_feature(row, moment) for row in rows[:FEATURES]],
        "truncated": len(rows) > FEATURES,
        "at": moment.isoformat(),
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, content_type="application/geo+json")


def _feature(row: Alarm, moment: datetime) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": str(row.pk),
        "geometry": {"type": "Point", "coordinates": [row.longitude, row.latitude]},
        "properties": {
            "id": str(row.pk),
            "title": row.title,
            "tone": wording.LEVEL_TONES[row.level],
            "level": row.level,
            "state": state_at(row, moment),
            "exercise": row.exercise,
            "late": row.late and row.received_at > moment,
        },
    }
