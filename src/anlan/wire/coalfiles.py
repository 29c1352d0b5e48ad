"""Exchange files of coal mines: what the safety monitoring and personnel positioning systems of a mine drop as text files.

Each kind of file is described by a profile (``data/coal_profiles/*.json``): name, encoding, separators, header, columns, times, state codes. Every
profile names its source and how far it was verified; a province or a vendor that differs is another profile, not another program.

A bad record is refused by itself with its number in the file (the header is record 1) and its reason; the good ones beside it count. Text is
decoded before it is cut: in GBK the second byte of a character may be ``~`` or ``|``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

MOST_BYTES = 8 * 1024 * 1024
"""A mine has some thousands of points and people, a record some hundred bytes."""
MOST_RECORDS = 100_000
MOST_REFUSED = 200
"""Refused records told one by one; the others are told as a number."""
_SHOWN = 40
_UNKNOWN = "\ufffd"

_PROFILES = Path(__file__).parent / "data" / "coal_profiles"


class BadProfile(Refusal):
    code: ClassVar[str] = "coalfile_bad_profile"
    sentence: ClassVar[str] = N_("煤矿数据文件格式“{profile}”的定义有误：{reason}。")
    status: ClassVar[int] = 422


class NameUnknown(Refusal):
    code: ClassVar[str] = "coalfile_name"
    sentence: ClassVar[str] = N_("文件名“{name}”不符合“{profile}”的命名规则。")
    status: ClassVar[int] = 422


class FileTooLarge(Refusal):
    code: ClassVar[str] = "coalfile_too_large"
    sentence: ClassVar[str] = N_("文件有 {size} 字节，超过上限 {limit} 字节。")
    status: ClassVar[int] = 413


class NotEnded(Refusal):
    """The file is still being written. Leave it and read it again later."""

    code: ClassVar[str] = "coalfile_not_ended"
    sentence: ClassVar[str] = N_("文件“{name}”尚未写完（未见结束标志），稍后再读。")
    status: ClassVar[int] = 422


class BadHeader(Refusal):
    code: ClassVar[str] = "coalfile_header"
    sentence: ClassVar[str] = N_("文件头不符：{reason}。")
    status: ClassVar[int] = 422


class RecordTooShort(Refusal):
    code: ClassVar[str] = "coalfile_record_short"
    sentence: ClassVar[str] = N_("第 {line} 条记录只有 {found} 列，应至少有 {expected} 列，未采用。")
    status: ClassVar[int] = 422


class RecordUnreadable(Refusal):
    code: ClassVar[str] = "coalfile_record_text"
    sentence: ClassVar[str] = N_("第 {line} 条记录含有无法识别的文字，未采用。")
    status: ClassVar[int] = 422


class RecordUnfinished(Refusal):
    code: ClassVar[str] = "coalfile_record_unfinished"
    sentence: ClassVar[str] = N_("第 {line} 条记录没有写完，未采用。")
    status: ClassVar[int] = 422


class FieldMissing(Refusal):
    code: ClassVar[str] = "coalfile_record_field"
    sentence: ClassVar[str] = N_("第 {line} 条记录缺少“{column}”，未采用。")
    status: ClassVar[int] = 422


class ValueNotANumber(Refusal):
    code: ClassVar[str] = "coalfile_record_value"
    sentence: ClassVar[str] = N_("第 {line} 条记录（{point}）的值“{value}”不是有限数，未采用。")
    status: ClassVar[int] = 422


class RecordTimeBad(Refusal):
    code: ClassVar[str] = "coalfile_record_time"
    sentence: ClassVar[str] = N_("第 {line} 条记录（{point}）的时间“{time}”无法识别，未采用。")
    status: ClassVar[int] = 422


class StateUnknown(Refusal):
    """The value is kept and marked: a code that nobody explained must not silence a sensor."""

    code: ClassVar[str] = "coalfile_record_state"
    sentence: ClassVar[str] = N_("第 {line} 条记录（{point}）的状态“{state}”不在状态码表内，其值按存疑保存。")
    status: ClassVar[int] = 422


class PointTwice(Refusal):
    code: ClassVar[str] = "coalfile_record_twice"
    sentence: ClassVar[str] = N_("第 {line} 条记录重复了“{point}”，以先出现的为准。")
    status: ClassVar[int] = 422


class FlagUnknown(Refusal):
    code: ClassVar[str] = "coalfile_record_flag"
    sentence: ClassVar[str] = N_("第 {line} 条记录的出入井标志“{flag}”无法识别，未采用。")
    status: ClassVar[int] = 422


class MoreBadRecords(Refusal):
    code: ClassVar[str] = "coalfile_more_records"
    sentence: ClassVar[str] = N_("另有 {count} 条记录未采用。")
    status: ClassVar[int] = 422


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a state code of a point means. ``word``: its permanent English name; ``valid``: whether the value beside it was measured.

    Alarm and power-off do not make a value invalid: the power was cut because of it.
    """

    word: str
    name: str
    valid: bool
    normal: bool = False


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first record. ``columns``: what its fields are, by place (``-`` for what is not used); ``names``: it names the columns instead."""

    end: str = ""
    columns: tuple[str, ...] = ()
    names: dict[str, str] = {}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of file is written. ``file_name``: a pattern with the group ``mine`` and, where the name has one, ``time``.

    ``file_end``: what a finished file ends with; empty: a file is finished when its size no longer changes. ``states_add``: codes
    are powers of two and a point may have several at once. ``values``: words that stand for a number. ``underground``: the flag of a person that is below ground. ``total``: the point of all people below ground.
    """

    profile: str
    title: str
    content: Literal["definitions", "readings", "people", "areas"]
    source: str
    status: str
    file_name: str
    file_time: str
    encodings: tuple[str, ...]
    record_end: str
    field_end: str
    file_end: str
    header: Header
    time: str
    columns: tuple[str, ...] = ()
    offset_hours: float = 8
    states: dict[str, State] = {}
    states_add: bool = False
    values: dict[str, float] = {}
    underground: dict[str, bool] = {}
    total: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One point as the mine defines it. ``fields``: every used column of the profile by its name, as written."""

    line: int
    point: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PointReading:
    """One value. ``value`` is ``None`` where the file gives none beside a state that explains it; ``time_ms``: ms since 1970 UTC."""

    line: int
    point: str
    value: float | None
    states: tuple[State, ...]
    time_ms: int

    @property
    def valid(self) -> bool:
        """Whether every state allows that the value was measured."""
        return all(state.valid for state in self.states)

    @property
    def normal(self) -> bool:
        """Whether nothing is out of the ordinary."""
        return all(state.normal for state in self.states)


@dataclass(frozen=True, slots=True)
class People:
    """How many people are below ground, and in which area: counts only, no names and no card numbers."""

    total: int
    areas: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CoalFile:
    """What one file said. ``mine``: code of the mine; ``time_ms``: when the data were collected, ms since 1970 UTC."""

    profile: Profile
    mine: str
    time_ms: int
    definitions: tuple[Definition, ...] = ()
    readings: tuple[PointReading, ...] = ()
    people: People | None = None
    refused: tuple[Refusal, ...] = ()


def load(data: bytes, name: str = "") -> Profile:
    """A profile from its JSON. Raises :class:`BadProfile`."""
    try:
        profile = msgspec.json.decode(data, type=Profile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise BadProfile(profile=name, reason=str(wrong)[:120]) from None
    reason = _wrong(profile)
    if reason:
        raise BadProfile(profile=profile.profile, reason=reason)
    return profile


def _wrong(profile: Profile) -> str:
    try:
        groups = re.compile(profile.file_name).groupindex
        for encoding in profile.encodings:
            b"".decode(encoding)
        times = {form: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).strftime(form) for form in (profile.time, profile.file_time)}
    except (re.error, LookupError, ValueError) as wrong:
        return str(wrong)[:120]
    if any(_time_ms(text, form, profile.offset_hours) is None for form, text in times.items()):
        return "time, file_time"
    if profile.states_add and not all(code.isdecimal() for code in profile.states):
        return "states"
    if "mine" not in groups:
        return "file_name: mine"
    if not profile.encodings or not profile.record_end or not profile.field_end:
        return "encodings, record_end, field_end"
    needed = {"definitions": {"point"}, "readings": {"point", "value", "state"}, "people": {"area", "flag"}, "areas": {"area"}}[
        profile.content
    ]
    columns = profile.columns or tuple(profile.header.names.values())
    if missing := needed - set(columns):
        return ", ".join(sorted(missing))
    if profile.content == "readings" and not any(state.normal for state in profile.states.values()):
        return "states"
    if profile.content == "people" and not (profile.underground and profile.total):
        return "underground, total"
    return ""


@cache
def profiles() -> tuple[Profile, ...]:
    """The profiles that come with the platform, by name. Raises :class:`BadProfile`."""
    return tuple(load(path.read_bytes(), path.stem) for path in sorted(_PROFILES.glob("*.json")))


def profile_of(name: str, known: Iterable[Profile]) -> Profile | None:
    """The profile whose naming rule fits the file ``name``."""
    return next((profile for profile in known if re.fullmatch(profile.file_name, name)), None)


def read(name: str, data: bytes, profile: Profile, *, settled: bool = False) -> CoalFile:
    """Read a dropped file. ``settled``: its size has not changed for as long as the watcher waits.

    A settled file without its end mark is read as far as it goes; its last, unfinished record is refused.
    Raises :class:`NameUnknown`, :class:`FileTooLarge`, :class:`NotEnded`, :class:`BadHeader`.
    """
    fits = re.fullmatch(profile.file_name, name)
    if fits is None:
        raise NameUnknown(name=name[:120], profile=profile.profile)
    if len(data) > MOST_BYTES:
        raise FileTooLarge(size=len(data), limit=MOST_BYTES)
    text = _decoded(data, profile.encodings)
    ended = text.rstrip().endswith(profile.file_end) if profile.file_end else settled
    if not ended and not settled:
        raise NotEnded(name=name[:120])
    records, unfinished = _records(text, profile, ended=ended)
    mine, at_ms, columns, records = _header(records, fits, profile)
    reader = _Reader(profile, columns, at_ms)
    for line, record in records:
        reader.take(line, record)
    if unfinished is not None:
        reader.refuse(RecordUnfinished(line=unfinished))
    return reader.result(mine)


def _decoded(data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Some byte is wrong whichever it is: the reading that leaves the least unread, so that the other records count.
    return min((data.decode(encoding, errors="replace") for encoding in encodings), key=lambda text: text.count(_UNKNOWN))


def _records(text: str, profile: Profile, *, ended: bool) -> tuple[list[tuple[int, str]], int | None]:
    """Numbered records that are whole, and the number of the one that has no end."""
    text = text.rstrip()
    if ended and profile.file_end:
        text = text.removesuffix(profile.file_end)
    if profile.header.end:
        head, _sep, body = text.partition(profile.header.end)
        parts = [head, *body.split(profile.record_end, MOST_RECORDS)]
    else:
        parts = text.split(profile.record_end, MOST_RECORDS)
    numbered = [(line, part.strip("\r\n ")) for line, part in enumerate(parts, 1)]
    # Without the end mark nobody knows whether what follows the last separator is all of it.
    unfinished = numbered.pop()[0] if not ended and numbered and numbered[-1][1] else None
    return [(line, record) for line, record in numbered if record], unfinished


def _header(
    records: list[tuple[int, str]], fits: re.Match[str], profile: Profile
) -> tuple[str, int, tuple[str, ...], list[tuple[int, str]]]:
    mine = fits["mine"]
    named_ms = None
    if "time" in fits.re.groupindex:
        named_ms = _time_ms(fits["time"], profile.file_time, profile.offset_hours)
    header = profile.header
    columns, at_ms = profile.columns, named_ms
    if header.columns or header.names:
        if not records:
            raise BadHeader(reason="0")
        fields = [field.strip() for field in records[0][1].split(profile.field_end)]
        records = records[1:]
        if header.names:
            columns = tuple(header.names.get(field, "-") for field in fields)
            if missing := set(header.names.values()) - set(columns):
                raise BadHeader(reason=", ".join(sorted(missing)))
        else:
            found = dict(zip(header.columns, fields, strict=False))
            if len(fields) < len(header.columns):
                raise BadHeader(reason=f"{len(fields)} < {len(header.columns)}")
            if found.get("mine", mine) != mine:
                raise BadHeader(reason=f"{found['mine'][:_SHOWN]} ≠ {mine}")
            if found.get("time"):
                at_ms = _time_ms(found["time"], profile.time, profile.offset_hours)
    if at_ms is None:
        raise BadHeader(reason="time")
    return mine, at_ms, columns, records


class _Reader:
    """Turns records into what the profile says they are."""

    def __init__(self, profile: Profile, columns: tuple[str, ...], at_ms: int) -> None:
        self._profile = profile
        self._columns = columns
        self._needed = max((place for place, column in enumerate(columns, 1) if column != "-"), default=0)
        self._at_ms = at_ms
        self._definitions: dict[str, Definition] = {}
        self._readings: dict[tuple[str, int], PointReading] = {}
        self._people: dict[str, int] = {}
        self._refused: list[Refusal] = []
        self._more = 0

    def refuse(self, refusal: Refusal) -> None:
        if len(self._refused) < MOST_REFUSED:
            self._refused.append(refusal)
        else:
            self._more += 1

    def take(self, line: int, record: str) -> None:
        try:
            self._take(line, record)
        except Refusal as refusal:
            self.refuse(refusal)

    def _take(self, line: int, record: str) -> None:
        if _UNKNOWN in record:
            raise RecordUnreadable(line=line)
        fields = [field.strip() for field in record.split(self._profile.field_end, self._needed)]
        if len(fields) < self._needed:
            raise RecordTooShort(line=line, found=len(fields), expected=self._needed)
        found = {column: field for column, field in zip(self._columns, fields, strict=False) if column != "-"}
        match self._profile.content:
            case "definitions":
                self._define(line, _filled(line, "point", found), found)
            case "areas":
                self._define(line, _filled(line, "area", found), found)
            case "readings":
                self._measure(line, _filled(line, "point", found), found)
            case "people":
                self._count(line, found)

    def _define(self, line: int, point: str, found: dict[str, str]) -> None:
        if point in self._definitions:
            raise PointTwice(line=line, point=point[:_SHOWN])
        self._definitions[point] = Definition(line, point, found)

    def _measure(self, line: int, point: str, found: dict[str, str]) -> None:
        written, code = found["value"], found["state"]
        shown = point[:_SHOWN]
        time_ms: int | None = self._at_ms
        if found.get("time"):
            time_ms = _time_ms(found["time"], self._profile.time, self._profile.offset_hours)
        if time_ms is None:
            raise RecordTimeBad(line=line, point=shown, time=found["time"][:_SHOWN])
        states = _states(code, self._profile)
        value = self._value(written)
        if value is None and (written or not states or all(state.normal for state in states)):
            raise ValueNotANumber(line=line, point=shown, value=written[:_SHOWN])
        if (point, time_ms) in self._readings:
            raise PointTwice(line=line, point=shown)
        if not states:
            self.refuse(StateUnknown(line=line, point=shown, state=code[:_SHOWN]))
            states = (State(word="unknown", name=code[:_SHOWN], valid=False),)
        self._readings[point, time_ms] = PointReading(line, point, value, states, time_ms)

    def _value(self, written: str) -> float | None:
        if written in self._profile.values:
            return self._profile.values[written]
        # ``float`` also takes underscores and digits of other scripts, which no instrument writes.
        if not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?", written):
            return None
        value = float(written)
        return value if math.isfinite(value) else None

    def _count(self, line: int, found: dict[str, str]) -> None:
        below = self._profile.underground.get(found["flag"])
        if below is None:
            raise FlagUnknown(line=line, flag=found["flag"][:_SHOWN])
        if below:
            area = _filled(line, "area", found)
            self._people[area] = self._people.get(area, 0) + 1

    def result(self, mine: str) -> CoalFile:
        people = People(sum(self._people.values()), self._people) if self._profile.content == "people" else None
        refused = [*self._refused, *([MoreBadRecords(count=self._more)] if self._more else [])]
        return CoalFile(
            profile=self._profile,
            mine=mine,
            time_ms=self._at_ms,
            definitions=tuple(self._definitions.values()),
            readings=tuple(self._readings.values()),
            people=people,
            refused=tuple(refused),
        )


def _filled(line: int, column: str, found: dict[str, str]) -> str:
    if not found[column]:
        raise FieldMissing(line=line, column=column)
    return found[column]


def _states(code: str, profile: Profile) -> tuple[State, ...]:
    """What a state code says; nothing when the profile does not know it."""
    if (state := profile.states.get(code)) is not None:
        return (state,)
    if not (profile.states_add and code.isascii() and code.isdecimal() and len(code) <= 9):
        return ()
    whole = int(code)
    found = tuple(state for single, state in profile.states.items() if whole & int(single))
    return found if sum(int(single) for single in profile.states if whole & int(single)) == whole else ()


@lru_cache(maxsize=1024)
def _time_ms(text: str, form: str, offset_hours: float) -> int | None:
    if len(text) > _SHOWN:
        return None
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=timezone(timedelta(hours=offset_hours)))
    except ValueError:
        return None
    return round(moment.timestamp() * 1000) if moment.year >= 1970 else None
