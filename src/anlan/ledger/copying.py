"""Many new rows by PostgreSQL's COPY: what ``bulk_create`` does, several times faster for wide tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from psycopg import sql

M = TypeVar("M", bound=models.Model)


class Blank(Generic[M]):
    """Makes new rows of one model by the thousand: what its ``__init__`` makes of values by column, without the time that takes.

    A wide model spends most of an import in ``__init__``, asking each of its fields for a default and announcing itself to nobody.
    """

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._columns = frozenset(field.attname for field in model._meta.concrete_fields)
        self._values = {name: value for name, value in vars(model()).items() if name in self._columns}
        # What is made anew for every row: its key, its time, its own empty list.
        self._fresh = [
            (field.attname, field.default) for field in model._meta.concrete_fields if field.has_default() and callable(field.default)
        ]

    def __call__(self, **told: Any) -> M:
        """A new row of these values by column (``enterprise_id``, not ``enterprise``); the rest by default. Raises ``TypeError`` for another name."""
        if not told.keys() <= self._columns:
            raise TypeError(f"{self._model.__name__} has no column {', '.join(sorted(told.keys() - self._columns))}")
        row = self._model.__new__(self._model)
        values = vars(row)
        values.update(self._values)
        values.update((name, default()) for name, default in self._fresh if name not in told)
        values.update(told)
        row._state = ModelState()
        return row


def copy_in(rows: Sequence[models.Model]) -> int:
    """Insert ``rows``, all of one model and each with its key, on the default database in the transaction that runs; how many.

    Values must be of the Python types of their columns already, as a service makes them; fields of the project's own pass through ``pre_save``
    and preparation as in ``bulk_create``. No signals, no defaults of the database.
    A field that writes itself with an expression (``get_placeholder``) must say by ``copied(value) -> str`` how COPY reads it. Raises
    ``IntegrityError`` like any insert.
    """
    if not rows:
        return 0
    model = type(rows[0])
    connection = connections[DEFAULT_DB_ALIAS]
    fields = model._meta.concrete_fields
    plain = [field for field in fields if _is_plain(field)]
    others = [(field, _writer(field, connection)) for field in fields if not _is_plain(field)]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in (*plain, *(field for field, _ in others))),
    )
    # One call reads the columns of a row that go as they are: a cell each would cost more than the database itself.
    as_they_are = attrgetter(*(field.attname for field in plain))
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([*as_they_are(row), *(write(row) for _, write in others)])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return len(rows)


_PLAIN = (
    models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.FloatField, models.UUIDField, models.DateTimeField,
    models.ForeignKey,
)  # fmt: skip
"""Fields whose Python values PostgreSQL's driver writes as they stand."""


def _is_plain(field: models.Field[Any, Any]) -> bool:
    """Whether the field does nothing to a value on its way that matters here: its class is one of Django's own."""
    return (
        type(field).__module__.startswith("django.db.models")
        and isinstance(field, _PLAIN)
        and not (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
    )


def _writer(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Callable[[models.Model], Any]:
    copied = getattr(field, "copied", None)
    if copied is None and hasattr(field, "get_placeholder"):
        raise TypeError(f"{field} writes itself with an expression and does not say how COPY reads it")
    if copied is not None:
        return lambda row: copied(field.pre_save(row, add=True))
    return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), connection)
