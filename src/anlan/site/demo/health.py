"""Occupational health of the demonstration's plant: factors, a result over its limit, examinations due and overdue."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from anlan.ground.people import door as people
from anlan.prevent.health import services

_FACTORS = (
    ("电解厂房", "chemical", "氯气", "chlorine", 24),
    ("液氯充装间", "chemical", "氯气", "chlorine", 8),
    ("盐酸工段", "chemical", "氯化氢", "hydrogen_chloride", 11),
    ("空压站", "physical", "噪声", "", 6),
)
_DAY = timedelta(days=1)


def build(plant: UUID, *, now: datetime) -> int:
    """Make them as the plant's manager would; returns how many factors. Nothing where nobody holds the post."""
    holders = people.holders_in_enterprise("enterprise_manager", plant, now=now)
    manager = people.actor_for(holders[0].account_id, now=now) if holders else None
    if manager is None:
        return 0
    today = now.date()
    rows = [
        services.register_exposure(
            workplace=place, category=category, factor=factor, chemical_code=code, people=count, actor=manager, now=now - 90 * _DAY
        )
        for place, category, factor, code, count in _FACTORS
    ]
    for row, value, days in ((rows[0], "0.3", 60), (rows[1], "1.3", 20)):
        services.record_result(
            exposure_id=str(row.pk),
            measured_on=today - days * _DAY,
            limit_kind="MAC",
            value=Decimal(value),
            unit="mg/m³",
            agency="示范职业卫生检测公司",
            actor=manager,
            now=now - 15 * _DAY,
        )
    for worker, kind, days in (("A-0101", "on_job", -12), ("A-0118", "on_job", 20), ("B-0007", "pre_job", 5), ("充装班", "on_job", 60)):
        services.plan_examination(
            worker=worker,
            people=8 if worker == "充装班" else 1,
            kind=kind,
            due_on=today + days * _DAY,
            exposure_id=str(rows[1].pk),
            actor=manager,
            now=now - 30 * _DAY,
        )
    return len(rows)
