"""Major hazard units of the demonstration, graded by the room's own verbs: the plant's liquid chlorine, and some of the other works."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.prevent.hazardsources import filing, services
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import Filing, HazardUnit
from anlan.site.demo.cast import CITY, DEMONSTRATION, PLANT_COUNTY

GRADED = 12
"""Other works that are graded: enough for a list and a map, quick to build."""
_CATEGORIES = {"甲醇": "W5.3", "汽油": "W5.3", "煤气": "", "氨": "", "氯": ""}
"""Substances whose units are graded, with the category that their β needs (empty: named in Table 3)."""
_STORES = ("tank", "tank_farm", "warehouse", "filling_station", "other")
"""Kinds that make a storage unit; a production unit is graded by itself (GB 18218-2018)."""
_PEOPLE = (0, 12, 36, 75, 140)
_ASSESSOR = "企业注册安全工程师（演示）"
_DAY = timedelta(days=1)


def build(plant: UUID, *, now: datetime) -> int:
    """Make the units; returns how many. The plant's is filed and accepted; of the others one waits for its filing, one is to be assessed anew."""
    actor = DEMONSTRATION
    made = _graded(plant, 80, actor, now - 200 * _DAY)
    if made is not None:
        _file(made, actor, now - 195 * _DAY, now)
    others = [each.id for each in enterprises.of_place(CITY, None, limit=200) if each.id != plant]
    count = 1 if made is not None else 0
    for enterprise_id in others:
        if count > GRADED:
            break
        unit = _graded(enterprise_id, _PEOPLE[count % len(_PEOPLE)], actor, now - (20 + 83 * count) * _DAY)
        if unit is None:
            continue
        count += 1
        if count == 3:
            _enlarge(unit, actor, now - 2 * _DAY)
        elif count > 4 and unit.is_major:
            _send(unit, actor, unit.assessed_at or now)
    return count


def _graded(enterprise_id: UUID, people_around: int, actor: Actor, now: datetime) -> HazardUnit | None:
    """One storage unit of the hazard sources that hold a substance of the list, assessed; ``None`` where there are none."""
    sources = [
        row
        for row in risksources.of_enterprise(enterprise_id)
        if row.kind in _STORES and row.substance_name in _CATEGORIES and row.design_max_t is not None
    ]
    if not sources:
        return None
    unit = services.register_unit(
        enterprise_id,
        code="U-01",
        name=f"{sources[0].name}单元",
        kind="storage",
        extent="以防火堤为界",
        source_ids=[row.id for row in sources],
        actor=actor,
        now=now,
    )
    lines = [
        Line(
            row.substance_name,
            row.substance_cas,
            f"{row.design_max_t:f}",
            "t",
            symbols=_CATEGORIES[row.substance_name],
            note=f"{row.code} {row.name}",
        )
        for row in sources
    ]
    services.write_inventory(unit.pk, lines, actor=actor, now=now)
    services.assess(unit.pk, assessor=_ASSESSOR, people=people_around, actor=actor, now=now)
    unit.refresh_from_db()
    return unit


def _send(unit: HazardUnit, actor: Actor, now: datetime) -> Filing:
    case = Filing.objects.get(unit=unit)
    return filing.submit(case.pk, contact_name="安全环保部", contact_phone="13800000000", actor=actor, now=now + 5 * _DAY)


def _file(unit: HazardUnit, actor: Actor, now: datetime, today: datetime) -> None:
    """Sent, and accepted by whoever is an inspector of the county ``today``."""
    case = _send(unit, actor, now - 4 * _DAY)
    holders = people.holders_of("inspector", PLANT_COUNTY, now=today)
    inspector = people.actor_for(holders[0].account_id, now=today) if holders else None
    if inspector is not None:
        filing.accept(case.pk, receipt_number=f"{PLANT_COUNTY}-{now.year}-001", actor=inspector, now=now + 4 * _DAY)


def _enlarge(unit: HazardUnit, actor: Actor, now: datetime) -> None:
    """A second tank: the unit is to be assessed anew."""
    held = unit.inventories.order_by("-number").first()
    if held is not None:
        first = dict(held.lines[0])
        lines = [Line(**line) for line in held.lines]
        services.write_inventory(unit.pk, [*lines, Line(**first | {"note": "新增储罐"})], note="新增储罐", actor=actor, now=now)
