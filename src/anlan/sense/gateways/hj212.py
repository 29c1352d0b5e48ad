"""HJ 212 on one connection: what stations of pollution sources measured, and what they are asked for again.

The address of a station is its MN, its secret its PW; every message carries both, so several stations may share a connection and each is
asked about once. A message is answered exactly when its flag asks (bit A), and only when what it said is durable: data with 9014, notices
with 9013, what the platform does not know with 9011. Each packet of a long message is answered.

Point codes: the factor's code for the value of the moment (``w01018`` for ``w01018-Rtd``), with the standard's suffix for every other
(``w01018-ZsRtd``, ``w01018-Avg``). Statistics never share a series with them, nor with those of another period: ``-minute`` (2051), ``-hour``
(2061) or ``-day`` (2031, 2041) stands behind (``w01018-Avg-hour``), and the number of the command behind what a further command of group 2
uploads (``a01012-Rtd-2111``). A value whose flag is not N is marked with the flag.

After an interruption a station is asked for minutes (of the last day at most), then hours, then days, one request at a time.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.sense.gateways.admitting import Admissions
from anlan.sense.gateways.session import Action, Asked, Deliver, Heard, Measured, Reply, SetApart
from anlan.wire import addresses
from anlan.wire.framing import Frame
from anlan.wire.hj212.data import Block, read_area, write_request_time, write_time
from anlan.wire.hj212.framing import MOST_SHOWN_BYTES, Framer, is_sealed
from anlan.wire.hj212.message import (
    ANSWER_SYSTEM,
    Command,
    Execution,
    Flag,
    Message,
    RequestResult,
    Revision,
    address_of,
    decode,
    encode,
    sender_of,
)
from anlan.wire.hj212.packets import Packets
from anlan.wire.hj212.refusals import BadSeal, Sealed, UnknownCommand

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MINUTES_ASKED_MS = DAY_MS
"""Minutes are asked for so far back (project default: a day of them is 144 at the usual ten minutes); what is older comes by the hour."""
ANSWER_WITHIN_MS = 120_000
"""A request to which nothing came for so long is taken for lost, and the next is sent (project default; stations give up after 5 to 30 s)."""

_PERIODS: Mapping[str, str] = {
    Command.MINUTES: "minute",
    Command.HOUR: "hour",
    Command.DAY: "day",
    Command.RUN_TIME: "day",
}
_OF_THE_MOMENT = frozenset((Command.REAL_TIME, Command.RAW, Command.RUN_STATE))
_NOTICES = frozenset((Command.TIME_WANTED, Command.HEARTBEAT))
_ANSWERS = frozenset((Command.REQUEST_ANSWER, Command.RESULT, Command.NOTICE_ANSWER, Command.DATA_ANSWER))
_INFORMATION = frozenset(("1001", "1011", "1061", "1063", "2081", "3015", "3017", "3018", "3019", "3020"))
"""Uploads that measure nothing: clock, intervals, time of start, retained samples, serial numbers, log and settings of the station."""
_FACTOR = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_UTC_TO_BEIJING_MS = 8 * HOUR_MS


class RequestNotCarriedOut(Refusal):
    code: ClassVar[str] = "hj212_request_not_carried_out"
    sentence: ClassVar[str] = N_("污染源监测站“{address}”没有执行补传请求 {command}：返回代码 {result}。")
    status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class _Request:
    command: str
    area: str


@dataclass(slots=True)
class _Station:
    """What is known of a station that was let in.

    ``waiting``: what it is still to be asked; ``asked``: QN and command of what it was asked lately; ``open``: QN of the request under way,
    of which something was last heard at ``open_ms``; ``key``: what opened its last enciphered message, and enciphers what it is asked.
    """

    secret: str = ""
    system: str = ""
    revision: int = Revision.OF_2005
    key: bytes | None = None
    waiting: deque[_Request] = field(default_factory=lambda: deque(maxlen=16))
    asked: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=16))
    open: str = ""
    open_ms: int = 0

    @property
    def heard(self) -> bool:
        return bool(self.system)


class Session:
    """One connection. ``keys_of``: what may open the enciphered data areas of a station (16 bytes each, the newest first)."""

    def __init__(self, keys_of: Callable[[str], Sequence[bytes]] = lambda _address: ()) -> None:
        self._keys_of = keys_of
        self._framer = Framer()
        self._packets = Packets()
        self._stations: dict[str, _Station] = {}
        self._admissions = Admissions(addresses.HJ212)

    @property
    def waiting(self) -> int:
        """Bytes held for frames that have not ended and for packets that have not come."""
        return self._framer.waiting + self._packets.waiting

    def receive(self, data: bytes, now_ms: int) -> Iterator[Action]:
        """What follows from bytes that arrived at ``now_ms``."""
        yield from (_given_up(reason, lost) for reason, lost in self._packets.expire(now_ms))
        for piece in self._framer.feed(data):
            if not isinstance(piece, Frame):
                yield SetApart(self._speaker(piece.data), piece.reason, piece.data)
                continue
            address = self._speaker(piece.data)
            try:
                message, key = self._read(piece.data)
            except (Sealed, BadSeal) as refusal:
                yield from self._unopened(piece.data, refusal, now_ms)
                continue
            except Refusal as refusal:
                yield SetApart(address, refusal, piece.data[:MOST_SHOWN_BYTES])
                continue
            yield from self._take(message, key, now_ms)

    def _unopened(self, frame: bytes, refusal: Refusal, now_ms: int) -> Iterator[Action]:
        """Who sends what cannot be opened says who he is all the same: let in by that, it is counted against him, and he gets no answer."""
        shown = frame[:MOST_SHOWN_BYTES]
        address, secret = sender_of(frame)
        if not address:
            yield SetApart("", refusal, shown)
        elif (yield from self._admissions.let_in(address, secret, now_ms, shown)):
            yield SetApart(address, refusal, shown)

    def _read(self, frame: bytes) -> tuple[Message, bytes | None]:
        """What a frame says, and the key that opened it (``None``: it was not enciphered). Raises what refuses it; of several keys the newest's."""
        keys = self._keys_of(address_of(frame)) if is_sealed(frame) else ()
        refusal: BadSeal | None = None
        for key in keys:
            try:
                return decode(frame, key), key
            except BadSeal as wrong:
                refusal = refusal or wrong
        if refusal is not None:
            raise refusal
        return decode(frame), None

    def identified(self, address: str, admitted: bool, now_ms: int) -> Iterable[Action]:
        """The gateway's answer to an identification; what waited for it follows."""
        if not self._admissions.identified(address, admitted, now_ms):
            return []
        self._stations.setdefault(address, _Station())
        return [Heard(address)]

    def ask_again(self, asked: Asked, now_ms: int) -> Iterable[Action]:
        """Ask for the statistics of the time that is missing: one request now, or behind the message that is being taken, each further one
        when the last is done."""
        station = self._stations.get(asked.address)
        if station is None:
            return []
        station.waiting.extend(request for request in _requests(asked) if request not in station.waiting)
        return [] if station.open or not station.heard else self._ask_next(asked.address, station, now_ms)

    def _take(self, message: Message, key: bytes | None, now_ms: int) -> Iterator[Action]:
        address = message.address
        if not (yield from self._admissions.let_in(address, message.secret, now_ms, message.area.encode("utf-8", "replace"))):
            yield from _denied(message)
            return
        station = self._stations[address]
        _note(station, message)
        station.key = key or station.key
        added = self._packets.add(message, now_ms)
        yield from (_given_up(reason, lost) for reason, lost in added.refused)
        if added.ready is None:
            yield Heard(address)
        else:
            yield from self._handle(added.ready.message, added.ready.packets, station, now_ms)
        if (station.waiting and not station.open) or (station.open and now_ms - station.open_ms > ANSWER_WITHIN_MS):
            yield from self._ask_next(address, station, now_ms)

    def _handle(self, message: Message, packets: tuple[Message, ...], station: _Station, now_ms: int) -> Iterator[Action]:
        command = message.command
        if command in _ANSWERS:
            yield Heard(message.address)
            yield from self._answered(message, station, now_ms)
        elif command in _NOTICES:
            yield Heard(message.address)
            yield from _replies(packets, Command.NOTICE_ANSWER)
            if command == Command.TIME_WANTED:
                yield self._set_time(message, station, now_ms)
        elif command in _INFORMATION:
            yield Heard(message.address)
            yield from _replies(packets, Command.DATA_ANSWER)
        elif command.startswith("2"):
            yield from self._data(message, packets, station, now_ms)
        else:
            yield Heard(message.address)
            yield SetApart(message.address, UnknownCommand(command=command), message.area.encode("utf-8", "replace")[:MOST_SHOWN_BYTES])
            yield from _replies(packets, Command.REQUEST_ANSWER, f"QnRtn={RequestResult.COMMAND_UNKNOWN:d}")

    def _data(self, message: Message, packets: tuple[Message, ...], station: _Station, now_ms: int) -> Iterator[Action]:
        area = read_area(message.area)
        shown = message.area.encode("utf-8", "replace")[:MOST_SHOWN_BYTES]
        yield from (SetApart(message.address, refusal, shown) for refusal in area.refused)
        wanted = any(message.time == qn for qn, _command in station.asked)
        if wanted and message.time == station.open:
            station.open_ms = now_ms
        measured = tuple(_measured(block, message.command, message.resent or wanted) for block in area.blocks)
        # What could not be read is set apart and not wanted again: sent once more it would be no better.
        answer = b"".join(reply.data for reply in _replies(packets, Command.DATA_ANSWER))
        if measured:
            yield Deliver(message.address, measured, (), answer)
            return
        yield Heard(message.address)
        if answer:
            yield Reply(answer)

    def _answered(self, message: Message, station: _Station, now_ms: int) -> Iterator[Action]:
        """What a station answered to a request of ours: 9011 whether it will, 9012 what came of it."""
        command = dict(station.asked).get(message.time)
        name, good = ("QnRtn", (RequestResult.READY,)) if message.command == Command.REQUEST_ANSWER else ("ExeRtn", tuple(Execution))
        result = read_area(message.area).fields.get(name, "")
        if command is None or message.command not in (Command.REQUEST_ANSWER, Command.RESULT):
            return
        failed = result not in {str(int(number)) for number in good}
        if failed:
            refusal = RequestNotCarriedOut(address=message.address, command=command, result=result[:16])
            yield SetApart(message.address, refusal, message.area.encode("utf-8", "replace")[:MOST_SHOWN_BYTES])
        if message.time == station.open and (failed or message.command == Command.RESULT):
            yield from self._ask_next(message.address, station, now_ms)

    def _ask_next(self, address: str, station: _Station, now_ms: int) -> list[Action]:
        station.open = ""
        if not station.waiting:
            return []
        request = station.waiting.popleft()
        data = self._request(address, station, request, now_ms)
        station.open, station.open_ms = station.asked[-1][0], now_ms
        return [Reply(data)]

    def _set_time(self, message: Message, station: _Station, now_ms: int) -> Action:
        factor = read_area(message.area).fields.get("PolId", "")
        about = f"PolId={factor};" if _FACTOR.fullmatch(factor) else ""
        request = _Request(Command.SET_TIME, f"{about}SystemTime={write_time(now_ms)}")
        return Reply(self._request(message.address, station, request, now_ms))

    def _request(self, address: str, station: _Station, request: _Request, now_ms: int) -> bytes:
        taken = {qn for qn, _command in station.asked}
        while (name := write_request_time(now_ms)) in taken:
            now_ms += 1
        station.asked.append((name, request.command))
        flag = Flag(station.revision, answer=True)
        message = Message(name, station.system, request.command, station.secret, address, flag, request.area)
        return encode(message, station.key)

    def _speaker(self, frame: bytes) -> str:
        """Whose a frame is, as far as a name in it belongs to somebody who was let in; else the only one who was."""
        if (claimed := address_of(frame)) in self._admissions:
            return claimed
        return "" if claimed else self._admissions.only


