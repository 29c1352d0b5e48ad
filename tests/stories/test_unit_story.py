"""A fault that no limit shows, from the page where an engineer trains a model to the alarm that names the points that left the others.

The Tennessee Eastman process is a plant of this node. Its fault-free run d00 is history; a model is learnt of it, drafted as a rule, replayed and
put in force by a second person. Then run d05 comes in as messages of the device: the condenser's cooling water changes its temperature at row
160, the controllers hide it, and the unit alarms soon after. The fault-free testing run raises almost nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.accounts import actor_of, client_for, client_of, make_account
from tests.rooms.sense.plant import LOADER, enterprise
from tests.rooms.sense.units.past import Past
from tests.stories import tep

from anlan.ledger import broker
from anlan.sense.alarms import intake
from anlan.sense.alarms.models import Alarm
from anlan.sense.criteria import door as criteria
from anlan.sense.criteria import queries as rule_queries
from anlan.sense.criteria import replaying, services
from anlan.sense.criteria.models import Criterion, Replay
from anlan.sense.detection import multivariate
from anlan.sense.detection.engine import Engine
from anlan.sense.detection.topology import Topology
from anlan.sense.devices import door as devices
from anlan.sense.stream.decoding import Decoder
from anlan.sense.stream.detection import Detection
from anlan.sense.stream.points import SUBJECT_PREFIX, Points
from anlan.sense.units import training
from anlan.sense.units.models import ModelVersion, ProcessUnit, Training
from anlan.wire import detections

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
STEP = timedelta(seconds=tep.INTERVAL_S)


@pytest.fixture(scope="module")
def runs(shared, tmp_path_factory):
    return tep.unpack(shared, tmp_path_factory.mktemp("tep"))


class Node:
    """The node's path of a reading in one thread, with the plant, its history, and two people."""

    def __init__(self, clock, runs, past):
        self.clock, self.runs, self.past, self.said = clock, runs, past, []
        self.wang, self.zhao = make_account("wang", "inspector"), make_account("zhao", "inspector")
        self.plant = tep.register(runs, enterprise().pk, actor=LOADER, now=BEFORE)
        self.points = [self.plant.points[name] for name in tep.VARIABLES]
        past.fill(self.points, BEFORE, tep.table(runs, "d00"), tep.INTERVAL_S)
        self.unit = self.register()

    def register(self):
        """An engineer writes the unit down on its page."""
        enterprise_id = self.points[0].enterprise_id
        values = {
            "name": "反应工段",
            "points": "\n".join(f"TEP-1/{name}" for name in tep.VARIABLES),
            "interval_s": "180",
            "age_s": "600",
            "periods": "2026-11-20 09:00 至 2026-11-21 10:00",
            "exclusions": "",
            "method": "cva",
            "quantile": "0.99",
            "risk_source": "",
            "note": "",
        }
        answer = client_of(self.wang).post(f"/units/new/?enterprise={enterprise_id}", values)
        unit = ProcessUnit.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/units/{unit.pk}/")
        return unit

    def train(self, monkeypatch):
        """The button on the page, and the worker that takes up the job."""
        monkeypatch.setattr(training, "queue_training", lambda _pk: None)
        assert client_of(self.wang).post(f"/units/{self.unit.pk}/train/").status_code == 302
        training.work(Training.objects.get().pk)
        return ModelVersion.objects.get()

    def watch(self, version, monkeypatch):
        """The rule drafted by one person, tried on history, put in force by another; the stream is told."""
        monkeypatch.setattr(replaying, "queue_replay", lambda _pk: None)
        answer = client_of(self.wang).post(f"/unit-versions/{version.pk}/draft/")
        row = Criterion.objects.get()
        assert answer["Location"] == f"/criteria/{row.pk}/"
        page = client_of(self.wang).get(f"/criteria/{row.pk}/").content.decode()
        assert "反应器温度" in page and version.digest in page and "启用前须用历史数据回放" in page
        span = {"since": "2026-11-20T09:00", "until": "2026-11-21T10:00"}
        assert client_of(self.wang).post(f"/criteria/{row.pk}/replay/", span).status_code == 302
        replaying.work(Replay.objects.get().pk)
        assert Replay.objects.get().readings == 500 * 52 and Replay.objects.get().fired <= 1
        services.move(row.pk, "enact", actor=actor_of(self.zhao), now=self.clock.now())
        return row

    def play(self, run, rows):
        """The device sends a run, a row each three minutes, to a detector that knows the rule and its model."""
        points, engine = Points(), Engine(Topology())
        detection, decoder = Detection(points), Decoder(points)
        for entry in devices.registry_snapshot():
            points.apply(entry)
            engine.topology.apply(entry, self.now_ms)
        for message in rule_queries.messages(self.clock.now()).values():
            data = criteria.model(message.parameters.model)
            engine.units.learn(message.parameters.model, multivariate.unpack(data))
            engine.apply(message, self.now_ms)
        engine.settle()
        times = []
        for number, row in enumerate(tep.table(self.runs, run)[:rows], 1):
            self.clock.advance(tep.INTERVAL_S)
            times.append(self.now_ms)
            body = {"t": self.now_ms, "v": dict(zip(tep.VARIABLES, row.tolist(), strict=True))}
            subject = f"{SUBJECT_PREFIX}{self.plant.issued.credential.username}.TEP-1"
            outcome = decoder.decode([broker.Message(number, subject, json.dumps(body).encode(), None)], self.now_ms)
            assert not outcome.apart, outcome.apart
            detection.state.grow(int(outcome.block.channel.max()) + 1)
            found, _none = engine.judge(outcome.block, detection.state.last_time, self.now_ms)
            detection.feed(outcome.block)
            # The points' own limits are another story.
            self.enter(engine.tell(found))
        return times

    @property
    def now_ms(self):
        return round(self.clock.now().timestamp() * 1000)

    def enter(self, told):
        first = len(self.said) + 1
        self.said += told
        messages = [broker.Message(first + at, f"alarms.{each.change}", detections.encode(each), None) for at, each in enumerate(told)]
        if messages:
            intake.take_in(messages)


