"""Topics and posts as pages show them: every guess with its chip, its words and why; personal data masked; the chart of posts by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.sense.opinion import guessing, matching, queries, rules
from anlan.sense.opinion.cleaning import body_of
from anlan.sense.opinion.extraction import persons
from anlan.sense.opinion.models import Post, Topic

VIEW_PERSONAL = "opinion.view_personal"
WIDTH, HEIGHT = 720, 120
_MOST_BARS = 96


@dataclass(frozen=True)
class Told:
    """One line of what a topic tells. ``settled``: who confirmed it, empty for a guess; ``confidence``: code; ``why``: in words."""

    label: str
    value: str
    confidence: str
    confidence_word: str
    why: str
    settled: str
    url: str = ""


@dataclass(frozen=True)
class Piece:
    """A stretch of a post's text; ``mark`` is the kind of guess read from it (empty: none), ``title`` what was read."""

    text: str
    mark: str = ""
    title: str = ""


@dataclass(frozen=True)
class Shown:
    """A post as a reader may see it."""

    post: Post
    pieces: tuple[Piece, ...]
    account: str
    author: str
    stance: str
    placed: tuple[str, ...]
    guesses: tuple[str, ...]
    masked: bool


@dataclass(frozen=True)
class Bar:
    """An hour (or more) of the chart, in its coordinates."""

    x: float
    width: float
    y: float
    height: float
    denied_y: float
    denied_height: float
    label: str


def told(topic: Topic) -> list[Told]:
    """What the topic's posts tell, line by line."""
    posts = guessing.from_posts(topic.posts_count)
    lines = [
        _line(topic, "kind", gettext("类别"), queries.kind_name(topic.kind), topic.kind_confidence, gettext("按用词推测") + "，" + posts),
        _line(
            topic,
            "place",
            gettext("地点"),
            f"{places.full_name(topic.place_code)}{topic.spot}" if topic.place_confidence else gettext("没有说到"),
            topic.place_confidence,
            gettext("按文中地名推测") + "，" + posts,
        ),
    ]
    if topic.enterprise is not None:
        url = reverse("enterprises:file", args=[topic.enterprise_id])
        why = gettext("文中提到的登记企业")
        lines.append(_line(topic, "enterprise", gettext("提到的企业"), topic.enterprise.name, topic.enterprise_confidence, why, url))
    for code, found in topic.casualties.items():
        sure = "high" if (found.get("posts") or 0) > 1 and found.get("low") == found.get("high") else "low"
        label, why = gettext(rules.CASUALTIES.get(code, code)), guessing.from_posts(found.get("posts") or 0)
        lines.append(Told(label, guessing.spread(found), sure, _word(sure), why, ""))
    if topic.happened_from is not None and topic.happened_until is not None:
        span = f"{_moment(topic.happened_from)} – {_moment(topic.happened_until)}"
        lines.append(Told(gettext("所说时间"), span, "medium", _word("medium"), gettext("按文中所说时间推测"), ""))
    return lines


def _line(topic: Topic, field: str, label: str, value: str, confidence: str, why: str, url: str = "") -> Told:
    settled = topic.settled.get(field)
    return Told(label, value, confidence, _word(confidence), why, settled["by"] if settled else "", url)


def _word(confidence: str) -> str:
    return gettext(rules.CONFIDENCES[confidence]) if confidence else ""


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(rules.CHINA):%m-%d %H:%M}"


def excerpt(post: Post) -> str:
    """The beginning of a post for lists and files, always masked: a file goes further than a page."""
    if post.erased_at is not None:
        return gettext("内容已删除")
    told = persons.masked(body_of(post.title, post.text)[:160].replace("\n", " "))
    return f"{told[:80]}…" if len(told) > 80 else told


def shown(post: Post, actor: Actor) -> Shown:
    """One post, with personal data masked unless the actor may see it."""
    plain = actor.may(VIEW_PERSONAL, place_code=post.place_code, classification=post.classification)
    body = body_of(post.title, post.text)
    account = post.account if plain or post.author_type not in rules.PRIVATE_AUTHORS else persons.masked_account(post.account)
    return Shown(
        post=post,
        pieces=pieces(body if plain else persons.masked(body), post.reading),
        account=account,
        author=gettext(rules.AUTHOR_TYPES[post.author_type]),
        stance=gettext(rules.STANCES[post.stance]) if post.stance else "",
        placed=tuple(matching.reasons_in_words(post.placed, gettext, queries.kind_name)),
        guesses=tuple(_guesses(post)),
        masked=not plain,
    )


