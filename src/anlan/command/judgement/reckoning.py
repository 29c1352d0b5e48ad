"""One run: from checked inputs to zones on the map, times, doses and everything they rest on. Pure; may take a second and can be called off.

Answers are plain values (dicts, lists, numbers, texts), as a run keeps them. Texts are Chinese source texts with their facts; whoever shows them
translates. No figure that is not a number leaves here: areas refuse it, and :func:`plain` refuses the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np

from anlan.command.judgement import comparing, geometry, rules
from anlan.command.judgement.fires import circles_of
from anlan.command.judgement.geometry import Area, Point
from anlan.command.judgement.inputs import Inputs
from anlan.command.judgement.release import Release, curtained, release_of, scenario_weather
from anlan.consequence import bands, timeline
from anlan.consequence.cancelling import ShouldStop, never, proceed
from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import Weather, Zone
from anlan.consequence.choosing import BY_CRITERION, PASSIVE, clouds_of
from anlan.consequence.clouds import Cloud
from anlan.consequence.concentration import in_kg_m3
from anlan.consequence.running import Run, Threshold, carry
from anlan.consequence.substance import Substance
from anlan.consequence.validity import Figures, OutOfRange
from anlan.consequence.zones import Limit, of_cloud
from anlan.kernel.words import N_

FRAMES_MIN = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240)
"""Moments after the beginning for which the zones are drawn on the time slider."""
DISTANCES_M = (100, 200, 500, 1000, 1500, 2000, 3000, 5000, 8000, 10_000, 15_000, 20_000)
"""Places downwind for which times and doses are told."""
_ALONG = 120
_HALVINGS = 12
SCHEMES = ("AEGL", "ERPG", "PAC", "TEEL")
"""Sets of three levels of harm; the first that a chemical has is drawn."""
PLACES_AT_MOST = 60
HEAVY = "dispersion.britter_mcquaid"

NO_BAND = N_("火灾、爆炸的范围只给单一值，没有不确定带；处置时应留足余量。")
FLAT = N_("模型假定平坦开阔地面；街区、山谷、建筑背风面的浓度可能更高，请以现场监测为准。")


class Level(Protocol):
    """A limit of harm as the room of chemicals tells it: ``value`` in ``unit`` (ppm or mg/m³) when breathed for ``minutes``."""

    @property
    def code(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def status(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """A named place in degrees at which times and doses are told. ``record``: its record's id, by which its name is shown to whom it may be."""

    name: str
    longitude: float
    latitude: float
    record: str = ""


DOWNWIND = Place("", 0.0, 0.0)
"""A distance along the wind, which has no name and no record."""

PlacesIn = Callable[[Area], Sequence[Place]]


def nowhere(_area: Area) -> Sequence[Place]:
    """No named places."""
    return ()


@dataclass(frozen=True)
class Question:
    """What a run is asked: checked ``inputs`` of a ``kind``, the ``substance`` with its ``levels``, and the moment ``now``."""

    kind: str
    inputs: Inputs
    now: datetime
    chemical: str = ""
    substance: Substance | None = None
    levels: tuple[Level, ...] = ()
    places_in: PlacesIn = nowhere
    assumed: comparing.Assumed | None = None
    curtain_share: float = 0.0

    def number(self, name: str) -> float:
        """A figure of the form that is there."""
        return float(self.inputs[name].value)  # type: ignore[arg-type]

    @property
    def source(self) -> Point:
        """Where it happens, degrees."""
        return self.number("longitude"), self.number("latitude")

    @property
    def elapsed_s(self) -> float:
        """How long it has lasted; 0 before it begins."""
        began = datetime.fromisoformat(str(self.inputs["began_at"].value))
        return max((self.now - began).total_seconds(), 0.0)


def answer(question: Question, should_stop: ShouldStop = never) -> dict[str, Any]:
    """The result of a run. Raises ``Cancelled`` and every refusal of the models."""
    return _toxic(question, should_stop) if question.kind == rules.TOXIC else _circles(question)


def chosen_levels(levels: Sequence[Level]) -> tuple[Level, ...]:
    """The levels to draw, the worst first: the first set of three that the chemical has, else every level it has."""
    for scheme in SCHEMES:
        of_scheme = [each for each in levels if each.code.upper().startswith(scheme)]
        if of_scheme:
            return tuple(sorted(of_scheme, key=lambda each: -each.value))
    return tuple(sorted(levels, key=lambda each: -each.value))


# --- toxic clouds ----------------------------------------------------------------------------------------------------------------


