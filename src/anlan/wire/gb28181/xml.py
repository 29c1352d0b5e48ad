"""Reads and writes the XML of MANSCDP bodies: whatever its encoding claims to be, without entities, document types or network."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from lxml import etree

from anlan.wire.gb28181.codes import is_code
from anlan.wire.gb28181.message import MOST_BYTES
from anlan.wire.gb28181.refusals import BadXml

BEIJING = timezone(timedelta(hours=8))
"""Times without a zone are local (GB/T 28181 uses ISO 8601 local time)."""
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?\?>\s*")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_MARKUP = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT)", re.I)
_PARSER_OPTIONS = {"resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False}
MOST_TEXT = 4000
_CHINESE_FROM = 0x800


def text_of(data: bytes) -> str:
    """The characters of a body without its declaration. Raises :class:`BadXml`.

    Equipment declares GB2312 and sends GB 18030, or UTF-8: what is UTF-8 in sequences of three bytes, as Chinese is, is UTF-8 whatever
    was declared; else the declared encoding is tried first.
    """
    data = data.strip(b"\x00\r\n\t ").removeprefix(b"\xef\xbb\xbf")
    head = _DECLARATION.match(data)
    declared = _ENCODING.search(head[0]) if head else None
    rest = data[head.end() :] if head else data
    chinese_first = declared is not None and declared[1].lower().startswith((b"gb", b"x-gb", b"cp936", b"hz"))
    as_utf8 = _decoded(rest, "utf-8")
    if as_utf8 is not None and (not chinese_first or all(ord(c) < 0x80 or ord(c) >= _CHINESE_FROM for c in as_utf8)):
        return as_utf8
    found = _decoded(rest, "gb18030")
    if found is None:
        raise BadXml(reason="encoding")
    return found


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def parse(data: bytes) -> etree._Element:
    """The root of a body. Raises :class:`BadXml`."""
    if len(data) > MOST_BYTES:
        raise BadXml(reason=f"> {MOST_BYTES} B")
    text = text_of(data)
    if _MARKUP.search(text):
        raise BadXml(reason="DOCTYPE")
    try:
        return etree.fromstring(text.encode("utf-8", "surrogatepass"), etree.XMLParser(encoding="utf-8", **_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise BadXml(reason=str(wrong)[:80]) from None


class Fields:
    """The children of one element by name, read as what the standard says they are; what cannot be read so is noted as doubtful."""

    def __init__(self, element: etree._Element, doubts: list[str] | None = None, path: str = "") -> None:
        self.element = element
        self.doubts = doubts if doubts is not None else []
        self._path = path

    def text(self, name: str) -> str:
        """Text of the child, cut to a reasonable length."""
        found = self.element.find(name)
        return (found.text or "").strip()[:MOST_TEXT] if found is not None else ""

    def has(self, name: str) -> bool:
        """Whether there is such a child."""
        return self.element.find(name) is not None

    def inner(self, name: str) -> Fields | None:
        """The fields of a child."""
        found = self.element.find(name)
        return Fields(found, self.doubts, f"{self._path}{name}/") if found is not None else None

    def each(self, parent: str, name: str) -> Iterator[Fields]:
        """The fields of every ``name`` below ``parent``."""
        found = self.element.find(parent)
        for number, child in enumerate(found.findall(name) if found is not None else ()):
            yield Fields(child, self.doubts, f"{self._path}{parent}/{name}[{number}]/")

    def whole(self, name: str) -> int | None:
        """A whole number."""
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,12}", text):
            return self._doubt(name)
        return int(text)

    def number(self, name: str, low: float, high: float) -> float | None:
        """A finite number between ``low`` and ``high``."""
        text = self.text(name)
        if not text:
            return None
        try:
            found = float(text)
        except ValueError:
            return self._doubt(name)
        return found if math.isfinite(found) and low <= found <= high else self._doubt(name)

    def time(self, name: str) -> int | None:
        """A moment in ms since 1970 UTC; without a zone it is Beijing time."""
        text = self.text(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text.replace("/", "-"))
            return round((moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).timestamp() * 1000)
        except (ValueError, OverflowError):
            return self._doubt(name)

    def code(self, name: str) -> str:
        """A code of 20 digits; kept as it came, and doubtful, where it is another text."""
        text = self.text(name)[:64]
        if text and not is_code(text):
            self._doubt(name)
        return text

    def word(self, name: str, *words: str) -> str:
        """One of some words in any case, as the standard writes it; kept as it came, and doubtful, where it is another."""
        text = self.text(name)[:64]
        for word in words:
            if text.upper() == word:
                return word
        if text:
            self._doubt(name)
        return text

    def _doubt(self, name: str) -> None:
        self.doubts.append(f"{self._path}{name}"[:120])


def clean(text: str) -> str:
    """``text`` without what XML cannot carry."""
    return "".join(c for c in text if c in "\t\n" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE or ord(c) > 0xFFFF)


def child(parent: etree._Element, name: str, value: object) -> None:
    """Add ``<name>value</name>`` unless the value is ``None``."""
    if value is not None:
        etree.SubElement(parent, name).text = clean(str(value))


def moment(time_ms: int) -> str:
    """A moment as the standard writes it, in Beijing time."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


def encode(root: etree._Element, encoding: str = "GB18030") -> bytes:
    """The bytes of a body. Declared as GB2312, as every device expects, while GB 18030 carries rarer characters too."""
    declared = "GB2312" if encoding.upper().startswith("GB") else "UTF-8"
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="{declared}"?>\r\n{text}'.replace("\r\n", "\n").replace("\n", "\r\n").encode(encoding)
