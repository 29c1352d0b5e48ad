"""Files of population read row by row: what is good, and for each bad row why. Pure; no row spoils another.

GeoJSON: a FeatureCollection of polygons or points; the people stand in one of the properties of :data:`PEOPLE`, a name and a place code may
stand beside them. CSV: a header with one of the names of each column. Coordinates are degrees CGCS2000/WGS-84.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.ground.population import rules
from anlan.kernel.errors import Refusal
from anlan.kernel.geo import Point, in_china
from anlan.kernel.words import N_

PEOPLE = ("people", "population", "popu", "pop", "人口", "人数", "常住人口")
NAMES = ("name", "名称", "乡镇", "街道", "村")
CODES = ("place_code", "code", "adcode", "区划代码", "行政区划代码", "代码")
LONGITUDES, LATITUDES = ("lon", "lng", "longitude", "经度", "x"), ("lat", "latitude", "纬度", "y")
MOST_PER_ROW = 50_000_000


class PeopleMissing(Refusal):
    code: ClassVar[str] = "population.people_missing"
    sentence: ClassVar[str] = N_("没有人数，或“{value}”不是不小于 0 的数。人数列可名为 people、population、人口。")
    status: ClassVar[int] = 422


class GeometryWrong(Refusal):
    code: ClassVar[str] = "population.geometry_wrong"
    sentence: ClassVar[str] = N_("几何“{kind}”不能用：这里要{wanted}。")
    status: ClassVar[int] = 422


class CodeWrong(Refusal):
    code: ClassVar[str] = "population.code_wrong"
    sentence: ClassVar[str] = N_("“{value}”不是 6、9 或 12 位区划代码。")
    status: ClassVar[int] = 422


class NotInAnyCounty(Refusal):
    code: ClassVar[str] = "population.not_in_any_county"
    sentence: ClassVar[str] = N_("位置不在任何县级区划内，或代码已停用且没有沿用单位。")
    status: ClassVar[int] = 422


class NotYours(Refusal):
    code: ClassVar[str] = "population.not_yours"
    sentence: ClassVar[str] = N_("{place}不在您可导入的辖区内。")
    status: ClassVar[int] = 403


class TwiceInFile(Refusal):
    code: ClassVar[str] = "population.twice_in_file"
    sentence: ClassVar[str] = N_("与前面的行重复或边界重叠：{name}。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Unit:
    """One good row: at a point, in an outline (degrees), or a county's figure with neither."""

    row: int
    people: float
    place_code: str = ""
    name: str = ""
    longitude: float | None = None
    latitude: float | None = None
    outline: BaseGeometry | None = None


@dataclass(frozen=True)
class Fault:
    """One bad row and why."""

    row: int
    refusal: Refusal


def read(content: bytes, kind: str) -> tuple[list[Unit], list[Fault]]:
    """The rows of a file. Raises ``WrongFile`` when it is no such file at all and ``FileTooBig`` past the limit of rows."""
    good: list[Unit] = []
    bad: list[Fault] = []
    rows = _features(content) if kind in (rules.OUTLINES, rules.POINTS) else _table(content)
    for number, facts in rows:
        if number > rules.MOST_ROWS:
            raise rules.FileTooBig(limit=f"{rules.MOST_ROWS:,}")
        try:
            good.append(_unit(number, facts, kind))
        except Refusal as refusal:
            bad.append(Fault(number, refusal))
    return (good, bad) if kind != rules.OUTLINES else _apart(good, bad)


