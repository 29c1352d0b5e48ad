"""The API of every resource: list, detail, create, change, map features, with the same scope, filters and services as the pages.

Not ``from __future__ import annotations``: django-ninja reads real types from the functions built here.
"""

import math
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.encoding import force_str
from django.views.decorators.http import require_GET
from ninja import Body, NinjaAPI, Query, Router, Schema
from ninja.errors import ValidationError as NinjaValidationError
from ninja.renderers import JSONRenderer
from ninja.security import APIKeyCookie
from pydantic import ConfigDict, Field, create_model

from anlan import __version__
from anlan.desk.admitting import by_key, by_sending_key
from anlan.desk.guard import SIGNED_IN, requires, signed_in
from anlan.desk.refusals import answer
from anlan.desk.resource import asking
from anlan.desk.resource.addresses import record_url
from anlan.desk.resource.asking import choices_of, sortable
from anlan.desk.resource.declare import Choice, DateRange, Flag, PlaceFilter, Resource
from anlan.desk.resource.detail import find
from anlan.desk.resource.editing import change, create
from anlan.desk.resource.forms import Mode, form_class, initial_of
from anlan.desk.resource.listing import light
from anlan.desk.resource.registry import all_resources
from anlan.desk.resource.values import label_of, plain, raw, text_of
from anlan.desk.sending import all_sendables
from anlan.desk.sending import api as sending
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotPermitted, Refusal
from anlan.kernel.words import N_

PREFIX = "api/v1/"
FEATURES = 2000
MOST_FEATURES = 10_000


class BadBox(Refusal):
    code = "bad_box"
    sentence = N_("bbox 应为“西,南,东,北”四个经纬度数值，收到的是“{value}”。")
    status = 422


class ActorAuth(APIKeyCookie):
    """The browser's session, with the form token checked for everything that writes; the actor was found by the middleware."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The request's actor."""
        return getattr(request, "actor", None)


class Reading(Schema):
    """Base of the parameters of lists: what is unknown is left to the declaration."""

    model_config = ConfigDict(extra="allow")


_KINDS: tuple[tuple[type[forms.Field], type], ...] = (
    (forms.ModelChoiceField, UUID),
    (forms.BooleanField, bool),
    (forms.IntegerField, int),
    (forms.FloatField, float),
    (forms.DateTimeField, datetime),
    (forms.DateField, date),
)


def _named(resource: Resource, part: str) -> str:
    return resource.code.title().replace("-", "").replace("_", "") + part


def row_model(resource: Resource) -> type[Schema]:
    """A record as the API gives it: id, title, page, and the declared columns by their names."""
    fields: dict[str, Any] = {
        "id": (UUID, ...),
        "title": (str, ...),
        "url": (str, Field(..., description="address of the record's page")),
        "version": (int | None, None),
    }
    for column in resource.columns:
        name = column.name.replace(".", "_")
        fields[name] = (Any, Field(None, description=force_str(label_of(resource.model, column.name, column.label))))
    return create_model(_named(resource, "Row"), __base__=Schema, **fields)


def query_model(resource: Resource) -> type[Schema]:
    """The list's parameters: search, order, size, place in the list, and every filter."""
    fields: dict[str, Any] = {
        "sort": (str, Field(resource.order, description="one of " + ", ".join(sortable(resource)) + "; a leading - reverses")),
        "size": (Literal["25", "50", "100"], Field("50", description="rows in one answer")),
        "at": (str, Field("", description="place in the list: next or previous of an earlier answer")),
    }
    if resource.search:
        fields["q"] = (str, Field("", description="search words: names, pinyin, initials, codes"))
    for wanted in resource.filters:
        match wanted:
            case DateRange():
                for end in ("from", "to"):
                    fields[f"{wanted.name}_{end}"] = (str, Field("", description="date, included"))
            case Choice() if not callable(wanted.choices):
                codes = ", ".join(str(code) for code, _label in choices_of(resource, wanted))
                fields[wanted.name] = (list[str], Field(default_factory=list, description=f"any of {codes}"))
            case Choice():
                fields[wanted.name] = (list[str], Field(default_factory=list))
            case Flag():
                fields[wanted.name] = (Literal["", "0", "1"], "")
            case PlaceFilter():
                fields[wanted.name] = (str, Field("", description="place code; everything in it and below"))
            case _:
                fields[wanted.name] = (str, "")
    return create_model(_named(resource, "Query"), __base__=Reading, **fields)


def body_model(resource: Resource, mode: Mode) -> type[Schema]:
    """The inputs of the form as a JSON object; when changing, what is not given stays."""
    fields: dict[str, Any] = {}
    for name, field in form_class(resource, mode).base_fields.items():
        kind = next((python for django, python in _KINDS if isinstance(field, django)), str)
        described = force_str(field.label or name)
        if field.required and mode == "create":
            fields[name] = (kind, Field(..., description=described))
        else:
            fields[name] = (kind | None, Field(None, description=described))
    if mode == "change":
        fields["version"] = (int | None, Field(None, description="the version read; refused when it has been changed since"))
    model = create_model(_named(resource, mode.title()), __base__=Schema, **fields)
    model.model_config["extra"] = "forbid"
    return model


