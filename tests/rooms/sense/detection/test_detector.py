"""Rules in the running detector, with real engines: published, watched, killed in the middle; no alarm lost, none twice, no silence invented."""

import asyncio
import json
import threading
import time

import aiomqtt
import nats
import numpy as np
import pytest
from tests.rooms.sense.detection.plan import criterion
from tests.rooms.sense.pipeline import device, entry, limit, pipeline, point, wait_until
from tests.rooms.sense.stream.test_pipeline import expected_transitions, faulty_run

from anlan.ledger import broker
from anlan.sense.detection.engine import Engine
from anlan.sense.detection.topology import Topology
from anlan.sense.stream import reckoned
from anlan.wire import blocks, criteria, links, readings
from anlan.wire.criteria import Combined, Condition, Criterion, Limit, Rate, Silent, Virtual
from anlan.wire.detections import CLEAR, RAISE

pytestmark = [pytest.mark.engines, pytest.mark.timeout(240)]


def publish(running, *messages):
    """Publish (subject, data) pairs on the node's own streams."""

    async def say():
        nc = await nats.connect(running.nats_url)
        for subject, data in messages:
            await nc.jetstream().publish(subject, data)
        await nc.close()

    asyncio.run(say())


def put_in_force(running, *rules, complete=True):
    end = [("criteria._complete", b"{}")] if complete else []
    publish(running, *((f"criteria.{rule.code}", criteria.encode(rule)) for rule in rules), *end)


def ruled(transitions):
    return sorted(t.message_id for t in transitions if t.rule)


def told_in_one_go(admitted, rules, given):
    """What one engine says that reads every block of devices once and is never disturbed."""
    topology = Topology()
    topology.apply(admitted, 1)
    engine, last, said = Engine(topology), np.full(100, -1, np.int64), []
    for rule in rules:
        engine.apply(rule, 1)
    engine.settle()
    for block in given:
        found, derived = engine.judge(block, last, int(block.time.max()))
        said += engine.tell(found)
        np.maximum.at(last, block.channel, block.time)
        found, _none = engine.judge(derived, last, int(block.time.max()))
        said += engine.tell(found)
        np.maximum.at(last, derived.channel, derived.time)
    return said


def test_a_detector_killed_again_and_again_loses_no_alarm_of_a_rule_and_says_none_twice():
    rows = 2000
    admitted = entry("c1", device("d1", point("a", 1, limit("H", 50, 5)), point("b", 2), point("c", 3)))
    rules = (
        criterion(Limit("HH", 70.0, restore=30.0, dwell_s=2), 1, code="limit"),
        criterion(Rate(600.0, window_s=0), 1, code="rate"),
        criterion(Virtual(9, "a + 2 * c", {"a": 1, "c": 3}), code="virtual"),
        criterion(Limit("H", 81.0), 9, code="on-virtual"),
        criterion(Combined((Condition(1, ">=", 50.0), Condition(3, ">=", 0.0)), hold_s=1), code="both"),
    )
    with pipeline() as running:
        running.admit([admitted])
        put_in_force(running, *rules)
        running.start("telemetry", "intake", "detector")
        wait_until(lambda: "watching readings" in running.log("detector"), "the detector reads")
        kills = [(0.2, "detector"), (0.4, "detector"), (0.5, "intake"), (0.6, "detector"), (0.75, "nats"), (0.85, "detector")]
        wave, start_ms = faulty_run(running, rows, 20, kills)
        wait_until(lambda: running.stored() == rows * 4, f"{rows * 4} readings are stored, those reckoned among them", 60)
        given = [m for m in running.messages(broker.READINGS) if m.subject != reckoned.SUBJECT]
        expected = told_in_one_go(admitted, rules, [blocks.decode(m.data) for m in given])
        wait_until(lambda: len(ruled(running.transitions())) >= len(expected), "every alarm was told of", 40)
        time.sleep(1.5)
        said = running.transitions()
        assert ruled(said) == ruled(expected)
        assert {rule.code for rule in rules} - {"virtual"} == {t.rule for t in said if t.rule}
        assert [(t.change, t.time_ms) for t in said if not t.rule] == expected_transitions(wave, start_ms)
        derived = [blocks.decode(m.data) for m in running.messages(broker.READINGS) if m.subject == reckoned.SUBJECT]
        times = np.concatenate([block.time for block in derived])
        assert sorted(times.tolist()) == [start_ms + 500 * row for row in range(rows)]
        assert running.stop("detector") == 0


