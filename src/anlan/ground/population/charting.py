"""Population on the map: townships as they were imported, else counties, by people per km² at the hour that the map shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.utils import timezone
from django.utils.translation import gettext
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from anlan.ground.places import door as places
from anlan.ground.population import answering, queries, rules
from anlan.ground.population.answering import CountyPeople
from anlan.ground.population.spread import Line, on_plane
from anlan.kernel.access import Actor

Box = tuple[float, float, float, float]
MOST_BY_HOUR = answering.MOST_COUNTIES
"""Counties in view up to which people are told for the hour and by township; beyond it by county and resident population alone."""
MOST = 400
"""Counties told at once. Project default."""
_PIXELS = 1500
"""Outlines are told no finer than a screen of that width shows."""
_KM2 = 0.01
"""Outlines smaller than this tell no density: their people would be a wrong figure divided by nothing."""


def features(box: Box, *, at: datetime, actor: Actor) -> tuple[list[dict[str, Any]], bool]:
    """Areas that meet ``box`` (west, south, east, north) within the jurisdiction as GeoJSON features, and whether there are more.

    ``step`` is the class of density (:func:`rules.density_class`); where nobody knows how many live there it is left out, never zero.
    """
    found = places.outlines(shapely.box(*box))
    seen = {code: shape for code, shape in found.items() if actor.may(queries.VIEW, place_code=code)}
    chosen = dict(sorted(seen.items())[:MOST])
    if len(chosen) > MOST_BY_HOUR:
        made = [_resident(code, shape) for code, shape in chosen.items()]
    else:
        people = answering.of_counties(chosen, at)
        made = [each for code, shape in chosen.items() for each in _county(code, shape, people[code], at)]
    fine = (box[2] - box[0]) / _PIXELS
    return [_feature(each, fine) for each in made if shapely.intersects(each["shape"], shapely.box(*box))], len(seen) > len(chosen)


def _county(code: str, shape: BaseGeometry, held: CountyPeople, at: datetime) -> Iterable[dict[str, Any]]:
    """The townships of a county by its imported outlines and what they leave free, or the county as a whole."""
    source, units = queries.in_use(code)
    if source is None or source.kind != rules.OUTLINES:
        yield _by_hour(code, code, places.place_name(code), shape, held, at)
        return
    shapes = []
    for unit in (each for each in units if each.wkb is not None):
        outline = shapely.make_valid(shapely.from_wkb(bytes(unit.wkb or b"")))
        shapes.append(outline)
        yield _by_hour(f"{code}-{unit.pk}", unit.place_code or code, unit.name or places.place_name(code), outline, held, at)
    free = shapely.difference(shape, shapely.union_all(shapes))
    if not free.is_empty and on_plane(free).area > held.spare_share * on_plane(shape).area:
        yield _by_hour(f"{code}-rest", code, gettext("%(name)s其余") % {"name": places.place_name(code)}, free, held, at)


def _by_hour(key: str, place_code: str, name: str, shape: BaseGeometry, held: CountyPeople, at: datetime) -> dict[str, Any]:
    ground = on_plane(shape)
    lines = held.spread.inside(ground) if held.known else {}
    hour = gettext("夜间") if held.night else gettext("白天")
    facts = [
        gettext("按 %(time)s（%(hour)s）在家、在校、在岗估算") % {"time": f"{timezone.localtime(at):%m-%d %H:%M}", "hour": hour},
        *_methods(lines),
    ]
    return {
        "id": key,
        "name": name,
        "place_code": place_code,
        "shape": shape,
        "people": sum(lines.values()) if held.known else None,
        "km2": ground.area,
        "facts": [*facts, *_from(place_code[:6], lines)],
    }


def _resident(code: str, shape: BaseGeometry) -> dict[str, Any]:
    figure = queries.figure(code)
    facts = [gettext("常住人口，不分白天夜间；放大后按时刻和乡镇显示")]
    if figure is not None:
        facts.append(_source(figure))
    people = None if figure is None else figure[0]
    return {
        "id": code,
        "name": places.place_name(code),
        "place_code": code,
        "shape": shape,
        "people": people,
        "km2": on_plane(shape).area,
        "facts": facts,
    }


def _methods(lines: Mapping[Line, float]) -> list[str]:
    """How people were found, the way by which most were found first."""
    weights: dict[str, float] = {}
    for line, people in lines.items():
        weights[line.method] = weights.get(line.method, 0.0) + people
    names = [gettext(rules.METHODS[method]) for method in sorted(weights, key=lambda each: -weights[each])]
    return [gettext("方法：%(methods)s") % {"methods": " / ".join(names)}] if names else []


def _from(county: str, lines: Mapping[Line, float]) -> list[str]:
    """Where the figures come from: the import in use, and the county's figure where people of it are in the sum."""
    source, _units = queries.in_use(county)
    found = []
    if source is not None:
        status = gettext(rules.STATUSES[source.status])
        found.append(
            gettext("数据：%(source)s（%(year)s 年，%(status)s）") % {"source": source.source, "year": source.year, "status": status}
        )
    figure = queries.figure(county)
    if figure is not None and (source is None or any(line.method in (rules.REST, rules.BY_CELL, rules.EVEN) for line in lines)):
        found.append(_source(figure))
    return found


def _source(figure: tuple[float, int, str, str]) -> str:
    _people, year, source, status = figure
    return gettext("县级人口：%(source)s（%(year)s 年，%(status)s）") % {
        "source": source,
        "year": year,
        "status": gettext(rules.STATUSES.get(status, "未核实")),
    }


def _feature(told: dict[str, Any], fine: float) -> dict[str, Any]:
    people, km2 = told["people"], told["km2"]
    shape = shapely.simplify(told["shape"], fine)
    properties: dict[str, Any] = {"id": told["id"], "title": told["name"], "place_code": told["place_code"]}
    if people is None or km2 < _KM2:
        properties["value"] = gettext("人口未知")
        lines = [gettext("没有这里的人口数据，不是没有人。导入县级人口表或乡镇边界后显示。")] if people is None else []
    else:
        density = rules.rounded(people / km2)
        step = rules.density_class(people, km2)
        properties |= {"step": step, "people": rules.rounded(people), "per_km2": density}
        properties["value"] = gettext("每平方千米约 %(density)s 人") % {"density": density}
        lines = [
            gettext("约 %(people)s 人，面积 %(area)s 平方千米") % {"people": rules.rounded(people), "area": f"{km2:.1f}"},
            gettext("每平方千米约 %(density)s 人（%(class)s）") % {"density": density, "class": rules.density_rows()[step].label},
        ]
    properties["detail"] = "\n".join([*lines, *(told["facts"] if people is not None else [])])
    return {"type": "Feature", "id": told["id"], "geometry": _geojson(shape), "properties": properties}


def _geojson(shape: BaseGeometry) -> dict[str, Any]:
    return dict(mapping(shapely.transform(shape, lambda corners: np.round(corners, 5))))
