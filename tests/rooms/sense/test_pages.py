"""Every page of devices, alarms and quarantined data, as somebody sees it who may, and as nobody sees it who may not."""

import pytest
from django.conf import settings
from tests.accounts import client_for
from tests.rooms.sense.alarms.telling import told
from tests.rooms.sense.plant import LOADER, Plant

from anlan.desk.mapping import layers
from anlan.desk.models import Notification
from anlan.ground.people.models import Account
from anlan.kernel import clock
from anlan.kernel.events import event_class
from anlan.ledger.audit import AuditEntry
from anlan.ledger.models import Announcement
from anlan.sense.alarms import hearing, services
from anlan.sense.alarms.models import Alarm
from anlan.sense.devices.models import DeviceCredential, MaintenanceWindow, Sensor
from anlan.sense.stream import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant():
    return Plant(now=clock.now())


@pytest.fixture
def alarm(plant):
    now = clock.now()
    return services.raise_alarm(told(plant, raised_ms=round(now.timestamp() * 1000)), plant.pressure, actor=LOADER, now=now)


@pytest.fixture
def officer(plant):
    return client_for("duty_officer")


@pytest.fixture(autouse=True)
def silent_store(monkeypatch):
    """No store answers unless a test says so."""
    monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", "http://127.0.0.1:9")


def test_the_alarm_desk_and_the_alarm_show_both_axes_and_one_key_acknowledges(officer, alarm):
    page = officer.get("/alarms/open/").content.decode()
    assert alarm.title in page and 'data-key="a"' in page
    answer = officer.post(f"/alarms/{alarm.pk}/acknowledge/", {"back": "desk"})
    assert (answer.status_code, answer["Location"]) == (302, "/alarms/open/")
    stored = Alarm.objects.get()
    assert stored.acknowledged_by_name == "Duty-Officer-370102" and stored.acknowledged_at is not None
    page = officer.get(f"/alarms/{alarm.pk}/").content.decode()
    assert "未恢复、已确认" in page and 'data-key="a"' not in page
    assert officer.post(f"/alarms/{alarm.pk}/acknowledge/").status_code == 409


def test_a_grave_alarm_is_told_once_to_the_duty_officer_and_the_enterprise(officer, plant, alarm):
    client_for("enterprise_operator", enterprise_id=plant.enterprise.pk)
    client_for("duty_officer", "370103")
    for _again in range(2):
        hearing.tell_watchers(restored("alarms.raised"))
    told = Account.objects.filter(pk__in=Notification.objects.values("account_id")).values_list("username", flat=True)
    assert Notification.objects.count() == 2 and sorted(told) == ["duty-officer-370102", "enterprise-operator-370102"]


def restored(kind):
    return event_class(kind).restore(Announcement.objects.get(kind=kind).payload)


def test_a_note_stands_in_the_history_of_the_alarm(officer, alarm):
    assert officer.post(f"/alarms/{alarm.pk}/notes/", {"kind": "measure", "text": "开启水幕"}).status_code == 302
    assert "开启水幕" in officer.get(f"/alarms/{alarm.pk}/").content.decode()
    assert officer.post(f"/alarms/{alarm.pk}/notes/", {"kind": "measure", "text": ""}).status_code == 422


def test_the_map_draws_open_alarms_only(officer, alarm):
    def drawn():
        layer = layers._layers["alarms"].url
        return [f["id"] for f in officer.get(f"{layer}?bbox=116,36,118,37").json()["features"]]

    assert drawn() == [str(alarm.pk)]
    Alarm.objects.update(state="closed")
    assert drawn() == []


@pytest.mark.parametrize("address", ["/alarms/", "/devices/", "/sensors/", "/sense/quarantine/", "/api/v1/alarms"])
def test_lists_answer(officer, alarm, address):
    assert officer.get(address).status_code == 200


def test_a_silent_store_is_shown_as_unknown_and_never_as_normal(officer, plant, alarm):
    page = officer.get(f"/sensors/{plant.pressure.id}/").content.decode()
    assert "曲线未知" in page and "未知" in page and "在线" not in page
    assert "1.5" in page and "设计文件 示例" in page
    assert officer.get(f"/devices/{plant.device.id}/").status_code == 200
    assert officer.get(f"/sensors/{plant.pressure.id}/curve/?hours=6").status_code == 200
    assert alarm.title in officer.get(f"/enterprises/{plant.enterprise.pk}/").content.decode()
    assert "1 号罐压力" in officer.get(f"/enterprises/{plant.enterprise.pk}/points/").content.decode()


