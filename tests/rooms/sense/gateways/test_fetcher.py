"""The fetching process with a real stream and real servers: the registry decides, a change is followed at once, nobody holds up another."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from tests.rooms.sense.gateways.keeping import device
from tests.rooms.sense.gateways.test_dropped import MINE, NAME, put, safety
from tests.rooms.sense.gateways.test_modbus import serving
from tests.rooms.sense.pipeline import free_port, pipeline

from anlan.ledger import broker
from anlan.sense.gateways.fetcher import Fetcher
from anlan.wire import links, readings
from anlan.wire.addresses import PointEntry
from anlan.wire.registry import Entry

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]
POINT = PointEntry("holding:0", "a", form="int16")


@asynccontextmanager
async def fetching(*devices):
    with pipeline() as engines:
        engines.admit([Entry("c1", True, devices)])
        stop, ready = asyncio.Event(), asyncio.Event()
        fetcher = Fetcher(engines.home / "drop")
        task = asyncio.create_task(fetcher.run(engines.nats_url, stop, ready))
        try:
            opened = asyncio.create_task(ready.wait())
            await asyncio.wait([task, opened], return_when=asyncio.FIRST_COMPLETED)
            assert opened.done(), task.result()
            yield engines, fetcher
        finally:
            stop.set()
            await task


async def stored(engines):
    return [
        (message.subject.rsplit(".", 1)[1], message.headers[readings.GATEWAY], sample)
        for message in await asyncio.to_thread(engines.messages, broker.RAW)
        for sample in readings.decode(message.data).samples
    ]


async def until(true, what, seconds=20.0):
    async with asyncio.timeout(seconds):
        while not (found := await true()):
            await asyncio.sleep(0.05)
    assert found, what
    return found


async def test_what_is_fetched_lies_on_the_stream_and_a_server_that_is_not_there_holds_up_nobody():
    async with serving({1: [42]}) as port:
        dead = free_port()
        named = (
            device("good", "modbus", f"127.0.0.1:{port}/1", POINT),
            device("dead", "modbus", f"127.0.0.1:{dead}/1", POINT),
            device("gone", "opcua", f"opc.tcp://127.0.0.1:{dead}/x", PointEntry("i=1", "a")),
            device("mine", "coalfile", MINE, PointEntry("001A01", "GT-1")),
        )
        async with fetching(*named) as (engines, _fetcher):
            put(engines.home / "drop", NAME, safety(("001A01", "0.52", "0")))

            async def both():
                found = await stored(engines)
                return found if {"good", "mine"} <= {name for name, _protocol, _sample in found} else None

            found = await until(both, "both arrive")
            assert {(name, protocol, tuple(sample.values.items())) for name, protocol, sample in found} == {
                ("good", "modbus", (("a", 42.0),)),
                ("mine", "coalfile", (("GT-1", 0.52),)),
            }

            async def told():
                lines = {m.subject: links.decode(m.data) for m in await asyncio.to_thread(engines.messages, broker.LINKS)}
                return {(link.device, link.state, link.reason) for link in lines.values()} == {
                    ("good", "up", ""),
                    ("mine", "up", ""),
                    ("dead", "down", "unreachable"),
                    ("gone", "down", "unreachable"),
                }

            await until(told, "every line is told")


async def test_a_change_of_the_registry_is_followed_at_once_and_leaves_other_connections_alone():
    async with serving({1: [42]}) as port, serving({1: [7]}) as other:
        first = device("d1", "modbus", f"127.0.0.1:{port}/1", POINT)
        async with fetching(first) as (engines, fetcher):
            await until(lambda: _true(len(fetcher.tasks) == 1), "the first is fetched")
            untouched = fetcher._tasks["modbus", f"127.0.0.1|{port}"][1]
            engines.porter.tell(Entry("c1", True, (first, device("d2", "modbus", f"127.0.0.1:{other}/1", POINT))))
            await until(lambda: _true(len(fetcher.tasks) == 2), "the second is fetched")
            assert fetcher._tasks["modbus", f"127.0.0.1|{port}"][1] is untouched
            engines.porter.tell(Entry("c1", True, (device("d1", "modbus", f"127.0.0.1:{port}/1", POINT, in_use=False),)))
            await until(lambda: _true(not fetcher.tasks), "nobody is asked any more")


async def _true(fact):
    return fact
