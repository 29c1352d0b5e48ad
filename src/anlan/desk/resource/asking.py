"""What a reader asks of a list, read from the address: filters, search words, order, place in the list. The page and the API share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.db.models import fields as model_fields
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.desk.resource.declare import Choice, Column, DateRange, Equals, Filter, Flag, PlaceFilter, Resource, Text
from anlan.desk.resource.listing import PAGE_SIZES, Cursor, Order, Page, page_of
from anlan.desk.resource.values import field_of
from anlan.desk.search import tokens
from anlan.desk.search.matching import narrowed
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.levels import prefix_of
from anlan.kernel.words import N_
from anlan.ledger.scope import visible


class UnknownChoice(Refusal):
    code = "unknown_choice"
    sentence = N_("“{value}”不是可选的筛选值。")
    status = 422


class UnknownOrder(Refusal):
    code = "unknown_order"
    sentence = N_("不能按“{value}”排序。")
    status = 422


class NotADate(Refusal):
    code = "not_a_date"
    sentence = N_("“{value}”不是日期，应写成 2026-11-22 的形式。")
    status = 422


@dataclass(frozen=True)
class Question:
    """One asking of a list. ``chosen`` holds the parameters that were given, for the inputs and the links."""

    order: Order
    size: int
    words: str = ""
    cursor: Cursor | None = None
    condition: Q = field(default_factory=Q)
    place_prefix: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list beyond the reader's jurisdiction."""
        return bool(self.words or self.chosen)


def sort_field(resource: Resource, column: Column) -> str | None:
    """The model field that orders by a column, ``None`` when it cannot."""
    name = column.name if column.sort is True else (column.sort or None)
    return name if isinstance(name, str) and field_of(resource.model, name) is not None else None


def sortable(resource: Resource) -> tuple[str, ...]:
    """Every field the list may be ordered by."""
    names = [name for column in resource.columns if (name := sort_field(resource, column))]
    return tuple(dict.fromkeys([*names, resource.order.lstrip("-")]))


def choices_of(resource: Resource, wanted: Choice) -> Sequence[tuple[Any, Text]]:
    """The codes of a choice filter with their words."""
    if callable(wanted.choices):
        return wanted.choices()
    if wanted.choices is not None:
        return wanted.choices
    model_field = field_of(resource.model, wanted.column)
    return model_field.flatchoices if model_field is not None else ()


def read(resource: Resource, params: QueryDict, *, size: int = PAGE_SIZES[1]) -> Question:
    """Read the parameters of a list. Raises :class:`Invalid` naming the parameters that are wrong."""
    wrong: dict[str, Refusal | str] = {}
    condition, chosen, prefix = Q(), {}, ""
    for wanted in resource.filters:
        try:
            part, given = _condition(resource, wanted, params)
        except Refusal as refusal:
            wrong[wanted.name] = refusal
            continue
        condition &= part
        chosen.update(given)
        if isinstance(wanted, PlaceFilter) and given and wanted.column == "place_code":
            prefix = prefix_of(given[wanted.name][0])
    order, cursor = Order(resource.order.lstrip("-"), resource.order.startswith("-")), None
    try:
        order = _order(resource, params.get("sort") or resource.order)
        if text := params.get("at"):
            cursor = Cursor.decode(text, cast("Any", resource.model._meta.get_field(order.field)))
    except Refusal as refusal:
        wrong["sort" if isinstance(refusal, UnknownOrder) else "at"] = refusal
    if wrong:
        raise Invalid(wrong)
    asked_size = params.get("size", "")
    return Question(
        order=order,
        size=int(asked_size) if asked_size.isdigit() and int(asked_size) in PAGE_SIZES else size,
        words=params.get("q", "").strip()[:100] if resource.search else "",
        cursor=cursor,
        condition=condition,
        place_prefix=prefix,
        chosen=chosen,
    )


def _order(resource: Resource, text: str) -> Order:
    name = text.lstrip("-")
    if name not in sortable(resource):
        raise UnknownOrder(value=text)
    return Order(name, text.startswith("-"))


