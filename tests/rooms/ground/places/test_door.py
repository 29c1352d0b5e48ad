"""What other rooms get from places."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.ground.places import door
from anlan.kernel.geo import ImpossibleCoordinates
from anlan.kernel.levels import Level

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_country")]


def test_names_and_full_names():
    assert door.place_name("370102") == "历下区"
    assert door.full_name("370102") == "山东省济南市历下区"
    assert door.full_name("110101") == "北京市东城区"
    assert door.full_name("370102001") == "山东省济南市历下区解放路街道"
    assert door.place_name("000000") == "全国"


def test_an_unknown_code_is_shown_as_it_is():
    assert door.place_name("999999") == "999999"
    assert door.full_name("999999999") == "999999999"
    assert door.place("999999") is None


def test_names_down_to_the_county_need_no_query(django_assert_num_queries):
    door.place_name("370102001")
    with django_assert_num_queries(0):
        assert door.full_name("370102001").endswith("解放路街道")
        assert len(door.children("370100")) == 12
        assert door.bounds("370100") is not None


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("历下区", "370102"),
        ("历下", "370102"),
        ("lixia", "370102"),
        ("lixiaqu", "370102"),
        ("370102", "370102"),
        ("370102000000", "370102"),
        ("济南", "370100"),
        ("jinan", "370100"),
        ("jn", "370100"),
        ("重庆", "500000"),
        ("chongqing", "500000"),
        ("changqing", "370113"),
        ("广西", "450000"),
        ("济南 历下", "370102"),
        ("jinan lixia", "370102"),
        ("山东省济南市历下区", "370102"),
        ("解放路街道 ", "370102001"),
        ("枣庄市中区", "370402"),
    ],
)
def test_places_are_found_by_name_pinyin_initials_and_code(words, first):
    found = [place.code for place in door.search(words, 30)]
    assert first in found
    if words.strip() != "解放路街道":
        assert found[0] == first


def test_a_search_can_be_limited_to_a_level_and_a_subtree():
    assert {place.level for place in door.search("li", 50, level=Level.COUNTY)} == {Level.COUNTY}
    assert {place.code[:4] for place in door.search("jie", 50, within="3701")} == {"3701"}


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "\\", "'", "没有这个地方", "qwxzyj", "0" * 200])
def test_senseless_searches_find_nothing_and_fail_nowhere(words):
    assert door.search(words) == ()


@pytest.mark.parametrize(
    ("code", "year", "now"),
    [
        ("370181", 2010, "370114"),  # 章丘市 → 章丘区
        ("379020", 1993, "370114"),  # the same place two codes earlier
        ("370122", 1985, "370114"),  # 章丘县
        ("371202", 2015, "370116"),  # 莱芜市莱城区 → 济南市莱芜区
        ("540422", 2020, "540481"),  # 米林县 → 米林市
        ("500112", 2020, "500157"),  # 渝北区 → 两江新区
        ("370102", 1999, "370102"),
        ("370114", 2026, "370114"),
    ],
)
def test_a_code_of_its_day_leads_to_the_place_of_today(code, year, now):
    found = door.resolve(code, date(year, 6, 1))
    assert found is not None
    assert (found.code, found.in_force) == (now, True)


def test_a_code_in_the_year_of_its_change_is_followed():
    assert door.resolve("370181", date(2016, 12, 31)).code == "370114"
    assert door.resolve("370114", date(2016, 12, 31)).code == "370114"


def test_a_place_abolished_without_successor_resolves_to_nothing():
    assert door.resolve("370111", date(1985, 1, 1)) is None


@pytest.mark.parametrize(
    ("longitude", "latitude", "name"),
    [
        (113.75, 23.02, "东莞市"),
        (121.5, 25.05, "台湾省"),
        (114.17, 22.32, "香港特别行政区"),
        (106.6, 29.7, "两江新区"),
    ],
)
def test_where_no_county_is_listed_the_lowest_known_division_answers(longitude, latitude, name):
    assert door.county_at(longitude, latitude).name == name


@pytest.mark.parametrize(("longitude", "latitude"), [(135.0, 34.0), (112.0, 5.0), (0.0, 0.0)])
def test_no_county_abroad_and_at_sea(longitude, latitude):
    assert door.county_at(longitude, latitude) is None


@pytest.mark.parametrize(("longitude", "latitude"), [(181.0, 30.0), (float("nan"), 30.0), (117.0, float("inf"))])
def test_impossible_coordinates_are_refused(longitude, latitude):
    with pytest.raises(ImpossibleCoordinates):
        door.county_at(longitude, latitude)


@settings(max_examples=200, deadline=None)
@given(st.floats(73.5, 135.0), st.floats(18.0, 53.5))
def test_a_county_found_lies_in_its_box_and_is_in_force(longitude, latitude):
    found = door.county_at(longitude, latitude)
    if found is not None:
        box = door.bounds(found.code)
        assert found.in_force
        assert box.west - 1e-6 <= longitude <= box.east + 1e-6
        assert box.south - 1e-6 <= latitude <= box.north + 1e-6


def test_the_tree_holds_together():
    provinces = door.children("000000")
    assert len(provinces) == 34
    counties = [
        county
        for province in provinces
        for below in door.children(province.code)
        for county in ((below,) if below.level is Level.COUNTY else door.children(below.code))
    ]
    assert len(counties) == 2847
    assert all(door.ancestors(county.code)[0].level is Level.PROVINCE for county in counties)


def test_existence_means_in_force():
    assert door.exists("370102")
    assert door.exists("370102001")
    assert not door.exists("370181")
    assert not door.exists("370102999")
    assert not door.exists("abc")
