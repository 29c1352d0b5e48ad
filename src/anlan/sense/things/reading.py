"""GET: from an address and its options to the JSON that answers it, links, expanded entities and pages included."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from anlan.kernel.access import Actor
from anlan.sense.things import queries
from anlan.sense.things.entities import REF, SETS, TYPES, VALUE, Address, EntityType
from anlan.sense.things.options import Expand, Options
from anlan.sense.things.queries import Near, Page
from anlan.sense.things.representing import Book, Row, data_arrays, entity, self_link
from anlan.sense.things.rules import (
    CONFORMANCE,
    MOST_ENTITIES,
    MOST_QUERIES,
    EntityNotFound,
    MalformedOption,
    TooMuch,
    UnknownProperty,
)

_PLAIN = "/(),'$:=;"
"""Characters that stand in addresses as they are."""


@dataclass
class Reader:
    """Reads for one request. ``base``: address of the service root; every entity told and every query is counted against a bound."""

    actor: Actor
    base: str
    now: datetime
    book: Book = field(default_factory=Book)
    told: int = 0
    asked: int = 0

    def root(self) -> dict[str, Any]:
        """The root document: entity sets and conformance."""
        sets = [{"name": kind.plural, "url": f"{self.base}/{kind.plural}"} for kind in TYPES.values()]
        settings: dict[str, Any] = {"conformance": list(CONFORMANCE)}
        endpoint = "http://www.opengis.net/spec/iot_sensing/1.1/req/create-observations-via-mqtt/observations-creation"
        settings[endpoint] = {"topic": "v1.1/Datastreams(<id>)/Observations"}
        return {"value": sets, "serverSettings": settings}

    def answer(self, address: Address, path: str, options: Options) -> Any:
        """What stands at ``address``: a document, or plain text behind ``$value``. Raises ``EntityNotFound`` and refusals of the options."""
        near, kind, many = self.walk(address, path)
        if many:
            return self._collection_at(kind, near, options, path, refs=address.tail == REF)
        row = near.row if near is not None else None
        if row is None:
            raise EntityNotFound(address=path[:200])
        if address.tail == REF:
            return {"@iot.selfLink": self_link(self.base, kind, row)}
        if address.property:
            return self._property(kind, row, address, path)
        return self.one(kind, row, options)

    def walk(self, address: Address, path: str) -> tuple[Near | None, EntityType, bool]:
        """Follow the steps. Of a collection the entity it is reached from, otherwise the entity itself; its type; whether it is a collection."""
        near: Near | None = None
        kind, many = SETS[address.steps[0].name], True
        for number, step in enumerate(address.steps):
            if number:
                assert near is not None
                link = near.kind.links[step.name]
                kind, many = TYPES[link.target], link.many
            self._count_query()
            if step.key is not None:
                near = Near(kind, queries.one(kind, step.key, near, self.actor, path))
                many = False
            elif not many and near is not None:
                row = queries.linked(near, step.name, self.actor)
                if row is None:
                    raise EntityNotFound(address=path[:200])
                near = Near(kind, row)
        return near, kind, many

    def one(self, kind: EntityType, row: Row, options: Options) -> dict[str, Any]:
        """One entity with what is expanded in it."""
        return self._entities(kind, [row], options)[0]

    def _collection_at(self, kind: EntityType, near: Near | None, options: Options, path: str, *, refs: bool) -> dict[str, Any]:
        self._count_query()
        page = queries.page(kind, near, options, self.actor, self.now)
        told: dict[str, Any] = {} if page.count is None else {"@iot.count": page.count}
        if page.more:
            told["@iot.nextLink"] = self._next(f"{self.base}/{quote(path, safe=_PLAIN)}", options, page)
        if refs:
            told["value"] = [{"@iot.selfLink": self_link(self.base, kind, row)} for row in page.rows]
        elif options.data_array:
            if kind.name != "Observation":
                raise MalformedOption(option="$resultFormat", value=kind.plural)
            self._count_entities(len(page.rows))
            told["value"] = data_arrays(self.base, page.rows, options.select)
        else:
            told["value"] = self._entities(kind, page.rows, options)
        return told

    def _entities(self, kind: EntityType, rows: list[Any], options: Options) -> list[dict[str, Any]]:
        self._count_entities(len(rows))
        for name in options.select:
            if name.partition("/")[0] not in {"id", "@iot.id", "@iot.selfLink", *kind.properties, *kind.links}:
                raise UnknownProperty(entity=kind.name, name=name[:80])
        if rows and not isinstance(rows[0], queries.Reading | queries.SensorClass):
            self.book.read(kind.name, [row.id for row in rows])
        found = []
        for row in rows:
            told = entity(self.base, kind, row, self.book, options.select)
            for expand in options.expand:
                self._expand(told, Near(kind, row), expand)
            found.append(told)
        return found

    def _expand(self, told: dict[str, Any], near: Near, expand: Expand) -> None:
        link = near.kind.links.get(expand.link)
        if link is None:
            raise UnknownProperty(entity=near.kind.name, name=expand.link[:80])
        target = TYPES[link.target]
        told.pop(f"{expand.link}@iot.navigationLink", None)
        self._count_query()
        if not link.many:
            row = queries.linked(near, expand.link, self.actor)
            if row is not None:
                told[expand.link] = self.one(target, row, expand.options)
            return
        page = queries.page(target, near, expand.options, self.actor, self.now)
        if page.count is not None:
            told[f"{expand.link}@iot.count"] = page.count
        told[expand.link] = self._entities(target, page.rows, expand.options)
        if page.more:
            address = f"{self_link(self.base, near.kind, near.row)}/{expand.link}"
            told[f"{expand.link}@iot.nextLink"] = self._next(address, expand.options, page)

    def _property(self, kind: EntityType, row: Row, address: Address, path: str) -> Any:
        found: Any = entity(self.base, kind, row, self.book)
        for name in address.property:
            if not isinstance(found, dict) or name not in found:
                raise EntityNotFound(address=path[:200])
            found = found[name]
        if found is None:
            raise EntityNotFound(address=path[:200])
        return Plain(found) if address.tail == VALUE else {address.property[-1]: found}

    def _next(self, address: str, options: Options, page: Page) -> str:
        texts = dict(options.texts)
        if page.after:
            # Of one Datastream in order of time, the next page begins after the last reading: nothing is read to be passed over.
            before = texts.get("$filter", "").strip()
            texts["$filter"] = f"({before}) and {page.after}" if before else page.after
            texts.pop("$skip", None)
            # The number of all was told with the first page; from here on it would be the number of the rest.
            texts.pop("$count", None)
        else:
            texts["$skip"] = str(options.skip + options.top)
        return address + "?" + "&".join(f"{name}={quote(value, safe=_PLAIN)}" for name, value in texts.items())

    def _count_entities(self, more: int) -> None:
        self.told += more
        if self.told > MOST_ENTITIES:
            raise TooMuch(limit=f"{MOST_ENTITIES:,}")

    def _count_query(self) -> None:
        self.asked += 1
        if self.asked > MOST_QUERIES:
            raise TooMuch(limit=f"{MOST_QUERIES}")


@dataclass(frozen=True)
class Plain:
    """The bare value of a property, for ``$value``."""

    value: Any
