"""Facilities: what may be entered, who is there when, which are inside, which are nearest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.rooms.ground.plants import officer

from anlan.desk.resource import find_resource
from anlan.ground.facilities import door, rules, services
from anlan.kernel.errors import Invalid, NotPermitted

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # A Wednesday in term, 11:00 in Beijing.
SATURDAY, SUMMER, NIGHT = (datetime(2026, *rest, tzinfo=UTC) for rest in ((11, 28, 3), (7, 22, 3), (11, 25, 18)))
HERE = {"place_code": "370102", "longitude": 117.0765, "latitude": 36.6665}
AROUND = ((((117.07, 36.66), (117.08, 36.66), (117.08, 36.67), (117.07, 36.67)),),)


def entered(actor: Any, name: str, kind: str, **more: Any) -> door.Facility:
    return door.register_facility(name=name, kind=kind, actor=actor, now=NOW, **(HERE | more))


@pytest.fixture
def clerk(jinan_places: None) -> Any:
    return officer("370102", "facilities.*")


def test_every_kind_has_an_order_a_reason_and_says_that_it_is_the_project_s_own() -> None:
    for row in door.kinds():
        assert row.priority in rules.PRIORITIES
        assert row.reason_zh and row.reason_en and row.source
        assert row.status == "unverified"
    assert len({row.code for row in door.kinds()}) == len(door.kinds())


def test_pupils_are_at_school_on_school_days_only() -> None:
    assert [door.school_time(at) for at in (NOW, SATURDAY, SUMMER, NIGHT)] == [True, False, False, False]
    # An official working Saturday: 2025-09-28 was a Sunday worked before National Day.
    assert door.school_time(datetime(2025, 9, 28, 3, 0, tzinfo=UTC))
    there = rules.people_there
    assert there("pupils", True, 340, None, night=False, school_time=True) == 340
    assert there("pupils", True, 340, 60, night=True, school_time=False) == 60
    assert there("pupils", True, 340, None, night=False, school_time=False) == 0
    assert there("pupils", True, None, None, night=False, school_time=True) is None


def test_a_number_that_nobody_knows_is_not_none_there() -> None:
    there = rules.people_there
    assert there("patients", False, None, None, night=True, school_time=False) is None
    assert there("patients", False, 200, None, night=True, school_time=False) == 200
    assert there("visitors", False, 200, None, night=True, school_time=False) == 0
    assert there("settlement", False, None, 1200, night=False, school_time=True) == 1200


def test_a_shelter_is_full_when_its_room_is_taken_and_never_holds_more() -> None:
    assert rules.shelter_state("open", 300, 300) == "full"
    assert rules.shelter_state("open", 299, 300) == "open"
    assert rules.shelter_state("closed", 300, 300) == "closed"
    with pytest.raises(rules.MoreThanRoom):
        rules.shelter_state("open", 301, 300)


@pytest.mark.django_db
def test_facilities_inside_an_area_come_in_the_order_in_which_they_are_told(clerk: Any) -> None:
    entered(clerk, "示范中学", "middle_school", people_day=900)
    entered(clerk, "示范养老院", "nursing_home", people_night=80)
    entered(clerk, "远处小学", "primary_school", longitude=117.10, people_day=1)
    assert [each.name for each in door.inside(AROUND, clerk)] == ["示范养老院", "示范中学"]
    assert [each.name for each in door.inside(AROUND, clerk, kinds=["middle_school"])] == ["示范中学"]
    assert door.inside((), clerk) == ()
    assert door.inside(AROUND, officer("370103", "facilities.view")) == ()
    assert len(door.inside(AROUND, None)) == 2


@pytest.mark.django_db
def test_shelters_tell_their_room_and_the_nearest_open_one_is_found(clerk: Any) -> None:
    near = entered(clerk, "近处避难场所", "shelter", capacity=300)
    far = entered(clerk, "远处避难场所", "shelter", capacity=500, longitude=117.10)
    assert [each.id for each in door.nearest((117.0765, 36.6665), "shelter", 2, clerk)] == [near.id, far.id]
    full = door.set_shelter(near.id, occupied=300, actor=clerk, now=NOW)
    assert (full.state, full.room_left) == ("full", 0)
    with pytest.raises(Invalid):
        door.set_shelter(near.id, occupied=301, actor=clerk, now=NOW)
    services.change_facility(near.id, state="closed", actor=clerk, now=NOW)
    assert [each.id for each in door.nearest((117.0765, 36.6665), "shelter", 2, clerk)] == [far.id]
    assert [each.name for each in door.shelters((117, 36, 118, 37), clerk)] == ["远处避难场所", "近处避难场所"]


@pytest.mark.django_db
def test_what_cannot_be_is_refused_beside_its_input(clerk: Any) -> None:
    for wrong, field in (
        ({"kind": "城堡"}, "kind"),
        ({"people_day": "-1"}, "people_day"),
        ({"people_day": "12.5"}, "people_day"),
        ({"longitude": 36.6, "latitude": 117.0}, "longitude"),
        ({"longitude": 117.30, "latitude": 36.68}, "longitude"),
        ({"longitude": None}, "longitude"),
        ({"name": " "}, "name"),
    ):
        with pytest.raises(Invalid) as refused:
            entered(clerk, **({"name": "试", "kind": "school"} | wrong))  # type: ignore[arg-type]
        assert list(refused.value.fields) == [field]
    entered(clerk, "示范小学", "小学")
    with pytest.raises(Invalid):
        entered(clerk, "示范小学", "小学")
    with pytest.raises(NotPermitted):
        entered(officer("370103", "facilities.*"), "别县", "小学")


@pytest.mark.django_db
def test_a_sheet_of_facilities_is_read_with_the_desk_s_own_columns(clerk: Any) -> None:
    sheet = find_resource("facilities").sheet
    assert sheet is not None
    cells = {
        "name": "导入小学",
        "kind": "小学",
        "place_code": "370102",
        "longitude": "117.0765",
        "latitude": "36.6665",
        "people_day": "340",
    }
    row = {column.name: column.parse(cells[column.name]) for column in sheet.columns if column.name in cells and column.parse}
    assert sheet.write([row], actor=clerk, now=NOW) == 1
    assert door.inside(AROUND, clerk)[0].people_at(NOW, night=False) == 340
