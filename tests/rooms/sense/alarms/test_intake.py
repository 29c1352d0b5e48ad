"""What detector and gateways say becomes alarms: every kind, once, grouped under what explains it; what cannot be read is kept apart."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.sense.alarms.telling import RAISED_MS, duty, happened, messages, told
from tests.rooms.sense.plant import LOADER, NOW, Plant

from anlan.kernel import clock as kernel_clock
from anlan.ledger import audit, broker
from anlan.ledger.models import Announcement, AuditEntry, FlowStep
from anlan.sense.alarms import detecting, door, intake, lines, naming, rules, tables, wording
from anlan.sense.alarms.models import Alarm, ApartMessage, StreamPosition
from anlan.sense.devices import door as devices
from anlan.wire import detections, happenings
from anlan.wire.blocks import DOUBTFUL, EXERCISE
from anlan.wire.detections import CLEAR

pytestmark = pytest.mark.django_db

FACTS = {
    "RATE": {"per_minute": 3.5},
    "FROZEN": {"seconds": 1800.0},
    "BLOCKED": {"seconds": 1800.0},
    "RANGE": {"low": 0.0, "high": 4.0},
    "DRIFT": {"difference": 0.7},
    "SILENT": {"interval_s": 60.0},
    "LINK": {"points": 200.0, "credential": "plant-1", "device": "D1"},
    "REPEATED": {"readings": 64.0, "lag": 8.0},
    "CONFIGURED": {"set_h": 3.0, "wanted_h": 1.0},
    "COMBINED": {"count": 2.0, "value_1": 1.4},
    "COLOURS": {"colour": "orange", "orange_points": 1.0},
    "UNIT": {"state": 0.4, "residual": 2.5},
}
"""What the detector says beside each kind."""


def test_what_the_detector_says_is_taken_in_once_whatever_is_read_again():
    plant = Plant()
    said = messages(told(plant), b"nonsense", told(plant, CLEAR, after_s=5))
    assert intake.take_in(said[:2]) == 2
    assert intake.take_in(said) == 1
    assert intake.take_in(said) == 0
    assert Alarm.objects.get().state == rules.RETURNED
    assert StreamPosition.objects.get().sequence == intake.position() == 3
    assert audit.verify().intact


@pytest.mark.parametrize("kind", sorted(set(rules.KINDS) - {rules.HAPPENED}))
def test_every_kind_of_the_detector_becomes_an_alarm_with_its_rule_facts_and_a_sentence(kind):
    plant = Plant()
    facts = FACTS.get(kind, {})
    intake.take_in(messages(told(plant, kind=kind, level=3, rule="coal-14-5", facts=facts, quality=DOUBTFUL)))
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.rule, alarm.facts, alarm.level) == (kind, "coal-14-5", facts, 3)
    assert alarm.title.startswith("罐区控制系统 LINK (" if kind == "LINK" else f"1 号罐压力 {kind}")
    sentence = wording.says(alarm)
    assert "%" not in sentence and "?" not in sentence
    assert wording.quality_marks(alarm) == ["读数存疑"]
    assert [line.kind for line in door.timeline(alarm.pk)] == ["raised"]


def test_a_lost_link_names_the_link_and_the_number_of_points_behind_it():
    plant = Plant()
    intake.take_in(messages(told(plant, kind="LINK", value=200.0, facts=FACTS["LINK"])))
    alarm = Alarm.objects.get()
    assert alarm.title == "罐区控制系统 LINK (200)"
    assert "200 个测点" in wording.says(alarm) and "plant-1" in wording.says(alarm)


def test_what_no_alarm_can_be_made_of_is_kept_apart_and_stops_nothing():
    plant = Plant()
    said = messages(
        b"\x00\xff",
        told(plant, kind="NOVEL"),
        told(plant, channel=1_999_999),
        told(plant, level=9),
        told(plant, raised_s=-3e9),
        told(plant, change="forget"),
        happened(plant, device="D9"),
        told(plant, kind="HH"),
    )
    assert intake.take_in(said) == 8
    assert [alarm.kind for alarm in Alarm.objects.all()] == ["HH"]
    assert [row.reason for row in ApartMessage.objects.order_by("sequence")] == [
        *("malformed", "unknown_kind", "unknown_sender", "impossible", "impossible", "malformed", "unknown_sender"),
    ]


def test_what_was_kept_apart_is_taken_in_once_its_point_is_registered():
    plant = Plant()
    channel = plant.gas.channel + 1
    intake.take_in(messages(told(plant, channel=channel)))
    assert intake.take_again(NOW) == 0
    added = devices.add_sensor(
        plant.device.id, {"code": "PT-9", "name": "后补测点", "sensor_class": "pressure", "unit": ""}, actor=LOADER, now=NOW
    )
    told_again = told(plant, channel=added.channel)
    ApartMessage.objects.update(data=detections.encode(told_again))
    assert (intake.take_again(NOW), intake.take_again(NOW)) == (1, 0)
    assert Alarm.objects.get().sensor_id == added.id
    assert ApartMessage.objects.get().taken_at == NOW


def test_an_alarm_of_a_process_unit_names_the_points_that_left_the_others_and_has_no_unit():
    plant = Plant()
    facts = {"state": 0.4, "residual": 2.5, "channel_1": float(plant.gas.channel), "share_1": 0.61, "channel_2": 99_999.0, "share_2": 0.2}
    intake.take_in(messages(told(plant, kind="UNIT", rule="R0", value=2.5, facts=facts)))
    alarm = Alarm.objects.get()
    assert (alarm.title, alarm.unit) == ("1 号罐压力 UNIT 氯气浓度", "")
    assert [(point.id, share) for point, share in naming.contributions(alarm)] == [(plant.gas.id, 61.0)]
    assert naming.shown_point(alarm).id == plant.gas.id
    assert [value for _label, value in wording.facts(alarm)] == ["0.4", "2.5"]
    assert wording.says(alarm).endswith("2.5 倍")


def test_a_message_that_the_tables_refuse_is_set_apart_alone(monkeypatch):
    plant = Plant()
    monkeypatch.setattr("anlan.sense.alarms.naming.title", lambda told, *_known: "长" * (300 if told.kind == "HH" else 3))
    assert intake.take_in(messages(told(plant), told(plant, kind="HH"), told(plant, kind="L"))) == 3
    assert {alarm.kind for alarm in Alarm.objects.all()} == {"H", "L"}
    assert ApartMessage.objects.get().sequence == 2
    assert intake.position() == 3


def test_several_happenings_of_one_message_are_entered_and_one_that_nobody_knows_is_kept_apart_alone():
    plant = Plant()
    known = [happened(plant, part=f"{number} 区") for number in range(3)]
    together = broker.Message(1, happenings.SUBJECT, happenings.encode(*known, happened(plant, device="D9")), None)
    assert (intake.take_in([together]), intake.take_in([together])) == (1, 0)
    assert sorted(alarm.part for alarm in Alarm.objects.all()) == ["0 区", "1 区", "2 区"]
    (waiting,) = happenings.decode(bytes(ApartMessage.objects.get().data))
    assert waiting.device == "D9"
    given = {"code": "D9", "name": "后补主机", "device_class": "fire_panel", "credential_id": plant.issued.credential.id}
    devices.register_device(plant.enterprise.pk, given, actor=LOADER, now=NOW)
    assert intake.take_again(NOW) == 1
    assert Alarm.objects.count() == 4


def test_ends_of_what_never_began_cost_the_same_few_statements_however_many_they_are(django_assert_max_num_queries):
    plant = Plant()
    ends = [happened(plant, part=f"{part}", device=f"D{device}", active=False) for device in range(40) for part in range(25)]
    with django_assert_max_num_queries(16):
        assert intake.take_in(messages(*ends)) == 1000
    assert not Alarm.objects.exists() and not ApartMessage.objects.exists()


# --- groups ---------------------------------------------------------------------------------------------------------------


def test_a_flood_is_one_line_with_a_count_and_rings_once():
    plant = Plant()
    link = told(plant, kind="LINK", level=2, value=200.0, facts=FACTS["LINK"])
    flood = [told(plant, channel=plant.gas.channel, kind="SILENT", level=3, raised_s=n / 1000, cause=link.episode) for n in range(1, 200)]
    intake.take_in(messages(link, *flood))
    assert Alarm.objects.count() == 200
    page = lines.page(duty(), lines.Wanted())
    (line,) = page.lines
    assert (line.lead.kind, line.count, line.waiting, line.level, page.total) == ("LINK", 200, 200, 2, 1)
    announced = [row.payload for row in Announcement.objects.filter(kind="alarms.raised").order_by("id")]
    assert [(each["alarm_kind"], each["told"], each["others"]) for each in announced] == [("LINK", True, 0), ("SILENT", False, 198)]
    assert Alarm.objects.filter(escalates_at__isnull=False).count() == 1
    opened = lines.page(duty(), lines.Wanted(opened=(line.key,))).lines[0]
    assert len(opened.members) == lines.MEMBERS


def test_a_consequence_graver_than_its_cause_is_told_on_its_own_and_lifts_the_line():
    plant = Plant()
    first = told(plant, level=3)
    intake.take_in(messages(first, told(plant, kind="HH", level=1, raised_s=5, cause=first.episode)))
    line = lines.page(duty(), lines.Wanted()).lines[0]
    assert (line.count, line.level, line.lead.level) == (2, 1, 3)
    assert Announcement.objects.filter(kind="alarms.raised", payload__told=True).count() == 2


def test_a_line_stays_while_anything_of_its_group_is_open_although_its_cause_is_over():
    plant = Plant()
    first = told(plant, level=4)
    second = told(plant, kind="HH", level=1, raised_s=5, cause=first.episode)
    intake.take_in(messages(first, second, told(plant, CLEAR, level=4, after_s=20)))
    door.acknowledge(Alarm.objects.get(kind="H").pk, actor=duty(), now=NOW)
    assert Alarm.objects.get(kind="H").state == rules.CLOSED
    line = lines.page(duty(), lines.Wanted()).lines[0]
    assert (line.lead.kind, line.count, line.level) == ("HH", 1, 1)


@pytest.mark.parametrize("together", [True, False])
def test_a_cause_that_comes_after_what_it_explains_gathers_it_all_the_same(together):
    plant = Plant()
    cause = told(plant, kind="LINK", level=2)
    middle = told(plant, kind="SILENT", raised_s=2, cause=cause.episode)
    last = told(plant, kind="RATE", raised_s=3, cause=middle.episode)
    said = messages(last, middle, cause)
    for part in [said] if together else [[each] for each in said]:
        intake.take_in(part)
    head = Alarm.objects.get(kind="LINK")
    assert {alarm.group_key for alarm in Alarm.objects.all()} == {head.pk}
    assert Alarm.objects.get(kind="RATE").cause.kind == "SILENT" and Alarm.objects.get(kind="SILENT").cause == head


# --- exercises --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
def test_an_exercise_that_ends_with_a_real_reading_is_closed_and_the_real_alarm_of_the_same_limit_rings(together):
    plant = Plant()
    drill = told(plant, quality=EXERCISE)
    said = messages(drill, told(plant, CLEAR, quality=EXERCISE, after_s=60), told(plant, raised_s=60))
    for part in [said] if together else [[each] for each in said]:
        intake.take_in(part)
    first, real = Alarm.objects.order_by("raised_at")
    assert (first.exercise, first.cleared_at - first.raised_at) == (True, timedelta(seconds=60)) and not first.is_active
    assert (real.exercise, real.state, real.told) == (False, rules.RAISED, True)
    announced = [row.payload for row in Announcement.objects.filter(kind="alarms.raised").order_by("id")]
    assert [(each["exercise"], each["told"]) for each in announced] == [(True, True), (False, True)]


def test_alarms_of_one_moment_that_are_real_and_of_an_exercise_are_two():
    plant = Plant()
    intake.take_in(messages(told(plant, quality=EXERCISE), told(plant)))
    assert sorted(Alarm.objects.values_list("exercise", flat=True)) == [False, True]


@pytest.mark.parametrize("drilled_first", [True, False])
def test_a_real_alarm_joins_no_group_and_no_event_of_an_exercise_nor_the_other_way_round(drilled_first):
    plant = Plant()
    marks = (EXERCISE, 0) if drilled_first else (0, EXERCISE)
    head = told(plant, level=1, quality=marks[0])
    below = told(plant, kind="RATE", level=3, raised_s=5, quality=marks[1], cause=head.episode)
    intake.take_in(messages(below, head, told(plant, kind="HH", raised_s=9, quality=marks[1], cause=head.episode)))
    of_head = Alarm.objects.get(episode=head.episode)
    others = Alarm.objects.exclude(pk=of_head.pk)
    assert others.count() == 2
    for other in others:
        assert (other.cause, other.told) == (None, True)
        assert other.group_key != of_head.group_key and other.event_key != of_head.event_key
    assert len({other.event_key for other in others}) == 1
    assert lines.page(duty(), lines.Wanted()).total == 3


def test_what_a_panel_really_reports_rings_while_an_exercise_of_it_goes_on_and_ends_that_one():
    plant = Plant()
    intake.take_in(messages(happened(plant, exercise=True)))
    intake.take_in(messages(happened(plant, after_s=4), first=2))
    drill, real = Alarm.objects.order_by("raised_at")
    assert (drill.exercise, drill.is_active, real.exercise, real.is_active) == (True, False, False, True)
    intake.take_in(messages(happened(plant, after_s=9, active=False, exercise=True), first=3))
    real.refresh_from_db()
    assert real.is_active


# --- what equipment reports ------------------------------------------------------------------------------------------------


def test_a_fire_panel_raises_an_alarm_with_its_words_part_and_pictures_and_takes_it_back():
    plant = Plant()
    picture = "ab" * 32
    began = happened(plant, exhibits=(picture,), values={"smoke": 3.2}, exercise=True, late=True)
    again, over = (happened(plant, after_s=after_s, active=after_s < 90, exercise=True) for after_s in (4, 90))
    intake.take_in(messages(began, again, over))
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.rule, alarm.level, alarm.sensor_id) == (rules.HAPPENED, "gb26875.fire", 1, None)
    assert (alarm.said, alarm.part, alarm.exhibits, alarm.facts) == ("火警", "1 区 7 号感烟", [picture], {"smoke": 3.2})
    assert alarm.exercise and alarm.late and alarm.state == rules.RETURNED
    assert alarm.cleared_at - alarm.raised_at == timedelta(seconds=90)
    assert alarm.title == "罐区控制系统 火警 1 区 7 号感烟"
    assert "火警" in wording.says(alarm)
    intake.take_in(messages(happened(plant, after_s=200), first=9))
    assert Alarm.objects.count() == 2


def test_whether_a_happening_is_an_alarm_and_how_grave_stands_in_a_dated_table():
    plant = Plant()
    intake.take_in(messages(happened(plant, "gb26875.manual"), happened(plant, "jt808.fatigue"), happened(plant, "newly.invented")))
    assert {alarm.rule: alarm.level for alarm in Alarm.objects.all()} == {"jt808.fatigue": 2, "newly.invented": 3}
    rows = tables.happening_rules(NOW.date())
    assert len({row.kind for row in rows}) == len(rows)
    assert all(row.status == "unverified" and "项目默认值" in row.source for row in rows)


def test_an_end_before_any_beginning_changes_nothing():
    plant = Plant()
    intake.take_in(messages(happened(plant, active=False)))
    assert not Alarm.objects.exists() and not ApartMessage.objects.exists()


# --- any order, any repetition ------------------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=25)
def test_however_the_stream_is_cut_into_batches_the_same_alarms_stand_in_the_end(data):
    with_rollback(data)


def with_rollback(data):
    from django.db import transaction

    with transaction.atomic():
        plant = Plant(data.draw(st.integers(1, 900_000), label="number"))
        said = []
        for n in range(data.draw(st.integers(1, 8), label="episodes")):
            one = told(plant, kind=data.draw(st.sampled_from(["H", "HH", "RATE"])), raised_s=n)
            said += [one, msgspec.structs.replace(one, change=CLEAR, time_ms=one.time_ms + 500)][: data.draw(st.integers(1, 2))]
        whole = messages(*said)
        with transaction.atomic():
            intake.take_in(whole)
            expected = states()
            transaction.set_rollback(True)
        at = 0
        while at < len(whole):
            size = data.draw(st.integers(1, 4), label="size")
            back = data.draw(st.integers(0, at), label="read again from")
            intake.take_in(whole[back : at + size])
            at += size
        assert states() == expected
        transaction.set_rollback(True)


def states():
    rows = Alarm.objects.order_by("episode").values_list("episode", "state", "cleared_at", "peak")
    return [(*row, FlowStep.objects.filter(subject_id=Alarm.objects.get(episode=row[0]).pk).count()) for row in rows]


def test_five_thousand_at_once_are_entered_in_batches_with_few_statements(django_assert_max_num_queries):
    plant = Plant()
    said = messages(*(told(plant, level=4, raised_s=n / 1000) for n in range(5000)))
    kernel_clock.set(NOW)
    try:
        with django_assert_max_num_queries(160):
            for begin in range(0, 5000, intake.BATCH):
                intake.take_in(said[begin : begin + intake.BATCH])
    finally:
        kernel_clock.run()
    assert Alarm.objects.count() == 5000 == AuditEntry.objects.filter(action="alarms.detect").count()
    assert FlowStep.objects.filter(move="open").count() == 5000
    assert audit.verify().intact
    assert RAISED_MS and detecting.take([], actor=LOADER, now=NOW).raised == []
