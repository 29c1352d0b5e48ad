"""One request of the API, whoever carries it: a browser, a machine, or a batch. No Django request is known here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from django.db import DataError

from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.things import bodies, options, services
from anlan.sense.things.entities import EntityType, kind_of, read_address
from anlan.sense.things.models import Point
from anlan.sense.things.reading import Reader
from anlan.sense.things.representing import Row, entity, self_link
from anlan.sense.things.rules import MalformedEntity, MalformedExpression, NotChangeable, NotSupported, TooMuch

CREATE_OBSERVATIONS = "CreateObservations"
MOST_OBSERVATIONS = 100_000
JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class Asked:
    """``path`` below the service root and ``query``, both as they were sent; ``body``: loaded JSON, ``None`` for none."""

    method: str
    path: str
    query: str
    body: Any
    content: str
    actor: Actor
    base: str
    now: datetime


@dataclass(frozen=True)
class Answer:
    """``content``: JSON, a bare value, or ``None`` for nothing."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(asked: Asked) -> Answer:
    """Answer a request. Raises refusals."""
    path = unquote(asked.path).strip("/")
    try:
        if asked.method == "GET":
            return _read(asked, path)
        if asked.method == "POST" and path == CREATE_OBSERVATIONS:
            return _observations(asked)
        if asked.method == "POST":
            return _create(asked, path)
        if asked.method in {"PATCH", "PUT"}:
            return _change(asked, path)
    except DataError as wrong:
        # A number beyond any column, a substring of negative length: the database itself says no.
        raise MalformedExpression(near="", reason=str(wrong).splitlines()[0][:80]) from wrong
    if asked.method == "DELETE":
        reader = Reader(asked.actor, asked.base, asked.now)
        near, _kind, many = reader.walk(read_address(path), path)
        raise NotChangeable(entity=near.kind.name if near and not many else path[:80])
    raise NotSupported(what=asked.method)


def _read(asked: Asked, path: str) -> Answer:
    reader = Reader(asked.actor, asked.base, asked.now)
    if not path:
        return Answer(200, reader.root())
    found = reader.answer(read_address(path), path, options.read(parse_qsl(asked.query, keep_blank_values=True)))
    return Answer(200, found)


def _create(asked: Asked, path: str) -> Answer:
    address = read_address(path)
    kind, many = kind_of(address)
    if not many or address.property or address.tail:
        raise NotSupported(what=f"POST {path[:80]}")
    near, _kind, _many = Reader(asked.actor, asked.base, asked.now).walk(address, path)
    row = services.create(kind.name, near, bodies.checked(asked.body), actor=asked.actor, now=asked.now)
    return _told(asked, kind, row, 201)


def _change(asked: Asked, path: str) -> Answer:
    address = read_address(path)
    near, kind, many = Reader(asked.actor, asked.base, asked.now).walk(address, path)
    if many or near is None or address.property or address.tail:
        raise NotSupported(what=f"{asked.method} {path[:80]}")
    body = bodies.patched(asked.body) if asked.content == JSON_PATCH else bodies.checked(asked.body)
    services.change_entity(kind.name, near.row, body, actor=asked.actor, now=asked.now)
    again, _kind, _many = Reader(asked.actor, asked.base, asked.now).walk(address, path)
    return _told(asked, kind, again.row if again is not None else near.row, 200)


def _told(asked: Asked, kind: EntityType, row: Row, status: int) -> Answer:
    reader = Reader(asked.actor, asked.base, asked.now)
    return Answer(status, entity(asked.base, kind, row, reader.book), {"Location": self_link(asked.base, kind, row)})


def _observations(asked: Asked) -> Answer:
    """Data arrays (OGC 18-088, 13.2): what is wrong is answered by ``error`` in its place, the rest is stored."""
    if not isinstance(asked.body, list):
        raise MalformedEntity(reason="[]")
    links: list[str] = []
    received = round(asked.now.timestamp() * 1000)
    good: list[tuple[int, Point, dict[str, Any]]] = []
    for array in map(bodies.checked, asked.body):
        names, rows = array.get("components"), array.get("dataArray")
        if not isinstance(names, list) or not isinstance(rows, list) or "result" not in names:
            raise MalformedEntity(reason="components, dataArray")
        if len(links) + len(rows) > MOST_OBSERVATIONS:
            raise TooMuch(limit=f"{MOST_OBSERVATIONS:,}")
        point = services.point_of(array.get("Datastream"), asked.actor)
        for values in rows:
            whole = isinstance(values, list) and len(values) == len(names)
            body = dict(zip(names, values, strict=True)) if whole else {}
            try:
                services.observed(point, body, received)
            except Refusal:
                links.append("error")
                continue
            good.append((len(links), point, body))
            links.append("")
    made = services.observe([(point, body) for _place, point, body in good], actor=asked.actor, now=asked.now)
    for (place, _point, _body), (channel, at_ms) in zip(good, made, strict=True):
        links[place] = f"{asked.base}/Observations('{services.observations.identifier(channel, at_ms)}')"
    return Answer(201, links)


def refs_replaced(found: Any, made: Mapping[str, Any]) -> Any:
    """``found`` with references to earlier requests of a batch (``"$id"``) replaced by the identifiers they made."""
    if isinstance(found, dict):
        return {
            name: made[value[1:]] if name == "@iot.id" and isinstance(value, str) and value[:1] == "$" and value[1:] in made
            else refs_replaced(value, made)
            for name, value in found.items()
        }  # fmt: skip
    return [refs_replaced(value, made) for value in found] if isinstance(found, list) else found


def dumped(content: Any) -> str:
    """JSON that keeps Chinese readable."""
    return json.dumps(content, ensure_ascii=False)
