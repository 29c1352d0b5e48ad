"""XML bytes to CAP 1.2 messages. No entity is expanded, no DTD is read, no address is fetched."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from anlan.wire.cap.message import (
    NAMESPACE,
    Alert,
    Area,
    CapRefused,
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
)
from anlan.wire.cap.rules import check

MAXIMUM_BYTES = 5_000_000
E = TypeVar("E", bound=StrEnum)


def decode(data: bytes) -> Alert:
    """Read one message. Raises :class:`CapRefused` naming every problem: not XML, a DTD, wrong namespace or version, missing or
    unknown values, rules of the standard's text broken.
    """
    if len(data) > MAXIMUM_BYTES:
        raise _refuse([f"message is larger than {MAXIMUM_BYTES} bytes"])
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as wrong:
        raise _refuse([f"not well-formed XML: {wrong}"]) from wrong
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise _refuse(["a document type declaration is not accepted"])
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise _refuse([f"root element is {root.tag}, not a CAP 1.2 alert"])
    reader = _Reader()
    alert = reader.alert(root)
    problems = reader.problems or check(alert)
    if problems:
        raise _refuse(problems)
    return alert


def _refuse(problems: list[str]) -> CapRefused:
    return CapRefused(why="; ".join(problems), problems=problems)


class _Reader:
    """Gathers problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def alert(self, root: etree._Element) -> Alert:
        references = self.optional(root, "references")
        if root.find(f"{{{NAMESPACE}}}references") is not None and not references:
            self.problems.append("references is present but empty")
        return Alert(
            identifier=self.required(root, "identifier"),
            sender=self.required(root, "sender"),
            sent=self.time(root, "sent") or self.missing_time("sent"),
            status=self.choice(root, "status", Status),
            msg_type=self.choice(root, "msgType", MessageType),
            scope=self.choice(root, "scope", Scope),
            source=self.optional(root, "source"),
            restriction=self.optional(root, "restriction"),
            addresses=self.optional(root, "addresses"),
            codes=tuple(self.all(root, "code")),
            note=self.optional(root, "note"),
            references=tuple(references.split()),
            incidents=self.optional(root, "incidents"),
            infos=tuple(self.info(block) for block in root.findall(f"{{{NAMESPACE}}}info")),
        )

    def info(self, block: etree._Element) -> Info:
        return Info(
            language=self.optional(block, "language") or "en-US",
            categories=tuple(self.enum("category", text, Category) for text in self.all(block, "category")),
            event=self.required(block, "event"),
            response_types=tuple(self.enum("responseType", text, ResponseType) for text in self.all(block, "responseType")),
            urgency=self.choice(block, "urgency", Urgency),
            severity=self.choice(block, "severity", Severity),
            certainty=self.choice(block, "certainty", Certainty),
            audience=self.optional(block, "audience"),
            event_codes=self.pairs(block, "eventCode"),
            effective=self.time(block, "effective"),
            onset=self.time(block, "onset"),
            expires=self.time(block, "expires"),
            sender_name=self.optional(block, "senderName"),
            headline=self.optional(block, "headline"),
            description=self.optional(block, "description"),
            instruction=self.optional(block, "instruction"),
            web=self.optional(block, "web"),
            contact=self.optional(block, "contact"),
            parameters=self.pairs(block, "parameter"),
            resources=tuple(self.resource(part) for part in block.findall(f"{{{NAMESPACE}}}resource")),
            areas=tuple(self.area(part) for part in block.findall(f"{{{NAMESPACE}}}area")),
        )

    def resource(self, part: etree._Element) -> Resource:
        size = self.optional(part, "size")
        if size and not size.lstrip("-").isdigit():
            self.problems.append(f"size {size!r} is not a whole number")
            size = ""
        return Resource(
            resource_desc=self.required(part, "resourceDesc"),
            mime_type=self.required(part, "mimeType"),
            size=int(size) if size else None,
            uri=self.optional(part, "uri"),
            deref_uri=self.optional(part, "derefUri"),
            digest=self.optional(part, "digest"),
        )

    def area(self, part: etree._Element) -> Area:
        return Area(
            area_desc=self.required(part, "areaDesc"),
            polygons=tuple(self.polygon(text) for text in self.all(part, "polygon")),
            circles=tuple(self.circle(text) for text in self.all(part, "circle")),
            geocodes=self.pairs(part, "geocode"),
            altitude=self.height(part, "altitude"),
            ceiling=self.height(part, "ceiling"),
        )

    def polygon(self, text: str) -> Coordinates:
        pairs = [pair.split(",") for pair in text.split()]
        try:
            return tuple((float(latitude), float(longitude)) for latitude, longitude in pairs)
        except ValueError:
            self.problems.append(f"polygon {text[:40]!r} is not a list of latitude,longitude pairs")
            return ()

    def circle(self, text: str) -> tuple[float, float, float]:
        try:
            centre, radius = text.split()
            latitude, longitude = centre.split(",")
            return float(latitude), float(longitude), float(radius)
        except ValueError:
            self.problems.append(f"circle {text[:40]!r} is not latitude,longitude radius")
            return 0.0, 0.0, 0.0

    def height(self, part: etree._Element, name: str) -> float | None:
        text = self.optional(part, name)
        try:
            return float(text) if text else None
        except ValueError:
            self.problems.append(f"{name} {text!r} is not a number")
            return None

    def pairs(self, block: etree._Element, name: str) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(self.required(part, "valueName"), self.optional(part, "value")) for part in block.findall(f"{{{NAMESPACE}}}{name}")
        )

    def all(self, block: etree._Element, name: str) -> list[str]:
        return [(part.text or "").strip() for part in block.findall(f"{{{NAMESPACE}}}{name}")]

    def optional(self, block: etree._Element, name: str) -> str:
        return (block.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()

    def required(self, block: etree._Element, name: str) -> str:
        text = self.optional(block, name)
        if not text:
            self.problems.append(f"{name} is missing")
        return text

    def enum(self, name: str, text: str, kind: type[E]) -> E:
        try:
            return kind(text)
        except ValueError:
            self.problems.append(f"{name} {text!r} is not one of {', '.join(kind)}" if text else f"{name} is missing")
            return next(iter(kind))

    def choice(self, block: etree._Element, name: str, kind: type[E]) -> E:
        return self.enum(name, self.optional(block, name), kind)

    def time(self, block: etree._Element, name: str) -> datetime | None:
        text = self.optional(block, name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        # The standard's pattern (§3.3.2): seconds and a numeric offset, never the letter Z.
        if moment is None or moment.tzinfo is None or text.endswith(("Z", "z")):
            self.problems.append(f"{name} {text!r} is not a CAP time such as 2026-11-22T09:18:00+08:00")
            return None
        return moment

    def missing_time(self, name: str) -> datetime:
        if not any(problem.startswith(name) for problem in self.problems):
            self.problems.append(f"{name} is missing")
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
