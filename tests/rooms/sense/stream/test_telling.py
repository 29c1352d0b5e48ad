"""What pages ask of the telemetry process, asked of a real one: the whole way from a device's message to the proof of its day."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import aiomqtt
import pytest
from tests.rooms.sense.pipeline import device, entry, pipeline, point, wait_until

from anlan.sense.stream import door
from anlan.wire import readings

pytestmark = [pytest.mark.engines, pytest.mark.timeout(280)]


async def _send(port: int, times: list[int]) -> None:
    async with aiomqtt.Client("127.0.0.1", port, username="c1", password="good", timeout=60) as client:
        for at in times:
            payload = readings.encode([readings.Sample(at, {"a": 1.0, "b": 2.0})])
            await client.publish(readings.topic("c1", "d1"), payload, qos=1, timeout=60)


def test_sums_gaps_and_proof_come_over_the_door(settings: object) -> None:
    with pipeline() as running:
        settings.ANLAN = {**settings.ANLAN, "TELEMETRY_URL": running.telemetry_url}  # type: ignore[attr-defined]
        running.admit([entry("c1", device("d1", point("a", 1), point("b", 2)))])
        running.start("intake", "telemetry")
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()

        def told() -> door.DeviceDay | None:
            found = [row for day in (today - timedelta(days=1), today) for row in door.completeness_day(day) if row.received]
            return found[-1] if found else None

        wait_until(lambda: door.completeness_day(today) or door.completeness_day(today), "the registry has arrived", 60)
        door.declare_intervals([(1, 1.0), (2, 1.0)])
        now = time.time_ns() // 1_000_000
        times = [now + second * 1000 for second in range(-5, 6)] + [now + second * 1000 for second in range(60, 70)]
        asyncio.run(_send(running.mqtt_port, times))
        wait_until(lambda: (row := told()) is not None and row.received == 2 * len(times), "every reading is counted", 60)
        row = told()
        assert row is not None
        assert (row.credential, row.device, row.points, row.late, row.repeated) == ("c1", "d1", 2, 0, 0)
        proof = door.completeness_proof([1, 2], today)
        assert [(each.channel, each.interval_s, each.basis) for each in proof] == [(1, 1.0, "declared"), (2, 1.0, "declared")]
        assert all(each.recomputed["received"] == len(times) for each in proof) or today != datetime.fromtimestamp(now / 1000, UTC).date()
        wait_until(
            lambda: door.gaps(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)), "the pause is told", 60
        )
        (gap, *_rest) = door.gaps(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1))
        assert (gap.device_code, gap.points, gap.channels) == ("d1", 2, (1, 2))
        assert not door.ask_again("c1", "d1", gap.since, gap.since + timedelta(seconds=30)), "no gateway holds the line of an MQTT device"
        assert not door.disk_state().refusing and door.removed_readings() == ()
        assert {rule.sensor_class for rule in door.retention_rules(today)} >= {"*"}
