"""The life of an alarm: raised once, acknowledged by a named person, handled, cleared, and reviewed by a second person where it was grave."""

from datetime import timedelta

import pytest
from tests.rooms.sense.alarms.telling import cleared, duty, happened, raised
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, ReasonRequired
from anlan.ledger.models import Announcement, AuditEntry, FlowStep
from anlan.sense.alarms import detecting, door, lines, queries, rules, services, sweeping
from anlan.sense.alarms.models import Alarm
from anlan.wire.blocks import EXERCISE, LATE

pytestmark = pytest.mark.django_db


def minutes(number):
    return NOW + timedelta(minutes=number)


def group(alarm):
    return Alarm.objects.filter(group_key=alarm.group_key)


def events(kind):
    return Announcement.objects.filter(kind=kind)


def test_the_same_alarm_told_twice_is_one_alarm():
    plant = Plant()
    assert raised(plant).pk == raised(plant).pk
    assert Alarm.objects.count() == 1
    assert events("alarms.raised").count() == 1


def test_a_slight_alarm_is_closed_when_it_is_cleared_and_acknowledged_in_either_order():
    plant = Plant()
    first, second = raised(plant, level=3), raised(plant, level=4, kind="L")
    services.acknowledge(first, "已到现场", actor=duty(), now=minutes(2))
    assert (first.state, first.is_active, first.is_acknowledged, first.acknowledged_by_name) == (rules.ACKNOWLEDGED, True, True, "张三")
    first = cleared(plant, minutes(5), after_s=300, value=1.0)
    assert first.state == rules.CLOSED and first.closed_at == minutes(5)
    second = cleared(plant, minutes(5), kind="L", after_s=300, value=1.0)
    assert (second.state, second.is_active, second.is_acknowledged) == (rules.RETURNED, False, False)
    services.acknowledge(second, actor=duty(), now=minutes(9))
    assert second.state == rules.CLOSED
    assert [step.move for step in FlowStep.objects.filter(subject_id=second.pk).order_by("at")] == ["open", "clear", "acknowledge_returned"]
    assert [(line.kind, line.who) for line in door.timeline(first.pk)] == [
        ("raised", first.title),
        ("acknowledged", "张三"),
        ("note:note", "张三"),
        ("cleared", ""),
    ]


@pytest.mark.parametrize("acknowledged_first", [True, False])
def test_a_grave_alarm_is_closed_by_a_second_person_who_says_what_it_was(acknowledged_first):
    plant, first, second = Plant(), duty(), duty(name="李四")
    alarm = raised(plant, kind="HH")
    if acknowledged_first:
        services.acknowledge(alarm, actor=first, now=minutes(1))
    cleared(plant, minutes(5), kind="HH", after_s=300)
    if not acknowledged_first:
        services.acknowledge(queries.one(alarm.pk, None), actor=first, now=minutes(6))
    assert queries.one(alarm.pk, None).state == rules.REVIEWING
    assert door.open_count(first) == 0 and [row.pk for row in queries.reviewing(first)] == [alarm.pk]
    with pytest.raises(FourEyes):
        services.review(group(alarm), "sensor_fault", actor=first, now=minutes(9))
    with pytest.raises(rules.UnknownFinding):
        services.review(group(alarm), "weather", actor=second, now=minutes(9))
    with pytest.raises(rules.FindingNeedsWords):
        services.review(group(alarm), "other", actor=second, now=minutes(9))
    with pytest.raises(NotPermitted):
        services.review(group(alarm), "sensor_fault", actor=officer("370102", "alarms.view"), now=minutes(9))
    assert queries.one(alarm.pk, None).state == rules.REVIEWING
    services.review(group(alarm), "sensor_fault", "探头进水", actor=second, now=minutes(10))
    closed = queries.one(alarm.pk, None)
    assert (closed.state, closed.finding, closed.reviewed_by_name, closed.closed_at) == (rules.CLOSED, "sensor_fault", "李四", minutes(10))
    last = door.timeline(alarm.pk)[-1]
    assert (last.kind, last.who) == ("reviewed", "李四") and "仪表或传感器故障" in last.text and "探头进水" in last.text
    assert AuditEntry.objects.filter(action="alarms.review", subject_id=str(alarm.pk)).count() == 1
    assert events("alarms.reviewed").get().payload["finding"] == "sensor_fault"


def test_nobody_acknowledges_twice_and_the_first_name_stays():
    alarm = raised(Plant())
    services.acknowledge(alarm, actor=duty(), now=NOW)
    with pytest.raises(rules.AlreadyAcknowledged) as refused:
        services.acknowledge(queries.one(alarm.pk, None), actor=duty(name="李四"), now=NOW)
    assert "张三" in refused.value.message()


def test_a_cleared_alarm_told_again_stays_as_it_is_and_an_unknown_one_is_passed_over():
    plant = Plant()
    assert cleared(plant) is None
    raised(plant)
    cleared(plant, after_s=1)
    again = cleared(plant, after_s=9)
    assert (again.cleared_at - again.raised_at).total_seconds() == 1
    assert FlowStep.objects.filter(subject_id=again.pk, move="clear").count() == 1


def test_a_limit_that_was_taken_back_clears_its_alarm_and_says_so():
    plant = Plant()
    alarm = raised(plant)
    cleared(plant, after_s=60, withdrawn=True)
    assert queries.one(alarm.pk, None).withdrawn
    assert "撤销" in door.timeline(alarm.pk)[-1].text


