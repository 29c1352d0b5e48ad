"""SL 651 on one connection: what hydrology stations report, and what they are asked for again.

The address of a station is its station address (ten digits), its secret its password (four hexadecimal digits); every telegram carries both,
so several stations may share a connection.

What a station sends of itself (30H–36H, modes M1 to M3) is confirmed when it is durable: with EOT, on which a station that lives on a battery
leaves the line, or with ESC, on which it stays, if it keeps its line (2FH) or is to be asked for something. A packet that others follow is
acknowledged (ACK); when the last has come and some are missing, they are demanded (NAK). Answers to questions (mode M4: 37H, 38H …) are
not confirmed. A station of mode M1, which wants no confirmation, cannot be told from others and gets one all the same.

Point codes are the elements' letters (``Z`` water level, ``PT`` rainfall …), or the digits of elements that the standard leaves to the maker
(``76H``). Values of a test report (30H) are marked ``test``; those of a gauge that the station itself reports faulty with the fault.

After an interruption a station is asked (38H) for hourly values of the elements that it just reported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from anlan.kernel.errors import Refusal
from anlan.sense.gateways.admitting import Admissions
from anlan.sense.gateways.remembering import OPEN_STATES, Changes, OpenStates
from anlan.sense.gateways.session import Action, Asked, Deliver, Happened, Heard, Measured, Reply, SetApart
from anlan.wire import addresses
from anlan.wire.framing import Frame
from anlan.wire.searching import MOST_SHOWN_BYTES
from anlan.wire.sl651 import Framer, Function, Packet, Report, Telegram, body, decode, encode, read
from anlan.wire.sl651.elements import by_symbol, conditions
from anlan.wire.sl651.framing import ACK, ENQ, EOT, ESC, ETB, NAK
from anlan.wire.sl651.packets import Packets, serial
from anlan.wire.sl651.refusals import BrokenFrame, PictureNotKept, UnknownFunction
from anlan.wire.sl651.telegram import SELF_REPORTS

ANSWER_WITHIN_MS = 120_000
"""A question to which nothing came for so long is taken for lost, and the next is put (project default)."""
MOST_QUESTIONS = 16
MOST_DEMANDED = 8
"""Missing packets demanded at once."""
STEP_MINUTES = 60
"""Stored values are asked for by the hour (project default: every station stores hours)."""
_MOST_TEXT = 500
_HOUR_MS = 3_600_000

_MEASURED_ANSWERS = frozenset(
    (Function.QUERY_NOW, Function.QUERY_PERIOD, Function.QUERY_MANUAL, Function.QUERY_ELEMENTS, Function.QUERY_STATUS)
)
_SETTINGS = frozenset(range(0x40, 0x52)) - _MEASURED_ANSWERS
_GAUGES = {"flow_meter_fault": ("Q",), "level_meter_fault": ("Z", "DRZ")}
"""Which elements, by the beginning of their letters, are measured by the gauge that a bit of the station's state calls faulty."""
TEST = "test"


@dataclass(slots=True)
class _Station:
    """What is known of a station that was let in.

    ``stays``: it keeps its line; ``spoke``: its last telegram; ``elements``: what it measures, guide byte and definition; ``gap``: what is
    missing and cannot be asked for before it has reported.
    """

    stays: bool = False
    spoke: Telegram | None = None
    elements: dict[int, int] = field(default_factory=dict)
    gap: Asked | None = None
    questions: deque[bytes] = field(default_factory=lambda: deque(maxlen=4 * MOST_QUESTIONS))
    open_ms: int | None = None

    @property
    def wanted(self) -> bool:
        return self.stays or self.gap is not None or bool(self.questions) or self.open_ms is not None


