"""Positions against a geometry written in an expression, as SQL of PostgreSQL's own geometric types; distances on the sphere in metres.

A device has a position, a point: it lies within a geometry, or it does not. Coordinates are degrees of longitude and latitude.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Expression, F, FloatField, Func, Q, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry import Point as Spot
from shapely.geometry.base import BaseGeometry

from anlan.kernel.geo import EARTH_RADIUS_M
from anlan.sense.things.rules import NotSupported


class InRing(Func):
    """Whether a point (longitude, latitude) lies in a closed ring, its edge included."""

    output_field = BooleanField()

    def as_sql(  # pyrefly: ignore[bad-override] - the template of a Func cannot join three operands this way
        self, compiler: Any, connection: Any, *_more: Any, **_extra: Any
    ) -> tuple[str, list[Any]]:
        """Compiled with the ring as a parameter."""
        compiled = [compiler.compile(source) for source in self.get_source_expressions()]
        longitude, latitude, ring = (text for text, _parameters in compiled)
        parameters = [value for _text, values in compiled for value in values]
        return f"(point({longitude}, {latitude}) <@ CAST({ring} AS polygon))", parameters


def inside(longitude: str, latitude: str, geometry: BaseGeometry) -> Q:
    """The condition that the position named by two columns lies in ``geometry`` or on its edge. Raises ``NotSupported``."""
    if isinstance(geometry, Spot):
        return Q(**{longitude: geometry.x, latitude: geometry.y})
    if not isinstance(geometry, Polygon | MultiPolygon):
        raise NotSupported(what=geometry.geom_type)
    west, south, east, north = geometry.bounds
    # The box lets the index on both columns do most of the work.
    box = Q(**{f"{longitude}__range": (west, east), f"{latitude}__range": (south, north)})
    found = Q()
    for polygon in geometry.geoms if isinstance(geometry, MultiPolygon) else (geometry,):
        part = Q(_in_ring(longitude, latitude, polygon.exterior))
        for hole in polygon.interiors:
            part &= ~Q(_in_ring(longitude, latitude, hole))
        found |= part
    return box & found


def _in_ring(longitude: str, latitude: str, ring: Any) -> InRing:
    text = "(" + ",".join(f"({x!r},{y!r})" for x, y, *_height in ring.coords) + ")"
    return InRing(F(longitude), F(latitude), Value(text))


def distance_m(longitude: str, latitude: str, spot: BaseGeometry) -> Expression:
    """Great-circle distance in metres from the position to a point (haversine). Raises ``NotSupported``."""
    if not isinstance(spot, Spot):
        raise NotSupported(what=f"geo.distance({spot.geom_type})")
    half_latitude = Sin((Radians(F(latitude)) - Radians(Value(spot.y, FloatField()))) / Value(2.0))
    half_longitude = Sin((Radians(F(longitude)) - Radians(Value(spot.x, FloatField()))) / Value(2.0))
    across = Power(half_latitude, 2) + Cos(Radians(F(latitude))) * Cos(Radians(Value(spot.y, FloatField()))) * Power(half_longitude, 2)
    return Value(2 * EARTH_RADIUS_M) * ASin(Sqrt(Least(Value(1.0), across, output_field=FloatField())), output_field=FloatField())
