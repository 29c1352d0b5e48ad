"""Every kind of rule from what a device sends to the alarm on the officer's desk, on a clock that the story moves.

Readings come in as messages of a device, go through the decoder and the engine with the rules in force, and what is said is entered by the room
of alarms as its process does. The rules themselves are drafted and put in force by two people.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.accounts import actor_of, client_for, client_of, make_account
from tests.rooms.sense.criteria.mine import Mine, drafted
from tests.rooms.sense.criteria.test_criteria import in_force
from tests.rooms.sense.plant import LOADER

from anlan.ledger import broker
from anlan.sense.alarms import intake
from anlan.sense.alarms.models import Alarm
from anlan.sense.criteria import queries, rules, services
from anlan.sense.criteria.services import Scope
from anlan.sense.detection.engine import Engine
from anlan.sense.detection.topology import Topology
from anlan.sense.devices import door as devices
from anlan.sense.stream.decoding import Decoder
from anlan.sense.stream.detection import Detection
from anlan.sense.stream.points import SUBJECT_PREFIX, Points
from anlan.wire import detections
from anlan.wire.blocks import LATE

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)


class Node:
    """The node's path of a reading in one thread: decoder, limits, engine, room of alarms. Seconds count from ``START``."""

    def __init__(self, clock, mine: Mine) -> None:
        self.clock, self.mine, self.said, self._sequence = clock, mine, [], 0
        self.wang, self.zhao = make_account("wang", "inspector"), make_account("zhao", "inspector")
        self.points, self.engine = Points(), Engine(Topology())
        self.detection, self.decoder = Detection(self.points), Decoder(self.points)
        self.learn()

    def learn(self) -> None:
        """What the gatekeeper publishes."""
        for entry in devices.registry_snapshot():
            self.points.apply(entry)
            self.engine.topology.apply(entry, self.now_ms)

    @property
    def now_ms(self) -> int:
        return round(self.clock.now().timestamp() * 1000)

    def rule(self, kind, parameters, *points, **more):
        """A rule that one person drafts and another puts in force; the stream is told of it."""
        wang, zhao = actor_of(self.wang), actor_of(self.zhao)
        own = kind in rules.POINTS_OF_THEIR_OWN
        scope = Scope() if own else Scope(tuple(point.channel for point in points))
        row = drafted(self.mine, wang, kind, parameters, now=self.clock.now(), scope=scope, **more)
        row = in_force(row, wang, zhao, self.clock.now())
        self.tell_stream()
        return row

    def tell_stream(self) -> None:
        """What the publishing job does."""
        for message in queries.messages(self.clock.now()).values():
            self.engine.apply(message, self.now_ms)
        self._enter(self.engine.settle())

    def wait_until(self, second: float) -> None:
        """Let the clock run, a look at the time every second."""
        while self.clock.now() < START + timedelta(seconds=second):
            self.clock.advance(1)
            self._enter(self.engine.tick(self.now_ms))

    def send(self, second: float, measured: float | None = None, *, exercise: bool = False, **values: float) -> None:
        """The device sends ``values`` (by point code, ``_`` for ``-``), measured at that second or at ``measured``."""
        self.wait_until(second)
        moment = START_MS + round((second if measured is None else measured) * 1000)
        body = {
            "t": moment,
            "v": {code.replace("_", "-"): value for code, value in values.items()},
            **({"exercise": True} if exercise else {}),
        }
        self._sequence += 1
        subject = f"{SUBJECT_PREFIX}{self.mine.issued.credential.username}.D1"
        outcome = self.decoder.decode([broker.Message(self._sequence, subject, json.dumps(body).encode(), None)], self.now_ms)
        assert not outcome.apart, outcome.apart
        block, state = outcome.block, self.detection.state
        state.grow(int(block.channel.max(initial=-1)) + 1)
        found, reckoned = self.engine.judge(block, state.last_time, self.now_ms)
        self._enter(self.engine.tell([*self.detection.feed(block), *found]))
        if len(reckoned):
            found, _none = self.engine.judge(reckoned, state.last_time, self.now_ms)
            self._enter(self.engine.tell([*self.detection.feed(reckoned), *found]))

    def play(self, every: float, /, start: float = 0, **series) -> None:
        """Points side by side, one value each ``every`` seconds; ``None``: says nothing."""
        length = max(map(len, series.values()))
        for number in range(length):
            values = {code: each[number] for code, each in series.items() if number < len(each) and each[number] is not None}
            if values:
                self.send(start + number * every, **values)

    def _enter(self, told) -> None:
        self.said += told
        first = len(self.said) - len(told) + 1
        messages = [broker.Message(first + at, f"alarms.{each.change}", detections.encode(each), None) for at, each in enumerate(told)]
        if messages:
            intake.take_in(messages)


