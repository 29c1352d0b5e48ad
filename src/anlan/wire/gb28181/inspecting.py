"""Whatever somebody has at hand of GB/T 28181 (a body, a message, a recorded trace) taken apart, to look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.kernel.errors import Refusal
from anlan.wire.gb28181 import manscdp, message
from anlan.wire.gb28181.refusals import MessageTooLong

_BETWEEN = re.compile(rb"(?m)^={4,}[ \t]*\r?$\n?")
MOST_TRACE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Said:
    """One message with its body, where it carries one. ``refused``: why the body could not be read."""

    message: message.Message
    body: manscdp.Body | None = None
    refused: Refusal | None = None


def decode(data: bytes) -> manscdp.Body | Said | tuple[Said | Refusal, ...]:
    """A body (it begins with ``<``), one SIP message, or the messages of a trace with lines of ``=====`` between them.

    Bare line feeds are taken as line ends, as traces kept in files have them. Raises a refusal of :mod:`.refusals` for a body or a single
    message; in a trace each refusal stands at its place.
    """
    if len(data) > MOST_TRACE_BYTES:
        raise MessageTooLong(limit=MOST_TRACE_BYTES)
    if data.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<"):
        return manscdp.decode(data)
    parts = [part for part in _BETWEEN.split(data) if part.strip()]
    if len(parts) <= 1:
        return said(data)
    return tuple(_said_or_refused(part) for part in parts)


def _said_or_refused(data: bytes) -> Said | Refusal:
    try:
        return said(data)
    except Refusal as refusal:
        return refusal


def said(data: bytes) -> Said:
    """One SIP message and its body. Raises a refusal of :mod:`.refusals`."""
    found = message.parse(re.sub(rb"\r?\n", b"\r\n", data.strip(b"\r\n") + b"\r\n\r\n"))
    if "xml" not in found.get("Content-Type").lower() or not found.body.strip():
        return Said(found)
    try:
        return Said(found, manscdp.decode(found.body))
    except Refusal as refusal:
        return Said(found, refused=refusal)