def _note(station: _Station, message: Message) -> None:
    station.secret = message.secret
    if message.system and message.system != ANSWER_SYSTEM:
        station.system = message.system
    if message.flag is not None:
        station.revision = message.flag.revision


def _given_up(reason: Refusal, lost: Message) -> SetApart:
    return SetApart(lost.address, reason, lost.area.encode("utf-8", "replace")[:MOST_SHOWN_BYTES])


def _replies(packets: Iterable[Message], command: str, area: str = "") -> Iterator[Reply]:
    """One answer to each packet that wants one, in its revision and under its QN."""
    for packet in packets:
        if packet.wants_answer and packet.flag is not None:
            flag = Flag(packet.flag.revision)
            yield Reply(encode(Message(packet.time, ANSWER_SYSTEM, command, packet.secret, packet.address, flag, area)))


def _denied(message: Message) -> Iterator[Reply]:
    return _replies((message,), Command.REQUEST_ANSWER, f"QnRtn={RequestResult.DENIED:d}")


def _measured(block: Block, command: str, resent: bool) -> Measured:
    if command in _OF_THE_MOMENT:
        return Measured(block.time_ms, block.values, block.marked, resent)
    behind = _PERIODS.get(command, command)
    names = {code: f"{code if '-' in code else f'{code}-Rtd'}-{behind}" for code in block.values}
    marked = {names[code]: flag for code, flag in block.marked.items()}
    return Measured(block.time_ms, {names[code]: value for code, value in block.values.items()}, marked, resent)


def _requests(asked: Asked) -> list[_Request]:
    """Requests for what was measured from ``since_ms`` to ``until_ms``; a value stands under the beginning of its period."""
    since, until = asked.since_ms + _UTC_TO_BEIJING_MS, asked.until_ms + _UTC_TO_BEIJING_MS
    wanted = [(Command.MINUTES, max(since, until - MINUTES_ASKED_MS), 10 * MINUTE_MS)]
    wanted += [
        (command, since, period)
        for command, period in ((Command.HOUR, HOUR_MS), (Command.DAY, DAY_MS))
        if since // period < until // period
    ]
    return [_Request(command, f"BeginTime={_local(begin // period * period)};EndTime={_local(until)}") for command, begin, period in wanted]


def _local(beijing_ms: int) -> str:
    return write_time(beijing_ms - _UTC_TO_BEIJING_MS)
