"""GB/T 26875.3 on one connection: a transmitter of fire facilities, its detectors, controllers and pumps.

The address of a transmitter is its source address as a decimal number. The protocol knows no secret, so its address is registered as one
whose secret is not asked; who must be sure puts the line into a private network.

Data (command 2) are confirmed (3) when they are durable, a sign of life without data at once. What fails the checks of 6.5 is denied (6), so
that it is sent again; what passed them and cannot be understood is confirmed and set apart, because the alarm that stands behind it in the
transmitter waits for that confirmation.

States are told when they begin and when they end: ``gb26875.<word>`` of the bits of 8.2.1.1, 8.2.1.2 and 8.2.1.8, with the part as
``system-address-kind-zone-position``. What somebody did at the facility or the transmitter is told once. Measured values are points
``<part>-<quantity>`` (``1-3-40-10-2-temperature``); one outside of the standard's range is marked.

After an interruption the transmitter is asked for its state, for what was done at it meanwhile and for the states of the facilities that are
known behind it. A clock that is off is set.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.gateways.admitting import Admissions
from anlan.sense.gateways.remembering import OPEN_STATES, Changes, OpenStates
from anlan.sense.gateways.session import Action, Asked, Deliver, Happened, Heard, Measured, Reply, SetApart
from anlan.wire import addresses
from anlan.wire.framing import Frame
from anlan.wire.gb26875 import Analog, Command, Framer, Operation, Packet, Part, State, answer, decode, decode_unit, encode, units
from anlan.wire.gb26875.codes import bits, names, quantities
from anlan.wire.gb26875.packet import control_unit
from anlan.wire.gb26875.refusals import BadChecksum, BrokenPacket, TooLong, UnknownCommand
from anlan.wire.searching import MOST_SHOWN_BYTES

ANSWER_WITHIN_MS = 60_000
"""A question to which nothing came for so long is taken for lost (6.5: up to ten seconds and three repeats; project default)."""
CLOCK_OFF_MS = 60_000
SET_CLOCK_EACH_MS = 3_600_000
"""A transmitter's clock that is off by more than a minute is set, at most once an hour (project defaults)."""
OUT_OF_RANGE = "out_of_range"
MANUAL_ALARM = "manual_alarm"
_CHECKS = (BadChecksum, BrokenPacket, TooLong)


class RequestDenied(Refusal):
    code: ClassVar[str] = "gb26875_request_denied"
    sentence: ClassVar[str] = N_("用户信息传输装置“{address}”否认了平台的请求（流水号 {serial}）。")
    status: ClassVar[int] = 409


@dataclass(slots=True)
class _Transmitter:
    """What is known of a transmitter that was let in. ``centre``: how it addresses the platform; ``asked``: serial numbers of questions to it."""

    heard: bool = False
    centre: int = 0
    version: tuple[int, int] = (1, 1)
    serial: int = 0
    questions: deque[bytes] = field(default_factory=lambda: deque(maxlen=16))
    asked: deque[int] = field(default_factory=lambda: deque(maxlen=16))
    open: int | None = None
    open_ms: int = 0
    clock_set_ms: int | None = None


