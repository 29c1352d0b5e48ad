"""What the stories of jurisdiction share: records of every kind on both sides of a county line, and everybody who may look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from anlan.desk.resource.declare import Resource
from anlan.desk.resource.registry import all_resources
from anlan.ground.people import rules
from anlan.kernel import clock
from anlan.kernel.ids import new_id

HERE, THERE = "370102", "370103"
OURS, THEIRS = "左岸琥珀", "右岸翡翠"
"""Words that stand in every record of one's own county, and of the other."""

CODED = {
    ("Bulletin", "level"): "red",
    ("Bulletin", "event_code"): "12A00",
    ("ForeignWarning", "level"): "red",
    ("ForeignWarning", "message"): b"<alert/>",
    ("Group", "shared"): True,
    ("Criterion", "kind"): "LIMIT",
    ("Facility", "kind"): "hospital",
    ("StockItem", "code"): "1010200",
    ("Agreement", "giver_place"): "",
    ("Recipient", "role"): "resident",
    ("Rumour", "verdict"): "false",
    ("Carrier", "adapter"): "simulated",
    ("Carrier", "channel"): "sms",
    ("Criterion", "parameters"): {"word": "H", "limit": 1.0},
    ("PeriodReport", "period"): "2026Q3",
    ("Certificate", "kind"): "special_operation",
    ("InventoryVersion", "lines"): [],
    ("Assessment", "sheet"): {"steps": [], "edition": "GB 18218-2018", "s": "0", "sum_beta": "0", "alpha": "1", "r": "0"},
    ("RiskEvent", "method"): "lec",
    ("RiskEvent", "initial_value"): 45,
    ("RiskEvent", "residual_value"): 45,
    ("Permit", "grade_code"): "hot_work-2",
    ("Permit", "base_grade_code"): "hot_work-2",
    ("Commitment", "day"): date(2026, 6, 9),
    ("Absence", "ends_at"): datetime(2099, 1, 1, tzinfo=UTC),
    ("Grade", "computed_at"): datetime(2026, 6, 9, tzinfo=UTC),
}
"""Columns that hold a code or a form of the room's own data, which no field declares."""
_numbers = count(1)
POINTS = {HERE: (117.08, 36.67), THERE: (117.00, 36.65)}


@dataclass
class Side:
    """The records of one county, by resource code."""

    place_code: str
    word: str
    records: dict[str, models.Model] = field(default_factory=dict)
    made: dict[type[models.Model], models.Model] = field(default_factory=dict)

    def ids(self) -> set[UUID]:
        """Ids of every record on this side, also of those that the listed ones needed."""
        return {record.pk for record in self.made.values()}


def resources() -> tuple[Resource, ...]:
    """Every resource of the node; the addresses are read first, for they load the declarations."""
    assert get_resolver().url_patterns
    return all_resources()


def build(place_code: str, word: str) -> Side:
    """One record of every resource, filled field by field from its model: a new resource joins by itself."""
    side = Side(place_code, word)
    for resource in resources():
        side.records[resource.code] = _made(side, resource.model, resource.title)
    return side


def _made(side: Side, model: type[models.Model], title: str = "") -> models.Model:
    if model not in side.made:
        values = {f.attname: value for f in model._meta.concrete_fields if (value := _value(side, model, f, title)) is not None}
        record = model(**values)
        if hasattr(model, "flow"):
            record.state = model.flow.initial  # type: ignore[attr-defined]
        record.save()
        side.made[model] = record
    return side.made[model]


def _value(side: Side, model: type[models.Model], f: models.Field, title: str) -> Any:
    named = {
        "place_code": side.place_code,
        "longitude": POINTS[side.place_code][0],
        "latitude": POINTS[side.place_code][1],
        "open_longitude": POINTS[side.place_code][0],
        "open_latitude": POINTS[side.place_code][1],
        "level": f.choices[0][0] if f.choices else 3,
        title: f"{side.word}{model.__name__}",
    }
    if (model.__name__, f.name) in CODED:
        return CODED[model.__name__, f.name]
    if f.name in named and not f.is_relation:
        return named[f.name]
    if isinstance(f, models.ForeignKey):
        wanted = not f.null or f.related_model._meta.label_lower == "enterprises.enterprise"
        return _made(side, f.related_model, "name").pk if wanted and f.related_model is not model else None
    if f.primary_key or f.has_default() or (f.null and f.name != "name"):
        return None
    if f.choices:
        return f.choices[0][0]
    match f:
        case models.EmailField():
            return f"{new_id().hex[-12:]}@example.cn"
        case models.CharField() | models.TextField():
            return (new_id().hex[-16:] + side.word)[: f.max_length]
        case models.DateTimeField():
            return clock.now() - timedelta(hours=1)
        case models.DateField():
            return clock.now().date()
        case models.UUIDField():
            return new_id()
        case models.JSONField():
            return {}
        case models.BooleanField():
            return False
        case models.IntegerField() | models.FloatField() | models.DecimalField():
            return next(_numbers) if f.unique else 1
    return None


def kinds_that_may(action: str) -> list[str]:
    """Kinds of posts, without those of an enterprise, that may do ``action``."""
    return [code for code, kind in rules.KINDS.items() if kind.allows(action) and not kind.of_enterprise]


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the node with its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern
