"""Pages of a list over a million records: counted up to a cap, sorted by an index or by sorting few, never by skipping rows.

A page is asked in at most three short statements:

1. *Probe*: the matching keys, at most :data:`COUNT_CAP` + 1 of them, are gathered, counted and sorted. When the cap is not reached this is
   the whole answer, and its cost has a bound whatever the sort column.
2. *Walk*: with more matches than that, the index of the sort column is walked from the page's cursor. Matches are common, so the page
   fills soon; but matches may all stand far from the cursor (names begin with the place), so the walk has a time limit, after which
3. the matches are all gathered and sorted once.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, models, transaction
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

COUNT_CAP = 10_000
WALK_LIMIT_MS = 60
PAGE_SIZES = (25, 50, 100)


class BadCursor(Refusal):
    code = "bad_cursor"
    sentence = N_("翻页位置无效，请从第一页重新开始。")
    status = 422


@dataclass(frozen=True)
class Order:
    """Sort by a column of the model, ties by id. ``descending`` reverses both."""

    field: str
    descending: bool = False

    @property
    def text(self) -> str:
        """As it stands in the URL: ``-updated_at``."""
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True)
class Cursor:
    """A place in the order: the row with this value and id. ``backwards`` asks for the rows before it; no id means from the end."""

    value: Any = None
    id: UUID | None = None
    backwards: bool = False

    def encode(self) -> str:
        """Opaque text for the URL."""
        plain = self.value if isinstance(self.value, str | int | float | bool | None) else str(self.value)
        packed = json.dumps([plain, str(self.id) if self.id else None, self.backwards], ensure_ascii=False)
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @staticmethod
    def decode(text: str, field: models.Field) -> Cursor:
        """Read :meth:`encode`'s text for a sort field. Raises :class:`BadCursor`."""
        try:
            value, key, backwards = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return Cursor(None if value is None else field.to_python(value), UUID(key) if key else None, bool(backwards))
        except (ValueError, TypeError, AttributeError, binascii.Error, ValidationError) as error:
            raise BadCursor from error


@dataclass(frozen=True)
class Page:
    """Rows of one page and where the neighbouring pages begin."""

    rows: Sequence[Any]
    count: int
    capped: bool
    """More than ``count`` match; the exact number was not worth the reader's time."""
    next: Cursor | None
    previous: Cursor | None


def page_of(queryset: QuerySet, order: Order, cursor: Cursor | None, size: int, *, place_prefix: str = "") -> Page:
    """One page of ``queryset`` (scoped and filtered, unordered).

    ``place_prefix`` is the longest place prefix that all its rows share, for the sort indexes within a province or city.
    """
    cursor = cursor or Cursor()
    count, keys = _probe(queryset, order, cursor, size + 1, COUNT_CAP + 1)
    if count <= COUNT_CAP:
        return _page(_fetch(queryset, keys), count, False, order, cursor, size)
    rows = _walk_or_sort(_within(queryset, place_prefix), queryset, order, cursor, size + 1)
    return _page(rows, COUNT_CAP, True, order, cursor, size)


def _page(rows: list[Any], count: int, capped: bool, order: Order, cursor: Cursor, size: int) -> Page:
    """Cut the one row too many that tells whether there is a further page, and put a backwards page in reading order."""
    more = len(rows) > size
    rows = rows[:size]
    if cursor.backwards:
        rows.reverse()
    begins = cursor.id is None and not cursor.backwards
    ends = cursor.id is None and cursor.backwards
    first, last = (rows[0], rows[-1]) if rows else (None, None)

    def at(row: Any, backwards: bool) -> Cursor:
        return Cursor(getattr(row, order.field), row.pk, backwards)

    has_next = (more or bool(cursor.id)) if cursor.backwards else more
    has_previous = more if cursor.backwards else not begins
    return Page(
        rows=rows,
        count=count,
        capped=capped,
        next=at(last, False) if last is not None and has_next and not ends else None,
        previous=at(first, True) if first is not None and has_previous else None,
    )


def _probe(queryset: QuerySet, order: Order, cursor: Cursor, limit: int, cap: int | None) -> tuple[int, list[UUID]]:
    """Count the matches up to ``cap`` and sort them; returns the count and the page's keys in order."""
    narrow = queryset.order_by().values_list("pk", order.field)
    inner, params = (narrow[:cap] if cap else narrow).query.sql_with_params()
    descending = order.descending != cursor.backwards
    conditions, condition_params = _after_sql(queryset.model, order, cursor, descending)
    direction = "DESC NULLS FIRST" if descending else "ASC NULLS LAST"
    tie = "DESC" if descending else "ASC"
    statement = (
        f"WITH m(id, s) AS MATERIALIZED ({inner}) SELECT (SELECT count(*) FROM m), "
        f"ARRAY(SELECT id FROM m{conditions} ORDER BY s {direction}, id {tie} LIMIT %s)"
    )
    with connection.cursor() as db:
        db.execute(statement, [*params, *condition_params, limit])
        count, keys = db.fetchone()
    return count, keys