class Session:
    """One connection. ``states``: what lasts at the facilities, kept beyond it."""

    def __init__(self, states: OpenStates = OPEN_STATES) -> None:
        self._framer = Framer()
        self._admissions = Admissions(addresses.GB26875)
        self._transmitters: dict[str, _Transmitter] = {}
        self._states = states

    @property
    def waiting(self) -> int:
        """Bytes held for packets that have not ended."""
        return self._framer.waiting

    def receive(self, data: bytes, now_ms: int) -> Iterator[Action]:
        """What follows from bytes that arrived at ``now_ms``."""
        for piece in self._framer.feed(data):
            if not isinstance(piece, Frame):
                yield from self._unreadable(piece.reason, piece.data, now_ms)
                continue
            try:
                packet = decode(piece.data)
            except Refusal as refusal:
                yield from self._unreadable(refusal, piece.data, now_ms)
                continue
            yield from self._take(packet, piece.data, now_ms)

    def identified(self, address: str, admitted: bool, now_ms: int) -> Iterable[Action]:
        """The gateway's answer to an identification; what waited for it follows."""
        if not self._admissions.identified(address, admitted, now_ms):
            return []
        self._transmitters.setdefault(address, _Transmitter())
        return [Heard(address)]

    def ask_again(self, asked: Asked, now_ms: int) -> Iterable[Action]:
        """Ask for states and operations, one question after the other; of a transmitter that is being let in, behind its packet."""
        transmitter = self._transmitters.get(asked.address)
        if transmitter is None:
            return []
        questions = [units.read_device_state(), units.read_operations(asked.since_ms)]
        parts = (part.split("-") for part in self._states.parts(_sender(asked.address)) if part)
        if facilities := sorted({(int(system), int(number)) for system, number, *_rest in parts}):
            questions.append(units.read_system_state(Part(*each) for each in facilities))
        transmitter.questions.extend(each for each in questions if each not in transmitter.questions)
        return self._ask_next(asked.address, transmitter, now_ms) if transmitter.heard else []

    def _unreadable(self, reason: Refusal, data: bytes, now_ms: int) -> Iterator[Action]:
        """Set apart; whole enough to say from whom it claims to be, it is denied, so that it is sent again (6.3)."""
        try:
            claimed = control_unit(data)
        except Refusal:
            yield SetApart(self._admissions.only, reason, data[:MOST_SHOWN_BYTES])
            return
        address = str(claimed.source)
        known = address in self._admissions
        yield SetApart(address if known else "", reason, data[:MOST_SHOWN_BYTES])
        if known and isinstance(reason, _CHECKS) and claimed.command in (Command.SEND, Command.REPLY):
            yield Reply(encode(answer(claimed, Command.DENY, now_ms)))

    def _take(self, packet: Packet, frame: bytes, now_ms: int) -> Iterator[Action]:
        address = str(packet.source)
        if not (yield from self._admissions.let_in(address, "", now_ms, frame)):
            return
        transmitter = self._transmitters[address]
        transmitter.heard, transmitter.centre, transmitter.version = True, packet.target, packet.version
        match packet.command:
            case Command.SEND:
                yield from self._data(address, packet, frame, now_ms, encode(answer(packet, Command.CONFIRM, now_ms)))
            case Command.REPLY:
                yield from self._data(address, packet, frame, now_ms, b"")
            case Command.CONFIRM:
                yield Heard(address)
            case Command.DENY:
                yield Heard(address)
                if packet.serial in transmitter.asked:
                    yield SetApart(address, RequestDenied(address=address, serial=packet.serial), frame[:MOST_SHOWN_BYTES])
            case _:
                yield Heard(address)
                yield SetApart(address, UnknownCommand(command=packet.command), frame[:MOST_SHOWN_BYTES])
                yield Reply(encode(answer(packet, Command.DENY, now_ms)))
        yield from self._ask(address, packet, transmitter, now_ms)

    def _ask(self, address: str, packet: Packet, transmitter: _Transmitter, now_ms: int) -> Iterator[Action]:
        """Set a clock that is off, and put the next question when the last was answered or is lost."""
        if packet.serial == transmitter.open and packet.command in (Command.REPLY, Command.DENY):
            transmitter.open = None
        if transmitter.open is not None and now_ms - transmitter.open_ms > ANSWER_WITHIN_MS:
            transmitter.open = None
        off = packet.sent_ms is not None and packet.command == Command.SEND and abs(packet.sent_ms - now_ms) > CLOCK_OFF_MS
        if off and (transmitter.clock_set_ms is None or now_ms - transmitter.clock_set_ms >= SET_CLOCK_EACH_MS):
            transmitter.clock_set_ms = now_ms
            yield Reply(self._say(address, transmitter, Command.CONTROL, units.set_clock(now_ms), now_ms))
        yield from self._ask_next(address, transmitter, now_ms)

    def _ask_next(self, address: str, transmitter: _Transmitter, now_ms: int) -> list[Action]:
        if not transmitter.questions or transmitter.open is not None:
            return []
        question = transmitter.questions.popleft()
        transmitter.open, transmitter.open_ms = transmitter.serial, now_ms
        return [Reply(self._say(address, transmitter, Command.REQUEST, question, now_ms))]

    def _say(self, address: str, to: _Transmitter, command: Command, unit: bytes, now_ms: int) -> bytes:
        serial, to.serial = to.serial, (to.serial + 1) & 0xFFFF
        to.asked.append(serial)
        return encode(Packet(serial, command, to.centre, int(address), unit, now_ms, to.version))

    def _data(self, address: str, packet: Packet, frame: bytes, now_ms: int, confirmed: bytes) -> Iterator[Action]:
        changes = self._states.of(_sender(address))
        measured: tuple[Measured, ...] = ()
        happened: tuple[Happened, ...] = ()
        if packet.unit:
            try:
                unit = decode_unit(packet.unit)
            except Refusal as refusal:
                yield SetApart(address, refusal, frame[:MOST_SHOWN_BYTES])
            else:
                yield from (SetApart(address, refusal, frame[:MOST_SHOWN_BYTES]) for refusal in unit.refused)
                sent_ms = packet.sent_ms if packet.sent_ms is not None else now_ms
                measured = _measured([each for each in unit.objects if isinstance(each, Analog)], sent_ms)
                happened = tuple(_happened(changes, unit.objects, sent_ms, now_ms))
        if measured or happened:
            yield Deliver(address, measured, happened, confirmed)
            changes.keep()
            return
        changes.keep()
        yield Heard(address)
        if confirmed:
            yield Reply(confirmed)


