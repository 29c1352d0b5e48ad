"""Closures as the map draws them: the roads that are closed, the outline that was drawn, and a mark that is seen from afar."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext

from anlan.ground.roads import answering
from anlan.ground.roads.answering import Present
from anlan.ground.roads.models import RoadClosure
from anlan.routing.plane import Floats

CLOSED, PASSABLE = "red", "orange"
"""Closed to everybody; closed, but fire engines, ambulances and police may pass."""


def closure(row: RoadClosure, now: Present | None) -> dict[str, Any]:
    """One closure as a GeoJSON feature, degrees.

    Its geometry is a collection: the closed roads of the net in force as lines, what was drawn as an area (or, where it meets no road, as
    a line), and the middle as a point, at which the name stands (``anchored``).
    """
    ring = answering.outline_of(row)
    lines = [line for line in answering.lines_of(now, row) if ring is None or not np.array_equal(line, ring)]
    parts: list[dict[str, Any]] = []
    if ring is not None:
        parts.append({"type": "Polygon", "coordinates": [_degrees(ring)]})
    if lines:
        parts.append({"type": "MultiLineString", "coordinates": [_degrees(line) for line in lines]})
    parts.append({"type": "Point", "coordinates": _middle(row)})
    return {
        "type": "Feature",
        "id": str(row.pk),
        "geometry": {"type": "GeometryCollection", "geometries": parts},
        "properties": {
            "id": str(row.pk),
            "title": f"【{gettext('演练')}】{row.name}" if row.exercise else row.name,
            "tone": PASSABLE if row.lets_emergency_pass else CLOSED,
            "anchored": True,
            "shape": row.shape,
            "reason": row.reason,
            "from_at": row.from_at.isoformat(),
            "until_at": row.until_at.isoformat() if row.until_at else None,
            "exercise": row.exercise,
            "lets_emergency_pass": row.lets_emergency_pass,
            "panel": f"/map/object/road-closures/{row.pk}/",
        },
    }


def meets(feature: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    """Whether the box round any part of a closure meets ``box`` (west, south, east, north)."""
    west, south, east, north = box
    for part in feature["geometry"]["geometries"]:
        corners = part["coordinates"] if part["type"] != "Point" else [[part["coordinates"]]]
        for line in corners:
            longitudes, latitudes = zip(*line, strict=True)
            if min(longitudes) <= east and max(longitudes) >= west and min(latitudes) <= north and max(latitudes) >= south:
                return True
    return False


def _degrees(line: Floats) -> list[list[float]]:
    return [[float(longitude), float(latitude)] for longitude, latitude in np.round(line, 6)]


def _middle(row: RoadClosure) -> list[float]:
    """The middle point of a line lies on it; the mean of an area's corners is where the list says it is."""
    if row.shape == "line" and row.points:
        longitude, latitude = row.points[len(row.points) // 2]
        return [round(longitude, 6), round(latitude, 6)]
    return [round(row.longitude, 6), round(row.latitude, 6)]
