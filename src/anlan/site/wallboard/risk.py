"""Risk wallboard: grades of enterprises and regions for the wall of a duty hall, from the door of the risk picture."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.mapping.views import map_config
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.warn.riskpicture import door as riskpicture

WORST_LISTED, AREAS_LISTED, LATELY_LISTED = 9, 9, 6
LATELY = timedelta(hours=24)
_LIVE = (riskpicture.GradeChanged.kind, riskpicture.AreaGradeChanged.kind)
TRIGGER = ", ".join(("every 60s", *(f"sse:{kind} from:body delay:2s" for kind in _LIVE)))
_LEVELS = ("township", "county", "city", "province")


def _left(actor: Actor) -> dict[str, object]:
    """Enterprises by grade, and the worst of them."""
    if not actor.may_somewhere("riskpicture.view"):
        return {"worst": None, "at": clock.now(), "trigger": TRIGGER}
    words = riskpicture.GRADE_WORDS
    counts = [(grade, gettext(words[grade]), number) for grade, number in riskpicture.counts(actor).items()]
    rows = riskpicture.worst(actor, limit=WORST_LISTED)
    return {"counts": counts, "worst": [(row, *_told(row.grade)) for row in rows], "at": clock.now(), "trigger": TRIGGER}


def _right(actor: Actor, now: datetime) -> dict[str, object]:
    """What got worse in the last day, and the regions one step below the whole view."""
    if not actor.may_somewhere("riskpicture.view"):
        return {"lately": None, "regions": None, "at": now, "trigger": TRIGGER}
    lately = riskpicture.lately_worse(actor, now - LATELY, limit=LATELY_LISTED)
    levels = [riskpicture.seen_areas(actor, level, limit=AREAS_LISTED) for level in reversed(_LEVELS)]
    # Where nothing can be compared the reader's own region stands alone.
    found = next((rows for rows in levels if len(rows) > 1), next((rows for rows in levels if rows), ()))
    return {
        "lately": [(row, *_told(row.grade)) for row in lately],
        "regions": [(row, places.place_name(row.place_code), *_told(row.grade)) for row in found],
        "at": now,
        "trigger": TRIGGER,
    }


def _told(grade: int) -> tuple[str, str]:
    return riskpicture.GRADE_TONES[grade], gettext(riskpicture.GRADE_WORDS[grade])


@requires("wallboard.view")
@require_GET
def wall(request: ActorRequest) -> HttpResponse:
    """The whole board; its columns then refresh themselves."""
    actor = cast("Actor", request.actor)
    config = map_config(actor)
    config["layers"] = [layer for layer in config["layers"] if layer["code"] == "risk-grades"]
    config["alarmKinds"] = [riskpicture.GradeChanged.kind]
    return render(request, "wallboard/risk.html", {"left": _left(actor), "right": _right(actor, clock.now()), "config": config})


@requires("wallboard.view")
@require_GET
def worst_column(request: ActorRequest) -> HttpResponse:
    """Fragment: enterprises by grade, and the worst of them."""
    return render(request, "wallboard/_risk_worst.html", {**_left(cast("Actor", request.actor)), "refreshed": True})


@requires("wallboard.view")
@require_GET
def regions_column(request: ActorRequest) -> HttpResponse:
    """Fragment: what got worse, and regions by grade."""
    return render(request, "wallboard/_risk_regions.html", {**_right(cast("Actor", request.actor), clock.now()), "refreshed": True})
