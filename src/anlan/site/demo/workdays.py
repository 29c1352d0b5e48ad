"""Today at the demonstration's other enterprises: some special works, and this morning's safety commitments of nearly all who owe one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from anlan.ledger.changes import change
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import rules as danger_rules
from anlan.prevent.dangers.models import Danger
from anlan.prevent.permits import queries, rules, services
from anlan.prevent.permits.models import Commitment
from anlan.site.demo import bulk
from anlan.site.demo.cast import CITY, DEMONSTRATION, DEMONSTRATION_BUREAU
from anlan.site.demo.permits import Sketch, draw

SEED = 74
_OWN_HOURS = (rules.LIFTING, rules.BLIND_PLATE)
"""Kinds whose hours the standard leaves to the enterprise."""
_MISSING = 0.06
"""Share of those who owe a commitment and have not given it."""
_WITH_UNITS = ("chemical", "pharma", "oilfield")
"""Trades that run production units; the others commit with none."""
_WORKS: tuple[tuple[str, Sketch], ...] = (
    ("chemical", Sketch("更换合成装置进料阀", "合成装置泵区", rules.BLIND_PLATE, rules.WORKING, "甲醇残留；泄压、隔离、通风", 30, 20)),
    ("pharma", Sketch("更换离心机防爆灯", "合成车间", rules.TEMP_POWER, rules.APPROVED, "触电；漏电保护、一机一闸", 20, -30)),
    ("storage", Sketch("储罐外壁防腐", "汽油储罐 T-01", rules.WORK_AT_HEIGHT, rules.WORKING, "坠落；双钩安全带、防护网", 40, 10, facts={"height_metres": 9.0})),
    ("steel", Sketch("吊装除尘风机", "炼钢车间", rules.LIFTING, rules.WORKING, "吊物坠落；划警戒区、专人指挥", -60, 40, facts={"load_tonnes": 22.0})),
    ("cold", Sketch("冷凝器管道焊接", "制冷机房外", rules.HOT_WORK, rules.ANALYSED, "氨残留、焊渣；置换、分析、监护", 15, 15)),
    ("food", Sketch("清理污水池", "污水站", rules.CONFINED_SPACE, rules.ANALYSED, "硫化氢、缺氧；强制通风、专人监护", -20, 25)),
)  # fmt: skip
"""One work at one enterprise of each of these trades."""


def build(plant: UUID, *, now: datetime) -> int:
    """Make the works by the room's own verbs, then the commitments, which know of them; returns how many works."""
    owners = bulk.owners(but=plant)
    first = {owner.trade.code: owner for owner in reversed(owners)}
    chosen = [(first[trade], sketch) for trade, sketch in _WORKS if trade in first]
    for owner, sketch in chosen:
        if sketch.kind in _OWN_HOURS:
            told = {"kind": sketch.kind, "hours": 8, "basis": "特殊作业安全管理规定"}
            services.set_own_rule(owner.file.id, **told, actor=DEMONSTRATION, now=now - timedelta(days=30))
        draw(sketch, owner.file.id, DEMONSTRATION_BUREAU, DEMONSTRATION, now)
    _commit(plant, now)
    return len(chosen)


def _commit(plant: UUID, now: datetime) -> None:
    """Commitments that tell what the platform knows too, given within this morning or just now; the day has been opened before."""
    drawn, day = random.Random(SEED), law_day(now)
    majors = Counter(
        Danger.objects.filter(grade=danger_rules.MAJOR, closed_at__isnull=True, exercise=False).values_list("enterprise_id", flat=True)
    )
    owed = Commitment.objects.filter(day=day, state=Commitment.OWED).exclude(enterprise_id=plant).order_by("place_code", "pk")
    given = [row for row in owed if drawn.random() >= _MISSING]
    zero: dict[str, object] = {"count": 0, "flag": False}
    nothing = {field.code: zero[field.kind] for field in queries.commitment_fields() if field.kind in zero}
    with_units = {owner.file.id for owner in bulk.owners() if owner.trade.code in _WITH_UNITS}
    for row in given:
        row.state, row.given_at, row.given_by_name = (
            Commitment.GIVEN,
            min(now, row.due_at - timedelta(minutes=drawn.randint(5, 50))),
            "安全总监",
        )
        units, stopped = (3, drawn.randint(0, 2)) if row.enterprise_id in with_units else (0, 0)
        live = {code: count for code, count in queries.live_counts(row.enterprise_id, now).items() if code in nothing}
        told = {
            "units_total": units,
            "units_running": units - stopped,
            "units_stopped": stopped,
            "major_danger": majors[row.enterprise_id] > 0,
        }
        row.values = nothing | told | live
        row.statement, row.risk_grade, row.updated_at = "今日生产运行正常，各项风险防控措施已落实。", 3, now
    with change(DEMONSTRATION, "commitments.give", now=now, place_code=CITY) as made:
        Commitment.objects.bulk_update(given, ["state", "given_at", "given_by_name", "values", "statement", "risk_grade", "updated_at"])
        made.facts["given"] = len(given)
