"""Readings by HTTPS, with the whole stream behind it: stored before the answer, once however often sent, and only by who may."""

import base64
import gzip
import json
import time
from datetime import UTC, date, datetime, timedelta, timezone

import httpx
import pytest
from django.conf import settings
from django.test import Client
from tests.accounts import client_for
from tests.rooms.sense.pipeline import pipeline, wait_until
from tests.rooms.sense.plant import LOADER, Plant

from anlan.kernel import clock
from anlan.sense.devices import door as devices
from anlan.sense.devices import services as registry
from anlan.sense.devices import snapshot
from anlan.sense.devices.models import Device, DeviceCredential
from anlan.sense.uplink import admission, rules, services
from anlan.sense.uplink.admission import Brake
from anlan.sense.uplink.publishing import Line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_brakes(monkeypatch):
    monkeypatch.setattr(admission, "guesses", Brake(rules.GUESSES_A_MINUTE, rules.GUESSES_A_MINUTE))
    monkeypatch.setattr(admission, "requests", Brake(rules.REQUESTS_A_MINUTE, rules.REQUESTS_A_MINUTE / 3))


@pytest.fixture
def stored(monkeypatch):
    """What would go to the stream, without a stream."""
    kept = []

    class Kept:
        def store(self, messages):
            new = [message for message in messages if not message.name or message.name not in {old.name for old in kept}]
            kept.extend(new)
            return bool(messages) and not new

        def await_known(self, device):
            pass

    monkeypatch.setattr(services, "line", lambda _url: Kept())
    return kept


def basic(username, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()}


def send(plant, body, content="application/json", device="D1", secret=None, **headers):
    told = basic(plant.issued.credential.username, secret or plant.issued.secret)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(f"/api/uplink/v1/{device}", data, content_type=content, headers={**told, **headers})


def now_ms():
    return round(clock.now().timestamp() * 1000)


def test_a_batch_is_stored_as_it_came_and_answered_with_counts(stored):
    plant, at = Plant(), now_ms()
    body = json.dumps([{"t": at, "v": {"PT-1": 0.8, "GT-1": 1.0, "XX": 3}}, {"t": at - 10**11, "v": {"PT-1": 1}}]).encode()
    answer = send(plant, body)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["refused"], told["duplicate"]) == (2, 2, False)
    assert {reason["code"]: reason["count"] for reason in told["reasons"]} == {"reading_unknown_sensor": 1, "reading_clock_behind": 1}
    assert [(message.subject, message.payload) for message in stored] == [
        (f"$MQTT.msgs.anlan.in.{plant.issued.credential.username}.D1", body)
    ]


def test_history_is_taken_as_far_back_as_the_device_was_in_use(stored):
    plant, two_years_ago = Plant(), clock.now() - timedelta(days=730)
    body = [{"t": round(two_years_ago.timestamp() * 1000), "v": {"PT-1": 0.8, "GT-1": 1.0}}, {"t": 86_400_000, "v": {"PT-1": 0.8}}]
    (reason,) = send(plant, body).json()["reasons"]
    assert (reason["code"], reason["count"]) == ("reading_clock_behind", 3) and "投用日期" in reason["examples"][0]
    device = Device.objects.get(pk=plant.device.id)
    registry.change_device(device, {"commissioned_on": two_years_ago.date() - timedelta(days=1)}, actor=LOADER, now=clock.now())
    told = send(plant, body).json()
    assert (told["accepted"], told["refused"]) == (2, 1), "the clock of 1970 is refused all the same"
    (entry,) = snapshot.entries(clock.now()).values()
    since = datetime.fromtimestamp(entry.devices[0].since_ms / 1000, UTC)
    assert since.astimezone(timezone(timedelta(hours=8))).date() == device.commissioned_on
    # As old as late readings are kept, however old the device is.
    registry.change_device(device, {"commissioned_on": date(1998, 1, 1)}, actor=LOADER, now=clock.now())
    old = [{"t": round((clock.now() - timedelta(days=days)).timestamp() * 1000), "v": {"PT-1": 0.8}} for days in (1800, 1900)]
    told = send(plant, old).json()
    assert told["accepted"] == 1 and [reason["code"] for reason in told["reasons"]] == ["reading_not_kept"]


