"""Exercises are announced for one device or all of an enterprise: they silence nothing, last no longer than they may, and end early."""

from datetime import timedelta

import pytest
from tests.accounts import client_for, client_of, make_account
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel import clock
from anlan.kernel.errors import NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.sense.devices import calibrating, door, exercising, queries, rules, services, snapshot
from anlan.sense.devices.models import MaintenanceWindow

pytestmark = pytest.mark.django_db
TOLD = {"actor": LOADER, "now": NOW}
HOUR = timedelta(hours=1)


def plant_of_two():
    plant = Plant()
    values = {"code": "D2", "name": "气体探测器", "device_class": "gas_detector", "credential_id": plant.issued.credential.id}
    door.register_device(plant.enterprise.pk, values, **TOLD)
    return plant


def announced(plant, since=NOW, until=NOW + HOUR, **told):
    return door.announce_exercise(plant.enterprise.pk, since=since, until=until, reason="氯气泄漏演练", **{**TOLD, **told})


def entries(plant, now=NOW):
    return snapshot.entries(now)[plant.issued.credential.username].devices


def ms(moment):
    return round(moment.timestamp() * 1000)


def test_one_announcement_holds_for_every_device_and_silences_none():
    plant, other = plant_of_two(), Plant(2)
    before = Announcement.objects.filter(kind="devices.changed").count()
    announced(plant)
    assert [(each.maintenance, each.exercises) for each in entries(plant)] == [((), ((ms(NOW), ms(NOW + HOUR)),))] * 2
    assert entries(other)[0].exercises == ()
    assert Announcement.objects.filter(kind="devices.changed").count() == before + 1
    (entry,) = AuditEntry.objects.filter(action="devices.maintain")
    assert (entry.content["facts"]["devices"], entry.content["facts"]["reason"]) == (2, "氯气泄漏演练")
    device_id = plant.device.id
    assert door.exercised(device_id, NOW) and not door.exercised(device_id, NOW + HOUR)
    # It is no work on the device: training, replay and the device's page take it for nothing of the kind.
    assert not queries.under_maintenance(device_id, NOW) and door.work_on([device_id], NOW - HOUR, NOW + HOUR) == ()


def test_work_on_a_device_is_no_exercise_and_both_may_hold_at_once():
    plant = Plant()
    device = queries.one_device(plant.device.id, None)
    services.plan_maintenance(device, kind="maintenance", since=NOW, until=NOW + 2 * HOUR, reason="换探头", **TOLD)
    assert not door.exercised(device.pk, NOW)
    services.plan_maintenance(device, kind="exercise", since=NOW, until=NOW + HOUR, reason="演练", **TOLD)
    (entry,) = entries(plant)
    assert (entry.maintenance, entry.exercises) == (((ms(NOW), ms(NOW + 2 * HOUR)),), ((ms(NOW), ms(NOW + HOUR)),))
    assert [each.kind for each in door.work_on([device.pk], NOW, NOW + HOUR)] == ["maintenance"]


@pytest.mark.parametrize(
    ("since", "until", "refusal"),
    [
        (NOW, NOW + rules.LONGEST_EXERCISE + timedelta(seconds=1), rules.ExerciseTooLong),
        (NOW + HOUR, NOW + HOUR, rules.WindowPeriod),
        (NOW - 2 * HOUR, NOW - HOUR, rules.WindowPeriod),
    ],
)
def test_an_exercise_is_neither_endless_nor_announced_afterwards(since, until, refusal):
    plant = Plant()
    device = queries.one_device(plant.device.id, None)
    with pytest.raises(refusal):
        announced(plant, since, until)
    with pytest.raises(refusal):
        services.plan_maintenance(device, kind="exercise", since=since, until=until, reason="演练", **TOLD)
    assert not MaintenanceWindow.objects.exists()


def test_what_was_measured_before_an_exercise_was_announced_never_becomes_one():
    plant = Plant()
    announced(plant, NOW - HOUR, NOW + rules.LONGEST_EXERCISE)
    (entry,) = entries(plant)
    assert entry.exercises == ((ms(NOW), ms(NOW + rules.LONGEST_EXERCISE)),)


