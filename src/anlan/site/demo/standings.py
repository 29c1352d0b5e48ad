"""Risk gradings of the demonstration: some chemical works have graded themselves, and the bureau has found colours for most of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.prevent.standing import queries, rules, services
from anlan.site.demo.cast import CITY, DEMONSTRATION, DEMONSTRATION_BUREAU, PLANT_COUNTY

GRADED = 14
_DAY = timedelta(days=1)
_FOUND: tuple[dict[str, int], ...] = (
    {"managers": 1},
    {"managers": 2, "remote": 3},
    {"procedures": 1},
    {"veto_operators": 1},
    {},
    {"distance": 1, "gas_alarms": 4, "education": 2},
)
"""What the bureau finds beyond what the enterprise said, in turn."""


def build(plant: UUID, *, now: datetime) -> int:
    """Grade some chemical works by the room's verbs: the plant's is being filled, one waits, the rest are decided. Returns how many."""
    enterprise, bureau = DEMONSTRATION, DEMONSTRATION_BUREAU
    works = [row for row in enterprises.of_place(CITY, None, limit=400) if row.sector_code in rules.SECTORS and row.id != plant]
    # The one that waits lies in the county whose inspector a visitor can be.
    others = [row.id for row in sorted(works, key=lambda row: row.place_code != PLANT_COUNTY)]
    count = 0
    for number, chosen in enumerate([plant, *others[:GRADED]]):
        if enterprises.enterprise(chosen).sector_code not in rules.SECTORS:
            continue
        at = now - (40 + number) * _DAY
        row = services.begin(chosen, actor=enterprise, now=at)
        count += 1
        if number == 0:
            continue
        row = services.submit(row.pk, actor=enterprise, now=at + _DAY)
        if number == 1:
            continue
        own, more = queries.counts_of(row.answers), _FOUND[number % len(_FOUND)]
        told = dict.fromkeys(more, "现场核查认定（演示）")
        services.review(row.pk, accept=True, counts=own | more, reasons=told, verdict="属实（演示）", actor=bureau, now=at + 10 * _DAY)
    return count
