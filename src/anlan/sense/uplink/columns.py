"""Tables of readings, CSV and Arrow, to samples: whole columns at once, cell by cell only where a column does not hold what it should.

Long: columns ``time``, ``point``, ``value``. Wide: ``time`` and one column for each point, called by its code. Times are milliseconds since
1970 UTC, ISO 8601 with an offset, or Arrow timestamps with a zone. An empty cell is no reading.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from anlan.kernel.errors import Refusal
from anlan.sense.uplink.rules import MOST_VALUES, BodyTooLarge, MalformedBody, MalformedTable
from anlan.wire.readings import Decoded, MalformedTime, NotANumber, Sample, finite, time_ms

LATEST_MS = 253_402_300_799_999
"""9999-12-31: the last moment that can be told."""
LONG = ("time", "point", "value")
_UTC_MS = pa.timestamp("ms", "UTC")


def from_arrow(body: bytes) -> Decoded:
    """Samples of an Arrow stream. Raises :class:`MalformedBody`, :class:`MalformedTable`, :class:`BodyTooLarge`."""
    try:
        table = pa.ipc.open_stream(body).read_all()
    except pa.ArrowException as wrong:
        raise MalformedBody(reason=str(wrong)[:120]) from None
    names = _checked_names(table.column_names)
    _check_size(table.num_rows, names)
    columns: list[list[Any]] = []
    whole = True
    for name in names:
        column = table.column(name)
        if pa.types.is_timestamp(column.type):
            if name != "time" or column.type.tz is None:
                raise MalformedTable(reason=f"{name}: {column.type}"[:120])
            column = column.cast(_UTC_MS, safe=False).cast(pa.int64())
        elif name != "time" and pa.types.is_integer(column.type):
            column = column.cast(pa.float64(), safe=False)
        if name == "time":
            whole &= pa.types.is_integer(column.type) and not column.null_count
        elif set(names) != set(LONG) or name == "value":
            whole &= pa.types.is_float64(column.type) and _all_finite(column)
        columns.append(column.to_pylist())
    return _samples(names, columns, None if whole else finite)


def from_csv(body: bytes) -> Decoded:
    """Samples of a CSV file in UTF-8 with a header. Raises :class:`MalformedBody`, :class:`MalformedTable`, :class:`BodyTooLarge`."""
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as wrong:
        raise MalformedBody(reason=str(wrong)[:120]) from None
    header, _newline, _rest = text.partition("\n")
    names = _checked_names(_rows(header)[0] if header.strip() else [])
    _check_size(text.count("\n"), names)
    quick = _quick_csv(text.encode(), names)
    if quick is not None:
        return _samples(names, quick, None)
    rows = _rows(text)[1:]
    refused: list[Refusal] = [
        MalformedTable(reason=f"{at}: {len(row)} ≠ {len(names)}") for at, row in enumerate(rows, 2) if 0 < len(row) != len(names)
    ]
    kept = [row for row in rows if len(row) == len(names)]
    columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _name in names]
    found = _samples(names, columns, _text_cell)
    return Decoded(found.samples, (*refused, *found.refused))


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error as wrong:
        raise MalformedBody(reason=str(wrong)[:120]) from None


def _quick_csv(body: bytes, names: Sequence[str]) -> list[list[Any]] | None:
    """Columns read by type at once; ``None`` when some cell is not of its column's type."""
    for kind in (pa.int64(), _UTC_MS):
        types: dict[str, pa.DataType] = {name: pa.float64() for name in names}
        types["time"] = kind
        if tuple(names) == LONG:
            types["point"] = pa.string()
        options = arrow_csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=False, timestamp_parsers=[arrow_csv.ISO8601]
        )
        try:
            table = arrow_csv.read_csv(io.BytesIO(body), convert_options=options)
        except pa.ArrowException:
            continue
        time = table.column("time").cast(pa.int64())
        if time.null_count:
            return None
        columns = [time if name == "time" else table.column(name) for name in names]
        if any(pa.types.is_floating(column.type) and not _all_finite(column) for column in columns):
            return None
        return [column.to_pylist() for column in columns]
    return None


