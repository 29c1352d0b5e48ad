"""Application data units of GB/T 26875.3-2011 (6.7, 8.1–8.3): what a transmitter says of the fire facilities it watches and of itself.

A unit names its type and how many objects follow. Every kind of object has its own length (8.3.1) and, where something happened at a moment,
six bytes of time behind it; a unit whose length fits without those times is read without them. An object that cannot be read costs only itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from anlan.kernel.errors import Refusal
from anlan.wire.gb26875.codes import name_of_part, names, quantities
from anlan.wire.gb26875.packet import MOST_UNIT_BYTES, read_time, write_time
from anlan.wire.gb26875.refusals import BadTime, BadUnit, CannotSay, UnknownAnalog, UnknownUnit

DESCRIPTION_BYTES = 31
TIME_BYTES = 6

SYSTEM_STATE, PART_STATE, ANALOG, FACILITY_OPERATION, FACILITY_VERSION = 1, 2, 3, 4, 5
SYSTEM_CONFIGURATION, PART_CONFIGURATION, FACILITY_CLOCK = 6, 7, 8
DEVICE_STATE, DEVICE_OPERATION, DEVICE_VERSION, DEVICE_CONFIGURATION, DEVICE_CLOCK = 21, 24, 25, 26, 28
READ_SYSTEM_STATE, READ_DEVICE_STATE, READ_FACILITY_OPERATION, READ_DEVICE_OPERATION, SET_CLOCK, CHECK_POST = 61, 81, 64, 84, 90, 91


@dataclass(frozen=True, slots=True)
class Part:
    """What is spoken of: a facility (``system`` and its ``address``), one of its parts (``kind``, ``zone`` and ``position``), or, without
    a system, the transmitter itself."""

    system: int | None = None
    address: int = 0
    kind: int | None = None
    zone: int = 0
    position: int = 0

    @property
    def key(self) -> str:
        """Its permanent name: ``system-address`` or ``system-address-kind-zone-position`` in decimal numbers; empty for the transmitter."""
        if self.system is None:
            return ""
        if self.kind is None:
            return f"{self.system}-{self.address}"
        return f"{self.system}-{self.address}-{self.kind}-{self.zone}-{self.position}"

    @property
    def name(self) -> str:
        """What the standard calls its kind."""
        if self.system is None:
            return "用户信息传输装置"
        return name_of_part(self.system, self.kind or 0)


@dataclass(frozen=True, slots=True)
class State:
    """A word of state. ``of``: which list of :func:`~anlan.wire.gb26875.codes.bits` explains it; ``text``: the part's description."""

    of: str
    part: Part
    word: int
    text: str = ""
    time_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Analog:
    """A measured value: ``quantity`` by number (table 6), ``number`` in its unit, ``valid``: within the standard's range for it."""

    part: Part
    quantity: int
    number: float
    valid: bool
    time_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Somebody did something. ``of``: ``facility_operation`` or ``device_operation``; ``word``: its bits; ``operator``: his number."""

    of: str
    part: Part
    word: int
    operator: int
    time_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """Version of the software of a facility or of the transmitter."""

    part: Part
    major: int
    minor: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a facility, a part or the transmitter is, in its own words."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock of a facility or of the transmitter shows."""

    part: Part
    time_ms: int


Object = State | Analog | Operation | Version | Configuration | Clock


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit said. ``kind``: its type; ``refused``: objects that could not be read."""

    kind: int
    objects: tuple[Object, ...] = ()
    refused: tuple[Refusal, ...] = ()


def decode_unit(data: bytes) -> Unit:
    """Read a unit from a transmitter. Raises :class:`UnknownUnit` for types that go down or are the user's own, :class:`BadUnit`."""
    if len(data) < 2:
        raise BadUnit(reason=f"{len(data)} < 2")
    kind, count = data[0], data[1]
    if kind not in _READERS:
        raise UnknownUnit(kind=kind)
    if count == 0:
        raise BadUnit(reason="n = 0")
    objects: list[Object] = []
    refused: list[Refusal] = []
    for piece in _pieces(kind, count, data[2:], refused):
        try:
            found = _READERS[kind](piece)
        except Refusal as refusal:
            refused.append(refusal)
            continue
        objects.append(found)
        if kind in _TIMED and getattr(found, "time_ms", None) is None and any(piece[_SIZES[kind] :]):
            # A detector's alarm is one whatever its clock says: it takes the time of its packet.
            refused.append(BadTime(value=piece[_SIZES[kind] :].hex()))
    return Unit(kind, tuple(objects), tuple(refused))