def _features(content: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise rules.WrongFile(reason=str(error)) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise rules.WrongFile(reason="FeatureCollection?")
    for number, feature in enumerate(features, 1):
        facts = feature if isinstance(feature, dict) else {}
        properties = facts.get("properties")
        yield number, {**(properties if isinstance(properties, dict) else {}), "\0geometry": facts.get("geometry")}


def _table(content: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise rules.WrongFile(reason=str(error)) from error
    lines = csv.DictReader(io.StringIO(text))
    heads = {str(head).strip().lower() for head in lines.fieldnames or ()}
    if not heads & set(PEOPLE):
        raise rules.WrongFile(reason="、".join(PEOPLE) + "?")
    try:
        yield from enumerate(lines, 2)
    except csv.Error as error:
        raise rules.WrongFile(reason=str(error)) from error


def _value(facts: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    lowered = {str(key).strip().lower(): value for key, value in facts.items()}
    return next((lowered[name] for name in names if name in lowered and lowered[name] not in (None, "")), None)


def _unit(number: int, facts: Mapping[str, Any], kind: str) -> Unit:
    people = _people(_value(facts, PEOPLE))
    code, name = _code(_value(facts, CODES)), str(_value(facts, NAMES) or "").strip()[:120]
    if kind == rules.FIGURES:
        if not code:
            raise CodeWrong(value="")
        return Unit(number, people, code, name)
    if kind == rules.CELLS:
        point = _point(_value(facts, LONGITUDES), _value(facts, LATITUDES))
        return Unit(number, people, code, name, point.longitude, point.latitude)
    geometry = facts.get("\0geometry")
    found = str(geometry.get("type")) if isinstance(geometry, dict) else "—"
    if kind == rules.POINTS:
        if found != "Point":
            raise GeometryWrong(kind=found, wanted="Point")
        place = [*(geometry.get("coordinates") or ()), None, None]  # type: ignore[union-attr]
        point = _point(place[0], place[1])
        return Unit(number, people, code, name, point.longitude, point.latitude)
    return _outline(number, people, code, name, geometry, found)


def _outline(number: int, people: float, code: str, name: str, geometry: Any, found: str) -> Unit:
    if found not in ("Polygon", "MultiPolygon"):
        raise GeometryWrong(kind=found, wanted="Polygon, MultiPolygon")
    try:
        outline = shapely.make_valid(shapely.force_2d(shape(geometry)))
    except (ShapelyError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise GeometryWrong(kind=found, wanted="Polygon, MultiPolygon") from error
    if outline.is_empty or outline.area == 0:
        raise GeometryWrong(kind=found, wanted="Polygon, MultiPolygon")
    west, south, east, north = outline.bounds
    in_china(Point(west, south))
    in_china(Point(east, north))
    inner = outline.representative_point()
    return Unit(number, people, code, name, inner.x, inner.y, outline)


def _people(value: Any) -> float:
    try:
        found = float(str(value).replace(",", "").strip())
    except ValueError:
        raise PeopleMissing(value="" if value is None else value) from None
    if not (isfinite(found) and 0 <= found <= MOST_PER_ROW):
        raise PeopleMissing(value=value)
    return found


def _code(value: Any) -> str:
    text = str(value or "").strip().removesuffix(".0")
    if not text:
        return ""
    if not (text.isascii() and text.isdigit() and len(text) in (6, 9, 12)):
        raise CodeWrong(value=value)
    return text[:9] if len(text) == 12 else text


def _point(longitude: Any, latitude: Any) -> Point:
    try:
        return in_china(Point(float(str(longitude)), float(str(latitude))))
    except ValueError:
        raise GeometryWrong(kind=f"{longitude}, {latitude}", wanted="lon, lat") from None


def _apart(good: list[Unit], bad: list[Fault]) -> tuple[list[Unit], list[Fault]]:
    """Outlines that lie on one another would count people twice: the later one of the file is refused. A shared border is no overlap."""
    kept: list[Unit] = []
    tree = shapely.STRtree([unit.outline for unit in good])
    taken: set[int] = set()
    for at, unit in enumerate(good):
        twin = None
        for other in tree.query(unit.outline, predicate="intersects"):
            if int(other) in taken and unit.outline is not None:
                first = good[int(other)]
                shared = shapely.intersection(unit.outline, first.outline).area
                if shared > 0.02 * min(unit.outline.area, first.outline.area):  # type: ignore[union-attr]
                    twin = first
                    break
        if twin is not None:
            bad.append(Fault(unit.row, TwiceInFile(name=twin.name or str(twin.row))))
        else:
            taken.add(at)
            kept.append(unit)
    return kept, sorted(bad, key=lambda fault: fault.row)