def _toxic(question: Question, should_stop: ShouldStop) -> dict[str, Any]:
    levels = chosen_levels(question.levels)
    if not levels or question.substance is None:
        raise rules.NoEndpoint(chemical=question.chemical, minutes=f"{question.number('minutes'):g}")
    substance, weather = question.substance, scenario_weather(question.inputs)
    release = release_of(question.inputs, substance, weather)
    molar = substance.molar_mass_kg_mol
    thresholds = [Threshold(each.code, each.label, each.value, each.unit) for each in levels]
    choice, run = _carried(release, weather, thresholds, molar, should_stop)
    limits = [_limit(each, weather, molar) for each in levels]
    members = bands.weather_band(weather)
    clouds = bands.Clouds(tuple(release.terms), choice=choice)
    zones, unreached = [], []
    for severity, (level, limit) in enumerate(zip(levels, limits, strict=True), 1):
        proceed(should_stop)
        pieces = [zone for zone in run.zones if zone.code == level.code]
        if pieces:
            zones.append(_cloud_zone(question, level, limit, severity, pieces, run, clouds, members, should_stop))
        else:
            unreached.append(_level(level))
    told = (*run.cautions, *bands.left_out(clouds, members), Caution("flat_open_ground", FLAT))
    result = {
        "kind": question.kind,
        "release": release.told(),
        "weather": weather_told(weather, question.number("wind_from_deg")),
        "zones": zones,
        "unreached": unreached,
        "passages": _passages(question, run.cloud, limits, weather, molar, zones, should_stop),
        "elapsed_s": question.elapsed_s,
        "options": _options(question, release, run.cloud, choice, weather, levels, limits, zones, should_stop),
        "cautions": cautions(told),
        "models": models((*run.by, *(each for term in release.terms for each in term.by))),
        "levels": [_level(each) for each in levels],
    }
    return _checked(result)


def _carried(
    release: Release, weather: Weather, thresholds: Sequence[Threshold], molar: float | None, should_stop: ShouldStop
) -> tuple[str, Run]:
    """By the library's own criterion; where its heavy clouds end, as a passive one with the caution that says so. An answer that is too long and
    too narrow serves better at night than none."""
    try:
        return BY_CRITERION, carry(release.terms, weather, thresholds=thresholds, molar_kg=molar, should_stop=should_stop)
    except OutOfRange as refusal:
        if not str(refusal.facts.get("model", "")).startswith(HEAVY):
            raise
    run = carry(release.terms, weather, thresholds=thresholds, molar_kg=molar, choice=PASSIVE, should_stop=should_stop)
    return PASSIVE, run


def _limit(level: Level, weather: Weather, molar: float | None) -> Limit:
    held = in_kg_m3(level.value, level.unit, molar_kg=molar, temperature_k=weather.temperature_k, pressure_pa=weather.pressure_pa)
    return Limit(level.code, level.label, level.value, level.unit, held)


def _level(level: Level) -> dict[str, Any]:
    return {
        "code": level.code,
        "label": level.label,
        "limit": level.value,
        "unit": level.unit,
        "minutes": getattr(level, "minutes", None),
        "source": level.source,
        "status": level.status,
    }


def _cloud_zone(
    question: Question,
    level: Level,
    limit: Limit,
    severity: int,
    pieces: Sequence[Zone],
    run: Run,
    clouds: bands.Clouds,
    members: Sequence[bands.Member],
    should_stop: ShouldStop,
) -> dict[str, Any]:
    source, wind = question.source, question.number("wind_from_deg")
    far = max(pieces, key=lambda each: each.reach_m)
    low, high = bands.reach_band(clouds, run.cloud, members, limit.field_value, should_stop)
    shape = geometry.joined(each.rings for each in pieces)
    # Between the members the wind may blow from anywhere: the band is whatever lies between their outlines.
    outline = geometry.joined(_outlines(clouds, run.cloud, members, limit, should_stop)).convex_hull
    frames = [
        {"minutes": minutes, "area": geometry.area_in_degrees(source, wind, geometry.joined(rings).intersection(shape))}
        for minutes, rings in zip(FRAMES_MIN, _moments(run.cloud, far.reach_m, limit), strict=True)
    ]
    while len(frames) > 1 and not frames[-1]["area"] and not frames[-2]["area"]:
        frames.pop()
    return {
        **_level(level),
        "severity": severity,
        "reach_m": far.reach_m,
        "band_m": [low, high],
        "area_m2": sum(each.area_m2 for each in pieces),
        "arrival_s": far.arrival_s,
        "departure_s": far.departure_s,
        "area": geometry.area_in_degrees(source, wind, shape),
        "band_area": geometry.area_in_degrees(source, wind, outline),
        "frames": frames,
        "limit_kg_m3": limit.field_value,
    }