def _guesses(post: Post) -> list[str]:
    """What was read from a post, in words."""
    reading = post.reading
    found = []
    if reading.get("kind"):
        kind = reading["kind"]
        found.append(f"{queries.kind_name(kind['code'])}（{gettext(rules.STANCES[kind['stance']])}，{'、'.join(kind['words'])}）")
    for each in reading.get("places", [])[:4]:
        names = [_candidate(candidate) for candidate in each["candidates"][:3]]
        more = len(each["candidates"]) - 3
        found.append(f"{each['words']} → {'；'.join(names)}{f' +{more}' if more > 0 else ''}")
    for each in reading.get("casualties", []):
        words = gettext("人数不明") if each["unknown"] else guessing.spread(each)
        found.append(f"{gettext(rules.CASUALTIES[each['code']])} {words}（{gettext(rules.STANCES[each['stance']])}）")
    found += [
        f"{each['words']} → {each['from_at'][5:16].replace('T', ' ')} – {each['until_at'][5:16].replace('T', ' ')}"
        for each in reading.get("times", [])[:3]
    ]
    return found


def _candidate(candidate: dict[str, Any]) -> str:
    reasons = "、".join(gettext(rules.PLACE_REASONS[code]) for code in candidate["reasons"])
    return f"{places.full_name(candidate['code'])}{f'（{reasons}）' if reasons else ''}"


def pieces(body: str, reading: dict[str, Any]) -> tuple[Piece, ...]:
    """The text cut where something was read; of overlapping stretches the first and longest is marked."""
    spans = sorted(_spans(reading), key=lambda span: (span[0], -span[1]))
    found: list[Piece] = []
    at = 0
    for start, end, mark, title in spans:
        if start < at or end > len(body):
            continue
        found += [Piece(body[at:start])] if start > at else []
        found.append(Piece(body[start:end], mark, title))
        at = end
    return (*found, Piece(body[at:])) if at < len(body) else tuple(found)


def _spans(reading: dict[str, Any]) -> list[tuple[int, int, str, str]]:
    spans = [
        (each["start"], each["end"], "kind", f"{gettext('类别')}：{gettext(rules.STANCES[each['stance']])}")
        for each in reading.get("kind_words", [])
    ]
    spans += [(each["start"], each["end"], "place", gettext("地点")) for each in reading.get("places", [])]
    spans += [
        (each["start"], each["end"], "harm", f"{gettext(rules.CASUALTIES[each['code']])}：{gettext(rules.STANCES[each['stance']])}")
        for each in reading.get("casualties", [])
    ]
    spans += [(each["start"], each["end"], "time", gettext("时间")) for each in reading.get("times", [])]
    spans += [(each["start"], each["end"], "enterprise", each["name"]) for each in reading.get("enterprises", [])]
    return spans


def candidates(rows: Sequence[Post]) -> list[tuple[str, str, int, str]]:
    """Places that posts may mean, over all of them: code, full name, how many posts, why; most first."""
    counted: dict[str, int] = {}
    reasons: dict[str, list[str]] = {}
    for row in rows:
        for code, why in {each["code"]: each["reasons"] for guess in row.reading.get("places", []) for each in guess["candidates"]}.items():
            counted[code] = counted.get(code, 0) + 1
            reasons.setdefault(code, why)
    ranked = sorted(counted, key=lambda code: (-counted[code], code))[:20]
    return [
        (code, places.full_name(code), counted[code], "、".join(gettext(rules.PLACE_REASONS[each]) for each in reasons[code]))
        for code in ranked
    ]


def bars(hours: Sequence[tuple[datetime, int, int]]) -> list[Bar]:
    """The chart: hours without posts stand empty; a long time is gathered into at most :data:`_MOST_BARS` bars."""
    if not hours:
        return []
    first, last = hours[0][0], hours[-1][0]
    length = int((last - first) / timedelta(hours=1)) + 1
    step = max(1, -(-length // _MOST_BARS))
    gathered: dict[int, list[int]] = {}
    for hour, number, denying in hours:
        held = gathered.setdefault(int((hour - first) / timedelta(hours=1)) // step, [0, 0])
        held[0] += number
        held[1] += denying
    count, top = max(-(-length // step), 12), max(number for number, _denying in gathered.values())
    width = WIDTH / count
    found = []
    for at, (number, denying) in sorted(gathered.items()):
        height, denied = HEIGHT * number / top, HEIGHT * denying / top
        label = gettext("{at}：{n} 条，其中否认 {m} 条").format(at=_moment(first + timedelta(hours=at * step)), n=number, m=denying)
        found.append(
            Bar(
                round(at * width + 0.5, 1),
                round(width - 1, 1),
                round(HEIGHT - height, 1),
                round(height, 1),
                round(HEIGHT - denied, 1),
                round(denied, 1),
                label,
            )
        )
    return found
