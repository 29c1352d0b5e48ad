"""What another system may ask for: collections of features, and what one question of a collection is.

Every resource with ``map=`` is a collection by itself (:mod:`.resources`); rooms register further ones in their ``screens.py``, also of lines
and areas. A collection scopes what it tells by the actor it is given; nothing here does it for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import shapely
from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict
from django.utils.functional import Promise
from shapely.geometry import shape

from anlan.kernel.access import Actor

Text = str | Promise
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees (CGCS2000/WGS 84)."""
Kind = Literal["points", "lines", "areas"]


@dataclass(frozen=True)
class Asked:
    """One question. ``boxes``: where (empty: everywhere; two when the box crosses the date line). ``since``, ``until``: when, both included.

    ``after`` is the place in the collection an earlier page gave as ``next``; ``filters`` holds the parameters of the collection's own filters.
    """

    boxes: tuple[Box, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    after: str = ""
    filters: QueryDict = field(default_factory=lambda: QueryDict(""))


@dataclass(frozen=True)
class Feature:
    """One feature: a GeoJSON geometry in degrees, longitude first (``None`` when its position is not known), and plain properties."""

    id: str
    geometry: Mapping[str, Any] | None
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """A page of features. ``next`` is empty on the last one; ``matched`` is exact or ``None`` (not counted)."""

    features: Sequence[Feature]
    next: str = ""
    matched: int | None = None


@dataclass(frozen=True)
class Parameter:
    """A filter of a collection as OpenAPI tells it. ``schema``: JSON Schema of one value; ``many``: may be given more than once."""

    name: str
    label: Text
    schema: Mapping[str, Any]
    many: bool = False


@dataclass(frozen=True)
class Collection:
    """One collection. ``page`` and ``item`` answer within the actor's jurisdiction for ``action``; ``item`` is ``None`` where nothing is seen.

    ``temporal``: the property that ``datetime`` asks (empty: it has none, ``datetime`` then narrows nothing). ``tile(actor, z, x, y, parameters)``:
    its vector tiles, one layer of the collection's code, down to the zoom ``deepest``; without it they are made from its pages.
    """

    code: str
    label: Text
    action: str
    geometry: Kind
    page: Callable[[Actor, Asked], Page]
    item: Callable[[Actor, str], Feature | None]
    parameters: tuple[Parameter, ...] = ()
    temporal: str = ""
    description: Text = ""
    attribution: Text = ""
    tile: Callable[[Actor, int, int, int, QueryDict], bytes] | None = None
    deepest: int = 18


_registered: dict[str, Collection] = {}


def register_collection(collection: Collection) -> Collection:
    """Add a collection. Raises ``ImproperlyConfigured`` for a code that is taken."""
    known = _registered.get(collection.code)
    if known is not None and known.page is not collection.page:
        raise ImproperlyConfigured(f"collection {collection.code!r} is declared twice")
    _registered[collection.code] = collection
    return collection


def registered_collections() -> tuple[Collection, ...]:
    """What rooms registered, in order."""
    return tuple(_registered.values())


def listed(features: Callable[[Actor, Asked], Iterable[Feature]]) -> tuple[Callable[..., Page], Callable[..., Feature | None]]:
    """``page`` and ``item`` of a collection small enough to be listed whole (a few thousand features): pass a function that lists what an actor sees.

    The function may narrow by ``asked`` itself; position and place in the list are looked after here. Features without a geometry lie in no box.
    """

    def page(actor: Actor, asked: Asked) -> Page:
        found = sorted((each for each in features(actor, asked) if _within(each, asked.boxes)), key=lambda each: each.id)
        rest = [each for each in found if each.id > asked.after] if asked.after else found
        shown = rest[: asked.limit]
        return Page(shown, shown[-1].id if len(rest) > len(shown) else "", len(found))

    def item(actor: Actor, key: str) -> Feature | None:
        return next((each for each in features(actor, Asked()) if each.id == key), None)

    return page, item


def _within(feature: Feature, boxes: Sequence[Box]) -> bool:
    if not boxes:
        return True
    if feature.geometry is None:
        return False
    drawn = shape(feature.geometry)
    return any(shapely.intersects(drawn, shapely.box(*box)) for box in boxes)
