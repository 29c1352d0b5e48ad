"""Modbus TCP against real servers of the same library: values of every form, exceptions counted, a silent unit leaves its neighbours alone."""

import asyncio
import math
import struct
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer
from tests.rooms.sense.gateways.keeping import Kept, device
from tests.rooms.sense.pipeline import free_port

from anlan.sense.gateways import modbus
from anlan.sense.gateways.modbus import Block, Poller, blocks, values, width
from anlan.wire.addresses import FORMS, PointEntry

PACKING = dict(zip(FORMS, "hHiIqQfd", strict=True))


def registers(number, form, order):
    raw = struct.pack(">" + PACKING[form], number)
    found = list(struct.unpack(f">{len(raw) // 2}H", raw))
    return found if order == "big" else found[::-1]


def numbers(form):
    if form.startswith("float"):
        return st.floats(allow_nan=False, allow_infinity=False, width=int(form[5:]))
    bits, signed = int(form.lstrip("uint")), form.startswith("i")
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_every_form_is_read_in_either_order(form, order, data):
    number = data.draw(numbers(form))
    point = PointEntry("holding:7", "p", form=form, order=order)
    block = Block("holding", 7, width(point), (point,))
    assert values(block, registers(number, form, order)) == {"holding:7": float(number)}


placed = st.builds(
    lambda table, at, form: PointEntry(f"{table}:{at}", "p", form=form),
    st.sampled_from(["holding", "input", "coil", "discrete"]),
    st.integers(0, 400),
    st.sampled_from(FORMS),
)


@given(st.lists(placed, max_size=60, unique_by=lambda point: point.code))
def test_blocks_read_every_point_once_no_register_nobody_asked_for_and_never_too_many(points):
    made = blocks(points)
    assert sorted(point.code for block in made for point in block.points) == sorted(point.code for point in points)
    for block in made:
        most = modbus.MOST_BITS if block.table in {"coil", "discrete"} else modbus.MOST_REGISTERS
        asked = set()
        for point in block.points:
            at = int(point.code.split(":")[1])
            asked |= set(range(at, at + width(point)))
        assert asked == set(range(block.start, block.start + block.count)) and block.count <= most


def test_an_answer_that_is_too_short_costs_only_what_it_lacks():
    block = blocks([PointEntry("holding:0", "a", form="int16"), PointEntry("holding:1", "b", form="float32")])[0]
    assert values(block, [5, 1]) == {"holding:0": 5.0}


@asynccontextmanager
async def serving(units, port=0, silent=()):
    """A Modbus server on loopback; ``units``: number → holding registers from address 0. What ``silent`` units would answer gets lost."""

    def lose(sending, data):
        return b"" if sending and data[6] in silent else data

    # The library counts the data block's addresses from 1.
    made = {
        number: ModbusDeviceContext(
            hr=ModbusSequentialDataBlock(1, list(held)),
            ir=ModbusSequentialDataBlock(1, [9, 8]),
            co=ModbusSequentialDataBlock(1, [True, False]),
            di=ModbusSequentialDataBlock(1, [False, True]),
        )
        for number, held in units.items()
    }
    number = port or free_port()
    server = ModbusTcpServer(ModbusServerContext(devices=made, single=False), address=("127.0.0.1", number), trace_packet=lose)
    await server.listen()
    try:
        yield number
    finally:
        await server.shutdown()


