"""The node's own key: made at first need, kept in the node's folder, never in the database.

``<home>/secrets/node/identity.key`` (PKCS #8, Ed25519). The node's name among nodes is the beginning of the SHA-256 of its public key, so that
nobody can take another's.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from anlan.federation.refusals import EnvelopeMalformed

ID_LENGTH = 32
"""Hexadecimal digits of a node's name: 128 bits."""


@dataclass(frozen=True)
class Identity:
    """This node among nodes; ``public`` is its key as base64 of 32 bytes."""

    node_id: str
    private: Ed25519PrivateKey
    public: str


def identity() -> Identity:
    """The node's key. Raises ``OSError`` when it can neither be read nor made."""
    return _identity(Path(settings.ANLAN["HOME"]) / "secrets" / "node" / "identity.key")


@cache
def _identity(file: Path) -> Identity:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(file)
    private = serialization.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise OSError(f"{file}: no Ed25519 key")
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Identity(name_of(raw), private, b64encode(raw).decode())


def _make(file: Path) -> None:
    """Written aside and linked into place: of several processes that begin at once one wins, and none reads half a key."""
    secret = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    aside = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secret)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(aside, file)
    except FileExistsError:
        return
    finally:
        aside.unlink()


def name_of(raw: bytes) -> str:
    """Name of the node with this public key (32 bytes)."""
    return sha256(raw).hexdigest()[:ID_LENGTH]


def public_key(text: str) -> Ed25519PublicKey:
    """A public key from its base64. Raises ``EnvelopeMalformed``."""
    try:
        return Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))
    except ValueError as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong


def fingerprint(node_id: str) -> str:
    """A node's name in groups of four, as it is read out over the telephone."""
    return " ".join(node_id[at : at + 4] for at in range(0, len(node_id), 4)).upper()
