"""The gateway as the process that a node runs, with the intake behind it: frames over TCP become readings on the right channels, and nothing that
was answered is lost when the process is killed in the middle and started again."""

import asyncio
import time

import pytest
from tests.rooms.sense.pipeline import entry, free_port, pipeline, point, wait_until

from anlan.site.load.field import JT808_POINTS, FieldDevice, Station, Terminal
from anlan.site.load.tally import Tally
from anlan.wire import addresses
from anlan.wire.addresses import AddressEntry, PointEntry
from anlan.wire.registry import DeviceEntry

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]
FACTORS = ("w01018", "w01001")
DEVICES = 6


def name(protocol, number):
    return f"1390000{number:05d}" if protocol == "jt808" else f"LOAD{number:012d}"


def registered():
    """Devices of both protocols behind one credential; the channels of device ``n`` begin at ``10 n``."""
    devices = []
    for number in range(DEVICES):
        protocol = ("jt808", "hj212")[number % 2]
        codes = tuple(JT808_POINTS) if protocol == "jt808" else FACTORS
        sealed = addresses.seal(f"s{number}")
        points = tuple(PointEntry(code, f"S-{code}", 2.0, 1.0) for code in codes)
        named = AddressEntry(protocol, name(protocol, number), salt=sealed.salt, digest=sealed.digest, points=points)
        sensors = tuple(point(f"S-{code}", 10 * number + at) for at, code in enumerate(codes))
        devices.append(DeviceEntry(f"d{number}", True, sensors, addresses=(named,)))
    return entry("c1", *devices)


def speaker(number):
    if number % 2 == 0:
        return Terminal(name("jt808", number), f"s{number}", number)
    return Station(name("hj212", number), f"s{number}", FACTORS, number)


def prepared(engines):
    ports = {protocol: free_port() for protocol in ("jt808", "hj212")}
    engines.environment["ANLAN_GATEWAY_LISTEN"] = ",".join(f"{protocol}=127.0.0.1:{port}" for protocol, port in ports.items())
    engines.admit([registered()])
    return ports


def listening(engines, times=1):
    wait_until(lambda: engines.log("gateway").count('"event": "listening"') >= 2 * times, "the gateway listens on both ports")


def made(ports, tally):
    return [
        FieldDevice(speaker(number), tally, ("127.0.0.1", ports[("jt808", "hj212")[number % 2]]), frozenset(), number)
        for number in range(DEVICES)
    ]


async def until(true, what, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)
    assert true(), what


def readings(engines):
    """Every reading on the stream: its times by channel."""
    found: dict[int, list[int]] = {}
    for block in engines.blocks():
        for channel, time_ms in zip(block.channel.tolist(), block.time.tolist(), strict=True):
            found.setdefault(channel, []).append(time_ms)
    return found


def test_frames_become_readings_on_the_channels_of_their_points():
    with pipeline() as engines:
        ports = prepared(engines)
        engines.start("gateway", "intake")
        listening(engines)
        tally, now = Tally(), time.time_ns() // 1_000_000_000 * 1000

        async def once():
            devices = made(ports, tally)
            await asyncio.gather(*(device.open() for device in devices))
            await until(lambda: all(device.admitted for device in devices), "everybody is let in")
            for device in devices:
                device.send(now)
            await until(lambda: tally.acknowledged == DEVICES, "everything is answered")
            for device in devices:
                device.close()

        asyncio.run(once())
        wanted = {10 * n + at for n in range(DEVICES) for at in range(len(JT808_POINTS) if n % 2 == 0 else len(FACTORS))}
        wait_until(lambda: set(readings(engines)) == wanted, "every channel has its reading")
        assert set(map(tuple, readings(engines).values())) == {(now,)}
        assert tally.refused == 0


def test_a_gateway_killed_under_load_and_started_again_has_lost_nothing_that_it_answered():
    with pipeline() as engines:
        ports = prepared(engines)
        engines.start("gateway", "intake")
        listening(engines)
        tally, begun = Tally(), (time.time_ns() // 1_000_000_000 - 7200) * 1000
        sent: dict[int, set[int]] = {number: set() for number in range(DEVICES)}

        async def load():
            devices = made(ports, tally)
            await asyncio.gather(*(device.open() for device in devices))
            for step in range(120):
                for number, device in enumerate(devices):
                    before = tally.sent
                    device.send(begun + 1000 * step)
                    if tally.sent > before:
                        sent[number].add(begun + 1000 * step)
                if step in {40, 80}:
                    engines.kill("gateway")
                    await until(lambda: not any(device.admitted for device in devices), "the lines are down")
                    engines.start("gateway")
                    await asyncio.to_thread(listening, engines, 2 if step == 40 else 3)
                    await until(lambda: all(device.admitted for device in devices), "everybody is back")
                await asyncio.sleep(0.02)
            await until(lambda: not any(device.waiting for device in devices), "everything is answered")
            for device in devices:
                device.close()

        asyncio.run(load())
        assert tally.acknowledged == tally.sent == sum(map(len, sent.values())) > 60 * DEVICES
        assert tally.lost_links >= 2 * DEVICES and tally.again > 0

        def stored():
            found = readings(engines)
            return all(sent[number] <= set(found.get(10 * number, ())) for number in range(DEVICES))

        wait_until(stored, "every answered reading is stored")
        # What was sent again because its answer was lost is one reading, not two.
        assert {number: set(readings(engines)[10 * number]) for number in range(DEVICES)} == sent
