"""A drill, and a real leak in the middle of it: on the node's own path of a reading, with the clock in hand."""

import json
from datetime import timedelta

import pytest
from tests.rooms.sense.plant import LOADER, NOW, Plant

from anlan.ledger import broker
from anlan.sense.alarms import intake
from anlan.sense.alarms.models import Alarm
from anlan.sense.detection.engine import Engine
from anlan.sense.detection.topology import Topology
from anlan.sense.devices import door as devices
from anlan.sense.stream import rules
from anlan.sense.stream.decoding import Decoder
from anlan.sense.stream.detection import Detection
from anlan.sense.stream.points import SUBJECT_PREFIX, Points
from anlan.wire import detections

pytestmark = pytest.mark.django_db


class Node:
    """Decoder, limits and room of alarms in one thread. Seconds count from ``NOW``."""

    def __init__(self, clock, plant):
        self.clock, self.plant, self.said, self.sent, self.apart = clock, plant, 0, 0, {}
        self.points, self.engine = Points(), Engine(Topology())
        self.detection, self.decoder = Detection(self.points), Decoder(self.points)
        self.learn()

    def learn(self):
        """What the gatekeeper publishes."""
        for entry in devices.registry_snapshot():
            self.points.apply(entry)
            self.engine.topology.apply(entry)

    def send(self, second, value, *, exercise=False, point="GT-1"):
        """One message with one reading of that second."""
        self.clock.set(NOW + timedelta(seconds=second))
        now_ms = round(self.clock.now().timestamp() * 1000)
        body = {"t": now_ms, "v": {point: value}, **({"exercise": True} if exercise else {})}
        self.sent += 1
        subject = f"{SUBJECT_PREFIX}{self.plant.issued.credential.username}.D1"
        outcome = self.decoder.decode([broker.Message(self.sent, subject, json.dumps(body).encode(), None)], now_ms)
        self.apart |= {reason: apart.count for (*_sender, reason), apart in outcome.apart.items()}
        self.detection.state.grow(int(outcome.block.channel.max(initial=-1)) + 1)
        found, _none = self.engine.judge(outcome.block, self.detection.state.last_time, now_ms)
        told = self.engine.tell([*self.detection.feed(outcome.block), *found])
        messages = [broker.Message(self.said + at, "alarms.x", detections.encode(each), None) for at, each in enumerate(told, 1)]
        self.said += len(messages)
        if messages:
            intake.take_in(messages)


@pytest.fixture
def node(clock):
    clock.set(NOW)
    plant = Plant()
    limits = (devices.Limit("H", 1.0, 0.1, 0.0, 2), devices.Limit("HH", 3.0, 0.1, 0.0, 1))
    devices.set_thresholds(plant.gas.id, limits, basis="standard", source="GB/T 50493-2019", actor=LOADER, now=NOW)
    return Node(clock, plant)


def alarms():
    """Kind, of an exercise, still active, told on its own; by beginning."""
    return [(row.kind, row.exercise, row.is_active, row.told) for row in Alarm.objects.order_by("raised_at", "kind")]


def test_a_real_leak_during_a_drill_rings_as_a_real_one(node):
    drill = devices.announce_exercise(
        node.plant.enterprise.pk, since=NOW, until=NOW + timedelta(hours=2), reason="氯气泄漏演练", actor=LOADER, now=NOW
    )
    node.learn()
    node.send(10, 0.2)
    node.send(60, 1.4, exercise=True)
    assert alarms() == [("H", True, True, True)]
    # Another gateway tells what the detector really measures: chlorine, now.
    node.send(61, 1.2)
    assert alarms() == [("H", True, False, True), ("H", False, True, True)]
    # The script goes on, past the gravest limit and back to nothing: it neither clears what is real nor makes it graver.
    node.send(62, 5.0, exercise=True)
    node.send(63, 0.0, exercise=True)
    really = [(row.kind, row.is_active, row.peak) for row in Alarm.objects.filter(exercise=False)]
    assert really == [("H", True, 1.2)]
    node.send(70, 3.5)
    assert [(row.kind, row.is_active) for row in Alarm.objects.filter(exercise=False).order_by("raised_at")] == [("H", True), ("HH", True)]
    devices.end_exercise(drill, actor=LOADER, now=node.clock.now())
    node.learn()
    node.send(80, 0.0)
    assert not any(active for _kind, _exercise, active, _told in alarms())
    assert all(row.exercise == row.cause.exercise for row in Alarm.objects.filter(cause__isnull=False))
    assert node.apart == {}


def test_a_device_that_calls_its_readings_an_exercise_unasked_rings_as_ever(node):
    node.send(10, 1.4, exercise=True)
    assert alarms() == [("H", False, True, True)]
    assert node.apart == {rules.EXERCISE_NOT_ANNOUNCED: 1}


def test_after_the_drill_is_over_the_mark_counts_no_more(node):
    drill = devices.announce_exercise(
        node.plant.enterprise.pk, since=NOW, until=NOW + timedelta(hours=2), reason="演练", actor=LOADER, now=NOW
    )
    node.learn()
    node.send(10, 1.4, exercise=True)
    devices.end_exercise(drill, actor=LOADER, now=NOW + timedelta(seconds=20))
    node.learn()
    node.send(30, 1.5, exercise=True)
    assert alarms() == [("H", True, False, True), ("H", False, True, True)]
