"""What the body of a telegram says: values with their times, the station's status word, text entered by hand (6.6, tables 26–30).

A body in HEX/BCD is a run of identifiers, each with its own length, so one that cannot be read costs only itself: the values before and
behind it are kept and it is listed in :attr:`Report.refused`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from anlan.kernel.errors import Refusal
from anlan.wire.sl651 import characters
from anlan.wire.sl651.elements import elements, symbol
from anlan.wire.sl651.numbers import read_bcd, read_time, write_bcd, write_time
from anlan.wire.sl651.refusals import BadBody, BadElement, BadTime, CannotSay
from anlan.wire.sl651.report import FIVE_MINUTES_MS, Report, Value
from anlan.wire.sl651.telegram import Function, Telegram, opening

TIME, STATION, STEP, EXTENSION = 0xF0, 0xF1, 0x04, 0xFF
SERIES = frozenset((Function.UNIFORM, Function.QUERY_PERIOD))
_UNMEASURED = frozenset(range(0x40, 0x52)) - {Function.QUERY_STATUS}


def read(telegram: Telegram) -> Report:
    """What a telegram from a station says. Raises :class:`BadBody` if it does not even begin like a body.

    Telegrams about settings, versions and control (40H–51H without 46H) carry no measurements: their report holds serial number and time only.
    """
    if telegram.ascii:
        return characters.read(telegram)
    if len(telegram.body) < 8:
        raise BadBody(reason=f"{len(telegram.body)} < 8")
    report = _Reading(telegram)
    if telegram.function != Function.KEEP_LINK and telegram.function not in _UNMEASURED:
        report.run()
    return report.finished()


@dataclass(slots=True)
class _Reading:
    """Where reading has got to in one body."""

    telegram: Telegram
    at: int = 8
    time_ms: int | None = None
    station: str = ""
    kind: int | None = None
    step_ms: int | None = None
    status: int | None = None
    text: str = ""
    values: list[Value] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    sent_ms: int | None = None

    def run(self) -> None:
        try:
            self.sent_ms = read_time(self.telegram.body[2:8])
        except BadTime as refusal:
            self.refused.append(refusal)
        # What names no time of observation (an answer to 3AH may) was observed when it was sent.
        self.time_ms = self.sent_ms
        while self.at < len(self.telegram.body):
            try:
                self._identifier()
            except _Ended as ended:
                self.refused.append(ended.refusal)
                self.at = self._next_time()

    def _next_time(self) -> int:
        """Where the next time of observation stands: there the reading can begin anew behind what had no readable length."""
        body, at = self.telegram.body, self.at
        while (at := body.find(b"\xf0\xf0", at)) >= 0:
            try:
                read_time(body[at + 2 : at + 7])
            except BadTime:
                at += 1
            else:
                return at
        return len(body)

    def finished(self) -> Report:
        body = self.telegram.body
        if self.sent_ms is None and not self.refused:
            try:
                self.sent_ms = read_time(body[2:8])
            except BadTime as refusal:
                self.refused.append(refusal)
        return Report(
            serial=int.from_bytes(body[:2], "big"),
            sent_ms=self.sent_ms,
            station=self.station or self.telegram.station,
            kind=self.kind,
            values=tuple(self.values),
            status=self.status,
            text=self.text,
            refused=tuple(self.refused),
        )

    def _take(self, size: int, name: str) -> bytes:
        data = self.telegram.body[self.at : self.at + size]
        if len(data) < size:
            raise _Ended(BadElement(element=name, value=data.hex().upper()[:40]))
        self.at += size
        return data

    def _identifier(self) -> None:
        guide, definition = self._take(2, "")
        if guide == definition == TIME:
            self._observed()
        elif guide == definition == STATION:
            self.station = self._take(5, "ST").hex().upper()
            if self.telegram.body[self.at : self.at + 2] != b"\xf0\xf0" and self.at < len(self.telegram.body):
                self.kind = self._take(1, "ST")[0]
        elif guide == definition and guide in elements() and elements()[guide].form in ("text", "picture"):
            rest = self.telegram.body[self.at :]
            self.at += len(rest)
            if elements()[guide].form == "text":
                self.text = rest.decode("gb18030", "replace").strip()
        elif guide == EXTENSION:
            extension, definition = definition, self._take(1, f"FF{definition:02X}H")[0]
            self._number(symbol(guide, extension), definition)
        else:
            self._element(guide, definition)

    def _observed(self) -> None:
        data = self._take(5, "TT")
        self.step_ms = None
        try:
            self.time_ms = read_time(data)
        except BadTime as refusal:
            # Values of an unknown moment must not take the moment before.
            self.time_ms = None
            self.refused.append(refusal)

    def _element(self, guide: int, definition: int) -> None:
        known = elements().get(guide)
        form = known.form if known else "bcd"
        name = symbol(guide)
        if form == "step":
            self._step(self._take(definition >> 3, name))
        elif form == "status":
            self.status = int.from_bytes(self._take(definition >> 3, name), "big")
        elif form == "rain12":
            # Twelve at five minutes by appendix C, whatever length the definition claims: stations are seen to claim others.
            for number, byte in enumerate(self._take(12, name)):
                self._keep(name, None if byte == 0xFF else byte / 10, number * FIVE_MINUTES_MS)
        elif form == "level12":
            data = self._take(24, name)
            for number in range(12):
                level = int.from_bytes(data[number * 2 : number * 2 + 2], "big")
                self._keep(name, None if level == 0xFFFF else level / 100, number * FIVE_MINUTES_MS)
        elif self.telegram.function in SERIES and self.step_ms is not None:
            self._series(name, definition)
        else:
            self._number(name, definition)

    def _step(self, data: bytes) -> None:
        digits = data.hex()
        if len(data) == 3 and digits.isdigit():
            self.step_ms = (int(digits[:2]) * 1440 + int(digits[2:4]) * 60 + int(digits[4:])) * 60_000
        if not self.step_ms:
            self.step_ms = None
            raise _Ended(BadElement(element="DR", value=digits.upper()[:40]))

    def _series(self, name: str, definition: int) -> None:
        """Values at equal distances, up to the next time of observation or the end (6.6.4.4 table 30: one element in HEX/BCD)."""
        body, number = self.telegram.body, 0
        if not definition >> 3:
            raise _Ended(BadElement(element=name, value=f"{definition:02X}"))
        while self.at < len(body) and body[self.at : self.at + 2] != b"\xf0\xf0":
            self._number(name, definition, number * (self.step_ms or 0))
            number += 1

    def _number(self, name: str, definition: int, later_ms: int = 0) -> None:
        data = self._take(definition >> 3, name)
        try:
            self._keep(name, read_bcd(data, definition & 0x07), later_ms, definition)
        except ValueError:
            self.refused.append(BadElement(element=name, value=data.hex().upper()[:40]))

    def _keep(self, name: str, number: float | None, later_ms: int, definition: int | None = None) -> None:
        if number is not None and self.time_ms is not None:
            self.values.append(Value(self.time_ms + later_ms, name, number, definition))


class _Ended(Exception):
    """How long this was meant to be is not known: what follows cannot be read from here."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def number(guide: int, value: float, definition: int | None = None) -> bytes:
    """One element and its value. ``definition``: five bits of length in bytes, three of decimals. Raises :class:`CannotSay`."""
    known = elements().get(guide)
    definition = definition if definition is not None else known.definition if known else None
    if definition is None:
        raise CannotSay(reason=symbol(guide))
    return bytes([guide, definition]) + write_bcd(value, definition >> 3, definition & 0x07)


