"""QuakeML 1.2 to events. No entity is expanded, no document type is read, nothing is fetched."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from anlan.wire import markup
from anlan.wire.earthquakes.message import (
    EVENT_TYPES,
    LACKING,
    NO_EVENTS,
    NO_NUMBER,
    NO_TIME,
    NOT_ALLOWED,
    NOT_AN_IDENTIFIER,
    NOT_POSITIVE,
    NOT_QUAKEML,
    NOT_WITHIN,
    OLD_EDITION,
    PREFERRED_UNKNOWN,
    SHORT_IDENTIFIER,
    TOO_MANY_EVENTS,
    UNKNOWN_TYPE,
    Catalogue,
    CatalogueRefused,
    EvaluationMode,
    EvaluationStatus,
    Event,
    EventRefused,
    Magnitude,
    Moment,
    Origin,
    Quantity,
    gathered,
)
from anlan.wire.problems import Faulty, Problem

MOST_BYTES, MOST_ELEMENTS, MOST_EVENTS = 50_000_000, 2_000_000, 20_000
"""Project defaults; the FDSN event services give at most 20,000 events for one question."""
_ROOTS = {
    "http://quakeml.org/xmlns/quakeml/1.2": "http://quakeml.org/xmlns/bed/1.2",
    "http://quakeml.org/xmlns/quakeml/1.0": "http://quakeml.org/xmlns/quakeml/1.0",
}
_IDENTIFIER = re.compile(r"(smi|quakeml):[\w\-.*()+?~'=,;#/&:]+", re.ASCII)
"""The characters of §3.1; the schema's own pattern lets through signs (as ">"), which Unicode counts among words."""
_WHOLE_IDENTIFIER = re.compile(r"(smi|quakeml):\w[\w\-.*()~']{2,}/[\w\-.*()~'][\w\-.*()+?~'=,;#/&]*", re.ASCII)
_REFERENCES = frozenset(
    [
        "preferredOriginID",
        "preferredMagnitudeID",
        "preferredFocalMechanismID",
        "originID",
        "methodID",
        "pickID",
        "amplitudeID",
        "filterID",
        "slownessMethodID",
        "earthModelID",
        "referenceSystemID",
        "triggeringOriginID",
        "derivedOriginID",
        "momentMagnitudeID",
        "greensFunctionID",
        "stationMagnitudeID",
        "agencyURI",
        "authorURI",
    ]
)
_CHOICES = {
    "depthType": "from location|from moment tensor inversion|from modeling of broad-band P waveforms|constrained by depth phases|"
    "constrained by direct phases|constrained by depth and direct phases|operator assigned|other",
    "typeCertainty": "known|suspected",
    "preferredDescription": "horizontal uncertainty|uncertainty ellipse|confidence ellipsoid",
    "evaluationMode": "manual|automatic",
    "evaluationStatus": "preliminary|confirmed|reviewed|final|rejected",
}
_ORIGIN_TYPES = "hypocenter|centroid|amplitude|macroseismic|rupture start|rupture end"
_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
E = TypeVar("E", bound=StrEnum)


def decode(data: bytes) -> Catalogue:
    """Read a QuakeML document. Raises :class:`CatalogueRefused` for what is none, and when every event in it is refused."""
    try:
        root = markup.parse(data, most_bytes=MOST_BYTES, most_elements=MOST_ELEMENTS)
    except Faulty as faulty:
        raise CatalogueRefused(faulty.problems) from None
    namespace = _ROOTS.get(markup.namespace(root))
    if namespace is None or markup.name(root) != "quakeml":
        raise CatalogueRefused([NOT_QUAKEML.at(found=root.tag)])
    parameters = root.find(f"{{{namespace}}}eventParameters")
    if parameters is None:
        raise CatalogueRefused([NO_EVENTS.at()])
    old = namespace == markup.namespace(root)
    notes = [OLD_EDITION.at(found=namespace)] if old else []
    parts = parameters.findall(f"{{{namespace}}}event")
    if len(parts) > MOST_EVENTS:
        notes.append(TOO_MANY_EVENTS.at(count=len(parts), limit=MOST_EVENTS))
    found, refused = [], []
    for number, part in enumerate(parts[:MOST_EVENTS], 1):
        reader = _Reader(namespace, old)
        event = reader.event(part)
        if reader.problems:
            refused.append(EventRefused(reader.problems, number, event.id))
        else:
            found.append((number, event))
    return gathered(parameters.get("publicID", ""), found, refused, notes)


