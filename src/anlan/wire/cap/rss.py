"""An RSS 2.0 feed of CAP messages, each item linking to its message; for readers that know no Atom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from anlan.wire.cap.atom import ATOM, FeedEntry, entry_id, entry_title


def encode_rss(
    *, title: str, description: str, href: str, page: str, language: str, updated: datetime, entries: Iterable[FeedEntry]
) -> bytes:
    """The feed as UTF-8 XML. ``href`` is the feed's own address, ``page`` the one a person reads; ``updated`` must be aware."""
    root = etree.Element("rss", version="2.0", nsmap={"atom": ATOM})
    channel = etree.SubElement(root, "channel")
    for name, value in (("title", title), ("link", page), ("description", description), ("language", language)):
        etree.SubElement(channel, name).text = value
    etree.SubElement(channel, "lastBuildDate").text = format_datetime(updated)
    etree.SubElement(channel, f"{{{ATOM}}}link", rel="self", href=href, type="application/rss+xml")
    for entry in entries:
        _item(channel, entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _item(channel: etree._Element, entry: FeedEntry) -> None:
    part = etree.SubElement(channel, "item")
    info = entry.alert.infos[0] if entry.alert.infos else None
    etree.SubElement(part, "title").text = entry_title(entry.alert)
    etree.SubElement(part, "link").text = entry.page or entry.href
    etree.SubElement(part, "description").text = info.description if info else ""
    for category in info.categories if info else ():
        etree.SubElement(part, "category").text = category
    etree.SubElement(part, "guid", isPermaLink="false").text = entry_id(entry.alert)
    etree.SubElement(part, "pubDate").text = format_datetime(entry.updated)
    if entry.size:
        etree.SubElement(part, "enclosure", url=entry.href, length=str(entry.size), type="application/cap+xml")