def test_sent_again_it_is_known_by_its_content_or_by_the_name_the_sender_gives_it(stored):
    plant, at = Plant(), now_ms()
    assert send(plant, {"t": at, "v": {"PT-1": 0.8}}).json()["duplicate"] is False
    assert send(plant, {"t": at, "v": {"PT-1": 0.8}}).json()["duplicate"] is True
    assert send(plant, {"PT-1": 0.8}, **{"Idempotency-Key": "n1"}).json()["duplicate"] is False
    assert send(plant, {"PT-1": 0.8}, **{"Idempotency-Key": "n1"}).json()["duplicate"] is True
    # Telemetry without a time says something new each time.
    assert [send(plant, {"PT-1": 0.8}).json()["duplicate"] for _time in range(2)] == [False, False]


def test_every_content_is_read_and_gzip_too(stored):
    plant, at = Plant(), now_ms()
    senml = json.dumps([{"bn": "plant1:", "n": "PT-1", "u": "kPa", "v": 850}]).encode()
    table = f"time,point,value\n{at},PT-1,0.8\n{at},GT-1,x\n".encode()
    assert send(plant, senml, "application/senml+json").json()["accepted"] == 1
    told = send(plant, gzip.compress(table), "text/csv; charset=utf-8", **{"Content-Encoding": "gzip"}).json()
    assert (told["accepted"], told["refused"]) == (1, 1)
    assert json.loads(stored[-1].payload) == [{"t": at, "v": {"PT-1": 0.8}}]


def test_an_exercise_is_carried_through(stored):
    plant, at = Plant(), now_ms()
    told = basic(plant.issued.credential.username, plant.issued.secret)
    table = f"time,PT-1\n{at},0.8\n".encode()
    assert Client().post("/api/uplink/v1/D1?exercise=true", table, content_type="text/csv", headers=told).json()["accepted"] == 1
    batch = json.dumps({"PT-1": 1}).encode()
    assert Client().post("/api/uplink/v1/D1?exercise=1", batch, content_type="application/json", headers=told).json()["accepted"] == 1
    assert [sample["exercise"] for message in stored for sample in json.loads(message.payload)] == [True, True]


