"""What people drew together, and incidents, as devices of the TAK family show it. Pure: no Django, no clock.

A symbol of people, vehicles or craft becomes a unit of the devices' own map (``a-f-…``), every other symbol and point a coloured spot with its name;
lines and arrows an open drawing, areas and sectors a closed one, circles a circle. What cannot be said to a device is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Final
from xml.sax.saxutils import quoteattr

from anlan.command.incidents.door import IncidentSummary
from anlan.command.plotting.door import DrawnFeature
from anlan.wire import cot
from anlan.wire.cot import shapes
from anlan.wire.cot.event import argb

Position = tuple[float, float]
COLOURS: Final[dict[str, tuple[int, int, int]]] = {"own": (11, 74, 140), "hazard": (220, 38, 38), "neutral": (51, 65, 79)}
"""Red, green, blue by what the colour of an object means (project default, near those of the boards; the devices' maps are often dark)."""
INCIDENT_COLOUR: Final = (220, 38, 38)
CRAFT: Final[dict[str, str]] = {"helicopter": "a-f-A", "drone": "a-f-A", "boat": "a-f-S"}
"""Symbols of forces that are not on the ground; types by the base schema of CoT (MITRE): friend, air or surface."""
GROUND: Final = "a-f-G"
_FILLS = {"none": 0, "light": 64}
_HEAD_SHARE, _HEAD_TURN = 0.2, 150.0
"""An arrow's head: its length as a share of the last stretch, and how far its sides turn back, degrees."""


def event_of(feature: DrawnFeature, *, at: datetime, lasts: timedelta) -> cot.Event | None:
    """One object of a board; ``None`` for what a device cannot show."""
    red, green, blue = COLOURS.get(str(feature.fields.get("tone", "neutral")), COLOURS["neutral"])
    colour, told = argb(255, red, green, blue), {"name": feature.label, "remarks": _remarks(feature), "at": at, "lasts": lasts}
    kept = feature.fields["geometry"]["coordinates"]
    match feature.kind:
        case "symbol" if feature.group == "force":
            made = shapes.force("", CRAFT.get(str(feature.fields.get("symbol")), GROUND), _position(kept), **told)
        case "text":
            made = shapes.label("", _position(kept), colour=colour, **told)
        case "point" | "symbol":
            made = shapes.spot("", _position(kept), colour=colour, **told)
        case "circle":
            fill = argb(_fill(feature), red, green, blue)
            made = shapes.circle("", _position(kept), float(feature.fields["radius"]), stroke=colour, fill=fill, **told)
        case "line" | "arrow":
            path = [_position(each) for each in kept]
            if path[0] == path[-1] and feature.kind == "line":
                return None if len(path) < 4 else _with_author(shapes.polygon("", path, stroke=colour, fill=0, **told), feature)
            made = shapes.line("", [*path, *arrow_head(path)] if feature.kind == "arrow" else path, stroke=colour, **told)
        case "area" | "sector":
            ring = [_position(each) for each in feature.geometry["coordinates"][0]]
            made = shapes.polygon("", ring, stroke=colour, fill=argb(_fill(feature), red, green, blue), **told)
        case _:
            return None
    return _with_author(made, feature)


def incident_event(incident: IncidentSummary, *, at: datetime, lasts: timedelta) -> cot.Event | None:
    """Where an incident is; ``None`` without a position."""
    if incident.longitude is None or incident.latitude is None:
        return None
    occurred = f"{incident.occurred_at:%Y-%m-%d %H:%M %Z}"
    said = [incident.state_label, incident.response_level, incident.location, occurred]
    place = (incident.longitude, incident.latitude)
    remarks = " · ".join(each for each in said if each)
    return shapes.spot("", place, name=incident.title, colour=argb(255, *INCIDENT_COLOUR), remarks=remarks, at=at, lasts=lasts)


def arrow_head(path: Sequence[Position]) -> tuple[Position, ...]:
    """What a line is drawn on with so that it ends in an arrow: one side of the head, the tip again, the other side."""
    tip, before = path[-1], next((each for each in reversed(path) if each != path[-1]), None)
    if before is None:
        return ()
    narrow = max(0.01, cos(radians(tip[1])))
    east, north = (tip[0] - before[0]) * narrow, tip[1] - before[1]
    length, ahead = hypot(east, north) * _HEAD_SHARE, degrees(atan2(east, north))

    def side(turn: float) -> Position:
        bearing = radians(ahead + turn)
        return round(tip[0] + length * sin(bearing) / narrow, 7), round(tip[1] + length * cos(bearing), 7)

    return side(_HEAD_TURN), tip, side(-_HEAD_TURN)


def _with_author(event: cot.Event, feature: DrawnFeature) -> cot.Event:
    who = f"{feature.changed_by}（{feature.changed_post}）" if feature.changed_post else feature.changed_by
    author = f'<creator uid="anlan-desk" callsign={quoteattr(who)} time="{feature.changed_at.isoformat()}" type="a-f-G"/>'
    return replace(event, detail=replace(event.detail, other=(author,)))


def _remarks(feature: DrawnFeature) -> str:
    who = f"{feature.changed_by} {feature.changed_post}".strip()
    written = str(feature.fields.get("remark") or "")
    signed = f"标绘：{who}"
    return f"{written}\n{signed}" if written else signed


def _fill(feature: DrawnFeature) -> int:
    return _FILLS.get(str(feature.fields.get("fill", "none")), 0)


def _position(coordinates: Sequence[float]) -> Position:
    return float(coordinates[0]), float(coordinates[1])
