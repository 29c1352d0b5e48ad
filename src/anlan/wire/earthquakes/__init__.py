"""Earthquakes as others tell of them: QuakeML 1.2 (Basic Event Description) and the GeoJSON feeds of the USGS, to the same dataclasses.

All of it in SI units and degrees, times in UTC; one bad event is refused for itself and never costs the others.
"""

from anlan.wire.earthquakes.message import (
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
)
from anlan.wire.earthquakes.quakeml import decode
from anlan.wire.earthquakes.usgs import decode_geojson

__all__ = [
    "Catalogue",
    "CatalogueRefused",
    "EvaluationMode",
    "EvaluationStatus",
    "Event",
    "EventRefused",
    "Magnitude",
    "Moment",
    "Origin",
    "Quantity",
    "decode",
    "decode_geojson",
]
