"""What this room hears: a judgement's answer goes to the devices in the field."""

from __future__ import annotations

from uuid import UUID

from anlan.command.field import sending
from anlan.command.field.sending import Shape
from anlan.command.judgement import door as judgement
from anlan.command.judgement.door import JudgementChanged, JudgementRun
from anlan.kernel import clock
from anlan.wire.cot.event import MOST_VERTICES

DONE, CLOSED = "done", "closed"
"""States of a run and of a judgement as their room's door tells them."""
MOST_CORNERS = 400
"""Corners of a zone on a device: more cost its radio link dear and show nothing more (project default)."""


def show_zones(event: JudgementRun) -> None:
    """Put the zones of the run on the maps of the units they concern; they replace those of the run before.

    A run that came to no answer changes nothing; one that found no place beyond a limit takes the zones away.
    """
    if event.state != DONE:
        return
    zones = judgement.zones_of(event.run_id)
    summary = judgement.judgement(event.subject_id, None)
    wanted = [
        Shape(f"{event.title} {zone.label}"[:100], _thinned(polygon[0]), zone.severity, _remarks(zone))
        # The worst comes last, so that devices draw it on top.
        for zone in reversed(zones)
        for polygon in zone.area
        if polygon and len(polygon[0]) >= 4
    ]
    sending.send(
        _source(event.subject_id),
        wanted,
        place_code=event.place_code,
        incident_id=summary.incident_id,
        exercise=event.exercise or summary.exercise,
        now=clock.now(),
        made_at=event.at,
    )


def clear_zones(event: JudgementChanged) -> None:
    """Take the zones of a judgement that was closed off the devices' maps."""
    summary = judgement.judgement(event.subject_id, None)
    if summary.state == CLOSED:
        sending.send(_source(event.subject_id), [], place_code=event.place_code, now=clock.now(), made_at=event.at)


def _source(judgement_id: UUID) -> str:
    return f"judgement {judgement_id}"


def _thinned(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    step = max(1, -(-len(ring) // min(MOST_CORNERS, MOST_VERTICES - 2)))
    return tuple(ring[::step])


def _remarks(zone: judgement.ZoneFacts) -> str:
    minutes = "" if zone.arrival_s is None else f" {round(zone.arrival_s / 60)} min"
    return f"{zone.code} {zone.limit:g} {zone.unit} {round(zone.reach_m)} m{minutes}"
