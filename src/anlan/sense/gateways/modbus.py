"""Asks Modbus TCP devices for their registers, as the registry declares them (MODBUS Application Protocol V1.1b3, functions 1 to 4).

One task per host and port, because what stands behind it is often one serial line: units are asked one after the other, and one that does not
answer is left alone for a while, so that it costs its neighbours a time-out now and then and no more. No Django.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import structlog
from pymodbus import ModbusException
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException
from pymodbus.pdu import ModbusPDU

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.process import pause
from anlan.sense.gateways.directory import Sender
from anlan.sense.gateways.fetching import NO_ANSWER, UNREACHABLE, Keeper, Pauses, now_ms
from anlan.sense.gateways.session import Measured
from anlan.wire import addresses
from anlan.wire.addresses import PointEntry

log = structlog.get_logger()

MOST_REGISTERS, MOST_BITS = 125, 2000
"""In one answer (V1.1b3 6.1 to 6.4)."""
ANSWER_S = 3.0
"""So long a device may take for an answer. Project default."""
_LONGEST_WAIT_S = 5.0

_FORMS = {form: AsyncModbusTcpClient.DATATYPE[form.upper()] for form in addresses.FORMS}
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge",
    6: "server device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target device failed to respond",
}
"""Exception codes (V1.1b3 section 7)."""
_BEHIND = {10, 11}
"""By these a gateway tells that the unit behind it did not answer."""


class ModbusRefused(Refusal):
    code: ClassVar[str] = "modbus_exception"
    sentence: ClassVar[str] = N_("设备拒绝读取 {point}：Modbus 异常码 {number}（{name}）。请核对寄存器地址与数据类型。")
    status: ClassVar[int] = 422


class ModbusShort(Refusal):
    code: ClassVar[str] = "modbus_short_answer"
    sentence: ClassVar[str] = N_("设备对 {point} 的应答只有 {found} 个寄存器，应为 {expected} 个。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Block:
    """Points of one table that lie next to each other and are read at once."""

    table: str
    start: int
    count: int
    points: tuple[PointEntry, ...]


class UnitSilent(Exception):
    """A unit did not answer."""


def width(point: PointEntry) -> int:
    """How many registers (or bits) a point takes."""
    if addresses.register(point.code).table in {"coil", "discrete"}:
        return 1
    return int(_FORMS[point.form or addresses.FORMS[0]].value[1])


def blocks(points: Iterable[PointEntry]) -> list[Block]:
    """The fewest readings for ``points`` that touch no register nobody asked for: many devices answer a gap with an exception."""
    placed = sorted(((addresses.register(point.code), point) for point in points), key=lambda pair: (pair[0].table, pair[0].address))
    found: list[Block] = []
    for at, point in placed:
        most = MOST_BITS if at.table in {"coil", "discrete"} else MOST_REGISTERS
        end = at.address + width(point)
        last = found[-1] if found else None
        if last is not None and last.table == at.table and at.address <= last.start + last.count and end - last.start <= most:
            count = max(last.count, end - last.start)
            found[-1] = Block(last.table, last.start, count, (*last.points, point))
        else:
            found.append(Block(at.table, at.address, end - at.address, (point,)))
    return found


def values(block: Block, raw: Sequence[int | bool]) -> dict[str, float]:
    """The values of a block's points by their code, not yet scaled; what is too short is left out."""
    found: dict[str, float] = {}
    for point in block.points:
        offset = addresses.register(point.code).address - block.start
        part = list(raw[offset : offset + width(point)])
        if len(part) < width(point):
            continue
        if block.table in {"coil", "discrete"}:
            found[point.code] = float(bool(part[0]))
        else:
            form = _FORMS[point.form or addresses.FORMS[0]]
            order = "little" if point.order == "little" else "big"
            found[point.code] = float(AsyncModbusTcpClient.convert_from_registers([int(each) for each in part], form, order))  # type: ignore[arg-type]
    return found


@dataclass
class _Unit:
    """One device behind the port."""

    sender: Sender
    number: int
    blocks: list[Block]
    due: float
    pauses: Pauses = field(default_factory=lambda: Pauses(first_s=2.0))