def row_of(resource: Resource, record: Model) -> dict[str, Any]:
    """One record as plain values."""
    row: dict[str, Any] = {
        "id": record.pk,
        "title": text_of(getattr(record, resource.title, record)),
        "url": record_url(resource, record.pk),
        "version": getattr(record, "version", None),
    }
    for column in resource.columns:
        row[column.name.replace(".", "_")] = plain(force_str(value) if _is_lazy(value := raw(record, column)) else value)
    return row


def _is_lazy(value: object) -> bool:
    from django.utils.functional import Promise

    return isinstance(value, Promise)


def _actor(request: HttpRequest, action: str) -> Actor:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.may_somewhere(action):
        raise NotPermitted(action=action)
    return actor


def box_of(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north of ``bbox``. Raises :class:`BadBox`."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadBox(value=text) from error
    if not all(map(math.isfinite, (west, south, east, north))) or west > east or south > north:
        raise BadBox(value=text)
    return west, south, east, north


def features_of(resource: Resource, actor: Actor, request: HttpRequest, box: str, limit: int) -> dict[str, Any]:
    """Points of the resource inside the box, filtered like the list, as GeoJSON (RFC 7946)."""
    assert resource.map is not None
    layer = resource.map
    west, south, east, north = box_of(box)
    found = asking.matches(resource, actor, asking.read(resource, request.GET)).filter(
        **{f"{layer.longitude}__range": (west, east), f"{layer.latitude}__range": (south, north)}
    )
    records = list(light(found)[: limit + 1])
    features = [
        {
            "type": "Feature",
            "id": str(record.pk),
            "geometry": {"type": "Point", "coordinates": [getattr(record, layer.longitude), getattr(record, layer.latitude)]},
            "properties": {
                "id": str(record.pk),
                "title": text_of(getattr(record, resource.title, record)),
                "tone": layer.tone(record) if layer.tone is not None else "grey",
                **{name: plain(getattr(record, name, None)) for name in layer.properties},
            },
        }
        for record in records[:limit]
    ]
    return {"type": "FeatureCollection", "features": features, "truncated": len(records) > limit}


def _add_reading(router: Router, resource: Resource) -> None:
    row = row_model(resource)
    page = create_model(
        _named(resource, "Page"),
        __base__=Schema,
        items=(list[row], ...),  # type: ignore[valid-type]
        count=(int, Field(..., description="matches, exact unless capped")),
        capped=(bool, Field(..., description="more than count match")),
        next=(str | None, None),
        previous=(str | None, None),
    )
    query = query_model(resource)
    view = resource.actions.view

    def list_records(request: HttpRequest, query: Annotated[query, Query()]) -> Any:  # type: ignore[valid-type]
        actor = _actor(request, view)
        found = asking.page(resource, actor, asking.read(resource, request.GET))
        return {
            "items": [row_of(resource, record) for record in found.rows],
            "count": found.count,
            "capped": found.capped,
            "next": found.next.encode() if found.next else None,
            "previous": found.previous.encode() if found.previous else None,
        }

    def read_record(request: HttpRequest, key: UUID) -> Any:
        return row_of(resource, find(resource, _actor(request, view), key))

    about = f"{force_str(resource.label)} ({view})"
    router.get("", response=page, operation_id=f"{resource.code}_list", summary=about)(list_records)
    if resource.map is not None:
        limit = Annotated[int, Query(ge=1, le=MOST_FEATURES)]

        def features(request: HttpRequest, bbox: str, limit: limit = FEATURES) -> HttpResponse:  # type: ignore[valid-type]
            content = features_of(resource, _actor(request, view), request, bbox, int(limit))
            return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, content_type="application/geo+json")

        router.get("/features", operation_id=f"{resource.code}_features", summary=f"GeoJSON: {about}")(features)
    router.get("/{uuid:key}", response=row, operation_id=f"{resource.code}_read", summary=about)(read_record)


