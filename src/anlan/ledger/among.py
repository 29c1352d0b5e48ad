"""``field__among=values``: what ``field__in`` finds, told to PostgreSQL as one array.

``in`` makes a placeholder of every value, which Django resolves and the driver parses one by one: of a question with a thousand keys, asked for
each thousand rows of a long list, that is most of the time.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Lookup


class Among(Lookup):
    """``column = ANY(array)``. The values are those of the column's own type; none of them finds nothing."""

    lookup_name = "among"
    prepare_rhs = False

    def get_prep_lookup(self) -> list[Any]:
        field = self.lhs.output_field
        # Keys are asked by the hundred thousand, and there is nothing to prepare of one.
        return [value if isinstance(value, UUID) else field.get_prep_value(value) for value in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        kind = field.db_type(connection).partition("(")[0]
        # Keys go as one text: the driver would look into each of them for quotes, which no key has.
        values: Any = (
            f"{{{','.join(str(value) for value in self.rhs if value is not None)}}}"
            if kind == "uuid"
            else [field.get_db_prep_value(value, connection, prepared=True) for value in self.rhs]
        )
        return f"{column} = ANY(%s::{kind}[])", [*params, values]
