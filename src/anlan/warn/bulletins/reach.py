"""Who a bulletin reaches and what is remarkable about its area, for the editor while it is drawn and for whoever approves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from anlan.ground.places import door as places
from anlan.ground.population import door as population
from anlan.kernel.access import Actor
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import checking, grounds, hygiene
from anlan.warn.bulletins.models import Bulletin

NAMED = 30
"""Townships told by name."""
LARGEST_COUNTED_KM2 = 60_000.0
"""Above this, about half a province, people are not counted while somebody draws: the number would say nothing."""


@dataclass(frozen=True)
class Reach:
    """An area in figures. ``people``: residents and those at work by the hour, an estimate; ``None``: not estimated, because ``why_not``.

    ``townships``: how many have their point inside, the first of them by ``names``; ``neighbours``: counties outside the jurisdiction.
    """

    vertices: int
    limit: int
    km2: float
    parts: int
    townships: int
    names: tuple[str, ...]
    people: int | None
    unknown: tuple[str, ...]
    why_not: str = ""

    @property
    def too_many(self) -> bool:
        """Whether it must be simplified."""
        return self.vertices > self.limit


@dataclass(frozen=True)
class Preview:
    """A proposal for the area: what it would be, and what changes by it."""

    shape: shapely.MultiPolygon
    vertices: int
    km2: float
    difference_km2: float
    tolerance_m: float
    townships_gained: tuple[str, ...]
    townships_lost: tuple[str, ...]


def of_shape(
    shape: BaseGeometry, *, drawn: shapely.MultiPolygon | None, codes: Collection[str] = (), actor: Actor | None, now: datetime
) -> Reach:
    """Figures of everything that is warned; ``drawn`` is the part that has vertices of its own, ``codes`` the divisions that are named.

    A township has no published outline: its county stands for it in ``shape``, whose people would be too many by far.
    """
    km2 = areas.area_km2(shape)
    why_not = ""
    if any(len(code) > 6 for code in codes):
        why_not = _("乡镇（街道）没有公开界线，不估算")
    elif km2 > LARGEST_COUNTED_KM2:
        why_not = _("范围太大，不估算")
    people, unknown = (None, ()) if why_not else _people(shape, actor, now)
    inside = _townships(shape, codes)
    return Reach(
        vertices=areas.vertices(drawn) if drawn is not None else 0,
        limit=int(hygiene.needed("vertices", checking.day_of(now))),
        km2=km2,
        parts=len(shapely.get_parts(shape)),
        townships=len(inside),
        names=tuple(places.place_name(code) for code in inside[:NAMED]),
        people=people,
        unknown=unknown,
        why_not=why_not,
    )


def _townships(shape: BaseGeometry, codes: Collection[str]) -> list[str]:
    """Townships by their point, and of the county that stands for a named township that one alone."""
    stand_ins = {code[:6] for code in codes if len(code) > 6} - set(codes)
    found = [code for code in grounds.townships_in(shape) if code[:6] not in stand_ins]
    return sorted({*found, *(code for code in codes if len(code) > 6)})


def of_bulletin(bulletin: Bulletin, *, actor: Actor | None, now: datetime) -> Reach | None:
    """Figures of a bulletin's whole area; ``None`` when no outline of it is known."""
    shape = grounds.whole_shape(bulletin)
    drawn = areas.stored(bulletin.area) if bulletin.area else None
    return of_shape(shape, drawn=drawn, codes=bulletin.area_codes, actor=actor, now=now) if shape is not None else None


def _people(shape: BaseGeometry, actor: Actor | None, now: datetime) -> tuple[int | None, tuple[str, ...]]:
    inside = population.people_in(_rings(shape), at=now, actor=actor)
    return population.rounded(inside.total), tuple(places.place_name(code) for code in inside.unknown)


def _rings(shape: BaseGeometry) -> population.Area:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]

    def ring(line: BaseGeometry) -> tuple[tuple[float, float], ...]:
        return tuple((float(x), float(y)) for x, y in line.coords)

    return tuple((ring(part.exterior), *(ring(hole) for hole in part.interiors)) for part in polygons)


def simplified(drawn: shapely.MultiPolygon, limit: int) -> Preview:
    """The area with few enough vertices; it holds the whole of the drawn one."""
    thin = areas.simplified(drawn, limit)
    return _preview(thin.shape, drawn, thin.tolerance_m)


def cut(drawn: shapely.MultiPolygon, place_code: str) -> Preview | None:
    """The area within the jurisdiction; ``None`` when nothing of it lies there."""
    within = grounds.cut(drawn, place_code)
    return None if within.is_empty else _preview(within, drawn, 0.0)


def _preview(shape: shapely.MultiPolygon, drawn: shapely.MultiPolygon, tolerance_m: float) -> Preview:
    before, after = set(grounds.townships_in(drawn)), set(grounds.townships_in(shape))
    km2 = areas.area_km2(shape)
    return Preview(
        shape=shape,
        vertices=areas.vertices(shape),
        km2=km2,
        difference_km2=km2 - areas.area_km2(drawn),
        tolerance_m=tolerance_m,
        townships_gained=_names(after - before),
        townships_lost=_names(before - after),
    )


def _names(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(places.place_name(code) for code in sorted(codes))
