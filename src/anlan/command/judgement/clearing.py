"""An answer handed to whoever clears the area: who is to leave which place, where to, and by which way it was reckoned.

Only places and counts leave this room; the plan with its ways and times stays on the page of the run.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from anlan.command.judgement import evacuating, facts
from anlan.command.judgement.facts import AreaToLeave, PlaceToLeave
from anlan.command.judgement.geometry import Area
from anlan.command.judgement.leaving import Moving, Origin
from anlan.command.judgement.models import Run
from anlan.desk.refusals import sentence
from anlan.ground.facilities import door as facilities
from anlan.ground.population import door as population
from anlan.kernel.errors import Refusal

HELD = ("pupils", "residents", "patients", "visitors")
"""Roles of facilities whose people are led out together by those who run it; villages are counted by their inhabitants."""


def area_to_leave(run: Run, at: datetime) -> AreaToLeave:
    """The zones of a run that are left when nobody chooses otherwise (:func:`evacuating.default_choice`), as they are peopled at ``at``."""
    choice = evacuating.default_choice(run, at)
    zones = [zone for zone in facts.zones(run) if zone.area and zone.severity <= choice.severity]
    moves: tuple[Moving, ...] = ()
    why = ""
    try:
        plan = evacuating.plan(run, choice, at)
        around, moves = plan.around, plan.moves
        why = sentence(plan.refused) if plan.refused is not None else ""
    except Refusal as refusal:
        # People must leave even where no net of roads says by which way.
        around, why = evacuating.surroundings(zones, zones, choice, at), sentence(refusal)
    inhabited = _inhabited(around.origins, moves)
    return AreaToLeave(
        run.judgement.title,
        " / ".join(zone.label for zone in zones),
        tuple(zone.area for zone in zones),
        (*_held([zone.area for zone in zones], at), *inhabited),
        tuple(dict.fromkeys(UUID(each.refuge.record) for each in moves)),
        around.unknown,
        why,
    )


def _inhabited(origins: tuple[Origin, ...], moves: tuple[Moving, ...]) -> list[PlaceToLeave]:
    """One line per village or township: the plan cuts them into squares, people are called place by place."""
    ends: dict[tuple[str, str], Counter[str]] = {}
    for move in moves:
        ends.setdefault((move.origin.place_code, move.origin.name), Counter())[move.refuge.record] += move.people
    parts: dict[tuple[str, str], list[Origin]] = {}
    for origin in origins:
        parts.setdefault((origin.place_code, origin.name), []).append(origin)
    found = []
    for (code, name), pieces in parts.items():
        people = sum(each.people for each in pieces)
        middle = max(pieces, key=lambda each: each.people).point
        shelter = ends[code, name].most_common(1)[0][0] if (code, name) in ends else ""
        found.append(PlaceToLeave(name, code, people, *middle, None, UUID(shelter) if shelter else None))
    return sorted(found, key=lambda each: -each.people)


def _held(areas: list[Area], at: datetime) -> list[PlaceToLeave]:
    """Schools, hospitals, homes and crowded places inside, with those who are there at this hour; told first."""
    found: dict[UUID, PlaceToLeave] = {}
    for area in areas:
        for each in facilities.inside(area, None):
            people = each.people_at(at, night=population.is_night(at, each.place_code)) if each.role in HELD else None
            if people:
                told = (each.contact_name, each.contact_phone)
                found[each.id] = PlaceToLeave(each.name, each.place_code, people, each.longitude, each.latitude, each.id, None, *told)
    return list(found.values())
