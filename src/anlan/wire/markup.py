"""XML of strangers to an element tree: no document type, no entity, no file, no network, a bound on size and depth."""

from __future__ import annotations

from lxml import etree

from anlan.kernel.words import N_
from anlan.wire.problems import Faulty, Kind

MOST_DEPTH = 100
MOST_ELEMENTS = 200_000
"""Project defaults: what a single message may have; the largest one published that is known has some thousand elements."""

TOO_LARGE = Kind("xml_too_large", N_("报文有 {size} 字节，超过上限 {limit} 字节，请精简或拆分后再发"))
NOT_XML = Kind("xml_broken", N_("不是完整的 XML（{reason}）"))
DOCUMENT_TYPE = Kind("xml_document_type", N_("带有文档类型声明或实体，出于安全不予接受，请去掉后再发"))
TOO_DEEP = Kind("xml_too_deep", N_("元素嵌套超过 {limit} 层"))
TOO_MANY = Kind("xml_too_many", N_("元素超过 {limit} 个"))


def parse(data: bytes, *, most_bytes: int, most_elements: int = MOST_ELEMENTS) -> etree._Element:
    """The root of ``data``, comments and processing instructions dropped.

    Raises :class:`~anlan.wire.problems.Faulty` for what is too large, no well-formed XML, carries a document type declaration (the way
    of every entity attack, so none is ever expanded or fetched), or is nested or populated beyond measure.
    """
    if len(data) > most_bytes:
        raise Faulty([TOO_LARGE.at(size=len(data), limit=most_bytes)])
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        # An attack may well fail to parse; the reader wants to know that it was one.
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise Faulty([DOCUMENT_TYPE.at()]) from None
        raise Faulty([NOT_XML.at(reason=wrong)]) from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Faulty([DOCUMENT_TYPE.at()])
    _measure(root, most_elements)
    return root


def _measure(root: etree._Element, most_elements: int) -> None:
    depth = count = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth, count = depth + 1, count + 1
        if depth > MOST_DEPTH:
            raise Faulty([TOO_DEEP.at(limit=MOST_DEPTH)])
        if count > most_elements:
            raise Faulty([TOO_MANY.at(limit=most_elements)])


def name(element: etree._Element) -> str:
    """The local name."""
    return str(etree.QName(element).localname)


def namespace(element: etree._Element) -> str:
    """The namespace, empty when there is none."""
    return str(etree.QName(element).namespace or "")


def text(element: etree._Element) -> str:
    """All text of an element without what is around it."""
    return "".join(element.itertext()).strip()
