"""Parameters are read strictly: boxes, moments and limits; what cannot be read is refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from anlan.desk.features import documents, parameters
from anlan.desk.features.declare import Collection, Page, Parameter
from anlan.desk.features.refusals import BadBounds, BadDatetime, BadLimit, BadParameters, UnknownCrs, UnknownParameter

THINGS = Collection("things", "things", "things.view", "points", lambda *_: Page(()), lambda *_: None, (Parameter("state", "state", {}),))
LONGITUDES, LATITUDES = st.floats(-180, 180), st.floats(-90, 90)


@given(st.tuples(LONGITUDES, LATITUDES, LONGITUDES, LATITUDES))
def test_a_box_means_the_same_area_in_either_order_of_coordinates(corners: tuple[float, float, float, float]) -> None:
    west, south, east, north = corners
    south, north = sorted((south, north))
    as_lonlat = parameters.boxes_of(f"{west!r},{south!r},{east!r},{north!r}")
    as_latlon = parameters.boxes_of(f"{south!r},{west!r},{north!r},{east!r}", parameters.CGCS2000)
    assert as_lonlat == as_latlon
    assert all(box[0] <= box[2] and box[1] <= box[3] for box in as_lonlat)
    width = sum(box[2] - box[0] for box in as_lonlat)
    assert width == pytest.approx(east - west if west <= east else 360 - (west - east))


def test_heights_of_a_box_are_passed_over() -> None:
    assert parameters.boxes_of("116,36,-10,118,37,9000") == ((116.0, 36.0, 118.0, 37.0),)


@pytest.mark.parametrize(
    "text", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "116,37,118,36", "nan,36,118,37", "116,36,inf,37", "-181,0,0,1", "0,-91,1,1", "1,2,3,4;"]
)
def test_what_is_no_box_is_refused_by_a_sentence(text: str) -> None:
    with pytest.raises(BadBounds) as refused:
        parameters.boxes_of(text)
    assert text in refused.value.message()


def test_moments_and_periods_are_read_with_open_ends() -> None:
    moment = datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert parameters.period_of("2026-11-22T08:00:00Z") == (moment, moment)
    assert parameters.period_of("2026-11-22T16:00:00+08:00/..") == (moment, None)
    assert parameters.period_of("2026-11-22T16:00:00 08:00/") == (moment, None)
    assert parameters.period_of("../2026-11-22T08:00:00Z") == (None, moment)
    since, until = parameters.period_of("2026-11-22")
    assert since is not None and until is not None
    assert until - since == timedelta(days=1) - timedelta(microseconds=1)
    assert since == datetime(2026, 11, 21, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["../..", "/", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22T08:00:00", "2026-11-23/2026-11-22", "2026-11-22/x", "2026/11/22"],
)
def test_what_is_no_moment_is_refused_by_a_sentence(text: str) -> None:
    with pytest.raises(BadDatetime):
        parameters.period_of(text)


@given(st.integers(1, 10**30))
def test_a_limit_is_bounded_however_large(wanted: int) -> None:
    assert parameters.limit_of(str(wanted)) == min(int(str(wanted)[:12]), parameters.MOST)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "", "١"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(BadLimit):
        parameters.limit_of(text)


def test_every_wrong_parameter_is_named_at_once() -> None:
    with pytest.raises(BadParameters) as refused:
        parameters.read(THINGS, QueryDict("bbox=1&limit=0&datetime=x&crs=EPSG:1&state=good"))
    assert {name: type(why) for name, why in refused.value.fields.items()} == {
        "bbox": BadBounds,
        "limit": BadLimit,
        "datetime": BadDatetime,
        "crs": UnknownCrs,
    }
    with pytest.raises(UnknownParameter):
        parameters.read(THINGS, QueryDict("offset=20"))
    assert parameters.read(THINGS, QueryDict("state=a&state=b&f=json")).asked.filters.getlist("state") == ["a", "b"]


@given(st.recursive(st.tuples(LONGITUDES, LATITUDES).map(list), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=6))
def test_swapping_coordinates_twice_gives_them_back(coordinates: list[object]) -> None:
    assert documents._swapped(documents._swapped(coordinates)) == coordinates
