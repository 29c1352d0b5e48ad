"""Every resource with ``map=`` as a collection: the same scope, filters and columns as its list and its API, paged by key."""

from __future__ import annotations

from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db.models import DateField, DateTimeField, Model, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.functional import Promise

from anlan.desk.features.declare import Asked, Collection, Feature, Page, Parameter, registered_collections
from anlan.desk.features.refusals import BadParameters, NoSuchCollection
from anlan.desk.mapping import tiles
from anlan.desk.resource import asking
from anlan.desk.resource.api import row_of
from anlan.desk.resource.declare import Choice, DateRange, Filter, Flag, PlaceFilter, Resource
from anlan.desk.resource.listing import BadCursor, Cursor, Order, light, page_of
from anlan.desk.resource.registry import all_resources
from anlan.desk.resource.values import field_of, plain
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid

_BY_KEY = Order("id")
"""Identifiers never change and grow with time: a client that walks the pages meets every record once, whatever is changed meanwhile."""


def collections() -> tuple[Collection, ...]:
    """Every collection of this node, resources first."""
    own = {resource.code: of_resource(resource) for resource in all_resources() if resource.map is not None}
    return (*own.values(), *(each for each in registered_collections() if each.code not in own))


def collections_for(actor: Actor) -> tuple[Collection, ...]:
    """The collections that ``actor`` may read."""
    return tuple(each for each in collections() if actor.may_somewhere(each.action))


def collection_for(code: str, actor: Actor) -> Collection:
    """The collection of that code. Raises :class:`NoSuchCollection`, also for one the actor may not read."""
    found = next((each for each in collections_for(actor) if each.code == code), None)
    if found is None:
        raise NoSuchCollection(code=code)
    return found


def of_resource(resource: Resource) -> Collection:
    """The collection of a resource."""
    return Collection(
        code=resource.code,
        label=resource.label,
        action=resource.actions.view,
        geometry="points",
        page=partial(_page, resource),
        item=partial(_item, resource),
        parameters=tuple(parameter for wanted in resource.filters for parameter in _parameters(resource, wanted)),
        temporal=_temporal(resource),
        tile=partial(_tile, resource),
        deepest=tiles.DEEPEST_ZOOM,
    )


def _tile(resource: Resource, actor: Actor, z: int, x: int, y: int, params: QueryDict) -> bytes:
    try:
        return tiles.tile(resource.code, z, x, y, actor, params)
    except Invalid as wrong:
        raise BadParameters(wrong.fields) from wrong


def _temporal(resource: Resource) -> str:
    """The field ``datetime`` asks: the first one the list is filtered by in time."""
    for wanted in resource.filters:
        if isinstance(wanted, DateRange) and isinstance(field_of(resource.model, wanted.column), DateField):
            return wanted.column
    return ""


def _parameters(resource: Resource, wanted: Filter) -> list[Parameter]:
    known = field_of(resource.model, wanted.column)
    label = wanted.label or (known.verbose_name if known is not None else wanted.name)
    match wanted:
        case DateRange():
            return [Parameter(f"{wanted.name}_{end}", label, {"type": "string", "format": "date"}) for end in ("from", "to")]
        case Choice() if callable(wanted.choices):
            return [Parameter(wanted.name, label, {"type": "string"}, many=True)]
        case Choice():
            codes = [str(code) for code, _label in asking.choices_of(resource, wanted)]
            return [Parameter(wanted.name, label, {"type": "string", "enum": codes} if codes else {"type": "string"}, many=True)]
        case Flag():
            return [Parameter(wanted.name, label, {"type": "string", "enum": ["0", "1"]})]
        case PlaceFilter():
            return [Parameter(wanted.name, label, {"type": "string", "pattern": "^[0-9]{6}([0-9]{3})?$"})]
        case _:
            return [Parameter(wanted.name, label, {"type": "string"})]


def _page(resource: Resource, actor: Actor, asked: Asked) -> Page:
    try:
        question = asking.read(resource, asked.filters)
    except Invalid as wrong:
        raise BadParameters(wrong.fields) from wrong
    found = asking.matches(resource, actor, question).filter(_where(resource, asked), _when(resource, asked))
    if found.query.is_empty():
        return Page((), matched=0)
    try:
        cursor = Cursor.decode(asked.after, cast("Any", resource.model._meta.get_field("id"))) if asked.after else None
    except BadCursor as wrong:
        raise BadParameters({"after": wrong}) from wrong
    page = page_of(found, _BY_KEY, cursor, asked.limit)
    return Page(
        [feature(resource, record) for record in page.rows],
        page.next.encode() if page.next else "",
        None if page.capped else page.count,
    )


def _where(resource: Resource, asked: Asked) -> Q:
    assert resource.map is not None
    found = Q()
    for west, south, east, north in asked.boxes:
        found |= Q(**{f"{resource.map.longitude}__range": (west, east), f"{resource.map.latitude}__range": (south, north)})
    return found


def _when(resource: Resource, asked: Asked) -> Q:
    name = _temporal(resource)
    found = Q()
    if not name:
        return found
    timed = isinstance(field_of(resource.model, name), DateTimeField)
    for end, moment in (("gte", asked.since), ("lte", asked.until)):
        if moment is not None:
            found &= Q(**{f"{name}__{end}": moment if timed else timezone.localdate(moment)})
    return found


def _item(resource: Resource, actor: Actor, key: str) -> Feature | None:
    try:
        wanted = UUID(key)
    except ValueError:
        return None
    scoped = asking.scoped(resource, actor).filter(pk=wanted)
    record = light(scoped.select_related(*resource.joins) if resource.joins else scoped).first()
    return feature(resource, record) if record is not None else None


def feature(resource: Resource, record: Model) -> Feature:
    """A record as a feature: the columns of its list, and what its point tells."""
    layer = resource.map
    assert layer is not None
    longitude, latitude = getattr(record, layer.longitude), getattr(record, layer.latitude)
    known = longitude is not None and latitude is not None
    told: dict[str, Any] = row_of(resource, record)
    told.pop("id")
    told |= {name: plain(getattr(record, name, None)) for name in layer.properties if name not in told}
    told["tone"] = layer.tone(record) if layer.tone is not None else "grey"
    if (temporal := _temporal(resource)) and temporal not in told:
        told[temporal] = plain(getattr(record, temporal, None))
    geometry = {"type": "Point", "coordinates": [longitude, latitude]} if known else None
    return Feature(
        str(record.pk), geometry, {name: force_str(value) if isinstance(value, Promise) else value for name, value in told.items()}
    )
