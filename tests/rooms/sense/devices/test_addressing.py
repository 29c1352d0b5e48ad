"""Names of devices in field protocols: given once, mapped to points, told to the gateways, changed and taken away; never a secret in the clear."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.accounts import client_for
from tests.rooms.sense.plant import LOADER, NOW, Plant, enterprise, officer

from anlan.kernel import clock
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.sense.devices import addressing, door, queries, rules, snapshot
from anlan.sense.devices.door import PlannedPoint
from anlan.sense.devices.models import AddressPoint, DeviceAddress
from anlan.wire import registry

pytestmark = pytest.mark.django_db

MN = "YB6701001000000000000001"
TOLD = {"actor": LOADER, "now": NOW}


def told_to_gateways(plant, now=NOW):
    entry = snapshot.entries(now)[plant.issued.credential.username]
    return registry.decode(registry.encode(entry)).devices[0].addresses


def test_a_name_travels_to_the_gateways_with_its_points_and_its_secret_sealed():
    plant = Plant()
    points = (PlannedPoint(plant.gas.id, "a21026", 0.001, 0.5),)
    issued = door.add_address(plant.device.id, "hj212", MN, secret="123456", points=points, **TOLD)
    (entry,) = told_to_gateways(plant)
    assert (entry.protocol, entry.address, entry.open) == ("hj212", MN, False)
    assert entry.opens("123456") and not entry.opens("654321")
    assert [(p.code, p.sensor, p.scale, p.offset) for p in entry.points] == [("a21026", "GT-1", 0.001, 0.5)]
    assert issued.secret == "123456"
    trace = str([e.content for e in AuditEntry.objects.all()])
    assert "123456" not in trace and MN in trace
    assert Announcement.objects.filter(kind="devices.changed").count() > 0


def test_without_a_secret_one_is_drawn_and_an_open_name_has_none():
    plant = Plant()
    drawn = door.add_address(plant.device.id, "hj212", MN, **TOLD)
    open_ = door.add_address(plant.device.id, "jt808", "13800138000", open=True, **TOLD)
    called = door.add_address(plant.device.id, "modbus", "10.0.0.9:502/1", **TOLD)
    assert len(drawn.secret) == 6 and drawn.secret.isdigit()
    assert open_.secret == called.secret == ""
    by_protocol = {entry.protocol: entry for entry in told_to_gateways(plant)}
    assert by_protocol["jt808"].open and by_protocol["hj212"].opens(drawn.secret)


def test_each_protocol_has_its_own_secrets():
    plant = Plant()
    station = door.add_address(plant.device.id, "sl651", "0010203041", **TOLD)
    assert len(station.secret) == 4
    transmitter = door.add_address(plant.device.id, "gb26875", "0102", **TOLD)
    assert (transmitter.address, transmitter.secret) == ("102", "")
    by_protocol = {entry.protocol: entry for entry in told_to_gateways(plant)}
    assert by_protocol["gb26875"].open and by_protocol["sl651"].opens(station.secret)
    # A terminal brings its own identifier: what the platform draws it could never send.
    for protocol, address, secret in (("jt808", "13800138000", ""), ("sl651", "0010203042", "zz"), ("hj212", MN, "far too long")):
        with pytest.raises(Invalid) as refused:
            door.add_address(plant.device.id, protocol, address, secret=secret, **TOLD)
        assert refused.value.fields["secret"].code == "address_malformed_secret"


def test_a_name_belongs_to_one_device_of_the_node_whoever_owns_it():
    mine, theirs = Plant(1), Plant(2)
    door.add_address(mine.device.id, "hj212", MN, **TOLD)
    with pytest.raises(Invalid) as refused:
        door.add_address(theirs.device.id, "hj212", MN, **TOLD)
    assert refused.value.fields["address"].code == "device_address_taken"
    addressing.remove_address(DeviceAddress.objects.get(), **TOLD)
    assert told_to_gateways(mine) == ()
    door.add_address(theirs.device.id, "hj212", MN, **TOLD)
    assert [entry.address for entry in told_to_gateways(theirs)] == [MN]


def test_everything_wrong_is_named_at_once():
    plant, other = Plant(1), Plant(2)
    points = (
        PlannedPoint(plant.pressure.id, "holding:0", 0.0),
        PlannedPoint(plant.gas.id, "holding:0", form="int7"),
        PlannedPoint(other.gas.id, "holding:9"),
    )
    with pytest.raises(Invalid) as refused:
        door.add_address(plant.device.id, "modbus", "no address", interval_s=0.01, points=points, **TOLD)
    assert {name: why.code for name, why in refused.value.fields.items()} == {
        "address": "address_malformed",
        "interval_s": "device_poll_interval",
        f"{plant.pressure.id}_scale": "device_point_scale",
        f"{plant.gas.id}_code": "device_point_twice",
        f"{plant.gas.id}_form": "device_point_form",
        f"{other.gas.id}_code": "not_found",
    }
    assert not DeviceAddress.objects.exists()
    with pytest.raises(Invalid) as refused:
        door.add_address(plant.device.id, "telegraph", "x", **TOLD)
    assert set(refused.value.fields) == {"protocol"}


def test_a_device_nobody_may_sign_in_for_gets_no_name():
    owner = enterprise(7)
    device = door.register_device(owner.pk, {"code": "D9", "name": "x", "device_class": "other"}, **TOLD)
    with pytest.raises(rules.AddressWithoutCredential):
        door.add_address(device.id, "hj212", MN, **TOLD)


def test_after_a_rotation_the_old_secret_opens_for_a_week():
    plant = Plant()
    old = door.add_address(plant.device.id, "hj212", MN, **TOLD).secret
    new = addressing.rotate(DeviceAddress.objects.get(), secret="abcdef", **TOLD).secret
    (entry,) = told_to_gateways(plant)
    later = round((NOW + timedelta(days=6)).timestamp() * 1000)
    assert entry.opens(new, later) and entry.opens(old, later) and not entry.opens(old, later + 2 * 86_400_000)
    called = queries.one_address(door.add_address(plant.device.id, "modbus", "h/1", **TOLD).id, None)
    with pytest.raises(rules.NoSecret):
        addressing.rotate(called, **TOLD)


def test_points_out_of_use_are_not_told_and_a_renamed_point_keeps_its_code():
    from anlan.sense.devices import services

    plant = Plant()
    points = (PlannedPoint(plant.gas.id, "a21026"), PlannedPoint(plant.pressure.id, "w1"))
    door.add_address(plant.device.id, "hj212", MN, points=points, **TOLD)
    services.change_sensor(queries.one_sensor(plant.gas.id, None), {"in_use": False}, **TOLD)
    services.change_sensor(queries.one_sensor(plant.pressure.id, None), {"code": "PT-9"}, **TOLD)
    (entry,) = told_to_gateways(plant)
    assert [(point.code, point.sensor) for point in entry.points] == [("w1", "PT-9")]


def test_only_who_issues_credentials_may_name_devices():
    plant = Plant(1, "370102")
    looker = officer("370102", "devices.view", "devices.change")
    with pytest.raises(NotPermitted):
        door.add_address(plant.device.id, "hj212", MN, actor=looker, now=NOW)


def test_a_quota_travels_with_the_credential_and_makes_sense():
    plant = Plant()
    name = plant.issued.credential.username
    door.set_quota(name, messages_per_minute=60, readings_per_minute=3000, **TOLD)
    entry = snapshot.entries(NOW)[name]
    assert (entry.messages_per_minute, entry.readings_per_minute) == (60, 3000)
    with pytest.raises(rules.QuotaValue):
        door.set_quota(name, messages_per_minute=-1, readings_per_minute=0, **TOLD)


@pytest.fixture
def keeper() -> tuple[Plant, Client]:
    plant = Plant(now=clock.now())
    return plant, client_for("enterprise_manager", enterprise_id=plant.enterprise.pk)


def test_the_pages_give_map_rotate_and_remove_a_name(keeper):
    plant, client = keeper
    device = f"/devices/{plant.device.id}/"
    page = client.get(device).content.decode()
    assert "未接入" in page and "登记现场协议地址" in page
    fields = {"protocol": "modbus", "address": "10.0.0.9:502/1", "secret": "", "interval_s": "5"}
    assert client.get(f"{device}addresses/new/").status_code == 200
    assert client.post(f"{device}addresses/new/", {**fields, "address": "x"}).status_code == 422
    shown = client.post(f"{device}addresses/new/", fields)
    assert shown.status_code == 200 and shown["Cache-Control"] == "no-store"
    row = DeviceAddress.objects.get()
    assert row.interval_s == 5.0
    mapping = f"/device-addresses/{row.pk}/change/"
    assert client.get(mapping).status_code == 200
    given = {"address": row.address, "interval_s": "2.5"}
    for sensor, code, form in ((plant.pressure, "holding:4", "float32"), (plant.gas, "", "int16")):
        given |= {f"{sensor.id}_{part}": value for part, value in {"code": code, "scale": "0.1", "offset": "", "form": form}.items()}
        given[f"{sensor.id}_order"] = "little"
    assert client.post(mapping, {**given, f"{plant.gas.id}_code": "holding:4"}).status_code == 422
    assert client.post(mapping, given).status_code == 302
    (point,) = AddressPoint.objects.all()
    assert (point.code, point.scale, point.offset, point.form, point.order) == ("holding:4", 0.1, 0.0, "float32", "little")
    page = client.get(f"/device-addresses/{row.pk}/").content.decode()
    assert "holding:4" in page and "未对应的测点" in page
    secret = client.post(f"{device}addresses/new/", {**fields, "protocol": "hj212", "address": MN}).content.decode()
    named = DeviceAddress.objects.get(protocol="hj212")
    assert "只在这里显示一次" in secret
    rotated = client.post(f"/device-addresses/{named.pk}/rotate/", {"secret": "q1w2e3"})
    assert "q1w2e3" in rotated.content.decode() and rotated["Cache-Control"] == "no-store"
    assert "q1w2e3" not in client.get(f"/device-addresses/{named.pk}/").content.decode()
    assert client.post(f"/device-addresses/{named.pk}/remove/").status_code == 302
    assert list(DeviceAddress.objects.values_list("protocol", flat=True)) == ["modbus"]


def test_nobody_else_sees_or_changes_a_name(keeper):
    plant, _client = keeper
    door.add_address(plant.device.id, "hj212", MN, actor=LOADER, now=clock.now())
    address = f"/device-addresses/{DeviceAddress.objects.get().pk}/"
    stranger, looker = client_for("duty_officer", "370103"), client_for("duty_officer", "370102")
    assert stranger.get(address).status_code == 404
    assert looker.get(address).status_code == 200
    assert looker.post(f"{address}remove/").status_code == 403
    assert DeviceAddress.objects.count() == 1


def test_quotas_are_set_on_the_page_of_credentials(keeper):
    plant, client = keeper
    verb = f"/credentials/{plant.issued.credential.id}/quota/"
    assert client.post(verb, {"messages_per_minute": "60", "readings_per_minute": "0"}).status_code == 302
    assert "60 条报文" in client.get(f"/enterprises/{plant.enterprise.pk}/credentials/").content.decode()
    assert client.post(verb, {"messages_per_minute": "-1", "readings_per_minute": "0"}).status_code == 422
