"""XML bytes to early-warning messages, in whatever encoding they declare (GB 18030 and UTF-8 are both in use)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from anlan.wire import markup
from anlan.wire.cap import wrong
from anlan.wire.cap.message import Certainty, Coordinates, MessageType, Scope, Status, Urgency
from anlan.wire.cap.reader import circle, polygon
from anlan.wire.cap_cn.message import (
    BEIJING,
    NOT_AN_EARLY_WARNING,
    NOT_BEIJING_TIME,
    Area,
    EarlyWarning,
    EarlyWarningRefused,
    Info,
    Level,
    Method,
)
from anlan.wire.cap_cn.rules import check
from anlan.wire.problems import Faulty, Problem

MAXIMUM_BYTES = 5_000_000
E = TypeVar("E", bound=StrEnum)
_EXTENDED = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?\s*(Z|[-+]\d\d:?\d\d)?", re.ASCII)
_BASIC = re.compile(r"\d{14}", re.ASCII)
_PARTED = re.compile(r"[\s,，;；]+")
_ONCE = frozenset(["identifier", "sender", "senderCode", "sendTime", "status", "msgType", "scope", "references", "info"])
_NEVER = datetime(1970, 1, 1, tzinfo=BEIJING)


def decode(data: bytes) -> EarlyWarning:
    """Read one message. Raises :class:`EarlyWarningRefused` naming every problem."""
    try:
        root = markup.parse(data, most_bytes=MAXIMUM_BYTES)
    except Faulty as faulty:
        raise EarlyWarningRefused(faulty.problems) from None
    if root.tag != "alert" or root.find("identifier") is None:
        raise EarlyWarningRefused([NOT_AN_EARLY_WARNING.at(found=root.tag)])
    reader = _Reader()
    warning = reader.message(root)
    problems = [*reader.problems, *check(warning)]
    if problems:
        raise EarlyWarningRefused(problems)
    return warning


class _Reader:
    """Gathers problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def message(self, root: etree._Element) -> EarlyWarning:
        for name in sorted(_ONCE - {"info"}):
            count = len(root.findall(name))
            if count > 1:
                self.problems.append(wrong.REPEATED.at(name=name, count=count))
        sent = self._time(root, "sendTime", "")
        if sent is None and not _text(root, "sendTime"):
            self.problems.append(wrong.MISSING.at(name="sendTime"))
        return EarlyWarning(
            identifier=_text(root, "identifier"),
            sender=_text(root, "sender"),
            sender_code=_text(root, "senderCode"),
            send_time=sent or _NEVER,
            status=self._choice(root, "status", Status, "", Status.ACTUAL),
            msg_type=self._choice(root, "msgType", MessageType, ""),
            scope=self._choice(root, "scope", Scope, "", Scope.PUBLIC),
            infos=tuple(self._info(block, f"info[{n}]") for n, block in enumerate(root.findall("info"), 1)),
            methods=tuple(_method(part) for part in root.findall("code/method")),
            sec_classification=_text(root, "secClassification"),
            note=_text(root, "note"),
            references=_list(_text(root, "references")),
        )

    def _info(self, block: etree._Element, where: str) -> Info:
        return Info(
            event_type=_text(block, "eventType"),
            severity=self._choice(block, "severity", Level, where),
            language=_text(block, "language") or "zh-CN",
            urgency=self._choice(block, "urgency", Urgency, where, Urgency.UNKNOWN),
            certainty=self._choice(block, "certainty", Certainty, where, Certainty.UNKNOWN),
            effective=self._time(block, "effective", where),
            onset=self._time(block, "onset", where),
            expires=self._time(block, "expires", where),
            sender_name=_text(block, "senderName"),
            headline=_text(block, "headline"),
            description=_text(block, "description"),
            instruction=_text(block, "instruction"),
            web=_text(block, "web"),
            contact=_text(block, "contact"),
            areas=tuple(self._area(part, f"{where}/area[{n}]") for n, part in enumerate(block.findall("area"), 1)),
        )

    def _area(self, part: etree._Element, where: str) -> Area:
        polygons = [self._polygon(text, f"{where}/polygon[{n}]") for n, text in enumerate(_texts(part, "polygon"), 1)]
        circles = [self._circle(text, f"{where}/circle[{n}]") for n, text in enumerate(_texts(part, "circle"), 1)]
        # Platforms write the names and codes of several areas into one element, often the same one twice.
        codes = [code for text in _texts(part, "geocode") for code in _list(text)]
        return Area(
            area_desc=",".join(dict.fromkeys(name for name in re.split("[,，]", _text(part, "areaDesc")) if name)),
            polygons=tuple(found for found in polygons if found is not None),
            circles=tuple(found for found in circles if found is not None),
            geocodes=tuple(dict.fromkeys(codes)),
        )

    def _polygon(self, text: str, where: str) -> Coordinates | None:
        found = polygon(text)
        if found is None:
            self.problems.append(wrong.NOT_A_POLYGON.at(where, found=text))
        return found

    def _circle(self, text: str, where: str) -> tuple[float, float, float] | None:
        found = circle(text)
        if found is None:
            self.problems.append(wrong.NOT_A_CIRCLE.at(where, found=text))
        return found

    def _choice(self, block: etree._Element, name: str, kind: type[E], where: str, assumed: E | None = None) -> E:
        """The value in any spelling of capitals; ``assumed`` where the element may be left out."""
        text = _text(block, name)
        for value in kind:
            if text.lower() == value.lower():
                return value
        if not text and assumed is not None:
            return assumed
        problem = (
            wrong.NOT_A_CHOICE.at(where, name=name, found=text, choices=" ".join(kind)) if text else wrong.MISSING.at(where, name=name)
        )
        self.problems.append(problem)
        return next(iter(kind))

    def _time(self, block: etree._Element, name: str, where: str) -> datetime | None:
        text = _text(block, name)
        if not text:
            return None
        moment = time(text)
        if moment is None:
            self.problems.append(NOT_BEIJING_TIME.at(where, name=name, found=text))
        return moment


def time(text: str) -> datetime | None:
    """A time of the profile in Beijing time: ``YYYY-MM-DD hh:mm:ss+08:00``, the offset optional, or ``YYYYMMDDhhmmss``; else nothing."""
    written = _EXTENDED.fullmatch(text)
    try:
        if written:
            year, month, day, clock, fraction, offset = written.groups()
            moment = datetime.fromisoformat(f"{year}-{month}-{day}T{clock}{(fraction or '')[:7]}{offset or ''}")
        elif _BASIC.fullmatch(text):
            moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
        else:
            return None
        # By way of UTC, so that a time at the edge of the calendar fails here and not in whoever reckons with it.
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=BEIJING)).astimezone(UTC).astimezone(BEIJING)
    except (ValueError, OverflowError):
        return None


def _method(part: etree._Element) -> Method:
    return Method(
        name=_text(part, "methodName"),
        message=_text(part, "message"),
        audience_groups=_list(_text(part, "audienceGrp")),
        # The element's name is spelled so in the messages.
        audience_part=_text(part, "audenceprt").strip(","),
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in _PARTED.split(text) if part)


def _texts(block: etree._Element, name: str) -> list[str]:
    return [text for part in block.findall(name) if (text := (part.text or "").strip())]


def _text(block: etree._Element, name: str) -> str:
    return (block.findtext(name) or "").strip()
