"""A client that others wrote against the running node: create, send, read, filter, expand; and Observations by MQTT."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import aiomqtt
import frost_sta_client as frost
import pytest
from django.conf import settings
from django.db import connection
from frost_sta_client.service.auth_handler import AuthHandler
from geojson import Point as GeoPoint
from tests.rooms.sense.pipeline import pipeline, wait_until
from tests.rooms.sense.plant import Plant

from anlan.kernel import clock
from anlan.sense.devices.models import Sensor
from anlan.wire import observations

pytestmark = [pytest.mark.engines, pytest.mark.timeout(280), pytest.mark.django_db(transaction=True)]


def database_url():
    entry = connection.settings_dict
    user = f"&user={quote(entry['USER'])}" if entry["USER"] else ""
    return f"postgres:///{entry['NAME']}?host={quote(str(entry['HOST']))}{user}"


async def publish(running, plant, messages):
    username, secret = plant.issued.credential.username, plant.issued.secret
    async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=username, password=secret) as client:
        for topic, body in messages:
            await client.publish(topic, json.dumps(body), qos=1)


async def subscribed(running, plant, other):
    """What both are told after subscribing to the pressure of the first, while that is sent by its usual topic again and again."""
    told = []

    async def listen(name, owner, ready):
        issued = owner.issued
        async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=issued.credential.username, password=issued.secret) as client:
            try:
                await client.subscribe(observations.topic(plant.pressure.channel), qos=0)
            except aiomqtt.MqttError:
                ready.set()
                return
            ready.set()
            async for message in client.messages:
                told.append((name, json.loads(message.payload)["result"]))

    ready = [asyncio.Event(), asyncio.Event()]
    listening = [asyncio.create_task(listen(*who)) for who in (("ours", plant, ready[0]), ("theirs", other, ready[1]))]
    await asyncio.gather(*(each.wait() for each in ready))
    usual = f"anlan/in/{plant.issued.credential.username}/D1"
    async with asyncio.timeout(90):
        # Nobody listened to this point a moment ago; the feed finds out within half a minute that somebody does now.
        while not told:
            await publish(running, plant, [(usual, {"t": datetime.now(UTC).isoformat(), "v": {"PT-1": 0.7}})])
            await asyncio.sleep(1.0)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return told


def thing():
    made = frost.Thing(name="网关", description="三号罐区", properties={"code": "GW-9", "deviceClass": "gateway", "shift": "甲班"})
    made.locations = [
        frost.Location(name="北", description="北侧", encoding_type="application/geo+json", location=GeoPoint((117.06, 36.67)))
    ]
    return made


def datastream(owner):
    unit = frost.model.ext.unitofmeasurement.UnitOfMeasurement(name="degree Celsius", symbol="℃", definition="Cel")
    made = frost.Datastream(
        name="罐壁温度",
        description="北侧罐壁",
        observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        unit_of_measurement=unit,
        properties={"code": "TT-9"},
    )
    made.thing = frost.Thing(id=owner.id)
    made.observed_property = frost.ObservedProperty(name="temperature", definition="urn:anlan:quantity:temperature", description="t")
    made.sensor = frost.Sensor(name="热电阻", description="Pt100", encoding_type="text/html", metadata="https://example.org/pt100")
    return made


def test_a_client_creates_sends_reads_filters_and_expands(monkeypatch, live_server):
    plant, other = Plant(now=clock.now()), Plant(2, "370103", now=clock.now())
    with pipeline(database_url=database_url()) as running:
        monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", running.telemetry_url)
        monkeypatch.setitem(settings.ANLAN, "NATS_URL", running.nats_url)
        running.start("telemetry", "gatekeeper", "intake", "feed")
        wait_until(lambda: "admitting equipment" in running.log("gatekeeper"), "the gatekeeper is ready", 60)
        sign_in = AuthHandler(plant.issued.credential.username, plant.issued.secret)
        service = frost.SensorThingsService(f"{live_server.url}/api/sensorthings/v1.1", auth_handler=sign_in)

        gateway = thing()
        service.create(gateway)
        found = service.things().find(gateway.id)
        assert (found.name, found.description, found.properties["shift"]) == ("网关", "三号罐区", "甲班")
        series = datastream(gateway)
        service.create(series)
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30)
        for number in range(5):
            made = frost.Observation(
                result=20 + number,
                phenomenon_time=(start + timedelta(seconds=number)).isoformat(),
                datastream=frost.Datastream(id=series.id),
            )
            service.create(made)
            assert made.id.startswith(f"{series.id}-")
        wait_until(lambda: running.stored() == 5, "five readings are stored", 60)

        asked = (
            service.observations()
            .query()
            .filter(f"Datastream/id eq {series.id} and phenomenonTime ge {start.isoformat()} and result ge 22")
        )
        results = [one.result for one in asked.orderby("phenomenonTime", "desc").top(2).list()]
        assert results == [24, 23, 22]
        newest = (
            service.datastreams()
            .query()
            .filter("Thing/properties/code eq 'GW-9'")
            .expand("Thing,Sensor,Observations($orderby=phenomenonTime desc;$top=1)")
            .list()
        )
        (one,) = newest.entities
        assert (one.name, one.thing.name, one.sensor.name, one.observations.get(0).result) == ("罐壁温度", "网关", "热电阻", 24)
        near = (
            service.locations()
            .query()
            .filter("st_within(location, geography'POLYGON ((117.05 36.66, 117.07 36.66, 117.07 36.68, 117.05 36.68, 117.05 36.66))')")
        )
        assert [place.name for place in near.list()] == ["罐区控制系统", "北"] or {place.name for place in near.list()} == {
            "罐区控制系统",
            "北",
        }
        counted = service.things().query().count().list()
        assert counted.count == 2
        assert str(other.device.id) not in {one.id for one in counted}

        # The same Datastream by MQTT: the credential may, another may not, whatever it calls itself.
        own = observations.topic(plant.pressure.channel)
        asyncio.run(publish(running, plant, [(own, {"result": 0.5}), (observations.topic(other.pressure.channel), {"result": 9})]))
        asyncio.run(publish(running, other, [(own, {"result": 9})]))
        wait_until(lambda: running.stored() == 6, f"the Observation by MQTT is stored: {running.stored()}", 60)
        mine = service.datastreams().find(plant.pressure.channel)
        (stored,) = mine.get_observations().query().list().entities
        assert stored.result == 0.5
        assert running.stored() == 6
        assert set(asyncio.run(subscribed(running, plant, other))) == {("ours", 0.7)}
        assert Sensor.objects.filter(code="TT-9").count() == 1
