"""What changed between two editions of a plan: levels, roles, actions and chapters, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

Row = Mapping[str, str]
Edition = Mapping[str, Mapping[str, Row]]
"""Part (``levels``, ``roles`` …) → key of a row → its fields as text."""

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
PARTS: Final = ("about", "levels", "roles", "actions", "chapters")


@dataclass(frozen=True)
class Difference:
    """One row that came, went or changed; ``fields`` holds (field, before, after) of what changed."""

    part: str
    key: str
    how: str
    fields: tuple[tuple[str, str, str], ...]


def differences(old: Edition, new: Edition) -> tuple[Difference, ...]:
    """Every difference from ``old`` to ``new``, part by part; rows in the order of the new edition, then those that went."""
    return tuple(found for part in PARTS for found in _part(part, old.get(part, {}), new.get(part, {})))


def _part(part: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> Iterable[Difference]:
    for key, row in new.items():
        before = old.get(key)
        fields = tuple((name, (before or {}).get(name, ""), value) for name, value in row.items() if value != (before or {}).get(name, ""))
        if before is None:
            yield Difference(part, key, ADDED, fields)
        elif fields:
            yield Difference(part, key, CHANGED, fields)
    for key, row in old.items():
        if key not in new:
            yield Difference(part, key, REMOVED, tuple((name, value, "") for name, value in row.items() if value))
