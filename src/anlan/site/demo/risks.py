"""The register of risks of the demonstration's plant, by its own verbs: a dozen objects, some forty events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.prevent.risks import checking, queries, rules, services
from anlan.prevent.risks.models import CheckTask
from anlan.site.demo.cast import DEMONSTRATION

_METRE = 1 / 111_000
"""Degrees of latitude in a metre."""
_DAY = timedelta(days=1)
_GRAVE, _HIGH, _MEDIUM, _LOW = ("3", "6", "40"), ("3", "6", "15"), ("3", "6", "7"), ("1", "6", "3")
_KINDS = ("operation", "engineering", "maintenance", "emergency")


@dataclass(frozen=True)
class Thing:
    """One object: metres north and east of the plant's point, and its events as ``(unit, event, factors, likelihood that remains, check)``."""

    name: str
    north: float
    east: float
    person: str
    events: tuple[tuple[str, str, tuple[str, str, str], str, str], ...]


_PLANT = (
    Thing(
        "液氯储罐区",
        60,
        90,
        "韩东",
        (
            ("液氯储罐", "储罐根部阀泄漏，氯气中毒", _GRAVE, "0.5", "根部阀、法兰无泄漏，氨水检查不冒白烟"),
            ("液氯储罐", "储罐超装超压", _GRAVE, "0.2", "液位不超过 80%，压力在绿区，联锁投用"),
            ("液氯卸车", "卸车软管脱落，氯气泄漏", _GRAVE, "1", "软管在检验期内、无破损，卡扣锁紧"),
            ("事故吸收", "碱液浓度不足，吸收失效", _HIGH, "0.5", "碱液浓度不低于 15%，循环泵备用可启"),
        ),
    ),
    Thing(
        "液氯汽化间",
        40,
        110,
        "魏青",
        (
            ("汽化器", "盘管腐蚀穿孔，氯气泄漏", _GRAVE, "0.5", "水侧余氯检测合格，测厚在有效期内"),
            ("汽化器", "三氯化氮积聚爆炸", _GRAVE, "0.2", "三氯化氮含量不超过 60 g/L，按时排污"),
            ("应急喷淋", "喷淋压力不足", _MEDIUM, "1", "喷淋水压正常，喷头无堵塞"),
        ),
    ),
    Thing(
        "氢气压缩厂房",
        -40,
        60,
        "罗平",
        (
            ("压缩机", "氢气泄漏爆炸", _GRAVE, "0.5", "检漏报警器投用，轴流风机运转"),
            ("压缩机", "排气温度过高", _HIGH, "0.5", "排气温度低于报警值，冷却水流量正常"),
            ("防爆电气", "电缆引入口封堵失效", _HIGH, "0.5", "防爆接线盒螺栓齐全、密封完好"),
        ),
    ),
    Thing(
        "电解厂房",
        -60,
        20,
        "周宁",
        (
            ("电解槽", "氯中含氢超标爆炸", _GRAVE, "0.2", "氯中含氢不超过 0.4%"),
            ("电解槽", "槽间短路触电", _HIGH, "0.5", "绝缘垫完好，警示标识清楚"),
            ("氯气管廊", "氯气管线法兰泄漏", _HIGH, "1", "法兰无泄漏，探测器在检定期内"),
            ("整流柜", "整流柜过热起火", _MEDIUM, "1", "柜内温度正常，无异味"),
        ),
    ),
    Thing(
        "氯氢处理",
        10,
        60,
        "周宁",
        (
            ("氯气干燥塔", "硫酸泄漏灼伤", _HIGH, "0.5", "围堰完好，洗眼器出水正常"),
            ("透平机", "氯气压缩机密封泄漏", _HIGH, "1", "密封气压力正常"),
            ("冷却器", "冷却水中断", _MEDIUM, "1", "循环水流量、温度正常"),
        ),
    ),
    Thing(
        "盐酸合成",
        30,
        10,
        "陆川",
        (
            ("合成炉", "点火爆鸣", _HIGH, "0.5", "炉内吹扫分析合格，防爆膜完好"),
            ("盐酸储罐", "盐酸泄漏灼伤", _MEDIUM, "1", "储罐液位正常，围堰无积液"),
        ),
    ),
    Thing(
        "烧碱罐区",
        -20,
        -60,
        "陆川",
        (
            ("烧碱储罐", "高温碱液喷溅灼伤", _HIGH, "1", "管线保温、法兰护罩完好"),
            ("装车台", "装车冒罐", _MEDIUM, "1", "静电接地、防溢联锁投用"),
        ),
    ),
    Thing(
        "变配电所",
        -90,
        -20,
        "孔雨",
        (
            ("高压开关柜", "电弧灼伤", _HIGH, "0.5", "五防装置完好，绝缘用具在检验期内"),
            ("变压器", "过热起火", _MEDIUM, "1", "油温、油位正常"),
        ),
    ),
    Thing(
        "检修车间",
        -130,
        -10,
        "邵林",
        (
            ("动火作业", "动火引燃可燃物", _HIGH, "1", "作业票、气体分析、监护人齐全"),
            ("起重作业", "吊物坠落伤人", _MEDIUM, "1", "吊索具在检验期内，警戒区已划"),
        ),
    ),
    Thing("循环水站", 90, -80, "孔雨", (("加药间", "次氯酸钠与酸混放", _MEDIUM, "1", "药剂分区存放，标识清楚"),)),
    Thing("成品库", -70, -100, "邵林", (("库房", "安全出口堵塞", _LOW, "0.5", "通道畅通，消防器材有效"),)),
    Thing("中控室", -110, 40, "魏青", (("中控", "报警未及时处置", _LOW, "0.5", "报警记录完整，交接班有签字"),)),
)
_EXTRA = ("人员误操作", "个体防护缺失", "巡检不到位")
_FOUND = {
    "储罐根部阀泄漏，氯气中毒": (rules.ABNORMAL, "根部阀法兰螺栓锈蚀，氨水检查有轻微白烟"),
    "装车冒罐": (rules.NOT_APPLICABLE, "装车台停用检修"),
}
"""What checks of today found, by the event that they guard against; the others are normal."""