@pytest.fixture
def node(clock, runs, monkeypatch):
    clock.set(START)
    return Node(clock, runs, Past().serve(monkeypatch))


def test_from_training_to_the_alarm_that_names_the_points(node, monkeypatch):
    version = node.train(monkeypatch)
    assert (version.rows, len(version.channels), version.left_out["gap"]) == (500, 52, 0)
    page = client_of(node.wang).get(f"/units/{node.unit.pk}/").content.decode()
    assert "尚未起草规则" in page and "起草规则" in page
    row = node.watch(version, monkeypatch)
    assert "正在监视" in client_of(node.wang).get(f"/units/{node.unit.pk}/").content.decode()

    times = node.play("d05_te", 260)
    alarm = Alarm.objects.order_by("raised_at").first()
    onset = datetime.fromtimestamp(times[tep.ONSET_ROW] / 1000, UTC)
    assert onset <= alarm.raised_at <= onset + timedelta(minutes=15)
    assert (alarm.kind, alarm.rule, alarm.unit) == ("UNIT", row.code, "")
    blamed = devices.sensors_by_channel([int(alarm.facts[f"channel_{rank}"]) for rank in (1, 2, 3)])
    assert alarm.title.startswith("反应工段 UNIT ") and all(point.name in alarm.title for point in blamed.values())

    page = client_for("duty_officer", "370102").get(f"/alarms/{alarm.pk}/").content.decode()
    assert "工艺单元整体偏离正常工况" in page and "贡献最大的测点" in page and "channel_1" not in page
    assert all(point.name in page for point in blamed.values()) and f"/units/{node.unit.pk}/" in page
    # The unit's own page shows the same hours from history.
    node.past.fill(node.points, START + STEP, tep.table(node.runs, "d05_te")[:260], tep.INTERVAL_S)
    at = alarm.raised_at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M:%S")
    page = client_of(node.wang).get(f"/units/{node.unit.pk}/?hours=24&at={at}").content.decode()
    assert "超过阈值" in page and "<polyline" in page and "各测点的贡献" in page


def test_the_fault_free_run_raises_almost_nothing(node, monkeypatch):
    node.watch(node.train(monkeypatch), monkeypatch)
    node.play("d00_te", 480)
    assert Alarm.objects.count() <= 1