@pytest.fixture
def node(clock):
    clock.set(START)
    return Node(clock, Mine(now=START))


def episodes(of=None):
    """Kind, level, beginning and end in seconds of every alarm, in order."""
    rows = Alarm.objects.order_by("raised_at", "kind") if of is None else Alarm.objects.filter(kind__in=of).order_by("raised_at", "kind")
    return [(row.kind, row.level, since(row.raised_at), since(row.cleared_at) if row.cleared_at else None) for row in rows]


def since(moment):
    return round((moment - START).total_seconds(), 3)


def desk():
    """The officer's desk as it is shown."""
    return client_for("duty_officer").get("/alarms/open/").content.decode()


def test_methane_alarms_is_cut_off_and_restored_as_the_table_of_places_says(node):
    mine, wang, zhao = node.mine, actor_of(node.wang), actor_of(node.zhao)
    for row in services.apply_template(
        "methane_face", Scope((mine.methane.channel,)), enterprise_id=mine.enterprise.pk, actor=wang, now=node.clock.now()
    ):
        in_force(row, wang, zhao, node.clock.now())
    node.tell_stream()
    node.play(10, T1=[0.9, 1.0, 1.4, 1.5, 1.2, 1.0, 0.99])
    assert episodes() == [("H", 2, 10.0, 60.0), ("HH", 1, 30.0, 60.0)]
    node.send(100, T1=1.6)
    page = desk()
    assert "工作面甲烷" in page and "未恢复" in page


def test_three_per_cent_for_more_than_ten_minutes_and_steps_down_in_time(node):
    node.rule("LIMIT", {"word": "HH", "limit": 3.0, "dwell_s": 600.001, "hold_s": 120}, node.mine.methane)
    node.play(60, T1=[3.0] * 11)
    assert episodes() == []
    node.play(60, start=660, T1=[3.2, 2.0, 3.1, 2.0, 2.0, 2.0])
    assert episodes() == [("HH", 1, 660.0, 660.0 + 5 * 60)]


def test_a_value_that_runs_away(node):
    node.rule("RATE", {"per_minute": 0.6, "window_s": 0, "direction": "up"}, node.mine.methane, level=2)
    node.play(60, T1=[0.2, 0.3, 1.0, 1.0])
    assert episodes() == [("RATE", 2, 120.0, 180.0)]


def test_a_value_that_stands_still(node):
    node.rule("FROZEN", {"for_s": 600, "tolerance": 0.0, "gap_s": 120}, node.mine.methane, level=3)
    node.play(60, T1=[0.31] * 12 + [0.32])
    assert episodes() == [("FROZEN", 3, 600.0, 720.0)]


def test_a_sensor_in_a_bag_while_its_neighbour_moves(node):
    parameters = {"for_s": 600, "neighbours": [node.mine.return_air.channel], "moved": 0.2, "gap_s": 120}
    node.rule("BLOCKED", parameters, node.mine.methane, level=2)
    node.play(60, T1=[0.3] * 14 + [0.5], T2=[0.3] * 5 + [0.8] * 10)
    assert episodes() == [("BLOCKED", 2, 600.0, 840.0)]


def test_a_broken_wire(node):
    node.rule("RANGE", {"low": 0.0, "high": 40.0, "dwell_s": 20}, node.mine.methane, level=3)
    node.play(10, T1=[0.3, 99.0, 0.3, 99.0, 99.0, 99.0, 0.3])
    assert episodes() == [("RANGE", 3, 50.0, 60.0)]


def test_two_sensors_that_come_to_mean_different_things(node):
    node.rule("DRIFT", {"twin": node.mine.return_air.channel, "difference": 0.3, "window_s": 480}, node.mine.methane, level=4)
    node.play(30, T1=[0.5] * 30 + [1.0] * 40, T2=[0.5] * 70)
    ((kind, level, raised, cleared),) = episodes()
    assert (kind, level, cleared) == ("DRIFT", 4, None)
    # Half of the window of eight minutes has passed since they parted, and not much more of it.
    assert 900 + 240 <= raised <= 900 + 480