def _after_sql(model: type[models.Model], order: Order, cursor: Cursor, descending: bool) -> tuple[str, list[Any]]:
    """The condition for rows beyond the cursor; NULLs stand last in ascending and first in descending order."""
    if cursor.id is None:
        return "", []
    value = cast("Any", model._meta.get_field(order.field)).get_db_prep_value(cursor.value, connection)
    sign = "<" if descending else ">"
    if cursor.value is None:
        rest = " OR s IS NOT NULL" if descending else ""
        return f" WHERE (s IS NULL AND id {sign} %s){rest}", [cursor.id]
    rest = "" if descending else " OR s IS NULL"
    return f" WHERE (s, id) {sign} (%s, %s){rest}", [value, cursor.id]


def _fetch(queryset: QuerySet, keys: list[UUID]) -> list[Any]:
    """Whole rows of the page in the order of ``keys``."""
    if not keys:
        return []
    plain = light(queryset.model._default_manager.filter(pk__in=keys))
    joins = _joins(queryset)
    found = {row.pk: row for row in (plain.select_related(*joins) if joins else plain)}
    return [found[key] for key in keys if key in found]


def light(queryset: QuerySet) -> QuerySet:
    """The same rows without the search columns, which are as long as all others together."""
    names = {f.name for f in queryset.model._meta.concrete_fields}
    return queryset.defer(*({"search_text", "search_tokens"} & names))


def _joins(queryset: QuerySet) -> tuple[str, ...]:
    """The ``select_related`` paths that the queryset asks for."""

    def paths(tree: dict[str, Any], before: str) -> list[str]:
        return [path for name, sub in tree.items() for path in (before + name, *paths(sub, f"{before}{name}__"))]

    chosen = queryset.query.select_related
    return tuple(paths(chosen, "")) if isinstance(chosen, dict) else ()


def _within(queryset: QuerySet, prefix: str) -> QuerySet:
    """Add the province's or city's digits as the scoped sort indexes know them (see ``desk.search.sort_indexes``)."""
    names = {index.name[-3:] for index in queryset.model._meta.indexes}
    for width in (4, 2):
        if len(prefix) >= width and f"_s{width}" in names:
            return queryset.filter(Exact(Left("place_code", width), prefix[:width]))
    return queryset


def _walk_or_sort(queryset: QuerySet, plain: QuerySet, order: Order, cursor: Cursor, limit: int) -> list[Any]:
    """Walk the sort index; when the matches stand too far apart, gather and sort them all."""
    try:
        with transaction.atomic(), connection.cursor() as db:
            # The planner would rather gather and sort: it takes conditions that go together (place and its province) for independent.
            _set(db, {**dict.fromkeys(_OTHER_PLANS, "off"), "statement_timeout": str(WALK_LIMIT_MS)})
            rows = _walk(queryset, order, cursor, limit)
            _set(db, {**dict.fromkeys(_OTHER_PLANS, "on"), "statement_timeout": "0"})
            return rows
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "57014":
            raise
    _, keys = _probe(plain, order, cursor, limit, None)
    return _fetch(plain, keys)


_OTHER_PLANS = ("enable_sort", "enable_bitmapscan", "enable_seqscan")


def _set(db: Any, values: dict[str, str]) -> None:
    """Settings until the end of the transaction, in one statement."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in values)
    db.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])


def _walk(queryset: QuerySet, order: Order, cursor: Cursor, limit: int) -> list[Any]:
    """Rows beyond the cursor by the index of the sort column, in two stretches where the column may be NULL."""
    descending = order.descending != cursor.backwards
    field = queryset.model._meta.get_field(order.field)
    sign = "-" if descending else ""
    ordered = light(queryset).order_by(f"{sign}{order.field}", f"{sign}pk")
    stretches: list[QuerySet] = []
    if cursor.id is None:
        stretches = [ordered]
        if field.null:
            stretches = [ordered.filter(**{f"{order.field}__isnull": empty}) for empty in (descending, not descending)]
    elif cursor.value is None:
        key = "pk__lt" if descending else "pk__gt"
        stretches = [ordered.filter(**{f"{order.field}__isnull": True, key: cursor.id})]
        if descending:
            stretches.append(ordered.filter(**{f"{order.field}__isnull": False}))
    else:
        stretches = [ordered.filter(_beyond(field, cursor, "<" if descending else ">"))]
        if field.null and not descending:
            stretches.append(ordered.filter(**{f"{order.field}__isnull": True}))
    rows: list[Any] = []
    for stretch in stretches:
        if len(rows) < limit:
            rows.extend(stretch[: limit - len(rows)])
    return rows


def _beyond(field: models.Field, cursor: Cursor, sign: str) -> CombinedExpression:
    """``(column, id) > (value, id)`` as one row comparison, which a two-column index answers directly."""

    def pair(*parts: Any) -> Func:
        return Func(*parts, template="ROW(%(expressions)s)", output_field=TextField())

    here = pair(F(field.name), F("pk"))
    there = pair(Value(cursor.value, output_field=field), Value(cursor.id, output_field=models.UUIDField()))
    return CombinedExpression(here, sign, there, output_field=BooleanField())
