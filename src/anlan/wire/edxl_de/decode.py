"""Bytes to envelopes: XML of 1.0 and 2.0, JSON of 2.0. No entity is expanded, no document type is read, no address is fetched."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from lxml import etree

from anlan.kernel.errors import Refusal
from anlan.wire import markup
from anlan.wire.cap.message import Status, Version
from anlan.wire.cap.reader import circle, polygon, time
from anlan.wire.cap.resources import damage
from anlan.wire.edxl_de.message import (
    ABSENT,
    BAD_BASE64,
    BAD_CIRCLE,
    BAD_POLYGON,
    JSON,
    MIME_TYPE_ABSENT,
    NAMESPACE,
    NAMESPACE_2,
    NO_CONTENT,
    NO_MOMENT,
    NOT_AN_ENVELOPE,
    NOT_JSON,
    NOT_ONE_OF,
    NOTHING_ATTACHED,
    READERS,
    TOO_MANY_CONTENTS,
    TWICE,
    TWO_CONTENTS,
    UNREADABLE,
    Address,
    Content,
    ContentRefused,
    Distribution,
    DistributionRefused,
    DistributionType,
    Edition,
    Embedded,
    OtherContent,
    Reader,
    TargetArea,
    ValueList,
)
from anlan.wire.edxl_de.rules import check
from anlan.wire.problems import Faulty, Problem

MOST_BYTES, MOST_ELEMENTS, MOST_CONTENTS = 20_000_000, 500_000, 1000
"""Project defaults."""
_EDITIONS = {f"{{{NAMESPACE}}}EDXLDistribution": Edition.V1_0, f"{{{NAMESPACE_2}}}edxlDistribution": Edition.V2_0}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
E = TypeVar("E", bound=StrEnum)
P = TypeVar("P")


def decode(data: bytes, readers: Mapping[str, Reader] = READERS) -> Distribution:
    """Read an envelope and, with ``readers``, what is in it. A content object that its reader refuses is refused for itself.

    Raises :class:`DistributionRefused` naming every problem of the envelope.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _Json(readers).read(data)
    try:
        root = markup.parse(data, most_bytes=MOST_BYTES, most_elements=MOST_ELEMENTS)
    except Faulty as faulty:
        raise DistributionRefused(faulty.problems) from None
    edition = _EDITIONS.get(root.tag)
    if edition is None:
        raise DistributionRefused([NOT_AN_ENVELOPE.at(found=root.tag)])
    return _Xml(markup.namespace(root), edition, readers).read(root)


class _Gathering:
    """Gathers problems of the envelope and refused contents instead of stopping at the first."""

    def __init__(self, readers: Mapping[str, Reader]) -> None:
        self.problems: list[Problem] = []
        self.refused: list[ContentRefused] = []
        self._readers = readers

    def checked(self, envelope: Distribution) -> Distribution:
        problems = [*self.problems, *check(envelope)]
        if problems:
            raise DistributionRefused(problems)
        return envelope

    def choice(self, name: str, text: str, kind: type[E]) -> E:
        try:
            return kind(text)
        except ValueError:
            self.problems.append(NOT_ONE_OF.at(name=name, found=text) if text else ABSENT.at(name=name))
            return next(iter(kind))

    def moment(self, name: str, text: str) -> datetime | None:
        found = time(text, Version.V1_1) if text else None
        if text and found is None:
            self.problems.append(NO_MOMENT.at(name=name, found=text))
        return found

    def sent(self, text: str) -> datetime:
        if not text:
            self.problems.append(ABSENT.at(name="dateTimeSent"))
        return self.moment("dateTimeSent", text) or _NEVER

    def numbered(self, parts: list[P]) -> Iterator[tuple[int, P]]:
        """The contents by number, as many as are read; that the rest is not is told."""
        yield from enumerate(parts[:MOST_CONTENTS], 1)
        if len(parts) > MOST_CONTENTS:
            problem = TOO_MANY_CONTENTS.at(count=len(parts), limit=MOST_CONTENTS)
            self.refused.append(ContentRefused([problem], MOST_CONTENTS + 1))

    def embedded(self, name: str, data: bytes, problems: list[Problem]) -> Embedded:
        reader = self._readers.get(name)
        if reader is None:
            return Embedded(name, data)
        try:
            return Embedded(name, data, reader(data))
        except Faulty as faulty:
            problems += faulty.problems
        except Refusal as refusal:
            problems.append(UNREADABLE.at(name=name, reason=refusal.message()))
        return Embedded(name, data)