class Poller:
    """Everything behind one host and port."""

    def __init__(self, host: str, port: int, senders: Sequence[Sender], keeper: Keeper) -> None:
        self._host, self._port, self._keeper = host, port, keeper
        self._units = list(_units(senders))
        self.polls = 0

    async def run(self) -> None:
        """Ask every unit at its interval until cancelled or the node stops."""
        pauses, stop = Pauses(), self._keeper.stop
        while not stop.is_set():
            client = AsyncModbusTcpClient(self._host, port=self._port, timeout=ANSWER_S, retries=0, reconnect_delay=0)
            try:
                if not await client.connect():
                    await self._unreachable(pauses)
                    continue
                await self._ask(client, pauses)
            except (ConnectionException, OSError, TimeoutError) as trouble:
                log.info("modbus connection lost", host=self._host, port=self._port, reason=str(trouble) or type(trouble).__name__)
                await self._unreachable(pauses)
            finally:
                client.close()

    async def _unreachable(self, pauses: Pauses) -> None:
        for unit in self._units:
            self._keeper.lost(unit.sender, UNREACHABLE)
        await pause(self._keeper.stop, pauses.failed())

    async def _ask(self, client: AsyncModbusTcpClient, pauses: Pauses) -> None:
        """Ask whoever is due, as long as the connection stands."""
        stop, loop = self._keeper.stop, asyncio.get_running_loop()
        while not stop.is_set():
            if not client.connected:
                raise ConnectionException("closed by the device")
            unit = min(self._units, key=lambda each: each.due)
            wait = unit.due - loop.time()
            if wait > 0:
                await pause(stop, min(wait, _LONGEST_WAIT_S))
                continue
            try:
                await self._poll(client, unit)
            except UnitSilent:
                self._keeper.lost(unit.sender, NO_ANSWER)
                unit.due = loop.time() + max(unit.sender.entry.interval_s, unit.pauses.failed())
                if all(each.pauses.failures for each in self._units):
                    # Nobody answers: it may be the connection itself.
                    raise ConnectionException("no unit answers") from None
            else:
                unit.pauses.succeeded()
                pauses.succeeded()
                # What fell behind is not caught up: the device has only the present to tell.
                unit.due = max(unit.due + unit.sender.entry.interval_s, loop.time())

    async def _poll(self, client: AsyncModbusTcpClient, unit: _Unit) -> None:
        found: dict[str, float] = {}
        for block in unit.blocks:
            found |= await self._read(client, unit, block)
        self.polls += 1
        self._keeper.heard(unit.sender)
        if found:
            await self._keeper.keep(unit.sender, (Measured(now_ms(), found),))

    async def _read(self, client: AsyncModbusTcpClient, unit: _Unit, block: Block) -> dict[str, float]:
        answer = await _request(client, unit.number, block)
        if answer.isError():
            if getattr(answer, "exception_code", 0) in _BEHIND:
                raise UnitSilent(_EXCEPTIONS[answer.exception_code])
            if len(block.points) > 1:
                # One register that the device does not have must not cost its neighbours.
                found: dict[str, float] = {}
                for single in block.points:
                    (alone,) = blocks([single])
                    found |= await self._read(client, unit, alone)
                return found
            number = int(getattr(answer, "exception_code", 0))
            refusal = ModbusRefused(point=block.points[0].code, number=number, name=_EXCEPTIONS.get(number, "?"))
            self._keeper.set_apart(unit.sender, refusal, block.points[0].code.encode())
            return {}
        raw = answer.bits if block.table in {"coil", "discrete"} else answer.registers
        found = values(block, raw)
        for point in block.points:
            if point.code not in found:
                short = ModbusShort(point=point.code, found=len(raw), expected=block.count)
                self._keeper.set_apart(unit.sender, short, point.code.encode())
        return found


def _units(senders: Iterable[Sender]) -> Iterator[_Unit]:
    now = asyncio.get_running_loop().time()
    for sender in senders:
        number = addresses.modbus_target(sender.entry.address).unit
        # The first time is spread, so that a node that starts does not ask everybody at once.
        yield _Unit(sender, number, blocks(sender.entry.points), now + random.uniform(0, min(1.0, sender.entry.interval_s)))


async def _request(client: AsyncModbusTcpClient, unit: int, block: Block) -> ModbusPDU:
    ask = {
        "holding": client.read_holding_registers,
        "input": client.read_input_registers,
        "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
    }[block.table]
    try:
        return await ask(block.start, count=block.count, device_id=unit)
    except ConnectionException:
        raise
    except ModbusException as trouble:
        raise UnitSilent(str(trouble)) from trouble
