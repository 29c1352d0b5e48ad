"""Narrows a queryset to the records that a typed text finds."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import BooleanField, F, Func, Model, QuerySet, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from anlan.desk.search.tokens import Query, query

M = TypeVar("M", bound=Model)


def matching(queryset: QuerySet[M], text: str) -> QuerySet[M]:
    """Records of a searchable model that ``text`` finds: all its words must occur. Nothing searchable in ``text`` finds nothing."""
    asked = query(text)
    return queryset.none() if asked is None else narrowed(queryset, asked)


def narrowed(queryset: QuerySet[M], asked: Query) -> QuerySet[M]:
    """The index narrows, the folded text decides.

    The lexemes are cast, not parsed: PostgreSQL's own parser would split them by the database's character classes. The words are
    confirmed with ``strpos`` rather than ``LIKE``, for whose guess of rareness the planner would choose to sort whole matches.
    """
    lexemes = Func(Value(asked.lexemes, output_field=TextField()), template="%(expressions)s::tsquery", output_field=TextField())
    found = queryset.filter(CombinedExpression(F("search_tokens"), "@@", lexemes, output_field=BooleanField()))
    for word in asked.words:
        found = found.filter(GreaterThan(StrIndex(F("search_text"), Value(word)), 0))
    return found
