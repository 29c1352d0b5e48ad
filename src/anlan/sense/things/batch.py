"""``$batch`` in JSON (OGC 18-088, 11, by OData JSON 4.01, 19): requests answered one after the other, groups all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from anlan.kernel.errors import Refusal
from anlan.sense.things import bodies
from anlan.sense.things.entities import SETS
from anlan.sense.things.handling import Answer, Asked, answer, refs_replaced
from anlan.sense.things.reading import Plain
from anlan.sense.things.rules import MOST_BATCH, MalformedEntity, NotSupported, TooMuch

_METHODS = {"get": "GET", "post": "POST", "patch": "PATCH", "put": "PUT", "delete": "DELETE"}


class _GroupFailed(Exception):
    """Undoes what a group did before one of its requests was refused."""


def run(asked: Asked) -> dict[str, Any]:
    """The responses of a batch. Raises ``MalformedEntity``, ``TooMuch`` when the batch as a whole cannot be read."""
    told = bodies.checked(asked.body).get("requests")
    if not isinstance(told, list):
        raise MalformedEntity(reason="requests")
    if len(told) > MOST_BATCH:
        raise TooMuch(limit=f"{MOST_BATCH}")
    requests = [bodies.checked(request) for request in told]
    if any(not isinstance(request.get("id"), str) for request in requests) or len({r["id"] for r in requests}) != len(requests):
        raise MalformedEntity(reason="id")
    made: dict[str, Any] = {}
    responses: list[dict[str, Any]] = []
    for group, found in groupby(requests, key=lambda request: request.get("atomicityGroup")):
        members = list(found)
        responses += _group(members, asked, made) if group is not None else [_one(request, asked, made)[0] for request in members]
    return {"responses": responses}


def _group(members: list[Mapping[str, Any]], asked: Asked, made: dict[str, Any]) -> list[dict[str, Any]]:
    responses: list[dict[str, Any]] = []
    try:
        with transaction.atomic():
            for request in members:
                response, succeeded = _one(request, asked, made, atomic=True)
                responses.append(response)
                if not succeeded:
                    raise _GroupFailed
    except _GroupFailed:
        failed = responses[-1]
        undone = {"status": 424, "body": {"code": "things_group_failed", "message": str(failed["id"])}}
        return [failed if request["id"] == failed["id"] else {"id": request["id"], **undone} for request in members]
    return responses


def _one(request: Mapping[str, Any], asked: Asked, made: dict[str, Any], *, atomic: bool = False) -> tuple[dict[str, Any], bool]:
    try:
        found = _answered(request, asked, made, atomic)
    except Refusal as refusal:
        body = {"code": refusal.code, "message": refusal.message(gettext)}
        return {"id": request["id"], "status": refusal.status, "body": body}, False
    content = found.content.value if isinstance(found.content, Plain) else found.content
    if found.status == 201 and isinstance(content, dict):
        made[request["id"]] = content["@iot.id"]
    headers = {"headers": {name.lower(): value for name, value in found.headers.items()}} if found.headers else {}
    return {"id": request["id"], "status": found.status, **headers, "body": content}, True


def _answered(request: Mapping[str, Any], asked: Asked, made: Mapping[str, Any], atomic: bool) -> Answer:
    method, url = _METHODS.get(str(request.get("method", "")).lower()), request.get("url")
    if method is None or not isinstance(url, str):
        raise MalformedEntity(reason="method, url")
    path, _mark, query = _resolved(url, asked.base, made).partition("?")
    if path.strip("/").startswith("$batch"):
        raise NotSupported(what="$batch in $batch")
    if atomic and method == "POST" and (path.rstrip("/").endswith("Observations")):
        # What lies on the stream cannot be taken back.
        raise NotSupported(what="Observations in atomicityGroup")
    told = request.get("headers") or {}
    content = str({name.lower(): value for name, value in told.items()}.get("content-type", "")) if isinstance(told, Mapping) else ""
    body = refs_replaced(request.get("body"), made)
    one: Callable[[Asked], Answer] = answer
    return one(replace(asked, method=method, path=path, query=query, body=body, content=content.partition(";")[0]))


def _resolved(url: str, base: str, made: Mapping[str, Any]) -> str:
    """The path of a request's address: absolute, from the root, relative, or beginning with a reference to an earlier request."""
    rest = url.removeprefix(base).lstrip("/").removeprefix("v1.1/")
    if rest.startswith("$") and not rest.startswith("$batch"):
        name, slash, more = rest[1:].partition("/")
        if name in made:
            # Only Things and Datastreams have something below them that can be created.
            kind = SETS["Datastreams"] if isinstance(made[name], int) else SETS["Things"]
            key = made[name] if kind.numbered else f"'{made[name]}'"
            rest = f"{kind.plural}({key}){slash}{more}"
    return rest
