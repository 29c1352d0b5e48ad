"""Weather on the map: the arrow shows whither the wind blows, and what is old or doubtful is no wind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import weather
from anlan.wire.blocks import DOUBTFUL

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def point(channel: int, sensor_class: str, unit: str) -> ListedPoint:
    return ListedPoint(
        id=uuid4(), channel=channel, code=f"P{channel}", name="测点", sensor_class=sensor_class, unit=unit, decimals=1, range_low=None,
        range_high=None, device_id=uuid4(), device_name="气象站", risk_source_id=None, longitude=117.05, latitude=36.67,
        enterprise_id=uuid4(), enterprise_name="示范化工", place_code="370102",
    )  # fmt: skip


SPEED = point(1, weather.SPEED, "m/s")
DIRECTION = replace(point(2, weather.DIRECTION, "°"), device_id=SPEED.device_id)


@given(st.floats(0, 360, exclude_max=True))
def test_a_wind_from_a_direction_is_an_arrow_to_the_opposite_one(degrees: float) -> None:
    (found,) = weather.features([SPEED, DIRECTION], {1: (NOW, 2.44, 0), 2: (NOW, degrees, 0)}, NOW)
    told = found["properties"]
    assert abs((told["rotate"] - degrees) % 360 - 180) < 1e-9
    assert (told["label"], told["tone"]) == ("2.4 m/s", "plain")


def test_an_old_or_doubtful_wind_is_drawn_as_unknown_without_an_arrow() -> None:
    old, doubtful = NOW - weather.FRESH - timedelta(seconds=1), DOUBTFUL
    for readings in ({1: (old, 2.0, 0), 2: (old, 90.0, 0)}, {1: (NOW, 2.0, doubtful), 2: (NOW, 90.0, doubtful)}, {}):
        (found,) = weather.features([SPEED, DIRECTION], readings, NOW)
        assert found["properties"]["tone"] == "grey"
        assert "rotate" not in found["properties"]
        assert "label" not in found["properties"]


def test_what_else_a_station_measures_is_told_in_words_and_stale_readings_are_marked() -> None:
    rain = replace(point(3, weather.RAIN, "mm"), device_id=SPEED.device_id, name="小时雨量")
    air = replace(point(4, weather.AIR, "℃"), device_id=SPEED.device_id)
    old = NOW - weather.FRESH - timedelta(minutes=1)
    (found,) = weather.features([SPEED, rain, air], {1: (NOW, 2.44, 0), 3: (NOW, 12.0, 0), 4: (old, 8.5, 0)}, NOW)
    told = found["properties"]
    assert (told["label"], told["tone"]) == ("2.4 m/s · 雨 12.0 mm", "plain"), "an old temperature stands on no map"
    wind, temperature, rainfall = told["detail"].split("\n")
    assert "已过时" in temperature and "已过时" not in wind and "小时雨量" in rainfall