def test_readings_used_in_spite_of_their_mark_are_shown_as_used_and_not_counted_as_kept_apart(officer, plant, monkeypatch):
    now = round(clock.now().timestamp() * 1000)
    said = {"credential": plant.issued.credential.username, "device": "D1", "last_ms": now, "through": 1, "samples": []}
    records = [{**said, "reason": "reading_exercise_not_announced", "count": 7}, {**said, "reason": "reading_bad_json", "count": 3}]
    answers = {"/quarantine": records, "/counts": {"rows": 1, "lag": {}, "bytes": 1}}
    monkeypatch.setattr(queries, "ask", lambda path, **_more: answers[path])
    page = officer.get("/sense/quarantine/").content.decode()
    assert "没有登记演练，已按真实读数采用" in page and page.count('<span class="chip chip-grey">已采用</span>') == 1
    assert "<dt>隔离数据</dt><dd>3</dd>" in page


def test_a_curve_is_drawn_with_its_limits(officer, plant, monkeypatch):
    now = round(clock.now().timestamp() * 1000)
    columns = {"time": [now - 60_000 * n for n in range(30, 0, -1)], "count": [1] * 30}
    columns |= {name: [1.0 + n / 50 for n in range(30)] for name in ("lowest", "highest", "mean")}
    answers = {"/series": columns, "/latest": {str(plant.pressure.channel): [now, 1.58, 0]}}
    monkeypatch.setattr(queries, "ask", lambda path, **_more: answers[path])
    page = officer.get(f"/sensors/{plant.pressure.id}/?hours=1").content.decode()
    assert "<polyline" in page and "HH 1.5" in page and "series-level-red" in page and "在线" in page and "1.58" in page


def test_somebody_of_another_county_finds_none_of_it(plant, alarm):
    stranger = client_for("duty_officer", "370103")
    for address in (f"/alarms/{alarm.pk}/", f"/devices/{plant.device.id}/", f"/sensors/{plant.pressure.id}/"):
        assert stranger.get(address).status_code == 404
    assert "罐压力" not in stranger.get(f"/enterprises/{plant.enterprise.pk}/points/").content.decode()
    for address in ("/alarms/", "/alarms/open/", "/devices/", "/sensors/", "/api/v1/alarms", "/api/v1/alarms/features?bbox=116,36,118,37"):
        page = stranger.get(address).content.decode()
        assert alarm.title not in page and "罐区控制系统" not in page and "1 号罐压力" not in page
    assert stranger.post(f"/alarms/{alarm.pk}/acknowledge/").status_code == 404
    assert Alarm.objects.get().acknowledged_at is None


def test_the_enterprise_registers_points_limits_maintenance_and_credentials(plant):
    keeper = client_for("enterprise_manager", enterprise_id=plant.enterprise.pk)
    device, sensor = f"/devices/{plant.device.id}/", f"/sensors/{plant.pressure.id}/"
    for address in (f"{device}sensors/new/", f"{device}maintenance/new/", f"{sensor}thresholds/"):
        assert keeper.get(address).status_code == 200, address
    fields = {"code": "LT-1", "name": "液位", "sensor_class": "level", "decimals": "2", "range_low": "", "range_high": ""}
    assert keeper.post(f"{device}sensors/new/", fields).status_code == 302
    assert Sensor.objects.get(code="LT-1").unit == "m"
    assert keeper.post(f"{device}sensors/new/", fields).status_code == 422
    work = {"kind": "calibration", "since": "2026-11-22T08:00", "until": "2026-11-22T10:00", "reason": "年检"}
    assert keeper.post(f"{device}maintenance/new/", work).status_code == 302
    assert MaintenanceWindow.objects.get().reason == "年检"
    limits = {f"{kind}_{part}": "" for kind in ("HH", "H", "L", "LL") for part in ("limit", "hysteresis", "dwell_s")}
    limits |= {f"{kind}_level": "2" for kind in ("HH", "H", "L", "LL")}
    limits |= {"H_limit": "1.4", "basis": "design", "source": "变更单", "status": "verified", "effective_from": ""}
    assert keeper.post(f"{sensor}thresholds/", limits).status_code == 302
    assert keeper.post(f"{sensor}thresholds/", limits | {"HH_limit": "1.0"}).status_code == 422
    address = f"/enterprises/{plant.enterprise.pk}/credentials/"
    page = keeper.post(address, {"label": "网关"})
    made = DeviceCredential.objects.exclude(username=plant.issued.credential.username).get()
    assert made.username in page.content.decode() and page["Cache-Control"] == "no-store"
    rotated = keeper.post(f"/credentials/{made.pk}/rotate/").content.decode()
    assert made.username in rotated
    assert keeper.post(f"/credentials/{made.pk}/revoke/").status_code == 422
    assert keeper.post(f"/credentials/{made.pk}/revoke/", {"reason": "设备拆除"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "revoked" and AuditEntry.objects.filter(action="devices.credentials").count() >= 3


def test_a_duty_officer_may_look_and_acknowledge_but_not_change_limits(officer, plant):
    assert officer.get(f"/sensors/{plant.pressure.id}/thresholds/").status_code == 403
    assert officer.get(f"/enterprises/{plant.enterprise.pk}/credentials/").status_code == 403