class Session:
    """One connection. ``states``: what lasts at the stations, kept beyond it."""

    def __init__(self, states: OpenStates = OPEN_STATES) -> None:
        self._framer = Framer()
        self._packets = Packets()
        self._admissions = Admissions(addresses.SL651)
        self._stations: dict[str, _Station] = {}
        self._states = states

    @property
    def waiting(self) -> int:
        """Bytes held for frames that have not ended and for packets that have not come."""
        return self._framer.waiting + self._packets.waiting

    def receive(self, data: bytes, now_ms: int) -> Iterator[Action]:
        """What follows from bytes that arrived at ``now_ms``."""
        yield from (_given_up(*each) for each in self._packets.expire(now_ms))
        for piece in self._framer.feed(data):
            if not isinstance(piece, Frame):
                yield SetApart(self._admissions.only, piece.reason, piece.data)
                continue
            try:
                telegram = decode(piece.data)
                if not telegram.upward:
                    raise BrokenFrame(reason="↓")
            except Refusal as refusal:
                yield SetApart(self._admissions.only, refusal, piece.data[:MOST_SHOWN_BYTES])
                continue
            yield from self._take(telegram, piece.data, now_ms)

    def identified(self, address: str, admitted: bool, now_ms: int) -> Iterable[Action]:
        """The gateway's answer to an identification; what waited for it follows."""
        if not self._admissions.identified(address, admitted, now_ms):
            return []
        self._stations.setdefault(address, _Station())
        return [Heard(address)]

    def ask_again(self, asked: Asked, now_ms: int) -> Iterable[Action]:
        """Ask for each element that the station measures, one after the other; of a station that has not reported yet it is noted."""
        station = self._stations.get(asked.address)
        if station is None:
            return []
        if not station.elements or station.spoke is None:
            station.gap = asked
            return []
        station.questions.extend(_questions(station.spoke, station.elements, asked, now_ms))
        return _ask_next(station, now_ms) if station.open_ms is None else []

    def _take(self, telegram: Telegram, frame: bytes, now_ms: int) -> Iterator[Action]:
        if not (yield from self._admissions.let_in(telegram.station, telegram.password, now_ms, frame)):
            return
        station = self._stations[telegram.station]
        number = self._packets.serial_of(telegram)
        added = self._packets.add(telegram, now_ms)
        yield from (_given_up(*each) for each in added.refused)
        if added.whole is not None:
            yield from self._handle(added.whole, frame, station, now_ms)
        else:
            yield Heard(telegram.station)
            yield from self._packet(telegram, added.missing, number, now_ms)
        if station.open_ms is None or now_ms - station.open_ms > ANSWER_WITHIN_MS:
            station.open_ms = None
            yield from _ask_next(station, now_ms)

    def _packet(self, telegram: Telegram, missing: tuple[int, ...], number: int, now_ms: int) -> Iterator[Action]:
        assert telegram.packet is not None
        number = number or self._packets.serial_of(telegram)
        if telegram.end == ETB:
            yield Reply(_confirmation(telegram, number, ACK, now_ms))
        for each in missing[:MOST_DEMANDED]:
            yield Reply(_confirmation(telegram, number, NAK, now_ms, Packet(telegram.packet.total, each)))

    def _handle(self, telegram: Telegram, frame: bytes, station: _Station, now_ms: int) -> Iterator[Action]:
        function, address = telegram.function, telegram.station
        if function == Function.KEEP_LINK:
            station.stays = True
            yield Heard(address)
        elif function == Function.PICTURE:
            yield Heard(address)
            yield SetApart(address, PictureNotKept(), frame[:MOST_SHOWN_BYTES])
            yield Reply(self._confirmed(telegram, station, now_ms))
        elif function in SELF_REPORTS or function in _MEASURED_ANSWERS:
            yield from self._report(telegram, frame, station, now_ms)
        elif function in _SETTINGS:
            yield Heard(address)
        else:
            yield Heard(address)
            yield SetApart(address, UnknownFunction(function=f"{function:02X}H"), frame[:MOST_SHOWN_BYTES])

    def _report(self, telegram: Telegram, frame: bytes, station: _Station, now_ms: int) -> Iterator[Action]:
        address = telegram.station
        if telegram.function == Function.QUERY_PERIOD:
            station.open_ms = None
        try:
            report = read(telegram)
        except Refusal as refusal:
            yield Heard(address)
            yield SetApart(address, refusal, frame[:MOST_SHOWN_BYTES])
            return
        yield from (SetApart(address, refusal, frame[:MOST_SHOWN_BYTES]) for refusal in report.refused)
        if not telegram.ascii and telegram.function in SELF_REPORTS and (elements := _elements(report)):
            station.spoke, station.elements = telegram, elements
            if station.gap is not None:
                station.questions.extend(_questions(telegram, elements, station.gap, now_ms))
                station.gap = None
        answer = self._confirmed(telegram, station, now_ms) if telegram.function in SELF_REPORTS else b""
        changes = self._states.of(f"sl651/{address}")
        measured, happened = _measured(telegram, report), _happened(changes, report, now_ms)
        if measured or happened:
            yield Deliver(address, measured, happened, answer)
            changes.keep()
            return
        changes.keep()
        yield Heard(address)
        if answer:
            yield Reply(answer)

    def _confirmed(self, telegram: Telegram, station: _Station, now_ms: int) -> bytes:
        return _confirmation(telegram, serial(telegram), ESC if station.wanted else EOT, now_ms)


