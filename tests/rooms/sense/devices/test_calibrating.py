"""Points are kept true: calibrations move the day they are due, maintenance may end early, and pages say how things stand."""

from datetime import date, timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel import clock
from anlan.kernel.errors import NotPermitted
from anlan.ledger.models import AuditEntry
from anlan.sense.devices import calibrating, calibrationpages, classes, door, queries, rules, services, snapshot
from anlan.sense.devices.models import Calibration, MaintenanceWindow

pytestmark = pytest.mark.django_db
TOLD = {"actor": LOADER, "now": NOW}
TODAY = date(2026, 11, 22)


def calibrate(sensor, on, result="passed"):
    return calibrating.record_calibration(sensor, calibrated_on=on, result=result, performed_by="市计量所", certificate="C-1", **TOLD)


def test_a_calibration_that_passed_moves_the_day_by_the_interval_of_the_class():
    gas = queries.one_sensor(Plant().gas.id, None)
    calibrate(gas, date(2026, 1, 10))
    gas.refresh_from_db()
    assert gas.calibration_due == date(2026, 1, 10) + timedelta(days=classes.calibration_days("gas_toxic"))
    entry = AuditEntry.objects.filter(action="devices.maintain").latest("at")
    assert entry.content["facts"]["due"] == str(gas.calibration_due)


def test_one_that_failed_or_is_older_moves_nothing_and_is_kept():
    gas = queries.one_sensor(Plant().gas.id, None)
    calibrate(gas, date(2026, 6, 1))
    due = gas.calibration_due
    calibrate(gas, date(2026, 7, 1), "failed")
    calibrate(gas, date(2026, 2, 1))
    gas.refresh_from_db()
    assert (gas.calibrated_on, gas.calibration_due) == (date(2026, 6, 1), due)
    assert Calibration.objects.count() == 3
    with pytest.raises(rules.CalibrationDate):
        calibrate(gas, date(2027, 1, 1))


def test_an_interval_of_its_own_wins_and_taking_it_away_gives_that_of_the_class_back():
    gas = queries.one_sensor(Plant().gas.id, None)
    calibrate(gas, date(2026, 11, 1))
    calibrating.set_calibration_interval(gas, 10, **TOLD)
    assert gas.calibration_due == date(2026, 11, 11)
    inspector = officer("370102", "devices.view")
    assert door.calibration_overdue(inspector, TODAY) == 1
    assert door.calibration_overdue(officer("370103", "devices.view"), TODAY) == 0
    calibrating.set_calibration_interval(gas, None, **TOLD)
    assert door.calibration_overdue(inspector, TODAY) == 0
    with pytest.raises(rules.CalibrationInterval):
        calibrating.set_calibration_interval(gas, 0, **TOLD)


def test_every_interval_names_a_class_its_source_and_how_far_it_was_verified():
    for code, row in classes.calibration_intervals().items():
        assert code in classes.by_code() and row.days > 0 and row.source and row.status in rules.STATUSES


@pytest.mark.parametrize(
    ("due_in", "tone"),
    [(-1, "red"), (0, "yellow"), (30, "yellow"), (31, "green"), (None, "yellow")],
    ids=["over", "today", "soon", "fine", "never"],
)
def test_the_standing_of_a_point_is_never_green_without_a_calibration(due_in, tone):
    plant = Plant()
    gas, pressure = queries.one_sensor(plant.gas.id, None), queries.one_sensor(plant.pressure.id, None)
    gas.calibration_due = None if due_in is None else TODAY + timedelta(days=due_in)
    rows = calibrationpages.calibration_rows([gas, pressure], TODAY)
    assert rows[0]["tone"] == tone
    # Pressure has no interval: nobody claims that it is in order.
    assert (rows[1]["days"], rows[1]["tone"]) == (None, "grey")


def window(plant, since, until):
    device = queries.one_device(plant.device.id, None)
    return services.plan_maintenance(device, kind="maintenance", since=since, until=until, reason="换探头", **TOLD)


def test_work_that_ends_early_raises_alarms_again_at_once():
    plant = Plant()
    made = window(plant, NOW - timedelta(hours=1), NOW + timedelta(hours=5))
    calibrating.end_maintenance(made, actor=LOADER, now=NOW)
    assert (made.until, made.ended_by) == (NOW, "loader")
    (device,) = snapshot.entries(NOW)[plant.issued.credential.username].devices
    assert device.maintenance == ()
    with pytest.raises(rules.WindowOver):
        calibrating.end_maintenance(made, **TOLD)


def test_work_that_has_not_begun_is_called_off_whole():
    plant = Plant()
    made = window(plant, NOW + timedelta(days=1), NOW + timedelta(days=2))
    calibrating.end_maintenance(made, **TOLD)
    made.refresh_from_db()
    assert made.since == made.until == NOW
    with pytest.raises(NotPermitted):
        calibrating.end_maintenance(window(plant, NOW, NOW + timedelta(days=1)), actor=officer("370102", "devices.view"), now=NOW)


def test_the_pages_record_set_and_end():
    plant = Plant(now=clock.now())
    client = client_for("enterprise_manager", enterprise_id=plant.enterprise.pk)
    sensor = f"/sensors/{plant.gas.id}/calibrations/"
    assert "还没有登记过校准" in client.get(sensor).content.decode()
    today = clock.now().date()
    facts = {
        "calibrated_on": f"{today - timedelta(days=400)}",
        "result": "passed",
        "performed_by": "市计量所",
        "certificate": "",
        "note": "",
    }
    assert client.get(f"{sensor}new/").status_code == 200
    assert client.post(f"{sensor}new/", facts).status_code == 302
    assert client.post(f"{sensor}new/", {**facts, "calibrated_on": f"{today + timedelta(days=9)}"}).status_code == 422
    page = client.get(sensor).content.decode()
    assert "超期" in page and "未核实" in page and "市计量所" in page
    assert client.post(f"{sensor}interval/", {"days": "800"}).status_code == 302
    assert "本测点单独规定" in client.get(sensor).content.decode()
    assert plant.gas.name in client.get("/sensors/", {"calibration_due_to": f"{today + timedelta(days=500)}"}).content.decode()
    device = queries.one_device(plant.device.id, None)
    now = clock.now()
    services.plan_maintenance(device, kind="maintenance", since=now, until=now + timedelta(hours=5), reason="换探头", actor=LOADER, now=now)
    assert "提前结束" in client.get(f"/devices/{device.pk}/").content.decode()
    end = f"/device-maintenance/{MaintenanceWindow.objects.get().pk}/end/"
    assert client_for("duty_officer").post(end).status_code == 403
    assert client.post(end).status_code == 302
    assert "提前结束" in client.get(f"/devices/{device.pk}/").content.decode()
    assert MaintenanceWindow.objects.get().ended_by
