"""Elements to dataclasses, gathering problems instead of stopping at the first. What the rules check afterwards is not checked here."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from anlan.wire import markup
from anlan.wire.cap import wrong
from anlan.wire.cap.message import (
    SIGNATURE_NAMESPACE,
    Alert,
    Area,
    Category,
    Certainty,
    Coordinates,
    Info,
    MessageType,
    Parameter,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
    Version,
    format_time,
)
from anlan.wire.problems import Problem

E = TypeVar("E", bound=StrEnum)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
# The pattern of the schema of 1.2 (§3.3.2); before it, any xs:dateTime that says its offset.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_OLD_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)", re.ASCII)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that could not be read, in a message that is refused for it."""

ALERT = "identifier sender sent status msgType password source scope restriction addresses code note references incidents info"
INFO = (
    "language category event responseType urgency severity certainty audience eventCode effective onset expires senderName headline "
    "description instruction web contact parameter resource area"
)
RESOURCE = "resourceDesc mimeType size uri derefUri digest"
AREA = "areaDesc polygon circle geocode altitude ceiling"
_MANY = frozenset(
    ["code", "info", "category", "responseType", "eventCode", "parameter", "resource", "area", "polygon", "circle", "geocode"]
)
_BLOCKS = frozenset(["info", "eventCode", "parameter", "resource", "area", "geocode"])


