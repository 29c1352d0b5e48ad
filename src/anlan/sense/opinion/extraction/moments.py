"""When something happened, as a text says it relative to its publishing: 昨晚8点, 今天上午, 11月25日14时30分, 两小时前. Times are those of China."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anlan.sense.opinion.extraction import clauses, numerals
from anlan.sense.opinion.extraction.casualties import HIGH, LOW, MEDIUM
from anlan.sense.opinion.extraction.clauses import Context

CHINA = ZoneInfo("Asia/Shanghai")
_DAYS = {"今天": 0, "今日": 0, "今": 0, "昨天": 1, "昨日": 1, "昨": 1, "前天": 2, "前日": 2, "大前天": 3}
_PARTS = {
    "凌晨": (0, 6), "清晨": (5, 8), "早晨": (5, 9), "早上": (5, 9), "早": (5, 9), "上午": (6, 12), "中午": (11, 14), "午后": (12, 15),
    "下午": (12, 18), "傍晚": (17, 20), "晚上": (18, 24), "晚间": (18, 24), "晚": (18, 24), "夜里": (20, 24), "夜间": (20, 24), "深夜": (22, 24),
}  # fmt: skip
"""Hours that a part of the day spans. Project default: no standard for how people speak."""
_NUMBER = numerals.PATTERN
_PATTERN = re.compile(
    rf"(?:(?:(?P<year>20[0-9]{{2}})年)?(?P<month>[0-9]{{1,2}})月(?P<day>[0-9]{{1,2}})[日号]|(?P<dayonly>(?<![0-9])[0-9]{{1,2}})[日号](?=凌晨|清晨|早|上午|中午|下午|傍晚|晚|[0-9])"
    rf"|(?P<said>大前天|前天|前日|昨天|昨日|今天|今日|昨(?=晚|夜|早|凌)|今(?=早|晚|晨)))?"
    rf"(?P<part>凌晨|清晨|早晨|早上|上午|中午|午后|下午|傍晚|晚上|晚间|夜里|夜间|深夜|(?<=今)早|(?<=[昨今])晚|夜(?=里|间|$))?"
    rf"(?:(?P<hour>{_NUMBER})(?:[点时](?!候|间)(?!多)|[:：](?=[0-9]{{2}}))(?:(?P<half>半)|(?P<minute>{_NUMBER})分?|许|左右|整)?)?"
)
_AGO = re.compile(rf"(?P<half>半)个?小时前|(?P<number>{_NUMBER})(?:个)?(?P<unit>多?小时|分钟|天)(?:之|以)?前")
_JUST = re.compile(r"刚刚|刚才|就在刚")


@dataclass(frozen=True)
class SaidTime:
    """A stretch of time as said. ``confidence``: high to the hour, medium to a part of a day, low to a day or where the day is guessed."""

    start: int
    end: int
    words: str
    from_at: datetime
    until_at: datetime
    rule: str
    confidence: str
    stance: str

    def plain(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "start": self.start,
            "end": self.end,
            "words": self.words,
            "from_at": self.from_at.isoformat(),
            "until_at": self.until_at.isoformat(),
            "rule": self.rule,
            "confidence": self.confidence,
            "stance": self.stance,
        }


def read(context: Context, published: datetime) -> list[SaidTime]:
    """Every time that the text says, in its order; nothing later than an hour after publishing."""
    here = published.astimezone(CHINA)
    found = [said for match in _PATTERN.finditer(context.text) if match.group() and (said := _calendar(match, context, here)) is not None]
    for match in _AGO.finditer(context.text):
        if (said := _ago(match, context, here)) is not None:
            found.append(said)
    for match in _JUST.finditer(context.text):
        found.append(_made(match, context, here - timedelta(hours=1), here, "just_now", MEDIUM))
    return sorted((each for each in found if each.from_at <= here + timedelta(hours=1)), key=lambda each: each.start)


def _made(match: re.Match[str], context: Context, since: datetime, until: datetime, rule: str, confidence: str) -> SaidTime:
    stance = context.at(match.start()).stance
    return SaidTime(match.start(), match.end(), match.group(), since, until, rule, LOW if stance == clauses.UNSURE else confidence, stance)


def _calendar(match: re.Match[str], context: Context, here: datetime) -> SaidTime | None:
    day, dated = _day(match, here)
    part = match["part"]
    if part == "夜":
        part = "夜里"
    hour = numerals.value_of(match["hour"] or "") if match["hour"] else None
    if day is None or (not dated and part is None and hour is None) or (not dated and part is None and _is_no_time(match)):
        return None
    if hour is not None and (clock := _clock(match, hour, part)) is not None:
        since = datetime.combine(day, clock, CHINA)
        if not dated and since > here + timedelta(hours=1):
            since -= timedelta(days=1)
        sure = HIGH if dated or part else LOW
        return _made(match, context, since, since + timedelta(hours=1), "clock", sure)
    if part is not None:
        first, last = _PARTS[part]
        since = datetime.combine(day, time(0), CHINA)
        if not dated and since + timedelta(hours=first) > here:
            since -= timedelta(days=1)
        return _made(match, context, since + timedelta(hours=first), since + timedelta(hours=last), "part_of_day", MEDIUM if dated else LOW)
    if not dated:
        return None
    since = datetime.combine(day, time(0), CHINA)
    return _made(match, context, since, since + timedelta(days=1), "day", LOW)


def _is_no_time(match: re.Match[str]) -> bool:
    """A bare number with 点 is as often a point of a list or of a scale as an hour; with minutes it is one."""
    return match["minute"] is None and match["half"] is None


def _day(match: re.Match[str], here: datetime) -> tuple[Any, bool]:
    today = here.date()
    if match["said"]:
        return today - timedelta(days=_DAYS[match["said"]]), True
    try:
        if match["month"]:
            year = int(match["year"]) if match["year"] else today.year
            day = today.replace(year=year, month=int(match["month"]), day=int(match["day"]))
            # 12月30日, said in January, is last year's.
            return (day.replace(year=year - 1) if not match["year"] and day > today + timedelta(days=1) else day), True
        if match["dayonly"]:
            day = today.replace(day=int(match["dayonly"]))
            if day > today + timedelta(days=1):
                before = today.replace(day=1) - timedelta(days=1)
                day = before.replace(day=int(match["dayonly"]))
            return day, True
    except ValueError:
        return None, False
    return today, False


def _clock(match: re.Match[str], hour: int, part: str | None) -> time | None:
    minute = 30 if match["half"] else numerals.value_of(match["minute"]) if match["minute"] else 0
    if part in ("下午", "午后", "傍晚", "晚上", "晚间", "晚", "夜里", "夜间", "深夜") and 1 <= hour < 12:
        hour += 12
    if part == "中午" and 1 <= hour <= 3:
        hour += 12
    return time(hour, minute) if hour < 24 and minute is not None and minute < 60 else None


def _ago(match: re.Match[str], context: Context, here: datetime) -> SaidTime | None:
    if match["half"]:
        return _made(match, context, here - timedelta(minutes=45), here - timedelta(minutes=15), "ago", HIGH)
    number, unit = numerals.value_of(match["number"]), match["unit"]
    if number is None or number > 10_000:
        return None
    if unit == "天":
        day = datetime.combine((here - timedelta(days=number)).date(), time(0), CHINA)
        return _made(match, context, day, day + timedelta(days=1), "ago", LOW)
    back = timedelta(minutes=number) if unit == "分钟" else timedelta(hours=number)
    wide = timedelta(minutes=5) if unit == "分钟" else timedelta(minutes=30)
    return _made(match, context, here - back - wide, here - back + wide, "ago", HIGH)


def best(found: list[SaidTime]) -> SaidTime | None:
    """When what the text tells of happened: the most exact time that is meant as now, the first of those."""
    told = [each for each in found if each.stance in (clauses.TOLD, clauses.UNSURE, clauses.DENIED)]
    order = (HIGH, MEDIUM, LOW)
    return min(told, key=lambda each: (order.index(each.confidence), each.start), default=None)
