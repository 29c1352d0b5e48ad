"""Common Alerting Protocol (OASIS, 1.2 of 2010; 1.1 and 1.0 are read): messages as frozen dataclasses, bytes in and out, the rules of its text.

``anlan.wire.cap.doubts`` tells what is allowed and still doubtful, ``anlan.wire.cap.signature`` signs and verifies; both are imported by
name, since they bring libraries that most readers of a message do not need. Feeds of others are read by ``anlan.wire.feeds``.
"""

from anlan.wire.cap.atom import FeedEntry, encode_feed
from anlan.wire.cap.decode import decode, read
from anlan.wire.cap.encode import encode
from anlan.wire.cap.message import (
    Alert,
    Area,
    CapRefused,
    Certainty,
    Info,
    MessageType,
    Parameter,
    Received,
    Resource,
    Scope,
    Severity,
    Status,
    Urgency,
    Version,
    reference_to,
)
from anlan.wire.cap.rss import encode_rss
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
    "Received",
    "Resource",
    "Scope",
    "Severity",
    "Status",
    "Urgency",
    "Version",
    "check",
    "decode",
    "encode",
    "encode_feed",
    "encode_rss",
    "read",
    "reference_to",
]
