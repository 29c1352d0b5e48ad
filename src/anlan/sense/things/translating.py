"""Conditions and orders on entities of the registry, from their tree to Django's query expressions. Nothing of the text reaches SQL.

A path over a link is followed only to rows that the actor may see: what lies beyond the jurisdiction is neither found nor told by a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    lookups,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import (
    Cast,
    Ceil,
    Coalesce,
    Concat,
    ExtractDay,
    ExtractHour,
    ExtractMinute,
    ExtractMonth,
    ExtractSecond,
    ExtractYear,
    Floor,
    Left,
    Length,
    Lower,
    Mod,
    NullIf,
    Right,
    Round,
    StrIndex,
    Substr,
    Trim,
    Upper,
)
from shapely.geometry.base import BaseGeometry

from anlan.kernel.access import Actor
from anlan.ledger.scope import scope_condition
from anlan.sense.devices import door as devices
from anlan.sense.things import geography
from anlan.sense.things.entities import TYPES
from anlan.sense.things.expressions import COMPARISONS, Call, Expression, Literal, Not, Operation, Path
from anlan.sense.things.models import Description, Equipment, Point
from anlan.sense.things.rules import GEOJSON, HTML, OM_MEASUREMENT, VIEW, NotComparable, NotSupported, UnknownProperty
from anlan.sense.things.wording import DEFINITION

TEXT, NUMBER, IDENTIFIER, TIME, TRUTH, POSITION, NOTHING = "text", "number", "identifier", "time", "truth", "position", "nothing"
SEEN_POINTS, SEEN_DEVICE = "seen_points", "seen_device"

EQUIPMENT_PROPERTIES: Mapping[str, tuple[str, str]] = {
    "code": ("code", TEXT),
    "deviceClass": ("device_class", TEXT),
    "state": ("state", TEXT),
    "manufacturer": ("manufacturer", TEXT),
    "modelNumber": ("model_number", TEXT),
    "enterprise": ("enterprise_id", IDENTIFIER),
    "placeCode": ("place_code", TEXT),
}
POINT_PROPERTIES: Mapping[str, tuple[str, str]] = {
    "code": ("code", TEXT),
    "decimals": ("decimals", NUMBER),
    "rangeLow": ("range_low", NUMBER),
    "rangeHigh": ("range_high", NUMBER),
    "inUse": ("in_use", TRUTH),
    "enterprise": ("enterprise_id", IDENTIFIER),
    "placeCode": ("place_code", TEXT),
}
_OF_EQUIPMENT = frozenset({"Thing", "Location", "HistoricalLocation", "FeatureOfInterest"})


@dataclass(frozen=True)
class Typed:
    """A query expression and what kind of value it gives. Of a position: the names of its columns of longitude and latitude."""

    value: Any
    kind: str


class Translator:
    """Translates for one root query: of ``kind``, by ``actor``. ``relations``: what the query must be annotated with; ``many``: rows may
    come more than once."""

    def __init__(self, kind: str, actor: Actor, now: datetime) -> None:
        self._kind, self._actor, self._now = kind, actor, now
        self._of_equipment = kind in _OF_EQUIPMENT
        self.relations: dict[str, FilteredRelation] = {}

    @property
    def many(self) -> bool:
        """Whether a row may come more than once."""
        return SEEN_POINTS in self.relations

    def applied(self, rows: QuerySet[Any], condition: Q) -> QuerySet[Any]:
        """``rows`` for which ``condition`` holds, each once."""
        if not self.relations:
            return rows.filter(condition)
        if self.many:
            # A row is found by any of its points; the search stands apart so that order and count see each row once.
            found = rows.model._default_manager.annotate(**self.relations).filter(condition, pk=OuterRef("pk"))
            return rows.filter(Exists(found))
        return rows.annotate(**self.relations).filter(condition)

    def condition(self, tree: Expression) -> Q:
        """The condition that ``tree`` states. Raises ``UnknownProperty``, ``NotComparable``, ``NotSupported``."""
        match tree:
            case Operation("and", left, right):
                return self.condition(left) & self.condition(right)
            case Operation("or", left, right):
                return self.condition(left) | self.condition(right)
            case Not(operand):
                return ~self.condition(operand)
            case Operation(operator, left, right) if operator in COMPARISONS:
                return _compared(operator, self.value(left), self.value(right))
            case Call(name, arguments) if name in _CONDITIONS:
                return _CONDITIONS[name]([self.value(argument) for argument in arguments])
            case Literal(bool() as truth):
                return Q() if truth else Q(pk__in=[])
        found = self.value(tree)
        if found.kind != TRUTH:
            raise NotComparable(operation="$filter")
        return Q(lookups.Exact(found.value, Value(True)))

    def value(self, tree: Expression) -> Typed:
        """The value that ``tree`` gives."""
        match tree:
            case Literal(value):
                return _literal(value)
            case Path(parts):
                return self._path(self._kind, parts, "", self._of_equipment)
            case Operation(operator, left, right) if operator in _ARITHMETIC:
                return _arithmetic(operator, self.value(left), self.value(right))
            case Call("now", ()):
                return _literal(self._now)
            case Call(name, arguments) if name in _FUNCTIONS:
                wanted, build, gives = _FUNCTIONS[name]
                return Typed(build(*_taken(name, wanted, [self.value(argument) for argument in arguments])), gives)
            case Call("geo.distance", (first, second)):
                return _distance(self.value(first), self.value(second))
            case Call(name, _):
                raise NotSupported(what=name)
        raise NotComparable(operation=getattr(tree, "operator", "not"))

    def _path(self, kind: str, parts: tuple[str, ...], prefix: str, of_equipment: bool) -> Typed:
        first, *rest = parts
        link = TYPES[kind].links.get(first)
        if link is None and first != "FeatureOfInterest":
            return self._field(kind, parts, prefix)
        target = link.target if link is not None else "FeatureOfInterest"
        if not rest or target == "Observation":
            raise UnknownProperty(entity=kind, name="/".join(parts))
        if target == "ObservedProperty":
            return _observed_property(tuple(rest), prefix)
        wants_equipment = target in _OF_EQUIPMENT
        if wants_equipment != of_equipment:
            prefix = self._crossed(prefix, of_equipment)
        return self._path(target, tuple(rest), prefix, wants_equipment)

    def _crossed(self, prefix: str, from_equipment: bool) -> str:
        """The prefix on the other side of the relation between device and points."""
        if prefix:
            if from_equipment:
                raise NotSupported(what="Thing/Datastreams")
            return ""
        alias, relation = (SEEN_POINTS, "points") if from_equipment else (SEEN_DEVICE, "device")
        if alias not in self.relations:
            seen = scope_condition(
                self._actor,
                VIEW,
                place=f"{relation}__place_code",
                enterprise=f"{relation}__enterprise_id",
                classification=f"{relation}__classification",
            )
            self.relations[alias] = FilteredRelation(relation, condition=Q(**{f"{relation}__pk__in": []}) if seen is None else seen)
        return f"{alias}__"

    def _field(self, kind: str, parts: tuple[str, ...], prefix: str) -> Typed:
        name, *members = parts
        simple = _FIELDS.get((kind, "/".join(parts)))
        if simple is not None:
            column, gives = simple
            return Typed((f"{prefix}longitude", f"{prefix}latitude"), gives) if gives == POSITION else Typed(F(prefix + column), gives)
        constant = _CONSTANTS.get((kind, "/".join(parts)))
        if constant is not None:
            return Typed(Value(constant, CharField()), TEXT)
        if name in {"description", "name"} and not members:
            return Typed(described(kind, name, prefix), TEXT)
        if name == "properties" and len(members) == 1:
            known = (EQUIPMENT_PROPERTIES if kind in _OF_EQUIPMENT else POINT_PROPERTIES).get(members[0])
            if known is not None:
                return Typed(F(prefix + known[0]), known[1])
            own = _of_description(kind, prefix).values(told=KeyTextTransform(members[0], "properties"))[:1]
            return Typed(Subquery(own, output_field=CharField()), TEXT)
        raise UnknownProperty(entity=kind, name="/".join(parts)[:80])


_FIELDS: Mapping[tuple[str, str], tuple[str, str]] = {
    **{(kind, "id"): ("id", IDENTIFIER) for kind in _OF_EQUIPMENT},
    ("Thing", "name"): ("name", TEXT),
    ("Location", "location"): ("", POSITION),
    ("FeatureOfInterest", "feature"): ("", POSITION),
    ("HistoricalLocation", "time"): ("created_at", TIME),
    ("Datastream", "id"): ("channel", NUMBER),
    ("Sensor", "id"): ("channel", NUMBER),
    ("Datastream", "name"): ("name", TEXT),
    ("Datastream", "unitOfMeasurement/name"): ("unit", TEXT),
    ("Datastream", "unitOfMeasurement/symbol"): ("unit", TEXT),
}
_CONSTANTS: Mapping[tuple[str, str], str] = {
    ("Location", "encodingType"): GEOJSON,
    ("FeatureOfInterest", "encodingType"): GEOJSON,
    ("Sensor", "encodingType"): HTML,
    ("Datastream", "observationType"): OM_MEASUREMENT,
}


def _of_description(kind: str, prefix: str) -> QuerySet[Description]:
    return Description.objects.filter(entity=kind, subject=OuterRef(f"{prefix}id"))


def described(kind: str, name: str, prefix: str = "") -> Any:
    """What a client said of an entity, or else what the registry says: its name, and where a device stands."""
    told = Subquery(_of_description(kind, prefix).values(name)[:1], output_field=CharField())
    fallback: list[Any] = [F(f"{prefix}name")]
    if name == "description" and kind in _OF_EQUIPMENT:
        fallback.insert(0, NullIf(F(f"{prefix}location_note"), Value("")))
    return Coalesce(NullIf(told, Value("")), *fallback, output_field=CharField())


def _observed_property(parts: tuple[str, ...], prefix: str) -> Typed:
    column = F(f"{prefix}sensor_class")
    match parts:
        case ("id",):
            return Typed(column, TEXT)
        case ("definition",):
            return Typed(Concat(Value(DEFINITION), column, output_field=CharField()), TEXT)
        case ("name",):
            cases = [When(**{f"{prefix}sensor_class": known.code}, then=Value(known.name_zh)) for known in devices.sensor_classes()]
            return Typed(Case(*cases, default=column, output_field=CharField()), TEXT)
    raise UnknownProperty(entity="ObservedProperty", name="/".join(parts)[:80])


def _literal(value: Any) -> Typed:
    match value:
        case None:
            return Typed(None, NOTHING)
        case bool():
            return Typed(Value(value, BooleanField()), TRUTH)
        case int():
            return Typed(Value(value, IntegerField() if abs(value) < 2**31 else FloatField()), NUMBER)
        case float():
            return Typed(Value(value, FloatField()), NUMBER)
        case str():
            return Typed(Value(value, CharField()), TEXT)
        case datetime():
            return Typed(Value(value, DateTimeField()), TIME)
        case date():
            return Typed(Value(datetime(value.year, value.month, value.day, tzinfo=UTC), DateTimeField()), TIME)
        case BaseGeometry():
            return Typed(value, POSITION)
    raise NotSupported(what=type(value).__name__)


_LOOKUPS: Mapping[str, type[Any]] = {
    "eq": lookups.Exact,
    "gt": lookups.GreaterThan,
    "ge": lookups.GreaterThanOrEqual,
    "lt": lookups.LessThan,
    "le": lookups.LessThanOrEqual,
}


def _compared(operator: str, left: Typed, right: Typed) -> Q:
    if NOTHING in {left.kind, right.kind}:
        return _against_nothing(operator, right if left.kind == NOTHING else left)
    left, right = _identified(left, right), _identified(right, left)
    if left.kind != right.kind or left.kind == POSITION or (operator not in {"eq", "ne"} and left.kind == TRUTH):
        raise NotComparable(operation=operator)
    if left.value is None or right.value is None:
        # No identifier looks like this: nothing is equal to it.
        return Q() if operator == "ne" else Q(pk__in=[])
    if operator == "ne":
        # What is not known differs from everything that is.
        missing = [Q(lookups.IsNull(side.value, True)) for side in (left, right) if not isinstance(side.value, Value)]
        return reduce(or_, missing, ~Q(lookups.Exact(left.value, right.value)))
    return Q(_LOOKUPS[operator](left.value, right.value))


def _against_nothing(operator: str, other: Typed) -> Q:
    if operator not in {"eq", "ne"}:
        raise NotComparable(operation=operator)
    if other.kind == NOTHING:
        return Q() if operator == "eq" else Q(pk__in=[])
    missing = Q(**{f"{other.value[0]}__isnull": True}) if other.kind == POSITION else Q(lookups.IsNull(other.value, True))
    return missing if operator == "eq" else ~missing


def _identified(value: Typed, other: Typed) -> Typed:
    """A text beside an identifier is one too; ``None`` when it cannot be."""
    if value.kind != TEXT or other.kind != IDENTIFIER or not isinstance(value.value, Value):
        return value
    try:
        return Typed(Value(UUID(str(value.value.value))), IDENTIFIER)
    except ValueError:
        return Typed(None, IDENTIFIER)


_DECIMAL = DecimalField(max_digits=30, decimal_places=9)
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": lambda left, right: left + right,
    "sub": lambda left, right: left - right,
    "mul": lambda left, right: left * right,
    "div": lambda left, right: left / NullIf(right, Value(0.0)),
    "mod": lambda left, right: Cast(Mod(Cast(left, _DECIMAL), NullIf(Cast(right, _DECIMAL), Value(0, _DECIMAL))), FloatField()),
}


def _arithmetic(operator: str, left: Typed, right: Typed) -> Typed:
    if left.kind != NUMBER or right.kind != NUMBER:
        raise NotComparable(operation=operator)
    built = _ARITHMETIC[operator](Cast(left.value, FloatField()), Cast(right.value, FloatField()))
    return Typed(ExpressionWrapper(built, FloatField()), NUMBER)


def _extract(part: type[Any]) -> tuple[tuple[str, ...], Callable[..., Any], str]:
    return (TIME,), lambda moment: part(moment, tzinfo=UTC), NUMBER


_Function = tuple[tuple[str, ...], Callable[..., Any], str]
_FUNCTIONS: Mapping[str, _Function] = {
    "length": ((TEXT,), Length, NUMBER),
    "indexof": ((TEXT, TEXT), lambda text, part: StrIndex(text, part) - 1, NUMBER),
    "substring": ((TEXT, NUMBER, NUMBER), lambda text, start, *length: Substr(text, start + 1, *length), TEXT),
    "tolower": ((TEXT,), Lower, TEXT),
    "toupper": ((TEXT,), Upper, TEXT),
    "trim": ((TEXT,), Trim, TEXT),
    "concat": ((TEXT, TEXT), lambda left, right: Concat(left, right, output_field=CharField()), TEXT),
    "round": ((NUMBER,), lambda number: Round(Cast(number, FloatField())), NUMBER),
    "floor": ((NUMBER,), Floor, NUMBER),
    "ceiling": ((NUMBER,), Ceil, NUMBER),
    "year": _extract(ExtractYear),
    "month": _extract(ExtractMonth),
    "day": _extract(ExtractDay),
    "hour": _extract(ExtractHour),
    "minute": _extract(ExtractMinute),
    "second": _extract(ExtractSecond),
    "totaloffsetminutes": ((TIME,), lambda _moment: Value(0), NUMBER),
    "mindatetime": ((), lambda: Value(datetime(1, 1, 1, tzinfo=UTC)), TIME),
    "maxdatetime": ((), lambda: Value(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)), TIME),
}


def _taken(name: str, wanted: tuple[str, ...], given: list[Typed]) -> list[Any]:
    least = 2 if name == "substring" else len(wanted)
    if not least <= len(given) <= len(wanted) or any(value.kind != kind for value, kind in zip(given, wanted, strict=False)):
        raise NotComparable(operation=name)
    return [value.value for value in given]


def _texts(given: list[Typed], name: str) -> tuple[Any, Any]:
    left, right = _taken(name, (TEXT, TEXT), given)
    return left, right


def _substring_of(given: list[Typed]) -> Q:
    part, text = _texts(given, "substringof")
    return Q(lookups.GreaterThan(StrIndex(text, part), Value(0)))


def _begins(given: list[Typed]) -> Q:
    text, part = _texts(given, "startswith")
    return Q(lookups.Exact(Left(text, Length(part)), part))


def _ends(given: list[Typed]) -> Q:
    text, part = _texts(given, "endswith")
    return Q(lookups.Exact(Right(text, Length(part)), part))


def _placed(given: list[Typed], name: str) -> tuple[str, str, BaseGeometry]:
    """A position's columns and the geometry it is held against, in whichever order they came."""
    if len(given) != 2 or {value.kind for value in given} != {POSITION}:
        raise NotComparable(operation=name)
    columns = next((value.value for value in given if isinstance(value.value, tuple)), None)
    geometry = next((value.value for value in given if isinstance(value.value, BaseGeometry)), None)
    if columns is None or geometry is None:
        raise NotComparable(operation=name)
    return columns[0], columns[1], geometry


