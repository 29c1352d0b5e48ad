"""Posts of strangers made harmless: markup to text, control characters out, lengths bounded, addresses kept as words and never fetched. Pure."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from anlan.ledger.sources import law_day
from anlan.sense.opinion import refusals, rules

LONGEST = {"platform": 40, "source_id": 120, "url": 1000, "account": 100, "title": 200, "text": 20_000, "source_place": 9}
"""Characters. Project default; what is longer is refused rather than cut, but for titles, which are cut."""
MOST_MEDIA = 20
MOST_COUNT = 2**31 - 1
_LABELS = {
    "platform": "平台", "source_id": "平台编号", "url": "原文地址", "account": "账号", "title": "标题", "text": "正文",
    "source_place": "发布者所在地", "published_at": "发布时间", "fetched_at": "采集时间", "forwards": "转发数", "likes": "点赞数",
    "comments": "评论数", "media": "媒体地址",
}  # fmt: skip
_TAG = re.compile(r"<[a-zA-Z/!][^>]{0,2000}>")
_BLOCKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "section", "article"})
_HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg"})
_WHITE = re.compile(r"[ \t\u3000\xa0]+")
_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class CleanPost:
    """One post ready to be kept. Moments carry a zone; counts are ``None`` while not known."""

    platform: str
    source_id: str
    url: str
    account: str
    author_type: str
    source_place: str
    published_at: datetime
    fetched_at: datetime
    title: str
    text: str
    forwards: int | None
    likes: int | None
    comments: int | None
    media: tuple[str, ...]

    @property
    def body(self) -> str:
        """What is read: the title unless the text begins with it, and the text. Offsets of guesses count in it."""
        return body_of(self.title, self.text)

    @property
    def digest(self) -> str:
        """By what the same post is known again: platform and its number there, else account and content (SHA-256, hex)."""
        parts = ("id", self.platform, self.source_id) if self.source_id else ("content", self.platform, self.account, self.body)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def body_of(title: str, text: str) -> str:
    """Title and text as one, the title once."""
    return text if not title or text.startswith(title) else f"{title}\n{text}" if text else title


def clean(raw: Mapping[str, Any], now: datetime) -> CleanPost:
    """A post of plain values as files and interfaces bring it. Raises the refusals of :mod:`.refusals`."""
    told = {name: _text(raw.get(name), name) for name in ("platform", "source_id", "account", "title", "text", "source_place")}
    if not told["platform"]:
        raise refusals.FieldMissing(field=_LABELS["platform"])
    if not told["title"] and not told["text"]:
        raise refusals.PostEmpty()
    published = moment_of(raw.get("published_at"), "published_at")
    fetched = moment_of(raw.get("fetched_at"), "fetched_at") if raw.get("fetched_at") else now
    _check_time(published, now)
    return CleanPost(
        **told,
        url=address_of(raw.get("url")),
        author_type=author_type_of(raw.get("author_type")),
        published_at=published,
        fetched_at=min(fetched, now),
        forwards=count_of(raw.get("forwards"), "forwards"),
        likes=count_of(raw.get("likes"), "likes"),
        comments=count_of(raw.get("comments"), "comments"),
        media=_media(raw.get("media")),
    )


def plain_text(text: str) -> str:
    """``text`` without markup, scripts, control and direction characters; entities resolved once, blanks and empty lines joined."""
    if _TAG.search(text):
        stripper = _Stripper()
        stripper.feed(text[: LONGEST["text"] * 4])
        stripper.close()
        text = "".join(stripper.parts)
    elif "&" in text:
        text = html.unescape(text)
    kept = (c if c == "\n" or unicodedata.category(c)[0] != "C" else "\n" if c == "\r" else " " if c == "\t" else "" for c in text)
    lines = (_WHITE.sub(" ", line).strip() for line in unicodedata.normalize("NFC", "".join(kept)).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise refusals.NotAText(field=_LABELS[name])
    limit = LONGEST[name]
    raw = str(value)
    if len(raw) > limit * 8:
        raise refusals.FieldTooLong(field=_LABELS[name], size=len(raw), limit=limit)
    found = plain_text(raw)
    if name != "text":
        found = " ".join(found.split())
    if len(found) > limit:
        if name == "title":
            return found[: limit - 1] + "…"
        raise refusals.FieldTooLong(field=_LABELS[name], size=len(found), limit=limit)
    return found


def moment_of(value: object, name: str = "published_at") -> datetime:
    """A moment written in ISO 8601 or as people write it; without a zone it is China's. Raises ``FieldMissing``, ``NotAMoment``."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=rules.CHINA)
    text = str(value or "").strip()
    if not text:
        raise refusals.FieldMissing(field=_LABELS[name])
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise refusals.NotAMoment(value=text[:40]) from None
    return found if found.tzinfo else found.replace(tzinfo=rules.CHINA)


def _check_time(published: datetime, now: datetime) -> None:
    day = law_day(now)
    told = f"{published.astimezone(rules.CHINA):%Y-%m-%d %H:%M}"
    if published > now + timedelta(minutes=rules.parameter("ahead_minutes", day)):
        raise refusals.WrittenAhead(at=told)
    days = rules.parameter("most_days", day)
    if published < now - timedelta(days=days):
        raise refusals.TooOld(at=told, days=days)


def count_of(value: object, name: str) -> int | None:
    """A count that may not be known. Raises ``NotACount``."""
    if value is None or value == "":
        return None
    text = str(value).strip().replace(",", "")
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or int(text) > MOST_COUNT:
        raise refusals.NotACount(field=_LABELS[name], value=str(value)[:40])
    return int(text)


def address_of(value: object) -> str:
    """An address as words; nothing is fetched. Raises ``NotAnAddress``, ``FieldTooLong``."""
    text = str(value or "").strip()
    if not text:
        return ""
    if len(text) > LONGEST["url"]:
        raise refusals.FieldTooLong(field=_LABELS["url"], size=len(text), limit=LONGEST["url"])
    try:
        parts = urlsplit(text)
    except ValueError:
        raise refusals.NotAnAddress(value=text[:80]) from None
    if parts.scheme not in ("http", "https") or not parts.netloc or any(unicodedata.category(c)[0] in "CZ" for c in text):
        raise refusals.NotAnAddress(value=text[:80])
    return text


def author_type_of(value: object) -> str:
    """A code of ``rules.AUTHOR_TYPES`` from its code or Chinese name; nothing is ``unknown``. Raises ``NoSuchAuthorType``."""
    text = str(value or "").strip()
    for code, label in rules.AUTHOR_TYPES.items():
        if text in (code, label):
            return code
    if text:
        raise refusals.NoSuchAuthorType(value=text[:20])
    return "unknown"


def _media(value: object) -> tuple[str, ...]:
    rows = value.split() if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(address_of(each) for each in rows[:MOST_MEDIA])
