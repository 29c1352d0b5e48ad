"""SM4 keys of HJ 212 stations: entered once, kept and carried enciphered, opened by this node alone, never in the audit, a page or a log."""

from datetime import timedelta

import pytest
from django.conf import settings
from tests.accounts import client_for
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.kernel import clock
from anlan.kernel.errors import NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.sense.devices import door, fieldkeys, rules, snapshot
from anlan.sense.devices.models import DeviceAddress
from anlan.sense.gateways.directory import Directory
from anlan.wire import keys, registry

pytestmark = pytest.mark.django_db

MN = "YB6701001000000000000001"
TOLD = {"actor": LOADER, "now": NOW}
KEY = "00112233445566778899AABBCCDDEEFF"
OTHER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def station(plant, protocol="hj212", address=MN):
    issued = door.add_address(plant.device.id, protocol, address, secret="123456" if protocol == "hj212" else "", **TOLD)
    return DeviceAddress.objects.get(pk=issued.id)


def travelled(plant, now=NOW):
    return registry.encode(snapshot.entries(now)[plant.issued.credential.username])


def directory(plant, secret=None):
    found = Directory(node_secret=settings.SECRET_KEY if secret is None else secret)
    found.apply(registry.decode(travelled(plant)))
    return found


def test_a_key_is_kept_and_carried_enciphered_and_opened_by_the_node_alone():
    plant = Plant()
    row = fieldkeys.set_key(station(plant), key=KEY, **TOLD)
    assert (row.key_set_at, row.key_set_by) == (NOW, LOADER.name)
    kept = DeviceAddress.objects.get(pk=row.pk)
    plain = bytes.fromhex(KEY)
    everything = bytes(kept.key_sealed) + travelled(plant) + str([e.content for e in AuditEntry.objects.all()]).encode()
    for trace in (plain, KEY.encode(), KEY.lower().encode()):
        assert trace not in everything
    assert directory(plant).keys_of(MN) == (plain,)
    assert directory(plant, "another node").keys_of(MN) == () and directory(plant, "").keys_of(MN) == ()
    assert travelled(plant) == travelled(plant), "told anew it is the same message"
    assert Announcement.objects.filter(kind="devices.changed").exists()
    assert AuditEntry.objects.filter(content__facts__key="set").exists()


def test_the_old_key_opens_for_a_week_and_a_key_taken_away_opens_nothing(monkeypatch):
    plant = Plant(now=clock.now())
    row = station(plant)
    fieldkeys.set_key(row, key=KEY, actor=LOADER, now=clock.now())
    fieldkeys.set_key(row, key=OTHER, actor=LOADER, now=clock.now())
    found = directory(plant)
    assert found.keys_of(MN) == (bytes.fromhex(OTHER), bytes.fromhex(KEY))
    later = (clock.now() + rules.ROTATION_OVERLAP + timedelta(seconds=1)).timestamp()
    monkeypatch.setattr("anlan.sense.gateways.directory.time.time_ns", lambda: int(later * 1e9))
    assert found.keys_of(MN) == (bytes.fromhex(OTHER),)
    fieldkeys.forget_key(row, actor=LOADER, now=clock.now())
    assert directory(plant).keys_of(MN) == ()


@pytest.mark.parametrize("wrong", ["", "0011", KEY + "00", "G" * 32, "00" * 16, KEY[:-1] + "，"])
def test_a_key_that_is_none_is_refused(wrong):
    with pytest.raises(keys.MalformedKey):
        fieldkeys.set_key(station(Plant()), key=wrong, **TOLD)
    assert keys.checked_key("00 11-22:33 4455 66778899aabbccddeeff") == bytes.fromhex(KEY)


def test_only_hj_212_has_keys_and_only_who_may_sets_them():
    plant = Plant()
    with pytest.raises(rules.NoKeys):
        fieldkeys.set_key(station(plant, "sl651", "0010203041"), key=KEY, **TOLD)
    row = station(plant)
    with pytest.raises(NotPermitted):
        fieldkeys.set_key(row, key=KEY, actor=officer("370102", "devices.change"), now=NOW)


def test_the_page_takes_a_key_says_that_it_is_set_and_never_shows_it():
    plant = Plant(now=clock.now())
    row = station(plant)
    client = client_for("enterprise_manager", "370102", enterprise_id=plant.enterprise.pk)
    page = f"/device-addresses/{row.pk}/"
    assert "未设置" in client.get(page).content.decode()
    refused = client.post(f"{page}key/", {"key": "12 34"})
    assert refused.status_code == 422 and "32 位十六进制数字" in refused.content.decode() and "12 34" not in refused.content.decode()
    assert client.post(f"{page}key/", {"key": KEY}).status_code == 302
    shown = client.get(page)
    assert "已设置" in shown.content.decode() and KEY not in shown.content.decode() and shown["Cache-Control"] == "no-store"
    assert KEY not in client.get(f"{page}key/").content.decode()
    assert client.post(f"{page}forget_key/").status_code == 302
    assert "未设置" in client.get(page).content.decode()
    stranger, looker = client_for("duty_officer", "370103"), client_for("duty_officer", "370102")
    assert (stranger.get(f"{page}key/").status_code, looker.get(f"{page}key/").status_code) == (403, 403)
    assert stranger.post(f"{page}key/", {"key": KEY}).status_code == 403 and looker.post(f"{page}forget_key/").status_code == 403
    assert (stranger.get(page).status_code, looker.get(page).status_code) == (404, 200)
