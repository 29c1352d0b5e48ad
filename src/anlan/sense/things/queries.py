"""Reads of entities within an actor's jurisdiction: collections near another entity, single ones by identifier, Observations from the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import SensorClass
from anlan.sense.stream import door as stream
from anlan.sense.stream.door import Observed, Question
from anlan.sense.things import observing
from anlan.sense.things.entities import TYPES, EntityType
from anlan.sense.things.expressions import Expression
from anlan.sense.things.memory import evaluate, order_key
from anlan.sense.things.models import Equipment, Point
from anlan.sense.things.options import Options
from anlan.sense.things.representing import Book, Reading, Row, entity
from anlan.sense.things.rules import VIEW, EntityNotFound, NotSupported, TimeNeeded, TooMuch
from anlan.sense.things.translating import Translator, of_table
from anlan.wire import observations

MOST_CHANNELS = 5_000
MERGED_CHANNELS = 20
"""So many Datastreams are read one by one and merged when no time was given."""


@dataclass(frozen=True)
class Page:
    """Part of a collection. ``count``: of the whole, when asked; ``more``: there is more; ``after``: the time to go on after, else by number."""

    rows: list[Any]
    count: int | None = None
    more: bool = False
    after: str = ""


@dataclass(frozen=True)
class Near:
    """The entity from which a collection or entity is reached."""

    kind: EntityType
    row: Row


def page(kind: EntityType, near: Near | None, options: Options, actor: Actor, now: datetime) -> Page:
    """A page of a collection. Raises refusals of expressions, ``TimeNeeded``, ``TooMuch``, ``StoreSilent``."""
    if kind.name == "Observation":
        return _observations(near, options, actor, now)
    if kind.name == "ObservedProperty":
        return _classes(near, options)
    rows = _rows(kind, near, actor)
    translator = Translator(kind.name, actor, now)
    if options.filter is not None:
        condition = translator.condition(options.filter)
        rows = translator.applied(rows, condition)
    total = rows.count() if options.count else None
    rows = _ordered(rows, kind, options, actor, now)
    found = list(rows[options.skip : options.skip + options.top + 1]) if options.top else []
    return Page(found[: options.top], total, len(found) > options.top)


def one(kind: EntityType, key: str, near: Near | None, actor: Actor, address: str) -> Row:
    """An entity by its identifier. Raises ``EntityNotFound``, ``StoreSilent``."""
    row: Row | None = None
    if kind.name == "Observation":
        row = _observation(key, near, actor)
    elif kind.name == "ObservedProperty":
        row = next((known for known in _classes_near(near) if known.code == key), None)
    elif kind.numbered:
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else -1
        row = _rows(kind, near, actor).filter(channel=number).first()
    elif (pk := _uuid(key)) is not None:
        row = _rows(kind, near, actor).filter(pk=pk).first()
    if row is None:
        raise EntityNotFound(address=address[:200])
    return row


def linked(near: Near, link: str, actor: Actor) -> Row | None:
    """The entity that a link to one leads to; ``None`` when there is none, or none that the actor may see."""
    target = TYPES[near.kind.links[link].target]
    if isinstance(near.row, Reading) and target.name == "Datastream":
        return near.row.point
    if target.name == "ObservedProperty":
        return next(iter(_classes_near(near)), None)
    return _rows(target, near, actor).first()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def equipment(actor: Actor) -> QuerySet[Equipment]:
    """Devices that the actor may see."""
    return visible(Equipment.objects.all(), actor, VIEW)


def points(actor: Actor) -> QuerySet[Point]:
    """Measuring points that the actor may see."""
    return visible(Point.objects.select_related("device"), actor, VIEW)


def _rows(kind: EntityType, near: Near | None, actor: Actor) -> QuerySet[Any]:
    if of_table(kind.name) is Equipment:
        found: QuerySet[Any] = equipment(actor)
        if kind.name in {"Location", "HistoricalLocation"}:
            found = found.filter(longitude__isnull=False, latitude__isnull=False)
        match near.row if near else None:
            case Equipment(pk=pk):
                return found.filter(pk=pk)
            case Point(device_id=device):
                return found.filter(pk=device)
            case Reading(point=point):
                return found.filter(pk=point.device_id)
        return found
    found = points(actor)
    match near.row if near else None:
        case Equipment(pk=pk):
            return found.filter(device_id=pk)
        case Point(pk=pk):
            return found.filter(pk=pk)
        case SensorClass(code=code):
            return found.filter(sensor_class=code)
        case Reading(point=point):
            return found.filter(pk=point.pk)
    return found


def _ordered(rows: QuerySet[Any], kind: EntityType, options: Options, actor: Actor, now: datetime) -> QuerySet[Any]:
    translator = Translator(kind.name, actor, now)
    keys = []
    for tree, descending in options.order:
        typed = translator.value(tree)
        if typed.value is None or isinstance(typed.value, tuple) or translator.many:
            raise NotSupported(what="$orderby")
        keys.append(typed.value.desc(nulls_last=True) if descending else typed.value.asc(nulls_last=True))
    if translator.relations:
        rows = rows.annotate(**{name: relation for name, relation in translator.relations.items() if name not in rows.query.annotations})
    return rows.order_by(*keys, F("channel" if kind.numbered else "pk").asc())


def _classes_near(near: Near | None) -> tuple[SensorClass, ...]:
    if near is None:
        return devices.sensor_classes()
    known = devices.sensor_class(near.row.sensor_class) if isinstance(near.row, Point) else None
    return (known,) if known is not None else ()


def _classes(near: Near | None, options: Options) -> Page:
    kind, book = TYPES["ObservedProperty"], Book()
    told = [(known, entity("", kind, known, book)) for known in _classes_near(near)]
    if options.filter is not None:
        told = [(known, facts) for known, facts in told if evaluate(options.filter, facts)]
    for tree, descending in reversed(options.order):
        told.sort(key=lambda pair: order_key(evaluate(tree, pair[1])), reverse=descending)
    chosen = [known for known, _facts in told[options.skip : options.skip + options.top]]
    return Page(chosen, len(told) if options.count else None, len(told) > options.skip + options.top)


# --- Observations -----------------------------------------------------------------------------------------------------


def _observations(near: Near | None, options: Options, actor: Actor, now: datetime) -> Page:
    wanted = observing.read(options.filter, now)
    by, descending = observing.order(options.order)
    known = _points_for(near, wanted.points, wanted.channel, actor, now)
    if wanted.nothing or not known:
        return Page([], 0 if options.count else None)
    question = Question(list(known), wanted.since, wanted.until, wanted.where, by, descending, options.top + 1, options.skip)
    if question.since is None and (question.where is not None or by == "value" or len(known) > MERGED_CHANNELS):
        raise TimeNeeded()
    found = _found(question) if options.top else []
    total = _counted(question) if options.count else None
    rows = [Reading(observed, known[observed.channel]) for observed in found[: options.top]]
    by_time_alone = by == "time" and len(known) == 1 and bool(rows)
    after = f"phenomenonTime {'lt' if descending else 'gt'} {observations.instant(rows[-1].observed.at_ms)}" if by_time_alone else ""
    return Page(rows, total, len(found) > options.top, after)


def _points_for(
    near: Near | None, conditions: tuple[Expression, ...], channel: int | None, actor: Actor, now: datetime
) -> dict[int, Point]:
    rows = _rows(TYPES["Datastream"], near, actor)
    if channel is not None:
        rows = rows.filter(channel=channel) if channel < 2**31 else rows.none()
    for tree in conditions:
        translator = Translator("Datastream", actor, now)
        condition = translator.condition(tree)
        rows = translator.applied(rows, condition)
    found = list(rows.order_by("channel")[: MOST_CHANNELS + 1])
    if len(found) > MOST_CHANNELS:
        raise TooMuch(limit=f"{MOST_CHANNELS} Datastreams")
    return {point.channel: point for point in found}


def _found(question: Question) -> list[Observed]:
    if question.since is not None or len(question.channels) == 1:
        return stream.observations(question)
    # Without a time each Datastream is read from its own end, and the readings are put in one order.
    enough = question.offset + question.limit
    each = [stream.observations(replace_question(question, channels=[c], limit=min(enough, 10_000), offset=0)) for c in question.channels]
    together = merge(*each, key=lambda observed: (observed.at_ms, observed.channel), reverse=question.descending)
    return list(islice(together, question.offset, enough))


def _counted(question: Question) -> int:
    if question.where is not None or (question.since is not None and len(question.channels) > MERGED_CHANNELS):
        return stream.observation_count(question)
    return sum(stream.observation_count(replace_question(question, channels=[channel])) for channel in question.channels)


def replace_question(question: Question, **changes: Any) -> Question:
    """``question`` with some of its parts changed."""
    parts = {name: getattr(question, name) for name in question.__struct_fields__}
    return Question(**parts | changes)


def _observation(key: str, near: Near | None, actor: Actor) -> Reading | None:
    told = observing.identifier(key)
    if told is None:
        return None
    channel, ms = told
    known = _points_for(near, (), channel, actor, datetime.min.replace(tzinfo=UTC))
    if channel not in known:
        return None
    found = stream.observations(Question([channel], ms, ms + 1, limit=1))
    return Reading(found[0], known[channel]) if found else None
