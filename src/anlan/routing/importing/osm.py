"""OpenStreetMap files: XML (``.osm``, ``.osm.gz``, ``.osm.bz2``) and PBF, read as a stream by pyosmium.

Ways with the key ``highway`` become roads and meet where they share nodes. Ways of an extract that run over its edge keep the part inside.
A file that breaks in the middle is refused as a whole: half a city with no word about it would be worse than none.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from anlan.routing.assembly import Way
from anlan.routing.importing import tags as words
from anlan.routing.importing.told import ClassUnknown, Gathering, Imported, NodesMissing, Progress, Reversible, ShouldStop, TooFewPoints
from anlan.routing.refusals import RoadFileBroken

_LARGEST_HEADER: Final = 64 * 1024
_LARGEST_BLOB: Final = 32 * 1024 * 1024
"""Limits of the PBF format (wiki.openstreetmap.org/wiki/PBF_Format)."""
_ZLIB_DATA: Final = 3
"""Number of the field of a Blob that holds compressed data."""
_XML_PLACE = re.compile(r"line (\d+), column (\d+)")


def read(path: Path, name: str, progress: Progress, should_stop: ShouldStop) -> Imported:
    """Roads of an OpenStreetMap file. Raises :class:`RoadFileBroken` with line and column or byte, ``NoRoadsInFile``, ``ImportCancelled``."""
    import osmium

    if name.lower().endswith(".pbf"):
        check_frames(path, name)
    gathered = Gathering(name, progress, should_stop)
    try:
        for found in osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("highway")):
            if isinstance(found, osmium.osm.Way):
                _take(gathered, found)
    except (RuntimeError, ValueError) as broken:
        where = _broken_blob(path, name) if name.lower().endswith(".pbf") else _where(str(broken))
        raise RoadFileBroken(file=name, where=where, reason=_short(str(broken))) from broken
    return gathered.finish()


def _where(message: str) -> str:
    found = _XML_PLACE.search(message)
    return f"line {found[1]}, column {found[2]}" if found else "?"


def _short(message: str) -> str:
    return message.splitlines()[0][:160] if message else "?"


def _take(gathered: Gathering, way: Any) -> None:
    gathered.next()
    facts = words.facts_of({tag.k: tag.v for tag in way.tags})
    where = f"way {way.id}"
    if facts is None:
        return None
    if facts.reversible:
        return gathered.complain(Reversible(where=where))
    if facts.unknown:
        gathered.complain(ClassUnknown(where=where, word=facts.unknown))
    nodes = [(node.ref, node.lon, node.lat) if node.location.valid() else None for node in way.nodes]
    missing = sum(node is None for node in nodes)
    if missing:
        gathered.complain(NodesMissing(where=where, count=missing))
    kept = False
    for run in _runs(nodes):
        if len({ref for ref, _longitude, _latitude in run}) < 2:
            continue
        refs = np.array([ref for ref, _longitude, _latitude in run], np.int64)
        points = np.array([(longitude, latitude) for _ref, longitude, latitude in run], np.float64)
        gathered.ways.add(Way(way.id, points, facts.road_class, facts.direction, facts.forbidden, facts.limit_kmh, facts.name, refs))
        kept = True
    if kept:
        gathered.kept += 1
    elif not missing:
        gathered.complain(TooFewPoints(where=where))
    return None


def _runs(nodes: list[tuple[int, float, float] | None]) -> Iterator[list[tuple[int, float, float]]]:
    """Unbroken runs of nodes that the file holds."""
    run: list[tuple[int, float, float]] = []
    for node in nodes:
        if node is None:
            if run:
                yield run
            run = []
        else:
            run.append(node)
    if run:
        yield run


def check_frames(path: Path, name: str) -> None:
    """Walk the frames of a PBF file without unpacking them. Raises :class:`RoadFileBroken` with the byte where one does not fit."""
    if not path.stat().st_size:
        raise RoadFileBroken(file=name, where="byte 0", reason="PBF: empty")
    for _begin, _blob in _frames(path, name):
        pass


def _frames(path: Path, name: str, *, contents: bool = False) -> Iterator[tuple[int, bytes]]:
    """Byte at which each blob begins, and the blob (empty unless ``contents``)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        offset = 0
        while offset < size:
            prefix = file.read(4)
            length = struct.unpack(">I", prefix)[0] if len(prefix) == 4 else _LARGEST_HEADER + 1
            if length > _LARGEST_HEADER:
                raise RoadFileBroken(file=name, where=f"byte {offset}", reason="PBF: BlobHeader")
            blob = _blob_size(file.read(length))
            if blob is None or blob > _LARGEST_BLOB:
                raise RoadFileBroken(file=name, where=f"byte {offset + 4}", reason="PBF: BlobHeader")
            begin = offset + 4 + length
            if begin + blob > size:
                raise RoadFileBroken(file=name, where=f"byte {size}", reason=f"PBF: {begin + blob - size} bytes missing")
            yield begin, file.read(blob) if contents else b""
            file.seek(begin + blob)
            offset = begin + blob


def _broken_blob(path: Path, name: str) -> str:
    """The byte at which the first blob begins that does not unpack; where none is found, ``?``."""
    for begin, blob in _frames(path, name, contents=True):
        for number, value in _fields(blob):
            if number == _ZLIB_DATA:
                try:
                    zlib.decompress(value)
                except zlib.error:
                    return f"byte {begin}"
    return "?"


def _blob_size(header: bytes) -> int | None:
    """``datasize`` (field 3) of a BlobHeader; ``None`` when the message does not hold together."""
    try:
        sizes = [value for number, value in _fields(header) if number == 3 and isinstance(value, int)]
    except ValueError:
        return None
    return sizes[0] if sizes else None


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Fields of a protocol buffer: numbers and byte strings, which is all that frames hold. Raises ``ValueError``."""
    at = 0
    try:
        while at < len(message):
            key, at = _varint(message, at)
            if key & 7 not in (0, 2):
                raise ValueError(f"wire type {key & 7}")
            value, at = _varint(message, at)
            if key & 7 == 2:
                value, at = message[at : at + value], at + value
            yield key >> 3, value
    except IndexError:
        raise ValueError("ends within a field") from None
    if at != len(message):
        raise ValueError("ends within a field")


def _varint(data: bytes, at: int) -> tuple[Any, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
