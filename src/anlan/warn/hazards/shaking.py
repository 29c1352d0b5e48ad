"""Earthquakes of the tables as origins of :mod:`.eew`: region of attenuation by the epicentre, crust and limits from the data."""

from __future__ import annotations

from functools import cache

from anlan.ground.places import door as places
from anlan.warn.hazards import eew, rules
from anlan.warn.hazards.models import Quake, QuakeEstimate


def region_at(longitude: float, latitude: float) -> rules.AttenuationRegion:
    """The attenuation region of a place, by province; abroad and at sea the row without a prefix."""
    county = places.county_at(longitude, latitude)
    prefix = county.code[:2] if county else ""
    rows = {row.prefix: row for row in rules.table("attenuation_regions", rules.AttenuationRegion)}
    return rows.get(prefix) or rows[""]


def origin_of(row: Quake | QuakeEstimate) -> eew.Origin:
    """An earthquake, or one estimate of it, as the rules reckon with it."""
    depth = eew.DEFAULT_DEPTH_KM if row.depth_km is None else max(row.depth_km, 0.0)
    return eew.Origin(row.origin_at, row.longitude, row.latitude, depth, row.magnitude, region_at(row.longitude, row.latitude).region)


@cache
def crust() -> tuple[eew.Layer, ...]:
    """The layers, from the top."""
    rows = sorted(rules.table("velocities", rules.CrustLayer), key=lambda row: row.top_km)
    return tuple(eew.Layer(row.top_km, row.p_km_s, row.s_km_s) for row in rows)
