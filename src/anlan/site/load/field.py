"""Devices of field protocols for the load tool: terminals of JT/T 808 and stations of HJ 212, as many as asked for, in one event loop.

Their times have seconds, so a device sends at most one message in a second; what a faster rate asks of it is held back.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

from anlan.site.load.faults import Fault, strikes
from anlan.site.load.fleet import Link
from anlan.site.load.signals import Signals
from anlan.site.load.tally import MOST_WAITING, REST_S, Tally, Waiting
from anlan.wire.framing import Frame
from anlan.wire.hj212 import Flag, Revision
from anlan.wire.hj212 import Framer as HjFramer
from anlan.wire.hj212 import Message as HjMessage
from anlan.wire.hj212 import decode as hj_decode
from anlan.wire.hj212 import encode as hj_encode
from anlan.wire.jt808 import terminal
from anlan.wire.jt808.framing import Framer as JtFramer
from anlan.wire.jt808.message import Message as JtMessage
from anlan.wire.jt808.message import decode as jt_decode
from anlan.wire.jt808.message import encode as jt_encode
from anlan.wire.jt808.position import Position, encode_position

JT808_POINTS = {
    "longitude": (100.0, -11_700.0),
    "latitude": (100.0, -3_600.0),
    "altitude": (1.0, 0.0),
    "speed": (1.0, 0.0),
    "direction": (1.0, 0.0),
}
"""Points of a position as the sessions name them, in the order in which a fleet's points stand for them, with the scale and offset by which they
become the signals again that they were made of."""
MOST_REFUSALS = 20
_BEIJING = timezone(timedelta(hours=8))
_REAL_TIME, _DATA_ANSWER = "2011", "9014"
_SURFACE_WATER = "21"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the platform said: the message ``key`` lies on the disk, or (``key`` 0) the device was let in or turned away."""

    key: int
    fine: bool


class Speaker(Protocol):
    """One device's side of a protocol."""

    size: int
    """Readings in a message."""
    admitted_at_once: bool
    """There is no sign-in; the first message is the first."""

    def hello(self) -> bytes:
        """What a fresh connection begins with."""
        ...

    def message(self, now_ms: int) -> tuple[int, bytes] | None:
        """The next message with its key, ``None`` while this second has had one."""
        ...

    def hear(self, data: bytes) -> Iterator[Answered]:
        """What the platform answered."""
        ...


class Terminal:
    """A terminal of JT/T 808-2013 that authenticates with its identifier and reports positions."""

    admitted_at_once = False
    size = len(JT808_POINTS)

    def __init__(self, phone: str, identifier: str, seed: int) -> None:
        self._phone, self._identifier, self._serial = phone, identifier, 0
        self._signals, self._second = Signals(self.size, seed), 0
        self._framer = JtFramer()

    def _next(self, identifier: int, body: bytes) -> JtMessage:
        self._serial = self._serial % 0xFFFF + 1
        return JtMessage(identifier, self._phone, self._serial, body)

    def hello(self) -> bytes:
        """Authentication with the terminal's identifier."""
        self._framer = JtFramer()
        body = terminal.encode_authentication(terminal.Authentication(self._identifier), None)
        return jt_encode(self._next(terminal.AUTHENTICATION, body))

    def message(self, now_ms: int) -> tuple[int, bytes] | None:
        """A position of this second; values wander as in other fleets, within what a position can say."""
        second = now_ms // 1000
        if second <= self._second:
            return None
        self._second = second
        longitude, latitude, altitude, speed, direction = (abs(each) for each in self._signals.step().tolist())
        place = Position(
            alarms=0,
            state=0b11,
            longitude=117.0 + longitude / 100,
            latitude=36.0 + latitude / 100,
            altitude=round(altitude),
            speed=round(speed, 1),
            direction=round(direction) % 360,
            time_ms=second * 1000,
            items=(),
        )
        told = self._next(terminal.POSITION, encode_position(place))
        return told.serial, jt_encode(told)

    def hear(self, data: bytes) -> Iterator[Answered]:
        """General answers (0x8001)."""
        for piece in self._framer.feed(data):
            if not isinstance(piece, Frame):
                continue
            told = jt_decode(piece)
            if told.identifier != terminal.GENERAL_ANSWER:
                continue
            serial, to, result = int.from_bytes(told.body[:2]), int.from_bytes(told.body[2:4]), told.body[4]
            yield Answered(0 if to == terminal.AUTHENTICATION else serial, result == terminal.Result.DONE)


