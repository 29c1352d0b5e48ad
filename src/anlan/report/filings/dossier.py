"""A report as nodes tell it each other: rows of plain JSON values, and how they are read.

Each row has its own name (UUID) for ever. What came from another node is checked field by field; a row that is not sound refuses the whole
envelope, which is then kept and shown with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from anlan.federation.envelope import moment_of
from anlan.federation.refusals import EnvelopeMalformed
from anlan.kernel.access import Classification
from anlan.kernel.levels import Level
from anlan.report.filings import content, rules
from anlan.report.filings.models import Filing, FilingStep, FilingVersion, Instruction

Row = dict[str, Any]
MOST_ROWS = 2_000
"""More rows of one kind than this in one envelope are no report (project default)."""


YEARS = range(1900, 2200)
"""No report is of another year; beyond them a deadline could not even be added up."""


def moment(value: Any) -> datetime:
    """A moment from its text, in UTC. Raises ``TypeError``, ``ValueError``, ``OverflowError``."""
    found = moment_of(value)
    if found.year not in YEARS:
        raise ValueError(f"year {found.year}")
    return found


def _text(longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or "\x00" in value:
            raise TypeError("text")
        return value[:longest]

    return read


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**31 - 1:
        raise ValueError(f"count {value!r}")
    return value


def _level(value: Any) -> int:
    return int(Level(_count(value)))


def _one_of(names: Mapping[str, Any]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in names:
            raise ValueError(f"{value!r}")
        return str(value)

    return read


def _class(value: Any) -> int:
    return int(Classification(_count(value)))


def _changes(value: Any) -> dict[str, Any]:
    """``{field: [before, after]}`` of fields that a report has: they are shown by their labels."""
    if not isinstance(value, dict) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value.values()):
        raise TypeError("changed")
    if not value.keys() <= set(content.REPORTED):
        raise ValueError("changed")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("object")
    return value


def _names(value: Any) -> list[str]:
    """Names of fields that a report has."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("list")
    if not set(value) <= {field.name for field in Filing._meta.concrete_fields}:
        raise ValueError("unknown")
    return value


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


VERSION: dict[str, Callable[[Any], Any]] = {
    "id": UUID,
    "number": _count,
    "kind": _one_of(rules.VERSION_KINDS),
    "content": _object,
    "changed": _changes,
    "level_code": _text(4),
    "forecast_code": _text(4),
    "provisional": _boolean,
    "reason": _text(5000),
    "author_id": UUID,
    "author_name": _text(100),
    "post": _text(100),
    "at": moment,
}
STEP: dict[str, Callable[[Any], Any]] = {
    "id": UUID,
    "sequence": _count,
    "kind": _one_of(rules.STEP_KINDS),
    "rule_code": _text(40),
    "version_number": _count,
    "sender_level": _optional(_level),
    "sender_name": _text(200),
    "receiver_level": _level,
    "receiver_name": _text(200),
    "due": _optional(moment),
    "sent_at": moment,
    "sent_by": _text(100),
    "late_seconds": _count,
    "received_at": _optional(moment),
    "received_by": _text(100),
    "note": _text(5000),
    "number_called": _text(32),
    "read_back_by": _text(100),
    "unknown": _names,
    "noted_at": _optional(moment),
}
INSTRUCTION: dict[str, Callable[[Any], Any]] = {
    "id": UUID,
    "text": _text(5000),
    "given_by": _text(100),
    "given_by_post": _text(100),
    "given_level": _level,
    "entered_by_id": UUID,
    "at": moment,
    "done_at": _optional(moment),
    "done_by": _text(100),
    "outcome": _text(5000),
    "to_level": _optional(_level),
    "due": _optional(moment),
    "parent_id": _optional(UUID),
    "confirmed_at": _optional(moment),
    "confirmed_by": _text(100),
    "returned": _text(300),
}
HEADER: dict[str, Callable[[Any], Any]] = {
    "known_at": moment,
    "opened_at": moment,
    "classification": _class,
    "source": _one_of(rules.SOURCES),
    "reporter_id": UUID,
    "reporter_name": _text(100),
    "reporter_phone": _text(32),
    "unit_name": _text(200),
    "unit_code": _text(32),
    "state": _one_of({state.code: state for state in rules.FLOW.states}),
    "holder_level": _optional(_level),
    "why": _text(2000),
}
KINDS: dict[str, dict[str, Callable[[Any], Any]]] = {"versions": VERSION, "steps": STEP, "instructions": INSTRUCTION}
_LOCAL = frozenset({"number", "sequence"})
"""Places in a node's own order: a row that differs in them alone says nothing new."""


def told(record: FilingVersion | FilingStep | Instruction, columns: Mapping[str, Any]) -> Row:
    """A row as it is told."""
    return {name: _plain(getattr(record, name)) for name in columns}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value


def header(filing: Filing, why: str) -> Row:
    """What of a filing is said with every envelope, beside its rows."""
    return {
        **{name: _plain(getattr(filing, name)) for name in HEADER if name not in ("unit_name", "unit_code", "why")},
        "unit_name": filing.enterprise.name if filing.enterprise is not None else "",
        "unit_code": filing.enterprise.uscc if filing.enterprise is not None else "",
        "why": why,
    }


def digest(row: Mapping[str, Any]) -> str:
    """One short text for what a row says, whatever its place in the order of a node."""
    said = {name: value for name, value in row.items() if name not in _LOCAL}
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def read(row: Any, columns: Mapping[str, Callable[[Any], Any]]) -> Row:
    """Field values of a row that came. What a newer node says beside is left out. Raises ``EnvelopeMalformed``."""
    try:
        return {name: reader(row[name]) for name, reader in columns.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        raise EnvelopeMalformed(why=f"{type(wrong).__name__}: {wrong}"[:200]) from wrong


def content_of(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a version that was told holds, as values of a filing. Raises ``EnvelopeMalformed``, ``Invalid``."""
    try:
        return content.clean_told(told, moment(told["occurred_at"]), now)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        raise EnvelopeMalformed(why=f"content: {type(wrong).__name__}: {wrong}"[:200]) from wrong


def rows_of(body: Mapping[str, Any], kind: str) -> list[Row]:
    """Rows of a kind that came, read. Raises ``EnvelopeMalformed``."""
    found = body.get(kind, [])
    if not isinstance(found, list) or len(found) > MOST_ROWS:
        raise EnvelopeMalformed(why=kind)
    return [read(each, KINDS[kind]) for each in found]


def as_told(row: Mapping[str, Any]) -> Row:
    """A row that was read, as it was told: for its digest."""
    return {name: _plain(value) for name, value in row.items()}
