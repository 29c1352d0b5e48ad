"""Teams and hospitals about the demonstration's plant, invented, at the distances of the drill: a fire team 8 km away, one for hazardous materials 31 km
away in another county, a hospital."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final
from uuid import UUID

from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor

TEAMS: Final[tuple[tuple[str, str, float, float], ...]] = (
    ("示范消防救援一站（演示）", "fire_rescue", 8.0, 280.0),
    ("示范消防救援二站（演示）", "fire_rescue", 14.0, 330.0),
    ("示范危化品救援队（演示）", "rescue_team", 31.0, 285.0),
    ("示范中心医院（演示）", "hospital", 11.0, 310.0),
    ("示范第二医院（演示）", "hospital", 19.0, 300.0),
)
"""Name, kind, kilometres from the plant, bearing from it in degrees."""


def place_teams(plant: tuple[float, float], bureaus: dict[str, UUID], *, actor: Actor, now: datetime) -> None:
    """Register the teams around the plant (degrees), each in the county where its point lies."""
    for number, (name, kind, kilometres, bearing) in enumerate(TEAMS, 1):
        longitude, latitude = away(plant, kilometres, bearing)
        county = places.county_at(longitude, latitude)
        if county is None:
            continue
        organisations.create_organisation(
            name=name,
            kind=kind,
            place_code=county.code,
            parent_id=bureaus.get(county.code) if kind == "rescue_team" else None,
            longitude=longitude,
            latitude=latitude,
            duty_phone=f"000-0000{number:04d}",
            actor=actor,
            now=now,
        )


def away(start: tuple[float, float], kilometres: float, bearing: float) -> tuple[float, float]:
    """The point so many kilometres from ``start`` (degrees) in a direction, degrees clockwise from north."""
    north = kilometres / 111.195
    east = north / math.cos(math.radians(start[1]))
    turn = math.radians(bearing)
    return round(start[0] + east * math.sin(turn), 6), round(start[1] + north * math.cos(turn), 6)
