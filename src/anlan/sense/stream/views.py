"""The page of readings kept apart, and how the stream stands."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.sense.stream import door, rules


@requires("devices.view")
@require_GET
def quarantine_page(request: ActorRequest) -> HttpResponse:
    """What devices sent that could not be used, by device and reason, with the latest of it."""
    actor = cast(Actor, request.actor)
    known = True
    try:
        counts = door.quarantine_counts(actor)
    except door.StoreSilent:
        counts, known = (), False
    rows = [(row, _(rules.REASONS[row.reason]) if row.reason in rules.REASONS else row.reason) for row in counts]
    context = {
        "rows": rows,
        "known": known,
        "total": sum(row.count for row in counts if not row.used),
        "state": door.pipeline_state(),
        "data_time": clock.now(),
        "ahead_minutes": round(rules.AHEAD_LIMIT_S / 60),
        "behind_days": round(rules.BEHIND_LIMIT_S / 86400),
    }
    return render(request, "stream/quarantine.html", context)