def _outlines(
    clouds: bands.Clouds, base: Cloud, members: Sequence[bands.Member], limit: Limit, should_stop: ShouldStop
) -> Iterable[Sequence[Any]]:
    """Rings (m) of the limit over every weather of the band, turned as it is, and of a third of it in the weather itself."""
    mild = Limit(limit.code, limit.label, limit.value, limit.unit, limit.field_value / max(bands.CONCENTRATION_FACTORS))
    for zone in of_cloud(base, mild):
        yield zone.rings
    known: dict[Weather, tuple[Zone, ...]] = {}
    for member in members:
        if member.weather not in known:
            proceed(should_stop)
            cloud = clouds.of(member.weather)
            known[member.weather] = of_cloud(cloud, limit) if cloud is not None else ()
        turn = math.radians(member.turn_deg)
        cos, sin = math.cos(turn), math.sin(turn)
        for zone in known[member.weather]:
            yield [np.stack([ring[:, 0] * cos - ring[:, 1] * sin, ring[:, 0] * sin + ring[:, 1] * cos], axis=1) for ring in zone.rings]


def _moments(cloud: Cloud, reach_m: float, limit: Limit) -> list[list[Sequence[Any]]]:
    """Rings (m) of where the limit stands at each of the moments. Across the wind the cloud of a moment is taken to fall off as its highest
    concentration does."""
    along = reach_m * np.linspace(0.002, 1.0, _ALONG)
    axis = cloud.course(along, np.zeros_like(along), 60.0 * np.array(FRAMES_MIN))
    highest = np.maximum(np.asarray(cloud.peak(along, np.zeros_like(along)), np.float64), 1e-30)
    return [list(_rings(cloud, along, limit, now, highest)) for now in axis]


