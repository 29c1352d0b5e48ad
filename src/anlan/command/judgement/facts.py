"""What other rooms get of a run: zones, and everything a sheet about it needs, as frozen dataclasses of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anlan.command.judgement import rules
from anlan.command.judgement.geometry import Area
from anlan.kernel.access import Actor

if TYPE_CHECKING:
    from anlan.command.judgement.models import Run


@dataclass(frozen=True)
class ZoneFacts:
    """One zone of a run. ``severity`` 1 is the worst; reach in m, area in m²; ``band_m``: lowest and highest reach; ``arrives_at``: when the cloud
    reaches the far end; areas in degrees; ``frames``: (minutes after the beginning, area at that moment)."""

    judgement_id: UUID
    run_id: UUID
    title: str
    kind: str
    code: str
    label: str
    limit: float
    unit: str
    minutes: float | None
    severity: int
    reach_m: float
    band_m: tuple[float, float] | None
    area_m2: float
    arrival_s: float | None
    departure_s: float | None
    arrives_at: datetime | None
    area: Area
    band_area: Area
    frames: tuple[tuple[float, Area], ...]
    exercise: bool
    computed_at: datetime | None


@dataclass(frozen=True)
class InputFact:
    """One line of the form: what was taken, and where it comes from, in words of the reader's language."""

    name: str
    label: str
    value: str
    unit: str
    origin: str
    provenance: str


@dataclass(frozen=True)
class ReportFacts:
    """A run with everything a sheet (研判报告) tells. Texts are in the reader's language; ``models``: name, version, citation, sigma set and
    averaging time; ``passages``: rows of times and doses as :mod:`reckoning` makes them, without the ``passages_hidden`` places
    that the reader may not see; ``estimate``: the rate reckoned backwards, or why none is;
    ``leaving``: who goes to shelters, by each way of going, as :meth:`leaving.Plan.summary` tells it (``None``: a run of an earlier version)."""

    judgement_id: UUID
    run_id: UUID
    number: int
    title: str
    kind_label: str
    headline: str
    place_code: str
    enterprise_id: UUID | None
    exercise: bool
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    seconds: float | None
    automatic: bool
    substance: str
    longitude: float | None
    latitude: float | None
    began_at: datetime | None
    inputs: tuple[InputFact, ...]
    weather: Mapping[str, Any] | None
    release: Mapping[str, Any]
    zones: tuple[ZoneFacts, ...]
    unreached: tuple[Mapping[str, Any], ...]
    passages: tuple[Mapping[str, Any], ...]
    passages_hidden: int
    estimate: Mapping[str, Any] | None
    leaving: Mapping[str, Any] | None
    trend: str
    cautions: tuple[str, ...]
    models: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class PlaceToLeave:
    """A place with the people to be led out of it. ``shelter_id``: where most of them are to go; ``None`` when no way or no room was found."""

    name: str
    place_code: str
    people: int
    longitude: float
    latitude: float
    facility_id: UUID | None
    shelter_id: UUID | None
    contact_name: str = ""
    contact_phone: str = ""


@dataclass(frozen=True)
class AreaToLeave:
    """What is left: polygons, places, shelters the plan fills. ``uncounted``: counties whose people nobody counted; ``why_no_way``: no shelter was reckoned."""

    title: str
    zone: str
    area: tuple[Area, ...]
    places: tuple[PlaceToLeave, ...]
    shelters: tuple[UUID, ...]
    uncounted: tuple[str, ...]
    why_no_way: str


def area_from(kept: Any) -> Area:
    """An area as it was kept in JSON."""
    return tuple(tuple(tuple((float(x), float(y)) for x, y in ring) for ring in polygon) for polygon in kept or ())


def began_at(run: Run) -> datetime | None:
    """When the event began, as the run was told."""
    kept = run.inputs.get("began_at")
    return datetime.fromisoformat(kept["value"]) if kept and kept.get("value") else None


def zones(run: Run) -> tuple[ZoneFacts, ...]:
    """Zones of a run, the mildest first, so that the worst is drawn on top; none of a run without an answer."""
    if not run.result:
        return ()
    began = began_at(run)
    found = []
    for zone in run.result["zones"]:
        arrival = zone["arrival_s"]
        found.append(
            ZoneFacts(
                judgement_id=run.judgement_id,
                run_id=run.pk,
                title=run.judgement.title,
                kind=run.kind,
                code=zone["code"],
                label=zone["label"],
                limit=zone["limit"],
                unit=zone["unit"],
                minutes=zone["minutes"],
                severity=zone["severity"],
                reach_m=zone["reach_m"],
                band_m=tuple(zone["band_m"]) if zone["band_m"] else None,
                area_m2=zone["area_m2"],
                arrival_s=arrival,
                departure_s=zone["departure_s"],
                arrives_at=began + timedelta(seconds=arrival) if began is not None and arrival is not None else None,
                area=area_from(zone["area"]),
                band_area=area_from(zone["band_area"]),
                frames=tuple((frame["minutes"], area_from(frame["area"])) for frame in zone["frames"]),
                exercise=run.exercise,
                computed_at=run.finished_at,
            )
        )
    return tuple(sorted(found, key=lambda each: -each.severity))


def report(run: Run, actor: Actor | None) -> ReportFacts:
    """Everything a sheet about a run needs. Raises ``NotComputed`` for one without an answer."""
    from anlan.command.judgement import exposing, queries, wording

    if not run.result:
        raise rules.NotComputed()
    judgement = run.judgement
    passages, hidden = exposing.passages_for(run, actor)
    return ReportFacts(
        judgement_id=judgement.pk,
        run_id=run.pk,
        number=run.number,
        title=judgement.title,
        kind_label=wording.kind_label(run.kind),
        headline=wording.headline(run),
        place_code=judgement.place_code,
        enterprise_id=judgement.enterprise_id,
        exercise=run.exercise,
        asked_by=run.asked_by_name,
        asked_at=run.asked_at,
        finished_at=run.finished_at,
        seconds=run.seconds,
        automatic=run.automatic,
        substance=wording.substance_of(run),
        longitude=wording.number_of(run, "longitude"),
        latitude=wording.number_of(run, "latitude"),
        began_at=began_at(run),
        inputs=wording.inputs_told(run),
        weather=run.result["weather"],
        release=run.result["release"],
        zones=tuple(reversed(zones(run))),
        unreached=tuple(run.result["unreached"]),
        passages=passages,
        passages_hidden=hidden,
        estimate=run.estimate,
        leaving=run.result.get("leaving"),
        trend=wording.trend_of(list(reversed(queries.last_answers(judgement, 3, run.number + 1)))),
        cautions=wording.cautions_told(run.result["cautions"]),
        models=tuple(run.result["models"]),
    )
