"""Fire hot spots as satellites see them: tables in the columns of NASA's FIRMS (VIIRS and MODIS active fire products) to detections.

A row that cannot be used is refused for itself, with its line and every reason; the others are kept. How sure a percentage or a letter is
taken to be is for whoever reads: both are kept as they came.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.wire.markup import TOO_LARGE
from anlan.wire.problems import Faulty, Kind, Problem

MOST_BYTES, MOST_ROWS = 64_000_000, 500_000
"""Project defaults: a day of the whole world has about 100,000 rows and 10 MB."""
NEEDED = ("latitude", "longitude", "acq_date", "acq_time")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):?(\d\d)(?::\d\d)?|(\d)", re.ASCII)

COLUMNS_MISSING = Kind("hotspots_columns", N_("表头缺少列 {names}"))
NOT_A_TABLE = Kind("hotspots_not_a_table", N_("不是逗号分隔的表格（{reason}）"))
TOO_MANY_ROWS = Kind("hotspots_too_many", N_("共有 {count} 行以上，只读前 {limit} 行"))
NO_FIGURE = Kind("hotspots_no_figure", N_("{name} 的值“{found}”不是数字"))
OFF_EARTH = Kind("hotspots_off_earth", N_("{name} 的值“{found}”超出范围（{low} 至 {high}）"))
NO_DATE = Kind("hotspots_no_date", N_("acq_date“{date}”和 acq_time“{clock}”合不成时间（应为 2026-11-22 和 0930，世界时）"))
NO_CONFIDENCE = Kind("hotspots_no_confidence", N_("confidence 的值“{found}”既不是 l、n、h，也不是 0 至 100"))
NO_DAYNIGHT = Kind("hotspots_no_daynight", N_("daynight 的值“{found}”不是 D 或 N"))
SEEN_TWICE = Kind("hotspots_twice", N_("与第 {line} 行是同一次观测"))


class HotSpotsRefused(Faulty):
    """The bytes are no table of hot spots."""

    code: ClassVar[str] = "hotspots_refused"
    sentence: ClassVar[str] = N_("火点数据无法读取：{why}")


class RowRefused(Faulty):
    """One row is refused; ``line`` counts lines of the file from 1, the header included."""

    code: ClassVar[str] = "hotspot_row_refused"
    sentence: ClassVar[str] = N_("第 {line} 行火点不予接受：{why}")

    def __init__(self, problems: list[Problem], line: int) -> None:
        super().__init__(problems, line=line)
        self.line = line


class Confidence(StrEnum):
    """The classes of VIIRS (VNP14IMG user guide): letters or words in the tables."""

    LOW = "low"
    NOMINAL = "nominal"
    HIGH = "high"


_CONFIDENCES = {**{word[0]: word for word in Confidence}, **{word.value: word for word in Confidence}}


@dataclass(frozen=True)
class HotSpot:
    """One detection: the middle of a pixel in degrees, ``seen`` in UTC (to the minute), brightness in kelvin (channel 4 µm, then 11 µm),
    fire radiative power in MW, the pixel's extent in km. One of ``confidence`` and ``confidence_percent``, as the instrument gives it."""

    latitude: float
    longitude: float
    seen: datetime
    satellite: str = ""
    instrument: str = ""
    confidence: Confidence | None = None
    confidence_percent: float | None = None
    brightness: float | None = None
    brightness_far: float | None = None
    power: float | None = None
    scan: float | None = None
    track: float | None = None
    day: bool | None = None
    kind: int | None = None
    """0 presumed vegetation fire, 1 volcano, 2 other static source on land, 3 offshore; only in standard (not near-real-time) tables."""
    version: str = ""


@dataclass(frozen=True)
class HotSpots:
    """What a table says; ``problems`` is what is wrong with the whole of it and costs no row that was read."""

    spots: tuple[HotSpot, ...]
    refused: tuple[RowRefused, ...] = ()
    problems: tuple[Problem, ...] = ()


