"""Envelopes to XML bytes of EDXL-DE 1.0, elements in the order of the schema."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from lxml import etree

from anlan.wire import markup
from anlan.wire.cap import wrong
from anlan.wire.cap.encode import circle_text, ring_text
from anlan.wire.cap.message import format_time
from anlan.wire.edxl_de.decode import MOST_BYTES, other_problems
from anlan.wire.edxl_de.message import (
    BROKEN_XML,
    NAMESPACE,
    NO_CONTENT,
    NOT_ONE_OF,
    TWO_CONTENTS,
    Content,
    Distribution,
    DistributionRefused,
    Edition,
    Embedded,
    OtherContent,
    TargetArea,
    ValueList,
)
from anlan.wire.edxl_de.rules import check
from anlan.wire.problems import Faulty, Problem


def encode(distribution: Distribution) -> bytes:
    """``distribution`` as UTF-8 XML. Raises :class:`DistributionRefused` when it or one of its contents breaks a rule, is no XML, or is of
    an edition that is only read: nothing unsound is ever written."""
    problems = [*check(distribution), *_content_problems(distribution.contents)]
    if distribution.edition is not Edition.V1_0:
        problems.append(NOT_ONE_OF.at(name="EDXL-DE", found=distribution.edition))
    if problems:
        raise DistributionRefused(problems)
    root = etree.Element(f"{{{NAMESPACE}}}EDXLDistribution", nsmap={"de": NAMESPACE})
    _text(root, "distributionID", distribution.distribution_id)
    _text(root, "senderID", distribution.sender_id)
    _text(root, "dateTimeSent", format_time(distribution.sent))
    _text(root, "distributionStatus", distribution.status)
    _text(root, "distributionType", distribution.type)
    _text(root, "combinedConfidentiality", distribution.combined_confidentiality)
    _optional(root, "language", distribution.language)
    _lists(root, "senderRole", distribution.sender_roles)
    _lists(root, "recipientRole", distribution.recipient_roles)
    _lists(root, "keyword", distribution.keywords)
    _each(root, "distributionReference", distribution.references)
    for address in distribution.addresses:
        part = _sub(root, "explicitAddress")
        _text(part, "explicitAddressScheme", address.scheme)
        _each(part, "explicitAddressValue", address.values)
    for area in distribution.areas:
        _area(root, area)
    for content in distribution.contents:
        _content(root, content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _content_problems(contents: Iterable[Content]) -> Iterable[Problem]:
    for number, content in enumerate(contents, 1):
        where = f"contentObject[{number}]"
        if content.other is None and not content.embedded:
            yield NO_CONTENT.at(where)
        if content.other is not None:
            if content.embedded or content.keys:
                yield TWO_CONTENTS.at(where)
            yield from other_problems(content.other)


def _content(root: etree._Element, content: Content) -> None:
    part = _sub(root, "contentObject")
    _optional(part, "contentDescription", content.description)
    _lists(part, "contentKeyword", content.keywords)
    _optional(part, "incidentID", content.incident_id)
    _optional(part, "incidentDescription", content.incident_description)
    _lists(part, "originatorRole", content.originator_roles)
    _lists(part, "consumerRole", content.consumer_roles)
    _optional(part, "confidentiality", content.confidentiality)
    if content.other is not None:
        _other(part, content.other)
        return
    xml = _sub(part, "xmlContent")
    for name, parts in (("keyXMLContent", content.keys), ("embeddedXMLContent", content.embedded)):
        for embedded in parts:
            _sub(xml, name).append(_tree(embedded))


def _tree(embedded: Embedded) -> etree._Element:
    try:
        root = markup.parse(embedded.data, most_bytes=MOST_BYTES)
    except Faulty as faulty:
        raise DistributionRefused(faulty.problems) from None
    if markup.namespace(root) == NAMESPACE or not markup.namespace(root):
        # The schema allows elements of other namespaces only.
        raise DistributionRefused([BROKEN_XML.at(reason=root.tag)])
    return root


def _other(part: etree._Element, other: OtherContent) -> None:
    attached = _sub(part, "nonXMLContent")
    _text(attached, "mimeType", other.mime_type)
    if other.size is not None:
        _text(attached, "size", str(other.size))
    _optional(attached, "digest", other.digest)
    _optional(attached, "uri", other.uri)
    if other.data:
        _text(attached, "contentData", base64.b64encode(other.data).decode("ascii"))


def _area(root: etree._Element, area: TargetArea) -> None:
    part = _sub(root, "targetArea")
    for circle in area.circles:
        _text(part, "circle", circle_text(*circle))
    for polygon in area.polygons:
        _text(part, "polygon", ring_text(polygon))
    for name, values in (("country", area.countries), ("subdivision", area.subdivisions), ("locCodeUN", area.loc_codes)):
        _each(part, name, values)


def _lists(parent: etree._Element, name: str, lists: tuple[ValueList, ...]) -> None:
    for each in lists:
        part = _sub(parent, name)
        _text(part, "valueListUrn", each.urn)
        _each(part, "value", each.values)


def _each(parent: etree._Element, name: str, values: tuple[str, ...]) -> None:
    for value in values:
        _text(parent, name, value)


def _optional(parent: etree._Element, name: str, value: str) -> None:
    if value:
        _text(parent, name, value)


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _text(parent: etree._Element, name: str, value: str) -> None:
    try:
        _sub(parent, name).text = str(value)
    except ValueError:
        raise DistributionRefused([wrong.NOT_WRITABLE.at(name=name)]) from None
