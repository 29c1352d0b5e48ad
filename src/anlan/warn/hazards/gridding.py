"""What the grid is reckoned from: townships, hazards in force and what is exposed, as the arrays of :mod:`.grid`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import ceil

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel.levels import Level, MalformedPlaceCode, prefix_of
from anlan.ledger.sources import law_day
from anlan.warn.hazards import eew, grid, queries, rules, shaking
from anlan.warn.hazards.models import HazardSignal, HotSpot, Quake

CENSUS = "population_2020_census"
KM_PER_DEGREE = 111.2
Indices = NDArray[np.intp]


class Ground:
    """Townships by code, and which of them a division or an area holds."""

    def __init__(self) -> None:
        self.townships = places.townships()
        self.codes = self.townships.codes
        self.counties, self.county_of, self.number = np.unique(self.codes.astype("U6"), return_inverse=True, return_counts=True)
        self.rows: tuple[str, ...] = (*self.codes.tolist(), *self.counties.tolist())
        """Codes of the rows of the grid: townships, behind them their counties."""

    @property
    def size(self) -> int:
        """How many townships there are."""
        return len(self.codes)

    def of_code(self, code: str) -> Indices:
        """Townships of a division; a code that was replaced leads to its successor."""
        try:
            prefix = prefix_of(code)
        except MalformedPlaceCode:
            return np.empty(0, np.intp)
        first, last = np.searchsorted(self.codes, [prefix, prefix + "~"])
        return np.arange(first, last)

    def of_area(self, polygons: Iterable[Iterable[Sequence[float]]], circles: Iterable[Sequence[float]]) -> Indices:
        """Townships of the counties that an area meets: no outline below the county is published, so none is left out."""
        shapes = [shapely.make_valid(shapely.Polygon(ring)) for ring in polygons]
        for longitude, latitude, radius_km in circles:
            north = radius_km / KM_PER_DEGREE
            circle = shapely.Point(0.0, 0.0).buffer(1.0)
            shapes.append(
                shapely.transform(circle, lambda xy, n=north, x=longitude, y=latitude: xy * [n / np.cos(np.radians(y)), n] + [x, y])
            )
        if not shapes:
            return np.empty(0, np.intp)
        codes = places.outlines(shapely.union_all(shapes))
        return np.unique(np.concatenate([self.of_code(code) for code in codes])) if codes else np.empty(0, np.intp)

    def of_signal(self, row: HazardSignal, at: datetime) -> Indices:
        """Townships that a signal names: by its divisions, where it names none by its shapes."""
        found = [self.of_code(code) for code in self._present(row.area_codes, at)]
        if not any(each.size for each in found):
            return self.of_area(row.polygons, row.circles)
        return np.unique(np.concatenate(found))

    @staticmethod
    def _present(codes: Iterable[str], at: datetime) -> Iterable[str]:
        for code in codes:
            if places.exists(code):
                yield code
            elif (now := places.resolve(code[:6], law_day(at))) is not None:
                yield now.code

    def spread(self, counts: dict[str, float], *, everywhere: bool = False) -> grid.Exposure:
        """Counts by place code as what each township has, and what lies somewhere in a county; ``everywhere``: counted in each of its townships too."""
        known = np.zeros(self.size)
        county = np.zeros(len(self.counties))
        rows = {code: number for number, code in enumerate(self.counties.tolist())}
        for code, number in counts.items():
            at = np.searchsorted(self.codes, code)
            if len(code) == 9 and at < self.size and self.codes[at] == code:
                known[at] += number
            elif code[:6] in rows:
                county[rows[code[:6]]] += number
        return grid.Exposure(known, county[self.county_of] if everywhere else np.zeros(self.size), county)

    def averaged(self, people: dict[str, float]) -> grid.Exposure:
        """People of counties, the same number for each of its townships: what stands for a census by township."""
        county = np.array([people.get(code, 0.0) for code in self.counties.tolist()]) / np.maximum(self.number, 1)
        return grid.Exposure(np.zeros(self.size), county[self.county_of], np.zeros(len(self.counties)))


def exposure(ground: Ground, day: date) -> dict[str, grid.Exposure]:
    """What chains ask for, by object; an object that nobody registered is left out."""
    everywhere = bool(rules.parameter("unplaced_everywhere", day))
    kept = {
        "risksources": risksources.counts_by_place(),
        "enterprises": enterprises.counts_by_place(rules.sought_in("enterprises").keys()),
    }
    found: dict[str, grid.Exposure] = {}
    for code, thing in rules.objects().items():
        if thing.register == "people":
            people = places.values(CENSUS, Level.COUNTY)
            if people:
                found[code] = ground.averaged(people)
            continue
        counts: dict[str, float] = defaultdict(float)
        wanted = set(thing.sought.split())
        for (kind, place_code), number in kept[thing.register].items():
            if kind in wanted:
                counts[place_code] += number
        if counts:
            found[code] = ground.spread(counts, everywhere=everywhere)
    return found


def threats(ground: Ground, now: datetime, hours: int, *, exercise: bool) -> list[grid.Threat]:
    """Every hazard that holds from ``now`` on within the hours of the grid, whose first is that of ``now``."""
    hour = rules.hour_of(now)
    found = []
    every = HazardSignal.objects.defer("raw", "description", "instruction").filter(exercise=exercise)
    rows = queries.in_force(every, now, hour + timedelta(hours=hours))
    for row in rows.order_by("pk"):
        first, last = stretch(row.starts_at, row.ended_at or row.ends_at, hour, hours)
        found.append(
            grid.Threat(f"{row.source}:{row.pk}", rules.families_of(row.hazard), row.level, ground.of_signal(row, hour), first, last)
        )
    return [*found, *_shaken(ground, hour, hours, exercise), *_burning(ground, hour, hours, exercise)]


def stretch(starts: datetime, ends: datetime, hour: datetime, hours: int) -> tuple[int, int]:
    """Hours of the grid that a time meets: the hour in which it begins up to, not including, the first hour after its end."""
    first = int((starts - hour).total_seconds() // 3600)
    last = ceil((ends - hour).total_seconds() / 3600)
    return max(first, 0), min(max(last, 0), hours)


def _shaken(ground: Ground, hour: datetime, hours: int, exercise: bool) -> list[grid.Threat]:
    day = law_day(hour)
    held = timedelta(hours=rules.parameter("quake_hours", day))
    rows = Quake.objects.filter(cancelled=False, exercise=exercise, origin_at__gt=hour - held, origin_at__lt=hour + timedelta(hours=hours))
    found = []
    for row in rows.order_by("pk"):
        felt = eew.intensities(shaking.origin_of(row), ground.townships.longitudes, ground.townships.latitudes)
        levels = np.zeros(ground.size, np.uint8)
        for each in sorted(rules.table("intensity_levels", rules.IntensityLevel), key=lambda line: line.intensity):
            if each.holds_on(day):
                levels[felt >= each.intensity - 0.5] = each.level
        hit = np.flatnonzero(levels)
        first, last = stretch(row.origin_at, row.origin_at + held, hour, hours)
        found.append(grid.Threat(f"{rules.QUAKE}:{row.pk}", ("quake",), levels[hit], hit, first, last))
    return found


def _burning(ground: Ground, hour: datetime, hours: int, exercise: bool) -> list[grid.Threat]:
    """Hot spots by county and class, each told by its strongest."""
    held = timedelta(hours=rules.parameter("hotspot_hours", law_day(hour)))
    rows = HotSpot.objects.filter(level__gt=0, exercise=exercise, seen_at__gt=hour - held, seen_at__lt=hour + timedelta(hours=hours))
    strongest: dict[str, HotSpot] = {}
    for row in rows.order_by("-level", "-seen_at", "pk"):
        strongest.setdefault(row.place_code[:6], row)
    found = []
    for code, row in sorted(strongest.items()):
        first, last = stretch(row.seen_at, row.seen_at + held, hour, hours)
        found.append(grid.Threat(f"{rules.HOTSPOT}:{row.pk}", ("fire",), row.level, ground.of_code(code), first, last))
    return found
