"""The stream with real engines: what devices send is stored once, what cannot be used is set apart, and no process that dies loses anything."""

import asyncio
import json
import threading
import time
from datetime import UTC, datetime, timedelta

import aiomqtt
import httpx
import numpy as np
import pytest
from tests.rooms.sense.pipeline import device, entry, limit, pipeline, point, wait_until

from anlan.ledger import broker
from anlan.sense.stream import replay
from anlan.wire import detections, readings
from anlan.wire.blocks import EXERCISE, LATE, OUT_OF_RANGE

pytestmark = [pytest.mark.engines, pytest.mark.timeout(240)]


def now_ms():
    return time.time_ns() // 1_000_000


async def send(running, credential, messages, secret="good"):
    """Publish (device code, payload) pairs with QoS 1; returns when all were acknowledged."""
    async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=credential, password=secret) as client:
        for code, payload in messages:
            await client.publish(readings.topic(credential, code), payload, qos=1)


def sample(moment, **values):
    return json.dumps({"t": moment, "v": values}).encode()


def test_the_raw_stream_is_read_whole_and_what_no_device_sends_to_is_passed_over():
    async def look(running):
        stop = asyncio.Event()
        nc = await broker.connect(running.nats_url, stop, name="test")
        js = nc.jetstream()
        await js.publish("$MQTT.msgs.elsewhere.c1.d1", sample(now_ms(), a=9.0))
        await send(running, "c1", [("d1", sample(now_ms(), a=1.0))])
        (consumer,) = await js.consumers_info(broker.RAW)
        await nc.close()
        return consumer.config

    with pipeline() as running:
        running.admit([entry("c1", device("d1", point("a", 1)))])
        running.start("telemetry", "intake")
        wait_until(lambda: "reading what devices send" in running.log("intake"), "the intake reads")
        config = asyncio.run(look(running))
        wait_until(lambda: running.stored() == 1, "the reading is stored")
        assert running.quarantined() == {}
    # With a filter an intake that fell behind stays behind.
    assert not config.filter_subject and not config.filter_subjects


def test_what_cannot_be_used_is_counted_and_set_apart_and_the_good_beside_it_is_kept():
    with pipeline() as running:
        running.admit(
            [
                entry(
                    "c1",
                    device("d1", point("a", 1, low=0, high=100), point("b", 2), exercises=((now_ms(), now_ms() + 3_600_000),)),
                    device("off", point("a", 3), in_use=False),
                ),
                entry("c2", device("d2", point("a", 4))),
            ]
        )
        running.start("telemetry", "intake")
        moment, year = now_ms(), 365 * 86_400_000
        messages = [
            ("d1", sample(moment, a=1.0, b=2.0)),
            ("d1", b'{"t":%d,"v":{"a":NaN,"b":3.0}}' % (moment + 1)),
            ("d1", b'{"t":%d,"v":{"a":Infinity,"b":-Infinity}}' % (moment + 2)),
            ("d1", sample(moment - year, a=4.0, b=4.0)),
            ("d1", sample(moment + year, a=5.0)),
            ("d1", b"not json"),
            ("d1", b'{"t":"2026-01-01T00:00:00","v":{"a":1}}'),
            ("d1", sample(moment + 3, a=200.0, c=7.0)),
            ("d1", sample(moment - 3_600_000, a=6.0)),
            ("d1", b'{"t":%d,"v":{"b":8.0},"exercise":true}' % (moment + 4)),
            ("nobody", sample(moment, a=1.0)),
            ("d2", sample(moment, a=1.0)),
            ("off", sample(moment, a=1.0)),
        ]
        asyncio.run(send(running, "c1", messages))
        wait_until(lambda: running.stored() == 6, "six good readings are stored")
        expected = {
            ("c1", "d1", "reading_not_a_number"): 3,
            ("c1", "d1", "reading_clock_behind"): 2,
            ("c1", "d1", "reading_clock_ahead"): 1,
            ("c1", "d1", "reading_bad_json"): 1,
            ("c1", "d1", "reading_bad_time"): 1,
            ("c1", "d1", "reading_unknown_sensor"): 1,
            ("c1", "nobody", "reading_unknown_device"): 1,
            ("c1", "d2", "reading_unknown_device"): 1,
            ("c1", "off", "reading_device_not_in_use"): 1,
        }
        wait_until(lambda: running.quarantined() == expected, f"{expected}, but {running.quarantined()}")
        kept = {row.reason: row for row in running.quarantine_records()}
        assert kept["reading_bad_json"].samples[0].payload == "not json"
        stored = {
            (int(c), int(t) - moment, float(v)): int(q)
            for block in running.blocks()
            for c, t, v, q in zip(block.channel, block.time, block.value, block.quality, strict=True)
        }
        assert stored == {
            (1, 0, 1.0): 0,
            (2, 0, 2.0): 0,
            (2, 1, 3.0): 0,
            (1, 3, 200.0): OUT_OF_RANGE,
            (1, -3_600_000, 6.0): LATE,
            (2, 4, 8.0): EXERCISE,
        }
        latest = httpx.get(f"{running.telemetry_url}/latest", params={"channels": "1,2,4"}).json()
        assert latest == {"1": [moment + 3, 200.0, OUT_OF_RANGE], "2": [moment + 4, 8.0, EXERCISE]}

        for wrong in ("/series?channel=x&since=1&until=2", "/series?channel=1&since=2&until=1", "/series", "/latest?channels=a"):
            assert httpx.get(f"{running.telemetry_url}{wrong}").status_code == 422, wrong
        assert httpx.get(f"{running.telemetry_url}/healthz").json()["ok"] is True

        # Killed after it counted and before anybody noticed: started again it counts nothing twice.
        running.kill("intake")
        running.start("intake")
        running.porter.tell(entry("c1", device("nobody", point("a", 5))))
        time.sleep(0.5)
        asyncio.run(send(running, "c1", [("nobody", sample(moment + 9, a=1.0))]))
        wait_until(lambda: running.stored() == 7, "the device is known now")
        assert running.quarantined() == expected


