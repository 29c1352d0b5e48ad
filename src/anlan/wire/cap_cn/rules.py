"""What an early-warning message must have (checked when read and when written), and what is odd about one that has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from anlan.wire.cap import wrong
from anlan.wire.cap.message import MessageType
from anlan.wire.cap.rules import in_the_world
from anlan.wire.cap_cn.message import (
    COLOURS,
    COLOURS_DIFFER,
    NO_AREA,
    NO_EVENT_TYPE,
    NO_EXPIRES,
    NO_INSTRUCTION,
    ODD_GEOCODE,
    ODD_IDENTIFIER,
    ODD_SENDER_CODE,
    REFERENCES_MISSING,
    SENDER_DIFFERS,
    SENT_FROM_THE_FUTURE,
    UNKNOWN_EVENT_TYPE,
    Area,
    EarlyWarning,
    Info,
    event_type,
)
from anlan.wire.problems import Problem

IDENTIFIER = re.compile(r"(?P<sender>\d{14})_(?P<time>\d{14})_\d", re.ASCII)
"""ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N: division (GB/T 2260), sector (GB/T 4657), inner and further code, time of record, serial number."""
_SENDER_CODE = re.compile(r"[0-9A-Z]{14}", re.ASCII)
_GEOCODE = re.compile(r"\d{6}(\d{6})?", re.ASCII)
_UNSAFE = re.compile(r"[\s,<&]")
_COLOUR = re.compile("|".join(COLOURS))
CLOCK_TOLERANCE = timedelta(minutes=5)
"""Project default: how far a sender's clock may run ahead."""


def check(warning: EarlyWarning) -> list[Problem]:
    """Everything that makes the message unusable; empty for a sound one."""
    found = list(_of_the_message(warning))
    for number, info in enumerate(warning.infos, 1):
        found += _of_an_info(info, warning, f"info[{number}]")
    return found


def _of_the_message(warning: EarlyWarning) -> Iterator[Problem]:
    for name, value in (("identifier", warning.identifier), ("senderCode", warning.sender_code)):
        if not value:
            yield wrong.MISSING.at(name=name)
        elif _UNSAFE.search(value):
            yield wrong.CHARACTERS.at(name=name)
    if not warning.sender.strip():
        yield wrong.MISSING.at(name="sender")
    if warning.msg_type is not MessageType.ALERT and not warning.references:
        yield REFERENCES_MISSING.at(kind=warning.msg_type)
    if warning.identifier and warning.identifier in warning.references:
        yield wrong.SELF_REFERENCE.at()
    if warning.msg_type in (MessageType.ALERT, MessageType.UPDATE) and not warning.infos:
        yield wrong.NO_INFO.at()
    for number, method in enumerate(warning.methods, 1):
        if not method.name:
            yield wrong.MISSING.at(f"code/method[{number}]", name="methodName")


def _of_an_info(info: Info, warning: EarlyWarning, where: str) -> Iterator[Problem]:
    if not info.event_type.strip():
        yield NO_EVENT_TYPE.at(where)
    starts, name = (info.effective, "effective") if info.effective is not None else (warning.send_time, "sendTime")
    if info.expires is not None and info.expires <= starts:
        yield wrong.EXPIRES_EARLY.at(where, name=name)
    for number, area in enumerate(info.areas, 1):
        yield from _of_an_area(area, f"{where}/area[{number}]")


def _of_an_area(area: Area, where: str) -> Iterator[Problem]:
    if not area.area_desc.strip() and not area.geocodes:
        yield wrong.MISSING.at(where, name="areaDesc")
    for number, ring in enumerate(area.polygons, 1):
        place = f"{where}/polygon[{number}]"
        if len(ring) < 4:
            yield wrong.TOO_FEW_POINTS.at(place)
        elif ring[0] != ring[-1]:
            yield wrong.NOT_CLOSED.at(place)
        outside = next((pair for pair in ring if not in_the_world(*pair)), None)
        if outside is not None:
            yield wrong.OUT_OF_RANGE.at(place, latitude=outside[0], longitude=outside[1])
    for number, (latitude, longitude, radius) in enumerate(area.circles, 1):
        place = f"{where}/circle[{number}]"
        if not in_the_world(latitude, longitude):
            yield wrong.OUT_OF_RANGE.at(place, latitude=latitude, longitude=longitude)
        if not 0 <= radius < float("inf"):
            yield wrong.NEGATIVE_RADIUS.at(place, radius=radius)


def doubts(warning: EarlyWarning, now: datetime | None = None) -> list[Problem]:
    """What is odd and refused by nobody: forms the profile asks for, elements the law asks for, colours that contradict each other."""
    found: list[Problem] = []
    written = IDENTIFIER.fullmatch(warning.identifier)
    if written is None:
        found.append(ODD_IDENTIFIER.at(found=warning.identifier))
    elif written["sender"] != warning.sender_code:
        found.append(SENDER_DIFFERS.at(found=warning.sender_code))
    if not _SENDER_CODE.fullmatch(warning.sender_code):
        found.append(ODD_SENDER_CODE.at(found=warning.sender_code))
    if now is not None and warning.send_time > now + CLOCK_TOLERANCE:
        found.append(SENT_FROM_THE_FUTURE.at(sent=warning.send_time.isoformat(" ")))
    for number, info in enumerate(warning.infos, 1):
        found += _odd_in_an_info(info, warning, f"info[{number}]")
    return found


def _odd_in_an_info(info: Info, warning: EarlyWarning, where: str) -> Iterator[Problem]:
    if event_type(info.event_type) is None:
        yield UNKNOWN_EVENT_TYPE.at(where, found=info.event_type)
    if warning.msg_type is not MessageType.CANCEL:
        if info.expires is None:
            yield NO_EXPIRES.at(where)
        if not info.instruction:
            yield NO_INSTRUCTION.at(where)
    # A headline that raises a warning names two colours: from which, to which. The last one counts.
    named = _COLOUR.findall(info.headline)
    if named and COLOURS[named[-1]] is not info.severity:
        yield COLOURS_DIFFER.at(where, found=named[-1], level=info.severity)
    if not any(area.geocodes or area.polygons or area.circles for area in info.areas):
        yield NO_AREA.at(where)
    for number, area in enumerate(info.areas, 1):
        for code in area.geocodes:
            if not _GEOCODE.fullmatch(code):
                yield ODD_GEOCODE.at(f"{where}/area[{number}]", found=code)