class Speaker(threading.Thread):
    """A device that sends its points every half second; which, is told from outside."""

    def __init__(self, running, *codes):
        super().__init__(daemon=True)
        self.running, self.codes, self.ended = running, set(codes), threading.Event()
        self.start()

    def run(self):
        asyncio.run(self.speak())

    async def speak(self):
        async with aiomqtt.Client("127.0.0.1", self.running.mqtt_port, username="c1", password="good") as client:
            while not self.ended.is_set():
                values = dict.fromkeys(sorted(self.codes), 1.0)
                if values:
                    payload = json.dumps({"t": time.time_ns() // 1_000_000, "v": values}).encode()
                    await client.publish(readings.topic("c1", "d1"), payload, qos=1)
                await asyncio.sleep(0.5)


def test_one_dead_sensor_is_silent_a_reported_link_is_lost_and_a_node_that_was_down_invents_neither():
    admitted = entry("c1", device("d1", point("a", 1), point("b", 2), point("c", 3)))
    with pipeline() as running:
        running.admit([admitted])
        put_in_force(running, criterion(Silent(interval_s=1.5, times=2), 1, 2, 3, code="silent"))
        running.start("intake", "detector")
        speaker = Speaker(running, "a", "b", "c")
        try:
            time.sleep(5)
            assert running.transitions() == []
            # The stream runs on, the detector is away longer than anybody may be silent; then the whole node is.
            running.kill("detector")
            time.sleep(6)
            running.start("detector")
            time.sleep(4)
            for name in ("intake", "detector"):
                running.kill(name)
            time.sleep(12)
            running.start("detector")
            time.sleep(5)
            # Still nobody has taken in what lies on the stream: nothing is known, nobody is called silent.
            assert running.transitions() == []
            running.start("intake")
            time.sleep(4)
            assert running.transitions() == []

            speaker.codes.discard("b")
            wait_until(lambda: running.transitions(), "the dead sensor is noticed", 20)
            time.sleep(3)
            assert [(t.change, t.kind, t.channel) for t in running.transitions()] == [(RAISE, "SILENT", 2)]
            (silent,) = running.transitions()
            assert (silent.change, silent.kind, silent.channel, silent.rule) == (RAISE, "SILENT", 2, "silent")
            running.kill("detector")
            running.start("detector")
            speaker.codes.add("b")
            wait_until(lambda: len(running.transitions()) == 2, "it speaks again", 20)
            assert running.transitions()[1].message_id == silent.message_id.replace(RAISE, CLEAR)

            speaker.codes.clear()
            running.kill("detector")
            time.sleep(0.7)
            link = links.Link("c1", "d1", links.DOWN, time.time_ns() // 1_000_000, "test")
            publish(running, (link.subject, links.encode(link)))
            running.start("detector")
            wait_until(lambda: len(running.transitions()) == 3, "the lost link is told of", 60)
            time.sleep(3)
            lost = running.transitions()[2:]
            assert [(t.kind, t.value) for t in lost] == [("LINK", 3.0)]
            running.kill("detector")
            running.start("detector")
            speaker.codes.update("abc")
            wait_until(lambda: len(running.transitions()) == 4, "the link is back", 20)
            assert running.transitions()[3].message_id == lost[0].message_id.replace(RAISE, CLEAR)
        finally:
            speaker.ended.set()
            speaker.join(5)


def test_rules_come_change_and_go_while_it_runs_and_are_remembered_when_their_stream_is_lost():
    admitted = entry("c1", device("d1", point("a", 1), point("b", 2)))
    with pipeline() as running:
        running.admit([admitted])
        running.start("intake", "detector")
        wait_until(lambda: "watching readings" in running.log("detector"), "the detector reads")
        publish(running, ("criteria.broken", b"nonsense"))
        put_in_force(running, criterion(Limit("H", 0.5), 1, code="one"), criterion(Limit("H", 0.5), 2, code="two"))
        time.sleep(1.5)
        speaker = Speaker(running, "a", "b")
        try:
            wait_until(lambda: len(running.transitions()) == 2, "both rules are watched by", 20)
            put_in_force(running, Criterion("one", 2, Limit("H", 0.5), in_force=False))
            wait_until(lambda: len(running.transitions()) == 3, "a rule taken back clears what it raised", 20)
            assert (running.transitions()[2].withdrawn, running.transitions()[2].rule) == (True, "one")
            time.sleep(3)
            # The stream of rules is lost with everything on it: the detector goes on with those it remembers.
            assert running.stop("detector") == 0
            lose_criteria(running)
            running.start("detector")
            wait_until(lambda: running.log("detector").count("watching readings") == 2, "the detector is back", 20)
            time.sleep(3)
            assert len(running.transitions()) == 3
            # Published as a whole again, what is not among them is no rule any more.
            put_in_force(running, criterion(Limit("H", 0.5), 1, code="three"))
            wait_until(lambda: len(running.transitions()) == 5, "the new set holds", 20)
            assert {(t.change, t.rule, t.withdrawn) for t in running.transitions()[3:]} == {(CLEAR, "two", True), (RAISE, "three", False)}
        finally:
            speaker.ended.set()
            speaker.join(5)


def lose_criteria(running):
    async def lose():
        nc = await nats.connect(running.nats_url)
        await nc.jetstream().delete_stream(broker.CRITERIA)
        await nc.close()

    asyncio.run(lose())
