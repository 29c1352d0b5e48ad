"""Files of lines: shapefiles and GeoJSON. Lines meet where they share a place (1 cm), at their ends or between.

A file whose lines are directed edges already (every two-way road drawn twice, there and back, and no column that tells of one-way roads) is taken
as it is: each line one edge, nodes at its ends. It is known by at least a tenth of its lines lying there in both directions.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np

from anlan.routing.assembly import FORWARD, Way
from anlan.routing.importing import tags as words
from anlan.routing.importing.containers import Members
from anlan.routing.importing.told import (
    ClassUnknown,
    Gathering,
    Imported,
    NoLength,
    NoLine,
    OutsideWorld,
    Progress,
    Reversible,
    ShouldStop,
    TooFewPoints,
    Unreadable,
)
from anlan.routing.plane import Floats
from anlan.routing.refusals import NotDegrees, RoadFileBroken

DIRECTED_SHARE: Final = 0.1
_LINES: Final = {3: "PolyLine", 13: "PolyLineZ", 23: "PolyLineM"}
_SHAPE_NAMES: Final = {0: "Null", 1: "Point", 5: "Polygon", 8: "MultiPoint", 11: "PointZ", 15: "PolygonZ", 31: "MultiPatch"}
_DEGREES: Final = ("4326", "4490", "CRS84")


@dataclass(frozen=True)
class Line:
    """One line of a file with its attributes; ``where`` is its place in the file."""

    where: str
    points: Floats
    tags: Mapping[str, str]


def gather(gathered: Gathering, lines: Iterable[Line], *, tells_direction: bool) -> Imported:
    """Ways from lines; decides whether they are directed edges already."""
    every = list(lines)
    directed = not tells_direction and _drawn_both_ways(every) >= DIRECTED_SHARE
    gathered.ways.split = not directed
    for order, line in enumerate(every, 1):
        facts = words.facts_of(line.tags)
        if facts is None:
            continue
        if not (line.points != line.points[0]).any():
            gathered.complain((NoLength if directed else TooFewPoints)(where=line.where))
            if not directed:
                continue
        if facts.reversible:
            gathered.complain(Reversible(where=line.where))
            continue
        if facts.unknown:
            gathered.complain(ClassUnknown(where=line.where, word=facts.unknown))
        digits = line.tags.get("number", "")
        number = int(digits) if digits.isdigit() and len(digits) < 19 else order
        direction = FORWARD if directed else facts.direction
        gathered.take(Way(number, line.points, facts.road_class, direction, facts.forbidden, facts.limit_kmh, facts.name))
    return gathered.finish(directed=directed)


def _drawn_both_ways(lines: list[Line]) -> float:
    """Share of lines of which another is the same the other way round."""
    drawn = {line.points.tobytes() for line in lines}
    return sum(np.ascontiguousarray(line.points[::-1]).tobytes() in drawn for line in lines) / max(1, len(lines))


def _checked(gathered: Gathering, where: str, points: Any) -> Floats | None:
    """Points in degrees, height left out; a trouble is noted and ``None`` given when they are none or fewer than two."""
    try:
        found = np.array([(float(each[0]), float(each[1])) for each in points], np.float64).reshape(-1, 2)
    except (TypeError, ValueError, IndexError) as wrong:
        gathered.complain(Unreadable(where=where, reason=str(wrong)[:120]))
        return None
    inside = np.abs(found) <= (180.0, 90.0)  # no number is not inside either
    if not inside.all():
        first = found[~inside.all(1)][0]
        gathered.complain(OutsideWorld(where=where, text=f"{first[0]:g},{first[1]:g}"))
        return None
    if len(found) < 2:
        gathered.complain(TooFewPoints(where=where))
        return None
    return found


def read_geojson(path: Path, name: str, progress: Progress, should_stop: ShouldStop) -> Imported:
    """Roads of a GeoJSON file (one document, or one feature a line in ``.geojsonl``). Raises :class:`RoadFileBroken` with line and column,
    :class:`NotDegrees`, ``NoRoadsInFile``, ``ImportCancelled``."""
    gathered = Gathering(name, progress, should_stop)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise RoadFileBroken(file=name, where=f"byte {broken.start}", reason="UTF-8") from broken
    features = _feature_lines(gathered, text) if name.lower().endswith(("l", ".ndjson")) else _features(name, text)
    lines = list(_lines_of(gathered, features))
    columns = {key for line in lines[:1000] for key in line.tags}
    return gather(gathered, lines, tells_direction=words.says_direction(columns))


def _features(name: str, text: str) -> list[tuple[str, Any]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as broken:
        raise RoadFileBroken(file=name, where=f"line {broken.lineno}, column {broken.colno}", reason=broken.msg) from broken
    if not isinstance(document, dict):
        raise RoadFileBroken(file=name, where="line 1, column 1", reason="GeoJSON: object")
    system = document.get("crs")
    said = str(system.get("properties", {}).get("name", "")) if isinstance(system, dict) else ""
    if said and not said.endswith(_DEGREES):
        raise NotDegrees(file=name, system=said[:80])
    found = document.get("features", [document]) if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(found, list):
        raise RoadFileBroken(file=name, where="features", reason="GeoJSON: array")
    return [(f"#{number}", feature) for number, feature in enumerate(found, 1)]


def _feature_lines(gathered: Gathering, text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip(" \x1e"):
            continue
        try:
            yield f"#{number}", json.loads(line.strip(" \x1e"))
        except json.JSONDecodeError as broken:
            gathered.next()
            gathered.complain(Unreadable(where=f"#{number}", reason=f"{broken.msg}: column {broken.colno}"))


def _lines_of(gathered: Gathering, features: Iterable[tuple[str, Any]]) -> Iterator[Line]:
    for where, feature in features:
        gathered.next()
        geometry = feature.get("geometry", feature) if isinstance(feature, dict) else None
        properties = feature.get("properties") if isinstance(feature, dict) else None
        tags = words.tags_of(properties if isinstance(properties, dict) else {})
        if not isinstance(geometry, dict):
            gathered.complain(NoLine(where=where, kind="null"))
            continue
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        parts = {"LineString": [coordinates], "MultiLineString": coordinates}.get(str(kind))
        if parts is None or not isinstance(parts, list):
            gathered.complain(NoLine(where=where, kind=str(kind)))
            continue
        for part in parts:
            points = _checked(gathered, where, part if isinstance(part, list) else [part])
            if points is not None:
                yield Line(where, points, tags)


def read_shapefile(members: Members, name: str, progress: Progress, should_stop: ShouldStop) -> Imported:
    """Roads of a shapefile. Raises :class:`RoadFileBroken` with the byte or record, :class:`NotDegrees`, ``NoRoadsInFile``, ``ImportCancelled``."""
    import shapefile

    gathered = Gathering(name, progress, should_stop)
    _check_header(members, name)
    system = members.text("prj")
    if "PROJCS" in system or "PROJCRS" in system:
        raise NotDegrees(file=name, system=system[:80])
    try:
        reader = _reader(members)
    except (shapefile.ShapefileException, struct.error, ValueError, KeyError) as broken:
        raise RoadFileBroken(file=name, where="byte 0", reason=str(broken)[:160]) from broken
    columns = {str(field[0]).strip().lower() for field in reader.fields[1:]}
    lines = _shapes(gathered, reader, len(reader))
    return gather(gathered, lines, tells_direction=words.says_direction(columns))


def _check_header(members: Members, name: str) -> None:
    """The length that the main file says of itself, against what is there."""
    data = members.shp
    if len(data) < 100 or data[:4] != b"\x00\x00\x27\x0a":
        raise RoadFileBroken(file=name, where="byte 0", reason="shapefile: header")
    said = 2 * struct.unpack(">i", data[24:28])[0]
    if said > len(data):
        raise RoadFileBroken(file=name, where=f"byte {len(data)}", reason=f"shapefile: {said - len(data)} bytes missing")


def _reader(members: Members) -> Any:
    import shapefile

    said = members.text("cpg").strip()
    encoding = said if said and _known(said) else _encoding(members.files.get("dbf", b""))
    streams: dict[str, Any] = {kind: BytesIO(data) for kind, data in members.files.items() if kind in ("shp", "shx", "dbf")}
    return shapefile.Reader(**streams, encoding=encoding, encodingErrors="replace")


def _encoding(table: bytes) -> str:
    """UTF-8 or GB 18030, whichever leaves fewer characters unread: attribute tables in China are either and often do not say which."""
    rows = table[struct.unpack("<H", table[8:10])[0] :] if len(table) > 32 else b""
    return min(("utf-8", "gb18030"), key=lambda encoding: rows.decode(encoding, "replace").count("\ufffd"))


def _known(encoding: str) -> bool:
    try:
        "".encode(encoding)
    except LookupError:
        return False
    return True


def _shapes(gathered: Gathering, reader: Any, total: int) -> Iterator[Line]:
    import shapefile

    has_rows = reader.dbf is not None
    for number in range(total):
        gathered.next(total)
        where = f"#{number + 1}"
        try:
            shape = reader.shape(number)
            tags = words.tags_of(reader.record(number).as_dict()) if has_rows else {}
        except (shapefile.ShapefileException, struct.error, ValueError, IndexError, AttributeError) as broken:
            gathered.complain(Unreadable(where=where, reason=str(broken)[:120]))
            continue
        if shape is None or shape.shapeType not in _LINES:
            kind = _SHAPE_NAMES.get(getattr(shape, "shapeType", 0), "?")
            gathered.complain(NoLine(where=where, kind=kind))
            continue
        ends = [*list(shape.parts)[1:], len(shape.points)]
        for begin, end in zip(shape.parts, ends, strict=True):
            points = _checked(gathered, where, shape.points[begin:end])
            if points is not None:
                yield Line(where, points, tags)
