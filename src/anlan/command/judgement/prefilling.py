"""The form filled from what the node knows: an alarm, a filing, an incident or a hazard source, the nearest wind, the readings.

Each value carries its provenance. Precedence: a fresh reading, then the register, then what follows from physics, then a default that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from anlan.command.incidents import door as incidents
from anlan.command.judgement import chemistry, rules, vessels, weather
from anlan.command.judgement.inputs import Filled
from anlan.consequence.assumptions import LIQUID_SPACE, VAPOUR_SPACE
from anlan.consequence.substance import Substance
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.ground.risksources.door import RiskSourceSummary
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.geo import Point
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms


@dataclass(frozen=True)
class Origin:
    """What a judgement starts from: any of these, by id."""

    alarm_id: UUID | None = None
    filing_id: UUID | None = None
    incident_id: UUID | None = None
    risk_source_id: UUID | None = None


@dataclass(frozen=True)
class Prefilled:
    """A form ready to be looked through. ``choices``: hazard sources of the enterprise among which a person may choose."""

    title: str
    kind: str
    place_code: str
    classification: int
    enterprise_id: UUID | None
    exercise: bool
    origin: Origin
    inputs: Mapping[str, Filled]
    substance_name: str = ""
    choices: tuple[RiskSourceSummary, ...] = ()


@dataclass
class _Known:
    """What the records say, gathered one after the other; what came first stays."""

    title: str = ""
    place_code: str = ""
    classification: int = 1
    enterprise_id: UUID | None = None
    exercise: bool = False
    alarm_id: UUID | None = None
    filing_id: UUID | None = None
    incident_id: UUID | None = None
    risk_source_id: UUID | None = None
    inputs: dict[str, Filled] = field(default_factory=dict)

    def take(self, origin: str, found: object, occurred: datetime | None, name: str) -> None:
        """Facts of one record."""
        self.title = self.title or str(getattr(found, "title", ""))
        self.place_code = self.place_code or str(getattr(found, "place_code", ""))
        self.classification = max(self.classification, int(getattr(found, "classification", 1)))
        self.enterprise_id = self.enterprise_id or getattr(found, "enterprise_id", None)
        self.exercise = self.exercise or bool(getattr(found, "exercise", False))
        self.located(origin, getattr(found, "longitude", None), getattr(found, "latitude", None), name)
        if occurred is not None:
            self.inputs.setdefault("began_at", Filled(occurred.astimezone(UTC).isoformat(), origin, occurred, {"name": name}))

    def located(self, origin: str, longitude: float | None, latitude: float | None, name: str) -> None:
        """Coordinates of one record, both or none."""
        if longitude is not None and latitude is not None and "longitude" not in self.inputs:
            self.inputs["longitude"] = Filled(longitude, origin, None, {"name": name})
            self.inputs["latitude"] = Filled(latitude, origin, None, {"name": name})


def prefill(origin: Origin, actor: Actor, *, now: datetime) -> Prefilled:
    """The form for an event, as far as ``actor`` may see it. Raises ``NotFound`` for a record that is not to be seen."""
    known = _gathered(origin, actor)
    source, choices = _hazard_source(known, actor)
    chosen = Origin(known.alarm_id, known.filing_id, known.incident_id, source.id if source is not None else None)
    inputs = known.inputs
    substance, name = None, ""
    if source is not None:
        filled, substance = substance_of(source)
        if filled is not None:
            inputs["substance"] = filled
            name = str(filled.value or "")
    if source is not None and source.longitude is not None and source.latitude is not None:
        inputs["longitude"] = Filled(source.longitude, "record", None, {"name": source.name})
        inputs["latitude"] = Filled(source.latitude, "record", None, {"name": source.name})
    inputs.setdefault("began_at", Filled(now.astimezone(UTC).isoformat(), "default", now, {"as": "now"}))
    inputs |= {key: value for key, value in _surroundings(inputs, actor, now, known.exercise).items() if key not in inputs}
    if source is not None:
        air = inputs.get("air_temperature_c", weather.default("air_temperature_c", now))
        inputs |= vessels.vessel(source, substance, actor, now=now, air_c=air, exercise=known.exercise)
    for key, value in standing(source, now).items():
        inputs.setdefault(key, value)
    return Prefilled(
        title=known.title or (source.name if source is not None else ""),
        kind=rules.TOXIC,
        place_code=known.place_code or (source.place_code if source is not None else actor.place_code),
        classification=known.classification,
        enterprise_id=known.enterprise_id or (source.enterprise_id if source is not None else None),
        exercise=known.exercise,
        origin=chosen,
        inputs=inputs,
        substance_name=name,
        choices=choices,
    )


def substance_of(source: RiskSourceSummary) -> tuple[Filled | None, Substance | None]:
    """What the register says a hazard source holds, and its figures. Of several chemicals none is taken: the field stays empty and names them
    (``candidates``), for a wrong chemical draws a wrong zone. Nothing where the register names none that is known."""
    found = chemistry.of_source(source.substance_name, source.substance_cas)
    if not found:
        return None, None
    if len(found) == 1:
        return Filled(found[0].name_zh, "record", None, {"name": source.name}), chemistry.substance(found[0].code)
    registered = " ".join(filter(None, (source.substance_name, source.substance_cas)))
    several = {"name": source.name, "registered": registered, "candidates": [each.name_zh for each in found]}
    return Filled(None, "record", None, several), None


def _gathered(origin: Origin, actor: Actor) -> _Known:
    known = _Known(risk_source_id=origin.risk_source_id)
    incident_id, filing_id, alarm_id = origin.incident_id, origin.filing_id, origin.alarm_id
    if incident_id is not None:
        incident = incidents.incident(incident_id, actor)
        known.incident_id = incident.id
        known.take("incident", incident, incident.occurred_at, incident.title)
    if filing_id is not None:
        filing = filings.filing(filing_id, actor)
        known.filing_id = filing.id
        known.take("filing", filing, filing.occurred_at, filing.title)
        alarm_id = alarm_id or filing.alarm_id
    if alarm_id is not None:
        alarm = alarms.alarm(alarm_id, actor)
        known.alarm_id = alarm.id
        known.risk_source_id = known.risk_source_id or alarm.risk_source_id
        known.take("alarm", alarm, alarm.raised_at, alarm.title)
    if known.enterprise_id is not None and "longitude" not in known.inputs:
        owner = enterprises.enterprise(known.enterprise_id)
        known.located("record", owner.longitude, owner.latitude, owner.name)
    return known


def _hazard_source(known: _Known, actor: Actor) -> tuple[RiskSourceSummary | None, tuple[RiskSourceSummary, ...]]:
    """The hazard source of the event: the one named, else the gravest and largest of its enterprise that holds a known chemical."""
    if known.risk_source_id is not None:
        found = risksources.risk_source(known.risk_source_id, actor)
        return found, _with_substance(found.enterprise_id, actor)
    if known.enterprise_id is None:
        return None, ()
    choices = _with_substance(known.enterprise_id, actor)
    return (choices[0] if choices else None), choices


def _with_substance(enterprise_id: UUID, actor: Actor) -> tuple[RiskSourceSummary, ...]:
    found = [
        each
        for each in risksources.of_enterprise(enterprise_id, actor)
        if (each.substance_cas or each.substance_name) and chemistry.of_source(each.substance_name, each.substance_cas)
    ]
    return tuple(sorted(found, key=lambda each: (each.major_level or 9, -float(each.quantity_t or 0), each.code)))


def _surroundings(inputs: Mapping[str, Filled], actor: Actor, now: datetime, exercise: bool) -> dict[str, Filled]:
    if "longitude" not in inputs or "latitude" not in inputs:
        return {}
    place = Point(float(inputs["longitude"].value or 0), float(inputs["latitude"].value or 0))
    return weather.weather(place, actor, now=now, exercise=exercise)


def standing(source: RiskSourceSummary | None, now: datetime) -> dict[str, Filled]:
    """What no record tells of an event that has just begun: defaults of the project, each marked as one."""
    gas = source is not None and source.attributes.get("state_of_matter") == "gas"
    own = {"source": "project", "status": "unverified"}
    return {
        "release": Filled(rules.HOLE, "default", None, own),
        "opening": Filled(VAPOUR_SPACE if gas else LIQUID_SPACE, "default", None, own),
        "hole_mm": weather.default("hole_mm", now),
        "head_m": Filled(0.0, "default", None, own),
        "height_m": Filled(1.0, "default", None, own),
        "duration_min": weather.default("duration_min", now),
        "minutes": weather.default("minutes", now),
        "radiative_fraction": weather.default("radiative_fraction", now),
        "tnt_yield": weather.default("tnt_yield", now),
    }


def live(form: Mapping[str, Filled], risk_source_id: UUID | None, actor: Actor, *, now: datetime, exercise: bool) -> dict[str, Filled]:
    """What the newest readings say of those fields that readings may change: neither typed nor hand-picked. For running again."""
    if "longitude" not in form or form["longitude"].value is None or form["latitude"].value is None:
        return {}
    place = Point(float(form["longitude"].value), float(form["latitude"].value))
    found = weather.observed(place, actor, now=now, exercise=exercise)
    wind = found.get("wind_m_s", form.get("wind_m_s"))
    if wind is not None and wind.value is not None:
        found["stability"] = weather.stability_of(place, now, float(wind.value))
    if risk_source_id is not None:
        try:
            source = risksources.risk_source(risk_source_id, actor)
        except Refusal:
            source = None
        if source is not None:
            substance = _chosen(form, source)
            air = found.get("air_temperature_c") or form.get("air_temperature_c") or weather.default("air_temperature_c", now)
            figures = vessels.vessel(source, substance, actor, now=now, air_c=air, exercise=exercise)
            found |= {name: value for name, value in figures.items() if value.origin == "sensor"}
    return {name: value for name, value in found.items() if form.get(name) is None or form[name].origin != "typed"}


def _chosen(form: Mapping[str, Filled], source: RiskSourceSummary) -> Substance | None:
    """Figures of the chemical in the form, which a person may have chosen; else of the one that the register names beyond doubt."""
    named = form.get("substance")
    if named is not None and named.value:
        try:
            return chemistry.substance(chemistry.chemical(str(named.value)).code)
        except Refusal:
            # Somebody typed a chemical that nobody knows; the run refuses it by name.
            return None
    return substance_of(source)[1]


def worth_running(before: Mapping[str, Filled], after: Mapping[str, Filled], figures: Mapping[str, float]) -> Sequence[str]:
    """The fields that changed so much that the answer changes: ``figures`` by the names of ``data/parameters.csv`` (``rerun_…``)."""
    changed = []
    for name, filled in after.items():
        known = before.get(name)
        if known is None or known.value is None:
            changed.append(name)
        elif name == "wind_from_deg":
            turn = abs((float(filled.value or 0) - float(known.value) + 180) % 360 - 180)
            if turn >= figures["rerun_turn_deg"]:
                changed.append(name)
        elif name in ("wind_m_s", "pressure_mpa", "inventory_t"):
            share = figures["rerun_wind_share" if name == "wind_m_s" else "rerun_tank_share"]
            now_is, was = float(filled.value or 0), float(known.value)
            if abs(now_is - was) >= share * max(abs(was), 1e-9):
                changed.append(name)
        elif name == "stability" and filled.value != known.value:
            changed.append(name)
    return changed
