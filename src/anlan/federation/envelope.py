"""What travels between nodes: a small JSON text, signed by the node where it arose (JWS compact, RFC 7515; EdDSA, RFC 8037), never changed on its way.

No Django here and no database. Relays hand an envelope on as it is, so that the last node can still tell who wrote it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anlan.federation.refusals import EnvelopeMalformed, SignatureWrong
from anlan.kernel.levels import Level, level_of
from anlan.kernel.words import N_

MOST_BYTES = 1_000_000
"""As long as a sealed envelope may be (project default)."""
MOST_RECEIVERS = 50
"""To so many bureaus one envelope may go (project default)."""
ALGORITHM = "EdDSA"
_JWS = jwt.PyJWS(algorithms=[ALGORITHM])
_SIGNER = re.compile("[0-9a-f]{32}")


class Lane(IntEnum):
    """What goes first where a link is narrow or was cut: smaller goes first."""

    FLASH = 0
    URGENT = 1
    ROUTINE = 2
    BULK = 3

    @property
    def label(self) -> str:
        """Chinese source text."""
        return (N_("特急"), N_("加急"), N_("平件"), N_("大件"))[self]


@dataclass(frozen=True)
class Address:
    """A bureau: the one of ``level`` at ``place_code``, on whichever node it works."""

    level: Level
    place_code: str

    @property
    def key(self) -> str:
        """One text for one address."""
        return f"{int(self.level)}:{self.place_code}"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """``kind`` names what ``body`` holds; ``to`` one bureau or several: over a narrow link it goes once; ``subject`` the record it is about, which lies at ``place_code``; ``origin`` the node that wrote it,
    ``sender`` the address of that node's bureau."""

    id: UUID
    kind: str
    origin: str
    sender: Address
    to: tuple[Address, ...]
    lane: Lane
    subject: UUID
    place_code: str
    title: str
    made_at: datetime
    exercise: bool
    body: Mapping[str, Any]


def seal(envelope: Envelope, key: Ed25519PrivateKey) -> str:
    """The envelope as one signed line of text. Raises ``EnvelopeMalformed`` when it would be too long, or holds what no node could keep."""
    payload = {
        "id": str(envelope.id),
        "kind": envelope.kind,
        "from": [int(envelope.sender.level), envelope.sender.place_code],
        "to": [[int(each.level), each.place_code] for each in envelope.to],
        "lane": int(envelope.lane),
        "subject": str(envelope.subject),
        "place": envelope.place_code,
        "title": envelope.title,
        "at": envelope.made_at.isoformat(),
        "exercise": envelope.exercise,
        "body": envelope.body,
    }
    sealed = sign(payload, envelope.origin, key)
    if len(sealed) > MOST_BYTES:
        raise EnvelopeMalformed(why=f"{len(sealed)} > {MOST_BYTES}")
    return sealed


def sign(payload: Mapping[str, Any], signer: str, key: Ed25519PrivateKey) -> str:
    """Plain JSON values as a compact JWS by ``signer``. Raises ``EnvelopeMalformed`` for what the other side would refuse."""
    _check_kept(payload)
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _JWS.encode(text.encode(), key, algorithm=ALGORITHM, headers={"kid": signer})


def signer_of(sealed: str) -> str:
    """Which node says it signed. Nothing is verified yet. Raises ``EnvelopeMalformed``."""
    if len(sealed) > MOST_BYTES:
        raise EnvelopeMalformed(why=f"{len(sealed)} > {MOST_BYTES}")
    if not sealed.isascii():
        raise EnvelopeMalformed(why="ASCII")
    try:
        header = jwt.get_unverified_header(sealed)
    except jwt.InvalidTokenError as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong
    signer = header.get("kid")
    if not isinstance(signer, str) or not _SIGNER.fullmatch(signer):
        raise EnvelopeMalformed(why="kid")
    return signer


def verified(sealed: str, key: Ed25519PublicKey, *, name: str = "") -> dict[str, Any]:
    """What was signed, once the signature holds. Raises ``SignatureWrong``, ``EnvelopeMalformed``."""
    if not sealed.isascii():
        raise EnvelopeMalformed(why="ASCII")
    try:
        raw = _JWS.decode(sealed, key, algorithms=[ALGORITHM])
    except jwt.InvalidSignatureError as wrong:
        raise SignatureWrong(node=name) from wrong
    except jwt.InvalidTokenError as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong
    try:
        payload = json.loads(raw.decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as wrong:
        raise EnvelopeMalformed(why=str(wrong)[:200]) from wrong
    if not isinstance(payload, dict):
        raise EnvelopeMalformed(why="JSON")
    _check_kept(payload)
    return payload


def _check_kept(payload: Any) -> None:
    """Whether PostgreSQL can keep every value: JSON allows a NUL, half a surrogate pair and numbers without end, the database does not.

    Found only when it is kept, one of them would stop all that came with it, again and again. Raises ``EnvelopeMalformed``.
    """
    looking = [payload]
    while looking:
        value = looking.pop()
        if isinstance(value, dict):
            looking.extend(value)
            looking.extend(value.values())
        elif isinstance(value, list | tuple):
            looking.extend(value)
        elif isinstance(value, str):
            if "\x00" in value or not (value.isascii() or _whole(value)):
                raise EnvelopeMalformed(why="text")
        elif isinstance(value, float) and not math.isfinite(value):
            raise EnvelopeMalformed(why="number")


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def opened(sealed: str, key: Ed25519PublicKey, *, name: str = "") -> Envelope:
    """The envelope in a sealed text. Raises ``SignatureWrong``, ``EnvelopeMalformed``."""
    payload = verified(sealed, key, name=name)
    try:
        return Envelope(
            id=UUID(payload["id"]),
            kind=_text(payload["kind"], 64),
            origin=signer_of(sealed),
            sender=_address(payload["from"]),
            to=_addresses(payload["to"]),
            lane=Lane(payload["lane"]),
            subject=UUID(payload["subject"]),
            place_code=_place(payload["place"]),
            title=_text(payload["title"], 200),
            made_at=moment_of(payload["at"]),
            exercise=_yes_or_no(payload["exercise"]),
            body=_mapping(payload["body"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        raise EnvelopeMalformed(why=f"{type(wrong).__name__}: {wrong}"[:200]) from wrong


def _address(value: Any) -> Address:
    level, place_code = value
    return Address(Level(level), _place(place_code))


def _addresses(value: Any) -> tuple[Address, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_RECEIVERS:
        raise ValueError("receivers")
    return tuple(_address(each) for each in value)


def _place(value: Any) -> str:
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) in (6, 9)):
        raise ValueError(f"place {value!r}")
    level_of(value)
    return value


def moment_of(value: Any) -> datetime:
    """A moment from its text, in UTC: what has no zone cannot be compared, and what has no place in UTC can be kept but never read again.

    Raises ``TypeError``, ``ValueError``, ``OverflowError``.
    """
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("moment without a zone")
    return moment.astimezone(UTC)


def _yes_or_no(value: Any) -> bool:
    # Whatever is not plainly an exercise would be taken for real.
    if not isinstance(value, bool):
        raise TypeError("exercise")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("body")
    return value


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value[:longest]
