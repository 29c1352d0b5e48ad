"""Public opinion of the demonstration: a rumour about the chlorine works that was denied and judged, a fire that people write of, an exercise. All invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.levels import level_of
from anlan.sense.opinion import door as opinion
from anlan.site.demo.cast import CITY, DEMONSTRATION, DEMONSTRATION_BUREAU

_MICROBLOG, _FORUM, _NEWS = "微博（演示）", "论坛（演示）", "新闻客户端（演示）"


def build(plant: UUID, *, now: datetime) -> None:
    """Build it once, as a collecting system of the city would have sent it."""
    works = enterprises.enterprise(plant)
    collector = replace(DEMONSTRATION, place_code=CITY, level=level_of(CITY))
    opinion.take([*_rumour(works.name, now), *_fire(now), *_others(now)], via="演示数据", actor=collector, now=now)
    for topic_id in opinion.topics_like(works.name, None):
        opinion.judge(
            topic_id,
            "false",
            grounds="演示：电话企业中控室并查看监测数据，未发生泄漏；气味来自附近道路施工沥青。",
            evidence="演示：氯气测点当日读数均低于报警值。",
            reply="演示：网传某氯碱企业氯气泄漏致多人死亡不属实，请勿转发。",
            correction_url="https://bureau.example.cn/notice/1",
            actor=DEMONSTRATION_BUREAU,
            now=now,
        )


def _post(
    text: str, now: datetime, minutes: int, platform: str = _MICROBLOG, kind: str = "person", forwards: int = 0, account: str = ""
) -> dict[str, Any]:
    return {
        "platform": platform,
        "text": text,
        "author_type": kind,
        "account": account or f"演示账号{minutes}",
        "published_at": (now - timedelta(minutes=minutes)).isoformat(),
        "forwards": forwards,
        "url": f"https://posts.example.cn/{minutes}",
    }


def _rumour(works: str, now: datetime) -> list[dict[str, Any]]:
    return [
        _post(f"章丘区{works}这边味道好大，刺鼻，是不是氯气泄漏了？", now, 320, forwards=12),
        _post(f"听说{works}氯气泄漏了，好几个人被送医，有没有人知道怎么回事", now, 290, _FORUM, forwards=41),
        _post(f"转发：听说{works}氯气泄漏了，好几个人被送医，有没有人知道怎么回事！！", now, 270, forwards=160),
        _post(f"章丘{works}氯气泄漏死了30多人！！！快跑，别去明水街道", now, 240, forwards=950),
        _post(f"网传章丘{works}氯气泄漏死30多人，官方还没说话", now, 215, _FORUM, forwards=77),
        _post(f"我就在{works}上班，没有泄漏，别瞎传，死者张大强先生电话13800000000都是编的", now, 200, forwards=6),
        _post(f"【辟谣】网传章丘区{works}氯气泄漏致30多人死亡系谣言，请勿传播。", now, 120, _NEWS, "official", 530, "章丘发布（演示）"),
        _post(f"辟谣：{works}未发生氯气泄漏，网传视频系移花接木。", now, 95, _NEWS, "media", 210, "演示日报"),
    ]


def _fire(now: datetime) -> list[dict[str, Any]]:
    return [
        _post("济南历城区一物流仓库起火了，黑烟老高，10公里外都能看见", now, 50, forwards=88),
        _post("历城区仓库大火，刚刚听到爆炸声，消防车一辆接一辆", now, 44, forwards=132),
        _post("历城区这边仓库着火，有人说还有3个工人被困里面", now, 38, _FORUM, forwards=64),
        _post("历城区一仓库突发火灾，消防已到场处置，目前已救出1人，仍有2人被困。", now, 30, _NEWS, "media", 301, "演示晚报"),
        _post("历城区仓库火灾现场，浓烟飘到小区了，大家关窗", now, 21, forwards=17),
        _post("历城仓库着火2人受伤送医，愿平安", now, 12, forwards=45),
    ]


def _others(now: datetime) -> list[dict[str, Any]]:
    return [
        _post("市中区一工地塔吊倒塌，有工人受伤，不清楚是哪个市中区", now, 400, forwards=9),
        _post("历下区今天开展危险化学品泄漏应急演练，模拟5人中毒，市民不要恐慌。", now, 150, _NEWS, "official", 20, "历下应急（演示）"),
        _post("冬季用火用电，谨防一氧化碳中毒和火灾。", now, 180, _NEWS, "official", 15, "平安济南（演示）"),
        _post("这部剧彻底大火了，评论区炸了锅", now, 260, forwards=3),
    ]
