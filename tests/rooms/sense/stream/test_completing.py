"""The record of completeness: what arrived once, late, again or not at all, and the same reckoned from the readings themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.rooms.sense.pipeline import device, entry, point

from anlan.sense.stream.completing import AFTER_DAY_MS, DAY_MS, SETTLE_MS, Completing, day_of
from anlan.sense.stream.rollups import HOUR_MS, Rollups, spans, together
from anlan.sense.stream.store import HOURS, MINUTES, TABLE, Store
from anlan.wire.blocks import LATE, OUT_OF_RANGE, Block
from anlan.wire.registry import Entry

pytestmark = pytest.mark.engines

DAY = day_of(1_790_000_000_000)
STEP = 10_000


class House:
    """The parts of the telemetry process without its network: readings go in as blocks, in whatever order."""

    def __init__(self, home: Path) -> None:
        self.write, self.read = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self.store, self.rollups, self.home = Store(home / "engine"), Rollups(), home
        self.store.prepare()
        self.turn = 1
        self.completing = Completing(home, self.rollups, self.write, self.read)

    def register(self, *entries: Entry, now_ms: int = DAY) -> None:
        for each in entries:
            self.completing.expected.apply(each, now_ms)
        self.completing.declare([(channel, STEP) for channel in (1, 2, 3)])

    def take(self, channel: int, times: list[int], quality: int = 0) -> None:
        size = len(times)
        block = Block(np.full(size, channel, np.int32), np.array(times, np.int64), np.ones(size), np.full(size, quality, np.uint8))
        self.store.insert(block)
        self.rollups.take(block)

    def settle(self, until_ms: int) -> None:
        """One turn of the telemetry process."""
        self.rollups.close_silent(until_ms)
        for table, closed in ((MINUTES, self.rollups.closed_minutes), (HOURS, self.rollups.closed_hours)):
            if closed:
                self.store.insert_rollup(table, together(closed), 1)
        asyncio.run(self._turn())

    async def _turn(self) -> None:
        if self.rollups.closed_hours:
            await self.completing.write_hours(together(self.rollups.closed_hours))
        await self.completing.write_pauses()
        self.rollups.closed_minutes, self.rollups.closed_hours = [], []
        due, late = self.rollups.due(10_000), self.rollups.late_due(10_000)
        self.turn += 1
        for span in spans(due):
            self.store.reckon_again(span, self.turn)
        await self.completing.recount(due, late)

    def day(self, now_ms: int, day_ms: int = DAY) -> dict[tuple[str, str], tuple[int, ...]]:
        figures = asyncio.run(self.completing.day(day_ms, now_ms))
        return {(credential, name): tuple(rest[:6]) for credential, name, *rest in figures.by_source()}

    def plausibility(self, now_ms: int, day_ms: int = DAY) -> dict[str, tuple[int, ...]]:
        """Silent and frozen points and readings out of range, by device: silent, outside, frozen."""
        figures = asyncio.run(self.completing.day(day_ms, now_ms))
        return {name: tuple(rest[6:]) for _credential, name, *rest in figures.by_source()}

    def gaps(self, now_ms: int) -> list[dict[str, object]]:
        return asyncio.run(self.completing.gaps(DAY, DAY + DAY_MS, now_ms))

    def agrees(self, channels: list[int], now_ms: int) -> bool:
        told = asyncio.run(self.completing.verify(channels, DAY, now_ms))
        assert {row["channel"] for row in told} == set(channels), told
        return all(row["recomputed"][name] == row["recorded"][name] for row in told for name in row["recomputed"])

    def close(self) -> None:
        self.completing.close()
        self.store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = House(tmp_path)
    found.register(entry("A", device("D1", point("a", 1), point("b", 2)), device("D2", point("c", 3))))
    yield found
    found.close()


def ticks(first: int, last: int) -> list[int]:
    return [DAY + n * STEP for n in range(first, last)]


def test_what_came_in_time_is_complete(house: House) -> None:
    house.take(1, ticks(0, 720))
    house.take(2, ticks(0, 720))
    house.take(3, ticks(0, 720))
    house.settle(DAY + 3 * HOUR_MS)
    now = DAY + 2 * HOUR_MS + SETTLE_MS
    assert house.day(now) == {("A", "D1"): (2, 1440, 1440, 0, 0, 0), ("A", "D2"): (1, 720, 720, 0, 0, 0)}
    assert house.gaps(now) == []
    assert house.agrees([1, 2, 3], now)


def test_a_gap_stands_until_late_readings_fill_it_and_is_then_marked_as_filled(house: House) -> None:
    now = DAY + 2 * HOUR_MS + SETTLE_MS
    for channel in (1, 2):
        house.take(channel, ticks(0, 100) + ticks(160, 720))
    house.take(3, ticks(0, 720))
    house.settle(DAY + 3 * HOUR_MS)
    (gap,) = house.gaps(now)
    assert (gap["device"], gap["points"], gap["missing"], gap["filled"]) == ("D1", 2, 120, None)
    assert (gap["since"], gap["until"]) == (DAY + 99 * STEP, DAY + 160 * STEP), "from the last reading before to the first one after"
    assert gap["ask"] == [DAY + 100 * STEP, DAY + 160 * STEP]
    assert house.day(now)["A", "D1"] == (2, 1440, 1320, 0, 0, 120)
    assert house.agrees([1, 2, 3], now)
    # Half of it comes late.
    house.take(1, ticks(100, 160), LATE)
    house.settle(DAY + 3 * HOUR_MS)
    (gap,) = house.gaps(now)
    assert (gap["missing_first"], gap["missing"], gap["filled"]) == (120, 60, None)
    # And the rest in two pieces, the later one first.
    house.take(2, ticks(130, 160), LATE)
    house.settle(DAY + 3 * HOUR_MS)
    (gap,) = house.gaps(now)
    assert (gap["missing"], gap["ask"]) == (30, [DAY + 100 * STEP, DAY + 130 * STEP])
    house.take(2, ticks(100, 130), LATE)
    house.settle(DAY + 3 * HOUR_MS)
    (gap,) = house.gaps(now)
    assert gap["missing"] == 0 and gap["filled"] is not None
    assert house.day(now)["A", "D1"] == (2, 1440, 1440, 120, 0, 0)
    assert house.agrees([1, 2, 3], now)


def test_a_gap_of_two_years_ago_is_filled_and_shown_as_filled(house: House) -> None:
    now = DAY + 730 * DAY_MS
    house.take(3, ticks(0, 100) + ticks(160, 720))
    house.settle(DAY + 3 * HOUR_MS)
    house.take(3, [now + n * STEP for n in range(10)])
    house.settle(now + HOUR_MS)
    (gap,) = [gap for gap in house.gaps(now) if gap["device"] == "D2" and gap["since"] == DAY + 99 * STEP]
    assert (gap["missing_first"], gap["missing"], gap["filled"]) == (60, 60, None)
    for _time in range(2):
        house.take(3, ticks(100, 160), LATE)
        house.settle(now + 2 * HOUR_MS)
    (gap,) = [gap for gap in house.gaps(now) if gap["device"] == "D2" and gap["since"] == DAY + 99 * STEP]
    assert (gap["missing_first"], gap["missing"]) == (60, 0) and gap["filled"] is not None
    expected, received, late, repeated = house.day(now)["A", "D2"][1:5]
    assert (expected, received, late, repeated) == (8640, 720, 60, 60), "once, and the second time as repeated"
    assert house.agrees([3], now)
    width = 2 * HOUR_MS
    (row,) = house.store.rollup([3], DAY, DAY + width, width)
    assert row[5] == 720


def test_what_was_received_in_time_and_removed_is_not_lessened_by_what_comes_late(house: House) -> None:
    house.take(1, ticks(0, 300))
    house.settle(DAY + 3 * HOUR_MS)
    house.take(1, [DAY + 800 * DAY_MS])
    for partition in house.store.partitions()[TABLE]:
        house.store.remove(TABLE, partition, timely=True)
    assert house.store.count() == 0
    # Two of a full minute, and a minute in which nothing had come.
    house.take(1, ticks(0, 2) + ticks(300, 306), LATE)
    house.settle(DAY + 3 * HOUR_MS)
    (row,) = house.store.rollup([1], DAY, DAY + HOUR_MS, HOUR_MS)
    assert row[5] == 306
    assert house.day(DAY + DAY_MS)["A", "D1"][2] == 300, "not known to be new, not counted as received"
    assert house.store.count() == 8


def test_a_reading_sent_again_is_counted_as_repeated_and_not_as_received(house: House) -> None:
    now = DAY + 2 * HOUR_MS + SETTLE_MS
    house.take(1, ticks(0, 720))
    house.settle(DAY + 3 * HOUR_MS)
    house.take(1, ticks(10, 20))
    house.take(1, ticks(10, 15))
    house.settle(DAY + 3 * HOUR_MS)
    points, expected, received, late, repeated, missing = house.day(now)["A", "D1"]
    assert (points, expected, received, late, repeated, missing) == (2, 1440, 720, 0, 15, 720)
    assert house.agrees([1], now)


def test_a_point_that_never_spoke_lacks_everything_since_it_is_in_service(house: House) -> None:
    now = DAY + HOUR_MS + SETTLE_MS
    house.settle(now)
    assert house.day(now)["A", "D2"] == (1, 360, 0, 0, 0, 360)
    (first, second) = house.gaps(now)
    assert {first["device"], second["device"]} == {"D1", "D2"} and first["until"] is None and first["ask"] is None


def test_a_point_that_was_taken_out_of_service_owes_nothing_from_then_on(house: House) -> None:
    house.take(3, ticks(0, 360))
    house.completing.expected.apply(Entry("A", True, (device("D1", point("a", 1), point("b", 2)),)), DAY + HOUR_MS)
    house.settle(DAY + 3 * HOUR_MS)
    assert house.day(DAY + 5 * HOUR_MS)["A", "D2"] == (1, 360, 360, 0, 0, 0)
    assert [gap["device"] for gap in house.gaps(DAY + 5 * HOUR_MS)] == ["D1"]


def test_a_day_that_is_over_is_written_once_and_outlives_a_change_of_the_interval(house: House) -> None:
    for channel in (1, 2, 3):
        house.take(channel, ticks(0, 8640))
    now = DAY + DAY_MS + AFTER_DAY_MS + 1
    house.settle(now)
    asyncio.run(house.completing.write_days(now))
    before = house.day(now)
    assert before["A", "D1"] == (2, 17_280, 17_280, 0, 0, 0)
    house.completing.declare([(1, 1000), (2, 1000), (3, 1000)])
    assert house.day(now) == before
    assert house.agrees([1, 2, 3], now)
    house.completing.declare([(1, 0)])
    assert house.completing.expected.interval_ms[1] == STEP, "learned from what the point sent"


def test_silent_frozen_and_implausible_points_are_counted(house: House) -> None:
    house.take(1, ticks(0, 8640))
    house.take(3, ticks(0, 100), OUT_OF_RANGE)
    now = DAY + HOUR_MS
    assert house.plausibility(now) == {"D1": (1, 0, 0), "D2": (0, 100, 0)}
    over = DAY + DAY_MS + AFTER_DAY_MS + 1
    house.settle(over)
    asyncio.run(house.completing.write_days(over))
    assert house.plausibility(over) == {"D1": (1, 0, 1), "D2": (0, 100, 0)}


def test_the_columns_survive_the_process(house: House) -> None:
    house.completing.save()
    again = Completing(house.home, Rollups(), house.write, house.read)
    for name in ("declared_ms", "learned_ms", "class_ms", "since", "until", "source"):
        assert (getattr(again.expected, name) == getattr(house.completing.expected, name)).all()
    assert again.expected.sources == house.completing.expected.sources
    again.close()


def test_a_learned_interval_becomes_shorter_by_itself_and_never_longer(house: House) -> None:
    expected = house.completing.expected
    channel = np.array([1], np.int32)
    assert [expected.learn(channel, np.array([an_hour])) for an_hour in (60.0, 10.0, 55.0, 360.0)] == [1, 0, 0, 1]
    assert expected.learned_ms[1] == 10_000