def _holds(name: str, outer: int | None) -> Callable[[list[Typed]], Q]:
    """The condition of a spatial relation. ``outer``: which operand is to hold the other (``None``: either)."""

    def built(given: list[Typed]) -> Q:
        longitude, latitude, geometry = _placed(given, name)
        if outer is not None and given[outer].value is not geometry and geometry.geom_type != "Point":
            # A point holds nothing but itself.
            return Q(pk__in=[])
        return geography.inside(longitude, latitude, geometry)

    return built


def _equal_places(given: list[Typed]) -> Q:
    longitude, latitude, geometry = _placed(given, "st_equals")
    return geography.inside(longitude, latitude, geometry) if geometry.geom_type == "Point" else Q(pk__in=[])


def _distance(first: Typed, second: Typed) -> Typed:
    longitude, latitude, geometry = _placed([first, second], "geo.distance")
    return Typed(geography.distance_m(longitude, latitude, geometry), NUMBER)


_CONDITIONS: Mapping[str, Callable[[list[Typed]], Q]] = {
    "substringof": _substring_of,
    "startswith": _begins,
    "endswith": _ends,
    "st_within": _holds("st_within", 1),
    "st_contains": _holds("st_contains", 0),
    "st_intersects": _holds("st_intersects", None),
    "geo.intersects": _holds("geo.intersects", None),
    "st_disjoint": lambda given: ~_holds("st_disjoint", None)(given),
    "st_equals": _equal_places,
}


def of_table(kind: str) -> type[Model]:
    """The table that entities of ``kind`` are made of."""
    return Equipment if kind in _OF_EQUIPMENT else Point
