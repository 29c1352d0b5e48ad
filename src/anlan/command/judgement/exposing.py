"""What judgement asks of the rooms that know who lives and stands where, in one place. Unknown is told as unknown, never as nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.command.exposure import door as exposure
from anlan.command.exposure.door import ExposedZone, Exposure
from anlan.command.judgement import facts, queries, rules, wording
from anlan.command.judgement.geometry import Area
from anlan.command.judgement.models import Run
from anlan.command.judgement.reckoning import PLACES_AT_MOST, Place
from anlan.ground.facilities import door as facilities
from anlan.ground.population import door as population
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal

EFFECTS = {
    rules.TOXIC: "toxic",
    rules.POOL_FIRE: "heat",
    rules.JET_FIRE: "heat",
    rules.FIREBALL: "heat",
    rules.CLOUD_BLAST: "blast",
    rules.TNT: "blast",
}


def places_in(area: Area) -> Sequence[Place]:
    """Schools, hospitals and other places to be protected in an area, the most urgent kinds first.

    A run is reckoned for everybody: all of them are in it, each with its record, and :func:`passages_for` hides what a reader may not see.
    """
    return [Place(each.name, each.longitude, each.latitude, str(each.id)) for each in facilities.inside(area, None)[:PLACES_AT_MOST]]


def passages_for(run: Run, actor: Actor | None) -> tuple[tuple[Mapping[str, Any], ...], int]:
    """The rows of times and doses of a run as ``actor`` may read them, and how many named places are left out.

    A row of a place whose record is not known (runs of earlier versions) is shown to nobody but processes (``None``).
    """
    rows = tuple(run.result["passages"]) if run.result else ()
    if actor is None:
        return rows, 0
    seen = facilities.visible({row["record"] for row in rows if row.get("record")}, actor)
    shown = tuple(row for row in rows if not row["name"] or row.get("record") in seen)
    return shown, len(rows) - len(shown)


def people_in(area: Area, at: datetime) -> tuple[int | None, bool]:
    """People in an area at that moment, and whether all of them are counted; a number that is not whole is a lower bound, ``None`` is unknown."""
    try:
        found = population.people_in(area, at=at)
    except Refusal:
        # How far it reaches must be told even where nobody can say how many are there.
        return None, False
    if found.unknown and found.total < 1:
        return None, False
    return population.rounded(found.total), not found.unknown


def counted(result: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A result with the people in each zone and under each option: ``people``, ``people_known``."""
    for each in (*result["zones"], *result["options"]):
        each["people"], each["people_known"] = people_in(each["area"], at) if each["area"] else (0, True)
    return result


def people_at_risk(incident_id: UUID, at: datetime) -> int | None:
    """People in the area to be left (severity one and two) by the newest answers of an incident's judgements; ``None``: unknown."""
    found = [
        zone["people"]
        for run in queries.latest_runs(None, at=at, incident_id=incident_id)
        for zone in (run.result or {}).get("zones", ())
        if zone["severity"] <= rules.TO_BE_LEFT and zone.get("people") is not None
    ]
    return max(found, default=None)


def exposed(run: Run, actor: Actor | None, at: datetime) -> Exposure:
    """Who and what is in the zones of a run, as far as ``actor`` may see it, and whom to tell first."""
    zones = [
        ExposedZone(zone.code, zone.label, zone.area, zone.arrival_s, zone.severity, EFFECTS[run.kind])
        for zone in reversed(facts.zones(run))
        if zone.area
    ]
    longitude, latitude = wording.number_of(run, "longitude"), wording.number_of(run, "latitude")
    source = (longitude, latitude) if longitude is not None and latitude is not None else None
    wind = wording.number_of(run, "wind_m_s") if run.kind == rules.TOXIC else None
    return exposure.exposure(zones, at=at, actor=actor, source=source, speed_m_s=wind, source_enterprise=run.judgement.enterprise_id)
