"""What this room hears: a judgement's answer goes to the devices in the field."""

from __future__ import annotations

from uuid import UUID

from anlan.command.field import sending
from anlan.command.field.sending import Shape
from anlan.command.judgement import door as judgement
from anlan.command.judgement.door import JudgementRun
from anlan.kernel import clock
from anlan.wire.cot.event import MOST_VERTICES

MOST_CORNERS = 400
"""Corners of a zone on a device: more cost its radio link dear and show nothing more (project default)."""


def show_zones(event: JudgementRun) -> None:
    """Put the zones of the run on the maps of the units they concern; they replace those of the run before. A failed run changes nothing."""
    zones = judgement.zones_of(event.run_id)
    if not zones:
        return
    summary = judgement.judgement(event.subject_id, None)
    wanted = [
        Shape(f"{event.title} {zone.label}"[:100], _thinned(polygon[0]), zone.severity, _remarks(zone))
        # The worst comes last, so that devices draw it on top.
        for zone in reversed(zones)
        for polygon in zone.area
        if polygon and len(polygon[0]) >= 4
    ]
    sending.send(
        f"judgement {UUID(str(event.subject_id))}",
        wanted,
        place_code=event.place_code,
        incident_id=summary.incident_id,
        exercise=event.exercise or summary.exercise,
        now=clock.now(),
        made_at=event.at,
    )


def _thinned(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    step = max(1, -(-len(ring) // min(MOST_CORNERS, MOST_VERTICES - 2)))
    return tuple(ring[::step])


def _remarks(zone: judgement.ZoneFacts) -> str:
    minutes = "" if zone.arrival_s is None else f" {round(zone.arrival_s / 60)} min"
    return f"{zone.code} {zone.limit:g} {zone.unit} {round(zone.reach_m)} m{minutes}"
