"""Zones as GeoJSON: one run for its own page, the newest of all for the one map."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from anlan.command.judgement import facts, queries, wording
from anlan.command.judgement.facts import ZoneFacts
from anlan.command.judgement.geometry import Area
from anlan.command.judgement.models import Run
from anlan.command.judgement.wording import reach_told
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

TONES = ("red", "orange", "yellow")
"""By severity: the worst, the next, and all milder ones."""
AT_MOST = 200


class BoxNotUnderstood(Refusal):
    code = "judgement_box"
    sentence = N_("范围应写作“西,南,东,北”四个经纬度，现为“{given}”。")
    status = 422


class MomentNotUnderstood(Refusal):
    code = "judgement_moment"
    sentence = N_("时刻应写作带时区的 ISO 8601 时间，现为“{given}”。")
    status = 422


def box_asked(text: str) -> tuple[float, float, float, float] | None:
    """The box of a request; ``None`` when none is asked for. Raises :class:`BoxNotUnderstood`."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BoxNotUnderstood(given=text) from None
    return west, south, east, north


def tone(severity: int) -> str:
    """Colour of a zone by its severity."""
    return TONES[min(severity, len(TONES)) - 1]


def coordinates(area: Area) -> list[Any]:
    """Of a MultiPolygon; rings are closed."""
    return [[[list(place) for place in (ring if ring[0] == ring[-1] else (*ring, ring[0]))] for ring in polygon] for polygon in area]


def _feature(area: Area, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": coordinates(area)}, "properties": properties}


def _told(zone: ZoneFacts) -> dict[str, Any]:
    return {
        "code": zone.code,
        "tone": tone(zone.severity),
        "severity": zone.severity,
        "name": wording.zone_name({"minutes": zone.minutes, "code": zone.code, "unit": zone.unit, "label": zone.label}),
        "reach": reach_told(zone.reach_m, zone.kind),
        "band": wording.band_told(zone.band_m, zone.kind),
    }


def of_run(run: Run) -> dict[str, Any]:
    """Everything the map of one run draws: ``part`` is ``zone``, ``band`` or ``frame`` (with ``minutes``)."""
    found = []
    for zone in facts.zones(run):
        told = _told(zone)
        if zone.band_area:
            found.append(_feature(zone.band_area, {**told, "part": "band"}))
        found.append(_feature(zone.area, {**told, "part": "zone"}))
        found += [_feature(area, {**told, "part": "frame", "minutes": minutes}) for minutes, area in zone.frames if area]
    began = facts.began_at(run)
    return {
        "type": "FeatureCollection",
        "features": found,
        "source": [wording.number_of(run, "longitude"), wording.number_of(run, "latitude")],
        "began": began.isoformat() if began else None,
        "frames": sorted({feature["properties"]["minutes"] for feature in found if feature["properties"]["part"] == "frame"}),
        "box": [run.west, run.south, run.east, run.north],
        "number": run.number,
    }


def moment_asked(text: str, now: datetime) -> datetime:
    """The moment of a request; now when none is asked for. Raises :class:`MomentNotUnderstood`."""
    if not text:
        return now
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MomentNotUnderstood(given=text) from None
    if found.tzinfo is None:
        raise MomentNotUnderstood(given=text)
    return found


def layer(
    box: tuple[float, float, float, float] | None, actor: Actor, now: datetime, at: datetime | None = None, incident_id: UUID | None = None
) -> dict[str, Any]:
    """Zones of live judgements as the one map wants them: ``id``, ``title``, ``tone``, ``severity``.

    ``at``: where the clouds stand at that moment by the answers known until then (at most until now); ``None``: their whole reach.
    ``moments`` are those ahead for which there is something to show.
    """
    runs = queries.latest_runs(actor, at=min(at, now) if at is not None else now, box=box, incident_id=incident_id, limit=AT_MOST)
    zones: Iterable[ZoneFacts] = (zone for run in reversed(runs) for zone in facts.zones(run))
    began = {run.pk: facts.began_at(run) for run in runs}
    found = []
    for zone in zones:
        area = zone.area if at is None else _standing(zone, began[zone.run_id], at)
        if area:
            found.append(_feature(area, _on_the_map(zone)))
    moments = {
        start + timedelta(minutes=minutes)
        for run in runs
        if (start := began[run.pk]) is not None
        for zone in facts.zones(run)
        for minutes, area in zone.frames
        if area
    }
    return {
        "type": "FeatureCollection",
        "features": found,
        "truncated": len(runs) >= AT_MOST,
        "moments": [moment.isoformat() for moment in sorted(moments) if moment > now],
    }


def _standing(zone: ZoneFacts, began: datetime | None, at: datetime) -> Area:
    """Where a zone stands at a moment: the nearest frame before it; a zone without frames (a fire, a blast) as it is, once it has begun."""
    if began is None or at < began:
        return ()
    if not zone.frames:
        return zone.area
    minutes = (at - began).total_seconds() / 60
    past = [area for moment, area in zone.frames if moment <= minutes]
    return past[-1] if past else zone.frames[0][1]


def _on_the_map(zone: ZoneFacts) -> dict[str, Any]:
    told = _told(zone)
    return {
        **told,
        # A zone of its own, so that a shared address picks the same one again.
        "id": f"{zone.judgement_id}-{zone.severity}",
        "title": f"{zone.title} · {told['name']} {told['reach']}",
        "url": reverse("judgement:detail", args=[zone.judgement_id]),
        "exercise": zone.exercise,
        "at": zone.computed_at.isoformat() if zone.computed_at else None,
    }
