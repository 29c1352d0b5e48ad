"""Population of a node: what is imported, what is refused, and who is in an area."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from tests.rooms.ground.plants import officer

from anlan.ground.facilities import door as facilities
from anlan.ground.places import door as places
from anlan.ground.population import charting, door, queries, reading, rules, services
from anlan.kernel.access import system_actor
from anlan.kernel.errors import NotPermitted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # A Wednesday in term, 11:00 in Beijing.
NIGHT = datetime(2026, 11, 25, 18, 14, tzinfo=UTC)
LIXIA = "370102"
WIDE = ((((116.0, 36.0), (118.5, 36.0), (118.5, 37.6), (116.0, 37.6)),),)
AROUND = ((((117.04, 36.64), (117.12, 36.64), (117.12, 36.70), (117.04, 36.70)),),)


@pytest.fixture
def clerk(jinan_places: None) -> Any:
    return officer(LIXIA, "population.*", "facilities.*")


def features(*rows: tuple[dict[str, Any], Any]) -> bytes:
    """A FeatureCollection."""
    listed = [{"type": "Feature", "properties": properties, "geometry": geometry} for properties, geometry in rows]
    return json.dumps({"type": "FeatureCollection", "features": listed}).encode()


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return shapely.geometry.mapping(shapely.box(west, south, east, north))


def taken(content: bytes, kind: str, actor: Any, **more: Any) -> Any:
    values = {"name": "试", "year": 2025, "source": "县统计局", "place_code": LIXIA} | more
    return services.import_population(content, kind=kind, actor=actor, now=NOW, **values)


def test_without_any_import_a_county_s_people_are_spread_over_its_ground(jinan_places: None) -> None:
    census = float(places.value(LIXIA, queries.CENSUS) or 0)
    found = door.people_in(WIDE, at=NIGHT)
    lixia = [share for share in found.by_place if share.place_code == LIXIA]
    assert sum(share.people for share in lixia) == pytest.approx(census)
    assert lixia[0].method == rules.EVEN
    assert lixia[0].status == "secondary"
    assert found.night
    part = door.people_in(AROUND, at=NIGHT)
    assert 0 < part.total < found.total
    assert door.people_in((), at=NIGHT).total == 0


def test_pupils_count_at_school_by_day_and_nobody_is_counted_twice(clerk: Any) -> None:
    before = door.people_in(WIDE, at=NIGHT).total
    facilities.register_facility(
        name="示范小学", kind="小学", place_code=LIXIA, longitude=117.0765, latitude=36.6665, people_day=340, actor=clerk, now=NOW
    )
    spot = ((((117.076, 36.666), (117.077, 36.666), (117.077, 36.667), (117.076, 36.667)),),)
    by_day, by_night = door.people_in(spot, at=NOW), door.people_in(spot, at=NIGHT)
    assert by_day.counted == pytest.approx(340)
    assert by_night.counted == 0
    assert door.people_in(WIDE, at=NOW).total == pytest.approx(before)


def test_staff_of_enterprises_counts_where_they_work(make: Callable[..., Any], clerk: Any) -> None:
    make(1, staff_count=860)
    spot = ((((117.076, 36.666), (117.077, 36.666), (117.077, 36.667), (117.076, 36.667)),),)
    assert door.people_in(spot, at=NOW).counted == pytest.approx(860)
    assert door.people_in(spot, at=NIGHT).counted == pytest.approx(860 * 0.3)
    services.set_presence("staff_night", 0.5, reason="三班两运转", actor=system_actor("test"), now=NOW)
    assert door.people_in(spot, at=NIGHT).counted == pytest.approx(430)
    services.set_presence("staff_night", 1.0, reason="别县", actor=officer("370103", "population.*"), now=NOW)
    assert door.people_in(spot, at=NIGHT).counted == pytest.approx(430)
    with pytest.raises(rules.WrongShare):
        services.set_presence("staff_night", 1.5, reason="x", actor=system_actor("test"), now=NOW)


def test_bad_rows_are_told_and_the_good_ones_kept(clerk: Any) -> None:
    row = taken(
        features(
            ({"name": "甲街道", "population": 50_000}, box(117.05, 36.65, 117.07, 36.67)),
            ({"name": "乙街道", "population": "很多"}, box(117.07, 36.65, 117.09, 36.67)),
            ({"name": "甲重叠", "population": 10}, box(117.05, 36.65, 117.06, 36.66)),
            ({"name": "点", "population": 10}, {"type": "Point", "coordinates": [117.05, 36.65]}),
            ({"name": "海上", "population": 10}, box(123.0, 30.0, 123.1, 30.1)),
            ({"name": "邻县", "population": 10}, box(117.30, 36.68, 117.31, 36.69)),
        ),
        rules.OUTLINES,
        clerk,
    )
    assert (row.good, row.bad, row.people) == (1, 5, 50_000)
    codes = {fault["row"]: fault["code"] for fault in row.faults}
    assert codes == {
        2: reading.PeopleMissing.code,
        3: reading.TwiceInFile.code,
        4: reading.GeometryWrong.code,
        5: reading.NotInAnyCounty.code,
        6: reading.NotYours.code,
    }
    inside = door.people_in(((((117.05, 36.65), (117.06, 36.65), (117.06, 36.67), (117.05, 36.67)),),), at=NIGHT)
    named = [share for share in inside.by_place if share.name == "甲街道"]
    assert named[0].people == pytest.approx(25_000, rel=1e-6)
    services.withdraw(row.pk, reason="口径有误", actor=clerk, now=NOW)
    assert not [share for share in door.people_in(AROUND, at=NIGHT).by_place if share.name == "甲街道"]
    with pytest.raises(rules.AlreadyWithdrawn):
        services.withdraw(row.pk, reason="x", actor=clerk, now=NOW)


def test_a_grid_says_where_and_the_county_s_figure_how_many(clerk: Any) -> None:
    taken(b"lon,lat,people\n117.0765,36.6665,30\n117.0865,36.6665,10\n", rules.CELLS, clerk)
    census = float(places.value(LIXIA, queries.CENSUS) or 0)
    spot = ((((117.076, 36.666), (117.077, 36.666), (117.077, 36.667), (117.076, 36.667)),),)
    assert door.people_in(spot, at=NIGHT).total == pytest.approx(census * 0.75)


def test_a_table_of_counties_overrules_an_older_census_and_a_file_without_a_good_row_changes_nothing(clerk: Any) -> None:
    taken("代码,人口\n370102,900000\n370102,1\n999999,5\n".encode("gb18030"), rules.FIGURES, clerk)
    assert queries.figure(LIXIA) is not None
    assert queries.figure(LIXIA)[:2] == (900_000, 2025)  # type: ignore[index]
    with pytest.raises(rules.NothingGood):
        taken(b"lon,lat,people\n0,0,5\n", rules.CELLS, clerk)
    with pytest.raises(NotPermitted):
        taken(b"lon,lat,people\n117.0765,36.6665,5\n", rules.CELLS, officer("370103", "population.*"))


def test_outside_one_s_jurisdiction_only_the_county_is_named(clerk: Any) -> None:
    taken(features(({"name": "甲街道", "population": 50_000}, box(117.05, 36.65, 117.07, 36.67))), rules.OUTLINES, clerk)
    ours = door.people_in(AROUND, at=NIGHT, actor=clerk)
    theirs = door.people_in(AROUND, at=NIGHT, actor=officer("370103", "population.view"))
    assert theirs.total == pytest.approx(ours.total)
    assert "甲街道" in {share.name for share in ours.by_place}
    assert "甲街道" not in {share.name for share in theirs.by_place}


def test_an_answer_for_a_wide_area_is_quick_once_its_counties_are_known(jinan_places: None) -> None:
    door.people_in(WIDE, at=NIGHT)
    plume = ((*((117.0 + 0.02 * i, 36.6 + 0.01 * (i % 3)) for i in range(20)), (117.4, 36.9), (117.0, 36.9)),)
    first = time.process_time()
    for _ in range(5):
        door.people_in((plume,), at=NIGHT)
    assert (time.process_time() - first) / 5 < 0.05


def test_the_map_colours_townships_and_says_unknown_where_nobody_knows(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (lixia,), more = charting.features((117.0, 36.6, 117.1, 36.7), at=NIGHT, actor=clerk)
    census = float(places.value(LIXIA, queries.CENSUS) or 0)
    told = lixia["properties"]
    assert not more and (told["place_code"], told["people"]) == (LIXIA, rules.rounded(census)), "the neighbours are not his"
    assert told["step"] == rules.density_class(census, census / told["per_km2"]) and "夜间" in told["detail"]

    west, east = box(117.05, 36.65, 117.07, 36.67), box(117.07, 36.65, 117.09, 36.67)
    taken(features(({"name": "甲街道", "population": 60_000}, west), ({"name": "乙街道", "population": 60}, east)), rules.OUTLINES, clerk)
    found, _more = charting.features((117.05, 36.65, 117.11, 36.69), at=NIGHT, actor=clerk)
    steps = {each["properties"]["title"]: each["properties"]["step"] for each in found}
    assert steps["甲街道"] > steps["乙街道"] and any(title.endswith("其余") for title in steps)
    by_day, _more = charting.features((117.05, 36.65, 117.06, 36.66), at=NOW, actor=clerk)
    detail = next(each["properties"]["detail"] for each in by_day if each["properties"]["title"] == "甲街道")
    assert "白天" in detail and rules.METHODS[rules.WITHIN_OUTLINE] in detail and "县统计局" in detail

    monkeypatch.setattr(charting, "MOST_BY_HOUR", 0)
    (resident,), _more = charting.features((117.0, 36.6, 117.1, 36.7), at=NOW, actor=clerk)
    assert resident["properties"]["people"] == rules.rounded(census)
    monkeypatch.setattr(queries, "figure", lambda code: None)
    (unknown,), _more = charting.features((117.0, 36.6, 117.1, 36.7), at=NOW, actor=clerk)
    assert "step" not in unknown["properties"] and unknown["properties"]["value"] == "人口未知"