@pytest.mark.parametrize(
    ("body", "content", "headers", "status", "code"),
    [
        (b"{", "application/json", {}, 422, "reading_bad_json"),
        (b"<a/>", "text/xml", {}, 415, "uplink_unknown_content"),
        (b"{}", "application/json", {"Content-Encoding": "br"}, 415, "uplink_unknown_content"),
        (b"{}", "application/json", {"Content-Encoding": "gzip"}, 422, "uplink_bad_body"),
        (gzip.compress(b" " * (rules.MAX_UNPACKED_BYTES + 1)), "application/json", {"Content-Encoding": "gzip"}, 413, "uplink_too_large"),
        (b"a,b\n", "text/csv", {}, 422, "uplink_bad_table"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_code_and_nothing_is_stored(stored, body, content, headers, status, code):
    answer = send(Plant(), body, content, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert stored == []


def test_a_batch_of_which_nothing_can_be_used_is_no_success(stored):
    answer = send(Plant(), {"t": now_ms(), "v": {"XX": 1}})
    assert (answer.status_code, answer.json()["accepted"]) == (422, 0)


def test_only_the_credential_of_the_device_may_send_for_it(stored):
    plant, other = Plant(), Plant(2, "370103")
    registry.register_device(
        other.enterprise.pk,
        {"code": "D9", "name": "x", "device_class": "other", "credential_id": other.issued.credential.id},
        actor=LOADER,
        now=clock.now(),
    )
    batch = {"t": now_ms(), "v": {"PT-1": 1}}
    assert send(plant, batch, device="D9").json()["code"] == "reading_unknown_device"
    assert send(plant, batch, secret="wrong").status_code == 401
    assert Client().post("/api/uplink/v1/D1", batch, content_type="application/json").status_code == 401
    assert Client().post("/api/uplink/v1/D1", headers={"Authorization": "Basic !!!"}).json()["code"] == "uplink_credential_refused"
    person = client_for("enterprise_manager", enterprise_id=plant.enterprise.pk)
    assert person.post("/api/uplink/v1/D1", batch, content_type="application/json").status_code == 403
    credential = DeviceCredential.objects.get(pk=plant.issued.credential.id)
    registry.revoke_credential(credential, actor=LOADER, now=clock.now())
    assert send(plant, batch).status_code == 401
    assert stored == []


def test_the_old_secret_opens_for_a_week_after_a_rotation(stored, clock):
    plant = Plant(now=clock.now())
    registry.rotate_secret(DeviceCredential.objects.get(pk=plant.issued.credential.id), actor=LOADER, now=clock.now())
    assert send(plant, {"t": now_ms(), "v": {"PT-1": 1}}).status_code == 200
    clock.advance(days=8)
    assert send(plant, {"t": now_ms(), "v": {"PT-1": 1}}).status_code == 401


def test_guessing_is_braked_and_so_is_haste(stored, monkeypatch):
    plant = Plant()
    batch = {"t": now_ms(), "v": {"PT-1": 1}}
    answers = [send(plant, batch, secret="wrong").status_code for _guess in range(rules.GUESSES_A_MINUTE + 1)]
    assert answers == [401] * rules.GUESSES_A_MINUTE + [429]
    assert send(plant, batch).json()["code"] == "uplink_too_many_guesses"
    monkeypatch.setattr(admission, "guesses", Brake(10, 10))
    monkeypatch.setattr(admission, "requests", Brake(0.0, 2))
    assert [send(plant, batch).status_code for _request in range(3)] == [200, 200, 429]


def test_a_large_batch_is_cut_so_that_the_intake_reads_every_part():
    from anlan.wire.readings import Sample

    sent = [
        Sample(1, {f"p{number}": 1.0 for number in range(7000)}),
        Sample(2, {"a": 1.0}),
        Sample(3, {f"q{number}": 2.0 for number in range(4999)}),
    ]
    parts = list(services.cut(sent))
    assert [sum(len(sample.values) for sample in part) for part in parts] == [5000, 2001, 4999]
    assert {name for part in parts for sample in part for name in sample.values} == {name for sample in sent for name in sample.values}


def test_a_stream_that_is_away_is_told_and_nothing_is_claimed(monkeypatch):
    monkeypatch.setitem(settings.ANLAN, "NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setattr(Line.store, "__defaults__", (0.5,))
    answer = send(Plant(), {"t": now_ms(), "v": {"PT-1": 1}})
    assert (answer.status_code, answer.json()["code"]) == (503, "uplink_not_stored")


@pytest.mark.engines
@pytest.mark.timeout(240)
def test_what_is_answered_for_lies_in_the_store_once(monkeypatch):
    plant = Plant(now=clock.now())
    entry = snapshot.entries(clock.now())[plant.issued.credential.username]
    with pipeline() as running:
        monkeypatch.setitem(settings.ANLAN, "NATS_URL", running.nats_url)
        monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", running.telemetry_url)
        running.admit([entry])
        running.start("telemetry", "intake")
        at = time.time_ns() // 1_000_000
        rows = "".join(f"{at - number},{number / 1000},{number % 7}\n" for number in range(12_000))
        body = f"time,PT-1,GT-1\n{rows}".encode()
        for _time in range(2):
            told = send(plant, body, "text/csv").json()
            assert (told["accepted"], told["refused"]) == (24_000, 0)
        assert told["duplicate"] is True
        assert send(plant, [{"bn": "x:", "n": "PT-1", "u": "kPa", "v": 850, "t": -100}], "application/senml+json").status_code == 200
        wait_until(lambda: running.stored() == 24_001, f"24001 readings stored, not {running.stored()}", 60)
        newest = httpx.get(f"{running.telemetry_url}/latest", params={"channels": plant.pressure.channel}).json()
        assert newest[str(plant.pressure.channel)][1] == 0.0
        assert devices.sensor(plant.pressure.id).unit == "MPa"
