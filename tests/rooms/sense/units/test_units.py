"""A process unit from its registration to the rule in force: who may, what is refused, what a training makes of history."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from tests.accounts import actor_of, make_account
from tests.rooms.sense.criteria.mine import Mine
from tests.rooms.sense.detection.test_multivariate import plant
from tests.rooms.sense.plant import LOADER, NOW, Plant
from tests.rooms.sense.units.past import Past

from anlan.kernel.errors import Invalid, NotFound, NotPermitted, Refusal
from anlan.ledger.models import AuditEntry
from anlan.sense.criteria import door as criteria
from anlan.sense.criteria import queries as rule_queries
from anlan.sense.criteria import replaying
from anlan.sense.criteria import rules as rule_rules
from anlan.sense.criteria import services as rule_services
from anlan.sense.criteria.models import Replay
from anlan.sense.detection import multivariate
from anlan.sense.devices import door as devices
from anlan.sense.stream.rules import StoreSilent
from anlan.sense.units import judging, queries, rules, services, training
from anlan.sense.units.models import ModelVersion, ProcessUnit, Training
from anlan.sense.units.rules import Period
from anlan.wire.blocks import DOUBTFUL

pytestmark = pytest.mark.django_db
START = NOW - timedelta(days=1)
NORMAL = (Period(START, START + timedelta(minutes=900)),)


class Section(Mine):
    """Six points that go together, and their history of 900 normal minutes."""

    def __init__(self, past):
        super().__init__()
        told = {"actor": LOADER, "now": NOW}
        values = {"sensor_class": "temperature", "unit": ""}
        more = [devices.add_sensor(self.device.id, {"code": f"TT-{n}", "name": f"{n} 号温度", **values}, **told) for n in (1, 2)]
        self.six = [self.methane, self.return_air, self.gas, self.pressure, *more]
        self.channels = [point.channel for point in self.six]
        past.fill(self.six, START, plant(900))


@pytest.fixture
def past(monkeypatch):
    return Past().serve(monkeypatch)


@pytest.fixture
def section(past):
    return Section(past)


@pytest.fixture
def wang():
    return actor_of(make_account("wang", "inspector"))


@pytest.fixture
def zhao():
    return actor_of(make_account("zhao", "inspector"))


def registered(section, actor, **more):
    values = {"name": "回风工段", "channels": section.channels, "periods": NORMAL, "age_s": 600.0, **more}
    return services.register_unit(section.enterprise.pk, actor=actor, now=NOW, **values)


def trained(unit, actor):
    queued = []
    made = training.start(unit, actor=actor, now=NOW, queue=queued.append)
    assert queued == [made.pk]
    training.work(made.pk)
    return Training.objects.get(pk=made.pk)


def test_a_training_makes_a_version_that_says_what_it_was_learnt_from_and_what_it_is_worth(section, wang):
    unit = registered(section, wang)
    done = trained(unit, wang)
    assert (done.state, done.percent, done.problem) == (Training.DONE, 100, "")
    version = done.version
    assert (version.number, version.rows, version.lags, version.by_name, version.still) == (1, 900, 3, wang.name, [])
    assert 0 < version.false_alarm_rate < 0.1 and version.limit_state > 0
    model = queries.model_of(version)
    assert (model.variables, model.limits) == (6, (version.limit_state, version.limit_residual))
    assert multivariate.pack(model) == criteria.model(version.digest)
    assert AuditEntry.objects.filter(action="units.train", subject_id=str(unit.pk)).count() == 2
    assert trained(unit, wang).version.number == 2


def test_a_version_never_changes(section, wang):
    version = trained(registered(section, wang), wang).version
    for wrong in (lambda: ModelVersion.objects.filter(pk=version.pk).update(rows=1), version.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            # Its training, which points to it, is no reason to keep it: the database itself is.
            Training.objects.all().delete()
            wrong()


def test_gaps_doubtful_readings_work_and_what_is_left_out_by_hand_are_counted(section, past, wang):
    rows = plant(900)
    times = [round((START + timedelta(minutes=minute)).timestamp() * 1000) for minute in range(900)]
    marks = np.zeros(900, np.uint8)
    marks[100:110] = DOUBTFUL
    past.put(section.channels[0], times, rows[:, 0], marks)
    past.put(section.channels[1], times[:200] + times[260:], np.delete(rows[:, 1], slice(200, 260)))
    excluded = (Period(START + timedelta(minutes=500), START + timedelta(minutes=530)),)
    done = trained(registered(section, wang, exclusions=excluded), wang)
    # The reading before the gap holds for ten minutes.
    assert done.left_out == {rules.EXCLUDED: 30, rules.WORK: 0, rules.GAP: 51, rules.MARKED: 10}
    assert (done.version.rows, done.version.left_out) == (900 - 91, done.left_out)


def test_too_little_history_a_silent_point_and_a_store_that_is_away_are_told_and_nothing_is_kept(section, past, wang, monkeypatch):
    short = (Period(START, START + timedelta(minutes=20)),)
    done = trained(registered(section, wang, periods=short), wang)
    assert (done.state, done.problem) == (Training.FAILED, rules.TooLittleHistory.sentence)
    assert done.problem_facts == {"rows": 20, "points": 6, "needed": 30, "hours": 0.2}
    del past.held[section.channels[2]]
    done = trained(registered(section, wang), wang)
    assert (done.problem, done.problem_facts) == (rules.SilentPoints.sentence, {"points": "D1/GT-1 氯气浓度"})

    def silent(*_asked):
        raise StoreSilent(reason="no answer")

    monkeypatch.setattr("anlan.sense.stream.door.samples", silent)
    assert trained(registered(section, wang), wang).problem == StoreSilent.sentence
    assert not ModelVersion.objects.exists()


def test_a_training_is_cancelled_and_runs_once_at_a_time(section, wang, monkeypatch, past):
    unit = registered(section, wang)
    made = training.start(unit, actor=wang, now=NOW, queue=lambda _pk: None)
    with pytest.raises(rules.TrainingRunning):
        training.start(unit, actor=wang, now=NOW, queue=lambda _pk: None)
    assert training.cancel(made, actor=wang, now=NOW).state == Training.CANCELLED
    made = training.start(unit, actor=wang, now=NOW, queue=lambda _pk: None)
    samples = past.samples

    def and_cancel(*asked):
        training.cancel(made, actor=wang, now=NOW)
        return samples(*asked)

    monkeypatch.setattr("anlan.sense.stream.door.samples", and_cancel)
    training.work(made.pk)
    assert Training.objects.get(pk=made.pk).state == Training.CANCELLED
    training.work(made.pk)
    assert not ModelVersion.objects.exists()


def test_a_training_whose_worker_is_gone_can_be_cancelled_and_begun_anew(section, wang):
    unit = registered(section, wang)
    made = training.start(unit, actor=wang, now=NOW, queue=lambda _pk: None)
    Training.objects.filter(pk=made.pk).update(state=Training.RUNNING, touched_at=NOW)
    assert training.cancel(made, actor=wang, now=NOW + timedelta(minutes=9)).state == Training.RUNNING
    Training.objects.filter(pk=made.pk).update(touched_at=NOW)
    assert training.cancel(made, actor=wang, now=NOW + timedelta(minutes=11)).state == Training.CANCELLED
    assert trained(unit, wang).state == Training.DONE


def test_a_page_never_reckons_more_than_it_can(section, past, wang, monkeypatch):
    version = trained(registered(section, wang), wang).version
    monkeypatch.setattr(rules, "MOST_CELLS_SHOWN", 6 * 30)
    until = START + timedelta(minutes=800)
    found = judging.course(version, until - timedelta(hours=8), until)
    assert (found.since, len(found.moments)) == (until - timedelta(minutes=30), 30)


def test_points_that_never_moved_are_named(section, past, wang):
    rows = plant(900)
    rows[:, 3] = 1.25
    past.fill(section.six, START, rows)
    assert trained(registered(section, wang, method=rules.PCA), wang).version.still == [section.channels[3]]
    past.fill(section.six, START, np.ones((900, 6)))
    assert trained(registered(section, wang), wang).problem == rules.NothingMoved.sentence


def test_only_points_of_the_enterprise_and_only_who_may(section, wang):
    other = Plant(2, "370103")
    with pytest.raises(Invalid) as refused:
        registered(section, wang, channels=[*section.channels, other.gas.channel])
    assert set(refused.value.fields) == {"points"}
    duty = actor_of(make_account("duty", "duty_officer"))
    with pytest.raises(NotPermitted):
        registered(section, duty)
    unit = registered(section, wang)
    assert queries.one(unit.pk, duty) == unit
    with pytest.raises(NotPermitted):
        training.start(unit, actor=duty, now=NOW, queue=lambda _pk: None)
    with pytest.raises(NotFound):
        queries.one(unit.pk, actor_of(make_account("far", "inspector", "370103")))
    with pytest.raises(Invalid):
        services.change_unit(unit, name="", channels=section.channels, periods=NORMAL, actor=wang, now=NOW)
    assert ProcessUnit.objects.get().name == "回风工段"


def test_a_rule_of_a_model_goes_through_replay_and_four_eyes_and_takes_the_place_of_the_one_before(section, wang, zhao):
    unit = registered(section, wang)
    first = services.draft_rule(trained(unit, wang).version, actor=wang, now=NOW)
    row = rule_queries.one(first.id, None)
    assert (row.kind, row.name, row.parameters["channels"]) == ("UNIT", "回风工段", section.channels)
    with pytest.raises(Refusal):
        rule_services.move(row.pk, "enact", actor=zhao, now=NOW)
    tested = replaying.start(row, START, START + timedelta(minutes=900), actor=wang, now=NOW, queue=lambda _pk: None)
    replaying.work(tested.pk)
    found = Replay.objects.get(pk=tested.pk)
    assert (found.state, found.readings, found.points, found.silent_points) == (Replay.DONE, 5400, 6, 0)
    assert found.fired <= 3
    rule_services.move(row.pk, "enact", actor=zhao, now=NOW)
    assert queries.rule_in_force(unit).id == row.pk
    message = rule_queries.messages(NOW)[row.code]
    assert (message.in_force, message.parameters.model) == (True, first.parameters["model"])
    second = services.draft_rule(trained(unit, wang).version, actor=wang, now=NOW)
    assert rule_queries.one(second.id, None).replaces_id == row.pk


def test_what_the_form_of_a_rule_does_not_ask_stays_when_it_is_changed(section, wang):
    drafted = services.draft_rule(trained(registered(section, wang), wang).version, actor=wang, now=NOW)
    row = rule_queries.one(drafted.id, None)
    row = rule_services.revise(row, level=2, parameters={"in_a_row": 5}, scope=rule_services.Scope(), name="新名", actor=wang, now=NOW)
    assert (row.parameters["in_a_row"], row.parameters["channels"], row.level) == (5, section.channels, 2)


def test_a_rule_of_a_model_that_nobody_kept_is_refused_and_its_replay_says_so(section, wang):
    told = {"enterprise_id": section.enterprise.pk, "source": "测试", "actor": wang, "now": NOW}
    with pytest.raises(rule_rules.ModelMissing):
        criteria.draft_of_unit(name="x", level=3, channels=section.channels, interval_s=60, age_s=60, digest="a" * 64, **told)
    with pytest.raises(multivariate.MalformedModel):
        criteria.keep_model(b"nothing", NOW)


def test_the_course_says_how_far_the_unit_is_off_and_who_left_the_others(section, past, wang):
    version = trained(registered(section, wang), wang).version
    rows = plant(960, seed=4)
    rows[930:, 4] += 25
    past.fill(section.six, START, rows)
    until = START + timedelta(minutes=960)
    found = judging.course(version, until - timedelta(hours=1), until)
    assert len(found.moments) == len(found.state) == 60 and found.known == 62
    calm, broken = found.residual[:25], found.residual[-25:]
    assert max(calm) < 2 < min(broken) and found.at >= START + timedelta(minutes=930)
    leading = max(found.shares, key=lambda channel: found.shares[channel][1])
    assert leading == section.channels[4] and sum(share for _state, share in found.shares.values()) == pytest.approx(1)
    earlier = judging.course(version, until - timedelta(hours=1), until, at=START + timedelta(minutes=910))
    assert earlier.at == START + timedelta(minutes=910) and earlier.at_residual < 2
    assert judging.course(version, NOW + timedelta(days=3), NOW + timedelta(days=4)).at is None