class _Reader:
    """Reads one event, gathering problems instead of stopping at the first."""

    def __init__(self, namespace: str, old: bool) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._namespace = namespace
        self._old = old

    def event(self, part: etree._Element) -> Event:
        self._identifiers(part)
        self._enumerations(part)
        origins = tuple(self._origin(o, f"origin[{n}]") for n, o in enumerate(part.findall(self._tag("origin")), 1))
        magnitudes = tuple(self._magnitude(m, f"magnitude[{n}]") for n, m in enumerate(part.findall(self._tag("magnitude")), 1))
        preferred = {}
        for name, known in (("preferredOriginID", origins), ("preferredMagnitudeID", magnitudes)):
            preferred[name] = self._text(part, name)
            if preferred[name] and preferred[name] not in {each.id for each in known}:
                self.notes.append(PREFERRED_UNKNOWN.at(name=name, found=preferred[name]))
        return Event(
            id=self._public_id(part, "event"),
            origins=origins,
            magnitudes=magnitudes,
            preferred_origin_id=preferred["preferredOriginID"],
            preferred_magnitude_id=preferred["preferredMagnitudeID"],
            type=self._event_type(part),
            type_certainty=self._text(part, "typeCertainty"),
            description=self._description(part),
            agency=self._agency(part),
            created=self._created(part, "creationInfo"),
            version=self._text(part, "creationInfo/version"),
            notes=tuple(self.notes),
        )

    def _origin(self, part: etree._Element, where: str) -> Origin:
        kind = self._text(part, "type")
        if kind and kind not in _ORIGIN_TYPES.split("|"):
            self.problems.append(NOT_ALLOWED.at(where, name="type", found=kind))
        return Origin(
            id=self._public_id(part, where),
            time=self._moment(part, where),
            latitude=self._quantity(part, "latitude", where, -90, 90) or Quantity(0),
            longitude=self._quantity(part, "longitude", where, -180, 180) or Quantity(0),
            depth=self._quantity(part, "depth", where, required=False),
            depth_type=self._text(part, "depthType"),
            region=self._text(part, "region"),
            horizontal_uncertainty=self._number(part, "originUncertainty/horizontalUncertainty", where),
            used_phase_count=self._count(part, "quality/usedPhaseCount", where),
            used_station_count=self._count(part, "quality/usedStationCount", where),
            azimuthal_gap=self._number(part, "quality/azimuthalGap", where),
            minimum_distance=self._number(part, "quality/minimumDistance", where),
            standard_error=self._number(part, "quality/standardError", where),
            evaluation_mode=self._choice(part, "evaluationMode", EvaluationMode),
            evaluation_status=self._choice(part, "evaluationStatus", EvaluationStatus),
            agency=self._agency(part),
            created=self._created(part, where),
            version=self._text(part, "creationInfo/version"),
        )

    def _magnitude(self, part: etree._Element, where: str) -> Magnitude:
        return Magnitude(
            id=self._public_id(part, where),
            value=self._quantity(part, "mag", where) or Quantity(0),
            type=self._text(part, "type"),
            origin_id=self._text(part, "originID"),
            station_count=self._count(part, "stationCount", where),
            evaluation_mode=self._choice(part, "evaluationMode", EvaluationMode),
            evaluation_status=self._choice(part, "evaluationStatus", EvaluationStatus),
            agency=self._agency(part),
            created=self._created(part, where),
        )

    def _identifiers(self, part: etree._Element) -> None:
        """Every identifier within the event, also of what is not read: who refers to nothing lawful is not to be trusted with the rest."""
        seen: set[str] = set()
        for element in part.iter(f"{{{self._namespace}}}*"):
            name = markup.name(element)
            found = [("publicID", element.get("publicID"))] if element.get("publicID") is not None else []
            if name in _REFERENCES:
                found.append((name, (element.text or "").strip()))
            for field, value in found:
                if not value or value in seen:
                    continue
                seen.add(value)
                if not _IDENTIFIER.fullmatch(value):
                    self.problems.append(NOT_AN_IDENTIFIER.at(name, name=field, found=value))
                elif not _WHOLE_IDENTIFIER.fullmatch(value):
                    self.notes.append(SHORT_IDENTIFIER.at(name, name=field, found=value))

    def _enumerations(self, part: etree._Element) -> None:
        for element in part.iter(*(self._tag(name) for name in _CHOICES)):
            value = (element.text or "").strip()
            if value and not self._none(value) and value not in _CHOICES[markup.name(element)].split("|"):
                self.problems.append(NOT_ALLOWED.at(markup.name(element.getparent()), name=markup.name(element), found=value))

    def _event_type(self, part: etree._Element) -> str:
        kind = self._text(part, "type")
        spelled = kind.replace("_", " ")
        if spelled in EVENT_TYPES:
            return spelled
        if kind:
            self.notes.append(UNKNOWN_TYPE.at(found=kind))
        return kind

    def _description(self, part: etree._Element) -> str:
        """What the event is called; the region by Flinn and Engdahl before anything else, since most sources give it."""
        texts = {self._text(each, "type"): self._text(each, "text") for each in reversed(part.findall(self._tag("description")))}
        for kind in ("earthquake name", "Flinn-Engdahl region", "region name"):
            if texts.get(kind):
                return texts[kind]
        return next((text for text in texts.values() if text), "")

    def _public_id(self, part: etree._Element, where: str) -> str:
        found = part.get("publicID", "").strip()
        if not found:
            self.problems.append(LACKING.at(where, name="publicID"))
        return found

    def _moment(self, part: etree._Element, where: str) -> Moment:
        text = self._text(part, "time/value")
        moment = time(text)
        if moment is None:
            self.problems.append(NO_TIME.at(where, name="time", found=text) if text else LACKING.at(where, name="time"))
        return Moment(moment or _NEVER, *self._uncertainties(part, "time", where))

    def _quantity(
        self, part: etree._Element, name: str, where: str, low: float = -math.inf, high: float = math.inf, required: bool = True
    ) -> Quantity | None:
        if not self._text(part, f"{name}/value"):
            if required or part.find(self._tag(name)) is not None:
                self.problems.append(LACKING.at(where, name=name))
            return None
        value = self._number(part, f"{name}/value", where, signed=True)
        if value is None:
            return None
        if not low <= value <= high:
            self.problems.append(NOT_WITHIN.at(where, name=name, found=value, low=low, high=high))
        return Quantity(value, *self._uncertainties(part, name, where))

    def _uncertainties(self, part: etree._Element, name: str, where: str) -> tuple[float | None, float | None, float | None, float | None]:
        confidence = self._number(part, f"{name}/confidenceLevel", where)
        if confidence is not None and confidence > 100:
            self.problems.append(NOT_WITHIN.at(where, name=f"{name}/confidenceLevel", found=confidence, low=0, high=100))
        kinds = (f"{name}/uncertainty", f"{name}/lowerUncertainty", f"{name}/upperUncertainty")
        uncertainty, lower, upper = (self._number(part, kind, where) for kind in kinds)
        return uncertainty, lower, upper, confidence

    def _number(self, part: etree._Element, path: str, where: str, signed: bool = False) -> float | None:
        text = self._text(part, path)
        if not text:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            self.problems.append(NO_NUMBER.at(where, name=path, found=text))
            return None
        if value < 0 and not signed:
            self.problems.append(NOT_POSITIVE.at(where, name=path, found=text))
        return value

    def _count(self, part: etree._Element, path: str, where: str) -> int | None:
        value = self._number(part, path, where)
        return int(value) if value is not None else None

    def _choice(self, part: etree._Element, name: str, kind: type[E]) -> E | None:
        text = self._text(part, name)
        # What is not allowed was told by _enumerations already.
        return kind(text) if text in set(kind) else None

    def _created(self, part: etree._Element, where: str) -> datetime | None:
        text = self._text(part, "creationInfo/creationTime")
        moment = time(text) if text else None
        if text and moment is None:
            self.problems.append(NO_TIME.at(where, name="creationTime", found=text))
        return moment

    def _agency(self, part: etree._Element) -> str:
        return self._text(part, "creationInfo/agencyID") or self._text(part, "creationInfo/agencyURI")

    def _text(self, part: etree._Element, path: str) -> str:
        text = (part.findtext("/".join(self._tag(name) for name in path.split("/"))) or "").strip()
        return "" if self._none(text) else text

    def _none(self, text: str) -> bool:
        """Whether a text of the old edition stands for nothing."""
        return self._old and text == "null"

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}"


def time(text: str) -> datetime | None:
    """The moment of an ``xs:dateTime``, which is UTC where it says no offset (QuakeML-BED-1.2 §3.1); nothing when it is none."""
    written = _TIME.fullmatch(text)
    try:
        if written is None:
            return None
        fraction = written[1] or ""
        moment = datetime.fromisoformat(text.replace(fraction, fraction[:7], 1) if fraction else text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
