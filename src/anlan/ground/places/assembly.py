"""Puts together the rows of places from packages and own data, before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from anlan.ground.places import figures, geometry, joining, naming, packages
from anlan.ground.places.models import BoundaryMatch, Place, PlaceChange, PlaceFigure, PlaceShape
from anlan.ground.places.packages import Change, Division
from anlan.ground.places.rules import (
    INNER_CIRCLE,
    SPREAD,
    UPPER_OUTLINE,
    CodeHistory,
    Step,
    short_name_of,
)
from anlan.kernel.levels import NATION, Level
from anlan.kernel.words import N_

Progress = Callable[[str, int, int], None]
BANDS = len(geometry.BAND_TOLERANCE)
LAYERS = {Level.PROVINCE: "province", Level.CITY: "city", Level.COUNTY: "county"}
LINE = "line"
NATION_NAME = N_("全国")


@dataclass
class Ground:
    """All rows, ready to be written in this order."""

    places: list[Place] = field(default_factory=list)
    changes: list[PlaceChange] = field(default_factory=list)
    shapes: list[PlaceShape] = field(default_factory=list)
    matches: list[BoundaryMatch] = field(default_factory=list)
    figures: list[PlaceFigure] = field(default_factory=list)


def code_history(changes: list[Change]) -> CodeHistory:
    """The history that the change table tells."""
    return CodeHistory(
        Step(item.year, item.old_code, item.new_code, item.old_name == item.new_name) for item in changes if item.old_code and item.new_code
    )


def assemble(progress: Progress, within: str = "") -> Ground:
    """Read, join, thin and place everything. ``within`` keeps only what lies in, or above, a place prefix."""
    divisions = [item for item in packages.divisions() if _kept(item.code, within)]
    changes = [item for item in packages.changes() if within[:2] in (item.old_code[:2], item.new_code[:2]) or not within]
    history = code_history(changes)
    ground = Ground(changes=[_change_row(item) for item in changes])
    ground.places = [_nation(), *(_place(item) for item in divisions), *_former(divisions, changes, history, within)]
    by_code = {place.code: place for place in ground.places}
    _date_beginnings(by_code, changes)

    outlines = [item for item in packages.outlines() if not item.is_area or _kept(item.code, within)]
    areas = [item for item in outlines if item.is_area]
    listed = {item.code: joining.Listed(item.code, item.name, item.level) for item in divisions}
    notes = {(item.old_code, item.new_code): item.note for item in changes}
    matches = joining.join([(item.level, item.code, item.name) for item in areas], listed, history, notes)
    ground.matches = [
        BoundaryMatch(
            layer=LAYERS[match.level],
            source_code=match.source_code,
            source_name=match.source_name,
            place_code=match.place_code,
            method=match.method,
            note=match.note,
        )
        for match in matches
    ]
    full = _draw(progress, ground, areas, matches)
    ground.shapes += [
        PlaceShape(name=item.name, layer=LINE, band=band, wkb=shapely.to_wkb(item.geometry))
        for item in outlines
        if not item.is_area and item.level is Level.PROVINCE
        for band in range(BANDS)
    ]
    _describe(by_code, matches, full)
    _position(progress, ground.places, by_code, full)
    ground.figures = _figure_rows(by_code)
    return ground


def _kept(code: str, within: str) -> bool:
    significant = code.rstrip("0") if len(code) == 6 else code
    return code.startswith(within) or within.startswith(significant)


def _nation() -> Place:
    return Place(
        code=NATION,
        code12=NATION * 2,
        name=NATION_NAME,
        short_name=NATION_NAME,
        level=Level.NATION,
        pinyin="quanguo",
        initials="qg",
        sort_key="quan guo",
    )


def _place(item: Division) -> Place:
    parts = naming.syllables_of(item.name)
    return Place(
        code=item.code,
        code12=item.code12,
        name=item.name,
        short_name=short_name_of(item.name),
        level=item.level,
        parent_id=item.parent,
        pinyin="".join(parts)[:200],
        initials="".join(part[0] for part in parts)[:60],
        sort_key=" ".join(parts)[:220],
    )


def _change_row(item: Change) -> PlaceChange:
    return PlaceChange(
        year=item.year,
        kind=item.kind,
        level=item.level,
        old_code=item.old_code,
        old_name=item.old_name[:200],
        new_code=item.new_code,
        new_name=item.new_name[:200],
        document=item.document[:60],
        source=item.source[:200],
        source_url=item.source_url[:200],
        note=item.note,
    )


def _former(divisions: list[Division], changes: list[Change], history: CodeHistory, within: str) -> list[Place]:
    """Codes that the change table knows and the list in force does not, under the last name they had."""
    in_force = {item.code for item in divisions}
    last: dict[str, tuple[int, str, Level, str, str]] = {}
    for item in changes:
        # What a code stood for is known from the change that ended it, else from the change that gave it.
        if item.old_code and item.old_code != item.new_code:
            last[item.old_code] = max(
                last.get(item.old_code, (0, "", item.level, "", "")),
                (item.year, item.old_name, item.level, item.old_parent, item.new_code),
                key=lambda known: known[0],
            )
    rows: list[Place] = []
    for code, (year, name, level, parent, _) in sorted(last.items()):
        if code in in_force or not _kept(code, within) or not name:
            continue
        now = history.latest(code, year)
        row = _place(Division(code, code + "000000", name, level, ""))
        row.parent_id = parent if parent in in_force else (code[:2] + "0000" if code[:2] + "0000" in in_force else None)
        row.valid_to = date(year, 12, 31)
        row.replaced_by = now if now != code and now in in_force else ""
        rows.append(row)
    return rows


def _date_beginnings(by_code: Mapping[str, Place], changes: list[Change]) -> None:
    """A code is in use from the last change that gave it; codes older than the table have no date."""
    for item in changes:
        place = by_code.get(item.new_code)
        if place and item.old_code != item.new_code and (place.valid_to is None or item.year <= place.valid_to.year):
            place.valid_from = max(place.valid_from or date.min, date(item.year, 1, 1))


def _draw(progress: Progress, ground: Ground, areas: list[packages.Outline], matches: list[joining.Match]) -> dict[str, BaseGeometry]:
    """Shape rows of every band; returns the outline of each place as published.

    Cities and provinces are united from their counties after thinning, so that their borders run along county borders in every
    band. (As published the three layers agree exactly.)
    """
    counties = [(area, match) for area, match in zip(areas, matches, strict=True) if match.level is Level.COUNTY]
    published = geometry.mended(np.array([area.geometry for area, _ in counties], dtype=object))
    full: dict[str, BaseGeometry] = {}
    for band in range(BANDS):
        progress(N_("界线概化"), band, BANDS)
        shapes = geometry.thinned(published, band)
        units: dict[tuple[str, str, str], list[BaseGeometry]] = defaultdict(list)
        uppers: dict[tuple[str, Level], list[BaseGeometry]] = defaultdict(list)
        for (_, match), shape in zip(counties, shapes, strict=True):
            own = match.method in joining.MATCHED or match.place_code == match.source_code
            key = (match.place_code, "", "") if own else (match.place_code, match.source_code, match.source_name)
            units[key].append(shape)
            uppers[match.source_code[:2] + "0000", Level.PROVINCE].append(shape)
            uppers[match.source_code[:4] + "00", Level.CITY].append(shape)
        drawn = [(code, source, name, Level.COUNTY, _one(parts)) for (code, source, name), parts in units.items()]
        cities = {match.place_code for match in matches if match.level is Level.CITY and match.method in joining.MATCHED}
        drawn += [
            (code, "", "", level, _one(parts)) for (code, level), parts in uppers.items() if level is Level.PROVINCE or code in cities
        ]
        names = {place.code: place.name for place in ground.places}
        ground.shapes += [
            PlaceShape(
                place_code=code,
                source_code=source,
                name=name or names.get(code, ""),
                layer=LAYERS[level],
                band=band,
                wkb=shapely.to_wkb(shape),
            )
            for code, source, name, level, shape in drawn
        ]
        if band == 0:
            # A municipality or a city without counties is drawn twice; the upper layer is written last and is the whole.
            full = {code: shape for code, source, _, _, shape in drawn if not source}
    progress(N_("界线概化"), BANDS, BANDS)
    return full


def _one(parts: list[BaseGeometry]) -> BaseGeometry:
    return parts[0] if len(parts) == 1 else geometry.united(parts)


def _describe(by_code: Mapping[str, Place], matches: list[joining.Match], full: Mapping[str, BaseGeometry]) -> None:
    for match in matches:
        if match.method in joining.MATCHED:
            place = by_code[match.place_code]
            if place.level == match.level or match.method == joining.CITY_WITHOUT_COUNTIES:
                place.boundary, place.boundary_note = match.method, match.note
    for code, shape in full.items():
        if code in by_code:
            place = by_code[code]
            place.west, place.south, place.east, place.north = (round(edge, 6) for edge in shape.bounds)


def _position(progress: Progress, places: list[Place], by_code: Mapping[str, Place], full: Mapping[str, BaseGeometry]) -> None:
    """Give every place in force a representative point by a stated method."""
    below: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.valid_to is not None or place.level == Level.NATION:
            continue
        if place.code in full and place.level != Level.TOWNSHIP:
            place.longitude, place.latitude = geometry.inner_point(full[place.code])
            place.position_method = INNER_CIRCLE
        else:
            below[_drawn_above(place, by_code, full)].append(place)
    total = sum(len(group) for group in below.values())
    done = 0
    for code, group in below.items():
        # Townships of one county and strangers without outline never share points: each kind is spread for itself.
        for own in (True, False):
            part = [item for item in group if (item.level == Level.TOWNSHIP and item.parent_id == code) is own]
            if part and code:
                _spread(part, full[code], by_code[code], SPREAD if own else UPPER_OUTLINE)
            done += len(part)
        progress(N_("示意位置"), done, total)


def _drawn_above(place: Place, by_code: Mapping[str, Place], full: Mapping[str, BaseGeometry]) -> str:
    """Code of the nearest upper place with an outline; empty when there is none."""
    here = by_code.get(place.parent_id or "")
    while here is not None and here.code not in full:
        here = by_code.get(here.parent_id or "")
    return here.code if here else ""


def _spread(places: list[Place], outline: BaseGeometry, upper: Place, method: str) -> None:
    west, south, east, north = outline.bounds
    centre = (upper.longitude or (west + east) / 2, upper.latitude or (south + north) / 2)
    radius = round(geometry.radius_km(outline), 1)
    places = sorted(places, key=lambda place: place.code)
    for place, (longitude, latitude) in zip(places, geometry.spread_points(outline, len(places), centre), strict=True):
        place.longitude, place.latitude = longitude, latitude
        place.approximate, place.uncertainty_km, place.position_method = True, radius, method


def _figure_rows(by_code: Mapping[str, Place]) -> list[PlaceFigure]:
    listed = figures.rows()
    notes = figures.notes(listed)
    return [
        PlaceFigure(
            place_id=row.place_code,
            figure_code=row.figure_code,
            value=row.value,
            unit=row.unit,
            year=row.year,
            source=row.source,
            status=row.status,
            note=notes.get((row.place_code, row.figure_code), ""),
        )
        for row in listed
        if row.part != figures.ZONE and row.place_code in by_code
    ]
