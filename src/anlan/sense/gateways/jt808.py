"""JT/T 808 on one connection: registration, authentication, positions and alarms of a road vehicle.

The address of a terminal is its telephone number without the zeros that fill it up. Its secret is the terminal's identifier (the seven, in
2019 up to thirty characters on its label, ``终端ID``): a terminal that registers with it is answered with it as its authentication code and
authenticates with it from then on, so no code has to be entered by hand and none is kept. A terminal into which another code was entered by
hand authenticates with that one instead.

Nothing but a registration and an authentication is taken from a terminal that has not proved itself. A position is answered (0x8001) when it
is durable, so a terminal sends again what the platform may have lost. Alarm bits are told when they change: what begins, and what ends, beyond the
connection, for a truck comes back from a tunnel with a new one.

Points of a position: ``longitude``, ``latitude`` (degrees, datum of the receiver: WGS 84 / CGCS 2000), ``altitude`` (m), ``speed`` (km/h),
``direction`` (degrees from north), ``mileage`` (km), ``fuel`` (l); only those that were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.gateways.remembering import OPEN_STATES, OpenStates
from anlan.sense.gateways.session import Action, Asked, Close, Deliver, Happened, Heard, Identify, Measured, Reply, SetApart
from anlan.wire.framing import Frame
from anlan.wire.jt808 import bits, terminal
from anlan.wire.jt808.framing import Framer
from anlan.wire.jt808.message import Message, decode, encode
from anlan.wire.jt808.parts import Parts
from anlan.wire.jt808.position import Position, decode_batch, decode_position
from anlan.wire.jt808.terminal import RegistrationResult, Result

PARTS_EXPIRE_MS = 60_000
"""A sub-packet follows the one before within a minute; the terminal's own waiting times (parameters 0x0002, 0x0003) are shorter."""

MOST_MEDIA = 4
"""Media whose parts are counted at one time. Only the count is kept: pictures are not stored."""


class NotAuthenticated(Refusal):
    code: ClassVar[str] = "jt808_not_authenticated"
    sentence: ClassVar[str] = N_("终端 {phone} 未经鉴权即发送消息 {message}，未予采用。")
    status: ClassVar[int] = 403


@dataclass(frozen=True, slots=True)
class _Asking:
    """A message whose sender the gateway is asked about, and the code that it gave."""

    message: Message
    code: str


