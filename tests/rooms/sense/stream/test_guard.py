"""Before the disk is full nothing more is acknowledged; what was refused is sent again and loses nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiomqtt
import httpx
import nats
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.js.errors import APIError
from tests.rooms.sense.pipeline import Pipeline, device, entry, pipeline, point, wait_until

from anlan.sense.stream.guard import DiskState, judged, limits
from anlan.wire import readings

START = time.time_ns() // 1_000_000


@given(st.lists(st.floats(0, 100), min_size=1))
def test_it_refuses_from_the_upper_limit_on_and_takes_in_again_only_below_the_lower_one(seen: list[float]) -> None:
    state, refusing = DiskState(refuse_at=95, resume_at=93), False
    for number, used in enumerate(seen, 1):
        state = judged(state, used, 10, number)
        refusing = used >= 95 or (refusing and used > 93)
        assert state.refusing == refusing
        assert state.since_ms <= number


def test_limits_come_from_the_operators_file_else_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits(tmp_path) == (95.0, 93.0)
    monkeypatch.setenv("ANLAN_DISK_REFUSE", "90")
    assert limits(tmp_path) == (90.0, 90.0)
    (tmp_path / "disk-limits").write_text("80 70\n")
    assert limits(tmp_path) == (80.0, 70.0)
    (tmp_path / "disk-limits").write_text("70 80")
    with pytest.raises(ValueError, match="lower limit"):
        limits(tmp_path)


def _disk(running: Pipeline) -> dict[str, object]:
    return httpx.get(f"{running.telemetry_url}/disk", timeout=10).json()


@pytest.mark.engines
def test_a_full_disk_acknowledges_nothing_and_recovers_by_itself_without_a_loss() -> None:
    with pipeline() as running:
        running.admit([entry("c1", device("d1", point("a", 1)))])
        running.start("intake", "telemetry")
        wait_until(lambda: _disk(running)["since_ms"], "the guard has looked")
        asyncio.run(_send(running, range(5)))
        wait_until(lambda: running.stored() == 5, "five readings are stored")
        (running.home / "disk-limits").write_text("0 0")
        wait_until(lambda: _disk(running)["refusing"], "the node refuses")
        wait_until(lambda: asyncio.run(_is_closed(running)), "the stream takes nothing in")
        with pytest.raises((aiomqtt.MqttError, TimeoutError)):
            asyncio.run(_send(running, range(5, 8), seconds=3.0))
        assert running.stored() == 5
        (running.home / "disk-limits").write_text("100 100")
        wait_until(lambda: not _disk(running)["refusing"] and not asyncio.run(_is_closed(running)), "there is room again")
        asyncio.run(_send(running, range(5, 10)))
        wait_until(lambda: running.stored() == 10, "everything that was acknowledged is stored")


async def _is_closed(running: Pipeline) -> bool:
    nc = await nats.connect(running.nats_url)
    try:
        await nc.jetstream().publish("$MQTT.msgs.anlan.in.x.y", b"")
    except APIError:
        return True
    finally:
        await nc.close()
    return False


async def _send(running: Pipeline, numbers: range, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds), aiomqtt.Client("127.0.0.1", running.mqtt_port, username="c1", password="good") as client:
        for number in numbers:
            payload = readings.encode([readings.Sample(START + number, {"a": float(number)})])
            await client.publish(readings.topic("c1", "d1"), payload, qos=1, timeout=seconds)
