"""OPC UA against a real server of the same library: changes and steady values, bad statuses counted, a lost server found again."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from asyncua import Server, ua
from tests.rooms.sense.gateways.keeping import Kept, device
from tests.rooms.sense.pipeline import free_port

from anlan.sense.gateways import opcua
from anlan.sense.gateways.opcua import Subscriber, Told, measured, told
from anlan.wire.addresses import PointEntry

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT_MS = round(AT.timestamp() * 1000)
POINT = PointEntry("ns=2;s=a", "a")


def given(value, status=ua.StatusCodes.Good, source=AT):
    return ua.DataValue(ua.Variant(value), StatusCode=ua.StatusCode(ua.UInt32(status)), SourceTimestamp=source)


@pytest.mark.parametrize("value", [1, 1.5, True, -7])
def test_numbers_and_switches_are_values(value):
    assert told(POINT, given(value), AT_MS, by_source=True) == Told(POINT, AT_MS, float(value))


@pytest.mark.parametrize("value", ["open", None, [1.0, 2.0], b"x"])
def test_anything_else_is_refused(value):
    with pytest.raises(opcua.OpcUaNotANumber):
        told(POINT, given(value), AT_MS, by_source=True)


def test_a_bad_status_is_refused_and_an_uncertain_one_is_marked():
    with pytest.raises(opcua.OpcUaBad) as refused:
        told(POINT, given(1.0, ua.StatusCodes.BadSensorFailure), AT_MS, by_source=True)
    assert refused.value.facts["status"] == "BadSensorFailure"
    assert told(POINT, given(1.0, ua.StatusCodes.UncertainLastUsableValue), AT_MS, by_source=True).mark == "UncertainLastUsableValue"


@pytest.mark.parametrize(("off", "believed"), [(-3000, True), (-4_000_000, False), (30_000, True), (120_000, False)])
def test_the_servers_clock_is_believed_as_far_as_it_is_credible(off, believed):
    source = AT + timedelta(milliseconds=off)
    assert told(POINT, given(1.0, source=source), AT_MS, by_source=True).time_ms == (AT_MS + off if believed else AT_MS)
    assert told(POINT, given(1.0, source=source), AT_MS, by_source=False).time_ms == AT_MS


def test_values_of_one_time_make_one_measurement_and_the_last_holds():
    other = PointEntry("i=7", "b")
    found = measured([Told(POINT, 2, 1.0), Told(other, 1, 5.0), Told(POINT, 2, 3.0, "Uncertain"), Told(other, 2, 6.0)])
    assert [(each.time_ms, each.values, each.marked) for each in found] == [
        (1, {"i=7": 5.0}, {}),
        (2, {"ns=2;s=a": 3.0, "i=7": 6.0}, {"ns=2;s=a": "Uncertain"}),
    ]


@asynccontextmanager
async def serving(port):
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/plant")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace("http://plant")
    nodes = {
        name: await server.nodes.objects.add_variable(ua.NodeId(name, index), name, value)
        for name, value in {"level": 7.25, "valve": True, "name": "Tank 1"}.items()
    }
    async with server:
        yield server, nodes


@asynccontextmanager
async def subscribed(kept, port):
    task = asyncio.create_task(Subscriber(f"opc.tcp://127.0.0.1:{port}/plant", kept.senders("opcua"), kept.keeper).run())
    try:
        yield
    finally:
        kept.stop.set()
        await asyncio.wait([task], timeout=15)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def registered(port, *more, interval_s=0.5):
    points = (PointEntry("ns=2;s=level", "LT", 1000.0, 5.0), PointEntry("ns=2;s=valve", "XV"), *more)
    return Kept(device("d1", "opcua", f"opc.tcp://127.0.0.1:{port}/plant#t1", *points, interval_s=interval_s))


def values(kept, code):
    return [sample.values[code] for sample in kept.memory.of("d1") if code in sample.values]


async def test_steady_values_keep_coming_and_changes_arrive_scaled():
    port = free_port()
    async with serving(port) as (_server, nodes):
        kept = registered(port)
        async with subscribed(kept, port):
            await kept.until(lambda: len(values(kept, "LT")) >= 3, "a value that stands still is read again")
            assert set(values(kept, "LT")) == {7255.0} and set(values(kept, "XV")) == {1.0}
            await nodes["level"].write_value(8.0)
            await nodes["valve"].write_value(False)
            await kept.until(lambda: 8005.0 in values(kept, "LT") and 0.0 in values(kept, "XV"), "changes arrive")
        assert kept.line("d1") == ("up", "")


async def test_what_the_server_calls_bad_or_does_not_have_is_counted_and_the_rest_goes_on():
    port = free_port()
    async with serving(port) as (_server, nodes):
        kept = registered(port, PointEntry("ns=2;s=nothing", "N"), PointEntry("ns=2;s=name", "T"))
        async with subscribed(kept, port):
            await kept.until(lambda: values(kept, "LT"), "the good ones are read")
            await nodes["level"].write_value(given(9.0, ua.StatusCodes.BadSensorFailure, datetime.now(UTC)))
            await kept.until(lambda: kept.refused().get(("d1", "opcua_bad_status"), 0) >= 2, "bad values are counted")
            before = len(values(kept, "XV"))
            await kept.until(lambda: len(values(kept, "XV")) > before, "the others go on")
        assert 9005.0 not in values(kept, "LT")
        assert ("d1", "opcua_no_node") in kept.refused() and ("d1", "opcua_not_a_number") in kept.refused()


async def test_a_server_that_goes_is_told_and_found_again():
    port = free_port()
    kept = registered(port)
    async with subscribed(kept, port):
        await kept.until(lambda: kept.line("d1") == ("down", "unreachable"), "nobody listens")
        async with serving(port):
            await kept.until(lambda: kept.line("d1") == ("up", ""), "it is there")
        await kept.until(lambda: kept.line("d1")[0] == "down", "it is gone", 40)
        before = len(kept.memory.of("d1"))
        async with serving(port):
            await kept.until(lambda: len(kept.memory.of("d1")) > before, "it is back", 40)
