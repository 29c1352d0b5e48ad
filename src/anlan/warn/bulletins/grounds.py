"""Where a bulletin warns, as shapes: divisions by their outlines, circles and drawn areas; whose ground that is and which townships lie in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from django.db.models import Q
from shapely.geometry import shape as shape_of_mapping
from shapely.geometry.base import BaseGeometry

from anlan.ground.places import door as places
from anlan.kernel.levels import covers, prefix_of
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import hygiene
from anlan.warn.bulletins.models import Bulletin


@dataclass(frozen=True)
class Ground:
    """Counties about a shape: those of the issuing place, and the others by code. The sea belongs to nobody."""

    own: BaseGeometry
    others: dict[str, BaseGeometry]


def ground_about(shape: BaseGeometry, place_code: str) -> Ground:
    """Whose ground ``shape`` (degrees) touches."""
    prefix = prefix_of(place_code)[:6]
    own, others = [], {}
    for code, outline in places.outlines(shape).items():
        if covers(prefix, code):
            own.append(outline)
        else:
            others[code] = outline
    return Ground(shapely.union_all(own) if own else shapely.Polygon(), others)


def check_inside(shape: shapely.MultiPolygon, place_code: str, on: date) -> None:
    """Refuse an area that lies on other ground by more than published borders are wrong. Raises :class:`hygiene.OutsideJurisdiction`."""
    ground = ground_about(shape, place_code)
    if not ground.others:
        return
    foreign = shapely.intersection(shape, shapely.union_all(list(ground.others.values())))
    outside = areas.beyond(foreign, ground.own, hygiene.needed("outside_km", on))
    if outside.is_empty:
        return
    names = [places.place_name(code) for code, outline in ground.others.items() if shapely.intersects(outline, outside)]
    raise hygiene.OutsideJurisdiction(km2=f"{max(areas.area_km2(outside), 0.01):,.2f}", places="、".join(names))


def cut(shape: shapely.MultiPolygon, place_code: str) -> shapely.MultiPolygon:
    """``shape`` without what lies in other counties; what lies at sea stays."""
    ground = ground_about(shape, place_code)
    foreign = shapely.union_all(list(ground.others.values())) if ground.others else shapely.Polygon()
    return areas.cut_to(shape, shapely.difference(shape, shapely.difference(foreign, ground.own)))


def neighbours(bulletin: Bulletin) -> list[str]:
    """Names of counties outside the issuing place that a circle or a drawn area touches: 突发事件应对法 第六十四条 has them informed."""
    shape = exact_shape(bulletin)
    if shape is None:
        return []
    ground = ground_about(shape, bulletin.place_code)
    return [places.full_name(code) for code, outline in sorted(ground.others.items()) if shapely.intersects(outline, shape)]


def exact_shape(bulletin: Bulletin) -> BaseGeometry | None:
    """What was drawn, and the circle; ``None`` when only divisions are warned."""
    parts: list[BaseGeometry] = []
    if bulletin.area:
        parts.append(areas.stored(bulletin.area))
    if bulletin.circle is not None:
        parts.append(areas.circle(*bulletin.circle))
    return shapely.union_all(parts) if parts else None


def division_shape(codes: Iterable[str]) -> BaseGeometry | None:
    """Outlines of divisions as one shape; a township, of which no outline is published, stands for its county. ``None``: none is known."""
    outlines = [outline for code in codes if (outline := places.outline(code[:6])) is not None]
    return shapely.union_all([shapely.make_valid(shape_of_mapping(outline)) for outline in outlines]) if outlines else None


def whole_shape(bulletin: Bulletin) -> BaseGeometry | None:
    """Everything that is warned, as one shape; ``None`` when no outline is known."""
    parts = [part for part in (exact_shape(bulletin), division_shape(bulletin.area_codes)) if part is not None]
    return shapely.union_all(parts) if parts else None


def townships_in(shape: BaseGeometry) -> list[str]:
    """Codes of townships whose point lies in ``shape``."""
    every = places.townships()
    west, south, east, north = shape.bounds
    near = (every.longitudes >= west) & (every.longitudes <= east) & (every.latitudes >= south) & (every.latitudes <= north)
    index = np.flatnonzero(near)
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, every.longitudes[index], every.latitudes[index])
    return [str(code) for code in every.codes[index[inside]]]


def said(bulletin: Bulletin) -> hygiene.Said:
    """What the bulletin says and where, for comparing it with others."""
    return hygiene.Said(
        id=str(bulletin.pk),
        event_code=bulletin.event_code,
        level=bulletin.level,
        text="\n".join((bulletin.description.strip(), bulletin.instruction.strip())),
        exercise=bulletin.exercise,
        divisions=tuple(prefix_of(code) for code in bulletin.area_codes),
        shape=whole_shape(bulletin),
        incident=str(bulletin.incident_id or ""),
    )


def contradicting(bulletin: Bulletin) -> list[Bulletin]:
    """Live bulletins that say otherwise of the same event on some of the same ground; the one it updates or lifts does not count."""
    same = Q(event_code=bulletin.event_code)
    if bulletin.incident_id:
        same |= Q(incident_id=bulletin.incident_id)
    live = Bulletin.objects.filter(same, state="published", exercise=bulletin.exercise).exclude(message_kind="Cancel").defer("message")
    found = list(live.exclude(pk__in=[bulletin.pk, *([bulletin.changes_id] if bulletin.changes_id else [])]))
    if not found:
        return []
    by_id = {str(row.pk): row for row in found}
    return [by_id[other.id] for other in hygiene.contradictions(said(bulletin), [said(row) for row in found])]