class _Xml(_Gathering):
    def __init__(self, namespace: str, edition: Edition, readers: Mapping[str, Reader]) -> None:
        super().__init__(readers)
        self._namespace = namespace
        self._edition = edition

    def read(self, root: etree._Element) -> Distribution:
        """The whole envelope. In 2.0 what describes it is gathered in a descriptor, and its contents in a content element."""
        later = self._edition is Edition.V2_0
        about = root.find(self._tag("descriptor")) if later else root
        about = about if about is not None else root
        holder = root.find(self._tag("content")) if later else root
        for name in ("distributionID", "senderID", "dateTimeSent", "distributionStatus", "distributionType", "distributionKind"):
            count = len(root.findall(self._tag(name)))
            if count > 1:
                self.problems.append(TWICE.at(name=name, count=count))
        kind = "distributionKind" if later else "distributionType"
        return self.checked(
            Distribution(
                distribution_id=self._text(root, "distributionID"),
                sender_id=self._text(root, "senderID"),
                sent=self.sent(self._text(root, "dateTimeSent")),
                status=self.choice("distributionStatus", self._text(root, "distributionStatus"), Status),
                type=self.choice(kind, self._text(root, kind), DistributionType),
                combined_confidentiality=self._text(about, "combinedConfidentiality"),
                language=self._text(about, "language"),
                sender_roles=self._lists(about, "senderRole"),
                recipient_roles=self._lists(about, "recipientRole"),
                keywords=self._lists(about, "keyword"),
                references=tuple(self._texts(root, "distributionReference")),
                addresses=tuple(
                    Address(self._text(part, "explicitAddressScheme"), tuple(self._texts(part, "explicitAddressValue")))
                    for part in about.findall(self._tag("explicitAddress"))
                ),
                areas=tuple(self._area(part, f"targetArea[{n}]") for n, part in enumerate(about.findall(self._tag("targetArea")), 1)),
                contents=tuple(self._contents(holder)),
                expires=self.moment("dateTimeExpires", self._text(root, "dateTimeExpires")),
                edition=self._edition,
                refused=tuple(self.refused),
            )
        )

    def _contents(self, holder: etree._Element | None) -> Iterator[Content]:
        parts = holder.findall(self._tag("contentObject")) if holder is not None else []
        for number, part in self.numbered(parts):
            problems: list[Problem] = []
            content = self._content(part, problems)
            if problems:
                self.refused.append(ContentRefused(problems, number))
            else:
                yield content

    def _content(self, part: etree._Element, problems: list[Problem]) -> Content:
        later = self._edition is Edition.V2_0
        xml = part.find(self._tag("contentXML" if later else "xmlContent"))
        attached = part.find(self._tag("otherContent" if later else "nonXMLContent"))
        if xml is not None and attached is not None:
            problems.append(TWO_CONTENTS.at())
        embedded = tuple(self._embedded(xml, "embeddedXMLContent", problems))
        if not embedded and attached is None:
            problems.append(NO_CONTENT.at())
        return Content(
            embedded=embedded,
            keys=tuple(self._embedded(xml, "keyXMLContent", [])),
            other=self._other(attached, problems) if attached is not None else None,
            description=self._text(part, "contentDescription"),
            keywords=self._lists(part, "contentKeyword"),
            incident_id=self._text(part, "incidentID"),
            incident_description=self._text(part, "incidentDescription"),
            originator_roles=self._lists(part, "originatorRole"),
            consumer_roles=self._lists(part, "consumerRole"),
            confidentiality=self._text(part, "confidentiality"),
        )

    def _embedded(self, xml: etree._Element | None, name: str, problems: list[Problem]) -> Iterator[Embedded]:
        for holder in xml.findall(self._tag(name)) if xml is not None else ():
            for child in holder:
                # Exclusive canonical form leaves out what the envelope declared, as a signature over the message would.
                data = etree.tostring(child, method="c14n", exclusive=True, with_tail=False)
                yield self.embedded(str(child.tag), data, problems)

    def _other(self, part: etree._Element, problems: list[Problem]) -> OtherContent:
        told, size = self._text(part, "size"), None
        if told.isdigit() and len(told) < 16:
            size = int(told)
        try:
            data = base64.b64decode("".join(self._text(part, "contentData").split()), validate=True)
        except (binascii.Error, ValueError):
            problems.append(BAD_BASE64.at())
            data = b""
        found = OtherContent(self._text(part, "mimeType"), self._text(part, "uri"), data, size, self._text(part, "digest").lower())
        problems += other_problems(found)
        return found

    def _area(self, part: etree._Element, where: str) -> TargetArea:
        polygons = {text: polygon(text) for text in self._texts(part, "polygon")}
        circles = {text: circle(text) for text in self._texts(part, "circle")}
        self.problems += [BAD_POLYGON.at(where, found=text) for text, ring in polygons.items() if ring is None]
        self.problems += [BAD_CIRCLE.at(where, found=text) for text, found in circles.items() if found is None]
        return TargetArea(
            circles=tuple(found for found in circles.values() if found is not None),
            polygons=tuple(ring for ring in polygons.values() if ring is not None),
            countries=tuple(self._texts(part, "country")),
            subdivisions=tuple(self._texts(part, "subdivision")),
            loc_codes=tuple(self._texts(part, "locCodeUN")),
        )

    def _lists(self, block: etree._Element, name: str) -> tuple[ValueList, ...]:
        return tuple(
            ValueList(self._text(part, "valueListUrn"), tuple(self._texts(part, "value"))) for part in block.findall(self._tag(name))
        )

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}"

    def _texts(self, block: etree._Element, name: str) -> list[str]:
        return [text for part in block.findall(self._tag(name)) if (text := (part.text or "").strip())]

    def _text(self, block: etree._Element, name: str) -> str:
        return (block.findtext(self._tag(name)) or "").strip()


