"""Equipment of four protocols calls a gateway with a real stream: who is let in, what lies on the stream, what it is answered."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from tests.rooms.sense.pipeline import entry, pipeline, point

from anlan.ledger import broker
from anlan.sense.gateways.gateway import Gateway
from anlan.sense.gateways.protocols import SESSIONS, session_factory
from anlan.wire import addresses, gb26875, happenings, hj212, readings, sl651
from anlan.wire.addresses import AddressEntry, PointEntry
from anlan.wire.gb26875 import units
from anlan.wire.jt808 import terminal
from anlan.wire.jt808.framing import Framer as Jt808Framer
from anlan.wire.jt808.message import Message as Jt808Message
from anlan.wire.jt808.message import encode as encode_jt808
from anlan.wire.jt808.position import Position, encode_position
from anlan.wire.registry import DeviceEntry

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]

MN, STATION, TRANSMITTER, PHONE = "010000A8900016F000169DC0", "0011223344", "889", "13812345678"


def _locked(protocol, address, secret, *points):
    sealed = addresses.seal(secret)
    return AddressEntry(protocol, address, salt=sealed.salt, digest=sealed.digest, points=points)


def _known():
    return entry(
        "c1",
        DeviceEntry("water", True, (point("cod", 1),), addresses=(_locked(addresses.HJ212, MN, "123456", PointEntry("w01018", "cod")),)),
        DeviceEntry("river", True, (point("Z", 2),), addresses=(_locked(addresses.SL651, STATION, "03E8"),)),
        DeviceEntry("fire", True, (), addresses=(AddressEntry(addresses.GB26875, TRANSMITTER, open=True),)),
        DeviceEntry("truck", True, (point("speed", 3),), addresses=(_locked(addresses.JT808, PHONE, "T123456"),)),
    )


@asynccontextmanager
async def _gateway():
    with pipeline() as engines:
        engines.admit([_known()])
        stop, ready = asyncio.Event(), asyncio.Event()
        made = Gateway({protocol: session_factory(protocol) for protocol in SESSIONS})
        task = asyncio.create_task(made.run(engines.nats_url, dict.fromkeys(SESSIONS, ("127.0.0.1", 0)), stop, ready))
        try:
            opened = asyncio.create_task(ready.wait())
            await asyncio.wait([task, opened], return_when=asyncio.FIRST_COMPLETED)
            assert opened.done(), task.result()
            yield engines, {protocol: port.number for protocol, port in made.ports.items()}
        finally:
            stop.set()
            await task


async def _frames(port, framer, count, *sent):
    """Send to a port and hear ``count`` frames."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    try:
        async with asyncio.timeout(30):
            for data in sent:
                writer.write(data)
            while len(found) < count:
                data = await reader.read(4096)
                assert data, f"hung up after {found}"
                found += [piece.data for piece in framer.feed(data)]
    finally:
        writer.close()
    return found


async def test_equipment_of_four_protocols_is_let_in_stored_and_answered():
    now_ms = time.time_ns() // 1_000_000 // 1000 * 1000
    area = hj212.write_area([hj212.Block(now_ms, {"w01018": 17.5, "w01018-Avg": 16.0}, {"w01018": "D"})])
    message = hj212.Message("20260921120001234", "32", "2011", "123456", MN, hj212.Flag.of(5), area)
    level = sl651.body.observed(now_ms // 60_000 * 60_000, [sl651.body.number(0x39, 10.49)])
    report = sl651.Telegram(STATION, 5, "03E8", sl651.Function.TIMED, sl651.body.report(7, now_ms, STATION, 0x48, [level]))
    smoke = gb26875.State("part_state", gb26875.Part(1, 3, 40, 10, 2), 0b11, "一层大厅", now_ms)
    fire = gb26875.Packet(7, 2, 889, 23352, gb26875.encode_unit(units.PART_STATE, [smoke]), now_ms)
    proof = Jt808Message(terminal.AUTHENTICATION, PHONE, 1, terminal.encode_authentication(terminal.Authentication("T123456"), None))
    place = Position(0b1, 0b11, 34.8, 113.5, 119, 62.4, 271, now_ms)

    async with _gateway() as (engines, ports):
        (answer,) = await _frames(ports[addresses.HJ212], hj212.Framer(), 1, hj212.encode(message))
        assert hj212.decode(answer).command == "9014"
        (answer,) = await _frames(ports[addresses.SL651], sl651.Framer(), 1, sl651.encode(report))
        assert not sl651.decode(answer).upward
        (answer,) = await _frames(ports[addresses.GB26875], gb26875.Framer(), 1, gb26875.encode(fire))
        assert gb26875.decode(answer).command == gb26875.Command.CONFIRM
        position = Jt808Message(terminal.POSITION, PHONE, 2, encode_position(place))
        answers = await _frames(ports[addresses.JT808], Jt808Framer(), 2, encode_jt808(proof), encode_jt808(position))
        assert len(answers) == 2
        stored = await asyncio.to_thread(engines.messages, broker.RAW)
        told = await asyncio.to_thread(engines.messages, broker.ALARMS)
    samples = {each.subject.rsplit(".", 1)[1]: readings.decode(each.data).samples[0] for each in stored}
    assert samples["water"].values == {"cod": 17.5, "w01018-Avg": 16.0}
    assert set(samples["water"].doubtful) == {"cod", "w01018-Avg"}
    assert samples["river"].values == {"Z": 10.49}
    assert samples["truck"].values["speed"] == 62.4
    happened = [each for message in told for each in happenings.decode(message.data)]
    assert [(each.device, each.kind) for each in happened if each.active] == [("fire", "gb26875.fire"), ("truck", "jt808.emergency")]
    (alarm,) = [each for each in happened if each.kind == "gb26875.fire"]
    assert (alarm.part, alarm.text, alarm.late) == ("1-3-40-10-2", "火警：感烟火灾探测器，一层大厅", False)


async def test_a_wrong_password_stores_nothing():
    message = hj212.Message("20260921120001234", "32", "2011", "guess1", MN, hj212.Flag.of(5), "DataTime=20260921120000;w01018-Rtd=1")
    async with _gateway() as (engines, ports):
        (answer,) = await _frames(ports[addresses.HJ212], hj212.Framer(), 1, hj212.encode(message))
        assert (hj212.decode(answer).command, hj212.decode(answer).area) == ("9011", "QnRtn=2")
        assert await asyncio.to_thread(engines.messages, broker.RAW) == []
