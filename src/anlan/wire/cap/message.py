"""The CAP 1.2 data model (OASIS CAP-v1.2 §3.2), one dataclass per block, field names as in the standard, in snake case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"


class CapRefused(Refusal):
    """The bytes are not an acceptable CAP message; ``why`` lists every reason found."""

    code: ClassVar[str] = "cap_refused"
    sentence: ClassVar[str] = N_("CAP 报文不符合要求：{why}")
    status: ClassVar[int] = 422


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


def reference_to(alert: Alert) -> str:
    """``sender,identifier,sent`` of ``alert`` as ``references`` of a later message wants it."""
    return f"{alert.sender},{alert.identifier},{format_time(alert.sent)}"


def format_time(moment: datetime) -> str:
    """``2026-11-22T09:18:00+08:00``: seconds, no fraction, never ``Z`` (§3.3.2). Raises ``ValueError`` for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("CAP times carry their offset")
    return moment.replace(microsecond=0).isoformat()