_SIZES = {
    SYSTEM_STATE: 4,
    PART_STATE: 9 + DESCRIPTION_BYTES,
    ANALOG: 10,
    FACILITY_OPERATION: 4,
    FACILITY_VERSION: 4,
    PART_CONFIGURATION: 7 + DESCRIPTION_BYTES,
    FACILITY_CLOCK: 8,
    DEVICE_STATE: 1,
    DEVICE_OPERATION: 2,
    DEVICE_VERSION: 2,
    DEVICE_CLOCK: 6,
}
"""Bytes of an object without its time (8.2.1). Configurations say their own length."""
_TIMED = frozenset((SYSTEM_STATE, PART_STATE, ANALOG, FACILITY_OPERATION, DEVICE_STATE, DEVICE_OPERATION))
_SAID = {SYSTEM_CONFIGURATION: 3, DEVICE_CONFIGURATION: 1}
"""How many bytes stand before the text, the last of them its length."""


def _pieces(kind: int, count: int, data: bytes, refused: list[Refusal]) -> Iterator[bytes]:
    """The objects of a unit, one by one; what is cut off or too much is refused, the whole ones before it count."""
    if kind in _SAID:
        yield from _said_pieces(_SAID[kind], count, data, refused)
        return
    size = _SIZES[kind]
    # Times stand behind every object or behind none (8.3.1); versions and configurations are seen with times that the standard does not give.
    if kind in _TIMED or len(data) == count * (size + TIME_BYTES):
        size += 0 if len(data) == count * size else TIME_BYTES
    whole = min(count, len(data) // size)
    if len(data) != count * size:
        refused.append(BadUnit(reason=f"{len(data)} ≠ {count} × {size}"))
    for number in range(whole):
        yield data[number * size : (number + 1) * size]


def _said_pieces(before: int, count: int, data: bytes, refused: list[Refusal]) -> Iterator[bytes]:
    at = 0
    for _number in range(count):
        length = data[at + before - 1] if at + before <= len(data) else 256
        if at + before + length > len(data):
            refused.append(BadUnit(reason=f"{len(data) - at} < {before + length}"))
            return
        yield data[at : at + before + length]
        at += before + length


def _time(data: bytes) -> int | None:
    """``None`` where no time was written (six zeros, or nothing) or an impossible one."""
    try:
        return read_time(data) if any(data) else None
    except BadTime:
        return None


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("gb18030", "replace").strip()


def _facility(data: bytes) -> Part:
    return Part(data[0], data[1])


def _part(data: bytes) -> Part:
    # Zone before position, each low byte first (8.2.1.2).
    return Part(data[0], data[1], data[2], int.from_bytes(data[3:5], "little"), int.from_bytes(data[5:7], "little"))


def _system_state(data: bytes) -> Object:
    return State("system_state", _facility(data), int.from_bytes(data[2:4], "little"), "", _time(data[4:]))


def _part_state(data: bytes) -> Object:
    end = 9 + DESCRIPTION_BYTES
    return State("part_state", _part(data), int.from_bytes(data[7:9], "little"), _text(data[9:end]), _time(data[end:]))


def _device_state(data: bytes) -> Object:
    return State("device_state", Part(), data[0], "", _time(data[1:]))


def _analog(data: bytes) -> Object:
    part, kind, raw = _part(data), data[7], int.from_bytes(data[8:10], "little", signed=True)
    quantity = quantities().get(kind)
    if quantity is None:
        raise UnknownAnalog(part=part.key, kind=kind)
    # Read as text: 123 with two digits behind the point is 1.23 and not 1.2300000000000002.
    number = float(f"{raw}e-{quantity.digits}")
    return Analog(part, kind, number, quantity.least <= number <= quantity.most, _time(data[10:]))


def _facility_operation(data: bytes) -> Object:
    return Operation("facility_operation", _facility(data), data[2], data[3], _time(data[4:]))


def _device_operation(data: bytes) -> Object:
    return Operation("device_operation", Part(), data[0], data[1], _time(data[2:]))


_READERS: dict[int, Callable[[bytes], Object]] = {
    SYSTEM_STATE: _system_state,
    PART_STATE: _part_state,
    ANALOG: _analog,
    FACILITY_OPERATION: _facility_operation,
    FACILITY_VERSION: lambda data: Version(_facility(data), data[2], data[3]),
    SYSTEM_CONFIGURATION: lambda data: Configuration(_facility(data), _text(data[3:])),
    PART_CONFIGURATION: lambda data: Configuration(_part(data), _text(data[7 : 7 + DESCRIPTION_BYTES])),
    FACILITY_CLOCK: lambda data: Clock(_facility(data), read_time(data[2:8])),
    DEVICE_STATE: _device_state,
    DEVICE_OPERATION: _device_operation,
    DEVICE_VERSION: lambda data: Version(Part(), data[0], data[1]),
    DEVICE_CONFIGURATION: lambda data: Configuration(Part(), _text(data[1:])),
    DEVICE_CLOCK: lambda data: Clock(Part(), read_time(data[:6])),
}


def encode_unit(kind: int, objects: Iterable[Object]) -> bytes:
    """The unit that says ``objects``, which must be of its type. Raises :class:`CannotSay`."""
    try:
        pieces = [_say(kind, each) for each in objects]
        data = bytes([kind, len(pieces)]) + b"".join(pieces)
    except (ValueError, OverflowError) as wrong:
        raise CannotSay(reason=str(wrong)[:80]) from None
    if len(data) > MOST_UNIT_BYTES or not pieces:
        raise CannotSay(reason=f"{len(data)} > {MOST_UNIT_BYTES}" if pieces else "n = 0")
    return data


def _say(kind: int, said: Object) -> bytes:
    match kind, said:
        case (1, State("system_state")) | (2, State("part_state")):
            text = _say_text(said.text, DESCRIPTION_BYTES) if kind == PART_STATE else b""
            return _say_part(said.part) + said.word.to_bytes(2, "little") + text + _say_time(said.time_ms)
        case 21, State("device_state"):
            return bytes([said.word]) + _say_time(said.time_ms)
        case 3, Analog():
            quantity = quantities().get(said.quantity)
            if quantity is None:
                raise CannotSay(reason=f"{said.quantity}")
            raw = round(said.number * 10**quantity.digits)
            return _say_part(said.part) + bytes([said.quantity]) + raw.to_bytes(2, "little", signed=True) + _say_time(said.time_ms)
        case (4, Operation("facility_operation")) | (24, Operation("device_operation")):
            return _say_part(said.part) + bytes([said.word, said.operator]) + _say_time(said.time_ms)
        case (5 | 25, Version()):
            return _say_part(said.part) + bytes([said.major, said.minor])
        case (6 | 26, Configuration()):
            text = said.text.encode("gb18030")
            return _say_part(said.part) + bytes([len(text)]) + text
        case 7, Configuration():
            return _say_part(said.part) + _say_text(said.text, DESCRIPTION_BYTES)
        case (8 | 28, Clock()):
            return _say_part(said.part) + write_time(said.time_ms)
    raise CannotSay(reason=f"{kind} {type(said).__name__}")


def _say_part(part: Part) -> bytes:
    if part.system is None:
        return b""
    facility = bytes([part.system, part.address])
    if part.kind is None:
        return facility
    return facility + bytes([part.kind]) + part.zone.to_bytes(2, "little") + part.position.to_bytes(2, "little")


def _say_text(text: str, size: int) -> bytes:
    data = text.encode("gb18030")
    while len(data) > size:
        text = text[:-1]
        data = text.encode("gb18030")
    return data.ljust(size, b"\0")


def _say_time(time_ms: int | None) -> bytes:
    return bytes(TIME_BYTES) if time_ms is None else write_time(time_ms)


def read_device_state() -> bytes:
    """The question for the transmitter's state (8.3.2.9)."""
    return bytes([READ_DEVICE_STATE, 1, 0])


def read_operations(since_ms: int, count: int = 102) -> bytes:
    """The question for what was done at the transmitter from ``since_ms`` on, at most 102 records (8.3.2.10). Raises :class:`CannotSay`."""
    return bytes([READ_DEVICE_OPERATION, 1, count]) + write_time(since_ms)


def read_system_state(facilities: Iterable[Part]) -> bytes:
    """The question for the states of facilities (8.3.2.1), at most 102 at once."""
    asked = list(facilities)[:102]
    return bytes([READ_SYSTEM_STATE, len(asked)]) + b"".join(_say_part(Part(each.system, each.address)) for each in asked)


def set_clock(now_ms: int) -> bytes:
    """The order to set the transmitter's clock (8.3.2.15)."""
    return bytes([SET_CLOCK, 1]) + write_time(now_ms)


def type_name(kind: int) -> str:
    """What the standard calls a type of unit; its number where it has no name."""
    found = names("unit").get(kind)
    return found.name if found else f"{kind}"
