"""What the frames of each protocol say, for a person who looks at them; and samples with what is known of them. Pure, no Django.

One row of :data:`INSPECTORS` per protocol: how bytes are cut into pieces, what a whole piece says, and where its samples and their labels stand.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar, Protocol

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire import addresses, cot, gb26875, hj212, sl651
from anlan.wire.framing import Frame, Framer, Piece, Unreadable
from anlan.wire.gb26875.codes import bits, names, quantities
from anlan.wire.gb28181 import inspecting as gb28181
from anlan.wire.jt808 import bits as jt808_bits
from anlan.wire.jt808 import terminal
from anlan.wire.jt808.framing import Framer as Jt808Framer
from anlan.wire.jt808.message import Message as Jt808Message
from anlan.wire.jt808.message import decode as decode_jt808
from anlan.wire.jt808.position import Position, decode_batch, decode_position
from anlan.wire.sl651.elements import by_symbol, conditions

GB28181, COT = "gb28181", "cot"
_BEIJING = timezone(timedelta(hours=8))

Said = Mapping[str, object]
Read = tuple[Said, Sequence[Refusal]]


class Unfinished(Refusal):
    code: ClassVar[str] = "wire_unfinished"
    sentence: ClassVar[str] = N_("数据到此为止，最后 {size} 字节不成一个完整的帧。")
    status: ClassVar[int] = 422


class BadSample(Refusal):
    code: ClassVar[str] = "wire_bad_sample"
    sentence: ClassVar[str] = N_("样本无法使用：{reason}。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Inspected:
    """One piece of an input. ``said``: what the frame says, ``None`` when it is none; ``refused``: why, or what inside of it was refused."""

    data: bytes
    said: Said | None
    refused: tuple[Refusal, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the frame is whole. What is refused inside of it does not count against the frame."""
        return self.said is not None


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled input. ``name``: where it stands; ``accepted``: what its label says; ``codes``: one of these is the reason (empty: any)."""

    name: str
    data: bytes
    accepted: bool = True
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inspector:
    """One protocol. ``text``: its frames are lines of text and not bytes."""

    pieces: Callable[[bytes], Iterable[Piece]]
    read: Callable[[bytes], Read]
    samples: Callable[[Path], Iterator[Sample | BadSample]]
    text: bool = False


def inspect(protocol: str, data: bytes) -> Iterator[Inspected]:
    """Every piece of ``data`` in order. Raises ``KeyError`` for an unknown protocol."""
    inspector = INSPECTORS[protocol]
    for piece in inspector.pieces(data):
        if isinstance(piece, Unreadable):
            yield Inspected(piece.data, None, (piece.reason,))
            continue
        try:
            said, refused = inspector.read(piece.data)
        except Refusal as refusal:
            yield Inspected(piece.data, None, (refusal,))
        else:
            yield Inspected(piece.data, said, tuple(refused))


class _EndingFramer(Framer, Protocol):
    def end(self) -> list[Piece]:
        """Noise that was not told yet."""
        ...


def _cut(framer: Callable[[], _EndingFramer], decode: Callable[[bytes], object]) -> Callable[[bytes], Iterable[Piece]]:
    """Pieces of a stream that ends: what still waits at its end is refused for what it lacks."""

    def pieces(data: bytes) -> Iterator[Piece]:
        cutting = framer()
        yield from (*cutting.feed(data), *cutting.end())
        if not cutting.waiting:
            return
        rest = data[-cutting.waiting :]
        try:
            decode(rest)
        except Refusal as refusal:
            yield Unreadable(rest[:1024], len(rest), refusal)
        else:
            yield Unreadable(rest[:1024], len(rest), Unfinished(size=len(rest)))

    return pieces


def _time(time_ms: int | None) -> str | None:
    if time_ms is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)).astimezone(_BEIJING).isoformat()


def _plain(value: object) -> object:
    """A decoded value as JSON knows it: moments in Beijing time, bytes in hexadecimal digits, nothing where nothing was said."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.name != "refused"}
        timed = {name: _time(each) if name.endswith("_ms") else each for name, each in found.items()}
        return {name.removesuffix("_ms"): _plain(each) for name, each in timed.items() if each not in (None, "", (), b"", {})}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, datetime):
        return value.astimezone(_BEIJING).isoformat()
    return value


