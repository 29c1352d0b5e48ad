"""Reading nets of roads from files: OpenStreetMap XML and PBF, shapefiles (also zipped), GeoJSON. The kind is known by the file's name."""

from __future__ import annotations

from pathlib import Path

from anlan.routing.importing import containers, lines, osm
from anlan.routing.importing.told import Imported, Progress, ShouldStop, Trouble, never, nothing
from anlan.routing.refusals import RoadFileUnknown

__all__ = ["ENDINGS", "Imported", "Trouble", "check_name", "ending_of", "read"]

_OSM = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
_GEOJSON = (".geojson", ".json", ".geojsonl", ".ndjson")
_SHAPEFILE = (".zip", ".shp", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
ENDINGS = (*_OSM, *_GEOJSON, *_SHAPEFILE)


def ending_of(name: str) -> str:
    """The ending by which the kind of a file is known: ``.osm.pbf``. Raises :class:`RoadFileUnknown` when no reader knows it."""
    found = [ending for ending in ENDINGS if name.lower().endswith(ending)]
    if not found:
        raise RoadFileUnknown(file=name)
    return max(found, key=len)


def check_name(name: str) -> None:
    """Raises :class:`RoadFileUnknown` when no reader knows the ending of ``name``."""
    ending_of(name)


def read(path: Path, *, name: str = "", progress: Progress = nothing, should_stop: ShouldStop = never) -> Imported:
    """The net of a file; ``name`` is what people call it (its ending decides). Good features beside bad ones are kept, the bad named and counted.

    Raises ``RoadFileUnknown``, ``RoadFileBroken`` (with where), ``NotDegrees``, ``NoRoadsInFile``, ``ImportCancelled``, ``OSError``.
    """
    name = name or path.name
    check_name(name)
    lowered = name.lower()
    if lowered.endswith(_OSM):
        return osm.read(path, name, progress, should_stop)
    if lowered.endswith(_GEOJSON):
        return lines.read_geojson(path, name, progress, should_stop)
    return lines.read_shapefile(containers.members(path, name), name, progress, should_stop)