def other_problems(other: OtherContent) -> Iterator[Problem]:
    """What is wrong with an attachment; its bytes are held against the size and the digest it tells of itself."""
    if not other.mime_type:
        yield MIME_TYPE_ABSENT.at()
    if not (other.uri or other.data):
        yield NOTHING_ATTACHED.at()
    if other.data:
        yield from damage(other.data, size=other.size, digest=other.digest)


class _Json(_Gathering):
    def read(self, data: bytes) -> Distribution:
        """The whole envelope of 2.0 in JSON."""
        if len(data) > MOST_BYTES:
            raise DistributionRefused([markup.TOO_LARGE.at(size=len(data), limit=MOST_BYTES)])
        try:
            told = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, RecursionError) as wrong:
            raise DistributionRefused([NOT_JSON.at(reason=wrong)]) from None
        about = _member(told, "descriptor")
        address = _member(about, "explicitAddress")
        scheme, value = _word(address, "explicitAddressScheme"), _word(address, "explicitAddressValue")
        return self.checked(
            Distribution(
                distribution_id=_word(told, "distributionID"),
                sender_id=_word(told, "senderID"),
                sent=self.sent(_word(told, "dateTimeSent")),
                status=self.choice("distributionStatus", _word(told, "distributionStatus"), Status),
                type=self.choice("distributionKind", _word(told, "distributionKind"), DistributionType),
                language=_word(about, "language"),
                addresses=(Address(scheme, (value,)),) if scheme or value else (),
                contents=tuple(self._contents(told.get("content"))),
                expires=self.moment("dateTimeExpires", _word(told, "dateTimeExpires")),
                edition=Edition.V2_0_JSON,
                refused=tuple(self.refused),
            )
        )

    def _contents(self, parts: object) -> Iterator[Content]:
        if not isinstance(parts, list):
            self.problems.append(ABSENT.at(name="content"))
            return
        for number, part in self.numbered(parts):
            problems: list[Problem] = []
            within = _member(_member(part, "jsonContent"), "embeddedJsonContent")
            if not within:
                problems.append(NO_CONTENT.at())
            embedded = self.embedded(JSON, msgspec.json.encode(within), problems) if within else None
            if problems or embedded is None:
                self.refused.append(ContentRefused(problems, number))
            else:
                yield Content(embedded=(embedded,))


def _member(told: object, name: str) -> dict[str, Any]:
    found = told.get(name) if isinstance(told, dict) else None
    return found if isinstance(found, dict) else {}


def _word(told: object, name: str) -> str:
    found = told.get(name) if isinstance(told, dict) else None
    return found.strip() if isinstance(found, str) else ""