def _fields(value: object, **more: object) -> dict[str, object]:
    found = _plain(value)
    assert isinstance(found, dict)
    return {**found, **{name: _plain(each) for name, each in more.items()}}


# --- what the frames say ---------------------------------------------------------------------------------------------------------------


def _read_hj212(data: bytes) -> Read:
    message = hj212.decode(data)
    area = hj212.read_area(message.area)
    blocks = [{"time": _time(block.time_ms), "values": block.values, "flags": block.flags} for block in area.blocks]
    return _fields(message, fields=area.fields, data=blocks), area.refused


def _read_sl651(data: bytes) -> Read:
    telegram = sl651.decode(data)
    said = _fields(telegram, function=f"{telegram.function:02X}H", end=f"{telegram.end:02X}H")
    if not telegram.upward:
        return said, ()
    try:
        report = sl651.read(telegram)
    except Refusal as refusal:
        return said, (refusal,)
    known = by_symbol()
    values = [
        {
            "time": _time(value.time_ms),
            "element": value.element,
            "name": known[value.element].name if value.element in known else "",
            "number": value.number,
            "unit": known[value.element].unit if value.element in known else "",
        }
        for value in report.values
    ]
    active = [] if report.status is None else [each.name for each in conditions() if report.status >> each.bit & 1 == each.active_when]
    return {**said, "report": {**_fields(report), "values": values, "active": active}}, report.refused


def _read_jt808(data: bytes) -> Read:
    message = decode_jt808(data)
    said = _fields(message, identifier=f"0x{message.identifier:04X}")
    if message.part is not None:
        return said, ()
    try:
        read = _read_jt808_body(message)
    except Refusal as refusal:
        return said, (refusal,)
    return ({**said, **read[0]}, read[1]) if read else (said, ())


def _read_jt808_body(message: Jt808Message) -> Read | None:
    edition: jt808_bits.Edition = 2013 if message.version is None else 2019
    match message.identifier:
        case terminal.POSITION:
            position = decode_position(message.body)
            return {"position": _position(position, edition)}, position.refused
        case terminal.POSITIONS:
            batch = decode_batch(message.body)
            refused = [reason for reason, _data in batch.refused]
            return {"resent": batch.resent, "positions": [_position(each, edition) for each in batch.positions]}, refused
        case terminal.REGISTRATION:
            return {"registration": _plain(terminal.decode_registration(message))}, ()
        case terminal.AUTHENTICATION:
            return {"authentication": _plain(terminal.decode_authentication(message))}, ()
    return None


def _position(position: Position, edition: jt808_bits.Edition) -> dict[str, object]:
    return _fields(
        position,
        alarms=[bit.name for bit in jt808_bits.alarm_bits(position.alarms, edition)],
        state=[bit.name for bit in jt808_bits.status_bits(position.state, edition)],
        items={f"0x{identifier:02X}": data for identifier, data in position.items},
    )


def _read_gb26875(data: bytes) -> Read:
    packet = gb26875.decode(data)
    command = names("command").get(packet.command)
    said = _fields(packet, command=f"{packet.command} {command.name}" if command else packet.command)
    if not packet.unit:
        return said, ()
    try:
        unit = gb26875.decode_unit(packet.unit)
    except Refusal as refusal:
        return said, (refusal,)
    objects = [_object(each) for each in unit.objects]
    return {**said, "kind": f"{unit.kind} {gb26875.units.type_name(unit.kind)}", "objects": objects}, unit.refused


def _object(said: object) -> dict[str, object]:
    found = _fields(said)
    if isinstance(part := getattr(said, "part", None), gb26875.Part):
        found["part"] = f"{part.key} {part.name}".strip()
    if isinstance(said, gb26875.State):
        found["active"] = [bit.name for bit in bits(said.of) if said.word >> bit.number & 1 == bit.active_when]
    elif isinstance(said, gb26875.Operation):
        found["done"] = [each.name for number, each in names(said.of).items() if said.word >> number & 1]
    elif isinstance(said, gb26875.Analog):
        quantity = quantities()[said.quantity]
        found |= {"quantity": quantity.name, "unit": quantity.unit}
    return found


def _read_gb28181(data: bytes) -> Read:
    found = gb28181.decode(data)
    if not isinstance(found, tuple):
        return _fields(found), [found.refused] if isinstance(found, gb28181.Said) and found.refused else ()
    refused = [each if isinstance(each, Refusal) else each.refused for each in found]
    return {"messages": [_plain(each) for each in found if not isinstance(each, Refusal)]}, [each for each in refused if each]


