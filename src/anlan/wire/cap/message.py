"""The CAP data model (OASIS CAP-v1.2 §3.2), one dataclass per block, field names as in the standard, in snake case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.wire.problems import Faulty, Problem

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"


class Version(StrEnum):
    """The edition of the standard a message was written by. All are read, 1.2 alone is written."""

    V1_0 = "1.0"
    V1_1 = "1.1"
    V1_2 = "1.2"


NAMESPACES = {
    "http://www.incident.com/cap/1.0": Version.V1_0,
    "urn:oasis:names:tc:emergency:cap:1.1": Version.V1_1,
    NAMESPACE: Version.V1_2,
}


class CapRefused(Faulty):
    """The bytes are not an acceptable CAP message; ``problems`` holds every reason found."""

    code: ClassVar[str] = "cap_refused"
    sentence: ClassVar[str] = N_("CAP 报文不符合要求：{why}")


class Status(StrEnum):
    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MessageType(StrEnum):
    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Scope(StrEnum):
    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


class Category(StrEnum):
    GEO = "Geo"
    MET = "Met"
    SAFETY = "Safety"
    SECURITY = "Security"
    RESCUE = "Rescue"
    FIRE = "Fire"
    HEALTH = "Health"
    ENV = "Env"
    TRANSPORT = "Transport"
    INFRA = "Infra"
    CBRNE = "CBRNE"
    OTHER = "Other"


class ResponseType(StrEnum):
    SHELTER = "Shelter"
    EVACUATE = "Evacuate"
    PREPARE = "Prepare"
    EXECUTE = "Execute"
    AVOID = "Avoid"
    MONITOR = "Monitor"
    ASSESS = "Assess"
    ALL_CLEAR = "AllClear"
    NONE = "None"


class Urgency(StrEnum):
    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Severity(StrEnum):
    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Parameter:
    """A named value: used for ``parameter``, ``eventCode`` and ``geocode`` alike."""

    value_name: str
    value: str


Coordinates = tuple[tuple[float, float], ...]
"""Pairs of latitude and longitude, in this order, WGS-84 degrees (§3.3.1)."""


@dataclass(frozen=True)
class Area:
    """Where. A polygon is closed: first and last pair are equal. A circle is ``(latitude, longitude, radius in km)``."""

    area_desc: str
    polygons: tuple[Coordinates, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    geocodes: tuple[Parameter, ...] = ()
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True)
class Resource:
    """An attachment by reference; ``digest`` is SHA-1 in hex as the standard asks."""

    resource_desc: str
    mime_type: str
    size: int | None = None
    uri: str = ""
    deref_uri: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Info:
    """What, in one language."""

    categories: tuple[Category, ...]
    event: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    language: str = "zh-CN"
    response_types: tuple[ResponseType, ...] = ()
    audience: str = ""
    event_codes: tuple[Parameter, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Parameter, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Alert:
    """A whole message. ``references`` holds ``sender,identifier,sent`` triples of the messages it changes."""

    identifier: str
    sender: str
    sent: datetime
    status: Status
    msg_type: MessageType
    scope: Scope
    source: str = ""
    restriction: str = ""
    addresses: str = ""
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[str, ...] = ()
    incidents: str = ""
    infos: tuple[Info, ...] = ()


@dataclass(frozen=True)
class Received:
    """A message as it came: what it says, by which edition, whether it carries a signature (of whomever), and what was changed or passed
    over in reading it."""

    alert: Alert
    version: Version
    signed: bool = False
    notes: tuple[Problem, ...] = ()


def reference_to(alert: Alert) -> str:
    """``sender,identifier,sent`` of ``alert`` as ``references`` of a later message wants it."""
    return f"{alert.sender},{alert.identifier},{format_time(alert.sent)}"


def format_time(moment: datetime) -> str:
    """``2026-11-22T09:18:00+08:00``: seconds, no fraction, UTC as ``-00:00`` and never ``Z`` (§3.3.2). ``ValueError`` for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("CAP times carry their offset")
    # An offset with seconds (old local mean times) has no form in the standard; the same moment in UTC has.
    offset = moment.utcoffset()
    if offset is None or offset % timedelta(minutes=1):
        moment = moment.astimezone(UTC)
    text = moment.replace(microsecond=0).isoformat()
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text
