"""The life of an alarm: raised once, acknowledged by a named person, cleared by the detector, closed by both."""

from datetime import timedelta

import pytest
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel.errors import NotFound, NotPermitted
from anlan.ledger.broker import Message
from anlan.ledger.models import Announcement, FlowStep
from anlan.sense.alarms import door, intake, queries, rules, services
from anlan.sense.alarms.models import Alarm, StreamPosition
from anlan.wire import detections
from anlan.wire.blocks import EXERCISE, LATE
from anlan.wire.detections import CLEAR, RAISE, Transition

pytestmark = pytest.mark.django_db
RAISED_MS = round(NOW.timestamp() * 1000)


def told(plant, change=RAISE, *, kind="H", raised_ms=RAISED_MS, after_s=0, value=1.3, quality=0):
    return Transition(
        change=change,
        channel=plant.pressure.channel,
        kind=kind,
        level=2 if kind == "H" else 1,
        limit=1.2,
        raised_ms=raised_ms,
        time_ms=raised_ms + round(after_s * 1000),
        value=value,
        peak=max(value, 1.3),
        quality=quality,
    )


def raised(plant, now=NOW, **facts):
    return services.raise_alarm(told(plant, **facts), plant.pressure, actor=LOADER, now=now)


def duty(place="370102", name="张三"):
    return officer(place, "alarms.view", "alarms.acknowledge", "alarms.handle", name=name)


def test_the_same_alarm_told_twice_is_one_alarm():
    plant = Plant()
    assert raised(plant).pk == raised(plant).pk
    assert Alarm.objects.count() == 1
    assert Announcement.objects.filter(kind="alarms.raised").count() == 1


def test_an_alarm_is_closed_when_it_is_cleared_and_acknowledged_in_either_order():
    plant = Plant()
    first, second = raised(plant), raised(plant, kind="HH")
    services.acknowledge(first, "已到现场", actor=duty(), now=NOW + timedelta(minutes=2))
    assert (first.state, first.is_active, first.is_acknowledged, first.acknowledged_by_name) == (rules.ACKNOWLEDGED, True, True, "张三")
    first = services.clear_alarm(told(plant, CLEAR, after_s=300, value=1.0), actor=LOADER, now=NOW + timedelta(minutes=5))
    assert first.state == rules.CLOSED and first.closed_at == NOW + timedelta(minutes=5)
    second = services.clear_alarm(told(plant, CLEAR, kind="HH", after_s=300, value=1.0), actor=LOADER, now=NOW + timedelta(minutes=5))
    assert (second.state, second.is_active, second.is_acknowledged) == (rules.RETURNED, False, False)
    services.acknowledge(second, actor=duty(), now=NOW + timedelta(minutes=9))
    assert second.state == rules.CLOSED
    assert [step.move for step in FlowStep.objects.filter(subject_id=second.pk).order_by("at")] == ["open", "clear", "acknowledge_returned"]
    lines = [(line.kind, line.who) for line in door.timeline(first.pk)]
    assert lines == [("raised", first.title), ("acknowledged", "张三"), ("note:note", "张三"), ("cleared", "")]


def test_nobody_acknowledges_twice_and_the_first_name_stays():
    alarm = raised(Plant())
    services.acknowledge(alarm, actor=duty(), now=NOW)
    with pytest.raises(rules.AlreadyAcknowledged) as refused:
        services.acknowledge(queries.one(alarm.pk, None), actor=duty(name="李四"), now=NOW)
    assert "张三" in refused.value.message()


def test_a_cleared_alarm_told_again_stays_as_it_is_and_an_unknown_one_is_passed_over():
    plant = Plant()
    assert services.clear_alarm(told(plant, CLEAR), actor=LOADER, now=NOW) is None
    raised(plant)
    services.clear_alarm(told(plant, CLEAR, after_s=1), actor=LOADER, now=NOW)
    again = services.clear_alarm(told(plant, CLEAR, after_s=9), actor=LOADER, now=NOW)
    assert (again.cleared_at - again.raised_at).total_seconds() == 1


def test_alarms_of_one_release_fall_into_one_event():
    plant, other = Plant(1), Plant(2, "370103")
    first = raised(plant)
    second = raised(plant, kind="HH", raised_ms=RAISED_MS + 60_000)
    elsewhere = raised(other)
    assert second.event_key == first.event_key == first.pk != elsewhere.event_key
    for kind, ms in (("H", RAISED_MS), ("HH", RAISED_MS + 60_000)):
        services.clear_alarm(told(plant, CLEAR, kind=kind, raised_ms=ms, after_s=120), actor=LOADER, now=NOW)
    tomorrow = raised(plant, raised_ms=RAISED_MS + 86_400_000)
    assert tomorrow.event_key == tomorrow.pk
    assert [a.id for a in door.alarms_of_event(first.pk)] == [first.pk, second.pk]


def test_exercise_and_late_readings_make_alarms_that_say_so():
    plant = Plant()
    alarm = raised(plant, quality=EXERCISE | LATE)
    assert alarm.exercise and alarm.late
    assert Announcement.objects.get(kind="alarms.raised").payload["exercise"] is True


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
    seen, low, grave = raised(plant), raised(plant, raised_ms=RAISED_MS + 1), raised(plant, kind="HH")
    services.acknowledge(seen, actor=duty(), now=NOW)
    assert [a.id for a in door.open_alarms(duty())] == [grave.pk, low.pk, seen.pk]


def test_a_note_needs_words():
    alarm = raised(Plant())
    with pytest.raises(rules.EmptyNote):
        services.add_note(alarm, "  ", actor=duty(), now=NOW)
    services.add_note(alarm, "开启水幕", "measure", actor=duty(), now=NOW)
    assert [note.text for note in alarm.notes.all()] == ["开启水幕"]


def test_what_the_detector_says_is_taken_in_once_whatever_is_read_again():
    plant = Plant()
    messages = [
        Message(1, "alarms.raise", detections.encode(told(plant)), None),
        Message(2, "alarms.raise", b"nonsense", None),
        Message(3, "alarms.clear", detections.encode(told(plant, CLEAR, after_s=5)), None),
    ]
    assert intake.take_in(messages[:2]) == 2
    assert intake.take_in(messages) == 1
    assert intake.take_in(messages) == 0
    assert Alarm.objects.get().state == rules.RETURNED
    assert StreamPosition.objects.get().sequence == intake.position() == 3
