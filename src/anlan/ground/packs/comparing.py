"""What changed between two versions of a pack. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from anlan.ground.packs import rules
from anlan.ground.packs.rules import Content
from anlan.ledger.sources import DatedRule


@dataclass(frozen=True)
class Difference:
    """One row that came, went or changed. ``how``: ``new``, ``gone`` or ``changed``; ``columns``: (name, before, after)."""

    table: str
    code: str
    name: str
    how: str
    columns: tuple[tuple[str, str, str], ...] = ()


def name_of(row: DatedRule) -> str:
    """What a row is called, in Chinese."""
    return next((text for column in ("name_zh", "what_zh", "text_zh") if (text := getattr(row, column, ""))), "")[:80]


def differences(before: Content | None, after: Content) -> tuple[Difference, ...]:
    """Rows that differ, table by table, in the order of the tables. Of a code that stands several times by its days, the n-th is compared
    with the n-th."""
    found: list[Difference] = []
    for table in rules.TABLES:
        old = _keyed(before.tables.get(table, ()) if before is not None else ())
        new = _keyed(after.tables.get(table, ()))
        for key, row in new.items():
            if key not in old:
                found.append(Difference(table, key[0], name_of(row), "new"))
            elif columns := _columns(old[key], row):
                found.append(Difference(table, key[0], name_of(row), "changed", columns))
        found += [Difference(table, key[0], name_of(row), "gone") for key, row in old.items() if key not in new]
    return tuple(found)


def _keyed(rows: tuple[DatedRule, ...]) -> dict[tuple[str, int], DatedRule]:
    seen: Counter[str] = Counter()
    found = {}
    for row in rows:
        code = str(getattr(row, "code", ""))
        found[code, seen[code]] = row
        seen[code] += 1
    return found


def _columns(old: DatedRule, new: DatedRule) -> tuple[tuple[str, str, str], ...]:
    pairs = ((each.name, getattr(old, each.name), getattr(new, each.name)) for each in fields(new))
    return tuple((name, _told(a), _told(b)) for name, a, b in pairs if a != b)


def _told(value: object) -> str:
    return "" if value is None else str(value)