def _read_cot(data: bytes) -> Read:
    event = cot.decode(data)
    return _fields(event, callsign=event.callsign, affiliation=event.affiliation), ()


# --- samples ---------------------------------------------------------------------------------------------------------------------------

Label = Callable[[Mapping[str, object]], tuple[bool, frozenset[str]]]


def _good(sample: Mapping[str, object], name: str) -> bool:
    value = sample.get(name)
    if not isinstance(value, bool):
        raise BadSample(reason=name)
    return value


def _label_hj212(sample: Mapping[str, object]) -> tuple[bool, frozenset[str]]:
    if "framed" in sample:
        # A payload of annex C of the standard in its frame.
        return True, frozenset()
    if not _good(sample, "length_ok"):
        return False, frozenset({"hj212_bad_length"})
    if _good(sample, "crc_ok"):
        return True, frozenset()
    return False, frozenset({"hj212_crc_modbus" if _good(sample, "crc_is_plain_modbus") else "hj212_bad_crc"})


def _label_sl651(sample: Mapping[str, object]) -> tuple[bool, frozenset[str]]:
    if not _good(sample, "len_ok"):
        return False, frozenset({"sl651_broken_frame", "sl651_bad_checksum"})
    return _good(sample, "crc_ok"), frozenset({"sl651_bad_checksum"})


def _label_jt808(sample: Mapping[str, object]) -> tuple[bool, frozenset[str]]:
    wrong = {"jt808_length"} if _good(sample, "xor_ok") else {"jt808_check_byte", "jt808_too_short"}
    return _good(sample, "valid"), frozenset(wrong)


def _label_gb26875(sample: Mapping[str, object]) -> tuple[bool, frozenset[str]]:
    return _good(sample, "valid"), frozenset()


def _lines(label: Label, *, text: bool = False) -> Callable[[Path], Iterator[Sample | BadSample]]:
    """Samples of the ``.jsonl`` files of a folder: a frame and its label to a line."""

    def samples(folder: Path) -> Iterator[Sample | BadSample]:
        for path in sorted(folder.glob("*.jsonl")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                name = f"{path.name}:{number}"
                try:
                    sample = json.loads(line)
                    accepted, codes = label(sample)
                    yield Sample(name, frame_of(sample, text=text), accepted, frozenset() if accepted else codes)
                except (ValueError, TypeError, AttributeError) as wrong:
                    yield BadSample(reason=f"{name} {wrong}"[:200])
                except BadSample as refusal:
                    yield BadSample(reason=f"{name} {refusal.facts['reason']}")

    return samples


def frame_of(sample: Mapping[str, object], *, text: bool) -> bytes:
    """The frame that a line of a ``.jsonl`` file holds in ``frame``, ``framed`` or ``hex``. Raises ``ValueError``, ``TypeError``."""
    found = next((sample[name] for name in ("frame", "framed", "hex") if name in sample), None)
    if not isinstance(found, str):
        raise TypeError("frame")
    if text and "hex" not in sample:
        return found.encode() + b"\r\n"
    return bytes.fromhex(found)


def _files(folder: Path) -> Iterator[Sample | BadSample]:
    """Files of a folder without labels: all of them were taken from equipment and are good."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield Sample(path.name, path.read_bytes())


INSPECTORS: Mapping[str, Inspector] = {
    addresses.HJ212: Inspector(_cut(hj212.Framer, hj212.decode), _read_hj212, _lines(_label_hj212, text=True), text=True),
    addresses.SL651: Inspector(_cut(sl651.Framer, sl651.decode), _read_sl651, _lines(_label_sl651)),
    addresses.JT808: Inspector(_cut(Jt808Framer, decode_jt808), _read_jt808, _lines(_label_jt808)),
    addresses.GB26875: Inspector(_cut(gb26875.Framer, gb26875.decode), _read_gb26875, _lines(_label_gb26875)),
    GB28181: Inspector(lambda data: [Frame(data)], _read_gb28181, _files, text=True),
    COT: Inspector(_cut(cot.Framer, cot.decode), _read_cot, _files, text=True),
}
"""Every protocol that can be looked at. A further one is one row."""
