"""Readings two years late, with real engines: marked, kept once however often they come, rolled up, and the gap of that time filled."""

import asyncio
import json
import time

import aiomqtt
import httpx
import msgspec
import pytest
from tests.rooms.sense.pipeline import device, entry, limit, pipeline, point, wait_until

from anlan.sense.stream.rollups import HOUR_MS
from anlan.wire import readings
from anlan.wire.blocks import LATE

pytestmark = [pytest.mark.engines, pytest.mark.timeout(240)]

DAY_MS = 24 * HOUR_MS


async def send(running, samples):
    async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username="c1", password="good") as client:
        for moment, value in samples:
            payload = json.dumps({"t": moment, "v": {"a": value}}).encode()
            await client.publish(readings.topic("c1", "d1"), payload, qos=1)


def test_history_of_two_years_ago_is_kept_once_rolled_up_and_raises_nothing():
    with pipeline() as running:
        now = time.time_ns() // 1_000_000
        begun = (now - 731 * DAY_MS) // HOUR_MS * HOUR_MS
        guarded = device("d1", point("a", 1, limit("H", 90.0)))
        running.admit([entry("c1", msgspec.structs.replace(guarded, since_ms=begun))])
        running.start("telemetry", "intake", "detector")
        asyncio.run(send(running, [(now, 1.0)]))
        wait_until(lambda: running.stored() == 1, "the reading of today is stored")
        # An hour and a half of two years ago, every ten seconds, above the limit; the second hour first.
        history = [(begun + at * 10_000, 100.0 + at % 7) for at in range(540)]
        asyncio.run(send(running, history[360:] + history[:360]))
        asyncio.run(send(running, [(begun - 1, 5.0), (86_400_000, 5.0)]))
        wait_until(lambda: running.stored() == 541, "the history is stored")
        asyncio.run(send(running, history[::-1]))
        wait_until(lambda: sum(len(block) for block in running.blocks()) == 1081, "and came a second time")
        assert running.quarantined() == {("c1", "d1", "reading_clock_behind"): 2}
        assert {int(q) for block in running.blocks() for q in block.quality[block.time < now - DAY_MS]} == {LATE}
        wait_until(lambda: running.stored() == 541, "once")

        def hours():
            told = httpx.get(f"{running.telemetry_url}/rollup", params=rollup, timeout=30)
            return [(row[1], row[5]) for row in told.json()]

        rollup = {"channels": "1", "since": begun, "until": begun + 2 * HOUR_MS, "width": HOUR_MS}
        wait_until(lambda: hours() == [(begun, 360), (begun + HOUR_MS, 180)], "hours hold every reading once")
        series = httpx.get(
            f"{running.telemetry_url}/series", params={"channel": 1, "since": begun, "until": begun + 2 * HOUR_MS, "points": 2}, timeout=30
        ).json()
        assert series["count"] == [360, 180] and series["lowest"] == [100.0, 100.0] and series["highest"] == [106.0, 106.0]
        assert running.transitions() == [], "nothing of two years ago is raised today"
        latest = httpx.get(f"{running.telemetry_url}/latest", params={"channels": "1"}).json()
        assert latest["1"][:2] == [now, 1.0]