def test_a_recording_played_again_and_again(node):
    rng = np.random.default_rng(7)
    recorded = rng.uniform(0.2, 0.4, 10).round(3).tolist()
    node.rule("REPEATED", {"readings": 40}, node.mine.methane, level=2)
    node.play(10, T1=rng.uniform(0.2, 0.4, 60).tolist())
    assert episodes() == []
    node.play(10, start=600, T1=recorded * 6 + [0.777])
    ((kind, level, raised, cleared),) = episodes()
    assert (kind, level, raised, cleared) == ("REPEATED", 2, 600 + 10 * 49, 1200.0)


def test_limits_set_laxer_than_the_law_wants(node):
    mine = node.mine
    limits = (devices.Limit("H", 1.2, 0.0, 0.0, 2), devices.Limit("HH", 1.5, 0.0, 0.0, 1))
    told = {"basis": "design", "source": "测试", "actor": actor_of(make_account("clerk", "bureau_clerk"))}
    devices.set_thresholds(mine.methane.id, limits, now=node.clock.now(), **told)
    node.learn()
    node.rule("CONFIGURED", {"h": 1.0, "hh": 1.5}, mine.methane, level=2)
    node.wait_until(5)
    assert [(row.kind, row.level, row.cleared_at) for row in Alarm.objects.all()] == [("CONFIGURED", 2, None)]
    limits = (devices.Limit("H", 1.0, 0.0, 0.0, 2), devices.Limit("HH", 1.5, 0.0, 0.0, 1))
    devices.set_thresholds(mine.methane.id, limits, now=node.clock.now(), **told)
    node.learn()
    node.wait_until(10)
    assert Alarm.objects.get().cleared_at is not None


def test_one_sensor_falls_silent_then_the_whole_link(node):
    mine = node.mine
    node.rule("SILENT", {"interval_s": 10, "times": 3}, mine.methane, mine.return_air, mine.gas, level=3)
    node.play(10, T1=[0.3] * 30, T2=[0.3] * 6, GT_1=[1.0] * 30)
    assert episodes() == [("SILENT", 3, 80.0, None)]
    assert Alarm.objects.get().sensor_id == mine.return_air.id
    node.wait_until(400)
    assert episodes() == [("SILENT", 3, 80.0, None), ("LINK", 3, 320.0, None)]
    assert "2" in Alarm.objects.get(kind="LINK").title or Alarm.objects.get(kind="LINK").value == 2.0
    node.send(410, T1=0.3, T2=0.3, GT_1=1.0)
    assert episodes() == [("SILENT", 3, 80.0, 410.0), ("LINK", 3, 320.0, 410.0)]


def test_fan_stopped_and_methane_rising_together_on_the_night_shift_alone(node):
    mine = node.mine
    parameters = {
        "conditions": [{"channel": mine.methane.channel, "compare": ">=", "limit": 0.8}],
        "states": [{"channel": mine.gas.channel, "compare": "==", "limit": 0.0, "age_s": 86_400.0}],
        # 09:00 to 10:00 at Beijing is the first hour of the story; the rule watches from 09:30 on, on Sundays.
        "hours": {"since": 9 * 60 + 30, "until": 24 * 60, "weekdays": [6]},
    }
    node.rule("COMBINED", parameters, level=1)
    node.send(0, T1=0.9, GT_1=0.0)
    node.send(1700, T1=0.9)
    assert episodes() == []
    node.send(1800, T1=0.9)
    node.send(1860, GT_1=1.0)
    node.send(1920, T1=0.9)
    assert episodes() == [("COMBINED", 1, 1800.0, 1860.0)]
    # The same a day later, on a Monday: nobody watches.
    node.clock.set(START + timedelta(days=1))
    node.send(86_400 + 1800, T1=0.9, GT_1=0.0)
    assert len(episodes()) == 1


def test_a_tailings_pond_from_blue_to_red_and_back_in_time(node):
    mine = node.mine
    four = {"blue": 1.0, "yellow": 2.0, "orange": 3.0, "red": 4.0}
    indicators = [{"channel": point.channel, "item": "浸润线", **four} for point in (mine.methane, mine.return_air)]
    node.rule("COLOURS", {"indicators": indicators, "hold_s": 600}, level=4)
    node.play(60, T1=[0.5, 1.2, 3.5, 3.5], T2=[0.5, 0.5, 0.5, 3.2])
    # Two orange points of one item are a red pond.
    assert episodes() == [("COLOURS", 4, 60.0, 120.0), ("COLOURS", 2, 120.0, 180.0), ("COLOURS", 1, 180.0, None)]
    node.play(60, start=240, T1=[0.5] * 12, T2=[0.5] * 12)
    assert episodes()[-1] == ("COLOURS", 1, 180.0, 240.0 + 600)