def decode(data: bytes) -> HotSpots:
    """Read a table. Raises :class:`HotSpotsRefused` for what has not the columns :data:`NEEDED`."""
    if len(data) > MOST_BYTES:
        raise HotSpotsRefused([TOO_LARGE.at(size=len(data), limit=MOST_BYTES)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Tables that went through a spreadsheet; what FIRMS writes itself is ASCII.
        text = data.decode("gb18030", "replace")
    rows = csv.reader(io.StringIO(text.replace("\x00", "")))
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        missing = [name for name in NEEDED if name not in header]
        if missing:
            raise HotSpotsRefused([COLUMNS_MISSING.at(names=" ".join(missing))])
        return _rows(((rows.line_num, row) for row in rows), header)
    except csv.Error as wrong:
        raise HotSpotsRefused([NOT_A_TABLE.at(reason=wrong)]) from None


def _rows(rows: Iterator[tuple[int, list[str]]], header: list[str]) -> HotSpots:
    spots: list[HotSpot] = []
    refused: list[RowRefused] = []
    problems: list[Problem] = []
    seen: dict[tuple[object, ...], int] = {}
    for count, (line, row) in enumerate(rows, 1):
        if count > MOST_ROWS:
            problems.append(TOO_MANY_ROWS.at(count=MOST_ROWS, limit=MOST_ROWS))
            break
        if not any(cell.strip() for cell in row):
            continue
        reader = _Row({name: cell.strip() for name, cell in zip(header, row, strict=False)})
        spot = reader.spot()
        key = (spot.latitude, spot.longitude, spot.seen, spot.satellite, spot.instrument)
        if not reader.problems and key in seen:
            reader.problems.append(SEEN_TWICE.at(line=seen[key]))
        if reader.problems:
            refused.append(RowRefused(reader.problems, line))
            continue
        seen[key] = line
        spots.append(spot)
    return HotSpots(tuple(spots), tuple(refused), tuple(problems))


class _Row:
    """Reads one row, gathering problems instead of stopping at the first."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._cells = cells

    def spot(self) -> HotSpot:
        confidence, percent = self._confidence()
        kind = self._figure(("type",))
        return HotSpot(
            latitude=self._degrees("latitude", 90),
            longitude=self._degrees("longitude", 180),
            seen=self._seen(),
            satellite=self._cells.get("satellite", "")[:40],
            instrument=self._instrument(),
            confidence=confidence,
            confidence_percent=percent,
            brightness=self._figure(("bright_ti4", "brightness")),
            brightness_far=self._figure(("bright_ti5", "bright_t31")),
            power=self._figure(("frp",)),
            scan=self._figure(("scan",)),
            track=self._figure(("track",)),
            day=self._day(),
            kind=int(kind) if kind is not None else None,
            version=self._cells.get("version", "")[:40],
        )

    def _instrument(self) -> str:
        """As the table says, else as its columns tell."""
        told = self._cells.get("instrument", "")[:40]
        if told:
            return told
        return "VIIRS" if "bright_ti4" in self._cells else "MODIS" if "brightness" in self._cells else ""

    def _degrees(self, name: str, most: float) -> float:
        text = self._cells.get(name, "")
        value = _number(text)
        if value is None:
            self.problems.append(NO_FIGURE.at(name=name, found=text))
            return 0.0
        if abs(value) > most:
            self.problems.append(OFF_EARTH.at(name=name, found=text, low=-most, high=most))
        return value

    def _figure(self, names: tuple[str, ...]) -> float | None:
        for name in names:
            text = self._cells.get(name, "")
            if not text:
                continue
            value = _number(text)
            if value is None:
                self.problems.append(NO_FIGURE.at(name=name, found=text))
            return value
        return None

    def _seen(self) -> datetime:
        date, clock = self._cells.get("acq_date", ""), self._cells.get("acq_time", "")
        # Spreadsheets take the leading noughts of 0005 away, and FIRMS itself wrote 5 for long.
        told = _CLOCK.fullmatch(clock.zfill(4) if clock.isdigit() else clock)
        try:
            if told is None:
                raise ValueError(clock)
            day = datetime.strptime(date.replace("/", "-"), "%Y-%m-%d").replace(tzinfo=UTC)
            return day.replace(hour=int(told[1]), minute=int(told[2]))
        except ValueError:
            self.problems.append(NO_DATE.at(date=date, clock=clock))
            return datetime(1970, 1, 1, tzinfo=UTC)

    def _confidence(self) -> tuple[Confidence | None, float | None]:
        text = self._cells.get("confidence", "").lower()
        if not text:
            return None, None
        if text in _CONFIDENCES:
            return _CONFIDENCES[text], None
        percent = _number(text.removesuffix("%"))
        if percent is None or not 0 <= percent <= 100:
            self.problems.append(NO_CONFIDENCE.at(found=text))
        return None, percent

    def _day(self) -> bool | None:
        text = self._cells.get("daynight", "").upper()
        if text not in ("", "D", "N"):
            self.problems.append(NO_DAYNIGHT.at(found=text))
        return {"D": True, "N": False}.get(text)


def _number(text: str) -> float | None:
    value = float(text) if len(text) < 40 and _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
