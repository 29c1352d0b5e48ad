"""People spread over a county and counted inside an area. Pure: numpy and shapely only.

Everything is reckoned on Lambert's cylindrical equal-area plane of the authalic sphere (kilometres), so that shares of areas are
shares of ground: a partition of an area counts exactly what the area counts. People stand either evenly in a **patch** (an outline) or at
**spots** (villages, cells of a grid, schools, plants).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

AUTHALIC_RADIUS_KM = 6371.0072
"""Radius of the sphere with the surface of the GRS 80 ellipsoid (Moritz, Geodetic Reference System 1980)."""

Floats = NDArray[np.float64]
Area = Sequence[Sequence[Sequence[Sequence[float]]]]


def plane(degrees: Floats) -> Floats:
    """Longitude and latitude in degrees (n × 2) as kilometres on the equal-area plane."""
    radians = np.radians(degrees)
    return np.column_stack([AUTHALIC_RADIUS_KM * radians[:, 0], AUTHALIC_RADIUS_KM * np.sin(radians[:, 1])])


def on_plane(shape: BaseGeometry) -> BaseGeometry:
    """A shape in degrees on the equal-area plane, made valid."""
    moved = shapely.transform(shape, plane)
    return moved if shapely.is_valid(moved) else shapely.make_valid(moved)


def shape_of(area: Area) -> BaseGeometry:
    """A shape in degrees from a multi-polygon of rings; rings of fewer than three points are nothing."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in area if rings and len(rings[0]) >= 3]
    return shapely.make_valid(shapely.union_all(polygons)) if polygons else shapely.MultiPolygon()


def disc(longitude: float, latitude: float, radius_m: float) -> Floats:
    """37 points (longitude, latitude) that stand for a disc: the middle and three rings of equal share of area each per point."""
    points = [(longitude, latitude)]
    per_lat = radius_m / 1000 / 111.195
    per_lon = per_lat / max(0.05, cos(latitude * pi / 180))
    for ring, number in ((1, 6), (2, 12), (3, 18)):
        # Rings lie at the middle radius of the area that their points stand for.
        inner = 1 + 3 * ring * (ring - 1)
        radius = sqrt((inner + number / 2) / 37)
        for step in range(number):
            angle = 2 * pi * (step + 0.5 * (ring % 2)) / number
            points.append((longitude + per_lon * radius * sin(angle), latitude + per_lat * radius * cos(angle)))
    return np.array(points)


@dataclass(frozen=True)
class Line:
    """Whose people: a place with its name, how they were found, and the status of the figure."""

    place_code: str
    name: str
    method: str
    status: str


@dataclass(frozen=True)
class Patch:
    """People spread evenly over a shape (on the equal-area plane)."""

    line: Line
    shape: BaseGeometry
    people: float


@dataclass(frozen=True)
class Spot:
    """People at points: ``points`` (n × 2, degrees) share ``people`` evenly, or by ``weights`` (n, summing to 1)."""

    line: Line
    points: Floats
    people: float
    weights: Floats | None = None

    @property
    def shares(self) -> Floats:
        """People at each of the points."""
        if self.weights is not None:
            return self.people * self.weights
        return np.full(len(self.points), self.people / len(self.points))

    def of(self, people: float) -> Spot:
        """The same points with another number of people."""
        return Spot(self.line, self.points, people, self.weights)


