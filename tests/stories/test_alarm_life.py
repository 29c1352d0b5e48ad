"""Nights of a duty officer: an alarm nobody answers climbs the ladder, an acknowledgement without a deed expires, a flood is one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.accounts import actor_of, make_account
from tests.rooms.sense.alarms.telling import happened, messages, told
from tests.rooms.sense.plant import LOADER, NOW, Plant

from anlan.desk.models import Notification
from anlan.ledger.events import deliver_pending
from anlan.sense.alarms import door, intake, lines, queries, rules, services, sweeping
from anlan.sense.alarms.models import Alarm, EscalationRecord
from anlan.sense.devices import door as devices
from anlan.wire.detections import CLEAR

pytestmark = pytest.mark.django_db

COUNTY, CITY = "370102", "370100"


class House:
    """A plant with its posts and the bureaus above it; ``without`` posts nobody holds."""

    def __init__(self, clock, without: tuple[str, ...] = ()) -> None:
        self.clock, self.plant = clock, Plant(now=clock.now())
        self.accounts = {}
        of_plant = {"enterprise_id": self.plant.enterprise.pk}
        for name, kind, place, more in (
            ("operator", "enterprise_operator", COUNTY, of_plant),
            ("shift", "enterprise_shift_leader", COUNTY, of_plant),
            ("manager", "enterprise_manager", COUNTY, of_plant),
            ("principal", "enterprise_principal", COUNTY, of_plant),
            ("officer", "duty_officer", COUNTY, {}),
            ("leader", "duty_leader", COUNTY, {}),
            ("city", "duty_officer", CITY, {}),
            ("city.leader", "duty_leader", CITY, {}),
            ("neighbour", "duty_officer", "370103", {}),
        ):
            if name not in without:
                self.accounts[name] = make_account(name, kind, place, **more)

    def take(self, *said) -> None:
        intake.take_in(messages(*said, first=intake.position() + 1))
        deliver_pending()

    def minute(self, number: float) -> None:
        """Let time pass, with the sweep of every minute."""
        for _ in range(int(number)):
            self.clock.advance(minutes=1)
            sweeping.sweep(self.clock.now())
        deliver_pending()

    def told(self, of: str = "") -> set[str]:
        """Who was told so far, of one kind of event or of any."""
        names = {account.pk: name for name, account in self.accounts.items()}
        rows = Notification.objects.filter(event=of) if of else Notification.objects.all()
        return {names[pk] for pk in rows.values_list("account_id", flat=True)}

    def actor(self, name: str):
        return actor_of(self.accounts[name])


@pytest.fixture
def stopped(clock):
    """Three in the morning."""
    clock.set(datetime(2026, 11, 21, 19, 0, tzinfo=UTC))
    return clock


def at_three(house: House, **values):
    """A transition of this very moment."""
    return told(house.plant, raised_s=(house.clock.now() - NOW).total_seconds(), **values)


def test_a_red_alarm_nobody_answers_climbs_from_the_shift_to_the_city(stopped):
    house = House(stopped)
    house.take(at_three(house, kind="HH"))
    assert house.told() == {"operator", "manager", "officer"}
    climbed = []
    for minute in range(1, 41):
        house.minute(1)
        new = house.told("alarms.escalated") - {name for _m, names in climbed for name in names}
        if new:
            climbed.append((minute, new))
    assert climbed == [(2, {"shift"}), (5, {"manager"}), (10, {"principal"}), (15, {"leader"}), (20, {"city"}), (30, {"city.leader"})]
    alarm = Alarm.objects.get()
    assert next(line.text for line in door.timeline(alarm.pk) if line.kind == "escalated").endswith("Shift")
    assert alarm.escalates_at is None and EscalationRecord.objects.count() == 6
    assert "neighbour" not in house.told()


def test_the_ladder_stops_when_somebody_acknowledges(stopped):
    house = House(stopped)
    house.take(at_three(house, kind="HH"))
    house.minute(6)
    door.acknowledge(Alarm.objects.get().pk, "已派人去现场", actor=house.actor("shift"), now=stopped.now())
    house.minute(9)
    assert house.told("alarms.escalated") == {"shift", "manager"}


def test_where_nobody_holds_the_post_the_next_one_is_told_at_once_and_it_is_written_down(stopped):
    house = House(stopped, without=("shift", "manager", "principal"))
    house.take(at_three(house, kind="HH"))
    house.minute(2)
    assert house.told("alarms.escalated") == {"leader"}
    assert [(row.post_kind, bool(row.told)) for row in EscalationRecord.objects.order_by("step")] == [
        ("enterprise_shift_leader", False),
        ("enterprise_manager", False),
        ("enterprise_principal", False),
        ("duty_leader", True),
    ]
    house.minute(17)
    assert house.told("alarms.escalated") == {"leader"}
    house.minute(1)
    assert house.told("alarms.escalated") == {"leader", "city"}
    assert "无人担任该岗位" in "".join(line.text for line in door.timeline(Alarm.objects.get().pk))


def test_an_acknowledgement_without_a_deed_expires_and_rings_again_with_its_history(stopped):
    house = House(stopped)
    house.take(at_three(house, kind="HH"))
    alarm = Alarm.objects.get()
    door.acknowledge(alarm.pk, actor=house.actor("operator"), now=stopped.now())
    house.minute(14)
    assert queries.one(alarm.pk, None).state == rules.ACKNOWLEDGED
    before = Notification.objects.count()
    house.minute(1)
    again = queries.one(alarm.pk, None)
    assert (again.state, again.rings, again.acknowledged_by_name, again.acknowledged_at) == (rules.RAISED, 2, "", None)
    assert again.first_acknowledged_at is not None
    assert Notification.objects.count() == before + 3
    assert [line.kind for line in door.timeline(alarm.pk)] == ["raised", "acknowledged", "rang_again"]
    house.minute(2)
    assert house.told("alarms.escalated") == {"shift"}
    door.acknowledge(alarm.pk, actor=house.actor("shift"), now=stopped.now())
    services.add_note(queries.one(alarm.pk, None), "关闭进料阀，开启水幕", "measure", actor=house.actor("shift"), now=stopped.now())
    house.minute(60)
    assert (queries.one(alarm.pk, None).state, queries.one(alarm.pk, None).rings) == (rules.ACKNOWLEDGED, 2)


def test_an_alarm_that_ends_in_time_rings_no_more_and_is_closed_by_somebody_else(stopped):
    house = House(stopped)
    said = at_three(house, kind="HH")
    house.take(said)
    alarm = Alarm.objects.get()
    door.acknowledge(alarm.pk, actor=house.actor("operator"), now=stopped.now())
    house.minute(5)
    house.take(_cleared(said, 300))
    house.minute(120)
    assert (queries.one(alarm.pk, None).state, queries.one(alarm.pk, None).rings) == (rules.REVIEWING, 1)
    services.review(group(alarm), "true_alarm", actor=house.actor("manager"), now=stopped.now())
    assert queries.one(alarm.pk, None).state == rules.CLOSED


def _cleared(said, after_s):
    return msgspec.structs.replace(said, change=CLEAR, time_ms=said.time_ms + after_s * 1000)


def group(alarm):
    return Alarm.objects.filter(group_key=alarm.group_key)


def test_a_flood_of_two_hundred_tells_each_watcher_once_and_is_answered_with_one_note(stopped):
    house = House(stopped)
    plant = house.plant
    link = at_three(house, kind="LINK", level=2, value=200.0)
    flood = [at_three(house, kind="SILENT", level=2, channel=plant.gas.channel, rule=f"r{n}", cause=link.episode) for n in range(199)]
    house.take(link, *flood)
    assert {note.account_id for note in Notification.objects.all()} == {
        house.accounts[name].pk for name in ("operator", "manager", "officer")
    }
    assert Notification.objects.count() == 3
    house.minute(5)
    assert house.told("alarms.escalated") == {"shift"} and EscalationRecord.objects.count() == 1
    actor = house.actor("officer")
    (line,) = lines.page(actor, lines.Wanted()).lines
    done = services.acknowledge_group(
        queries.alarms(actor).filter(group_key=line.key), "机房断电，已通知电工", actor=actor, now=stopped.now()
    )
    assert len(done) == 200 and door.unacknowledged_count(actor) == 0
    assert all(alarm.notes.get().text == "机房断电，已通知电工" for alarm in Alarm.objects.all()[:5])
    with pytest.raises(rules.NothingToAcknowledge):
        services.acknowledge_group(queries.alarms(actor).filter(group_key=line.key), actor=actor, now=stopped.now())
    head = Alarm.objects.get(kind="LINK")
    services.add_note(head, "电工到场送电", "measure", actor=actor, now=stopped.now())
    house.minute(45)
    assert not Alarm.objects.filter(state=rules.RAISED).exists()


def test_a_flood_that_was_acknowledged_and_left_rings_again_as_one(stopped):
    house = House(stopped)
    link = at_three(house, kind="LINK", level=2, value=40.0)
    flood = [at_three(house, kind="SILENT", level=2, rule=f"r{n}", cause=link.episode) for n in range(39)]
    house.take(link, *flood)
    actor = house.actor("officer")
    services.acknowledge_group(queries.alarms(actor), actor=actor, now=stopped.now())
    told_before = Notification.objects.count()
    house.minute(30)
    assert Alarm.objects.filter(state=rules.RAISED, rings=2).count() == 40
    assert Notification.objects.count() == told_before + 3


def test_somebody_elses_enterprise_is_never_told(stopped):
    house = House(stopped)
    stranger = make_account("stranger", "enterprise_shift_leader", COUNTY, enterprise_id=Plant(2, COUNTY).enterprise.pk)
    house.take(at_three(house, kind="HH"))
    house.minute(31)
    assert not Notification.objects.filter(account_id=stranger.pk).exists()


def test_a_late_alarm_climbs_from_when_the_node_had_it_not_from_its_reading(stopped):
    house = House(stopped)
    early = at_three(house, kind="HH", quality=4)
    stopped.advance(hours=6)
    house.take(early)
    alarm = Alarm.objects.get()
    assert alarm.late and alarm.delay == timedelta(hours=6)
    house.minute(1)
    assert house.told("alarms.escalated") == set()
    house.minute(1)
    assert house.told("alarms.escalated") == {"shift"}


def test_a_node_that_sets_its_own_times_is_judged_by_them_from_then_on(stopped):
    house = House(stopped)
    services.set_span("escalation.1.1", 1, "本县值守制度", actor=house.actor("leader"), now=stopped.now())
    services.set_span("acknowledgement.1", 4, "本县值守制度", actor=house.actor("leader"), now=stopped.now())
    house.take(at_three(house, kind="HH"))
    house.minute(1)
    assert house.told("alarms.escalated") == {"shift"}
    door.acknowledge(Alarm.objects.get().pk, actor=house.actor("operator"), now=stopped.now())
    house.minute(4)
    assert Alarm.objects.get().rings == 2


def test_a_truck_and_a_fire_panel_ring_like_a_gas_detector(stopped):
    house = House(stopped)
    values = {
        "name": "危化品运输车",
        "code": "T-00001",
        "device_class": "other",
        "credential_id": house.plant.issued.credential.id,
    }
    devices.register_device(house.plant.enterprise.pk, values, actor=LOADER, now=stopped.now())
    house.take(happened(house.plant, "jt808.emergency", device="T-00001", part="", text="紧急报警"))
    alarm = Alarm.objects.get()
    assert alarm.title == "危化品运输车 紧急报警" and alarm.level == 1
    assert house.told() == {"operator", "manager", "officer"}
    house.minute(2)
    assert house.told("alarms.escalated") == {"shift"}