class Session:
    """One connection of a terminal. ``states``: which alarms last, kept beyond it."""

    def __init__(self, states: OpenStates = OPEN_STATES) -> None:
        self._states = states
        self._changes = states.of("")
        self._framer = Framer()
        self._parts = Parts(expires_ms=PARTS_EXPIRE_MS)
        self._serial = 0
        self._asking: _Asking | None = None
        self._phone: str | None = None
        self._closed = False
        self._media: dict[tuple[int, int], _Medium] = {}

    @property
    def waiting(self) -> int:
        """Bytes held for frames that have not ended and for sub-packets."""
        return self._framer.waiting + self._parts.waiting

    def receive(self, data: bytes, now_ms: int) -> Iterator[Action]:
        """What follows from bytes that arrived at ``now_ms``."""
        yield from (_given_up(reason, parts) for reason, parts in self._parts.expire(now_ms))
        for piece in self._framer.feed(data):
            # Whoever draws on has carried out what came before: it is durable.
            self._changes.keep()
            if self._closed:
                break
            if not isinstance(piece, Frame):
                yield SetApart(self._phone or "", piece.reason, piece.data)
                continue
            try:
                message = decode(piece)
            except Refusal as refusal:
                yield SetApart(self._phone or "", refusal, piece.data)
                continue
            yield from self._take(message, now_ms)
        self._changes.keep()

    def identified(self, address: str, admitted: bool, now_ms: int) -> Iterable[Action]:
        """The gateway's answer to :class:`Identify`; what waited for it follows."""
        asked = self._asking
        if asked is None or asked.message.phone != address:
            return []
        self._asking = None
        actions: list[Action] = []
        if asked.message.identifier == terminal.REGISTRATION:
            result = RegistrationResult.DONE if admitted else RegistrationResult.TERMINAL_UNKNOWN
            actions.append(Reply(encode(terminal.registration_answer(asked.message, self._next(), result, asked.code))))
        elif admitted:
            self._phone = address
            self._changes = self._states.of(f"jt808/{address}")
            actions += [Heard(address), self._answer(asked.message)]
        else:
            # The connection stays: a terminal whose code is not taken registers anew.
            actions.append(self._answer(asked.message, Result.FAILED))
        return actions

    def ask_again(self, asked: Asked, now_ms: int) -> Iterable[Action]:
        """Nothing: a terminal re-sends from its memory by itself (0x0704); the protocol has no way to ask for a period."""
        return []

    def _take(self, message: Message, now_ms: int) -> list[Action]:
        if message.identifier in (terminal.REGISTRATION, terminal.AUTHENTICATION) and message.part is None:
            return self._ask(message)
        if self._phone is None or message.phone != self._phone:
            # The number in the header is only a claim; the connection speaks for the terminal that proved itself on it.
            reason = NotAuthenticated(phone=message.phone, message=f"0x{message.identifier:04X}")
            return [SetApart(self._phone or "", reason, encode(message)), self._answer(message, Result.FAILED)]
        if message.identifier == terminal.MULTIMEDIA_DATA:
            return self._medium(message)
        if message.part is not None:
            return self._part(message, now_ms)
        return self._handle(message, (message,), now_ms)

    def _ask(self, message: Message) -> list[Action]:
        try:
            if message.identifier == terminal.REGISTRATION:
                code = terminal.decode_registration(message).terminal
            else:
                code = terminal.decode_authentication(message).code
        except Refusal as refusal:
            return [SetApart(self._phone or "", refusal, encode(message)), self._answer(message, Result.WRONG)]
        if self._phone != message.phone or message.identifier == terminal.AUTHENTICATION:
            self._phone = None
        self._asking = _Asking(message, code)
        return [Identify(message.phone, code)]

    def _part(self, message: Message, now_ms: int) -> list[Action]:
        added = self._parts.add(message, now_ms)
        actions: list[Action] = [Heard(message.phone), *(_given_up(reason, parts) for reason, parts in added.refused)]
        if added.again:
            # A part that comes again is one whose sender waits for its answer before it sends the next.
            actions.append(self._answer(message))
        if added.whole is not None:
            actions += self._handle(added.whole.message, added.whole.parts, now_ms)
        return actions

    def _handle(self, message: Message, frames: tuple[Message, ...], now_ms: int) -> list[Action]:
        match message.identifier:
            case terminal.TERMINAL_ANSWER:
                return [Heard(message.phone)]
            case terminal.HEARTBEAT | terminal.MULTIMEDIA_EVENT:
                return [Heard(message.phone), *(self._answer(frame) for frame in frames)]
            case terminal.LOG_OUT:
                self._phone = None
                self._closed = True
                return [Heard(message.phone), *(self._answer(frame) for frame in frames), Close("jt808_log_out")]
            case terminal.POSITION | terminal.POSITIONS:
                return self._positions(message, frames, now_ms)
            case _:
                return [Heard(message.phone), *(self._answer(frame, Result.NOT_SUPPORTED) for frame in frames)]

    def _positions(self, message: Message, frames: tuple[Message, ...], now_ms: int) -> list[Action]:
        refused: tuple[tuple[Refusal, bytes], ...]
        try:
            if message.identifier == terminal.POSITION:
                position = decode_position(message.body)
                positions, resent = (position,), False
                refused = tuple((reason, message.body) for reason in position.refused[:1])
            else:
                batch = decode_batch(message.body)
                positions, resent, refused = batch.positions, batch.resent, batch.refused
        except Refusal as refusal:
            whole = b"".join(map(encode, frames))
            return [SetApart(message.phone, refusal, whole), *(self._answer(frame, Result.WRONG) for frame in frames)]
        actions: list[Action] = [SetApart(message.phone, reason, data) for reason, data in refused]
        if not positions:
            return [*actions, *(self._answer(frame, Result.WRONG) for frame in frames)]
        edition: bits.Edition = 2013 if message.version is None else 2019
        answer = b"".join(encode(terminal.general_answer(frame, self._next())) for frame in frames)
        happened = tuple(self._happened(positions, edition, resent, now_ms))
        measured = tuple(_measured(position, resent) for position in positions)
        return [*actions, Deliver(message.phone, measured, happened, answer)]

    def _happened(self, positions: Iterable[Position], edition: bits.Edition, resent: bool, now_ms: int) -> Iterator[Happened]:
        """Alarm bits that changed; positions from memory tell of a past, which touches what is open now only as far as it is not over."""
        every, known = bits.alarm_mask(edition), self._changes.held("")
        past: list[Position] = []
        if resent:
            positions = sorted(positions, key=lambda one: one.time_ms)
            past = [each for each in positions if known is not None and each.time_ms < known[1]]
        before = 0
        for position in past:
            alarms = position.alarms & ~known[0] if known is not None else position.alarms
            yield from _told(position, alarms & ~before, edition, active=True)
            yield from _told(position, before & ~alarms, edition, active=False)
            before = alarms
        if before:
            # What the memory leaves open ends with the next position of now.
            self._changes.take("", before, every, past[-1].time_ms, now_ms)
        for position in list(positions)[len(past) :]:
            change = self._changes.take("", position.alarms, every, position.time_ms, now_ms)
            yield from _told(position, change.began, edition, active=True)
            yield from _told(position, change.ended, edition, active=False)

    def _medium(self, message: Message) -> list[Action]:
        """Count the parts of a picture; when all have come, say so."""
        total, index = (message.part.total, message.part.index) if message.part else (1, 1)
        key = (total, (message.serial - index + 1) & 0xFFFF)
        if key not in self._media and len(self._media) >= MOST_MEDIA:
            del self._media[next(iter(self._media))]
        medium = self._media.setdefault(key, _Medium())
        medium.seen |= 1 << index
        if index == 1:
            try:
                medium.identifier = terminal.multimedia_identifier(message)
            except Refusal as refusal:
                del self._media[key]
                return [SetApart(message.phone, refusal, encode(message)), self._answer(message, Result.WRONG)]
        actions: list[Action] = [Heard(message.phone), self._answer(message)]
        if medium.seen.bit_count() == total and medium.identifier is not None:
            del self._media[key]
            actions.append(Reply(encode(terminal.multimedia_answer(message, self._next(), medium.identifier))))
        return actions

    def _answer(self, to: Message, result: Result = Result.DONE) -> Reply:
        return Reply(encode(terminal.general_answer(to, self._next(), result)))

    def _next(self) -> int:
        serial, self._serial = self._serial, (self._serial + 1) & 0xFFFF
        return serial


