"""Attachments of a message against what it says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from anlan.wire.cap import wrong
from anlan.wire.problems import Problem

_BY_DIGITS = {40: "sha1", 64: "sha256"}
"""SHA-1 is what the standard names (§3.2.3), SHA-256 what some senders write instead; either shows damage, and neither proves a sender."""


def digest_of(data: bytes) -> str:
    """The ``digest`` of an attachment, SHA-1 in hexadecimal digits."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def damage(data: bytes, *, size: int | None, digest: str) -> Iterator[Problem]:
    """How the bytes that came differ from the size and digest told, as far as these were told and can be reckoned."""
    if size is not None and size != len(data):
        yield wrong.SIZE_DIFFERS.at(told=size, found=len(data))
    if digest:
        method = _BY_DIGITS.get(len(digest))
        if method is None or hashlib.new(method, data, usedforsecurity=False).hexdigest() != digest.lower():
            yield wrong.DIGEST_DIFFERS.at()