@asynccontextmanager
async def polling(kept, port):
    poller = Poller("127.0.0.1", port, kept.senders("modbus"), kept.keeper)
    task = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        kept.stop.set()
        await asyncio.wait([task], timeout=10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_registers_bits_and_floats_arrive_in_the_units_of_their_points():
    async with serving({1: [100, *registers(21.5, "float32", "little"), 7]}) as port:
        points = (
            PointEntry("holding:0", "level", 0.1, -2.0, "uint16"),
            PointEntry("holding:1", "temp", form="float32", order="little"),
            PointEntry("input:1", "in", form="int16"),
            PointEntry("coil:0", "valve"),
            PointEntry("discrete:1", "switch"),
        )
        kept = Kept(device("d1", "modbus", f"127.0.0.1:{port}/1", *points))
        async with polling(kept, port):
            await kept.until(lambda: len(kept.memory.of("d1")) >= 3, "three polls")
        sample = kept.memory.of("d1")[0]
        assert {code: round(value, 6) for code, value in sample.values.items()} == {
            "level": 8.0,
            "temp": 21.5,
            "in": 8.0,
            "valve": 1.0,
            "switch": 1.0,
        }
        assert kept.line("d1") == ("up", "") and kept.refused() == {}
        times = [sample.time_ms for sample in kept.memory.of("d1")]
        assert times == sorted(set(times))


async def test_a_register_the_device_does_not_have_is_counted_and_its_neighbours_are_read():
    async with serving({1: [5, 6]}) as port:
        points = [PointEntry(f"holding:{at}", f"p{at}", form="int16") for at in range(4)]
        kept = Kept(device("d1", "modbus", f"127.0.0.1:{port}/1", *points))
        async with polling(kept, port):
            await kept.until(lambda: kept.memory.of("d1"), "a poll")
        assert kept.memory.of("d1")[0].values == {"p0": 5.0, "p1": 6.0}
        assert kept.refused()[("d1", "modbus_exception")] >= 2
        assert kept.line("d1")[0] == "up"


async def test_a_value_that_is_no_number_is_counted_and_not_stored():
    async with serving({1: [1, *registers(math.nan, "float32", "big")]}) as port:
        points = (PointEntry("holding:0", "a", form="int16"), PointEntry("holding:1", "b", form="float32"))
        kept = Kept(device("d1", "modbus", f"127.0.0.1:{port}/1", *points))
        async with polling(kept, port):
            await kept.until(lambda: kept.memory.of("d1"), "a poll")
        assert kept.memory.of("d1")[0].values == {"a": 1.0}
        assert ("d1", "gateway_not_finite") in kept.refused()


async def test_a_unit_that_never_answers_is_down_and_holds_up_nobody_on_its_line(monkeypatch):
    monkeypatch.setattr(modbus, "ANSWER_S", 0.3)
    async with serving({1: [5], 2: [6]}, silent={2}) as port:
        point = PointEntry("holding:0", "a", form="int16")
        kept = Kept(device("d1", "modbus", f"127.0.0.1:{port}/1", point), device("d2", "modbus", f"127.0.0.1:{port}/2", point))
        async with polling(kept, port):
            await kept.until(lambda: len(kept.memory.of("d1")) >= 8 and kept.line("d2") == ("down", "no_answer"), "d1 goes on")
        assert kept.line("d1") == ("up", "") and kept.memory.of("d2") == []


async def test_a_device_that_comes_back_is_asked_again():
    port = free_port()
    point = PointEntry("holding:0", "a", form="int16")
    kept = Kept(device("d1", "modbus", f"127.0.0.1:{port}/1", point))
    async with polling(kept, port):
        await kept.until(lambda: kept.line("d1") == ("down", "unreachable"), "nobody listens")
        async with serving({1: [5]}, port):
            await kept.until(lambda: kept.line("d1") == ("up", ""), "it is back")
            await kept.until(lambda: kept.memory.of("d1"), "and read")
        count = len(kept.memory.of("d1"))
        await kept.until(lambda: kept.line("d1") == ("down", "unreachable"), "it is gone")
        async with serving({1: [6]}, port):
            await kept.until(lambda: len(kept.memory.of("d1")) > count, "it is back again")
        assert kept.memory.of("d1")[-1].values == {"a": 6.0}


async def test_while_the_stream_takes_nothing_what_was_read_waits_with_its_own_time():
    async with serving({1: [5]}) as port:
        kept = Kept(device("d1", "modbus", f"127.0.0.1:{port}/1", PointEntry("holding:0", "a", form="int16")))
        kept.memory.away = True
        async with polling(kept, port) as poller:
            await kept.until(lambda: poller.polls == 1, "one was read")
            read_before = max(link.heard_ms for link in [kept.lines.state("c1", "d1")])
            kept.memory.away = False
            await kept.until(lambda: kept.memory.of("d1"), "it is stored")
        assert kept.memory.of("d1")[0].time_ms <= read_before + 50
