"""The data area (CP) of a message: ``DataTime=…;w01018-Rtd=17.5,w01018-Flag=N;…``.

Source: HJ 212-2017 6.3.3 and 6.6 (fields), table 8 and annex B (factor codes). Items are separated by commas within a factor's group and by
semicolons between groups; senders confuse the two, so that both separate items here and what belongs together is found by the factor's code.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from anlan.kernel.errors import Refusal
from anlan.wire.hj212.refusals import BadItem, BadTime, BadValue, NoTime

BEIJING = timezone(timedelta(hours=8), "Beijing")
"""All times of the standard are Beijing time."""
NORMAL = "N"
"""The data flag of a value that its sender stands by. F stopped, M maintained, S set by hand, D fault, C calibration, T beyond the range,
B communication (2017 6.6.4); 2005 has P (power) besides."""

REAL_TIME = "Rtd"
_TEXTS = frozenset({"FLAG", "EFLAG", "SN", "SAMPLETIME"})
_CODE = r"[A-Za-z0-9][A-Za-z0-9_.]{0,31}"
_KEY = re.compile(rf"({_CODE})(?:-([A-Za-z0-9]{{1,16}}))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Block:
    """Values of one moment. ``time_ms``: ms since 1970 UTC; ``values`` by code: ``w01018`` for the value of the moment (``-Rtd``), otherwise
    with its suffix (``w01018-Avg``); ``flags`` by the code of the factor."""

    time_ms: int
    values: dict[str, float]
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def marked(self) -> dict[str, str]:
        """The flags of the values whose sender calls them not valid, by code of the value."""
        return {code: self.flags[factor] for code in self.values if self.flags.get(factor := code.partition("-")[0], NORMAL) != NORMAL}


@dataclass(frozen=True, slots=True)
class Area:
    """What a data area said: values by moment, the fields that belong to no factor (``QnRtn``, ``RestartTime`` …), and what was refused."""

    blocks: tuple[Block, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class _Open:
    time: str | None
    values: dict[str, float] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)


def read_area(text: str) -> Area:
    """Read a data area. Nothing is raised: what cannot be read is in ``refused``, the good beside it counts."""
    opened = [_Open(None)]
    fields: dict[str, str] = {}
    refused: list[Refusal] = []
    for item in re.split("[;,]", text):
        if not (item := item.strip()):
            continue
        name, equals, value = item.partition("=")
        if "=" in value:
            # A separator is missing (`LMx-NightData=LMn-NightData=42.0`): the first item lost its value, the second is whole.
            again, _equals, rest = value.rpartition("=")
            refused.append(BadValue(factor=name[:40], value=again[:40]))
            name, value = again.rpartition("=")[2], rest
        key = _KEY.fullmatch(name.strip())
        if key is None or not equals:
            refused.append(BadItem(item=item[:80]))
            continue
        code, suffix, value = key[1], key[2], value.strip()
        if suffix is None:
            if code.upper() == "DATATIME":
                opened.append(_Open(value))
            fields[code] = value
        elif suffix.upper() == "FLAG":
            opened[-1].flags[code] = value.upper()
        elif suffix.upper() in _TEXTS:
            fields[f"{code}-{suffix}"] = value
        elif (number := read_number(value)) is None:
            refused.append(BadValue(factor=f"{code}-{suffix}"[:40], value=value[:40]))
        else:
            opened[-1].values[code if suffix.upper() == REAL_TIME.upper() else f"{code}-{suffix}"] = number
    blocks: list[Block] = []
    for each in opened:
        if not each.values:
            continue
        if each.time is None:
            refused.append(NoTime(count=len(each.values)))
            continue
        try:
            moment = read_time(each.time)
        except BadTime as wrong:
            refused.append(wrong)
            continue
        blocks.append(Block(moment, each.values, {factor: flag for factor, flag in each.flags.items() if flag}))
    return Area(tuple(blocks), fields, tuple(refused))


def read_number(text: str) -> float | None:
    """The finite number that ``text`` writes in decimal digits, or ``None``."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def read_time(text: str) -> int:
    """``YYYYMMDDhhmmss`` or, as some send it, with milliseconds behind: ms since 1970 UTC. Raises :class:`BadTime`."""
    if not (text.isascii() and text.isdigit() and len(text) in (14, 17)):
        raise BadTime(value=text[:40])
    try:
        moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise BadTime(value=text[:40]) from None
    since_ms = int(moment.timestamp()) * 1000 + int(text[14:] or "0")
    if since_ms < 0:
        raise BadTime(value=text[:40])
    return since_ms


def write_time(time_ms: int) -> str:
    """``YYYYMMDDhhmmss`` in Beijing time; what is below a second is dropped."""
    return _beijing(time_ms).strftime("%Y%m%d%H%M%S")


def write_request_time(time_ms: int) -> str:
    """``YYYYMMDDhhmmssZZZ``: QN."""
    return write_time(time_ms) + f"{time_ms % 1000:03d}"


def _beijing(time_ms: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)).astimezone(BEIJING)


def write_area(blocks: tuple[Block, ...] | list[Block]) -> str:
    """The data area that says ``blocks``."""
    parts: list[str] = []
    for block in blocks:
        parts.append(f"DataTime={write_time(block.time_ms)}")
        groups: dict[str, list[str]] = {}
        for code, value in block.values.items():
            factor, _dash, suffix = code.partition("-")
            groups.setdefault(factor, []).append(f"{factor}-{suffix or REAL_TIME}={_write_number(value)}")
        for factor, items in groups.items():
            if factor in block.flags:
                items.append(f"{factor}-Flag={block.flags[factor]}")
            parts.append(",".join(items))
    return ";".join(parts)


def _write_number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