def test_a_device_with_a_wrong_secret_or_under_another_name_does_not_get_in():
    with pipeline() as running:
        running.admit([entry("c1", device("d1", point("a", 1))), entry("c2", device("d2", point("a", 2)))])
        for credential, secret in (("c1", "bad"), ("c3", "good"), ("", "good")):
            with pytest.raises(aiomqtt.MqttError):
                asyncio.run(send(running, credential, [], secret=secret))

        async def publish_as_another():
            async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username="c1", password="good") as client:
                await client.publish(readings.topic("c2", "d2"), b"{}", qos=1)
                await client.publish(readings.topic("c1", "d1"), b"{}", qos=1)

        asyncio.run(publish_as_another())
        assert [m.subject for m in running.messages(broker.RAW)] == ["$MQTT.msgs.anlan.in.c1.d1"]


def square_wave(rows, period):
    return np.where((np.arange(rows) // period) % 2 == 1, 80.0, 20.0)


class Player(threading.Thread):
    """Replays a series in a thread of its own while the test kills processes."""

    def __init__(self, series, plan):
        super().__init__(daemon=True)
        self.series, self.plan, self.result, self.failure = series, plan, None, None

    def run(self):
        try:
            self.result = asyncio.run(replay.play(self.series, self.plan))
        except BaseException as failure:  # noqa: BLE001 - shown by the test
            self.failure = failure

    def finish(self, seconds):
        self.join(seconds)
        assert self.failure is None, self.failure
        assert self.result is not None, "the replay did not end"
        return self.result


def faulty_run(running, rows, seconds, kills):
    """Play ``rows`` rows of three points within ``seconds`` while processes are killed at the given parts of it."""
    wave = square_wave(rows, 50)
    columns = {"a": wave, "b": np.arange(rows, dtype=float), "c": np.sin(np.arange(rows))}
    series = replay.Series(columns, np.arange(rows) * 0.5)
    plan = replay.Plan(
        "d1",
        "c1",
        "good",
        {name: name for name in columns},
        datetime.now(UTC) - timedelta(seconds=rows * 0.5),
        rows * 0.5 / seconds,
        batch=3,
        port=running.mqtt_port,
    )
    player = Player(series, plan)
    began = time.monotonic()
    player.start()
    for part, name in kills:
        time.sleep(max(0.0, began + part * seconds - time.monotonic()))
        running.kill(name)
        if name == "nats":
            running.start_nats()
        else:
            running.start(name)
    assert player.finish(120).readings == rows * 3
    return wave, round(plan.start.timestamp() * 1000)


def expected_transitions(wave, start_ms):
    edges = np.flatnonzero(np.diff(np.concatenate([[20.0], wave])))
    times = [start_ms + int(edge) * 500 for edge in edges]
    return [(detections.RAISE if number % 2 == 0 else detections.CLEAR, moment) for number, moment in enumerate(times)]


def test_processes_killed_in_the_middle_of_the_stream_lose_nothing_and_double_nothing():
    rows = 3000
    with pipeline() as running:
        running.admit([entry("c1", device("d1", point("a", 1, limit("H", 50, 5)), point("b", 2), point("c", 3)))])
        running.start("telemetry", "intake", "detector")
        kills = [(0.2, "intake"), (0.35, "detector"), (0.5, "telemetry"), (0.6, "intake"), (0.7, "detector"), (0.8, "telemetry")]
        wave, start_ms = faulty_run(running, rows, 25, kills)
        wait_until(lambda: running.stored() == rows * 3, f"{rows * 3} readings are stored", 60)
        time.sleep(1.0)
        assert running.stored() == rows * 3
        # Not even the stream between the processes holds a reading twice.
        assert sum(len(block) for block in running.blocks()) == rows * 3
        expected = expected_transitions(wave, start_ms)
        wait_until(lambda: len(running.transitions()) >= len(expected), "every alarm was told of", 30)
        time.sleep(1.0)
        assert [(t.change, t.time_ms) for t in running.transitions()] == expected
        assert all(running.stop(name) == 0 for name in ("intake", "detector", "telemetry"))


def test_a_stream_server_killed_in_the_middle_loses_nothing_that_was_acknowledged_and_stores_nothing_twice():
    rows = 1500
    with pipeline() as running:
        running.admit([entry("c1", device("d1", point("a", 1, limit("H", 50, 5)), point("b", 2), point("c", 3)))])
        running.start("telemetry", "intake", "detector")
        wave, start_ms = faulty_run(running, rows, 15, [(0.3, "nats"), (0.7, "nats")])
        wait_until(lambda: running.stored() == rows * 3, f"{rows * 3} readings are stored", 60)
        time.sleep(1.0)
        assert running.stored() == rows * 3
        expected = expected_transitions(wave, start_ms)
        wait_until(lambda: len(running.transitions()) >= len(expected), "every alarm was told of", 30)
        assert [(t.change, t.time_ms) for t in running.transitions()] == expected
