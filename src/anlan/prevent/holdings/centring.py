"""What somebody means by the centre of a search: coordinates, an enterprise or a place, as it is said on the telephone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.geo import Point
from anlan.prevent.holdings import refusals

_COORDINATES = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，、 ]\s*(-?\d{1,2}(?:\.\d+)?)\s*")
MOST_OFFERED = 5
"""Further meanings offered beside the one taken."""


@dataclass(frozen=True)
class Centre:
    """A point and what it is; coordinates in degrees (CGCS2000)."""

    name: str
    point: Point

    @property
    def told(self) -> str:
        """The coordinates as the search takes them again, longitude first."""
        return f"{self.point.longitude:.5f},{self.point.latitude:.5f}"


def centres(text: str, actor: Actor) -> tuple[Centre, ...]:
    """What ``text`` may mean, the likeliest first: ``<longitude>,<latitude>``, enterprises that ``actor`` may see, places.

    A name that is exactly so comes before one that only holds the words. Raises ``CentreUnknown``, ``ImpossibleCoordinates``.
    """
    if found := _COORDINATES.fullmatch(text):
        point = Point(float(found[1]), float(found[2]))
        return (Centre("", point),)
    named = [(row.name, row.short_name, row.longitude, row.latitude) for row in enterprises.search(text, actor, limit=MOST_OFFERED + 1)]
    named += [(places.full_name(row.code), row.name, row.longitude, row.latitude) for row in places.search(text, MOST_OFFERED + 1)]
    named.sort(key=lambda each: text not in each[:2])
    placed = [Centre(name, Point(east, north)) for name, _short, east, north in named if east is not None and north is not None]
    if not placed:
        raise refusals.CentreUnknown(value=text)
    return tuple(placed[: MOST_OFFERED + 1])
