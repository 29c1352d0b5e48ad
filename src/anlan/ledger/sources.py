"""Rules as dated data: rows of a CSV file with source, status and the days they hold, read once and judged by the day of the event."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_type_hints


@dataclass(frozen=True, kw_only=True)
class DatedRule:
    """What every rule row carries. ``status`` is ``verified``, ``secondary`` or ``unverified``; unverified rows are shown as such."""

    source: str
    status: str
    effective_from: date | None = None
    effective_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on ``day``; ``effective_to`` is the last day it holds."""
        return (self.effective_from is None or self.effective_from <= day) and (self.effective_to is None or day <= self.effective_to)


R = TypeVar("R", bound=DatedRule)

_STATUSES = {"verified", "secondary", "unverified"}


def load_rules(path: Path, row_type: type[R]) -> tuple[R, ...]:
    """Read ``path`` (UTF-8 CSV with a header) into ``row_type``; columns and fields must agree.

    Field types may be ``str``, ``int``, ``float``, ``bool``, ``Decimal``, ``date`` or one of them ``| None`` (empty cell).
    Raises ``ValueError`` naming file, line and column for a wrong cell.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        return read_rules(lines, row_type, path.name)


def read_rules(lines: Iterable[str], row_type: type[R], name: str) -> tuple[R, ...]:
    """Rows of a table that is no file (kept in the database, sent by a form): ``lines`` of CSV; ``name`` is told in errors. Raises as :func:`load_rules`."""
    hints = get_type_hints(row_type)
    known = {f.name: f for f in fields(row_type)}
    rows: list[R] = []
    for number, raw in enumerate(csv.DictReader(lines), 2):
        values: dict[str, Any] = {}
        for column, text in raw.items():
            if column not in known:
                raise ValueError(f"{name}:{number}: unknown column {column!r}")
            try:
                values[column] = _cell(hints[column], (text or "").strip())
            except ValueError as wrong:
                raise ValueError(f"{name}:{number}: column {column}: {wrong}") from wrong
        missing = [n for n, f in known.items() if n not in values and f.default is MISSING and f.default_factory is MISSING]
        if missing:
            raise ValueError(f"{name}:{number}: columns missing: {missing}")
        row = row_type(**values)
        if row.status not in _STATUSES:
            raise ValueError(f"{name}:{number}: status {row.status!r} is none of {sorted(_STATUSES)}")
        rows.append(row)
    return tuple(rows)


def _cell(hint: Any, text: str) -> Any:
    kinds = [hint] if isinstance(hint, type) else list(hint.__args__)
    if text == "":
        if type(None) in kinds:
            return None
        if str in kinds:
            return ""
        raise ValueError("empty")
    kind = next(k for k in kinds if k is not type(None))
    if kind is bool:
        if text.lower() not in {"true", "false", "1", "0", "yes", "no"}:
            raise ValueError(f"{text!r} is not true or false")
        return text.lower() in {"true", "1", "yes"}
    if kind is date:
        return date.fromisoformat(text)
    if kind is Decimal:
        return Decimal(text)
    return kind(text)


CHINA = timezone(timedelta(hours=8))


def law_day(moment: datetime) -> date:
    """The calendar day in China on which ``moment`` (aware) falls: the day whose rules judge it."""
    return moment.astimezone(CHINA).date()


def in_force(rules: Iterable[R], on: date) -> tuple[R, ...]:
    """The rules that hold on ``on``."""
    return tuple(rule for rule in rules if rule.holds_on(on))


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure of a room: a whole number with its unit."""

    code: str
    value: int
    unit: str
    label_zh: str
    label_en: str


class Tables:
    """The dated tables of one room, files ``<name>.csv`` of a folder; each is read once, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[Any, ...]] = {}

    def rows(self, name: str, row_type: type[R]) -> tuple[R, ...]:
        """Every row of a table, in force or not. Raises as :func:`load_rules`."""
        if name not in self._read:
            self._read[name] = load_rules(self._folder / f"{name}.csv", row_type)
        return self._read[name]

    def in_force(self, name: str, row_type: type[R], on: date) -> tuple[R, ...]:
        """The rows of a table that hold on a day."""
        return in_force(self.rows(name, row_type), on)

    def parameter(self, code: str, on: date) -> int:
        """A figure of the table ``parameters`` in force on a day. Raises ``KeyError``: a fault of the table."""
        for row in self.in_force("parameters", Parameter, on):
            if row.code == code:
                return row.value
        raise KeyError(code)
