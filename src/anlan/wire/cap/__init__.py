"""Common Alerting Protocol 1.2 (OASIS, 2010): messages as frozen dataclasses, bytes in and out, checks beyond the schema, Atom feed."""

from anlan.wire.cap.atom import FeedEntry, encode_feed
from anlan.wire.cap.decode import decode
from anlan.wire.cap.encode import encode
from anlan.wire.cap.message import (
    Alert,
    Area,
    CapRefused,
    Certainty,
    Info,
    MessageType,
    Parameter,
    Resource,
    Scope,
    Severity,
    Status,
    Urgency,
)
from anlan.wire.cap.rules import check

__all__ = [
    "Alert",
    "Area",
    "CapRefused",
    "Certainty",
    "FeedEntry",
    "Info",
    "MessageType",
    "Parameter",
    "Resource",
    "Scope",
    "Severity",
    "Status",
    "Urgency",
    "check",
    "decode",
    "encode",
    "encode_feed",
]
