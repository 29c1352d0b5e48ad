"""The GeoJSON summary feeds of the USGS (``earthquakes/feed/v1.0/summary``) to events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from anlan.wire.earthquakes.message import (
    EVENT_TYPES,
    LACKING,
    NO_NUMBER,
    NO_TIME,
    NOT_POSITIVE,
    NOT_USGS,
    NOT_WITHIN,
    TOO_MANY_EVENTS,
    UNKNOWN_TYPE,
    Catalogue,
    CatalogueRefused,
    EvaluationMode,
    EvaluationStatus,
    Event,
    EventRefused,
    Magnitude,
    Moment,
    Origin,
    Quantity,
    gathered,
)
from anlan.wire.markup import TOO_LARGE
from anlan.wire.problems import Problem

MOST_BYTES, MOST_EVENTS = 50_000_000, 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {
    "automatic": (EvaluationMode.AUTOMATIC, EvaluationStatus.PRELIMINARY),
    "reviewed": (EvaluationMode.MANUAL, EvaluationStatus.REVIEWED),
    "deleted": (None, EvaluationStatus.REJECTED),
}
"""The feed's ``status`` in the terms of QuakeML; the first two words are the feed's, "deleted" appears in single-event answers."""


def decode_geojson(data: bytes) -> Catalogue:
    """Read a feed. Depths are kilometres there and metres here. Raises :class:`CatalogueRefused` for what is no such feed, and when every
    event in it is refused."""
    if len(data) > MOST_BYTES:
        raise CatalogueRefused([TOO_LARGE.at(size=len(data), limit=MOST_BYTES)])
    try:
        feed = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise CatalogueRefused([NOT_USGS.at(reason=wrong)]) from None
    if not isinstance(feed, dict) or feed.get("type") not in ("FeatureCollection", "Feature"):
        raise CatalogueRefused([NOT_USGS.at(reason="type")])
    features = feed.get("features") if feed["type"] == "FeatureCollection" else [feed]
    if not isinstance(features, list):
        raise CatalogueRefused([NOT_USGS.at(reason="features")])
    notes = [TOO_MANY_EVENTS.at(count=len(features), limit=MOST_EVENTS)] if len(features) > MOST_EVENTS else []
    found, refused = [], []
    for number, feature in enumerate(features[:MOST_EVENTS], 1):
        problems: list[Problem] = []
        event = _event(feature if isinstance(feature, dict) else {}, problems)
        if problems:
            refused.append(EventRefused(problems, number, event.id))
        else:
            found.append((number, event))
    metadata = feed.get("metadata")
    return gathered(str(metadata.get("url", "")) if isinstance(metadata, dict) else "", found, refused, notes)


def _event(feature: Mapping[str, Any], problems: list[Problem]) -> Event:
    properties = feature.get("properties")
    told: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
    event_id = _word(feature, "id")
    if not event_id:
        problems.append(LACKING.at(name="id"))
    mode, status = _STATUS.get(_word(told, "status"), (None, None))
    kind, notes = _word(told, "type"), []
    if kind and kind not in EVENT_TYPES:
        notes.append(UNKNOWN_TYPE.at(found=kind))
    agency, created = _word(told, "net"), _moment(told, "updated", problems, required=False)
    origin = Origin(
        id=event_id,
        time=Moment(_moment(told, "time", problems) or _EPOCH),
        **_place(feature, problems),
        region=_word(told, "place"),
        used_station_count=_count(told, "nst", problems),
        azimuthal_gap=_number(told, "gap", problems, 0),
        minimum_distance=_number(told, "dmin", problems, 0),
        standard_error=_number(told, "rms", problems, 0),
        evaluation_mode=mode,
        evaluation_status=status,
        agency=agency,
        created=created,
    )
    size = _number(told, "mag", problems)
    magnitudes = ()
    if size is not None:
        magnitudes = (Magnitude(event_id, Quantity(size), _word(told, "magType"), event_id, None, mode, status, agency, created),)
    return Event(
        id=event_id,
        origins=(origin,),
        magnitudes=magnitudes,
        preferred_origin_id=event_id,
        preferred_magnitude_id=event_id if magnitudes else "",
        type=kind,
        description=_word(told, "place"),
        agency=agency,
        created=created,
        web=_word(told, "url"),
        notes=tuple(notes),
    )


def _place(feature: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    geometry = feature.get("geometry")
    found = geometry.get("coordinates") if isinstance(geometry, dict) else None
    values = dict(zip(("longitude", "latitude", "depth"), found, strict=False)) if isinstance(found, list) else {}
    longitude, latitude = (_number(values, name, problems) for name in ("longitude", "latitude"))
    for name, value, most in (("longitude", longitude, 180), ("latitude", latitude, 90)):
        if value is None and not isinstance(values.get(name), str | bool | list | dict):
            problems.append(LACKING.at(name=name))
        elif value is not None and abs(value) > most:
            problems.append(NOT_WITHIN.at(name=name, found=value, low=-most, high=most))
    depth_km = _number(values, "depth", problems)
    depth = Quantity(round(depth_km * 1000, 3)) if depth_km is not None else None
    return {"latitude": Quantity(latitude or 0.0), "longitude": Quantity(longitude or 0.0), "depth": depth}


def _moment(told: Mapping[str, Any], name: str, problems: list[Problem], required: bool = True) -> datetime | None:
    """A time of the feed: milliseconds since 1970 UTC."""
    value = told.get(name)
    if value is None:
        if required:
            problems.append(LACKING.at(name=name))
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(name)
        return _EPOCH + timedelta(milliseconds=value)
    except (ValueError, OverflowError):
        problems.append(NO_TIME.at(name=name, found=value))
        return None


def _number(told: Mapping[str, Any], name: str, problems: list[Problem], least: float = -math.inf) -> float | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        problems.append(NO_NUMBER.at(name=name, found=value))
        return None
    if value < least:
        problems.append(NOT_POSITIVE.at(name=name, found=value))
    return float(value)


def _count(told: Mapping[str, Any], name: str, problems: list[Problem]) -> int | None:
    value = _number(told, name, problems, 0)
    return int(value) if value is not None else None


def _word(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip()[:500] if isinstance(value, str) else ""
