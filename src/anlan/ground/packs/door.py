"""What sector packs announce, what other rooms may ask of them, and what rooms above tell their reader."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from anlan.ground.packs.rules import ChecklistRow, CriterionRow, ListRow, SensorRow
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = [
    "ChecklistItem",
    "ChecklistRow",
    "CriterionRow",
    "Judging",
    "ListRow",
    "PackLoaded",
    "PackSummary",
    "SectorFactsChanged",
    "SensorRow",
    "SensorTemplate",
    "checklist",
    "checklist_of",
    "criteria_of",
    "criterion",
    "facts_of",
    "packs_of",
    "register_criteria_lists",
    "register_rule_groups",
    "register_sensor_check",
    "sensor_templates",
]


@dataclass(frozen=True, kw_only=True)
class PackLoaded(Event):
    """A version of a pack was loaded; it holds from ``in_force_from`` (``YYYY-MM-DD``)."""

    kind: ClassVar[str] = "packs.loaded"
    action: ClassVar[str] = "packs.view"
    code: str
    edition: str
    name: str
    in_force_from: str


@dataclass(frozen=True, kw_only=True)
class SectorFactsChanged(Event):
    """An enterprise's answers to a pack changed (``changed``: codes of fields), or whether the pack concerns it (``applies``)."""

    kind: ClassVar[str] = "packs.facts_changed"
    action: ClassVar[str] = "packs.view"
    pack: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackSummary:
    """One version of a pack. ``criteria_from``, ``criteria_groups``: lists of hidden dangers that judge its enterprises, and the groups of
    their items (empty: all); ``rules_from``: groups of ready-made detection rules. The subject of panels on ``packs.detail``."""

    code: str
    edition: str
    name_zh: str
    name_en: str
    in_force_from: date
    criteria_from: tuple[str, ...]
    criteria_groups: tuple[str, ...]
    rules_from: tuple[str, ...]


@dataclass(frozen=True)
class ChecklistItem:
    """One item to check with where it comes from. ``code``: ``<pack>:<row code>``; ``period`` and ``use``: codes of ``packs.rules``."""

    code: str
    pack: str
    pack_name: str
    edition: str
    row: ChecklistRow


@dataclass(frozen=True)
class Judging:
    """What packs say of major hidden dangers of an enterprise on a day. Codes of lists and items stand with their pack: ``<pack>:<code>``."""

    lists: tuple[tuple[str, ListRow], ...] = ()
    criteria: tuple[tuple[str, CriterionRow], ...] = ()


@dataclass(frozen=True)
class SensorTemplate:
    """One template of a detection rule. ``code``: ``<pack>-<row code>``, fit for an address."""

    code: str
    pack: str
    pack_zh: str
    pack_en: str
    edition: str
    row: SensorRow


def packs_of(enterprise_id: UUID, day: date, actor: Actor | None = None) -> tuple[PackSummary, ...]:
    """The packs that concern an enterprise, in the versions of ``day``. Raises ``NotFound``."""
    from anlan.ground.packs import queries

    return tuple(queries.summary(row) for row in queries.of_enterprise(enterprise_id, day, actor))


def checklist(sector: str, day: date) -> tuple[ChecklistItem, ...]:
    """What is checked in every enterprise of a sector (``S01`` …) by the versions of ``day``. Packs that an industry or a mark narrows
    are left out: ask :func:`checklist_of` of one enterprise."""
    from anlan.ground.packs import queries

    return _items(queries.checklist(queries.of_sector(sector, day), day))


def checklist_of(enterprise_id: UUID, day: date) -> tuple[ChecklistItem, ...]:
    """What is checked in one enterprise by all of its packs, in the versions of ``day``. Raises ``NotFound``."""
    from anlan.ground.packs import queries

    return _items(queries.checklist(queries.of_enterprise(enterprise_id, day), day))


def _items(rows: tuple) -> tuple[ChecklistItem, ...]:
    return tuple(ChecklistItem(f"{pack.code}:{row.code}", pack.code, pack.name_zh, pack.edition, row) for pack, row in rows)


def criteria_of(enterprise_id: UUID, day: date) -> Judging:
    """Lists and items by which a danger of an enterprise found on ``day`` is major, as its packs hold them. Raises ``NotFound``."""
    from anlan.ground.packs import queries

    lists, items = [], []
    for pack in queries.of_enterprise(enterprise_id, day):
        lists += [(f"{pack.code}:{row.code}", row) for row in queries.rows_of(pack, "criteria_lists", ListRow, day)]
        items += [(f"{pack.code}:{row.code}", row) for row in queries.rows_of(pack, "criteria", CriterionRow, day)]
    held = {code for code, _row in lists}
    return Judging(tuple(lists), tuple((code, row) for code, row in items if f"{code.split(':')[0]}:{row.list}" in held))


def criterion(code: str, day: date) -> tuple[ListRow, CriterionRow] | None:
    """One item with its list, by its code with the pack, as it stood on ``day``; ``None`` where no pack held it then."""
    from anlan.ground.packs import queries

    pack_code, colon, own = code.partition(":")
    pack = next((row for row in queries.of_day(day) if row.code == pack_code), None) if colon else None
    if pack is None:
        return None
    lists = {row.code: row for row in queries.rows_of(pack, "criteria_lists", ListRow, day)}
    found = next((row for row in queries.rows_of(pack, "criteria", CriterionRow, day) if row.code == own), None)
    return (lists[found.list], found) if found is not None and found.list in lists else None


def sensor_templates(day: date) -> tuple[SensorTemplate, ...]:
    """Templates of detection rules of every pack, in the versions of ``day``."""
    from anlan.ground.packs import queries

    return tuple(
        SensorTemplate(f"{pack.code}-{row.code}", pack.code, pack.name_zh, pack.name_en, pack.edition, row)
        for pack in queries.of_day(day)
        for row in queries.rows_of(pack, "sensor_rules", SensorRow, day)
    )


def facts_of(enterprise_id: UUID, pack_code: str) -> dict[str, object]:
    """An enterprise's answers to the fields of a pack as they stand; empty where nobody answered."""
    from anlan.ground.packs import queries

    found = next(iter(queries.facts(enterprise_id, pack_code)), None)
    return dict(found.values) if found is not None else {}


def register_sensor_check(check: Callable[[SensorRow], str | None]) -> None:
    """Let the room of detection say why a row is no rule that it understands (``None``: it is). Call it once, in ``ready()``."""
    from anlan.ground.packs.joints import joints

    joints.sensor_check = check


def register_criteria_lists(names: Callable[[], Collection[str]]) -> None:
    """Let the room of hidden dangers name its own lists of criteria, which packs may refer to. Call it once, in ``ready()``."""
    from anlan.ground.packs.joints import joints

    joints.criteria_lists = names


def register_rule_groups(names: Callable[[], Collection[str]]) -> None:
    """Let the room of detection name its groups of ready-made rules, which packs may refer to. Call it once, in ``ready()``."""
    from anlan.ground.packs.joints import joints

    joints.rule_groups = names
