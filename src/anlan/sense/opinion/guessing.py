"""What a topic tells, as guesses in words: for its page and for the form of a report. Nothing here decides anything."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, ngettext

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.sense.opinion import queries, rules
from anlan.sense.opinion.door import Guess
from anlan.sense.opinion.models import Topic

_FIELDS = {"dead": "deaths", "injured": "injured", "missing": "missing", "trapped": "trapped", "moved": "evacuated"}


def spread(told: dict[str, int | None]) -> str:
    """``3``, ``3–8``, ``至少 3``, ``不超过 99``, ``人数不明``."""
    low, high = told.get("low"), told.get("high")
    if low is None and high is None:
        return gettext("人数不明")
    if low is None:
        return gettext("不超过 {n} 人").format(n=high)
    if high is None:
        return gettext("至少 {n} 人").format(n=low)
    if (low, high) == (0, 0):
        return gettext("称没有")
    return gettext("{n} 人").format(n=low if low == high else f"{low}–{high}")


def from_posts(number: int) -> str:
    """How many posts tell it."""
    return ngettext("见于 {n} 条帖文", "见于 {n} 条帖文", number).format(n=number)


def for_report(topic: Topic) -> tuple[Guess, ...]:
    """Guesses by the field names of a report; what a person settled says so. Casualties only where the posts name one number or a least one."""
    posts = from_posts(topic.posts_count)
    found = [
        Guess("kind", topic.kind, _why(topic, "kind", gettext("按用词推测"), posts)),
        Guess("title", topic.title, gettext("按地点和类别拟写")),
        Guess("place_code", topic.place_code, _why(topic, "place", gettext("按文中地名推测"), posts)),
        Guess("brief_course", _course(topic), gettext("汇总自网上说法，未经核实")),
    ]
    if topic.happened_from is not None:
        found.append(Guess("occurred_at", topic.happened_from, _why(topic, "time", gettext("按文中所说时间推测"), posts)))
    if topic.enterprise_id is not None:
        found.append(Guess("enterprise_id", topic.enterprise_id, _why(topic, "enterprise", gettext("文中提到的登记企业"), posts)))
    location = _location(topic)
    if location:
        found.append(Guess("location", location, gettext("按文中地名推测")))
    for code, field in _FIELDS.items():
        told = topic.casualties.get(code)
        if told and told.get("low") and topic.verdict != rules.FALSE:
            words = f"{gettext(rules.CASUALTIES[code])}：{spread(told)}"
            found.append(Guess(field, told["low"], f"{words}，{from_posts(told.get('posts') or 0)}"))
    return tuple(found)


def _why(topic: Topic, field: str, guessed: str, posts: str) -> str:
    settled: dict[str, Any] | None = topic.settled.get(field)
    return gettext("已由 {name} 确认").format(name=settled["by"]) if settled else f"{guessed}，{posts}"


def _location(topic: Topic) -> str:
    name = enterprises.names([topic.enterprise_id]).get(topic.enterprise_id, "") if topic.enterprise_id else ""
    return f"{places.full_name(topic.place_code) if topic.place_confidence else ''}{name or topic.spot}"[:200]


def _course(topic: Topic) -> str:
    parts = [
        gettext("网上说法，未经核实：{title}。{posts}，最早 {at}。").format(
            title=topic.title, posts=from_posts(topic.posts_count), at=f"{topic.first_at.astimezone(rules.CHINA):%m-%d %H:%M}"
        )
    ]
    parts += [f"{gettext(rules.CASUALTIES[code])} {spread(told)}；" for code, told in topic.casualties.items() if code in rules.CASUALTIES]
    return "".join(parts).rstrip("；")


def summary(topic: Topic) -> str:
    """Kind and casualties in one line, for notifications and lists."""
    told = [f"{gettext(rules.CASUALTIES[code])}{spread(found)}" for code, found in topic.casualties.items() if code in rules.CASUALTIES]
    return "，".join([queries.kind_name(topic.kind), *told])