def build(plant: UUID, *, now: datetime) -> int:
    """Make the register and half a day of its checks; returns how many events."""
    actor = DEMONSTRATION
    point = enterprises.enterprise(plant)
    made = 0
    for number, thing in enumerate(_PLANT, 1):
        made += _draw(plant, f"D-{number:02}", thing, (point.longitude, point.latitude), actor, now - 60 * _DAY)
    _check(plant, now)
    return made


def _check(plant: UUID, now: datetime) -> None:
    """Checks of the shift before, done but for one that is late now; of today half are done, one with something abnormal."""
    operator = _operator(plant, now)
    before = now - timedelta(hours=8)
    checking.sweep(before)
    for task in list(CheckTask.objects.filter(enterprise_id=plant, period="shift").order_by("pk"))[1:]:
        checking.record(task.pk, outcome=rules.NORMAL, actor=operator, now=before + timedelta(hours=1))
    checking.sweep(now)
    today = CheckTask.objects.filter(enterprise_id=plant, state=rules.OPEN, overdue=False, period__in=("shift", "day"))
    for number, task in enumerate(today.select_related("event").order_by("pk")):
        if number % 2 and task.event.title not in _FOUND:
            continue
        outcome, note = _FOUND.get(task.event.title, (rules.NORMAL, ""))
        checking.record(task.pk, outcome=outcome, note=note, actor=operator, now=now)


def _operator(plant: UUID, now: datetime) -> Actor:
    holders = people.holders_in_enterprise("enterprise_operator", plant, now=now)
    found = people.actor_for(holders[0].account_id, now=now) if holders else None
    if found is None:
        raise NotFound(what="enterprise_operator")
    return found


def _draw(enterprise_id: UUID, code: str, thing: Thing, point: tuple[float | None, float | None], actor: Actor, at: datetime) -> int:
    """One object with its units, events and measures, each by its verb."""
    longitude, latitude = point
    row = services.register_object(
        enterprise_id,
        code=code,
        name=thing.name,
        responsible_name=thing.person,
        longitude=None if longitude is None else longitude + thing.east * _METRE,
        latitude=None if latitude is None else latitude + thing.north * _METRE,
        actor=actor,
        now=at,
    )
    units: dict[str, UUID] = {}
    events = list(thing.events)
    if thing.person:
        unit = events[-1][0]
        events.append((unit, _EXTRA[len(thing.name) % len(_EXTRA)], _LOW, "0.5", "班前安全讲话有记录，劳保用品佩戴齐全"))
    for count, (unit_name, title, factors, remains, check) in enumerate(events):
        if unit_name not in units:
            units[unit_name] = services.add_unit(row.pk, code=f"{code}-{len(units) + 1}", name=unit_name, actor=actor, now=at).pk
        _event(units[unit_name], title, factors, remains, check, count, actor, at)
    return len(events)


def _event(
    unit_id: UUID, title: str, factors: tuple[str, str, str], remains: str, check: str, count: int, actor: Actor, at: datetime
) -> None:
    given: dict[str, object] = {"L": factors[0], "E": factors[1], "C": factors[2]}
    grade = rules.assess(queries.method("lec", at), given).grade
    level = rules.needed_level(grade, queries.levels(at)).code
    event = services.add_event(unit_id, title=title, method="lec", factors=given, level=level, actor=actor, now=at)
    facts = {"kind": _KINDS[count % len(_KINDS)], "text": f"防止{title}：专人检查并记录", "check_text": check}
    services.add_measure(
        event.pk, **facts, period=("shift", "day", "week")[count % 3], level=("post", "workshop")[count % 2], actor=actor, now=at
    )
    services.assess_residual(event.pk, factors=given | {"L": remains}, actor=actor, now=at + timedelta(hours=1))