class Spread:
    """The people of one county at one kind of hour, ready to be counted inside areas."""

    def __init__(self, patches: Iterable[Patch], spots: Iterable[Spot]) -> None:
        self.patches = [patch for patch in patches if patch.people > 0 and patch.shape.area > 0]
        kept = [spot for spot in spots if spot.people > 0 and len(spot.points)]
        self._tree = shapely.STRtree([patch.shape for patch in self.patches])
        self._areas = np.array([patch.shape.area for patch in self.patches])
        self._people = np.array([patch.people for patch in self.patches])
        self._lines = [spot.line for spot in kept]
        self._points = plane(np.vstack([spot.points for spot in kept])) if kept else np.empty((0, 2))
        self._share = np.concatenate([s.shares for s in kept]) if kept else np.empty(0)
        self._owner = np.concatenate([np.full(len(s.points), at) for at, s in enumerate(kept)]) if kept else np.empty(0, dtype=int)

    @property
    def total(self) -> float:
        """Everybody in the county."""
        return float(self._people.sum() + self._share.sum())

    def inside(self, area: BaseGeometry) -> dict[Line, float]:
        """People inside ``area`` (on the plane, prepared or not) by line; lines with nobody are left out."""
        found: dict[Line, float] = {}
        if area.is_empty:
            return found
        hits = self._tree.query(area, predicate="intersects")
        if len(hits):
            shares = shapely.area(shapely.intersection(np.array([self.patches[at].shape for at in hits]), area)) / self._areas[hits]
            for at, people in zip(hits, np.minimum(shares, 1.0) * self._people[hits], strict=True):
                _add(found, self.patches[at].line, float(people))
        if len(self._points):
            west, south, east, north = area.bounds
            x, y = self._points[:, 0], self._points[:, 1]
            near = np.nonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))[0]
            if len(near):
                held = near[shapely.contains_xy(area, x[near], y[near])]
                for at, people in zip(*_summed(self._owner[held], self._share[held]), strict=True):
                    _add(found, self._lines[int(at)], float(people))
        return found


def _summed(owners: NDArray[np.int_], shares: Floats) -> tuple[NDArray[np.int_], Floats]:
    names, where = np.unique(owners, return_inverse=True)
    return names, np.bincount(where, weights=shares, minlength=len(names)).astype(np.float64)


def _add(found: dict[Line, float], line: Line, people: float) -> None:
    if people > 0:
        found[line] = found.get(line, 0.0) + people


def lived_in(
    county: Line, figure: float | None, outline: BaseGeometry, *, patches: Sequence[Patch], spots: Sequence[Spot], spare_share: float
) -> tuple[list[Patch], list[Spot]]:
    """Where the residents of a county live, given what is known of parts of it.

    ``patches`` are outlines with people (not overlapping), ``spots`` places with people; ``figure`` is the county's, ``None`` unknown. Spots
    inside a patch are taken out of the patch's people. What the parts leave of the county's figure is spread evenly where no patch lies,
    unless patches leave no more than ``spare_share`` of the county's area free: then they are the whole and the newer count.
    """
    left = list(patches)
    for spot in spots:
        middle = shapely.Point(plane(spot.points[:1])[0])
        for at, patch in enumerate(left):
            if patch.shape.intersects(middle):
                left[at] = Patch(patch.line, patch.shape, max(0.0, patch.people - spot.people))
                break
    if figure is None:
        return left, list(spots)
    free = outline if not left else shapely.difference(outline, shapely.union_all([patch.shape for patch in left]))
    known = sum(patch.people for patch in left) + sum(spot.people for spot in spots)
    rest = figure - known
    if rest > 0 and free.area > spare_share * outline.area:
        left.append(Patch(county, free, rest))
    return left, list(spots)


def at_hour(home: tuple[Sequence[Patch], Sequence[Spot]], counted: Sequence[Spot]) -> Spread:
    """Residents at home and people counted elsewhere (pupils, patients, staff) without counting anybody twice.

    Who is counted at a school or a plant is taken out of all homes of the county in equal proportion, so that the county's sum stays its
    figure. Were more counted than live there, the count stands and nobody is left at home.
    """
    patches, spots = home
    residents = sum(patch.people for patch in patches) + sum(spot.people for spot in spots)
    away = sum(spot.people for spot in counted)
    stays = max(0.0, 1 - away / residents) if residents > 0 else 0.0
    return Spread(
        [Patch(patch.line, patch.shape, patch.people * stays) for patch in patches],
        [*(spot.of(spot.people * stays) for spot in spots), *counted],
    )
