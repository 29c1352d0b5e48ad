"""Lines to devices: told by the stream, kept where pages ask, true for MQTT after any fault of the server's events."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.sense.pipeline import device, entry, pipeline, point
from tests.rooms.sense.plant import Plant, officer

from anlan.kernel import clock
from anlan.kernel.errors import NotFound
from anlan.ledger import broker
from anlan.sense.devices import door, linkbook, wording
from anlan.sense.devices.door import LinkState
from anlan.sense.devices.mqttlines import MqttLines
from anlan.site.load import mqtt
from anlan.wire import links
from anlan.wire.addresses import AddressEntry
from anlan.wire.links import DOWN, UP, Link
from anlan.wire.registry import DeviceEntry

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def ms(moment):
    return round(moment.timestamp() * 1000)


@pytest.mark.django_db(transaction=True)
def test_the_newest_state_of_a_line_is_kept_and_unknown_names_harm_nothing():
    plant = Plant(now=clock.now())
    name = plant.issued.credential.username
    assert door.link_of(plant.device.id) == LinkState("never")
    up = Link(name, "D1", UP, ms(AT), "hj212", "MN", ms(AT))
    down = Link(name, "D1", DOWN, ms(AT + timedelta(minutes=5)), "hj212", "MN", ms(AT), "timed_out")
    linkbook.write([up, Link("nobody", "D1", UP, 1, "hj212"), Link(name, "D99", UP, 1, "hj212")], AT)
    assert door.link_of(plant.device.id).state == "up"
    linkbook.write([up, down], AT)
    assert door.link_of(plant.device.id) == LinkState("down", AT + timedelta(minutes=5), AT, "hj212", "timed_out")
    assert door.links_of([plant.device.id], officer("370103", "devices.view")) == {}
    with pytest.raises(NotFound):
        door.link_of(plant.device.id, officer("370103", "devices.view"))
    linkbook.write([Link(name, "D1", DOWN, ms(clock.now() - timedelta(minutes=12)), "hj212", "MN", ms(AT), "timed_out")], AT)
    page = client_for("duty_officer").get(f"/devices/{plant.device.id}/").content.decode()
    assert "离线 12 分钟" in page and "长时间没有数据" in page


@pytest.mark.parametrize(
    ("state", "gone", "said"),
    [
        ("up", timedelta(days=3), "在线"),
        ("never", None, "未接入"),
        ("down", timedelta(seconds=20), "离线"),
        ("down", timedelta(minutes=12), "离线 12 分钟"),
        ("down", timedelta(hours=30), "离线 30 小时"),
        ("down", timedelta(days=9), "离线 9 天"),
    ],
)
def test_a_line_is_said_in_words(state, gone, said):
    assert wording.link_label(LinkState(state, AT - gone if gone else None), AT) == said


def taught(*devices):
    lines = MqttLines()
    lines.reckon({}, 0)
    lines.learn(entry("c1", *devices))
    return lines


def states(lines):
    return {(link.device, link.state) for link in lines.states()}


def test_a_device_is_up_while_any_connection_of_its_credential_stands():
    lines = taught(device("d1"), device("d2"), device("d3", in_use=False))
    assert states(lines) == set()
    lines.connected("c1", 1, 10)
    lines.connected("c1", 2, 11)
    lines.disconnected("c1", 1, "Client Closed", 12)
    assert states(lines) == {("d1", UP), ("d2", UP)}
    lines.disconnected("c1", 2, "Stale Connection", 13)
    assert states(lines) == {("d1", DOWN), ("d2", DOWN)}
    assert {link.reason for link in lines.states()} == {"timed_out"}


def test_what_the_server_lists_wins_over_what_its_events_said():
    lines = taught(device("d1"))
    lines.connected("c1", 1, 10)
    lines.reckon({}, 20)
    assert states(lines) == {("d1", DOWN)}
    lines.reckon({"c1": {5}}, 30)
    assert states(lines) == {("d1", UP)}


def test_a_device_registered_while_its_credential_is_connected_is_up_and_one_of_a_field_protocol_is_left_to_its_gateway():
    lines = taught()
    lines.connected("c1", 1, 10)
    lines.learn(entry("c1", device("d1"), DeviceEntry("d2", True, addresses=(AddressEntry("hj212", "x"),))))
    assert states(lines) == {("d1", UP)}


def test_a_device_that_gets_a_name_in_a_field_protocol_is_up_by_mqtt_no_longer():
    lines = taught(device("d1"))
    lines.connected("c1", 1, 10)
    lines.learn(entry("c1", DeviceEntry("d1", True, addresses=(AddressEntry("hj212", "x"),))))
    assert states(lines) == {("d1", DOWN)}
    lines.connected("c1", 2, 20)
    assert states(lines) == {("d1", DOWN)}


@pytest.mark.engines
def test_a_real_connection_and_its_end_are_told_to_the_stream_and_a_killed_gatekeepers_word_is_put_right():
    with pipeline() as engines:
        engines.admit([entry("c1", device("d1", point("a", 1)))])
        asyncio.run(_connect_and_go(engines))
        told = [links.decode(message.data) for message in engines.messages(broker.LINKS)]
        assert [(link.device, link.state, link.protocol, link.reason) for link in told] == [("d1", DOWN, "mqtt", "closed_by_sender")]
        # The next one finds a line that nobody told the end of.
        asyncio.run(_left_standing(engines))
        told = [links.decode(message.data) for message in engines.messages(broker.LINKS)]
        assert [(link.device, link.state, link.reason) for link in told] == [("d1", DOWN, "closed")]


async def _connect_and_go(engines):
    stop = asyncio.Event()
    nc = await broker.connect(engines.nats_url, stop, name="test")
    lines = MqttLines()
    await lines.take_over(nc, stop)
    lines.learn(entry("c1", device("d1", point("a", 1))))
    following = asyncio.create_task(lines.follow(nc, nc.jetstream(), stop))
    await asyncio.sleep(0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", engines.mqtt_port)
    writer.write(mqtt.connect("client", "c1", "good"))
    assert (await reader.readexactly(4))[3] == 0
    async with asyncio.timeout(10):
        while states(lines) != {("d1", UP)}:
            await asyncio.sleep(0.05)
        writer.close()
        while states(lines) != {("d1", DOWN)}:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    stop.set()
    await following
    await nc.close()


async def _left_standing(engines):
    stop = asyncio.Event()
    nc = await broker.connect(engines.nats_url, stop, name="test")
    js = nc.jetstream()
    stale = Link("c1", "d1", UP, 1, "mqtt", heard_ms=1)
    await broker.publish(js, stop, stale.subject, links.encode(stale))
    lines = MqttLines()
    await lines.take_over(nc, stop)
    lines.learn(entry("c1", device("d1", point("a", 1))))
    following = asyncio.create_task(lines.follow(nc, js, stop))
    async with asyncio.timeout(10):
        while states(lines) != {("d1", DOWN)}:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    stop.set()
    await following
    await nc.close()
