"""The law of interface keys: how they are drawn, kept, told in a request, and what they may hold. Pure, no clock.

Kept as SHA-256: the secret is 256 random bits, so there is nothing to guess that a slow hash would protect, and a client asks for tiles dozens of
times a second. A password chosen by a person is kept with Argon2 (``PASSWORD_HASHERS``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from anlan.ground.people.refusals import KeyRefused
from anlan.ground.people.rules import ADMINISTRATION, OWN, PostKind, is_read_only
from anlan.kernel.words import N_

USERNAME_PREFIX = "k"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_NEVER = tuple(pattern.partition(".")[0] for pattern in (*ADMINISTRATION, OWN))
"""Rooms of which no key reads anything: accounts, audit log, one's own account."""

EXPIRED, REVOKED, NOT_HELD = N_("已过有效期"), N_("已被吊销"), N_("账号已停用或不再担任该岗位")


def new_username() -> str:
    """A fresh name of a key: ``k`` and 11 letters and digits (55 bits)."""
    return USERNAME_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(11))


def new_secret() -> str:
    """A fresh secret of 256 bits."""
    return secrets.token_urlsafe(32)


def digest(username: str, secret: str) -> bytes:
    """What the table keeps: SHA-256 of the secret, bound to the key's name (32 bytes)."""
    return hashlib.sha256(f"{username}:{secret}".encode()).digest()


def matches(username: str, secret: str, kept: bytes) -> bool:
    """Whether ``secret`` belongs to ``kept``; the time it takes tells nothing."""
    return hmac.compare_digest(digest(username, secret), kept)


def bearer(username: str, secret: str) -> str:
    """The one word of ``Authorization: Bearer`` (RFC 6750)."""
    return f"{username}.{secret}"


def told(header: str) -> tuple[str, str] | None:
    """Name and secret of an ``Authorization`` header, by ``Bearer`` (RFC 6750) or ``Basic`` (RFC 7617); ``None`` for no such header.

    Raises :class:`KeyRefused` for one of these schemes that cannot be read.
    """
    scheme, _space, rest = header.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            username, dot, secret = rest.strip().partition(".")
        case "basic":
            try:
                username, dot, secret = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise KeyRefused from None
        case _:
            return None
    if not dot or not username or not secret:
        raise KeyRefused
    return username, secret


def sendable(kind: PostKind, declared: Iterable[str], feedable: Iterable[str] = ()) -> tuple[str, ...]:
    """Those of the ``declared`` actions (what rooms let an enterprise's own system send) that a key for a post of ``kind`` may hold.

    A bureau's key holds none of them: what a bureau registers, judges and orders, a person answers for by name. It may hold ``feedable`` ones, which
    bring in what strangers said.
    """
    declared = declared if kind.of_enterprise else feedable
    return tuple(action for action in declared if action.partition(".")[0] not in _NEVER and kind.allows(action))


def looked_at(writes: Iterable[str]) -> tuple[str, ...]:
    """The looking actions that go with what a key may write: whoever sends must be able to read back what became of it."""
    return tuple(dict.fromkeys(f"{action.partition('.')[0]}.view" for action in writes))


def readable(kind: PostKind, actions: Iterable[str]) -> tuple[str, ...]:
    """Those of ``actions`` that only look and that a post of ``kind`` may do: what a key for it may hold."""
    return tuple(action for action in actions if is_read_only(action) and action.partition(".")[0] not in _NEVER and kind.allows(action))
