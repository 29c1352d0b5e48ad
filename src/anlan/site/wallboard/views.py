"""The wallboard and its two live columns."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.mapping.views import map_config
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.site.wallboard import figures


def _trigger(kinds: tuple[str, ...]) -> str:
    return ", ".join(["every 60s", *(f"sse:{kind} from:body" for kind in kinds)])


def _alarms(actor: Actor) -> dict[str, object]:
    return {"alarms": figures.alarm_figures(actor), "at": clock.now(), "trigger": _trigger(figures.LIVE_ALARMS)}


def _cases(actor: Actor) -> dict[str, object]:
    now = clock.now()
    return {
        "clocks": figures.running_clocks(actor, now),
        "incidents": figures.open_incidents(actor),
        "bulletins": figures.live_bulletins(actor),
        "online": figures.online(actor),
        "at": now,
        "now": now,
        "trigger": _trigger(figures.LIVE_CASES),
    }


@requires("wallboard.view")
@require_GET
def wall(request: ActorRequest) -> HttpResponse:
    """大屏: the whole board; its columns then refresh themselves."""
    actor = cast("Actor", request.actor)
    left, right = _alarms(actor), _cases(actor)
    config = map_config(actor)
    config["layers"] = [layer for layer in config["layers"] if layer["code"] == "alarms"]
    return render(request, "wallboard/wall.html", {"left": left, "right": right, "config": config})


@requires("wallboard.view")
@require_GET
def alarms_column(request: ActorRequest) -> HttpResponse:
    """Fragment: open alarms by level and as a list."""
    return render(request, "wallboard/_alarms.html", {**_alarms(cast("Actor", request.actor)), "refreshed": True})


@requires("wallboard.view")
@require_GET
def cases_column(request: ActorRequest) -> HttpResponse:
    """Fragment: legal clocks, incidents, bulletins, measuring points."""
    return render(request, "wallboard/_cases.html", {**_cases(cast("Actor", request.actor)), "refreshed": True})
