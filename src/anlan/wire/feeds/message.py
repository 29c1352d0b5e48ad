"""What a feed says, whichever of the two formats it came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.wire.cap.message import Received
from anlan.wire.problems import Faulty, Kind, Problem

CAP_TYPES = frozenset({"application/cap+xml", "application/common-alerting-protocol+xml"})
"""Media types of a CAP message: the registered one and the one in use before it."""

NOT_A_FEED = Kind("not_a_feed", N_("根元素是 {found}，不是 Atom 1.0 的 feed 或 RSS 2.0 的 rss"))
LACKS = Kind("lacks", N_("缺少 {name}"))
NOT_A_MOMENT = Kind("not_a_moment", N_("{name} 的值“{found}”不是带时区的时间"))
SAME_ID = Kind("same_id", N_("编号“{found}”在同一份订阅中出现过"))
TOO_MANY_ENTRIES = Kind("too_many_entries", N_("共有 {count} 条，只读前 {limit} 条"))
SEVERAL_ALERTS = Kind("several_alerts", N_("一条里有 {count} 个 CAP 报文，只能有一个"))
TOO_LONG = Kind("too_long", N_("{name} 有 {size} 个字符，超过 {limit} 个"))


class FeedRefused(Faulty):
    """The bytes are no feed at all."""

    code: ClassVar[str] = "feed_refused"
    sentence: ClassVar[str] = N_("订阅内容无法读取：{why}")


class EntryRefused(Faulty):
    """One entry is refused; ``number`` counts entries from 1, ``entry_id`` is empty when that is what is missing."""

    code: ClassVar[str] = "feed_entry_refused"
    sentence: ClassVar[str] = N_("订阅的第 {number} 条不予接受：{why}")

    def __init__(self, problems: list[Problem], number: int, entry_id: str = "") -> None:
        super().__init__(problems, number=number, entry_id=entry_id)
        self.number = number
        self.entry_id = entry_id


class Format(StrEnum):
    ATOM = "Atom 1.0"
    RSS = "RSS 2.0"


@dataclass(frozen=True)
class Link:
    """An address as the feed gives it, made absolute where the feed's own address was told; never fetched here."""

    href: str
    rel: str = "alternate"
    type: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry. ``updated`` is never missing in Atom and may be in RSS. ``message`` is the CAP message inside the entry, where there is
    one, and ``message_bytes`` the same as bytes, for whoever verifies its signature."""

    id: str
    title: str
    updated: datetime | None
    links: tuple[Link, ...] = ()
    summary: str = ""
    message: Received | None = None
    message_bytes: bytes = b""

    @property
    def message_link(self) -> str:
        """Where the CAP message is: the link that says so by its type, else the first that leads to the entry itself; empty without."""
        for link in self.links:
            if link.type.partition(";")[0].strip().lower() in CAP_TYPES:
                return link.href
        return next((link.href for link in self.links if link.rel in ("alternate", "related", "enclosure")), "")


@dataclass(frozen=True)
class Feed:
    """A whole feed. ``problems`` is what is wrong with the feed itself and costs no entry; ``refused`` are the entries that are lost."""

    format: Format
    id: str
    title: str
    updated: datetime | None
    entries: tuple[Entry, ...]
    refused: tuple[EntryRefused, ...] = ()
    problems: tuple[Problem, ...] = ()
