"""Secrets of equipment: drawn at random, kept as salted digests, compared in constant time. No Django, no clock."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without l, o, 0 and 1: user names are typed into equipment by hand."""


def new_username() -> str:
    """A fresh user name that is one token of a subject: ``q`` and 11 letters and digits (55 bits)."""
    return "q" + "".join(secrets.choice(_ALPHABET) for _ in range(11))


def new_secret() -> str:
    """A fresh secret of 256 bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> tuple[str, str]:
    """Fresh salt and the digest of ``secret`` with it."""
    salt = secrets.token_hex(16)
    return salt, _digest(salt, secret)


def matches(secret: str, salt: str, expected: str) -> bool:
    """Whether ``secret`` belongs to the digest; the time it takes tells nothing."""
    return bool(expected) and hmac.compare_digest(_digest(salt, secret), expected)


def _digest(salt: str, secret: str) -> str:
    # One round is enough for a random secret of 256 bits; a password chosen by a person would need a slow hash.
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()