def test_an_exercise_ends_early_for_all_its_devices_or_for_one_and_leaves_time_for_what_is_on_its_way():
    plant = plant_of_two()
    announcement = announced(plant)
    window = MaintenanceWindow.objects.get(device__code="D2")
    calibrating.end_maintenance(window, actor=LOADER, now=NOW + timedelta(minutes=5))
    later, last = NOW + timedelta(minutes=10), NOW + timedelta(minutes=11)
    assert door.end_exercise(announcement, at=last, actor=LOADER, now=later) == 1
    assert [each.exercises for each in entries(plant, later)] == [
        ((ms(NOW), ms(last)),),
        ((ms(NOW), ms(NOW + timedelta(minutes=5))),),
    ]
    with pytest.raises(rules.WindowOver):
        door.end_exercise(announcement, actor=LOADER, now=last)


def test_an_exercise_that_has_not_begun_is_called_off_whole():
    plant = Plant()
    announcement = announced(plant, NOW + HOUR, NOW + 2 * HOUR)
    assert door.end_exercise(announcement, **TOLD) == 1
    assert entries(plant)[0].exercises == ()
    assert exercising.announced(plant.enterprise.pk, NOW) == []


def test_a_reading_of_an_exercise_that_comes_late_is_still_known_as_one_and_not_for_ever():
    plant = Plant()
    announced(plant)
    assert entries(plant, NOW + timedelta(days=30))[0].exercises == ((ms(NOW), ms(NOW + HOUR)),)
    assert entries(plant, NOW + HOUR + rules.EXERCISES_REMEMBERED)[0].exercises == ()


def test_only_who_may_enter_maintenance_announces_and_ends():
    plant = Plant()
    stranger = officer("370103", "devices.maintain")
    with pytest.raises(NotPermitted):
        announced(plant, actor=stranger)
    announcement = announced(plant)
    with pytest.raises(NotPermitted):
        door.end_exercise(announcement, actor=officer("370102", "devices.view"), now=NOW)


def test_without_devices_there_is_nothing_to_announce():
    plant = Plant()
    door.change_device(plant.device.id, {"state": "retired"}, **TOLD)
    with pytest.raises(rules.NothingToExercise):
        announced(plant)


def test_the_enterprise_announces_on_its_page_sees_it_there_and_on_the_device_and_ends_it():
    plant = Plant(now=clock.now())
    keeper = client_for("enterprise_manager", enterprise_id=plant.enterprise.pk)
    file, form = f"/enterprises/{plant.enterprise.pk}/", f"/enterprises/{plant.enterprise.pk}/exercise/new/"
    assert form in keeper.get(file).content.decode()
    page = keeper.get(form).content.decode()
    assert "一次最长 24 小时" in page and "演练不屏蔽任何报警" in page
    local = clock.now() + timedelta(hours=8)
    fields = {"since": f"{local:%Y-%m-%dT%H:%M}", "until": f"{local + 2 * HOUR:%Y-%m-%dT%H:%M}", "reason": "氯气泄漏演练"}
    too_long = {**fields, "until": f"{local + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    refused = keeper.post(form, too_long)
    assert refused.status_code == 422 and "最长 24 小时" in refused.content.decode()
    assert keeper.post(form, fields).status_code == 302
    page = keeper.get(file).content.decode()
    assert "演练中" in page and "氯气泄漏演练" in page and "1 台设备" in page
    device = keeper.get(f"/devices/{plant.device.id}/").content.decode()
    assert "演练中" in device and "检修中" not in device
    announcement = MaintenanceWindow.objects.get().announcement
    stranger = client_of(make_account("stranger", "enterprise_manager", enterprise_id=Plant(2).enterprise.pk))
    assert stranger.post(f"/exercises/{announcement}/end/").status_code == 404
    assert keeper.post(f"/exercises/{announcement}/end/").status_code == 302
    assert "演练中" not in keeper.get(file).content.decode()
    assert MaintenanceWindow.objects.get().ended_by
