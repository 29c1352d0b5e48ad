"""XML bytes to feeds. No entity is expanded, no document type is read, no link is followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from lxml import etree, html

from anlan.wire import markup
from anlan.wire.cap.decode import read_element
from anlan.wire.cap.message import NAMESPACES, CapRefused, Received
from anlan.wire.feeds.message import (
    LACKS,
    NOT_A_FEED,
    NOT_A_MOMENT,
    SAME_ID,
    SEVERAL_ALERTS,
    TOO_LONG,
    TOO_MANY_ENTRIES,
    Entry,
    EntryRefused,
    Feed,
    FeedRefused,
    Format,
    Link,
)
from anlan.wire.problems import Faulty, Problem

MOST_BYTES, MOST_ELEMENTS = 20_000_000, 500_000
MOST_ENTRIES = 2000
"""Project defaults: the largest public feeds of warnings hold some hundred entries of 5 to 30 kB."""
LONGEST_ID, LONGEST_TITLE, LONGEST_SUMMARY = 1000, 1000, 20_000
_ATOM = "{http://www.w3.org/2005/Atom}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ALERTS = tuple(f"{{{namespace}}}alert" for namespace in NAMESPACES)
_Reader = Callable[[etree._Element, str, list[Problem]], Entry]


def decode(data: bytes, address: str = "") -> Feed:
    """Read a feed; ``address`` is where it was fetched from, for links relative to it. Raises :class:`FeedRefused` for what is no feed."""
    try:
        root = markup.parse(data, most_bytes=MOST_BYTES, most_elements=MOST_ELEMENTS)
    except Faulty as faulty:
        raise FeedRefused(faulty.problems) from None
    channel = root.find("channel")
    if root.tag == f"{_ATOM}feed":
        return _atom(root, address)
    if root.tag == "rss" and channel is not None:
        return _rss(channel, address)
    raise FeedRefused([NOT_A_FEED.at(found=root.tag)])


def _atom(root: etree._Element, address: str) -> Feed:
    problems: list[Problem] = []
    entries, refused = _entries(root.findall(f"{_ATOM}entry"), _atom_entry, urljoin(address, root.get(_BASE, "")), problems)
    return Feed(
        format=Format.ATOM,
        id=_required(root, f"{_ATOM}id", "id", problems),
        title=_plain(root.find(f"{_ATOM}title"), problems, "title"),
        updated=_rfc3339(_required(root, f"{_ATOM}updated", "updated", problems), problems),
        entries=entries,
        refused=refused,
        problems=tuple(problems),
    )


def _rss(channel: etree._Element, address: str) -> Feed:
    problems: list[Problem] = []
    entries, refused = _entries(channel.findall("item"), _rss_item, address, problems)
    told = channel.findtext("lastBuildDate") or channel.findtext("pubDate") or ""
    return Feed(
        format=Format.RSS,
        id=_required(channel, "link", "link", problems),
        title=_plain(channel.find("title"), problems, "title"),
        updated=_rfc822(told, problems) if told else None,
        entries=entries,
        refused=refused,
        problems=tuple(problems),
    )


def _entries(
    parts: list[etree._Element], reader: _Reader, address: str, feed_problems: list[Problem]
) -> tuple[tuple[Entry, ...], tuple[EntryRefused, ...]]:
    if len(parts) > MOST_ENTRIES:
        feed_problems.append(TOO_MANY_ENTRIES.at(count=len(parts), limit=MOST_ENTRIES))
    found: list[Entry] = []
    refused: list[EntryRefused] = []
    seen: set[str] = set()
    for number, part in enumerate(parts[:MOST_ENTRIES], 1):
        problems: list[Problem] = []
        entry = reader(part, address, problems)
        if entry.id in seen and entry.id:
            problems.append(SAME_ID.at(found=entry.id))
        if problems:
            refused.append(EntryRefused(problems, number, entry.id))
            continue
        seen.add(entry.id)
        found.append(entry)
    return tuple(found), tuple(refused)


def _atom_entry(part: etree._Element, address: str, problems: list[Problem]) -> Entry:
    base = urljoin(address, part.get(_BASE, ""))
    content = part.find(f"{_ATOM}content")
    message, message_bytes = _message(part, problems)
    return Entry(
        id=_required(part, f"{_ATOM}id", "id", problems),
        title=_plain(part.find(f"{_ATOM}title"), problems, "title"),
        updated=_rfc3339(_required(part, f"{_ATOM}updated", "updated", problems), problems),
        links=tuple(_atom_links(part, content, base)),
        summary=_summary(part.find(f"{_ATOM}summary"), content if message is None else None),
        message=message,
        message_bytes=message_bytes,
    )


def _atom_links(part: etree._Element, content: etree._Element | None, base: str) -> Iterator[Link]:
    for link in part.findall(f"{_ATOM}link"):
        if link.get("href", "").strip():
            yield Link(_absolute(base, link.get("href", "")), link.get("rel", "alternate"), link.get("type", ""))
    if content is not None and content.get("src", "").strip():
        yield Link(_absolute(base, content.get("src", "")), "alternate", content.get("type", ""))


def _rss_item(part: etree._Element, address: str, problems: list[Problem]) -> Entry:
    link, named = (part.findtext("link") or "").strip(), part.find("guid")
    guid = markup.text(named) if named is not None else ""
    title, description = part.find("title"), part.find("description")
    if not (guid or link):
        problems.append(LACKS.at(name="guid"))
    if title is None and description is None:
        problems.append(LACKS.at(name="title"))
    links = [Link(_absolute(address, link))] if link else []
    permanent = named is not None and named.get("isPermaLink", "true") == "true"
    if permanent and not link and guid.startswith(("http://", "https://")):
        links.append(Link(guid))
    for enclosure in part.findall("enclosure"):
        if enclosure.get("url", "").strip():
            links.append(Link(_absolute(address, enclosure.get("url", "")), "enclosure", enclosure.get("type", "")))
    told = (part.findtext("pubDate") or "").strip()
    message, message_bytes = _message(part, problems)
    return Entry(
        id=_bounded(guid or link, "guid", LONGEST_ID, problems),
        title=_plain(title if title is not None else description, [], "title")[:LONGEST_TITLE],
        updated=_rfc822(told, problems) if told else None,
        links=tuple(links),
        summary=_summary(description, None),
        message=message,
        message_bytes=message_bytes,
    )


def _message(part: etree._Element, problems: list[Problem]) -> tuple[Received | None, bytes]:
    """The CAP message inside an entry, wherever the format put it."""
    alerts = list(part.iter(*_ALERTS))
    if len(alerts) > 1:
        problems.append(SEVERAL_ALERTS.at(count=len(alerts)))
    if len(alerts) != 1:
        return None, b""
    # Exclusive canonical form leaves out what the feed declared around it, as whoever signed the message had it.
    message_bytes = etree.tostring(alerts[0], method="c14n", exclusive=True, with_tail=False)
    try:
        return read_element(etree.fromstring(message_bytes)), message_bytes
    except CapRefused as refused:
        problems += refused.problems
        return None, b""


def _required(part: etree._Element, tag: str, name: str, problems: list[Problem]) -> str:
    found = (part.findtext(tag) or "").strip()
    if not found:
        problems.append(LACKS.at(name=name))
    return _bounded(found, name, LONGEST_ID, problems)


def _bounded(text: str, name: str, limit: int, problems: list[Problem]) -> str:
    if len(text) > limit:
        problems.append(TOO_LONG.at(name=name, size=len(text), limit=limit))
        return text[:limit]
    return text


def _plain(element: etree._Element | None, problems: list[Problem], name: str) -> str:
    text = _text(element) if element is not None else ""
    if not text:
        problems.append(LACKS.at(name=name))
    return text[:LONGEST_TITLE]


def _summary(element: etree._Element | None, content: etree._Element | None) -> str:
    chosen = element if element is not None else content
    return _text(chosen)[:LONGEST_SUMMARY] if chosen is not None else ""


def _text(element: etree._Element) -> str:
    """The words of a text construct: markup in it is dropped, never passed on."""
    text = markup.text(element)
    if element.get("type") == "html" or (element.tag == "description" and "<" in text):
        try:
            text = html.fromstring(f"<div>{text}</div>").text_content()
        except (etree.LxmlError, ValueError):
            return ""
    return " ".join(text.split())


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        # What cannot be joined is no address either; whoever would fetch it refuses it by name.
        return href.strip()


def _rfc3339(text: str, problems: list[Problem]) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or "T" not in text.upper():
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        problems.append(NOT_A_MOMENT.at(name="updated", found=text))
        return None


def _rfc822(text: str, problems: list[Problem]) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        # "-0000" means that the sender does not say his zone; it is UTC all the same (RFC 5322 §3.3).
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        problems.append(NOT_A_MOMENT.at(name="pubDate", found=text))
        return None
