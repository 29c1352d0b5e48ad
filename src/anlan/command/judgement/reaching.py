"""Who can come: the nearest teams and hospitals with their arrival at the meeting place, by the roads as they are open now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from anlan.command.judgement import facts, ways
from anlan.command.judgement.models import Run
from anlan.command.judgement.wording import told
from anlan.ground.organisations import door as organisations
from anlan.ground.organisations.door import OrganisationInfo
from anlan.ground.roads import door as roads
from anlan.kernel.errors import Refusal
from anlan.kernel.geo import Point, haversine_m

VEHICLES: Final[Mapping[str, str]] = {"fire_rescue": "fire_engine", "rescue_team": "fire_engine", "hospital": "ambulance"}
"""What each kind of organisation comes with (codes of ``roads``)."""
WITHIN_KM: Final = 80.0
"""How far a team is looked for in a straight line. Project default: a fire engine drives so far in about an hour and a half."""
MOST: Final = 8
"""Teams told, of each kind half as many at least where there are so many."""


@dataclass(frozen=True)
class Coming:
    """A team or hospital. ``seconds`` on the road, ``None`` where no open road leads without touching the zones; ``straight_m`` as the crow flies."""

    organisation: OrganisationInfo
    vehicle: str
    straight_m: float
    seconds: float | None


@dataclass(frozen=True)
class Reach:
    """Who can come, soonest first, to ``meeting``; ``refused``: why no arrival can be told (no net of roads, a place far from any road)."""

    meeting: tuple[float, float]
    coming: tuple[Coming, ...]
    refused: Mapping[str, Any] | None = None


def who_can_come(run: Run, *, at: datetime) -> Reach:
    """Teams and hospitals about a run's source with their arrivals at ``at``, the zones of the first two levels not entered."""
    meeting = ways.meeting_place(run)
    here = Point(*meeting)
    height = WITHIN_KM / 111.0
    box = (meeting[0] - 1.6 * height, meeting[1] - height, meeting[0] + 1.6 * height, meeting[1] + height)
    near: list[tuple[float, OrganisationInfo]] = []
    for each in organisations.within(box, VEHICLES):
        if each.longitude is not None and each.latitude is not None:
            far = haversine_m(here, Point(each.longitude, each.latitude))
            if far <= WITHIN_KM * 1000:
                near.append((far, each))
    near.sort(key=lambda pair: (pair[0], pair[1].name))
    chosen = _some_of_each(near)
    grave = [zone.area for zone in facts.zones(run) if zone.severity <= ways.GRAVEST and zone.area]
    refused: Mapping[str, Any] | None = None
    seconds: dict[int, float] = {}
    for vehicle in dict.fromkeys(VEHICLES.values()):
        mine = [number for number, (_far, each) in enumerate(chosen) if VEHICLES[each.kind] == vehicle]
        starts = [(chosen[number][1].longitude or 0.0, chosen[number][1].latitude or 0.0) for number in mine]
        if not starts:
            continue
        try:
            found = roads.arrivals(starts, meeting, vehicle=vehicle, at=at, avoid=grave, exercise=run.exercise)
        except Refusal as refusal:
            refused = told(refusal)
            continue
        seconds |= {number: arrival.seconds for number, arrival in zip(mine, found, strict=True) if arrival is not None}
    coming = [Coming(each, VEHICLES[each.kind], far, seconds.get(number)) for number, (far, each) in enumerate(chosen)]
    coming.sort(key=lambda each: (each.seconds is None, each.seconds or 0.0, each.straight_m))
    return Reach(meeting, tuple(coming), refused)


def _some_of_each(near: list[tuple[float, OrganisationInfo]]) -> list[tuple[float, OrganisationInfo]]:
    """The nearest, so that neither hospitals nor teams crowd the others out."""
    hospitals = [pair for pair in near if pair[1].kind == "hospital"]
    teams = [pair for pair in near if pair[1].kind != "hospital"]
    half = MOST // 2
    kept_teams = teams[: max(half, MOST - len(hospitals))]
    return kept_teams + hospitals[: MOST - len(kept_teams)]
