"""Reads of sector packs: versions of a day, packs of an enterprise, rows of their tables, answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import get_language

from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.packs import door, reading, rules
from anlan.ground.packs.models import Pack, PackMark, SectorFacts
from anlan.ground.packs.rules import Content, Head
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.sources import DatedRule

CHINA = ZoneInfo("Asia/Shanghai")
R = TypeVar("R", bound=DatedRule)


def worded(row: object, name: str) -> str:
    """A column that stands in two languages, in the reader's."""
    chinese, english = str(getattr(row, f"{name}_zh", "")), str(getattr(row, f"{name}_en", ""))
    return english if get_language() == "en" and english else chinese


def versions(code: str = "") -> list[Pack]:
    """Every loaded version (of one pack), newest first, without its tables."""
    rows = Pack.objects.defer("tables").order_by("code", "-in_force_from")
    return list(rows.filter(code=code) if code else rows)


def of_day(day: date) -> list[Pack]:
    """The version of each pack that holds on ``day``, by code."""
    found: dict[str, list[Pack]] = {}
    for row in versions():
        found.setdefault(row.code, []).append(row)
    held = (rules.of_day(rows, day) for rows in found.values())
    return [row for row in held if row is not None]


def shown(day: date) -> list[Pack]:
    """For the list: the version that holds on ``day``, or of a pack that does not hold yet its first."""
    held = {row.code: row for row in of_day(day)}
    for row in versions():
        if row.code not in held or (held[row.code].in_force_from > day and row.in_force_from < held[row.code].in_force_from):
            held[row.code] = row
    return sorted(held.values(), key=lambda row: (not row.built_in, row.code))


def edition(code: str, name: str = "", *, day: date) -> Pack:
    """One version, by default the one shown on ``day``. Raises ``NotFound``."""
    rows = versions(code)
    found = next((row for row in rows if row.edition == name), None) if name else rules.of_day(rows, day) or (rows[-1] if rows else None)
    if found is None:
        raise NotFound(what=f"{code} {name}".strip())
    return found


def head(pack: Pack) -> Head:
    """The head of a version."""
    return msgspec.convert(pack.head, Head)


def summary(pack: Pack) -> door.PackSummary:
    """A version as other rooms see it."""
    told = head(pack)
    return door.PackSummary(
        pack.code, pack.edition, pack.name_zh, pack.name_en, pack.in_force_from, told.criteria_from, told.criteria_groups, told.rules_from
    )


@lru_cache(maxsize=64)
def _content(key: UUID) -> Content:
    row = Pack.objects.get(pk=key)
    return reading.unpacked({"head": row.head, "tables": row.tables})


def content(pack: Pack) -> Content:
    """Head and tables of a version; kept in memory, for a version never changes."""
    return _content(pack.pk)


def rows_of(pack: Pack, table: str, row_type: type[R], day: date) -> tuple[R, ...]:
    """Rows of one table that hold on ``day``."""
    return tuple(row for row in content(pack).tables.get(table, ()) if isinstance(row, row_type) and row.holds_on(day))


def marks(enterprise_id: UUID) -> dict[str, PackMark]:
    """What somebody said of an enterprise, by pack."""
    return {row.pack_code: row for row in PackMark.objects.filter(enterprise_id=enterprise_id)}


def of_enterprise(enterprise_id: UUID, day: date, actor: Actor | None = None) -> list[Pack]:
    """The packs that concern an enterprise, in the versions of ``day``. Raises ``NotFound``."""
    chosen, said = enterprises.enterprise(enterprise_id, actor), marks(enterprise_id)
    return [
        row
        for row in of_day(day)
        if rules.concerns(
            head(row),
            sector=chosen.sector_code,
            industry=chosen.industry_code,
            mark=said[row.code].applies if row.code in said else None,
        )
    ]


def of_sector(sector: str, day: date) -> list[Pack]:
    """Packs that concern every enterprise of a sector, in the versions of ``day``: those that neither an industry nor a mark narrows."""
    return [row for row in of_day(day) if not head(row).industries and rules.concerns(head(row), sector=sector, industry="", mark=None)]


def checklist(packs: Iterable[Pack], day: date) -> tuple[tuple[Pack, rules.ChecklistRow], ...]:
    """Items to check by these packs on ``day``."""
    return tuple((pack, row) for pack in packs for row in rows_of(pack, "checklists", rules.ChecklistRow, day))


def facts(enterprise_id: UUID, pack_code: str) -> list[SectorFacts]:
    """Every saved set of answers, newest first."""
    return list(SectorFacts.objects.filter(enterprise_id=enterprise_id, pack_code=pack_code).order_by("-number"))


def more_sectors() -> tuple[organisations.Sector, ...]:
    """Sectors that loaded packs define, for the register's list."""
    found: dict[str, organisations.Sector] = {}
    for row in versions():
        for each in head(row).new_sectors:
            found.setdefault(
                each.code,
                organisations.Sector(
                    code=each.code, name_zh=each.name_zh, name_en=each.name_en, ministry_zh="", ministry_en="",
                    criteria_zh=row.name_zh, restricted=False, source=row.source, status=row.status,
                ),
            )  # fmt: skip
    return tuple(found.values())


def sector_codes(but: str = "") -> dict[str, str]:
    """Codes of sectors that packs define with the pack that does, without those of the pack ``but``."""
    return {each.code: row.code for row in versions() if row.code != but for each in head(row).new_sectors}