def test_alarms_of_one_release_fall_into_one_event():
    plant, other = Plant(1), Plant(2, "370103")
    first = raised(plant)
    second = raised(plant, kind="HH", raised_s=60)
    elsewhere = raised(other)
    assert second.event_key == first.event_key == first.pk != elsewhere.event_key
    cleared(plant, after_s=120)
    cleared(plant, kind="HH", raised_s=60, after_s=120)
    tomorrow = raised(plant, raised_s=86_400)
    assert tomorrow.event_key == tomorrow.pk
    assert [a.id for a in door.alarms_of_event(first.pk)] == [first.pk, second.pk]


def test_exercise_and_late_readings_make_alarms_that_say_so_and_how_late():
    plant = Plant()
    alarm = raised(plant, minutes(125), quality=EXERCISE | LATE)
    assert alarm.exercise and alarm.late and alarm.delay == timedelta(minutes=125)
    assert events("alarms.raised").get().payload["exercise"] is True
    assert "迟报 2 小时 5 分" in door.timeline(alarm.pk)[1].text


def test_a_county_officer_sees_and_acknowledges_only_his_own_alarms():
    mine, theirs = raised(Plant(1, "370102")), raised(Plant(2, "370103"))
    county, city = duty("370102"), duty("370100")
    assert [a.id for a in door.open_alarms(county)] == [mine.pk]
    assert (door.unacknowledged_count(county), door.unacknowledged_count(city)) == (1, 2)
    assert door.open_counts_by_county(city) == {"370102": {2: 1}, "370103": {2: 1}}
    assert [a.id for a in door.open_alarms(city, place_code="370103")] == [theirs.pk]
    with pytest.raises(NotFound):
        door.acknowledge(theirs.pk, actor=county, now=NOW)
    with pytest.raises(NotPermitted):
        services.acknowledge(theirs, actor=county, now=NOW)
    with pytest.raises(NotPermitted):
        services.acknowledge(mine, actor=officer("370102", "alarms.view"), now=NOW)


def test_open_alarms_stand_with_the_unacknowledged_and_grave_first():
    plant = Plant()
    seen, low, grave = raised(plant), raised(plant, raised_s=0.001), raised(plant, kind="HH")
    services.acknowledge(seen, actor=duty(), now=NOW)
    assert [a.id for a in door.open_alarms(duty())] == [grave.pk, low.pk, seen.pk]


def test_a_note_needs_words_and_a_measure_says_since_when_it_was_handled():
    alarm = raised(Plant())
    with pytest.raises(rules.EmptyNote):
        services.add_note(alarm, "  ", actor=duty(), now=NOW)
    services.add_note(alarm, "已电话核实", "note", actor=duty(), now=minutes(1))
    assert queries.one(alarm.pk, None).handled_at is None
    services.add_note(alarm, "开启水幕", "measure", actor=duty(), now=minutes(2))
    services.add_note(alarm, "压力回落", "feedback", actor=duty(), now=minutes(4))
    assert [note.text for note in alarm.notes.all()] == ["已电话核实", "开启水幕", "压力回落"]
    assert queries.one(alarm.pk, None).handled_at == minutes(2)


def test_what_equipment_reports_without_ever_taking_it_back_is_reset_by_a_person_with_a_reason():
    plant, actor = Plant(), duty()
    alarm = detecting.take([happened(plant)], actor=LOADER, now=NOW).raised[0]
    with pytest.raises(rules.AcknowledgeFirst):
        services.reset(alarm, "已复位", actor=actor, now=NOW)
    services.acknowledge(alarm, actor=actor, now=NOW)
    with pytest.raises(ReasonRequired):
        services.reset(alarm, " ", actor=actor, now=NOW)
    services.reset(alarm, "现场核实为误报，主机已复位", actor=actor, now=minutes(3))
    assert (alarm.state, alarm.cleared_at) == (rules.REVIEWING, minutes(3))
    measured = raised(plant)
    services.acknowledge(measured, actor=actor, now=NOW)
    with pytest.raises(rules.ResetsItself):
        services.reset(measured, "看着正常", actor=actor, now=NOW)


def test_shelving_is_bounded_by_level_has_a_reason_and_ends_by_itself():
    plant, actor = Plant(), duty()
    alarm, red = raised(plant, level=3), raised(plant, kind="HH")
    for wrong, length, reason in (
        (rules.NotShelvable, 10, "检修"),
        (rules.ShelvingNeedsReason, 10, " "),
    ):
        with pytest.raises(wrong):
            services.shelve(red, length, reason, actor=actor, now=NOW)
    with pytest.raises(rules.ShelvedTooLong):
        services.shelve(alarm, 481, "检修", actor=actor, now=NOW)
    services.shelve(alarm, 60, "探头更换", actor=actor, now=NOW)
    wanted = lines.Wanted()
    assert [line.lead.pk for line in lines.page(actor, wanted).lines] == [red.pk]
    assert [line.lead.pk for line in lines.page(actor, lines.Wanted(show="shelved")).lines] == [alarm.pk]
    assert lines.counts(actor).shelved == 1 and door.open_count(actor) == 1
    sweeping.sweep(minutes(59))
    assert queries.one(alarm.pk, None).shelved_until is not None
    sweeping.sweep(minutes(60))
    back = queries.one(alarm.pk, None)
    assert (back.shelved_until, back.rings, back.rang_at) == (None, 2, minutes(60))
    assert {line.lead.pk for line in lines.page(actor, wanted).lines} == {red.pk, alarm.pk}