def _all_finite(column: pa.ChunkedArray) -> bool:
    return bool(np.isfinite(column.drop_null().to_numpy()).all())


def _checked_names(names: Sequence[str]) -> tuple[str, ...]:
    found = tuple(name.strip() for name in names)
    if len(found) < 2 or "time" not in found or "" in found or len(set(found)) != len(found):
        raise MalformedTable(reason=", ".join(found)[:80] or "-")
    if "point" in found and set(found) != set(LONG):
        raise MalformedTable(reason=", ".join(found)[:80])
    return found


def _check_size(rows: int, names: Sequence[str]) -> None:
    values = rows if set(names) == set(LONG) else rows * (len(names) - 1)
    if values > MOST_VALUES:
        raise BodyTooLarge(limit=f"{MOST_VALUES:,}")


Cell = Callable[[Any], float | None]
"""Reads one cell; ``None`` for what is no finite number."""


def _text_cell(value: str) -> float | None:
    try:
        return finite(float(value))
    except ValueError:
        return None


def _samples(names: Sequence[str], columns: Sequence[Sequence[Any]], cell: Cell | None) -> Decoded:
    """Samples of columns. Without ``cell`` the times are whole numbers and the values finite or missing: nothing is looked at one by one."""
    refused: list[Refusal] = []
    by_name = dict(zip(names, columns, strict=True))
    times = _times(by_name.pop("time"), refused, whole=cell is None)
    if set(names) == set(LONG):
        samples = _long(times, by_name["point"], by_name["value"], cell, refused)
    else:
        samples = _wide(times, tuple(by_name), zip(*by_name.values(), strict=True), cell, refused)
    return Decoded(tuple(samples), tuple(refused))


def _times(column: Sequence[Any], refused: list[Refusal], *, whole: bool) -> Sequence[int | None]:
    if whole and (not column or (min(column) >= 0 and max(column) <= LATEST_MS)):
        return column
    found: list[int | None] = []
    for value in column:
        try:
            found.append(time_ms(int(value) if isinstance(value, str) and value.strip().isdigit() else value))
        except MalformedTime as refusal:
            refused.append(refusal)
            found.append(None)
    return found


def _wide(
    times: Sequence[int | None], names: tuple[str, ...], rows: Iterable[tuple[Any, ...]], cell: Cell | None, refused: list[Refusal]
) -> Iterator[Sample]:
    for moment, row in zip(times, rows, strict=True):
        if moment is None:
            continue
        if cell is None:
            values = dict(zip(names, row, strict=True))
            if None in row:
                values = {name: value for name, value in values.items() if value is not None}
        else:
            values = {}
            for name, value in zip(names, row, strict=True):
                if (number := _number(name, value, cell, refused)) is not None:
                    values[name] = number
        if values:
            yield Sample(moment, values)


def _number(name: object, value: Any, cell: Cell, refused: list[Refusal]) -> float | None:
    """A cell's number; ``None`` when it is empty, or refused for being none."""
    if value is None or value == "":
        return None
    number = cell(value)
    if number is None:
        refused.append(NotANumber(sensor=str(name)[:64], value=str(value)[:40]))
    return number


def _long(
    times: Sequence[int | None], points: Sequence[Any], values: Sequence[Any], cell: Cell | None, refused: list[Refusal]
) -> Iterator[Sample]:
    """Rows of one moment become one sample; a point that comes twice at one moment begins another."""
    order = np.argsort(np.array([-1 if moment is None else moment for moment in times], np.int64), kind="stable").tolist()
    moment: int | None = None
    held: dict[str, float] = {}
    for at in order:
        if times[at] is None:
            continue
        point = str(points[at] or "")
        number = values[at] if cell is None else _number(point, values[at], cell, refused)
        if number is None:
            continue
        if times[at] != moment or point in held:
            if held and moment is not None:
                yield Sample(moment, held)
            moment, held = times[at], {}
        held[point] = number
    if held and moment is not None:
        yield Sample(moment, held)