def _rings(cloud: Cloud, along: Figures, limit: Limit, now: Figures, highest: Figures) -> Iterable[Sequence[Any]]:
    there = now >= limit.field_value
    if not there.any():
        return
    wanted = limit.field_value * highest / np.maximum(now, limit.field_value)
    low, high = np.zeros_like(along), np.where(there, cloud.half_width(along, limit.field_value), 0.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        above = cloud.peak(along, middle) >= wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    for first, last in np.flatnonzero(np.diff(np.r_[False, there, False].astype(np.int8))).reshape(-1, 2):
        x, y = along[first:last], np.maximum(high[first:last], 0.5)
        if x.size >= 2:
            yield [np.concatenate([np.stack([x, -y], axis=1), np.stack([x, y], axis=1)[::-1]])]


# --- times and doses -------------------------------------------------------------------------------------------------------------


def _passages(
    question: Question,
    cloud: Cloud,
    limits: Sequence[Limit],
    weather: Weather,
    molar: float | None,
    zones: Sequence[Mapping[str, Any]],
    should_stop: ShouldStop,
) -> list[dict[str, Any]]:
    """What happens at places downwind and at the named ones in the widest zone: by the mildest level."""
    if not zones:
        return []
    widest = max(zones, key=lambda each: each["reach_m"])
    mildest = min(limits, key=lambda each: each.field_value)
    distances = [each for each in DISTANCES_M if each <= 1.2 * widest["reach_m"]] or [DISTANCES_M[0]]
    rows: list[tuple[Place, float, float]] = [(DOWNWIND, float(each), 0.0) for each in distances]
    for place in tuple(question.places_in(widest["area"]))[:PLACES_AT_MOST]:
        x, y = geometry.to_metres(question.source, question.number("wind_from_deg"), place.longitude, place.latitude)
        rows.append((place, float(x), float(y)))
    one = in_kg_m3(1.0, mildest.unit, molar_kg=molar, temperature_k=weather.temperature_k, pressure_pa=weather.pressure_pa)
    told = timeline.at_places(
        cloud,
        [row[1] for row in rows],
        [row[2] for row in rows],
        limit_kg_m3=mildest.field_value,
        now_s=question.elapsed_s,
        should_stop=should_stop,
    )
    return [
        {
            "name": place.name,
            "record": place.record,
            "distance_m": math.hypot(each.x_m, each.y_m),
            "x_m": each.x_m,
            "y_m": each.y_m,
            "arrival_s": each.arrival_s,
            "peak_s": each.peak_s,
            "departure_s": each.departure_s,
            "peak": each.peak_kg_m3 / one,
            "now": each.now_kg_m3 / one,
            "unit": mildest.unit,
            "dose_so_far": each.dose_so_far_kg_s_m3 / one / 60.0,
            "dose": float(np.trapezoid(each.course_kg_m3, each.time_s)) / one / 60.0,
        }
        for (place, _x, _y), each in zip(rows, told, strict=True)
    ]


# --- options ---------------------------------------------------------------------------------------------------------------------


def _options(
    question: Question,
    release: Release,
    cloud: Cloud,
    choice: str,
    weather: Weather,
    levels: Sequence[Level],
    limits: Sequence[Limit],
    zones: Sequence[Mapping[str, Any]],
    should_stop: ShouldStop,
) -> list[dict[str, Any]]:
    """What people may do, by the second level if there is one (harm for good, escape hindered), with and without a water curtain."""
    if not zones or question.assumed is None:
        return []
    chosen = next((index for index, level in enumerate(levels) if level.code.endswith("-2")), 0)
    limit, level = limits[chosen], levels[chosen]
    minutes = float(getattr(level, "minutes", 0) or question.number("minutes"))
    reach = next((zone["reach_m"] for zone in zones if zone["code"] == level.code), max(zone["reach_m"] for zone in zones))
    clouds = [(False, cloud)]
    if question.curtain_share > 0:
        clouds.append((True, clouds_of(curtained(release, question.curtain_share).terms, weather, choice=choice)[0]))
    found = []
    for curtain, each in clouds:
        told = comparing.compared(
            each,
            limit_kg_m3=limit.field_value,
            minutes=minutes,
            reach_m=reach,
            figures=question.assumed,
            should_stop=should_stop,
        )
        for option in told:
            shape = _inside(each, option["edge_kg_m3"], limit)
            area = geometry.area_in_degrees(question.source, question.number("wind_from_deg"), shape)
            found.append(
                {**option, "curtain": curtain, "level": level.code, "minutes": minutes, "area_m2": float(shape.area), "area": area}
            )
    return found


def _inside(cloud: Cloud, edge_kg_m3: float | None, limit: Limit) -> Any:
    if edge_kg_m3 is None or edge_kg_m3 <= 0:
        return geometry.joined([])
    return geometry.joined(zone.rings for zone in of_cloud(cloud, Limit(limit.code, limit.label, limit.value, limit.unit, edge_kg_m3)))


# --- fires and blasts ------------------------------------------------------------------------------------------------------------


def _circles(question: Question) -> dict[str, Any]:
    zones, facts, by, told = circles_of(question.kind, question.inputs)
    source = question.source
    drawn = [
        {
            "code": zone.code,
            "label": zone.label,
            "limit": zone.limit,
            "unit": zone.unit,
            "minutes": None,
            "source": "; ".join(each.citation for each in zone.by),
            "status": "",
            "severity": severity,
            "reach_m": zone.reach_m,
            "band_m": None,
            "area_m2": zone.area_m2,
            "arrival_s": 0.0,
            "departure_s": None,
            "area": geometry.area_in_degrees(source, 0.0, geometry.joined([zone.rings])),
            "band_area": (),
            "frames": [],
        }
        for severity, zone in enumerate(sorted(zones, key=lambda each: each.reach_m), 1)
    ]
    every = (*told, *(each for zone in zones for each in zone.cautions), Caution("circle_without_band", NO_BAND))
    result = {
        "kind": question.kind,
        "release": facts,
        "weather": None,
        "zones": drawn,
        "unreached": [],
        "passages": [],
        "options": [],
        "elapsed_s": question.elapsed_s,
        "cautions": cautions(every),
        "models": models((*by, *(each for zone in zones for each in zone.by))),
        "levels": [],
    }
    return _checked(result)


# --- what an answer carries ------------------------------------------------------------------------------------------------------


def weather_told(weather: Weather, wind_from_deg: float) -> dict[str, Any]:
    """The weather of a run in plain values."""
    return {
        "wind_from_deg": wind_from_deg,
        "wind_m_s": weather.wind_m_s,
        "wind_height_m": weather.wind_height_m,
        "stability": weather.stability,
        "temperature_k": weather.temperature_k,
        "pressure_pa": weather.pressure_pa,
        "humidity": weather.humidity,
        "ground": weather.ground,
    }


def cautions(told: Iterable[Caution]) -> list[dict[str, Any]]:
    """Cautions in plain values, each once, in order."""
    found = {(each.code, str(sorted(each.facts.items()))): each for each in told}
    return [{"code": each.code, "sentence": each.sentence, "facts": dict(each.facts)} for each in found.values()]


def models(by: Iterable[Credentials]) -> list[dict[str, Any]]:
    """Models in plain values, each once."""
    return [
        {
            "model": each.model,
            "version": each.version,
            "citation": each.citation,
            "sigma_set": each.sigma_set,
            "averaging_s": each.averaging_s,
        }
        for each in dict.fromkeys(by)
    ]


def _checked(result: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = plain(result)
    return found


def plain(value: Any) -> Any:
    """The same of plain Python values. Raises ``ValueError`` for a figure that is not a number: it must not reach a map or a sheet."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a figure of the result is no number")
    return value