def _given_up(reason: Refusal, parts: tuple[Message, ...]) -> SetApart:
    return SetApart(parts[0].phone if parts else "", reason, b"".join(map(encode, parts)))


@dataclass(slots=True)
class _Medium:
    seen: int = 0
    identifier: int | None = None


def _values(position: Position) -> dict[str, float]:
    found: dict[str, float | None] = {
        "longitude": position.longitude,
        "latitude": position.latitude,
        "altitude": position.altitude,
        "speed": position.speed,
        "direction": position.direction,
        "mileage": position.mileage,
        "fuel": position.fuel,
    }
    return {point: float(value) for point, value in found.items() if value is not None}


def _measured(position: Position, resent: bool) -> Measured:
    values = _values(position)
    flag = "coordinates_encrypted" if position.encrypted else None if position.positioned else "not_positioned"
    found_by_satellite = ("longitude", "latitude", "altitude", "speed", "direction")
    marked = {point: flag for point in found_by_satellite if flag and point in values}
    return Measured(position.time_ms, values, marked, resent)


def _told(position: Position, mask: int, edition: bits.Edition, *, active: bool) -> list[Happened]:
    values = {point: value for point, value in _values(position).items() if point in ("longitude", "latitude", "speed")}
    if position.encrypted or not position.positioned:
        values = {}
    return [Happened(position.time_ms, f"jt808.{bit.word}", "", bit.name, active, values) for bit in bits.alarm_bits(mask, edition)]