def test_a_virtual_point_is_watched_like_any_other(node):
    mine = node.mine
    node.rule(
        "VIRTUAL", {"channel": mine.gas.channel, "formula": "a - b", "inputs": {"a": mine.methane.channel, "b": mine.return_air.channel}}
    )
    node.rule("LIMIT", {"word": "H", "limit": 0.5}, mine.gas, level=2)
    node.play(10, T1=[0.5, 0.9, 1.4, 0.9], T2=[0.5, 0.6, 0.7, 0.6])
    assert episodes() == [("H", 2, 20.0, 30.0)]
    assert Alarm.objects.get().sensor_id == mine.gas.id


def test_a_flood_stands_under_its_cause(node):
    mine = node.mine
    node.rule("LIMIT", {"word": "H", "limit": 1.0}, mine.methane, mine.return_air, mine.gas)
    node.send(0, T1=1.2, T2=0.3, GT_1=0.3, PT_1=1.0)
    node.send(20, T1=1.2, T2=1.5, GT_1=2.0, PT_1=1.6)
    first = Alarm.objects.get(sensor_id=mine.methane.id)
    followers = Alarm.objects.exclude(pk=first.pk)
    # The points' own limits stand in the same flood as the rules.
    assert sorted((row.kind, row.sensor.code) for row in followers) == [("H", "GT-1"), ("H", "PT-1"), ("H", "T2"), ("HH", "PT-1")]
    assert {row.cause_id for row in followers} == {first.pk}


def test_while_it_is_suppressed_nothing_rises_and_what_stands_at_the_end_does(node):
    row = node.rule("LIMIT", {"word": "H", "limit": 1.0}, node.mine.methane, node.mine.return_air)
    zhao = actor_of(node.zhao)
    told = {"reason": "打钻施工", "channels": (node.mine.methane.channel,), "actor": zhao}
    services.suppress(row, until=node.clock.now() + timedelta(minutes=10), now=node.clock.now(), **told)
    node.tell_stream()
    node.send(60, T1=1.5, T2=0.3)
    node.send(120, T1=0.3, T2=1.5)
    node.send(180, T1=1.5, T2=0.3)
    assert [(kind, raised, cleared) for kind, _level, raised, cleared in episodes()] == [("H", 120.0, 180.0)]
    node.wait_until(602)
    assert [(kind, raised) for kind, _level, raised, _cleared in episodes()] == [("H", 120.0), ("H", 180.0)]
    page = client_of(node.wang).get(f"/criteria/{row.pk}/").content.decode()
    assert "打钻施工" in page


def test_a_rule_withdrawn_takes_its_alarm_along_and_its_revision_watches_on(node):
    row = node.rule("LIMIT", {"word": "H", "limit": 1.0}, node.mine.methane)
    node.send(0, T1=1.2)
    wang, zhao = actor_of(node.wang), actor_of(node.zhao)
    follower = services.follow_up(row, actor=wang, now=node.clock.now())
    told = {"name": "新规", "source": "煤矿安全规程", "level": 1, "scope": Scope((node.mine.methane.channel,))}
    services.revise(follower, parameters={"word": "H", "limit": 1.1}, actor=wang, now=node.clock.now(), **told)
    in_force(queries.one(follower.pk, None), wang, zhao, node.clock.now())
    node.tell_stream()
    assert Alarm.objects.get().cleared_at is not None
    node.send(30, T1=1.2)
    assert [(row.kind, row.level, row.cleared_at is None) for row in Alarm.objects.order_by("raised_at")] == [
        ("H", 1, False),
        ("H", 1, True),
    ]


def test_late_and_exercise_readings_are_told_as_such(node):
    node.rule("LIMIT", {"word": "H", "limit": 1.0}, node.mine.methane, node.mine.return_air)
    node.send(7200, measured=60, T1=1.5)
    until, now = START + timedelta(hours=3), node.clock.now()
    devices.announce_exercise(node.mine.enterprise.pk, since=now, until=until, reason="瓦斯超限演练", actor=LOADER, now=now)
    node.learn()
    node.send(7210, exercise=True, T2=1.5)
    late, drill = Alarm.objects.order_by("raised_at")
    assert (late.late, since(late.raised_at), late.exercise) == (True, 60.0, False)
    assert (drill.exercise, drill.late) == (True, False)
    assert LATE & node.said[0].quality
