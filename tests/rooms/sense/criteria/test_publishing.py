"""From the page to the detector: what is in force stands on the stream, whatever was missed, and watches at once."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import aiomqtt
import numpy as np
import pytest
from django.conf import settings
from tests.rooms.sense.criteria.mine import Mine, drafted, person
from tests.rooms.sense.criteria.test_criteria import in_force
from tests.rooms.sense.pipeline import pipeline, wait_until

from anlan.kernel import clock
from anlan.ledger import broker
from anlan.ledger.events import deliver_pending
from anlan.sense.criteria import publishing, replaying, services, tasks
from anlan.sense.devices import door as devices
from anlan.sense.stream import replay
from anlan.wire import criteria, readings
from anlan.wire.detections import CLEAR, RAISE

pytestmark = [pytest.mark.django_db, pytest.mark.engines, pytest.mark.timeout(240)]


def on_stream(running):
    """Rules on the stream by code: whether they are in force."""
    found = {m.subject.removeprefix("criteria."): m.data for m in running.messages(broker.CRITERIA)}
    return {code: criteria.decode(data).in_force for code, data in found.items() if not code.startswith("_")}


async def send(running, mine, value):
    async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=mine.issued.credential.username, password="good") as client:
        body = json.dumps({"t": time.time_ns() // 1_000_000, "v": {"T1": value}}).encode()
        await client.publish(readings.topic(mine.issued.credential.username, "D1"), body, qos=1)


def test_a_rule_put_in_force_watches_in_the_running_detector_and_a_withdrawn_one_lets_go(monkeypatch):
    mine, wang, zhao = Mine(now=clock.now()), person("wang"), person("zhao")
    with pipeline() as running:
        monkeypatch.setitem(settings.ANLAN, "NATS_URL", running.nats_url)
        running.admit(list(devices.registry_snapshot()))
        running.start("intake", "detector")
        draft = drafted(mine, wang, now=clock.now())
        deliver_pending()
        row = in_force(drafted(mine, wang, now=clock.now()), wang, zhao, clock.now())
        # The hearer of the change tells the stream; the job of every minute finds nothing more to say.
        deliver_pending()
        assert on_stream(running) == {row.code: True}
        assert publishing.publish(clock.now()) == 0
        time.sleep(4)
        asyncio.run(send(running, mine, 1.6))
        wait_until(lambda: running.transitions(), "the rule fires", 20)
        (raised,) = running.transitions()
        assert (raised.change, raised.kind, raised.rule, raised.level) == (RAISE, "HH", row.code, 1)
        services.move(row.pk, "withdraw", reason="改用新标准", actor=wang, now=clock.now())
        deliver_pending()
        wait_until(lambda: len(running.transitions()) == 2, "it lets go", 20)
        cleared = running.transitions()[1]
        assert (cleared.change, cleared.withdrawn, cleared.episode) == (CLEAR, True, raised.episode)
        assert draft.code not in on_stream(running)


def test_whatever_was_missed_or_does_not_belong_there_is_made_good(monkeypatch):
    mine, wang, zhao = Mine(now=clock.now()), person("wang"), person("zhao")
    row = in_force(drafted(mine, wang, now=clock.now()), wang, zhao, clock.now())
    with pipeline() as running:
        monkeypatch.setitem(settings.ANLAN, "NATS_URL", running.nats_url)
        tasks.publish(0)
        ghost = criteria.Criterion("R999999", 1, criteria.Limit("H", 1.0))
        foreign = criteria.Criterion("unit-1", 1, criteria.Limit("H", 1.0))

        async def say():
            stop = asyncio.Event()
            nc = await broker.connect(running.nats_url, stop, name="test")
            for code, data in (("R999999", criteria.encode(ghost)), ("unit-1", criteria.encode(foreign)), (row.code, b"nonsense")):
                await broker.publish(nc.jetstream(), stop, f"criteria.{code}", data)
            await nc.close()

        asyncio.run(say())
        assert publishing.publish(clock.now()) == 2
        # Another room's rule on the same stream is left alone.
        assert on_stream(running) == {row.code: True, "R999999": False, "unit-1": True}
        services.suppress(row, until=clock.now() + services.longest_suppression() / 2, reason="检修", actor=wang, now=clock.now())
        assert publishing.publish(clock.now()) == 1


def test_a_stream_that_is_away_is_tried_again_and_harms_nobody(monkeypatch):
    monkeypatch.setitem(settings.ANLAN, "NATS_URL", "nats://127.0.0.1:9")
    monkeypatch.setattr(publishing, "PATIENCE_S", 0.5)
    with pytest.raises(publishing.StreamAway):
        publishing.publish(clock.now())
    tasks.publish(0)


def test_a_replay_reads_the_very_readings_that_the_store_holds(monkeypatch):
    mine, wang = Mine(now=clock.now()), person("wang")
    row = drafted(mine, wang, now=clock.now())
    start = datetime.now(UTC) - timedelta(minutes=30)
    # A reading every hundredth of a second, one of them above the limit.
    values = np.full(3000, 0.2)
    values[1234] = 1.7
    with pipeline() as running:
        monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", running.telemetry_url)
        running.admit(list(devices.registry_snapshot()))
        running.start("telemetry", "intake")
        series = replay.Series({"m": values}, np.arange(3000) * 0.01)
        plan = replay.Plan("D1", mine.issued.credential.username, "good", {"m": "T1"}, start, None, batch=50, port=running.mqtt_port)
        assert asyncio.run(replay.play(series, plan)).readings == 3000
        wait_until(lambda: running.stored() == 3000, "every reading is stored", 60)
        found = replaying.run(row, start - timedelta(hours=1), datetime.now(UTC))
        assert (found.readings, found.fired, found.heard) == (3000, 1, {mine.methane.channel})
        assert found.firings[0]["raised_ms"] == round(plan.start.timestamp() * 1000) + 12_340
        assert found.firings[0]["cleared_ms"] == found.firings[0]["raised_ms"] + 10
