"""Narrows a queryset to the records that a typed text finds."""

from __future__ import annotations

import time
from typing import TypeVar

from django.db import connection
from django.db.models import BooleanField, F, Func, Model, QuerySet, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from anlan.desk.search.tokens import Clause, Lexeme, Query, query

M = TypeVar("M", bound=Model)


def matching(queryset: QuerySet[M], text: str) -> QuerySet[M]:
    """Records of a searchable model that ``text`` finds: all its words must occur. Nothing searchable in ``text`` finds nothing."""
    asked = query(text)
    return queryset.none() if asked is None else narrowed(queryset, asked)


def narrowed(queryset: QuerySet[M], asked: Query) -> QuerySet[M]:
    """The index narrows, the folded text decides.

    Lexemes that stand in a fifth of all records are not asked of the index: gathering a million entries costs more than they save. The
    others are cast, not parsed: PostgreSQL's own parser would split them by the database's character classes. The words are
    confirmed with ``strpos`` rather than ``LIKE``, for whose guess of rareness the planner would choose to sort whole matches.
    """
    common = common_lexemes(queryset.model._meta.db_table)
    telling = [clause for clause in asked.clauses if not _is_common(clause, common)]
    found = queryset
    if telling:
        typed = Value(" & ".join(map(str, telling)), output_field=TextField())
        lexemes = Func(typed, template="%(expressions)s::tsquery", output_field=TextField())
        found = found.filter(CombinedExpression(F("search_tokens"), "@@", lexemes, output_field=BooleanField()))
    for word in asked.words:
        found = found.filter(GreaterThan(StrIndex(F("search_text"), Value(word)), 0))
    return found


def _is_common(clause: Clause, common: frozenset[str]) -> bool:
    def is_common(lexeme: Lexeme) -> bool:
        return lexeme.text in common or (lexeme.prefix and any(known.startswith(lexeme.text) for known in common))

    return any(all(map(is_common, choice)) for choice in clause.choices)


_known: dict[str, tuple[float, frozenset[str]]] = {}


def common_lexemes(table: str) -> frozenset[str]:
    """Lexemes in at least a fifth of a table's records, from PostgreSQL's own statistics, asked every ten minutes. Empty before them."""
    asked_at, lexemes = _known.get(table, (0.0, frozenset()))
    if asked_at and time.monotonic() - asked_at < _KEEP_S:
        return lexemes
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats WHERE tablename = %s AND attname = %s",
            [table, "search_tokens"],
        )
        row = cursor.fetchone()
    # The frequencies are followed by their least and greatest.
    pairs = zip(row[0], row[1], strict=False) if row is not None and row[0] else ()
    lexemes = frozenset(lexeme for lexeme, frequency in pairs if frequency >= _COMMON)
    _known[table] = (time.monotonic(), lexemes)
    return lexemes


_KEEP_S = 600.0
_COMMON = 0.2
