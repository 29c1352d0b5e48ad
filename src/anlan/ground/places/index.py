"""The code list in memory: names, tree, code history and the point lookup of one process.

About 3,200 divisions down to the county are kept whole; of the 38,749 townships only names and parents are (about 6 MB). Everything is read
once per process on first use; :func:`forget` drops it after a load.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from threading import Lock

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from anlan.ground.places.models import Place, PlaceChange, PlaceShape
from anlan.ground.places.rules import CodeHistory, Step
from anlan.kernel.geo import Box
from anlan.kernel.levels import NATION, Level
from anlan.kernel.words import N_


@dataclass(frozen=True, slots=True)
class PlaceInfo:
    """A place as other rooms see it. Coordinates are CGCS2000 degrees; ``approximate`` marks a position by method, not by survey."""

    code: str
    name: str
    short_name: str
    level: Level
    parent_code: str | None
    longitude: float | None
    latitude: float | None
    approximate: bool
    valid_from: date | None
    valid_to: date | None
    replaced_by: str

    @property
    def in_force(self) -> bool:
        """Whether the code is in the list in force."""
        return self.valid_to is None


@dataclass(frozen=True, slots=True)
class FigureInfo:
    """A dated fact about a place with its source; ``status`` is verified, secondary or unverified."""

    place_code: str
    figure_code: str
    value: Decimal
    unit: str
    year: int
    source: str
    status: str
    note: str


@dataclass(frozen=True)
class Townships:
    """Every township in force, by code: arrays of one length. Degrees (CGCS2000) are NaN where no point is known.

    ``approximate``: the point is a stand-in somewhere in the county, off by up to ``uncertainty_km``; outlines of townships are not published.
    """

    codes: np.ndarray
    longitudes: np.ndarray
    latitudes: np.ndarray
    approximate: np.ndarray
    uncertainty_km: np.ndarray


FIELDS = (
    "code",
    "name",
    "short_name",
    "level",
    "parent_id",
    "longitude",
    "latitude",
    "approximate",
    "valid_from",
    "valid_to",
    "replaced_by",
)
_BOX = ("west", "south", "east", "north")
WHOLE_COUNTRY = N_("全国")


def info_of(row: tuple[object, ...]) -> PlaceInfo:
    """A :class:`PlaceInfo` from a ``values_list`` row of :data:`FIELDS`."""
    code, name, short_name, level, *rest = row
    return PlaceInfo(code, name, short_name, Level(level), *rest)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def _township(code: str) -> PlaceInfo | None:
    row = Place.objects.filter(pk=code).values_list(*FIELDS).first()
    return info_of(row) if row else None


class PlaceIndex:
    """The code list as it was loaded."""

    def __init__(self) -> None:
        self._places: dict[str, PlaceInfo] = {}
        self._boxes: dict[str, Box] = {}
        self._children: dict[str, list[str]] = defaultdict(list)
        rows = Place.objects.filter(level__lte=Level.COUNTY).order_by("code").values_list(*FIELDS, *_BOX)
        for row in rows.iterator(chunk_size=5000):
            item, box = info_of(row[: len(FIELDS)]), row[len(FIELDS) :]
            self._places[item.code] = item
            if None not in box:
                self._boxes[item.code] = Box(*box)
            if item.in_force and item.parent_code:
                self._children[item.parent_code].append(item.code)

    def __bool__(self) -> bool:
        return bool(self._places)

    @cached_property
    def _townships(self) -> dict[str, str]:
        """Names of the townships in force by code."""
        rows = Place.objects.filter(level=Level.TOWNSHIP, valid_to=None).values_list("code", "name")
        return dict(rows.iterator(chunk_size=10_000))

    @cached_property
    def townships(self) -> Townships:
        """Codes and points of the townships in force."""
        rows = Place.objects.filter(level=Level.TOWNSHIP, valid_to=None).order_by("code")
        found = list(rows.values_list("code", "longitude", "latitude", "approximate", "uncertainty_km").iterator(chunk_size=10_000))
        codes, longitudes, latitudes, approximate, uncertain = zip(*found, strict=True) if found else ((),) * 5
        return Townships(
            np.array(codes, "U9"),
            np.array(longitudes, np.float64),
            np.array(latitudes, np.float64),
            np.array(approximate, np.bool_),
            np.array(uncertain, np.float64),
        )

    @cached_property
    def _history(self) -> CodeHistory:
        rows = PlaceChange.objects.exclude(old_code="").exclude(new_code="")
        return CodeHistory(
            Step(year, old, new, old_name == new_name)
            for year, old, new, old_name, new_name in rows.values_list("year", "old_code", "new_code", "old_name", "new_name").iterator(
                chunk_size=6000
            )
        )

    def place(self, code: str) -> PlaceInfo | None:
        """The place of a code, in force or not."""
        if len(code) == 9:
            return _township(code) if code in self._townships else None
        return self._places.get(code)

    def name(self, code: str) -> str:
        """Name for display; an unknown code is shown as it is."""
        if len(code) == 9:
            return self._townships.get(code, code)
        found = self._places.get(code)
        return found.name if found else (WHOLE_COUNTRY if code == NATION else code)

    def full_name(self, code: str) -> str:
        """Name preceded by the names of all upper places."""
        return "".join(item.name for item in self.ancestors(code)) + self.name(code)

    @cached_property
    def upper_names(self) -> frozenset[str]:
        """Names and short names of divisions in force down to the county, of two characters or more."""
        return frozenset(name for item in self._places.values() if item.in_force for name in (item.name, item.short_name) if len(name) > 1)

    def in_force(self, code: str) -> bool:
        """Whether the code is in the list in force."""
        if len(code) == 9:
            return code in self._townships
        found = self._places.get(code)
        return found is not None and found.in_force

    def children(self, code: str) -> tuple[PlaceInfo, ...]:
        """Places in force one step below."""
        found = self._places.get(code)
        if found and found.level is Level.COUNTY:
            rows = Place.objects.filter(parent=code, valid_to=None).order_by("code").values_list(*FIELDS)
            return tuple(info_of(row) for row in rows)
        return tuple(self._places[child] for child in self._children.get(code, ()))

    def ancestors(self, code: str) -> tuple[PlaceInfo, ...]:
        """Upper places from the province down."""
        if len(code) == 9:
            county = self._places.get(code[:6])
            return (*self.ancestors(county.code), county) if county else ()
        found, chain = self._places.get(code), []
        while found and found.parent_code and found.parent_code != NATION:
            found = self._places.get(found.parent_code)
            if found:
                chain.append(found)
        return tuple(reversed(chain))

    def resolve(self, code: str, on: date) -> PlaceInfo | None:
        """The place in force that bore ``code`` on ``on``. A township follows its county only if its own code is still in force."""
        if len(code) == 9:
            return self.place(code)
        found = self._places.get(self._history.latest(code, on.year))
        return found if found and found.in_force else None

    def bounds(self, code: str) -> Box | None:
        """Box of a place; a township has that of its county."""
        return self._boxes.get(code[:6])

    @cached_property
    def _outlines(self) -> tuple[shapely.STRtree, np.ndarray, tuple[str, ...]]:
        rows = list(PlaceShape.objects.filter(layer="county", band=0).exclude(place_code="").values_list("place_code", "wkb"))
        outlines = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
        shapely.prepare(outlines)
        return shapely.STRtree(outlines), outlines, tuple(code for code, _ in rows)

    def county_at(self, longitude: float, latitude: float) -> PlaceInfo | None:
        """The lowest division whose outline holds the point; on a shared border the one with the smaller code."""
        tree, _, codes = self._outlines
        hits = tree.query(shapely.Point(longitude, latitude), predicate="intersects")
        return self._places.get(min(codes[hit] for hit in hits)) if len(hits) else None

    def counties_at(self, longitudes: np.ndarray, latitudes: np.ndarray) -> tuple[str | None, ...]:
        """:meth:`county_at` of many points at once, as codes."""
        tree, _, codes = self._outlines
        found: list[str | None] = [None] * len(longitudes)
        points, hits = tree.query(shapely.points(longitudes, latitudes), predicate="intersects")
        for point, hit in zip(points, hits, strict=True):
            code, known = codes[hit], found[point]
            found[point] = code if known is None else min(code, known)
        return tuple(found)

    def outlines(self, shape: BaseGeometry) -> dict[str, BaseGeometry]:
        """Outlines of the counties that meet a shape, by code."""
        tree, outlines, codes = self._outlines
        hits = tree.query(shape, predicate="intersects")
        # A county published as several outlines is one outline here.
        found: dict[str, BaseGeometry] = {}
        for hit in sorted(hits):
            code = codes[hit]
            found[code] = shapely.union(found[code], outlines[hit]) if code in found else outlines[hit]
        return found


_lock = Lock()
_index: PlaceIndex | None = None


def current() -> PlaceIndex:
    """The index of this process. An empty code list (before the first load) is asked for again every time."""
    global _index
    if _index is None:
        with _lock:
            if _index is None:
                fresh = PlaceIndex()
                if not fresh:
                    return fresh
                _index = fresh
    return _index


def forget() -> None:
    """Drop what is kept in memory, after a load and between tests."""
    global _index
    with _lock:
        _index = None
    _township.cache_clear()
