"""An Atom feed (RFC 4287) of CAP messages, each entry linking to its message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from anlan.wire.cap.message import NAMESPACE as CAP
from anlan.wire.cap.message import Alert, format_time

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class FeedEntry:
    """One message in the feed: its permanent address and what a reader needs to decide whether to open it."""

    alert: Alert
    href: str
    updated: datetime
    size: int = 0
    """Bytes of the message at ``href``, where known."""
    page: str = ""
    """A page about it for people, where there is one: most feed readers open nothing else."""


def entry_id(alert: Alert) -> str:
    """What names an entry for good, in both kinds of feed."""
    return f"urn:cap:{alert.identifier}"


def entry_title(alert: Alert) -> str:
    """The headline of the first language, or what stands in for it."""
    info = alert.infos[0] if alert.infos else None
    return (info.headline or info.event) if info else alert.identifier


def encode_feed(*, feed_id: str, title: str, href: str, author: str, updated: datetime, entries: Iterable[FeedEntry]) -> bytes:
    """The feed as UTF-8 XML. ``href`` is the feed's own address; ``updated`` must be aware."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "cap": CAP})
    _text(root, "id", feed_id)
    _text(root, "title", title)
    _text(root, "updated", format_time(updated))
    _text(etree.SubElement(root, f"{{{ATOM}}}author"), "name", author)
    etree.SubElement(root, f"{{{ATOM}}}link", rel="self", href=href, type="application/atom+xml")
    for entry in entries:
        _entry(root, entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _entry(root: etree._Element, entry: FeedEntry) -> None:
    part = etree.SubElement(root, f"{{{ATOM}}}entry")
    alert = entry.alert
    info = alert.infos[0] if alert.infos else None
    _text(part, "id", entry_id(alert))
    _text(part, "title", entry_title(alert))
    _text(part, "updated", format_time(entry.updated))
    _text(part, "published", format_time(alert.sent))
    if entry.page:
        etree.SubElement(part, f"{{{ATOM}}}link", rel="alternate", href=entry.page, type="text/html")
    link = etree.SubElement(part, f"{{{ATOM}}}link", rel="alternate", href=entry.href, type="application/cap+xml")
    if entry.size:
        link.set("length", str(entry.size))
    _text(part, "summary", info.description if info else "")
    for name, value in _cap_fields(alert):
        etree.SubElement(part, f"{{{CAP}}}{name}").text = value


def _cap_fields(alert: Alert) -> list[tuple[str, str]]:
    values = [("status", str(alert.status)), ("msgType", str(alert.msg_type))]
    for info in alert.infos[:1]:
        values += [
            ("event", info.event),
            ("urgency", str(info.urgency)),
            ("severity", str(info.severity)),
            ("certainty", str(info.certainty)),
        ]
        values += [("expires", format_time(info.expires))] if info.expires else []
        values += [("areaDesc", area.area_desc) for area in info.areas]
    return values


def _text(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = value