class Station:
    """A station of HJ 212-2017 that reports real-time values of its factors and wants each report answered."""

    admitted_at_once = True

    def __init__(self, number: str, password: str, factors: tuple[str, ...], seed: int) -> None:
        self._number, self._password, self._factors = number, password, factors
        self._signals, self._second = Signals(len(factors), seed), 0
        self._framer = HjFramer()
        self.size = len(factors)

    def hello(self) -> bytes:
        """A station just begins; each of its messages says who it is."""
        self._framer = HjFramer()
        return b""

    def message(self, now_ms: int) -> tuple[int, bytes] | None:
        """Real-time values (2011) of this second."""
        second = now_ms // 1000
        if second <= self._second:
            return None
        self._second = second
        at = datetime.fromtimestamp(second, UTC).astimezone(_BEIJING)
        values = zip(self._factors, self._signals.step().tolist(), strict=True)
        area = f"DataTime={at:%Y%m%d%H%M%S};" + ";".join(f"{factor}-Rtd={value:.3f},{factor}-Flag=N" for factor, value in values)
        flag = Flag(Revision.OF_2017, answer=True)
        told = HjMessage(f"{at:%Y%m%d%H%M%S}000", _SURFACE_WATER, _REAL_TIME, self._password, self._number, flag, area)
        return int(told.time), hj_encode(told)

    def hear(self, data: bytes) -> Iterator[Answered]:
        """Data answers (9014), each with the time of the report."""
        for piece in self._framer.feed(data):
            if isinstance(piece, Frame):
                told = hj_decode(piece.data)
                if told.command == _DATA_ANSWER:
                    yield Answered(int(told.time), True)


def speaker(protocol: str, link: Link, seed: int) -> Speaker:
    """The device of ``link`` as it speaks ``protocol``. Raises ``KeyError`` when the fleet has no address for it."""
    address, secret = link.addresses[protocol], link.secrets.get(protocol, "")
    return Terminal(address, secret, seed) if protocol == "jt808" else Station(address, secret, link.points, seed)


class FieldDevice(asyncio.Protocol):
    """One connection. What is not answered when it breaks is sent again over the next."""

    def __init__(self, speaker: Speaker, tally: Tally, where: tuple[str, int], faults: frozenset[Fault], seed: int) -> None:
        self._speaker, self._tally, self._where = speaker, tally, where
        self._faults, self._dice = faults, random.Random(seed)
        self._transport: asyncio.Transport | None = None
        self.waiting: dict[int, Waiting] = {}
        self._refusals = 0
        self.admitted = False
        self.closing = False

    @property
    def size(self) -> int:
        """Readings in a message."""
        return self._speaker.size

    async def open(self) -> None:
        """Connect, trying until it succeeds."""
        loop = asyncio.get_running_loop()
        while not self.closing:
            try:
                await loop.create_connection(lambda: self, *self._where)
                return
            except OSError:
                await asyncio.sleep(REST_S)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce oneself."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._speaker.hello())
        if self._speaker.admitted_at_once:
            self._let_in()

    def data_received(self, data: bytes) -> None:
        """Take answers in."""
        for answered in self._speaker.hear(data):
            if answered.key:
                self._answered(answered)
            elif answered.fine:
                self._let_in()
            else:
                self._turned_away()

    def _let_in(self) -> None:
        self.admitted = True
        for held in list(self.waiting.values()):
            self._tally.again += 1
            self._write(held.payload)

    def _turned_away(self) -> None:
        """Come back: a fleet just made may be faster than the registry. One that is turned away again and again stays away."""
        self._refusals += 1
        if self._refusals > MOST_REFUSALS:
            self._tally.refused += 1
            self.close()
        elif self._transport is not None:
            self._transport.abort()

    def _answered(self, answered: Answered) -> None:
        held = self.waiting.pop(answered.key, None)
        if held is None or not answered.fine:
            return
        self._tally.acknowledged += 1
        self._tally.readings += held.size
        if self._tally.acknowledged % 10 == 0:
            self._tally.latencies.append(time.perf_counter() - held.since)

    def connection_lost(self, exc: Exception | None) -> None:
        """Try again unless this was the end."""
        self.admitted = False
        if not self.closing:
            self._tally.lost_links += 1
            asyncio.get_running_loop().call_later(REST_S, lambda: asyncio.ensure_future(self.open()))

    def send(self, now_ms: int) -> None:
        """Send the next message, or hold back while too many are unanswered or this second has had one."""
        made = self._speaker.message(now_ms) if self.admitted and len(self.waiting) < MOST_WAITING else None
        if made is None:
            self._tally.held_back += 1
            return
        key, data = made
        self.waiting[key] = Waiting(data, self.size, time.perf_counter())
        self._tally.sent += 1
        self._write(data)
        if strikes(self._faults, self._dice) is Fault.DROP and self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """The end of this device."""
        self.closing = True
        if self._transport is not None:
            self._transport.close()
