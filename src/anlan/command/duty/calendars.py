"""Duty as others' calendars read it: iCalendar (RFC 5545) of one person's shifts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_FOLD_BYTES = 75
"""RFC 5545 section 3.1: no line longer than 75 octets without its line break."""


@dataclass(frozen=True)
class Entry:
    """One shift: its permanent id, from when until when, what it is called and where."""

    id: UUID
    starts: datetime
    ends: datetime
    title: str
    place: str


def icalendar(entries: Iterable[Entry], *, name: str, now: datetime) -> bytes:
    """A calendar of shifts in UTF-8, moments in UTC, so that any reader shows them in its own time."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Anlan//duty//ZH", "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.id}@duty.anlan",
            f"DTSTAMP:{_utc(now)}",
            f"DTSTART:{_utc(entry.starts)}",
            f"DTEND:{_utc(entry.ends)}",
            f"SUMMARY:{_text(entry.title)}",
            f"LOCATION:{_text(entry.place)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "")):
        text = text.replace(plain, escaped)
    return text


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets, none of which cuts a character."""
    pieces, piece = [], b""
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > _FOLD_BYTES:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
