"""Readings are kept as long as the dated rule of their class says, and completeness outlives them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.rooms.sense.pipeline import device, entry

from anlan.sense.stream.expected import Expected
from anlan.sense.stream.removing import Retention
from anlan.sense.stream.retention import Removal, plan, rules_on, table
from anlan.sense.stream.store import Store
from anlan.wire.blocks import Block
from anlan.wire.registry import SensorEntry

DAY = date(2026, 11, 25)


def test_every_row_is_sourced_and_keeps_at_least_the_thirty_days_of_the_decree_on_major_hazards() -> None:
    for rule in table():
        assert rule.source and rule.status in {"verified", "secondary", "unverified"}
        assert 30 <= rule.raw_days <= rule.late_days <= rule.minute_days <= rule.hour_days


def test_a_month_that_every_class_has_outlived_is_dropped_and_one_that_some_have_loses_their_rows() -> None:
    keep = rules_on(DAY)
    assert keep["number"].raw_days == 90 and keep["*"].raw_days == 400
    steps = plan({"raw": ["202510", "202511", "202607", "202608", "202611"]}, ["number", "pressure"], DAY)
    assert steps == [Removal("raw", name, ("number",), timely=True) for name in ("202510", "202511", "202607")], (
        "of August the last days are younger than 90 days"
    )
    steps = plan({"raw": ["202111", "202509"], "hour": ["2015", "2016"]}, ["number", "pressure"], DAY)
    assert steps == [
        Removal("raw", "202111", ("number",)),
        Removal("raw", "202111", timely=True),
        Removal("raw", "202509", ("number",)),
        Removal("raw", "202509", timely=True),
        Removal("hour", "2015"),
    ]
    assert plan({"raw": ["202109"]}, ["number"], DAY) == [Removal("raw", "202109")]


def test_a_row_holds_from_its_day_on() -> None:
    assert rules_on(date(2025, 1, 1)) == {}


@pytest.mark.engines
def test_what_is_too_old_is_removed_from_the_engine_and_the_rest_stays(tmp_path: Path) -> None:
    store, thread = Store(tmp_path), ThreadPoolExecutor(1)
    store.prepare()
    months = [datetime(2025, 9, 10, tzinfo=UTC), datetime(2026, 7, 10, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)]
    times = np.array([round(month.timestamp() * 1000) for month in months] * 2, np.int64)
    channel = np.array([1, 1, 1, 2, 2, 2], np.int32)
    store.insert(Block(channel, times, np.ones(6), np.zeros(6, np.uint8)))
    expected = Expected()
    points = (SensorEntry("n", 1, None, None, (), "number"), SensorEntry("p", 2, None, None, (), "pressure"))
    expected.apply(entry("A", device("D", *points)), 0)
    retention = Retention(store, expected, thread)
    done = asyncio.run(retention.turn(DAY))
    assert done == [
        Removal("raw", "202509", ("number",)),
        Removal("raw", "202509", timely=True),
        Removal("raw", "202607", ("number",), timely=True),
    ]
    assert asyncio.run(retention.turn(DAY)) == []
    for _ in range(100):
        if store.count() == 3:
            break
        thread.submit(store.count).result()
    assert store.count() == 3, "both of November, and pressure of July"
    assert len(retention.told()["removed"]) == 3
    with pytest.raises(ValueError, match="no partition"):
        store.remove("anlan.readings", "1; DROP")
    store.close()
