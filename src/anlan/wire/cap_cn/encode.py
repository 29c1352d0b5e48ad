"""Early-warning messages to XML bytes, elements in the order of the messages in use, without a namespace."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from anlan.wire.cap import wrong
from anlan.wire.cap.encode import circle_text, ring_text
from anlan.wire.cap_cn.message import BEIJING, Area, EarlyWarning, EarlyWarningRefused, Info, Method
from anlan.wire.cap_cn.rules import check


def encode(warning: EarlyWarning) -> bytes:
    """``warning`` as UTF-8 XML. Raises :class:`EarlyWarningRefused` when it breaks a rule: nothing unsound is ever written."""
    problems = check(warning)
    if problems:
        raise EarlyWarningRefused(problems)
    root = etree.Element("alert")
    for name, value in (
        ("identifier", warning.identifier),
        ("sender", warning.sender),
        ("senderCode", warning.sender_code),
        ("sendTime", format_time(warning.send_time)),
        ("status", warning.status),
        ("msgType", warning.msg_type),
        ("scope", warning.scope),
    ):
        _text(root, name, value)
    code = etree.SubElement(root, "code")
    for method in warning.methods:
        _method(code, method)
    _text(root, "secClassification", warning.sec_classification or "None")
    _text(root, "note", warning.note)
    _text(root, "references", ",".join(warning.references))
    for info in warning.infos:
        _info(root, info)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def format_time(moment: datetime) -> str:
    """``2020-02-05 10:45:00+08:00``, Beijing time."""
    return moment.astimezone(BEIJING).replace(microsecond=0).isoformat(" ")


def _method(code: etree._Element, method: Method) -> None:
    part = etree.SubElement(code, "method")
    _text(part, "methodName", method.name)
    _text(part, "message", method.message)
    _text(part, "audienceGrp", "".join(f"{group}," for group in method.audience_groups))
    _text(part, "audenceprt", f"{method.audience_part},")


def _info(root: etree._Element, info: Info) -> None:
    block = etree.SubElement(root, "info")
    for name, value in (
        ("language", info.language),
        ("eventType", info.event_type),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("effective", _moment(info.effective)),
        ("onset", _moment(info.onset)),
        ("expires", _moment(info.expires)),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    ):
        _text(block, name, value)
    for area in info.areas:
        _area(block, area)


def _area(block: etree._Element, area: Area) -> None:
    part = etree.SubElement(block, "area")
    _text(part, "areaDesc", area.area_desc)
    for polygon in area.polygons or ((),):
        _text(part, "polygon", ring_text(polygon))
    for latitude, longitude, radius in area.circles:
        _text(part, "circle", circle_text(latitude, longitude, radius))
    if not area.circles:
        _text(part, "circle", "")
    _text(part, "geocode", ",".join(area.geocodes))


def _moment(moment: datetime | None) -> str:
    return format_time(moment) if moment is not None else ""


def _text(parent: etree._Element, name: str, value: str) -> None:
    try:
        etree.SubElement(parent, name).text = str(value)
    except ValueError:
        raise EarlyWarningRefused([wrong.NOT_WRITABLE.at(name=name)]) from None