def _condition(resource: Resource, wanted: Filter, params: QueryDict) -> tuple[Q, dict[str, list[str]]]:
    """The condition of one filter and the parameters it came from; empty when the filter is not used."""
    if isinstance(wanted, DateRange):
        return _dates(resource, wanted, params)
    values = [value for value in params.getlist(wanted.name) if value.strip()]
    if not values:
        return Q(), {}
    given = {wanted.name: values}
    match wanted:
        case Choice():
            codes = {str(code): code for code, _label in choices_of(resource, wanted)}
            for value in values:
                if value not in codes:
                    raise UnknownChoice(value=value)
            asked = [codes[value] for value in values]
            part = Q(**{wanted.column: asked[0]}) if len(asked) == 1 else Q(**{f"{wanted.column}__in": asked})
        case Flag():
            if values[0] not in ("0", "1"):
                raise UnknownChoice(value=values[0])
            part = Q(**{wanted.column: values[0] == "1"})
        case PlaceFilter():
            prefix = prefix_of(values[0])
            part = Q(**{f"{wanted.column}__startswith": prefix}) if prefix else Q()
        case Equals():
            part = Q(**{wanted.column: _key(resource, wanted, values[0])})
        case _:
            raise TypeError(f"no condition for {type(wanted).__name__}")
    return part, given


def _key(resource: Resource, wanted: Filter, value: str) -> Any:
    """An exact key; ids that are no UUIDs match nothing and are named as wrong."""
    model_field = field_of(resource.model, wanted.column)
    if model_field is None or model_field.is_relation or isinstance(model_field, model_fields.UUIDField):
        try:
            return UUID(value)
        except ValueError as error:
            raise UnknownChoice(value=value) from error
    return value


def _dates(resource: Resource, wanted: DateRange, params: QueryDict) -> tuple[Q, dict[str, list[str]]]:
    given: dict[str, list[str]] = {}
    part = Q()
    model_field = field_of(resource.model, wanted.column)
    timed = isinstance(model_field, model_fields.DateTimeField)
    for end, comparison in (("from", "gte"), ("to", "lt" if timed else "lte")):
        text = params.get(f"{wanted.name}_{end}", "").strip()
        if not text:
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise NotADate(value=text) from error
        given[f"{wanted.name}_{end}"] = [text]
        value: Any = day
        if timed:
            value = timezone.make_aware(datetime.combine(day + timedelta(days=end == "to"), time.min))
        part &= Q(**{f"{wanted.column}__{comparison}": value})
    return part, given


def scoped(resource: Resource, actor: Actor, action: str | None = None) -> QuerySet[Model]:
    """Every record of the resource on which the actor may do ``action`` (by default: see it)."""
    if resource.visible_to is not None:
        return resource.visible_to(actor)
    return visible(resource.model._default_manager.all(), actor, action or resource.actions.view)


def matches(resource: Resource, actor: Actor, question: Question, action: str | None = None) -> QuerySet[Model]:
    """The records a question finds within the actor's jurisdiction, unordered, with their joins."""
    found = scoped(resource, actor, action).filter(question.condition)
    if question.words:
        asked = tokens.query(question.words)
        found = found.none() if asked is None else narrowed(found, asked)
    return found.select_related(*resource.joins) if resource.joins else found


def shared_prefix(actor: Actor, action: str, place_prefix: str) -> str:
    """The longest place prefix that all records share which the actor may see and the filter leaves."""
    grants = actor.scopes(action)
    if not grants or any(grant.enterprise_id is not None for grant in grants):
        return place_prefix
    prefixes = {grant.place_prefix for grant in grants}
    own = next(iter(prefixes)) if len(prefixes) == 1 else ""
    return max(own, place_prefix, key=len)


def page(resource: Resource, actor: Actor, question: Question) -> Page:
    """The page of the list that a question asks for."""
    prefix = shared_prefix(actor, resource.actions.view, question.place_prefix)
    found = matches(resource, actor, question)
    if found.query.is_empty():
        return Page(rows=[], count=0, capped=False, next=None, previous=None)
    return page_of(found, question.order, question.cursor, question.size, place_prefix=prefix)


def count_text(found: Page) -> str:
    """The number of matches in words, exact up to the cap."""
    if not found.capped:
        return _("共 %(count)s 条") % {"count": f"{found.count:,}"}
    return _("共 %(count)s 条以上") % {"count": f"{found.count:,}"}