def _add_writing(router: Router, resource: Resource) -> None:
    form, actions = resource.form, resource.actions
    row = row_model(resource)
    if form is not None and form.create is not None and actions.create is not None:
        inputs = body_model(resource, "create")
        needed = actions.create

        def create_record(request: HttpRequest, data: Annotated[inputs, Body()]) -> Any:  # type: ignore[valid-type]
            values = _cleaned(resource, "create", data.model_dump(exclude_unset=True))  # type: ignore[attr-defined]
            return 201, row_of(resource, create(resource, values, _actor(request, needed)))

        about = f"{force_str(resource.label)} ({needed})"
        router.post("", response={201: row}, operation_id=f"{resource.code}_create", summary=about)(create_record)
    if form is not None and form.change is not None and actions.change is not None:
        changes = body_model(resource, "change")
        permission = actions.change

        def change_record(request: HttpRequest, key: UUID, data: Annotated[changes, Body()]) -> Any:  # type: ignore[valid-type]
            actor = _actor(request, permission)
            given = data.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
            version = given.pop("version", None)
            record = find(resource, actor, key)
            present = initial_of(record, [name for name in form_class(resource, "change").base_fields if name != "reason"])
            values = _cleaned(resource, "change", {**present, **given})
            return row_of(resource, change(resource, key, values, actor, version))

        about = f"{force_str(resource.label)} ({permission})"
        router.patch("/{uuid:key}", response=row, operation_id=f"{resource.code}_change", summary=about)(change_record)


def _cleaned(resource: Resource, mode: Mode, values: dict[str, Any]) -> dict[str, Any]:
    """The form's own checks. Raises :class:`Invalid` naming the inputs."""
    form = form_class(resource, mode)({name: value for name, value in values.items() if value is not None})
    if not form.is_valid():
        raise Invalid({name: " ".join(str(text) for text in texts) for name, texts in form.errors.items()})
    return dict(form.cleaned_data)


class ReadableRenderer(JSONRenderer):
    """JSON whose Chinese can be read as it is."""

    json_dumps_params = {"ensure_ascii": False}


@lru_cache(maxsize=1)
def build() -> NinjaAPI:
    """The API of all registered resources. Its own documentation pages would load scripts from other hosts; ours does not."""
    api = NinjaAPI(
        title="Anlan API", version=__version__, docs_url=None, openapi_url=None, auth=ActorAuth(), urls_namespace="desk-api", renderer=ReadableRenderer()
    )  # fmt: skip

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return answer(request, refusal)

    @api.exception_handler(NinjaValidationError)
    def malformed(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
        fields = {".".join(str(part) for part in found["loc"][2:] or found["loc"][1:]): found["msg"] for found in error.errors}
        return answer(request, Invalid(fields))

    for resource in all_resources():
        router = Router(tags=[resource.code])
        _add_reading(router, resource)
        _add_writing(router, resource)
        api.add_router(f"/{resource.code}", router)
    api.add_router(f"/{sending.PREFIX}", sending.overview_router())
    for sendable in all_sendables():
        api.add_router(f"/{sending.PREFIX}/{sendable.code}", sending.router_of(sendable))
    return api


def schema() -> dict[str, Any]:
    """The OpenAPI document."""
    return dict(build().get_openapi_schema(path_prefix=f"/{PREFIX}"))


@signed_in
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """``/api/v1/openapi.json``."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False})


@signed_in
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """``/api/v1/``: the same document for people."""
    document = schema()
    operations = [
        {"method": method.upper(), "path": address, "inputs": _inputs(operation, document), **operation}
        for address, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return render(request, "desk/resource/api.html", {"operations": operations})


def _inputs(operation: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """What the body of an operation holds: name, type, description, whether it is needed."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    found = document["components"]["schemas"].get(content.get("$ref", "").rsplit("/", 1)[-1], content)
    needed = set(found.get("required", ()))
    return [
        (name, _type_of(field), str(field.get("description", "")), name in needed) for name, field in found.get("properties", {}).items()
    ]


def _type_of(field: dict[str, Any]) -> str:
    """The type of a field in a word; what may also be empty is told by what it is otherwise."""
    kinds = [each for each in field.get("anyOf", [field]) if each.get("type") != "null"]
    return " / ".join(dict.fromkeys(str(each.get("format") or each.get("type") or "") for each in kinds))


def api_patterns() -> list[URLPattern]:
    """Addresses of the API, each guarded by the resource's view action; writing asks for its own action again."""
    found = [path(PREFIX, docs, name="api"), path(f"{PREFIX}openapi.json", openapi, name="openapi")]
    views = {resource.code: (resource.actions.view, by_key) for resource in all_resources()}
    views[sending.PREFIX] = (SIGNED_IN, by_sending_key)
    views |= {f"{sending.PREFIX}/{each.code}": (each.view, by_sending_key) for each in all_sendables()}
    for pattern in cast("list[URLPattern]", build().urls[0]):
        parts = str(pattern.pattern).split("/")
        code = "/".join(parts[:2]) if parts[0] == sending.PREFIX else parts[0]
        if code not in views:
            continue
        view, admits = views[code]
        found.append(
            path(
                f"{PREFIX}{pattern.pattern}",
                requires(view, admits=admits)(cast("Any", pattern.callback)),
                name=f"api-{code.replace('/', '-')}-{pattern.name}",
            )
        )
    return found
