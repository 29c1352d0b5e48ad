"""A dozen hidden dangers of the demonstration, in every state a duty officer meets, made through the room's own verbs at their own times."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from anlan.desk.documents import png
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.prevent.dangers import rules, services, supervising, sweeping
from anlan.site.demo import bulk
from anlan.site.demo.cast import PLANT_COUNTY

_BASIS = "安全生产法第四十一条、第六十五条"
_PLAN = {
    "goal": "恢复安全仪表功能，消除重大隐患",
    "method": "更换损坏部件，联锁试验合格后投用",
    "funds": "安全费用列支，备件到货后三日内安装",
    "organization": "设备部牵头，仪表车间实施",
    "deadline": "按整改通知书期限完成",
    "safety": "整改期间降低负荷、专人监护，异常立即停车撤人",
}
_DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120"><rect width="160" height="120" fill="#dfe7ef"/>'
    '<rect x="44" y="30" width="72" height="66" rx="8" fill="#8aa0b4"/><path d="M80 10v30M60 24h40" stroke="#c0392b" stroke-width="6"/></svg>'
)


@dataclass(frozen=True)
class Sketch:
    """One danger: where it stands now, how many days ago it was found, how many days its order allows."""

    title: str
    location: str
    grade: str = ""
    criterion: str = ""
    state: str = rules.FOUND
    days_ago: float = 1
    allowed: float = 15
    source: str = rules.INSPECTION
    trade: str = ""


_OF_PLANT = (
    Sketch("液氯储罐紧急切断阀未投用自动联锁", "液氯储罐 V-101", rules.MAJOR, "hazchem_2017-4", rules.RECTIFYING, 24, 20),
    Sketch("氯气管廊可燃有毒气体探测器超期未检", "电解厂房管廊", rules.GENERAL, "", rules.RECTIFIED, 12, 10),
    Sketch("重大危险源包保责任牌信息未更新", "罐区入口", rules.GENERAL, "", rules.CLOSED, 140, 7),
    Sketch("动火作业票气体分析时间缺失", "检修车间", rules.GENERAL, "", rules.CLOSED, 110, 5, rules.TIP),
    Sketch("应急喷淋压力不足", "液氯汽化间", rules.GENERAL, "", rules.ORDERED, 3, 10),
    Sketch("压力表未贴检定标识", "空压站", "", "", rules.FOUND, 0.2, 0, rules.SELF_CHECK),
    Sketch("防爆电缆引入口封堵失效", "氢气压缩厂房", rules.MAJOR, "hazchem_2017-12", rules.GRADED, 0.5),
    Sketch("罐区消防通道堆放物料", "罐区东侧通道", rules.GENERAL, "", rules.CLOSED, 95, 2, rules.DRONE),
)
_OF_OTHERS = (
    Sketch("安全出口被货物堵塞", "成品库", rules.GENERAL, "", rules.ORDERED, 9, 5, trade="food"),
    Sketch("焊接作业人员未持证上岗", "冲压车间", rules.GENERAL, "", rules.GRADED, 1, trade="metal"),
    Sketch("除尘系统泄爆片破损", "砂光车间", "", "", rules.FOUND, 0.4, 0, rules.TIP, trade="wood"),
    Sketch("外来施工单位安全协议缺失", "检修现场", rules.GENERAL, "", rules.ORDERED, 2, 12, trade="chemical"),
)
"""One enterprise of each of these trades in the plant's county has one such danger."""


def build(plant: UUID, *, now: datetime) -> int:
    """Make the dangers, let time take its steps, open last quarter's tables; returns how many were made."""
    inspector, manager = _one_of("inspector", PLANT_COUNTY, now), _manager(plant, now)
    picture = png(_DRAWING, width_mm=40, dots_per_inch=72)
    for sketch in _OF_PLANT:
        _draw(sketch, plant, inspector, manager, picture, now)
    near = {owner.trade.code: owner.file.id for owner in bulk.owners(but=plant) if owner.file.place_code == PLANT_COUNTY}
    others = [sketch for sketch in _OF_OTHERS if sketch.trade in near]
    for sketch in others:
        _draw(sketch, near[sketch.trade], inspector, inspector, picture, now)
    sweeping.sweep(now)
    sweeping.open_reports(now)
    return len(_OF_PLANT) + len(others)


def _one_of(kind: str, place: str, now: datetime) -> Actor:
    return _actor(people.holders_of(kind, place, now=now), kind, now)


def _manager(plant: UUID, now: datetime) -> Actor:
    return _actor(people.holders_in_enterprise("enterprise_manager", plant, now=now), "enterprise_manager", now)


def _actor(holders: tuple[people.Holder, ...], kind: str, now: datetime) -> Actor:
    found = people.actor_for(holders[0].account_id, now=now) if holders else None
    if found is None:
        raise NotFound(what=kind)
    return found


def _draw(sketch: Sketch, enterprise: UUID, inspector: Actor, manager: Actor, picture: bytes, now: datetime) -> None:
    """Bring one danger to its state, each verb at a believable moment of the past."""
    found_at = now - timedelta(days=sketch.days_ago)

    def later(share: float) -> datetime:
        return found_at + timedelta(days=sketch.days_ago * share)

    by_self = sketch.source == rules.SELF_CHECK
    danger = services.report(
        enterprise_id=enterprise,
        title=sketch.title,
        location=sketch.location,
        source=sketch.source,
        found_at=found_at,
        actor=manager if by_self else inspector,
        now=found_at,
    )
    if sketch.state == rules.FOUND:
        return
    services.grade(danger.pk, grade=sketch.grade, criterion=sketch.criterion, actor=inspector, now=later(0.02))
    if sketch.state == rules.GRADED:
        return
    ordered = later(0.05)
    services.order(
        danger.pk,
        order_text=f"立即整改：{sketch.title}",
        order_basis=_BASIS,
        deadline=ordered + timedelta(days=sketch.allowed),
        actor=inspector,
        now=ordered,
    )
    if sketch.grade == rules.MAJOR:
        told = {"situation": sketch.title, "harm": "失效时泄漏不能及时切断，可危及厂外人员；整改难度中等", "plan": _PLAN["method"]}
        supervising.report_up(danger.pk, **told, actor=manager, now=later(0.03))
    if sketch.state == rules.ORDERED:
        return
    services.start(
        danger.pk,
        responsible_name="仪表车间主任",
        measures="更换损坏部件并试验",
        funds_yuan=Decimal(86000) if sketch.grade == rules.MAJOR else None,
        contingency=_PLAN["safety"] if sketch.grade == rules.MAJOR else "",
        plan=_PLAN if sketch.grade == rules.MAJOR else {},
        actor=manager,
        now=later(0.1),
    )
    if sketch.state == rules.RECTIFYING:
        return
    _finish(danger.pk, sketch, inspector, manager, picture, ordered)


def _finish(danger_id: UUID, sketch: Sketch, inspector: Actor, manager: Actor, picture: bytes, ordered: datetime) -> None:
    done = ordered + timedelta(days=sketch.allowed * 0.7)
    after = io.BytesIO(picture)
    after.name = "整改后.png"  # type: ignore[attr-defined]
    services.add_pictures(services.open_round(danger_id, actor=manager, now=done), [after], actor=manager, now=done)  # type: ignore[list-item]
    services.rectify(danger_id, outcome="已按要求整改，现场复核正常", actor=manager, now=done)
    if sketch.state == rules.RECTIFIED:
        return
    services.verify(danger_id, verdict="现场验收合格", actor=inspector, now=done + timedelta(days=1))
    services.close(danger_id, actor=inspector, now=done + timedelta(days=1, hours=1))