def _given_up(reason: Refusal, station: str, data: bytes) -> SetApart:
    return SetApart(station, reason, data[:MOST_SHOWN_BYTES])


def _confirmation(to: Telegram, number: int, end: int, now_ms: int, packet: Packet | None = None) -> bytes:
    content = body.confirmation(number, now_ms, ascii=to.ascii)
    return encode(Telegram(to.station, to.centre, to.password, to.function, content, False, end, packet, to.ascii))


def _happened(changes: Changes, report: Report, now_ms: int) -> tuple[Happened, ...]:
    time_ms = report.sent_ms if report.sent_ms is not None else now_ms
    told: list[Happened] = []
    if report.text:
        told.append(Happened(time_ms, "sl651.manual_text", "", report.text[:_MOST_TEXT]))
    if report.status is None:
        return tuple(told)
    known = [condition for condition in conditions() if condition.told != "never"]
    active = sum(1 << each.bit for each in known if report.status >> each.bit & 1 == each.active_when)
    change = changes.take("", active, sum(1 << each.bit for each in known), time_ms, now_ms)
    # Of a station never heard of it is not told which of its two states is the usual one.
    changed = [each for each in known if not (change.first and each.told == "change")]
    told += [Happened(time_ms, f"sl651.{each.word}", "", each.name) for each in changed if change.began >> each.bit & 1]
    told += [Happened(time_ms, f"sl651.{each.word}", "", each.name, active=False) for each in changed if change.ended >> each.bit & 1]
    return tuple(told)


def _measured(telegram: Telegram, report: Report) -> tuple[Measured, ...]:
    faults = _faulty(report.status)
    by_time: dict[int, dict[str, float]] = {}
    marks: dict[int, dict[str, str]] = {}
    for value in report.values:
        by_time.setdefault(value.time_ms, {})[value.element] = value.number
        fault = next((word for word, letters in faults.items() if value.element.startswith(letters)), None)
        mark = TEST if telegram.function == Function.TEST else fault
        if mark is not None:
            marks.setdefault(value.time_ms, {})[value.element] = mark
    resent = telegram.function == Function.QUERY_PERIOD
    return tuple(Measured(time_ms, values, marks.get(time_ms, {}), resent) for time_ms, values in sorted(by_time.items()))


def _faulty(status: int | None) -> dict[str, tuple[str, ...]]:
    if status is None:
        return {}
    return {each.word: _GAUGES[each.word] for each in conditions() if each.word in _GAUGES and status >> each.bit & 1 == each.active_when}


def _elements(report: Report) -> dict[int, int]:
    """Guide byte and definition of the elements of a report that can be asked for."""
    found: dict[int, int] = {}
    for value in report.values:
        known = by_symbol().get(value.element)
        guide = known.guide if known else int(value.element[:2], 16) if len(value.element) == 3 and value.element.endswith("H") else None
        if guide is not None and value.definition is not None:
            found[guide] = value.definition
    return dict(list(found.items())[:MOST_QUESTIONS])


def _questions(to: Telegram, elements: Mapping[int, int], asked: Asked, now_ms: int) -> Iterator[bytes]:
    """One question for each element: 38H asks for one, in HEX/BCD (6.6.4.13)."""
    since_ms, until_ms = asked.since_ms // _HOUR_MS * _HOUR_MS, max(asked.until_ms, asked.since_ms)
    for guide, definition in elements.items():
        content = body.period_query(now_ms, since_ms, until_ms, STEP_MINUTES, guide, definition)
        yield encode(Telegram(to.station, to.centre, to.password, Function.QUERY_PERIOD, content, False, ENQ))


def _ask_next(station: _Station, now_ms: int) -> list[Action]:
    if not station.questions:
        return []
    station.open_ms = now_ms
    return [Reply(station.questions.popleft())]
