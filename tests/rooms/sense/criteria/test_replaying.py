"""A rule tried on history: every single reading counts, progress is told, it can be stopped, and what it finds opens the way into force."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from tests.rooms.sense.criteria.mine import Mine, drafted, person
from tests.rooms.sense.plant import LOADER, NOW

from anlan.sense.criteria import queries, replaying, rules, services
from anlan.sense.criteria.models import Criterion, Replay
from anlan.sense.criteria.services import Scope
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.sense.stream.rules import StoreSilent

pytestmark = pytest.mark.django_db
SINCE = NOW - timedelta(days=2)
MS = round(SINCE.timestamp() * 1000)


class History:
    """A store of readings that answers as the real one does: in buckets of equal width, thinned where several fall into one."""

    def __init__(self):
        self.held, self.asked = {}, 0

    def put(self, sensor, seconds, values):
        self.held[sensor.id] = (MS + np.round(np.asarray(seconds, float) * 1000).astype(np.int64), np.asarray(values, float))

    def series(self, sensor_id, since, until, points=600, actor=None):
        self.asked += 1
        time, value = self.held.get(sensor_id, (np.empty(0, np.int64), np.empty(0)))
        first, last = round(since.timestamp() * 1000), round(until.timestamp() * 1000)
        width = max(1, -(-(last - first) // points))
        inside = (time >= first) & (time < last)
        time, value = time[inside], value[inside]
        found = []
        for bucket in np.unique((time - first) // width):
            mine = (time - first) // width == bucket
            at = datetime.fromtimestamp(time[mine][0] / 1000, NOW.tzinfo)
            found.append(stream.Bucket(at, value[mine].min(), value[mine].max(), value[mine].mean(), int(mine.sum())))
        return stream.Series(sensor_id, "", since, until, tuple(found))


@pytest.fixture
def history(monkeypatch):
    held = History()
    monkeypatch.setattr(stream, "series", held.series)
    return held


@pytest.fixture
def mine():
    return Mine()


@pytest.fixture
def writer():
    return person("wang")


def replay(row, actor, since=SINCE, until=NOW):
    queued = []
    made = replaying.start(row, since, until, actor=actor, now=NOW, queue=queued.append)
    assert queued == [made.pk]
    return made


def finished(row, actor, **span):
    made = replay(row, actor, **span)
    replaying.work(made.pk)
    return Replay.objects.get(pk=made.pk)


def test_a_replay_says_how_often_and_when_a_rule_would_have_fired_and_makes_the_rule_tested(history, mine, writer):
    history.put(mine.methane, [0, 60, 120, 180, 40_000, 40_060, 100_000], [0.5, 1.6, 1.2, 0.9, 1.5, 0.8, 2.0])
    row = drafted(mine, writer)
    found = finished(row, writer)
    assert (found.state, found.readings, found.fired, found.points, found.silent_points) == (Replay.DONE, 7, 3, 1, 0)
    assert [((told["raised_ms"] - MS) / 1000, told["value"], told["peak"]) for told in found.firings] == [
        (60.0, 1.6, 1.6),
        (40_000.0, 1.5, 1.5),
        (100_000.0, 2.0, 2.0),
    ]
    assert [told["cleared_ms"] and (told["cleared_ms"] - MS) / 1000 for told in found.firings] == [180.0, 40_060.0, None]
    assert found.seconds == 120 + 60 + (2 * 86_400 - 100_000)
    assert found.by_point == [{"channel": mine.methane.channel, "fired": 3}]
    row = queries.one(row.pk, None)
    assert (row.state, queries.may_be_enacted(row)) == (rules.TESTED, True)
    other = person("zhao")
    assert services.move(row.pk, "enact", actor=other, now=NOW).state == rules.IN_FORCE


def test_no_reading_is_thinned_away_however_dense(history, mine, writer):
    # A spike of one reading among readings a tenth of a second apart: a mean over a bucket would hide it.
    seconds = np.arange(0, 600, 0.1)
    values = np.full(len(seconds), 0.1)
    values[3210] = 9.0
    history.put(mine.methane, seconds, values)
    found = finished(drafted(mine, writer), writer, since=SINCE, until=SINCE + timedelta(hours=6))
    assert (found.readings, found.fired, found.firings[0]["value"]) == (len(seconds), 1, 9.0)
    assert history.asked > 1


def test_history_that_is_not_there_is_no_test(history, mine, writer):
    row = drafted(mine, writer)
    found = finished(row, writer)
    assert (found.state, found.readings, found.silent_points) == (Replay.DONE, 0, 1)
    assert queries.one(row.pk, None).state == rules.DRAFT


def test_a_replay_of_another_wording_does_not_count(history, mine, writer):
    history.put(mine.methane, [0], [0.5])
    row = drafted(mine, writer)
    made = replay(row, writer)
    services.revise(row, parameters={"word": "HH", "limit": 9.0}, scope=Scope((mine.methane.channel,)), level=1, actor=writer, now=NOW)
    replaying.work(made.pk)
    row = queries.one(row.pk, None)
    assert (row.state, queries.may_be_enacted(row)) == (rules.DRAFT, False)


def test_a_running_replay_tells_how_far_it_is_and_stops_when_asked(history, mine, writer, monkeypatch):
    history.put(mine.methane, [0, 100_000], [0.5, 0.6])
    row = drafted(mine, writer)
    made = replay(row, writer)
    assert made.total == 8
    with pytest.raises(rules.ReplayRunning):
        replay(row, writer)
    seen = []

    def asked_to_stop(sensor_id, since, until, points=600, actor=None):
        seen.append(Replay.objects.get(pk=made.pk).done)
        if len(seen) == 3:
            replaying.cancel(Replay.objects.get(pk=made.pk), actor=writer, now=NOW)
        return history.series(sensor_id, since, until, points, actor)

    monkeypatch.setattr(stream, "series", asked_to_stop)
    replaying.work(made.pk)
    found = Replay.objects.get(pk=made.pk)
    assert (found.state, seen, row.replays.count()) == (Replay.CANCELLED, [0, 1, 2], 1)
    assert queries.one(row.pk, None).state == rules.DRAFT
    # Run again by a worker that was restarted, nothing happens.
    replaying.work(made.pk)
    assert Replay.objects.get(pk=made.pk).state == Replay.CANCELLED


def test_one_that_only_waits_is_cancelled_at_once(history, mine, writer):
    made = replay(drafted(mine, writer), writer)
    assert replaying.cancel(made, actor=writer, now=NOW).state == Replay.CANCELLED


def test_a_store_that_does_not_answer_is_told_and_the_rule_stays_a_draft(mine, writer, monkeypatch):
    def silent(*_asked, **_more):
        raise StoreSilent(reason="no answer")

    monkeypatch.setattr(stream, "series", silent)
    row = drafted(mine, writer)
    found = finished(row, writer)
    assert (found.state, found.problem, queries.one(row.pk, None).state) == (Replay.FAILED, StoreSilent.sentence, rules.DRAFT)


def test_readings_during_work_on_the_device_raise_nothing(history, mine, writer):
    history.put(mine.methane, [100, 5000], [9.0, 9.0])
    from anlan.sense.devices.models import MaintenanceWindow

    MaintenanceWindow.objects.create(
        place_code=mine.device.place_code,
        enterprise_id=mine.enterprise.pk,
        device_id=mine.device.id,
        kind="maintenance",
        since=SINCE,
        until=SINCE + timedelta(seconds=1000),
        reason="校验",
    )
    found = finished(drafted(mine, writer), writer)
    assert [(told["raised_ms"] - MS) / 1000 for told in found.firings] == [5000.0]


def test_silence_is_found_in_history_and_only_there(history, mine, writer):
    minutes = np.arange(0, 7200, 60)
    history.put(mine.methane, [second for second in minutes if not 1800 <= second < 3600], np.ones(90))
    history.put(mine.return_air, minutes, np.ones(len(minutes)))
    row = drafted(mine, writer, "SILENT", {"interval_s": 60, "times": 5}, channels=(mine.methane.channel, mine.return_air.channel))
    found = finished(row, writer, until=SINCE + timedelta(seconds=7200))
    assert [(told["kind"], told["channel"], (told["raised_ms"] - MS) / 1000) for told in found.firings] == [
        ("SILENT", mine.methane.channel, pytest.approx(1740 + 300, abs=10))
    ]


def test_conditions_of_several_points_are_replayed_together_and_virtual_points_count_their_results(history, mine, writer):
    history.put(mine.methane, [0, 60, 120], [0.5, 1.2, 0.5])
    history.put(mine.return_air, [0, 90], [0.2, 1.1])
    both = {
        "conditions": [
            {"channel": mine.methane.channel, "compare": ">=", "limit": 1.0},
            {"channel": mine.return_air.channel, "compare": ">=", "limit": 1.0},
        ]
    }
    found = finished(drafted(mine, writer, "COMBINED", both, channels=()), writer)
    assert (found.points, found.fired, (found.firings[0]["raised_ms"] - MS) / 1000) == (2, 1, 90.0)
    virtual = {"channel": mine.gas.channel, "formula": "a - b", "inputs": {"a": mine.methane.channel, "b": mine.return_air.channel}}
    found = finished(drafted(mine, writer, "VIRTUAL", virtual, channels=()), writer)
    assert (found.fired, found.by_point) == (0, [{"channel": mine.gas.channel, "fired": 4}])


def test_wrong_limits_need_no_history(mine, writer):
    row = drafted(mine, writer, "CONFIGURED", {"h": 1.0, "hh": 1.5})
    assert queries.may_be_enacted(row)


@pytest.mark.parametrize(
    ("since", "until"),
    [(NOW, NOW - timedelta(days=1)), (NOW + timedelta(days=1), NOW + timedelta(days=2)), (NOW - timedelta(days=93), NOW)],
)
def test_stretches_that_cannot_be_replayed_are_refused(mine, writer, since, until):
    with pytest.raises(rules.ImpossibleReplay):
        replay(drafted(mine, writer), writer, since=since, until=until)


def test_too_many_points_are_refused(history, mine, writer, monkeypatch):
    monkeypatch.setattr(rules, "MOST_REPLAYED_POINTS", 1)
    row = drafted(mine, writer, channels=(mine.methane.channel, mine.return_air.channel))
    with pytest.raises(rules.ImpossibleReplay):
        replay(row, writer)


def test_a_rule_in_force_may_be_replayed_and_stays_in_force(history, mine, writer):
    history.put(mine.methane, [0], [9.0])
    row = drafted(mine, writer)
    Criterion.objects.filter(pk=row.pk).update(state=rules.IN_FORCE)
    assert finished(queries.one(row.pk, None), writer).fired == 1
    assert queries.one(row.pk, None).state == rules.IN_FORCE


def test_points_registered_later_are_read_as_the_registry_is_now(history, mine, writer):
    told = {"code": "T9", "name": "新测点", "sensor_class": "methane", "unit": ""}
    added = devices.add_sensor(mine.device.id, told, actor=LOADER, now=NOW)
    history.put(added, [10], [5.0])
    found = finished(drafted(mine, writer, channels=(), scope=Scope(sensor_classes=("methane",))), writer)
    assert (found.points, found.silent_points, found.fired) == (3, 2, 1)
