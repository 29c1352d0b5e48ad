"""With the real gatekeeper and database: a sealed HJ 212 frame counts for nothing without its station's key, and a quota over MQTT is told."""

import asyncio
import json
import time
from datetime import datetime, timedelta, timezone

import aiomqtt
import pytest
from django.conf import settings
from tests.rooms.sense.pipeline import free_port, pipeline, wait_until
from tests.rooms.sense.plant import LOADER, Plant, officer
from tests.rooms.sense.test_chain import database_url

from anlan.kernel import clock
from anlan.sense.devices import door, fieldkeys, services, views
from anlan.sense.devices.door import PlannedPoint
from anlan.sense.devices.models import DeviceAddress, DeviceCredential, OverQuota
from anlan.wire import readings
from anlan.wire.hj212 import Flag, Message, encode

pytestmark = [pytest.mark.engines, pytest.mark.timeout(240), pytest.mark.django_db(transaction=True)]

MN = "YB6701001000000000000001"
KEY, OTHER = bytes(range(16)), bytes(range(3, 19))
BEIJING = timezone(timedelta(hours=8))


def report(port, key, value):
    """Send one enciphered report; what is answered within a few seconds."""
    now = datetime.now(BEIJING)
    area = f"DataTime={now:%Y%m%d%H%M%S};w01018-Rtd={value},w01018-Flag=N"
    frame = encode(Message(f"{now:%Y%m%d%H%M%S}000", "32", "2011", "123456", MN, Flag.of(9), area), key)

    async def once():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame)
        try:
            return await asyncio.wait_for(reader.read(4096), 3)
        except TimeoutError:
            return b""
        finally:
            writer.close()

    return asyncio.run(once())


def test_a_sealed_report_is_taken_with_the_stations_key_and_counted_against_the_station_without_or_with_a_wrong_one():
    plant, port = Plant(now=clock.now()), free_port()
    username = plant.issued.credential.username
    points = (PlannedPoint(plant.pressure.id, "w01018"),)
    issued = door.add_address(plant.device.id, "hj212", MN, secret="123456", points=points, actor=LOADER, now=clock.now())
    row = DeviceAddress.objects.get(pk=issued.id)
    with pipeline(database_url=database_url()) as running:
        running.environment |= {"ANLAN_GATEWAY_LISTEN": f"hj212=127.0.0.1:{port}", "ANLAN_SECRET_KEY": settings.SECRET_KEY}
        running.start("telemetry", "gatekeeper", "intake", "gateway")
        wait_until(lambda: '"event": "listening"' in running.log("gateway"), "the gateway listens", 60)

        assert report(port, KEY, 1.0) == b"", "without a key there is no answer"
        wait_until(lambda: running.quarantined().get((username, "D1", "hj212_sealed")) == 1, f"{running.quarantined()}")
        assert running.blocks() == []

        fieldkeys.set_key(row, key=OTHER.hex(), actor=LOADER, now=clock.now())
        wait_until(lambda: report(port, KEY, 1.0) == b"" and (username, "D1", "hj212_bad_seal") in running.quarantined(), "a wrong key", 60)
        assert all(plant.pressure.channel not in block.channel for block in running.blocks())

        fieldkeys.set_key(row, key=KEY.hex(), actor=LOADER, now=clock.now())
        wait_until(lambda: b"CN=9014" in report(port, KEY, 0.8), "taken and answered with the key", 60)
        wait_until(lambda: any(0.8 in block.value[block.channel == plant.pressure.channel] for block in running.blocks()), "and stored", 60)
        assert b"CN=9014" in report(port, OTHER, 0.9), "the key before opens while it is changed"
        for name in ("gateway", "gatekeeper", "intake"):
            assert KEY.hex() not in running.log(name).lower() and OTHER.hex() not in running.log(name).lower()
        held = b"".join(path.read_bytes() for path in (running.home / "nats").rglob("*") if path.is_file())
        assert KEY not in held and KEY.hex().encode() not in held.lower(), "the files of the stream hold it enciphered"


def test_what_lies_beyond_a_quota_by_mqtt_is_kept_and_becomes_a_thing_to_do():
    plant = Plant(now=clock.now())
    username = plant.issued.credential.username
    credential = DeviceCredential.objects.get(username=username)
    services.set_quota(credential, messages_per_minute=3, readings_per_minute=0, actor=LOADER, now=clock.now())
    with pipeline(database_url=database_url()) as running:
        running.start("telemetry", "gatekeeper", "intake")
        wait_until(lambda: "admitting equipment" in running.log("gatekeeper"), "the gatekeeper is ready", 60)
        now = time.time_ns() // 1_000_000

        async def send():
            async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=username, password=plant.issued.secret) as client:
                for at in range(20):
                    payload = json.dumps({"t": now + at, "v": {"PT-1": 0.5}}).encode()
                    await client.publish(readings.topic(username, "D1"), payload, qos=1)

        asyncio.run(send())
        wait_until(lambda: running.stored() == 20, "everything acknowledged is kept", 60)
        wait_until(lambda: OverQuota.objects.filter(credential=credential).exists(), "and told", 60)
        told = OverQuota.objects.get()
        assert 0 < told.messages <= 17
        (item,) = views.todo(officer("370102", "devices.credentials"), clock.now())
        assert plant.enterprise.name in item.title
        assert (username, "D1", "credential_over_quota") in running.quarantined()
