"""Sector packs of the demonstration: those of the platform are loaded, and some enterprises have answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.packs import queries, rules, services
from anlan.ground.packs.rules import FieldRow
from anlan.kernel.access import system_actor
from anlan.site.demo.cast import CITY

ANSWERED = 25
"""Enterprises that have answered: enough to look at, quick to build."""
_DUST = "有铝粉打磨除尘系统（演示）"


def build(plant: UUID, *, now: datetime) -> int:
    """Load the packs and answer for some enterprises, the plant first; one in five leaves a required fact out. Returns how many answered."""
    actor, day = system_actor("demonstration"), queries.law_day(now)
    services.load_built_in(actor=actor, now=now)
    count, marked = 0, False
    for chosen in [plant, *(each.id for each in enterprises.of_place(CITY, None, limit=200) if each.id != plant)]:
        if count >= ANSWERED:
            break
        if not marked and enterprises.enterprise(chosen).sector_code == "S28":
            services.mark(chosen, "dust", True, reason=_DUST, actor=actor, now=now)
            marked = True
        for pack in queries.of_enterprise(chosen, day):
            fields = queries.rows_of(pack, "fields", FieldRow, day)
            if count % 5 != 4:
                services.save_facts(chosen, pack.code, {row.code: _answer(row, count) for row in fields}, actor=actor, now=now)
                count += 1
                break
        else:
            count += 1
    return count


def _answer(row: FieldRow, number: int) -> object:
    """Something believable of the field's type."""
    options = row.options()
    match row.type:
        case rules.CHOICE:
            return options[number % len(options)][0]
        case rules.YES_NO:
            return "true" if number % 3 == 0 else "false"
        case rules.INTEGER:
            return 1 + number % 7
        case rules.NUMBER:
            return round(12.5 + 7 * (number % 9), 1)
        case _:
            return f"{row.name_zh}（演示）"
