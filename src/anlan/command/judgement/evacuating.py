"""Asks the rooms of people, shelters and roads for what a plan of evacuation (:mod:`leaving`) is made of, for one run at one moment.

The plan is reckoned for everybody, so that all read the same numbers; :mod:`leaving_told` hides the names that a reader may not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np

from anlan.command.judgement import facts, leaving, rules, wording
from anlan.command.judgement.facts import ZoneFacts
from anlan.command.judgement.geometry import Area, Point, box_of
from anlan.command.judgement.leaving import BUS, Choice, Figures, Origin, Plan, Refuge, Surroundings, Unusable, Ways
from anlan.command.judgement.models import Run
from anlan.command.judgement.overtaking import Coming
from anlan.command.judgement.parameters import figure
from anlan.ground.facilities import door as facilities
from anlan.ground.population import door as population
from anlan.ground.roads import door as roads
from anlan.kernel.errors import Refusal
from anlan.routing.evacuation_fleet import Fleet
from anlan.routing.evacuation_flow import mobilisation

PIECES: Final = 30
"""Into how many squares the zones are cut at most (about): people set out from the middle of each. Project default."""
DETOUR: Final = 3.0
"""A way so many times longer than the straight distance looked through, at the slowest speed, is followed no further. Project default."""
SLOWEST_BUS_M_S: Final = 5.0
ROUND_M: Final = 111_195.0
MOST_BUSES, MOST_SEATS = 5000, 200


def default_choice(run: Run, at: datetime, means: str = leaving.FOOT) -> Choice:
    """What is reckoned when nobody chose: the zones down to the second, people setting out by themselves, the buses of ``data/parameters.csv``."""
    day = at.date()
    every = [zone.severity for zone in facts.zones(run) if zone.area]
    severity = max((each for each in every if each <= rules.TO_BE_LEFT), default=min(every, default=rules.TO_BE_LEFT))
    return Choice(severity, means, "general", int(figure("bus_number", day)), int(figure("bus_seats", day)))


def plan(run: Run, choice: Choice, at: datetime) -> Plan:
    """Who goes where at ``at`` by the roads as they are open then, around the zones of a run. Raises what the room of roads refuses."""
    zones = [zone for zone in facts.zones(run) if zone.area]
    left = [zone for zone in zones if zone.severity <= choice.severity]
    around = surroundings(left, zones, choice, at)
    avoid = [zone.area for zone in zones]
    vehicle = "bus" if choice.means == BUS else "foot"
    figures = figures_of(choice, at)
    slowest = SLOWEST_BUS_M_S if choice.means == BUS else figures.walking_m_s
    limit_s = DETOUR * figures.reach_m / slowest
    exercise = run.exercise

    def matrix(starts: Sequence[Point], ends: Sequence[Point], around_zones: bool) -> Any:
        return roads.matrix(starts, ends, vehicle=vehicle, at=at, avoid=avoid if around_zones else (), exercise=exercise, limit_s=limit_s)

    def routes(legs: Mapping[Point, Sequence[Point]]) -> Any:
        return roads.routes_from(legs, vehicle=vehicle, at=at, avoid=avoid, exercise=exercise)

    return leaving.planned(around, choice, figures, coming(run, left, at), Ways(matrix, routes), at)


def figures_of(choice: Choice, at: datetime) -> Figures:
    """What is assumed, of the day."""
    day = at.date()
    fleet = Fleet(
        choice.vehicles,
        choice.seats,
        60.0 * figure("bus_ready_min", day),
        60.0 * figure("bus_load_min", day),
        60.0 * figure("bus_unload_min", day),
        60.0 * figure("bus_empty_min", day),
    )
    reach_m = 1000.0 * figure("shelter_bus_km" if choice.means == BUS else "shelter_foot_km", day)
    return Figures(reach_m, figure("walking_m_s", day), fleet, mobilisation(choice.curve))


def coming(run: Run, left: Sequence[ZoneFacts], at: datetime) -> Coming | None:
    """The cloud of the mildest zone that is left, which arrives first everywhere; ``None`` of a fire or a blast, which comes without warning."""
    began = facts.began_at(run)
    longitude, latitude = wording.number_of(run, "longitude"), wording.number_of(run, "latitude")
    if run.kind != rules.TOXIC or not left or began is None or longitude is None or latitude is None:
        return None
    mildest = max(left, key=lambda zone: zone.severity)
    elapsed = max((at - began).total_seconds(), 0.0)
    return Coming(mildest.area, mildest.frames, mildest.arrival_s or 0.0, mildest.reach_m, (longitude, latitude), elapsed)


def surroundings(left: Sequence[ZoneFacts], zones: Sequence[ZoneFacts], choice: Choice, at: datetime) -> Surroundings:
    """Who is in the zones that are left, and the shelters outside every zone and its uncertainty."""
    areas = [zone.area for zone in left]
    cut = leaving.pieces(areas, PIECES)
    counted = population.people_in_each([area for area, _point in cut], at=at)
    lines: dict[tuple[str, str], list[tuple[Point, float]]] = {}
    for (_area, point), inside in zip(cut, counted, strict=True):
        for share in inside.by_place:
            lines.setdefault((share.place_code, share.name), []).append((point, share.people))
    origins: dict[tuple[str, str, Point], int] = {}
    for (code, name), parts in lines.items():
        for (point, _share), people in zip(parts, leaving.whole([part for _point, part in parts]), strict=True):
            if people:
                origins[code, name, point] = origins.get((code, name, point), 0) + people
    unknown = tuple(sorted({code for inside in counted for code in inside.unknown}))
    refuges, unusable = _refuges(areas, zones, figures_of(choice, at).reach_m)
    found = tuple(Origin(code, name, point, people) for (code, name, point), people in origins.items())
    return Surroundings(found, refuges, unusable, unknown)


def _refuges(areas: Sequence[Area], zones: Sequence[ZoneFacts], reach_m: float) -> tuple[tuple[Refuge, ...], Unusable]:
    boxes = [box for area in areas if (box := box_of(area)) is not None]
    if not boxes:
        return (), Unusable()
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    high = reach_m / ROUND_M
    wide = high / float(np.cos(np.radians(max(abs(south), abs(north)))))
    found = facilities.shelters((west - wide, south - high, east + wide, north + high), None)
    danger = _danger(zones)
    refuges, in_danger, closed, unknown = [], 0, 0, []
    for each in found:
        if danger(each.longitude, each.latitude):
            in_danger += 1
        elif each.room_left is None:
            unknown.append(str(each.id))
        elif each.room_left == 0:
            closed += 1
        else:
            refuges.append(Refuge(str(each.id), each.name, each.place_code, (each.longitude, each.latitude), each.room_left))
    return tuple(refuges), Unusable(in_danger, closed, tuple(unknown))


def _danger(zones: Sequence[ZoneFacts]) -> Any:
    """Whether a place lies in any zone, or where one may reach if wind or release are other than taken."""
    import shapely

    areas = [area for zone in zones for area in (zone.area, zone.band_area) if area]
    shapes = [shapely.make_valid(shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in area])) for area in areas]
    shape = shapely.union_all(shapes)
    shapely.prepare(shape)
    return lambda longitude, latitude: bool(shapely.intersects_xy(shape, longitude, latitude))


def kept(run: Run, at: datetime) -> dict[str, Any]:
    """What a run keeps of it, in plain values and without names: by each way of going, for the choice that nobody changed."""
    found: dict[str, Any] = {"at": at.isoformat()}
    for means in leaving.MEANS:
        choice = default_choice(run, at, means)
        try:
            answer = plan(run, choice, at)
        except Refusal as refusal:
            # The zones must be told even where no net of roads says who goes where.
            found[means] = {"refusal": wording.told(refusal)}
            continue
        found |= {"severity": choice.severity, "unknown": list(answer.around.unknown)}
        found[means] = answer.summary() if answer.refused is None else {**answer.summary(), "refusal": wording.told(answer.refused)}
    return found


def asked(run: Run, given: Mapping[str, str], at: datetime) -> Choice:
    """The choice of a form: ``severity``, ``means``, ``curve``, ``vehicles``, ``seats``; what is not given is the default.

    Raises ``NoSuchChoice``, ``NoNumber``, ``BeyondBounds``.
    """
    choice = default_choice(run, at)
    levels = tuple(str(zone.severity) for zone in facts.zones(run) if zone.area)
    changed: dict[str, Any] = {}
    for name, known in (("severity", levels), ("means", tuple(leaving.MEANS)), ("curve", tuple(leaving.CURVES))):
        text = given.get(name, "").strip()
        if text:
            if text not in known:
                raise rules.NoSuchChoice(what=rules.EVACUATION_LABELS[name], given=text, known=" / ".join(known))
            changed[name] = int(text) if name == "severity" else text
    for name, most in (("vehicles", MOST_BUSES), ("seats", MOST_SEATS)):
        text = given.get(name, "").strip()
        if text:
            changed[name] = _number(name, text, most)
    return replace(choice, **changed)


def _number(name: str, text: str, most: int) -> int:
    what, unit = rules.EVACUATION_LABELS[name], rules.EVACUATION_UNITS[name]
    if not (text.isascii() and text.isdecimal()):
        raise rules.NoNumber(what=what, unit=unit, given=text)
    if not 1 <= int(text) <= most:
        raise rules.BeyondBounds(what=what, unit=unit, low="1", high=str(most), given=text)
    return int(text)
