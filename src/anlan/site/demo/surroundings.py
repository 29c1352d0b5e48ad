"""Who lives, learns and lies ill around the demonstration's plants: invented villages, schools, hospitals and shelters at places of Jinan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.facilities import door as facilities
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.site.demo.cast import COUNTIES, PLANT_COUNTY

NOTE = "演示数据，名称、人数均为虚构"
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Around:
    """A facility of the drill: metres east and north of the plant, people by day and by night."""

    name: str
    kind: str
    east_m: float
    north_m: float
    people_day: int | None = None
    people_night: int | None = None
    capacity: int | None = None
    beds: int | None = None


# The wind of the drill comes from the north-east, so the cloud goes to the south-west.
PLANT_SURROUNDINGS: tuple[Around, ...] = (
    Around("V1 示范村村民委员会", "village_committee", -780, -760, 1200, 1200),
    Around("示范小学（V1 村）", "primary_school", -640, -560, 340, 0),
    Around("示范幼儿园（V1 村）", "kindergarten", -1060, -980, 90, 0),
    Around("示范敬老院", "nursing_home", -1500, -1420, 76, 70),
    Around("V2 示范村村民委员会", "village_committee", -2100, -1650, 860, 860),
    Around("V3 示范村村民委员会（上风向）", "village_committee", 1300, 1100, 940, 940),
    Around("H1 示范医院", "hospital", 3600, 900, 520, 310, None, 240),
    Around("示范避难场所（上风向）", "shelter", 2400, 1900, None, None, 1500),
    Around("示范避难场所（体育场）", "shelter", 3900, -300, None, None, 3000),
    # Shelters on every side, for the wind turns; one that nobody has measured.
    Around("示范避难场所（北苑学校操场）", "shelter", -600, 4300, None, None, 1600),
    Around("示范避难场所（城西广场）", "shelter", -4600, 1700, None, None, 2200),
    Around("示范避难场所（南山公园）", "shelter", 2300, -4200, None, None, 1800),
    Around("示范避难场所（文化中心，容量未核定）", "shelter", 1500, 3600),
    Around("示范农贸市场", "market", -300, 1500, 260, 0),
)

PER_COUNTY: tuple[Around, ...] = (
    Around("示范中学", "middle_school", 350, 260, 1150, 420),
    Around("示范医院", "hospital", -420, 330, 680, 360, None, 300),
    Around("示范避难场所", "shelter", 520, -480, None, None, 2000),
)


def build_surroundings(plant_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Register the surroundings of the plant of the drill and some facilities in each county; returns how many. Phones cannot ring."""
    plant = enterprises.enterprise(plant_id)
    if plant.longitude is None or plant.latitude is None:
        raise LookupError("the plant of the drill has no point")
    made = 0
    for each in PLANT_SURROUNDINGS:
        made += _register(each, each.name, (plant.longitude, plant.latitude), "", actor, now)
    for county, centre in _towns():
        for each in PER_COUNTY:
            made += _register(each, f"{places.place_name(county)}{each.name}", centre, county, actor, now)
    return made


def _towns() -> Iterator[tuple[str, tuple[float, float]]]:
    """Each county but that of the drill, with its own representative point."""
    for county in COUNTIES:
        place = places.place(county)
        if county != PLANT_COUNTY and place is not None and place.longitude is not None and place.latitude is not None:
            yield county, (place.longitude, place.latitude)


def _register(each: Around, name: str, centre: tuple[float, float], county: str, actor: Actor, now: datetime) -> int:
    latitude = centre[1] + each.north_m / METRES_PER_DEGREE
    longitude = centre[0] + each.east_m / METRES_PER_DEGREE / cos(radians(centre[1]))
    there = places.county_at(longitude, latitude)
    if there is None or (county and there.code != county):
        return 0
    facilities.register_facility(
        name=name,
        kind=each.kind,
        place_code=there.code,
        longitude=round(longitude, 6),
        latitude=round(latitude, 6),
        people_day=each.people_day,
        people_night=each.people_night,
        capacity=each.capacity,
        beds=each.beds,
        contact_name="值班室",
        contact_phone="000-0000000",
        source_note=NOTE,
        actor=actor,
        now=now,
    )
    return 1
