"""How values of a record are named, read and shown: the same in list, detail, export and API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext

from anlan.desk.joints import joints
from anlan.desk.resource.declare import Column, Field, Text, Tone

EMPTY = "—"


@dataclass(frozen=True)
class Shown:
    """A value ready for a page: text, the chip's tone where it is a coded value, and the field's label."""

    label: Text
    text: str
    tone: Tone | None = None
    url: str = ""
    numeric: bool = False
    help: Text = ""


@lru_cache(maxsize=2048)
def field_of(model: type[models.Model], name: str) -> models.Field | None:
    """The model field of that name, ``None`` for a path or a computed value."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def label_of(model: type[models.Model], name: str, label: Text | None) -> Text:
    """The declared label, else the model field's own name for people."""
    if label is not None:
        return label
    field = field_of(model, name)
    if field is None:
        raise LookupError(f"{model._meta.label}: {name!r} is no field, so its column or filter needs a label")
    return field.verbose_name


def reader(model: type[models.Model], item: Column | Field) -> Callable[[Any], Any]:
    """A function that reads the raw value of one item from a record."""
    if item.value is not None:
        return item.value
    names = item.name.split(".")

    def read(record: Any) -> Any:
        for name in names:
            record = getattr(record, name, None)
            if record is None:
                return None
        return record

    return read


def raw(record: models.Model, item: Column | Field) -> Any:
    """The raw value of one item."""
    return reader(type(record), item)(record)


class Presenter:
    """Shows one item of many records: what is the same for all of them is worked out once."""

    def __init__(self, model: type[models.Model], item: Column | Field) -> None:
        self.item = item
        self.label = str(label_of(model, item.name, item.label))
        self.label_html = escape(self.label)
        self._read = reader(model, item)
        field = None if item.value else field_of(model, item.name)
        self._words = {code: str(word) for code, word in field.flatchoices} if field is not None and field.flatchoices else None
        self._numeric = isinstance(item, Column) and item.numeric
        self._help = item.help if isinstance(item, Field) else ""

    def show(self, record: models.Model) -> Shown:
        """The record's value as text for people, in the language of the request."""
        item = self.item
        value = self._read(record)
        text = place_text(value) if item.place else text_of(self._words.get(value, value) if self._words is not None else value)
        tone: Tone | None = None
        if item.badge is not None and text != EMPTY:
            # The chip is coloured by the code even where a function words it.
            tone = item.badge.tone(getattr(record, item.name, value) if item.value else value)
            if item.badge.quiet is not None and item.badge.quiet(record):
                tone = "grey"
        return Shown(self.label, text, tone, _url_of(value), self._numeric, self._help)


def shown(record: models.Model, item: Column | Field) -> Shown:
    """The value of one item of one record as text for people."""
    return Presenter(type(record), item).show(record)


def place_text(code: Any) -> str:
    """Name of a place; the code itself while no gazetteer is joined."""
    if not code:
        return EMPTY
    return joints.place_name(str(code)) if joints.place_name is not None else str(code)


def text_of(value: Any, field: models.Field | None = None) -> str:
    """Text for people: coded values by their word, times in the node's zone, a dash for nothing."""
    if field is not None and field.flatchoices:
        value = dict(field.flatchoices).get(value, value)
    match value:
        case None | "":
            return EMPTY
        case bool():
            return gettext("是") if value else gettext("否")
        case datetime():
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if timezone.is_aware(value) else value.isoformat(" ")
        case date():
            return value.isoformat()
        case list() | tuple():
            return "、".join(text_of(part) for part in value) or EMPTY
        case _:
            return str(value)


def plain(value: Any) -> Any:
    """A JSON value for the API and GeoJSON."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case models.Model():
            return {"id": str(value.pk), "title": str(value)}
        case dict():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            return str(value)


def _url_of(value: Any) -> str:
    if not isinstance(value, models.Model):
        return ""
    from anlan.desk.resource.addresses import url_of

    return url_of(value)