class Reader:
    """One message's reader. ``problems`` refuse it, ``notes`` tell what was changed or passed over."""

    def __init__(self, namespace: str, version: Version) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._namespace = namespace
        self._version = version

    def alert(self, root: etree._Element) -> Alert:
        """The whole message."""
        self._known(root, ALERT, "")
        references = self._text(root, "references")
        if root.find(self._tag("references")) is not None and not references:
            self.problems.append(wrong.REFERENCES_EMPTY.at())
        if self._version is Version.V1_0 and root.find(self._tag("password")) is not None:
            self.notes.append(wrong.PASSWORD_DROPPED.at())
        return Alert(
            identifier=self._text(root, "identifier"),
            sender=self._text(root, "sender"),
            sent=self._sent(root),
            status=self._choice(root, "status", Status, ""),
            msg_type=self._choice(root, "msgType", MessageType, ""),
            scope=self._scope(root),
            source=self._text(root, "source"),
            restriction=self._text(root, "restriction"),
            addresses=self._text(root, "addresses"),
            codes=tuple(self._written(root, "code")),
            note=self._text(root, "note"),
            references=tuple(self._reference(reference) for reference in references.split()),
            incidents=self._text(root, "incidents"),
            infos=tuple(self._info(block, f"info[{n}]") for n, block in enumerate(root.findall(self._tag("info")), 1)),
        )

    def _reference(self, text: str) -> str:
        """A reference in the form of 1.2, as far as an older one can be brought into it: so a message read can be written."""
        head, _, sent = text.rpartition(",")
        moment = time(sent, self._version) if self._version is not Version.V1_2 and not _TIME.fullmatch(sent) else None
        return f"{head},{format_time(moment)}" if moment is not None else text

    def _info(self, block: etree._Element, where: str) -> Info:
        self._known(block, INFO, where)
        return Info(
            language=self._text(block, "language") or "en-US",
            categories=self._categories(block, where),
            event=self._text(block, "event"),
            response_types=tuple(self._enum("responseType", text, ResponseType, where) for text in self._written(block, "responseType")),
            urgency=self._choice(block, "urgency", Urgency, where),
            severity=self._choice(block, "severity", Severity, where),
            certainty=self._certainty(block, where),
            audience=self._text(block, "audience"),
            event_codes=self._pairs(block, "eventCode", where),
            effective=self._time(block, "effective", where),
            onset=self._time(block, "onset", where),
            expires=self._time(block, "expires", where),
            sender_name=self._text(block, "senderName"),
            headline=self._text(block, "headline"),
            description=self._text(block, "description"),
            instruction=self._text(block, "instruction"),
            web=self._text(block, "web"),
            contact=self._text(block, "contact"),
            parameters=self._pairs(block, "parameter", where),
            resources=tuple(
                self._resource(part, f"{where}/resource[{n}]") for n, part in enumerate(block.findall(self._tag("resource")), 1)
            ),
            areas=tuple(self._area(part, f"{where}/area[{n}]") for n, part in enumerate(block.findall(self._tag("area")), 1)),
        )

    def _categories(self, block: etree._Element, where: str) -> tuple[Category, ...]:
        texts = self._texts(block, "category")
        if not texts and self._version is Version.V1_0:
            self.notes.append(wrong.CATEGORY_TAKEN_AS_OTHER.at(where))
            return (Category.OTHER,)
        return tuple(self._enum("category", text, Category, where) for text in texts)

    def _certainty(self, block: etree._Element, where: str) -> Certainty:
        if self._text(block, "certainty") == "Very Likely":
            self.notes.append(wrong.VERY_LIKELY.at(where))
            return Certainty.LIKELY
        return self._choice(block, "certainty", Certainty, where)

    def _scope(self, root: etree._Element) -> Scope:
        if self._version is Version.V1_0 and root.find(self._tag("scope")) is None:
            self.notes.append(wrong.SCOPE_TAKEN_AS_PUBLIC.at())
            return Scope.PUBLIC
        return self._choice(root, "scope", Scope, "")

    def _resource(self, part: etree._Element, where: str) -> Resource:
        self._known(part, RESOURCE, where)
        size = self._text(part, "size")
        if size and not re.fullmatch(r"[-+]?\d{1,15}", size, re.ASCII):
            self.problems.append(wrong.NOT_WHOLE.at(where, name="size", found=size))
            size = ""
        mime_type = self._text(part, "mimeType")
        if not mime_type and self._version is not Version.V1_2:
            self.notes.append(wrong.MIME_TYPE_TAKEN_AS_BYTES.at(where))
            mime_type = "application/octet-stream"
        return Resource(
            resource_desc=self._text(part, "resourceDesc"),
            mime_type=mime_type,
            size=int(size) if size else None,
            uri=self._text(part, "uri"),
            deref_uri="".join(self._text(part, "derefUri").split()),
            digest=self._text(part, "digest"),
        )

    def _area(self, part: etree._Element, where: str) -> Area:
        self._known(part, AREA, where)
        polygons = [self._polygon(text, f"{where}/polygon[{n}]") for n, text in enumerate(self._written(part, "polygon"), 1)]
        circles = [self._circle(text, f"{where}/circle[{n}]") for n, text in enumerate(self._written(part, "circle"), 1)]
        return Area(
            area_desc=self._text(part, "areaDesc"),
            polygons=tuple(polygon for polygon in polygons if polygon is not None),
            circles=tuple(circle for circle in circles if circle is not None),
            geocodes=self._pairs(part, "geocode", where),
            altitude=self._height(part, "altitude", where),
            ceiling=self._height(part, "ceiling", where),
        )

    def _polygon(self, text: str, where: str) -> Coordinates | None:
        found = polygon(text)
        if found is None:
            self.problems.append(wrong.NOT_A_POLYGON.at(where, found=text[:40]))
        return found

    def _circle(self, text: str, where: str) -> tuple[float, float, float] | None:
        found = circle(text)
        if found is None:
            self.problems.append(wrong.NOT_A_CIRCLE.at(where, found=text[:40]))
        return found

    def _height(self, part: etree._Element, name: str, where: str) -> float | None:
        text = self._text(part, name)
        if not text:
            return None
        value = number(text)
        if value is None and self._version is Version.V1_2:
            self.problems.append(wrong.NOT_A_NUMBER.at(where, name=name, found=text))
        elif value is None:
            self.notes.append(wrong.HEIGHT_DROPPED.at(where, name=name, found=text))
        return value

    def _pairs(self, block: etree._Element, name: str, where: str) -> tuple[Parameter, ...]:
        return tuple(self._pair(part, name, f"{where}/{name}[{n}]") for n, part in enumerate(block.findall(self._tag(name)), 1))

    def _pair(self, part: etree._Element, name: str, where: str) -> Parameter:
        if self._version is Version.V1_0 and not len(part):
            # CAP 1.0 writes "name=value" into the element itself.
            value_name, equals, value = (part.text or "").strip().partition("=")
            if not equals:
                self.notes.append(wrong.VALUE_UNNAMED.at(where, name=name, found=value_name))
                return Parameter(name, value_name)
            return Parameter(value_name.strip(), value.strip())
        self._known(part, "valueName value", where)
        return Parameter(self._text(part, "valueName"), self._text(part, "value"))

    def _known(self, block: etree._Element, names: str, where: str) -> None:
        """Note whatever the standard does not know, and what stands more than once where once is allowed."""
        known, seen = set(names.split()), dict[str, int]()
        for child in block:
            if markup.namespace(child) != self._namespace:
                if markup.namespace(child) != SIGNATURE_NAMESPACE or where:
                    self.notes.append(wrong.FOREIGN_PASSED_OVER.at(where, name=child.tag))
                continue
            name = markup.name(child)
            seen[name] = seen.get(name, 0) + 1
            if name not in known or (name == "password" and self._version is not Version.V1_0):
                self.problems.append(wrong.UNKNOWN_ELEMENT.at(where, name=name))
            elif len(child) and name not in _BLOCKS:
                self.problems.append(wrong.NOT_TEXT.at(where, name=name))
        for name, count in seen.items():
            if count > 1 and name in known - _MANY:
                self.problems.append(wrong.REPEATED.at(where, name=name, count=count))

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}"

    def _texts(self, block: etree._Element, name: str) -> list[str]:
        return [(part.text or "").strip() for part in block.findall(self._tag(name))]

    def _written(self, block: etree._Element, name: str) -> list[str]:
        """The texts of an optional element; many senders write it empty where it should be left out, and mean the same."""
        return [text for text in self._texts(block, name) if text]

    def _text(self, block: etree._Element, name: str) -> str:
        return (block.findtext(self._tag(name)) or "").strip()

    def _enum(self, name: str, text: str, kind: type[E], where: str) -> E:
        try:
            return kind(text)
        except ValueError:
            if text:
                self.problems.append(wrong.NOT_A_CHOICE.at(where, name=name, found=text, choices=" ".join(kind)))
            else:
                self.problems.append(wrong.MISSING.at(where, name=name))
            return next(iter(kind))

    def _choice(self, block: etree._Element, name: str, kind: type[E], where: str) -> E:
        return self._enum(name, self._text(block, name), kind, where)

    def _time(self, block: etree._Element, name: str, where: str) -> datetime | None:
        text = self._text(block, name)
        if not text:
            return None
        moment = time(text, self._version)
        if moment is None:
            self.problems.append(wrong.NOT_A_TIME.at(where, name=name, found=text))
        return moment

    def _sent(self, root: etree._Element) -> datetime:
        moment = self._time(root, "sent", "")
        if moment is None and not self._text(root, "sent"):
            self.problems.append(wrong.MISSING.at(name="sent"))
        return moment or _NEVER


def time(text: str, version: Version = Version.V1_2) -> datetime | None:
    """The moment of a CAP time, or nothing when it is not written as ``version`` wants it."""
    if not (_TIME if version is Version.V1_2 else _OLD_TIME).fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def number(text: str) -> float | None:
    """A decimal number, or nothing."""
    value = float(text) if len(text) < 40 and NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def polygon(text: str) -> Coordinates | None:
    """``latitude,longitude`` pairs parted by white space, or nothing."""
    pairs = [[number(value) for value in pair.split(",")] for pair in text.split()]
    if not pairs or any(len(pair) != 2 or None in pair for pair in pairs):
        return None
    return tuple((pair[0], pair[1]) for pair in pairs if pair[0] is not None and pair[1] is not None)


def circle(text: str) -> tuple[float, float, float] | None:
    """``latitude,longitude radius``, the radius in km, or nothing."""
    centre, _, radius = text.partition(" ")
    pair, reach = polygon(centre), number(radius.strip())
    return (*pair[0], reach) if pair is not None and len(pair) == 1 and reach is not None else None
