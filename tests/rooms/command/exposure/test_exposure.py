"""Who is in the zones of the chlorine story, whom to tell first, and what the neighbour may see of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.rooms.ground.plants import officer

from anlan.command.exposure import door, rules
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.population import answering
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import system_actor
from anlan.site.demo.surroundings import build_surroundings

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 18, 14, tzinfo=UTC)
COUNTY, PLANT = "370114", (117.52, 36.72)


def sector(reach: float, wide: float) -> Any:
    """A zone from the plant to the south-west: ``reach`` and half width in degrees."""
    x, y = PLANT
    return (
        (((x + 0.002, y + 0.002), (x - reach - wide, y - reach + wide), (x - reach + wide, y - reach - wide), (x + 0.002, y + 0.002)),),
    )


ZONES = (
    door.ExposedZone("slight", "轻", sector(0.05, 0.02), 3600.0, 3),
    door.ExposedZone("worst", "重", sector(0.013, 0.008), 600.0, 1),
    door.ExposedZone("serious", "中", sector(0.025, 0.012), 1200.0, 2),
)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    answering.forget()
    yield
    answering.forget()


@pytest.fixture
def plant(jinan_places: None) -> Any:
    actor = system_actor("test")
    organisations.create_organisation(
        name="章丘区局", kind="emergency_bureau", place_code=COUNTY, duty_phone="0531-1", actor=actor, now=DAY
    )
    made = enterprises.register_enterprise(
        uscc=enterprises.complete_credit_code("91370114MA0000001"),
        name="示范氯碱有限公司",
        place_code=COUNTY,
        longitude=PLANT[0],
        latitude=PLANT[1],
        staff_count=860,
        actor=actor,
        now=DAY,
    )
    risksources.register_risk_source(
        made.id,
        code="CL-1",
        name="液氯储罐区",
        kind="tank_farm",
        substance_name="氯",
        is_major=True,
        major_level=2,
        major_basis="自报",
        attributes={"tank_count": 2, "total_volume": 80},
        longitude=PLANT[0],
        latitude=PLANT[1],
        actor=actor,
        now=DAY,
    )
    build_surroundings(made.id, actor=actor, now=DAY)
    return made


def asked(plant: Any, actor: Any, at: datetime = DAY, **more: Any) -> door.Exposure:
    return door.exposure(ZONES, at=at, actor=actor, source=PLANT, speed_m_s=2.4, source_enterprise=plant.id, **more)


def test_the_village_and_the_school_downwind_are_found_and_those_upwind_are_not(plant: Any) -> None:
    found = asked(plant, None)
    names = {each.name: each for each in found.facilities}
    school, village = names["示范小学（V1 村）"], names["V1 示范村村民委员会"]
    assert (school.people, village.people) == (340, 1200)
    assert {school.direction, village.direction} == {"SW"}
    assert school.arrival_s == pytest.approx((school.distance_m or 0) / 2.4)
    assert not [name for name in names if "上风向" in name]
    assert names["示范小学（V1 村）"].zone == "worst"
    assert found.people.total >= 340 + 1200 * 0.5
    assert asked(plant, None, NIGHT).facilities[0].name != ""
    assert {each.name: each.people for each in asked(plant, None, NIGHT).facilities}["示范小学（V1 村）"] == 0


def test_zones_come_worst_first_and_a_zone_holds_what_its_parts_hold(plant: Any) -> None:
    found = asked(plant, None)
    assert [each.zone.code for each in found.zones] == ["worst", "serious", "slight"]
    assert found.zones[-1].people.total <= found.people.total + 1e-6
    for zone in found.zones:
        assert sum(band.people for band in zone.bands) == pytest.approx(zone.people.total)
        assert sum(band.facilities for band in zone.bands) == zone.facilities


def test_the_first_call_goes_where_it_happened_and_each_line_says_what_and_why(plant: Any) -> None:
    lines = asked(plant, system_actor("test")).first_hour
    assert lines[0].who == "示范氯碱有限公司"
    assert lines[0].doing == rules.SECURE
    assert [line.rank for line in lines] == list(range(1, len(lines) + 1))
    assert all(line.reasons and line.doing in rules.DOINGS for line in lines)
    scores = [line.score for line in lines]
    assert scores == sorted(scores, reverse=True)
    school = next(line for line in lines if line.who == "示范小学（V1 村）")
    assert school.doing == rules.SHELTER
    assert school.phone == "000-0000000"
    houses = [line for line in lines if line.subject == "place" and line.place_code == COUNTY]
    assert houses and {line.phone for line in houses} == {"0531-1"}


def test_hazard_sources_in_the_zones_are_listed_by_grade(plant: Any) -> None:
    found = asked(plant, None)
    assert [(each.name, each.major_level, each.enterprise_name) for each in found.hazards] == [("液氯储罐区", 2, "示范氯碱有限公司")]
    assert found.roads_known is False
    assert found.roads == ()


def test_a_neighbour_is_told_how_many_and_whom_to_ask_but_no_name(plant: Any) -> None:
    everything = officer("370112", "facilities.view", "enterprises.view", "risksources.view", "video.view", "population.view")
    found = asked(plant, everything)
    assert found.facilities == found.enterprises == found.hazards == found.cameras == ()
    outside = {each.place_code: each for each in found.outside}[COUNTY]
    assert (outside.ask, outside.phone) == ("章丘区局", "0531-1")
    assert outside.facilities >= 2
    assert outside.people >= 340 + 1200
    assert found.people.total == pytest.approx(asked(plant, None).people.total)
    told = " ".join(line.who for line in found.first_hour)
    assert "V1" not in told and "示范小学" not in told


def test_no_zones_is_an_empty_answer_and_unknown_numbers_are_said(plant: Any) -> None:
    empty = door.exposure((), at=DAY, actor=None)
    assert (empty.people.total, empty.first_hour, empty.facilities) == (0, (), ())
    from anlan.ground.facilities import door as facilities

    facilities.register_facility(
        name="没数过的市场", kind="market", place_code=COUNTY, longitude=117.513, latitude=36.713, actor=system_actor("test"), now=DAY
    )
    found = asked(plant, None)
    assert "没数过的市场" in found.uncounted
    line = next(line for line in found.first_hour if line.who == "没数过的市场")
    assert line.people is None
