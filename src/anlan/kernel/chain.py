"""The hash chain of the audit log: each entry's hash covers its content and the hash before it.

One changed byte anywhere breaks the chain from there on; a removed tail shows against the kept head. GB/T 22239-2019 8.1.4.3 asks
that audit records be protected against unexpected deletion, modification and overwriting.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GENESIS = "0" * 64


def canonical(content: Mapping[str, object]) -> bytes:
    """``content`` as JSON with sorted keys, no blanks, UTF-8: the same bytes for the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(previous: str, content: Mapping[str, object]) -> str:
    """SHA-256 over the previous hash and the canonical content, in hex."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(content)).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """Outcome of a verification: how many entries were read, and the first one that does not hold."""

    entries: int
    broken_at: int | None = None
    why: str = ""

    @property
    def intact(self) -> bool:
        """Whether the whole chain holds."""
        return self.broken_at is None


def verify(entries: Iterable[tuple[int, str, Mapping[str, object], str]], head: tuple[int, str] | None) -> Verdict:
    """Walk ``(sequence, previous, content, hash)`` in order and compare the end with the kept ``head`` (sequence, hash)."""
    expected, last, count = GENESIS, 0, 0
    for sequence, previous, content, digest in entries:
        if sequence != last + 1:
            return Verdict(count, last + 1, "missing")
        if previous != expected:
            return Verdict(count, sequence, "previous")
        if link(previous, content) != digest:
            return Verdict(count, sequence, "content")
        expected, last, count = digest, sequence, count + 1
    if head is not None and head != (last, expected):
        return Verdict(count, min(head[0], last) + (1 if head[0] > last else 0) or 1, "head")
    return Verdict(count)
