"""A year of hidden dangers of every enterprise of the demonstration, taken over from lists as a bureau would: by the room's own import."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import system_actor
from anlan.prevent.dangers import importing, rules
from anlan.site.demo.cast import CITY
from anlan.site.demo.names import person

SEED = 2018
_BASIS = "安全生产法第四十一条"
_DAY = timedelta(days=1)
_BATCH = 1000


@dataclass(frozen=True)
class Seen:
    """What is found in a trade: name, where, the item that makes it major (empty: general), what was done."""

    title: str
    location: str
    done: str
    criterion: str = ""


_ANYWHERE = (
    Seen("配电箱门未关闭", "1 号车间配电间", "已关闭上锁，加贴标识"),
    Seen("灭火器压力不足", "成品库", "已更换 4 具"),
    Seen("疏散通道堆放物料", "包装车间东侧", "物料已移走，划线标识"),
    Seen("安全培训记录缺少签字", "办公楼", "已补训并签字"),
    Seen("叉车转向灯损坏", "装卸区", "已修复"),
)
_OF_TRADE: dict[str, tuple[Seen, ...]] = {
    "C26": (
        Seen("可燃气体探测器超期未检", "甲醇罐区", "已送检并换装"),
        Seen("安全阀铅封缺失", "合成装置", "已重新校验铅封", "hazchem_2017-15"),
        Seen("动火作业票监护人未签字", "检修现场", "已停工补办，人员再培训"),
        Seen("罐区围堰有渗漏", "甲醇储罐 T-101", "已修补并做闭水试验"),
        Seen("有毒气体报警未接入控制室", "合成装置泵区", "已接入并联调", "hazchem_2017-12"),
    ),
    "G59": (
        Seen("浮盘密封圈老化", "汽油储罐 T-01", "已更换密封圈"),
        Seen("装车鹤管静电夹接触不良", "装卸站台", "已更换静电夹"),
        Seen("不同类别危险化学品混存", "桶装库", "已分区存放", "hazchem_2017-21"),
    ),
    "F52": (
        Seen("加油机接地端子松动", "加油区", "已紧固并复测"),
        Seen("卸油口未上锁", "油罐区", "已上锁，专人保管钥匙"),
        Seen("应急沙箱沙量不足", "加油区", "已补足"),
    ),
    "C14": (
        Seen("氨机房排风机故障", "制冷机房", "已修复，与报警联锁试验正常"),
        Seen("快速冻结装置未设在单独作业间", "速冻车间", "已隔断并限员"),
        Seen("氨气报警器探头积尘", "制冷机房", "已清洁并标定"),
    ),
    "C20": (
        Seen("砂光机除尘管道积尘", "砂光车间", "已清扫，纳入每班清理"),
        Seen("干式除尘器未设泄爆装置", "砂光车间", "已加装泄爆片", "gongmao_2023-11.3"),
        Seen("木粉清扫使用压缩空气吹扫", "砂光车间", "已改用防爆吸尘器"),
    ),
    "C33": (
        Seen("抛光除尘风机正压吹送", "抛光车间", "已改为负压除尘", "gongmao_2023-11.4"),
        Seen("打磨工位未设防护罩", "抛光车间", "已加装防护罩"),
        Seen("粉尘清扫记录不全", "抛光车间", "已补齐，班组长每日签字"),
    ),
    "C31": (
        Seen("煤气柜区一氧化碳报警未标定", "高炉煤气柜", "已标定"),
        Seen("休息室位于铁水吊运影响范围内", "炼钢车间", "已搬离", "gongmao_2023-4.1"),
        Seen("煤气水封水位偏低", "煤气管网", "已补水，增设巡检点"),
    ),
    "B06": (
        Seen("回风流甲烷传感器未按期调校", "采煤工作面", "已调校"),
        Seen("局部通风机未实现双风机自动切换", "掘进工作面", "已整改并试验", "coal_2026-a3.5"),
        Seen("运输巷堆放材料影响行人", "运输大巷", "已清理"),
    ),
    "B08": (
        Seen("排洪系统进水口有杂物", "尾矿库", "已清理"),
        Seen("浸润线观测孔损坏", "尾矿坝", "已修复并补测"),
        Seen("坝体外坡比局部陡于设计", "尾矿坝", "已削坡，复测合格", "noncoal_2022-t.x2"),
    ),
    "C27": (
        Seen("溶剂库防爆灯具破损", "溶剂库", "已更换"),
        Seen("反应釜人孔盖螺栓缺失", "合成车间", "已补齐紧固"),
        Seen("静电跨接线断开", "溶剂输送管道", "已接通并测试"),
    ),
    "F51": (
        Seen("库房实际存药量超过核定药量", "烟花库房", "超量产品已转移", "fireworks_2017-5"),
        Seen("库房温湿度记录中断", "烟花库房", "已恢复记录"),
    ),
    "C13": (
        Seen("锅炉安全阀校验标识脱落", "锅炉房", "已补贴标识"),
        Seen("燃气阀组间通风不良", "锅炉房", "已加装防爆排风"),
        Seen("面粉车间地面积粉", "磨粉车间", "已清扫，纳入每班清理"),
    ),
}


def build(_plant: UUID, *, now: datetime) -> int:
    """Write the lists of the year and take them over; returns how many dangers there are."""
    actor, draw = system_actor("demonstration"), random.Random(SEED)
    rows: list[dict[str, Any]] = []
    for enterprise in enterprises.of_place(CITY, None, limit=1000):
        seen = _OF_TRADE.get(enterprise.industry_code[:3], ()) + _ANYWHERE
        for number in range(draw.choice((1, 2, 2, 3, 4))):
            rows.append(_row(enterprise.uscc, number, draw.choice(seen), draw, now))
    written = 0
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        refused = importing.resolve(batch, actor=actor, now=now)
        written += importing.import_dangers([row for index, row in enumerate(batch) if index not in refused], actor=actor, now=now)
    return written


def _row(uscc: str, number: int, seen: Seen, draw: random.Random, now: datetime) -> dict[str, Any]:
    """One line of a list: three in four are closed, of the rest a few are late."""
    age = draw.randint(20, 330)
    closed = draw.random() < 0.76
    if not closed:
        age = draw.randint(1, 24)
    found = (now - age * _DAY).replace(minute=30, second=0, microsecond=0)
    deadline = found + draw.choice((5, 7, 10, 15, 30)) * _DAY
    row: dict[str, Any] = {
        "uscc": uscc,
        "number": f"{found:%Y}-{number + 1:03d}",
        "title": seen.title,
        "location": seen.location,
        "found_at": found,
        "source": draw.choice((rules.SELF_CHECK, rules.SELF_CHECK, rules.INSPECTION)),
    }
    if not closed and draw.random() < 0.3:
        return row
    row |= {
        "grade": rules.MAJOR if seen.criterion else rules.GENERAL,
        "criterion": seen.criterion,
        "order_text": f"立即整改：{seen.title}",
        "order_basis": _BASIS,
        "deadline": deadline,
    }
    if closed:
        removed = found + draw.randint(1, 12) * _DAY
        row |= {
            "outcome": seen.done,
            "rectified_at": removed,
            "rectified_by_name": person(draw),
            "verdict": "现场复核合格",
            "verified_by_name": f"{person(draw)}（复核）",
            "closed_at": removed + 2 * _DAY,
        }
    return row