def _sender(address: str) -> str:
    return f"gb26875/{address}"


def _happened(changes: Changes, objects: Iterable[object], sent_ms: int, now_ms: int) -> Iterator[Happened]:
    for each in objects:
        if isinstance(each, State):
            yield from _changed(changes, each, each.time_ms if each.time_ms is not None else sent_ms, now_ms)
        elif isinstance(each, Operation):
            yield from _done(each, each.time_ms if each.time_ms is not None else sent_ms)


def _changed(changes: Changes, state: State, time_ms: int, now_ms: int) -> Iterator[Happened]:
    known = bits(state.of)
    active = sum(1 << bit.number for bit in known if state.word >> bit.number & 1 == bit.active_when)
    every = sum(1 << bit.number for bit in known)
    change = changes.take(state.part.key, active, every, time_ms, now_ms)
    where = f"{state.part.name}，{state.text}" if state.text else state.part.name
    # Of a part never heard of it is not told which of the two states is the usual one.
    changed = [bit for bit in known if not (change.first and bit.on_change)]
    for mask, begins in ((change.began, True), (change.ended, False)):
        for bit in changed:
            if mask >> bit.number & 1:
                yield Happened(time_ms, f"gb26875.{bit.word}", state.part.key, f"{bit.name}：{where}", begins)


def _done(operation: Operation, time_ms: int) -> Iterator[Happened]:
    """What was done, once; who clears an alarm or resets ends the alarm that was given by hand."""
    part, operator = operation.part, {"operator": float(operation.operator)}
    done = [each for number, each in names(operation.of).items() if operation.word >> number & 1]
    words = {each.word for each in done}
    for each in done:
        yield Happened(time_ms, f"gb26875.{each.word}", part.key, f"{each.name}：{part.name}", values=operator)
    if words & {"alarm_cleared", "reset"} and MANUAL_ALARM not in words:
        yield Happened(time_ms, f"gb26875.{MANUAL_ALARM}", part.key, f"{done[0].name}：{part.name}", active=False, values=operator)


def _measured(found: Iterable[Analog], sent_ms: int) -> tuple[Measured, ...]:
    by_time: dict[int, dict[str, float]] = {}
    marks: dict[int, dict[str, str]] = {}
    for each in found:
        time_ms = each.time_ms if each.time_ms is not None else sent_ms
        code = f"{each.part.key}-{quantities()[each.quantity].word}"
        by_time.setdefault(time_ms, {})[code] = each.number
        if not each.valid:
            marks.setdefault(time_ms, {})[code] = OUT_OF_RANGE
    return tuple(Measured(time_ms, values, marks.get(time_ms, {})) for time_ms, values in sorted(by_time.items()))
