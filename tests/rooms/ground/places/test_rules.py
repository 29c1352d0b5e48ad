from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from anlan.ground.places import joining
from anlan.ground.places.geometry import band_of, spread_points
from anlan.ground.places.joining import Listed
from anlan.ground.places.naming import syllables_of
from anlan.ground.places.rules import CodeHistory, Step, short_name_of
from anlan.kernel.levels import Level


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("山东省", "山东"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("香港特别行政区", "香港"),
        ("延边朝鲜族自治州", "延边"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("东乡族自治县", "东乡"),
        ("鄂温克族自治旗", "鄂温克"),
        ("龙胜各族自治县", "龙胜"),
        ("大兴安岭地区", "大兴安岭"),
        ("历下区", "历下"),
        ("沙县", "沙县"),
        ("郊区", "郊区"),
        ("解放路街道", "解放路"),
    ],
)
def test_short_names_are_what_people_say(name, short):
    assert short_name_of(name) == short


@given(st.text(alphabet="山东济南历下蒙古回族自治州县区市各街道", min_size=1, max_size=14))
def test_a_short_name_begins_like_the_name_and_is_never_empty(name):
    short = short_name_of(name)
    assert short
    assert name.startswith(short)
    assert len(short) >= min(2, len(name))


@pytest.mark.parametrize(
    ("name", "spoken"), [("长清区", "changqingqu"), ("六安市", "luanshi"), ("单县", "shanxian"), ("厦门市", "xiamenshi")]
)
def test_place_names_are_read_as_places(name, spoken):
    assert "".join(syllables_of(name)) == spoken


HISTORY = CodeHistory(
    [
        Step(1985, "372627", "370124", True),
        Step(1992, "370122", "379020", False),
        Step(1995, "379020", "370181", True),
        Step(2016, "370181", "370114", False),
        # In 2004 two cities exchanged their codes.
        Step(2004, "220281", "220282", True),
        Step(2004, "220282", "220281", True),
    ]
)


def test_codes_are_followed_through_several_changes():
    assert HISTORY.latest("370122", 1980) == "370114"
    assert HISTORY.latest("370181", 2016) == "370114"
    assert HISTORY.latest("370114", 2016) == "370114"


def test_exchanged_codes_do_not_run_in_circles():
    assert HISTORY.latest("220281", 2000) == "220282"
    assert HISTORY.latest("220282", 2000) == "220281"
    assert HISTORY.latest("220281", 2005) == "220281"


@given(
    st.lists(st.builds(Step, st.integers(1980, 2026), st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.booleans()), max_size=30),
    st.sampled_from("ABCDE"),
    st.integers(1979, 2027),
)
def test_following_a_code_always_ends(steps, code, year):
    assert CodeHistory(steps).latest(code, year) in "ABCDE"


def test_an_outline_nobody_lists_is_given_to_the_lowest_known_place():
    listed = {"630000": Listed("630000", "青海省", Level.PROVINCE), "632800": Listed("632800", "海西州", Level.CITY)}
    matches = joining.join([(Level.COUNTY, "632857", "大柴旦"), (Level.COUNTY, "630157", "某地")], listed, CodeHistory([]), {})
    assert [(match.place_code, match.method) for match in matches] == [("632800", joining.NOT_LISTED), ("630000", joining.NOT_LISTED)]


def test_two_namesakes_are_not_guessed_between():
    listed = {code: Listed(code, "西沙区", Level.COUNTY) for code in ("460302", "460303")} | {
        "460300": Listed("460300", "三沙市", Level.CITY)
    }
    match = joining.join([(Level.COUNTY, "460321", "西沙区")], listed, CodeHistory([]), {})[0]
    assert match.method == joining.NOT_LISTED


@given(st.integers(0, 40), st.floats(0.01, 3), st.floats(0.01, 3))
def test_spread_points_lie_inside_apart_and_always_the_same(count, width, height):
    # A bent shape: its centre of mass may lie outside.
    shape = shapely.Polygon(
        [
            (100, 30),
            (100 + width, 30),
            (100 + width, 30 + height / 5),
            (100 + width / 5, 30 + height / 5),
            (100 + width / 5, 30 + height),
            (100, 30 + height),
        ]
    )
    points = spread_points(shape, count, (100.0, 30.0))
    assert len(set(points)) == count
    assert all(shape.buffer(1e-6).contains(shapely.Point(point)) for point in points)
    assert points == spread_points(shape, count, (100.0, 30.0))


def test_each_zoom_has_one_band_and_bands_only_get_finer():
    bands = [band_of(zoom) for zoom in range(15)]
    assert bands == sorted(bands, reverse=True)
    assert (bands[0], bands[-1]) == (3, 0)
