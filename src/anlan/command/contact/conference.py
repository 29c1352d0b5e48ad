"""A room on a conference server of one's own: an address made from a template, with a signed token where the server asks for one. Pure.

The token is a JSON Web Token (RFC 7519, HS256) with the claims that self-hosted Jitsi-compatible servers read: ``aud``, ``iss``, ``sub``, ``room``, ``exp``,
``context.user.name``. Whether the server stands and takes it, nobody here can know.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote
from uuid import UUID

LASTING = timedelta(hours=8)
"""How long a link lets somebody in. Project default."""


@dataclass(frozen=True)
class Server:
    """A conference server: ``template`` with ``{room}`` and perhaps ``{token}``; ``app`` and ``secret`` as the server knows them."""

    template: str
    app: str = "anlan"
    secret: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Server:
        """The server that a node was given: ``ANLAN_CONFERENCE_URL``, ``ANLAN_CONFERENCE_APP``, ``ANLAN_CONFERENCE_SECRET``."""
        told = {name: environment.get(f"ANLAN_CONFERENCE_{name}", "") for name in ("URL", "APP", "SECRET")}
        return cls(told["URL"], told["APP"] or "anlan", told["SECRET"])

    @property
    def stands(self) -> bool:
        """Whether one was set up at all."""
        return "{room}" in self.template and self.template.startswith("https://") and ("{token}" not in self.template or bool(self.secret))


def room_name(notice_id: UUID) -> str:
    """The room of a notice: nobody guesses it who was not told."""
    return f"anlan-{notice_id.hex}"


def link(server: Server, room: str, name: str, now: datetime) -> str:
    """The address by which ``name`` joins a room until :data:`LASTING` from ``now``; empty without a server."""
    if not server.stands:
        return ""
    return server.template.replace("{room}", quote(room, safe="")).replace("{token}", token(server, room, name, now))


def token(server: Server, room: str, name: str, now: datetime) -> str:
    """A signed token for one person and one room."""
    claims = {
        "aud": server.app,
        "iss": server.app,
        "sub": "*",
        "room": room,
        "exp": int((now + LASTING).timestamp()),
        "context": {"user": {"name": name}},
    }
    told = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{told}.{_plain(hmac.new(server.secret.encode(), told.encode(), sha256).digest())}"


def _part(value: Mapping[str, object]) -> str:
    return _plain(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())


def _plain(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
