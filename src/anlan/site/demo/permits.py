"""Special works of the demonstration's plant today, in the states a safety manager meets, and a commitment that knows too little of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.prevent.permits import committing, queries, rules, services, signing, working
from anlan.prevent.permits.models import Permit

_METRE = 1 / 111_000
"""Degrees of latitude in a metre, for places about the plant."""


@dataclass(frozen=True)
class Sketch:
    """One work: where it stands now, metres north and east of the plant's point, hours since it was asked for and for which it is."""

    title: str
    location: str
    kind: str
    state: str
    hazards: str
    north: float = 0
    east: float = 0
    hours_ago: float = 1.5
    lasts: float = 5
    facts: dict[str, object] = field(default_factory=dict)


_TODAY = (
    Sketch(
        "更换循环水管法兰",
        "氯氢处理 2#冷却器",
        rules.HOT_WORK,
        rules.WORKING,
        "氢气、焊渣；清理可燃物、设接火盆",
        40,
        60,
        facts={"fire_area": True},
    ),
    Sketch(
        "清理沉降槽",
        "盐水工段 1#沉降槽",
        rules.CONFINED_SPACE,
        rules.ANALYSED,
        "缺氧、淤泥；强制通风、专人监护",
        52,
        70,
        facts={"opens_vessel": True},
    ),
    Sketch(
        "保温层检修", "电解厂房管廊", rules.WORK_AT_HEIGHT, rules.PAUSED, "坠落；双钩安全带、防护网", -60, 20, facts={"height_metres": 8.0}
    ),
    Sketch("吊装备用泵", "检修场地", rules.LIFTING, rules.APPROVED, "吊物坠落；划警戒区、专人指挥", -120, -40, facts={"load_tonnes": 12.0}),
    Sketch("检修照明接线", "检修车间", rules.TEMP_POWER, rules.DRAFTED, "触电；漏电保护、一机一闸", -140, 10),
    Sketch("更换阀门垫片", "蒸汽管线 V-12", rules.BLIND_PLATE, rules.CLOSED, "烫伤；泄压、隔离、防烫护具", 90, -80, 26, 6),
)


def build(plant: UUID, *, now: datetime) -> int:
    """Make the works through the room's own verbs at their own times, and this day's commitments; returns how many works."""
    manager, operator = _holder("enterprise_manager", plant, now), _holder("enterprise_operator", plant, now)
    for kind in (rules.LIFTING, rules.BLIND_PLATE):
        services.set_own_rule(plant, kind=kind, hours=8, basis="特殊作业安全管理规定", actor=manager, now=now - timedelta(days=30))
    committing.open_day(now)
    _commit(plant, manager, now)
    for sketch in _TODAY:
        draw(sketch, plant, manager, operator, now)
    return len(_TODAY)


def _holder(kind: str, plant: UUID, now: datetime) -> Actor:
    holders = people.holders_in_enterprise(kind, plant, now=now)
    found = people.actor_for(holders[0].account_id, now=now) if holders else None
    if found is None:
        raise NotFound(what=kind)
    return found


def _commit(plant: UUID, manager: Actor, now: datetime) -> None:
    """Committed in the morning to one work at height alone: the hot work that began since is what the bureau is told of."""
    known = committing.known_of(plant, now)
    values: dict[str, object] = {row.code: {"count": 0, "flag": False, "grade": 3}.get(row.kind) for row in queries.commitment_fields()}
    values |= {"units_total": 3, "units_running": 3, "work_at_height": 1, "lifting": 1, "major_danger": known.major_dangers > 0}
    given = {code: value for code, value in values.items() if value is not None}
    committing.give(plant, values=given, statement="今日三套装置运行正常，各项风险防控措施已落实。", actor=manager, now=now)


def draw(sketch: Sketch, plant: UUID, manager: Actor, operator: Actor, now: datetime) -> None:
    """Bring one work to its state, each verb at its own time; ``manager`` signs, ``operator`` works."""
    file = enterprises.enterprise(plant)
    asked = now - timedelta(hours=sketch.hours_ago)

    def later(minutes: float) -> datetime:
        return asked + timedelta(minutes=minutes)

    work = services.draft(
        enterprise_id=plant,
        title=sketch.title,
        location=sketch.location,
        kinds=[sketch.kind],
        applicant_unit="生产车间",
        work_unit="检修车间",
        hazards=sketch.hazards,
        planned_from=asked,
        planned_until=later(60 * sketch.lasts),
        facts=sketch.facts,
        longitude=None if file.longitude is None else file.longitude + sketch.east * _METRE,
        latitude=None if file.latitude is None else file.latitude + sketch.north * _METRE,
        actor=operator,
        now=asked,
    )
    if sketch.state == rules.DRAFTED:
        return
    permit = queries.of_work(work.pk)[0]
    lines = queries.measures(permit.kind, asked)
    answers = {line.number: rules.NOT_APPLICABLE if line.other else rules.YES for line in lines}
    services.mark(permit.pk, answers=answers, complete=True, actor=manager, now=later(10))
    if queries.grade(permit.grade_code).gas:
        air = {"combustible": 0.02, "lel": 4.0, "oxygen": 20.7, "gas_name": "氢气", "point": "作业点上、中、下"}
        services.record_gas(permit.pk, sampled_at=later(15), **air, actor=operator, now=later(15))  # type: ignore[arg-type]
    if sketch.state != rules.ANALYSED:
        _work(sketch, permit, manager, operator, later, now)


def _work(sketch: Sketch, permit: Permit, manager: Actor, operator: Actor, later: Callable[[float], datetime], now: datetime) -> None:
    # The demonstration signs in the manager's name; it knows nobody's password and asks for none.
    signer = replace(manager, kind="system")
    signature = {"leader_name": "韩东", "supervisor_name": "魏青", "briefed_by_name": "罗平", "briefed_to_name": "韩东", "opinion": "同意"}
    signing.approve(permit.pk, password="", **signature, actor=signer, now=later(20))
    if sketch.state == rules.APPROVED:
        return
    working.start(permit.pk, actor=operator, now=later(25))
    if sketch.state == rules.PAUSED:
        working.pause(permit.pk, actor=operator, now=now - timedelta(minutes=20))
    elif sketch.state == rules.CLOSED:
        working.finish(permit.pk, actor=operator, now=later(200))
        working.accept(permit.pk, actor=manager, now=later(215))