def observed(time_ms: int, parts: Iterable[bytes]) -> bytes:
    """A time of observation (to the minute) and what was observed then."""
    return bytes([TIME, TIME]) + write_time(time_ms, 5) + b"".join(parts)


def series(time_ms: int, step_minutes: int, guide: int, values: Iterable[float], definition: int | None = None) -> bytes:
    """Values of one element at equal distances from ``time_ms`` on (functions 31H and 38H)."""
    known = elements().get(guide)
    definition = definition if definition is not None else known.definition if known else None
    if definition is None:
        raise CannotSay(reason=symbol(guide))
    said = b"".join(write_bcd(value, definition >> 3, definition & 0x07) for value in values)
    return observed(time_ms, [step(step_minutes), bytes([guide, definition]), said])


def step(minutes: int) -> bytes:
    """A time step (table C.2): whole minutes below an hour, whole hours below a day, or whole days. Raises :class:`CannotSay`."""
    if 0 < minutes < 60:
        days, hours, rest = 0, 0, minutes
    elif minutes % 60 == 0 and minutes // 60 < 24:
        days, hours, rest = 0, minutes // 60, 0
    elif minutes % 1440 == 0 and minutes // 1440 < 100:
        days, hours, rest = minutes // 1440, 0, 0
    else:
        raise CannotSay(reason=f"{minutes}")
    return bytes.fromhex(f"0418{days:02d}{hours:02d}{rest:02d}")


def report(serial: int, sent_ms: int, station: str, kind: int, parts: Iterable[bytes]) -> bytes:
    """The body of a station's report: ``kind`` is the code of appendix A (48H river, 50H rain …)."""
    return opening(serial, sent_ms) + bytes([STATION, STATION]) + bytes.fromhex(station) + bytes([kind]) + b"".join(parts)


def confirmation(serial: int, now_ms: int, *, ascii: bool = False) -> bytes:
    """The body of the centre's confirmation: the serial number that is confirmed and the centre's time."""
    return opening(serial, now_ms, ascii=ascii)


def period_query(now_ms: int, since_ms: int, until_ms: int, step_minutes: int, guide: int, definition: int) -> bytes:
    """The body of the question 38H: from and to (whole hours), step, element."""
    return opening(0, now_ms) + write_time(since_ms, 4) + write_time(until_ms, 4) + step(step_minutes) + bytes([guide, definition])
