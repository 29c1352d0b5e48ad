"""Devices, points, limits and credentials: what may be entered, who sees it, what the stream is told."""

from datetime import date, timedelta

import pytest
from tests.rooms.sense.plant import LOADER, NOW, Plant, enterprise, officer

from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.sense.devices import classes, door, natsauth, queries, rules, secret, services, snapshot
from anlan.sense.devices.door import Limit

pytestmark = pytest.mark.django_db


def test_a_point_takes_unit_and_range_from_its_class_and_a_channel_of_its_own():
    plant = Plant()
    assert (plant.pressure.unit, plant.gas.unit) == ("MPa", "mg/m³")
    assert plant.pressure.range_high == classes.by_code()["pressure"].plausible_high
    assert plant.pressure.channel != plant.gas.channel


def test_the_registry_tells_the_stream_devices_points_and_limits_in_force():
    plant = Plant()
    entry = snapshot.entries(NOW)[plant.issued.credential.username]
    (device,) = entry.devices
    points = {point.code: point for point in device.sensors}
    assert (entry.active, device.code, device.in_use) == (True, "D1", True)
    assert [(x.kind, x.limit, x.level) for x in points["PT-1"].limits] == [("HH", 1.5, 1), ("H", 1.2, 2)]
    assert points["GT-1"].limits == () and points["GT-1"].channel == plant.gas.channel


def test_new_limits_end_those_before_them_and_the_past_keeps_its_own():
    plant = Plant()
    told = {"basis": "design", "source": "变更单 7", "actor": LOADER}
    later = NOW + timedelta(days=10)
    door.set_thresholds(plant.pressure.id, (Limit("H", 2.0, 0.1, 5.0, 2),), now=later, **told)
    assert [x.limit for x in door.limits_of(plant.pressure.id, date(2026, 11, 25))] == [1.5, 1.2]
    assert [x.limit for x in door.limits_of(plant.pressure.id, date(2026, 12, 2))] == [2.0]
    assert door.limits_of(plant.pressure.id, date(2026, 11, 1)) == ()
    with pytest.raises(rules.ThresholdPeriod):
        door.set_thresholds(plant.pressure.id, (), now=later, effective_from=date(2026, 11, 24), **told)
    door.set_thresholds(plant.pressure.id, (Limit("H", 3.0, 0.1, 5.0, 2),), now=later, **told)
    assert [x.limit for x in door.limits_of(plant.pressure.id, date(2026, 12, 2))] == [3.0]


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        ((Limit("H", 2, 0, 0, 1), Limit("HH", 1, 0, 0, 1)), rules.ThresholdOrder),
        ((Limit("H", float("nan"), 0, 0, 1),), rules.ThresholdValue),
        ((Limit("H", 1, -1, 0, 1),), rules.ThresholdValue),
        ((Limit("H", 1, 0, 0, 9),), rules.ThresholdValue),
        ((Limit("X", 1, 0, 0, 1),), rules.ThresholdValue),
        ((Limit("H", 10_000, 0, 0, 1),), rules.ThresholdOutOfRange),
    ],
)
def test_limits_that_make_no_sense_are_refused(limits, refusal):
    plant = Plant()
    with pytest.raises(refusal):
        door.set_thresholds(plant.pressure.id, limits, basis="design", source="x", actor=LOADER, now=NOW)


def test_wrong_codes_and_foreign_credentials_are_named():
    plant, other = Plant(1), enterprise(2)
    with pytest.raises(Invalid) as refused:
        values = {"code": "a/b", "name": "x", "device_class": "other", "credential_id": plant.issued.credential.id}
        door.register_device(other.pk, values, actor=LOADER, now=NOW)
    assert {name: why.code for name, why in refused.value.fields.items()} == {
        "code": "device_malformed_code",
        "credential_id": "device_credential_of_another",
    }
    with pytest.raises(Invalid) as refused:
        door.register_device(plant.enterprise.pk, {"code": "D1", "name": "x", "device_class": "other"}, actor=LOADER, now=NOW)
    assert refused.value.fields["code"].code == "device_code_taken"
    with pytest.raises(Invalid) as refused:
        door.add_sensor(plant.device.id, {"code": "T 1 ", "name": "x", "sensor_class": "nonsense", "unit": ""}, actor=LOADER, now=NOW)
    assert set(refused.value.fields) == {"code", "sensor_class"}


def test_a_secret_is_kept_as_a_digest_and_the_old_one_opens_for_a_week_after_rotation():
    plant = Plant()
    name, old = plant.issued.credential.username, plant.issued.secret
    row = queries.one_credential(plant.issued.credential.id, None)
    new = services.rotate_secret(row, actor=LOADER, now=NOW).secret
    lock = snapshot.locks()[name]
    assert lock.opens(new, NOW) and lock.opens(old, NOW + timedelta(days=6))
    assert not lock.opens(old, NOW + timedelta(days=8)) and not lock.opens("x", NOW) and not lock.opens("", NOW)
    trace = str([entry.content for entry in AuditEntry.objects.all()])
    assert new not in trace and old not in trace
    services.revoke_credential(row, actor=LOADER, now=NOW)
    assert snapshot.locks()[name].active is False
    with pytest.raises(rules.CredentialRevoked):
        services.rotate_secret(row, actor=LOADER, now=NOW)


def test_a_county_officer_sees_no_device_of_another_county():
    mine, theirs = Plant(1, "370102"), Plant(2, "370103")
    county = officer("370102", "devices.view")
    assert [row.id for row in door.devices_of(mine.enterprise.pk, county)] == [mine.device.id]
    assert door.devices_of(theirs.enterprise.pk, county) == () and door.sensors_of(theirs.enterprise.pk, county) == ()
    with pytest.raises(NotFound):
        door.sensor(theirs.pressure.id, county)
    with pytest.raises(NotPermitted):
        door.set_thresholds(mine.pressure.id, (), basis="design", source="x", actor=county, now=NOW)
    assert door.online_counts(county).points == 2


def test_every_change_of_the_registry_is_announced():
    plant = Plant()
    kinds = set(Announcement.objects.values_list("kind", "enterprise_id"))
    assert kinds == {("devices.changed", plant.enterprise.pk)}


def test_every_secret_is_new_and_belongs_to_its_digest():
    assert len({secret.new_secret() for _ in range(50)} | {secret.new_username() for _ in range(50)}) == 100
    salt, kept = secret.digest("word")
    assert secret.matches("word", salt, kept) and not secret.matches("Word", salt, kept) and not secret.matches("", "", "")


@pytest.mark.parametrize("token", [b"", b"a.b", b"a.b.c", b"\xff.x.y", b"e30.e30.e30", b"e30.WzFd.e30"])
def test_a_question_of_the_stream_that_makes_no_sense_is_refused(token):
    with pytest.raises(natsauth.MalformedAuthRequest):
        natsauth.read_request(token)
