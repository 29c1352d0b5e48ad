"""The life of a rule: drafted, replayed, put in force by somebody else, suppressed, followed up, withdrawn."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.rooms.sense.criteria.mine import Mine, drafted, person
from tests.rooms.sense.plant import NOW

from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields, ReasonRequired
from anlan.ledger.audit import AuditEntry
from anlan.ledger.models import Announcement
from anlan.sense.criteria import door, queries, rules, services
from anlan.sense.criteria.models import Criterion, Replay, Suppression
from anlan.sense.criteria.services import Scope
from anlan.sense.devices import door as devices
from anlan.wire import criteria

pytestmark = pytest.mark.django_db


def replayed(row, **facts):
    """A finished replay of the rule as it stands."""
    told = {"since": NOW - timedelta(days=30), "until": NOW, "created_at": NOW, "touched_at": NOW, "by_name": "王五", "readings": 1000}
    return Replay.objects.create(criterion=row, state=Replay.DONE, fingerprint=queries.fingerprint(row), **{**told, **facts})


def in_force(row, writer, other, now=NOW):
    services.move(row.pk, "without_history", reason="新装测点，没有历史", actor=writer, now=now)
    return services.move(row.pk, "enact", actor=other, now=now)


@pytest.fixture
def people():
    return person("wang"), person("zhao")


def test_a_rule_is_numbered_audited_and_has_a_history(people):
    mine, (writer, _other) = Mine(), people
    first, second = drafted(mine, writer), drafted(mine, writer)
    assert (first.state, second.number, first.drafted_by_name) == (rules.DRAFT, first.number + 1, writer.name)
    assert AuditEntry.objects.filter(action="criteria.draft", subject_id=str(first.pk)).exists()
    assert door.by_code([first.code, "R0", "nonsense", "R99999999999999"], None).keys() == {first.code}


def test_who_wrote_it_may_not_put_it_in_force_and_nobody_may_without_a_replay(people):
    mine, (writer, other) = Mine(), people
    row = drafted(mine, writer)
    with pytest.raises(ReasonRequired):
        services.move(row.pk, "without_history", reason=" ", actor=writer, now=NOW)
    services.move(row.pk, "without_history", reason="新装测点", actor=writer, now=NOW)
    with pytest.raises(FourEyes):
        services.move(row.pk, "enact", actor=writer, now=NOW)
    row = services.move(row.pk, "enact", actor=other, now=NOW)
    assert (row.state, row.enacted_by_name, str(row.effective_from)) == (rules.IN_FORCE, other.name, "2026-11-22")
    assert Announcement.objects.filter(kind="criteria.changed").count() == 1


def test_the_database_itself_holds_four_eyes(people):
    mine, (writer, _other) = Mine(), people
    row = drafted(mine, writer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.filter(pk=row.pk).update(enacted_by=writer.account_id)


def test_a_change_after_the_test_wants_another_test_and_other_eyes(people):
    mine, (writer, other) = Mine(), people
    row = drafted(mine, writer)
    services.move(row.pk, "without_history", reason="新装测点", actor=writer, now=NOW)
    row = queries.one(row.pk, None)
    told = {"name": "甲烷超限", "source": "煤矿安全规程", "level": 1, "scope": Scope((mine.methane.channel,))}
    row = services.revise(row, parameters={"word": "HH", "limit": 2.0}, actor=other, now=NOW, **told)
    assert (row.state, row.no_history_reason) == (rules.DRAFT, "")
    third = person("qian")
    services.move(row.pk, "without_history", reason="新装测点", actor=third, now=NOW)
    for own in (writer, other):
        with pytest.raises(FourEyes):
            services.move(row.pk, "enact", actor=own, now=NOW)
    assert services.move(row.pk, "enact", actor=third, now=NOW).state == rules.IN_FORCE


def test_a_replay_counts_for_the_wording_that_was_replayed(people):
    mine, (writer, _other) = Mine(), people
    row = drafted(mine, writer)
    assert not queries.may_be_enacted(row)
    replayed(row)
    assert queries.may_be_enacted(row)
    services.revise(row, parameters={"word": "HH", "limit": 9.0}, scope=Scope((mine.methane.channel,)), level=1, actor=writer, now=NOW)
    assert not queries.may_be_enacted(queries.one(row.pk, None))


def test_a_tested_state_without_its_replay_does_not_open_the_door(people):
    mine, (writer, other) = Mine(), people
    row = drafted(mine, writer)
    Criterion.objects.filter(pk=row.pk).update(state=rules.TESTED)
    with pytest.raises(rules.NotReplayed):
        services.move(row.pk, "enact", actor=other, now=NOW)


def test_a_rule_without_a_source_is_not_put_in_force(people):
    mine, (writer, other) = Mine(), people
    row = drafted(mine, writer, source="")
    services.move(row.pk, "without_history", reason="新装测点", actor=writer, now=NOW)
    with pytest.raises(MissingFields):
        services.move(row.pk, "enact", actor=other, now=NOW)


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("LIMIT", {"word": "HH", "limit": 1.0, "restore": 1.5}, "restore"),
        ("LIMIT", {"word": "LL", "limit": 1.0, "restore": 0.5}, "restore"),
        ("RANGE", {"low": 5.0, "high": 5.0}, "high"),
        ("CONFIGURED", {}, "h"),
        ("COMBINED", {"conditions": [{"channel": 1, "compare": ">", "limit": 1.0}], "least": 2}, "least"),
        ("COLOURS", {"indicators": [{"channel": 1, "item": "a", "blue": 2.0, "red": 1.0}]}, "indicators"),
        ("COLOURS", {"indicators": [{"channel": 1, "item": "a"}]}, "indicators"),
        ("VIRTUAL", {"channel": 9, "formula": "a + b", "inputs": {"a": 1}}, "formula"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_at_their_field(people, kind, parameters, field):
    with pytest.raises(Invalid) as refused:
        drafted(Mine(), people[0], kind, parameters)
    assert list(refused.value.fields) == [field]


def test_parameters_the_detector_does_not_know_are_refused(people):
    mine = Mine()
    for parameters in ({"word": "HHH", "limit": 1}, {"limit": 1}, {"word": "H", "limit": "x"}, {"word": "H", "limit": 1, "more": 1}):
        with pytest.raises(criteria.MalformedCriterion):
            drafted(mine, people[0], "LIMIT", parameters)
    with pytest.raises(criteria.MalformedCriterion):
        drafted(mine, people[0], "NONSENSE", {})


def test_a_rule_needs_points_and_a_virtual_point_must_not_wait_for_itself(people):
    mine, (writer, other) = Mine(), people
    with pytest.raises(Invalid) as refused:
        drafted(mine, writer, channels=())
    assert "points" in refused.value.fields
    first = drafted(mine, writer, "VIRTUAL", {"channel": mine.gas.channel, "formula": "a", "inputs": {"a": mine.methane.channel}})
    in_force(first, writer, other)
    with pytest.raises(rules.Circular):
        drafted(mine, writer, "VIRTUAL", {"channel": mine.methane.channel, "formula": "a", "inputs": {"a": mine.gas.channel}})


def test_the_stream_is_told_of_points_of_the_owner_alone(people):
    mine, elsewhere = Mine(1), Mine(2, "370103")
    writer, other = people
    by_class = in_force(drafted(mine, writer, channels=(), scope=Scope(sensor_classes=("methane",))), writer, other)
    assert queries.message(by_class, NOW).scope.channels == (mine.methane.channel, mine.return_air.channel)
    of_place = in_force(drafted(mine, writer, enterprise_id=None, scope=Scope(sensor_classes=("methane",))), writer, other)
    assert queries.message(of_place, NOW).scope.channels == (mine.methane.channel, mine.return_air.channel)
    # A channel of somebody else that was written by hand is no point of this rule.
    foreign = in_force(drafted(mine, writer, channels=(mine.methane.channel, elsewhere.methane.channel)), writer, other)
    assert queries.message(foreign, NOW).scope.channels == (mine.methane.channel,)
    # A point that comes later is in its class at once.
    told = {"code": "T3", "name": "新测点", "sensor_class": "methane", "unit": ""}
    added = devices.add_sensor(mine.device.id, told, actor=person("loader", "bureau_clerk"), now=NOW)
    assert added.channel in queries.message(by_class, NOW).scope.channels


def test_dates_decide_whether_a_rule_in_force_holds(people):
    mine, (writer, other) = Mine(), people
    day = NOW.date()
    row = in_force(drafted(mine, writer, effective_from=day + timedelta(days=2), effective_to=day + timedelta(days=3)), writer, other)
    holds = [queries.message(row, NOW + timedelta(days=after)).in_force for after in range(6)]
    assert holds == [False, False, True, True, False, False]


def test_a_suppression_has_a_reason_an_end_and_a_bound_and_can_be_ended(people, monkeypatch):
    mine, (writer, other) = Mine(), people
    row = drafted(mine, writer)
    with pytest.raises(rules.NotSuppressible):
        services.suppress(row, until=NOW + timedelta(hours=1), reason="检修", actor=writer, now=NOW)
    row = in_force(row, writer, other)
    for until, reason, field in (
        (NOW + timedelta(hours=1), " ", "reason"),
        (NOW - timedelta(hours=1), "检修", "until"),
        (NOW + timedelta(hours=73), "检修", "until"),
    ):
        with pytest.raises(Invalid) as refused:
            services.suppress(row, until=until, reason=reason, actor=writer, now=NOW)
        assert list(refused.value.fields) == [field]
    for nonsense in ("", "x", "-1", "inf"):
        monkeypatch.setenv("ANLAN_SUPPRESSION_HOURS", nonsense)
        assert services.longest_suppression() == timedelta(hours=72)
    monkeypatch.setenv("ANLAN_SUPPRESSION_HOURS", "100")
    made = services.suppress(row, until=NOW + timedelta(hours=73), reason="检修", actor=writer, now=NOW)
    (told,) = queries.message(row, NOW).suppressions
    assert (told.since_ms, told.until_ms) == (round(NOW.timestamp() * 1000), round((NOW + timedelta(hours=73)).timestamp() * 1000))
    services.end_suppression(made, actor=other, now=NOW + timedelta(hours=1))
    assert queries.message(row, NOW + timedelta(hours=1)).suppressions == ()
    with pytest.raises(rules.SuppressionOver):
        services.end_suppression(Suppression.objects.get(), actor=other, now=NOW + timedelta(hours=2))
    assert AuditEntry.objects.filter(action="criteria.suppress").count() == 2
    assert Announcement.objects.filter(kind="criteria.changed").count() == 3


def test_a_rule_in_force_is_not_changed_but_followed_up(people):
    mine, (writer, other) = Mine(), people
    row = in_force(drafted(mine, writer), writer, other)
    with pytest.raises(rules.NotEditable):
        services.revise(row, parameters=row.parameters, scope=Scope((1,)), level=1, actor=writer, now=NOW)
    follower = services.follow_up(row, actor=writer, now=NOW)
    assert (follower.replaces_id, follower.parameters, follower.number > row.number) == (row.pk, row.parameters, True)
    in_force(follower, writer, other)
    assert queries.one(row.pk, None).state == rules.WITHDRAWN
    said = queries.messages(NOW)
    assert (said[row.code].in_force, said[follower.code].in_force) == (False, True)


def test_a_withdrawn_rule_needs_a_reason_and_is_said_to_be_gone(people):
    mine, (writer, other) = Mine(), people
    row = in_force(drafted(mine, writer), writer, other)
    with pytest.raises(ReasonRequired):
        services.move(row.pk, "withdraw", actor=writer, now=NOW)
    services.move(row.pk, "withdraw", reason="改用新标准", actor=writer, now=NOW)
    assert not queries.messages(NOW)[row.code].in_force
    with pytest.raises(NotFound):
        services.move(row.pk, "tested", actor=writer, now=NOW)


def test_templates_make_drafts_for_points_or_for_their_class(people):
    mine, (writer, _other) = Mine(), people
    alarm, cut_off = services.apply_template(
        "methane_face", Scope((mine.methane.channel,)), enterprise_id=mine.enterprise.pk, actor=writer, now=NOW
    )
    assert [(row.parameters, row.level, row.status, row.state) for row in (alarm, cut_off)] == [
        ({"word": "H", "limit": 1.0}, 2, "secondary", rules.DRAFT),
        ({"word": "HH", "limit": 1.5, "restore": 1.0}, 1, "secondary", rules.DRAFT),
    ]
    (overrun,) = services.apply_template("coal_overrun", Scope(), enterprise_id=mine.enterprise.pk, actor=writer, now=NOW)
    assert (overrun.sensor_classes, overrun.article, queries.channels(overrun)) == (
        ["methane"],
        "5(8)",
        (mine.methane.channel, mine.return_air.channel),
    )
    with pytest.raises(NotFound):
        services.apply_template("coal_blocked", Scope((1,)), actor=writer, now=NOW)
    told = door.draft_from_template("silent_any", enterprise_id=mine.enterprise.pk, channels=[mine.gas.channel], actor=writer, now=NOW)
    assert [rule.kind for rule in told] == ["SILENT"]


def test_nobody_writes_or_sees_rules_of_another_place(people):
    mine, stranger = Mine(), person("stranger", "inspector", "370103")
    row = drafted(mine, people[0])
    with pytest.raises(NotFound):
        queries.one(row.pk, stranger)
    with pytest.raises((NotPermitted, NotFound)):
        drafted(mine, stranger)
    with pytest.raises(NotPermitted):
        drafted(mine, person("clerk", "approver"), enterprise_id=None, place_code="370102")
    assert list(queries.seen_by(stranger)) == []


def test_an_enterprise_writes_its_own_rules_and_its_principal_puts_them_in_force(people):
    mine, other_mine = Mine(1), Mine(2)
    manager = person("manager", "enterprise_manager", enterprise_id=mine.enterprise.pk)
    principal = person("principal", "enterprise_principal", enterprise_id=mine.enterprise.pk)
    row = in_force(drafted(mine, manager), manager, principal)
    assert row.state == rules.IN_FORCE
    with pytest.raises((NotPermitted, NotFound)):
        drafted(other_mine, manager)
