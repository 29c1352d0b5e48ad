"""Who is in an area, counted and read by index: place codes by prefix, drawn shapes by ranges of H3 cells with an exact test at their edge.

Cells of one resolution below a coarser cell are consecutive numbers, so a shape becomes a few ranges of an index (``compact_cells``). Cells that
lie wholly inside are counted by the database; people in cells on the edge are tested point by point (shapely).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

import h3.api.basic_int as h3
import numpy as np
import shapely
from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from anlan.ground.audiences import rules
from anlan.ground.audiences.door import Area, Audience, Recipient, Relation
from anlan.ground.audiences.models import Recipient as Row
from anlan.ground.places import door as places
from anlan.kernel.levels import prefix_of

_KM_PER_DEGREE = 111.195


def cell_of(longitude: float, latitude: float) -> int:
    """The H3 cell of a point in degrees."""
    return h3.latlng_to_cell(latitude, longitude, rules.CELL_RESOLUTION)


def shape_of(area: Area) -> BaseGeometry:
    """The drawn part of an area in degrees; a circle is a polygon of 64 corners around it (never smaller than the circle).

    Raises :class:`rules.AreaNotAnArea`, :class:`rules.AreaTooLarge`.
    """
    parts: list[BaseGeometry] = []
    for rings in area.polygons:
        if not all(np.isfinite(ring).all() for ring in rings):
            raise rules.AreaNotAnArea
        try:
            parts.append(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))
        except (ValueError, IndexError, shapely.errors.GEOSException) as wrong:
            raise rules.AreaNotAnArea from wrong
    parts += [_circle(*each) for each in area.circles]
    found = shapely.union_all(parts)
    if parts and (found.area == 0 or not np.isfinite(found.area)):
        raise rules.AreaNotAnArea
    _, south, _, north = found.bounds if parts else (0.0, 0.0, 0.0, 0.0)
    middle = np.cos(np.radians((south + north) / 2))
    size = found.area * _KM_PER_DEGREE**2 * middle
    if size > rules.LARGEST_AREA_KM2:
        raise rules.AreaTooLarge(size=round(size), limit=round(rules.LARGEST_AREA_KM2))
    return found


def _circle(longitude: float, latitude: float, radius_km: float) -> BaseGeometry:
    if not (np.isfinite([longitude, latitude, radius_km]).all() and radius_km > 0 and abs(latitude) < 89):
        raise rules.AreaNotAnArea
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    reach = radius_km / _KM_PER_DEGREE / np.cos(np.pi / 64)
    return shapely.Polygon(
        np.column_stack([longitude + reach * np.cos(angles) / np.cos(np.radians(latitude)), latitude + reach * np.sin(angles)])
    )


@dataclass(frozen=True)
class _Condition:
    """One part of an area in SQL; ``test`` is set where its points must be tested one by one."""

    sql: str
    values: tuple[Any, ...]
    test: BaseGeometry | None = None
    pointless: bool = False
    table: str = "audiences_recipient"


_SPANS = "unnest(%s::bigint[], %s::bigint[]) AS span(low, high) JOIN audiences_recipient ON cell BETWEEN low AND high"


class _Places:
    """An area as conditions of the table that exclude each other."""

    def __init__(self, area: Area) -> None:
        self.prefixes = _outermost(prefix_of(code) for code in area.place_codes)
        self.shape = shape_of(area) if area.polygons or area.circles else None

    @cached_property
    def conditions(self) -> list[_Condition]:
        found = []
        if self.prefixes:
            found.append(_Condition(f"({' OR '.join(['place_code LIKE %s'] * len(self.prefixes))})", self._likes))
        if self.shape is not None:
            found += self._drawn(self.shape)
        return found

    @property
    def _likes(self) -> tuple[str, ...]:
        return tuple(f"{prefix}%" for prefix in self.prefixes)

    def _besides(self, condition: _Condition) -> _Condition:
        """The same without those whose place is named already."""
        if not self.prefixes:
            return condition
        apart = " AND ".join(["place_code NOT LIKE %s"] * len(self.prefixes))
        return _Condition(
            f"({condition.sql}) AND {apart}", (*condition.values, *self._likes), condition.test, condition.pointless, condition.table
        )

    def _drawn(self, shape: BaseGeometry) -> list[_Condition]:
        touched = np.array(sorted(_cells(shape)), dtype=np.uint64)
        corners = [shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(int(cell))]) for cell in touched]
        shapely.prepare(shape)
        whole = shapely.contains_properly(shape, corners) if len(touched) else np.zeros(0, dtype=bool)
        found = []
        for cells, test in ((touched[whole], None), (touched[~whole], shape)):
            if len(cells):
                low, high = _ranges([int(cell) for cell in cells])
                # The spans exclude each other: joining them gives nobody twice.
                found.append(self._besides(_Condition("TRUE", (low, high), test, table=_SPANS)))
        codes = _townships_near(shape)
        if codes:
            found.append(self._besides(_Condition("cell IS NULL AND place_code = ANY(%s)", (codes,), pointless=True)))
        return found


def _outermost(prefixes: Iterator[str] | Collection[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept)


def _cells(shape: BaseGeometry) -> set[int]:
    """Every cell that the shape touches."""
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    found: set[int] = set()
    for part in polygons:
        rings = [[(lat, lng) for lng, lat in ring.coords] for ring in (part.exterior, *part.interiors)]
        found.update(h3.h3shape_to_cells_experimental(h3.LatLngPoly(*rings), rules.CELL_RESOLUTION, "overlap"))
    return found


def _ranges(cells: list[int]) -> tuple[list[int], list[int]]:
    """Lowest and highest number of each run of cells: those below one coarser cell are consecutive."""
    spans = []
    for cell in h3.compact_cells(cells):
        resolution = h3.get_resolution(cell)
        bits = 3 * (rules.CELL_RESOLUTION - resolution)
        step = 3 * (15 - rules.CELL_RESOLUTION)
        base = (cell & ~(0xF << 52)) | (rules.CELL_RESOLUTION << 52)
        low = base & ~(((1 << bits) - 1) << step)
        spans.append((low, low | (((1 << bits) - 1) << step)))
    spans.sort()
    return [low for low, _ in spans], [high for _, high in spans]


def _townships_near(shape: BaseGeometry) -> list[str]:
    """Places whose people without a point count as inside: counties that the shape meets, and their townships whose point is in or near it."""
    # Rounded corners of four parts: a ragged outline of hundreds of corners is set out four times as fast, and "near" is no exact word.
    near = shapely.buffer(shape, rules.NEAR_TOWNSHIP_KM / _KM_PER_DEGREE, quad_segs=4)
    found = []
    for county, outline in places.outlines(near).items():
        meets = bool(shapely.intersects(outline, shape))
        found += [county] if meets else []
        for township in places.children(county):
            if township.longitude is None or township.latitude is None:
                found += [township.code] if meets else []
            elif near.intersects(shapely.Point(township.longitude, township.latitude)):
                found.append(township.code)
    return found


_COUNTED = "role, ground, reach, language"


def count(area: Area, level: str) -> Audience:
    """See :func:`anlan.ground.audiences.door.count`."""
    told = rules.grounds_for(level)
    tally: Counter[tuple[str, int, int, str]] = Counter()
    pointless = 0
    for condition in _Places(area).conditions:
        if condition.test is None:
            rows = _rows(f"SELECT {_COUNTED}, count(*) FROM {condition.table} WHERE {condition.sql} GROUP BY {_COUNTED}", condition.values)
            for *key, number in rows:
                tally[tuple(key)] += number  # type: ignore[index]
                pointless += number if condition.pointless and key[1] in told else 0
        else:
            # Points come by the column: a hundred thousand of them are a few arrays instead of as many rows.
            points = f"SELECT {_COUNTED}, array_agg(longitude), array_agg(latitude) FROM {condition.table}"
            for *key, longitudes, latitudes in _rows(f"{points} WHERE {condition.sql} GROUP BY {_COUNTED}", condition.values):
                if inside := int(shapely.intersects_xy(condition.test, longitudes, latitudes).sum()):
                    tally[tuple(key)] += inside  # type: ignore[index]
    return _summed(tally, told, pointless)


def _summed(tally: Counter[tuple[str, int, int, str]], told: tuple[int, ...], pointless: int) -> Audience:
    by_role: Counter[str] = Counter()
    by_address: Counter[str] = Counter()
    by_channel: Counter[str] = Counter()
    by_language: Counter[str] = Counter()
    left_out = 0
    for (role, ground, reach, language), number in tally.items():
        if ground not in told:
            left_out += number
            continue
        by_role[role] += number
        channel = rules.roles()[role].channel if role in rules.roles() else ""
        if channel:
            by_channel[channel] += number
            continue
        by_language[language] += number
        for name, bit in rules.ADDRESS_BITS.items():
            if reach & bit:
                by_address[name] += number
    order = list(rules.roles())
    return Audience(
        people=sum(by_role.values()),
        by_role=dict(sorted(by_role.items(), key=lambda item: order.index(item[0]))),
        by_address=dict(by_address),
        by_channel_of_device=dict(by_channel),
        by_language=dict(by_language.most_common()),
        without_point=pointless,
        not_told=left_out,
    )


def _inside(rows: Sequence[tuple[Any, ...]], shape: BaseGeometry) -> list[tuple[Any, ...]]:
    """Rows whose last two columns lie in the shape or on its edge."""
    if not rows:
        return []
    points: Any = np.array([row[-2:] for row in rows], dtype=float)
    held: Any = shapely.intersects(shape, shapely.points(points[:, 0], points[:, 1]))
    return [row for row, lies_in in zip(rows, held, strict=True) if lies_in]


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchall()


_READ = "id, name, role, place_code, phone, email, device, language, needs, quiet_from, quiet_until, longitude, latitude"
_RELATED = "id, role, place_code, phone, email, device, language, needs, quiet_until"
_FIRST = 2000
"""So many are read at once before the rest is laid out: the first message must not wait for the millionth."""


def recipients(area: Area, level: str, kinds: Collection[str] | None, batch: int) -> Iterator[list[Recipient]]:
    """See :func:`anlan.ground.audiences.door.recipients`."""
    for condition, chosen, values in _in_order(area, level, kinds):
        yield from _lists(condition, f"SELECT {_READ} FROM {chosen}", values, batch)


def relations(area: Area, level: str, kinds: Collection[str] | None, batch: int) -> Iterator[Relation | list[Recipient]]:
    """See :func:`anlan.ground.audiences.door.relations`."""
    for condition, chosen, values in _in_order(area, level, kinds):
        if condition.test is None:
            yield Relation(f"SELECT {_RELATED} FROM {chosen}", values)
        else:
            yield from _lists(condition, f"SELECT {_READ} FROM {chosen}", values, batch)


def _in_order(area: Area, level: str, kinds: Collection[str] | None) -> Iterator[tuple[_Condition, str, tuple[Any, ...]]]:
    """Each part of the area for each rank of roles, those told first first: the condition, what stands after FROM, and its values."""
    conditions = _Places(area).conditions
    by_rank: dict[int, list[str]] = {}
    for code, row in rules.roles().items():
        if kinds is None or code in kinds:
            by_rank.setdefault(row.rank, []).append(code)
    told = list(rules.grounds_for(level))
    for _rank, codes in sorted(by_rank.items()):
        for condition in conditions:
            yield (
                condition,
                f"{condition.table} WHERE {condition.sql} AND role = ANY(%s) AND ground = ANY(%s)",
                (*condition.values, codes, told),
            )


def _lists(condition: _Condition, sql: str, values: tuple[Any, ...], batch: int) -> Iterator[list[Recipient]]:
    first = _rows(f"{sql} LIMIT {_FIRST}", values)
    yield from _told(first, condition)
    if len(first) == _FIRST:
        for rows in _streamed(sql, values, batch):
            yield from _told(rows, condition)


def _told(rows: Sequence[tuple[Any, ...]], condition: _Condition) -> Iterator[list[Recipient]]:
    held = rows if condition.test is None else _inside(rows, condition.test)
    if held:
        yield [Recipient(*row) for row in held]


def _streamed(sql: str, values: Sequence[Any], batch: int) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a cursor that outlives its transaction, so that the reader may commit what it made of each batch."""
    name = f"audience_{uuid4().hex}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR WITH HOLD FOR {sql}", list(values))
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"FETCH {int(batch)} FROM {name}")
            rows = cursor.fetchall()
            if not rows:
                break
            yield rows
        cursor.execute(f"CLOSE {name}")


def by_ids(ids: Sequence[UUID]) -> dict[UUID, Recipient]:
    """See :func:`anlan.ground.audiences.door.by_ids`."""
    return {row[0]: Recipient(*row) for row in _rows(f"SELECT {_READ} FROM audiences_recipient WHERE id = ANY(%s)", [list(ids)])}


def staff_of(place_code: str) -> list[Recipient]:
    """See :func:`anlan.ground.audiences.door.staff_of`."""
    staff = [code for code, row in rules.roles().items() if row.staff]
    rows = Row.objects.filter(place_code=place_code, role__in=staff).order_by("name", "pk").values_list(*_READ.split(", "))
    return [Recipient(*row) for row in rows]
