"""Who is warned in the demonstration's county: invented people, boards and loudspeakers, and simulated carriers that take their messages.

Their numbers begin with 100, which no telephone in the country does; nothing can ring even by mistake.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.ground.audiences import door as audiences
from anlan.ground.places import door as places
from anlan.site.demo.cast import CITY, DEMONSTRATION, PLANT_COUNTY
from anlan.site.demo.names import person
from anlan.warn.channels import door as channels

SEED = 4201
RESIDENTS_OF_A_TOWNSHIP = 60
NOTE = "演示数据，人员均为虚构"
_NEEDS = ("", "", "", "", "", "", "hearing", "sight", "moving", "alone")
_CARRIERS = (
    ("sms", "模拟短信网关", {"deliver": 0.9, "delay_s": 4}, "5"),
    ("voice", "模拟语音外呼", {"deliver": 0.75, "confirm": 0.8, "delay_s": 8}, "12"),
    ("email", "模拟邮件服务器", {"deliver": 0.97, "delay_s": 3}, None),
    ("broadcast", "模拟应急广播平台", {"deliver": 0.95, "delay_s": 2}, None),
    ("led", "模拟显示屏平台", {"deliver": 0.95, "delay_s": 2}, None),
    ("intranet", "模拟企业内网接口", {"deliver": 0.95, "delay_s": 2}, None),
    ("social", "模拟新媒体接口", {"deliver": 1.0, "delay_s": 2}, None),
    ("portal", "模拟门户网站", {"deliver": 1.0, "delay_s": 1}, None),
)


def build(plant: UUID, *, now: datetime) -> int:
    """Write carriers and recipients, and the month's trial of loudspeakers; returns how many recipients there are."""
    for order, place in enumerate((PLANT_COUNTY, CITY), 1):
        for channel, name, options, cost in _CARRIERS:
            channels.register_carrier(
                name=name if place == PLANT_COUNTY else f"市级{name}",
                order=order,
                channel=channel,
                adapter="simulated",
                place_code=place,
                options=options,
                cost_fen=cost,
                actor=DEMONSTRATION,
                now=now,
            )
    draw = random.Random(SEED)
    rows: list[dict[str, Any]] = []
    for township in places.children(PLANT_COUNTY):
        rows += _township(township, draw, len(rows))
    rows.append(_one("示例县值守", "county_officer", PLANT_COUNTY, len(rows), unit="区应急局值班室"))
    rows.append({"name": "区政府门户", "role": "portal", "place_code": PLANT_COUNTY, "device": "portal-zhangqiu", "source_note": NOTE})
    rows.append(
        {"name": "区发布新媒体", "role": "social_account", "place_code": PLANT_COUNTY, "device": "account-zhangqiu", "source_note": NOTE}
    )
    count = audiences.bring_in(rows, actor=DEMONSTRATION, now=now)
    text = "【测试】这是每月一次的大喇叭试响，不是预警，请不要惊慌。"
    channels.send(
        channels.Saying(
            once="demonstration:trial",
            source_kind="trial",
            source_id=None,
            place_code=PLANT_COUNTY,
            title="每月大喇叭试响",
            texts={"zh": {"title": "每月大喇叭试响", "body": text, "short": text}},
            expires=now + timedelta(hours=12),
            level="blue",
            test=True,
        ),
        area=audiences.Area((PLANT_COUNTY,)),
        kinds=("loudspeaker", "village_head"),
        actor=DEMONSTRATION,
        now=now,
    )
    return count


def _one(name: str, role: str, place: str, number: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "role": role, "place_code": place, "phone": f"100{number:08d}", "source_note": NOTE, **more}


def _township(township: Any, draw: random.Random, start: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def somebody(role: str, **more: Any) -> None:
        rows.append(_one(person(draw), role, township.code, start + len(rows), **_somewhere(township, draw), **more))

    somebody("township_officer", unit=f"{township.name}值班室")
    for number in (1, 2):
        somebody("village_head", unit=f"示范 {number} 村")
        somebody("grid_member", unit=f"示范 {number} 网格")
        rows.append(
            {"name": f"示范 {number} 村大喇叭", "role": "loudspeaker", "place_code": township.code, "device": f"ls-{township.code}-{number}",
             "source_note": NOTE, **_somewhere(township, draw)}
        )  # fmt: skip
    somebody("school", unit="示范小学")
    rows.append(
        {
            "name": f"{township.name}路口显示屏",
            "role": "led_board",
            "place_code": township.code,
            "device": f"led-{township.code}",
            "source_note": NOTE,
        }
    )
    for _ in range(RESIDENTS_OF_A_TOWNSHIP):
        quiet = {"quiet_from": "22:00", "quiet_until": "06:00"} if draw.random() < 0.3 else {}
        language = "en" if draw.random() < 0.02 else "zh"
        somebody("resident", needs=draw.choice(_NEEDS), language=language, consented=draw.random() < 0.8, consent_how="入户登记表", **quiet)
    return rows


def _somewhere(township: Any, draw: random.Random) -> dict[str, float]:
    """A point about the township's own; nothing where that is not known."""
    if township.longitude is None or township.latitude is None:
        return {}
    return {
        "longitude": round(township.longitude + draw.gauss(0, 0.012), 6),
        "latitude": round(township.latitude + draw.gauss(0, 0.010), 6),
    }
