"""Who may join the message stream: NATS's auth callout, its request and its answer (NATS architecture decision record 26).

The server asks on :data:`REQUEST_SUBJECT` with a signed token that carries what the client sent; the answer is a token signed by the
account key (the *issuer*) that either names an error or holds a user token with the permissions granted. Tokens are JWTs of algorithm
``ed25519-nkey``; keys are nkeys. No Django here: the launcher imports the configuration block.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import nkeys

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

REQUEST_SUBJECT = "$SYS.REQ.USER.AUTH"
ACCOUNT = "NODE"
"""The one account of a node: its processes and its devices share it, so that a device's message is a message of the stream."""

_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_VERSION = 2
GRANT_DAYS = 1


class MalformedAuthRequest(Refusal):
    code: ClassVar[str] = "nats_malformed_auth_request"
    sentence: ClassVar[str] = N_("消息服务器的认证请求无法识别：{reason}。")


@dataclass(frozen=True)
class AuthRequest:
    """What the server asks: a client of ``kind`` (``mqtt``, ``nats``, ``websocket``) at ``host`` wants in as ``username``."""

    server_id: str
    user_nkey: str
    username: str
    password: str
    client_id: str
    kind: str
    host: str


def new_seed(prefix: int = nkeys.PREFIX_BYTE_ACCOUNT) -> str:
    """A fresh secret seed (``SA…`` for an account key)."""
    return nkeys.encode_seed(secrets.token_bytes(32), prefix).decode()


def public_key(seed: str) -> str:
    """The public key (``A…``) of a seed."""
    return bytes(nkeys.from_seed(bytearray(seed.encode())).public_key).decode()


def configuration(issuer_public_key: str, internal_users: tuple[str, ...], *, account: str = ACCOUNT, timeout_s: int = 5) -> str:
    """The ``authorization`` block of ``nats.conf``: everybody but ``internal_users`` is asked of the gatekeeper."""
    return (
        f"authorization {{\n  timeout: {timeout_s}\n  auth_callout {{\n    issuer: {issuer_public_key}\n"
        f"    auth_users: [ {', '.join(internal_users)} ]\n    account: {account}\n  }}\n}}\n"
    )


def read_request(token: bytes | str) -> AuthRequest:
    """Read the server's question. The signature is the server's own ephemeral key; the connection it came over is what is trusted.

    Raises :class:`MalformedAuthRequest`.
    """
    try:
        body = _claims(token)
        asked = body["nats"]
        options, client = asked.get("connect_opts", {}), asked.get("client_info", {})
        return AuthRequest(
            server_id=str(asked["server_id"]["id"]),
            user_nkey=str(asked["user_nkey"]),
            username=str(options.get("user", "") or client.get("user", "")),
            password=str(options.get("pass", "")),
            client_id=str((client.get("mqtt_id") if isinstance(client, dict) else "") or ""),
            kind=str(client.get("type", "")),
            host=str(client.get("host", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise MalformedAuthRequest(reason=str(wrong)) from wrong


def grant(request: AuthRequest, seed: str, *, publish: tuple[str, ...], now: datetime, subscribe: tuple[str, ...] = ()) -> bytes:
    """The answer that lets the client in.

    ``publish`` and ``subscribe`` are stream subjects; what is not named is refused. ``now``: time of issue (aware); the grant ends
    after :data:`GRANT_DAYS`, when the client signs in anew.
    """
    user = {
        "jti": "",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=GRANT_DAYS)).timestamp()),
        "iss": public_key(seed),
        "sub": request.user_nkey,
        "aud": ACCOUNT,
        "name": request.username,
        "nats": {
            "type": "user",
            "version": _VERSION,
            "pub": {"allow": list(publish)},
            "sub": {"allow": list(subscribe)} if subscribe else {"deny": [">"]},
            "subs": -1,
            "data": -1,
            "payload": -1,
            "allowed_connection_types": ["MQTT"],
        },
    }
    return _answer(request, seed, {"jwt": _sign(user, seed)}, now)


def refuse(request: AuthRequest, seed: str, reason: str, *, now: datetime) -> bytes:
    """The answer that turns the client away. ``reason`` is written to the server's log; the client learns only that it was refused."""
    return _answer(request, seed, {"error": reason}, now)


def _answer(request: AuthRequest, seed: str, content: dict[str, str], now: datetime) -> bytes:
    claims = {
        "jti": "",
        "iat": int(now.timestamp()),
        "iss": public_key(seed),
        "sub": request.user_nkey,
        "aud": request.server_id,
        "nats": {"type": "authorization_response", "version": _VERSION, **content},
    }
    return _sign(claims, seed).encode()


def _sign(claims: dict[str, Any], seed: str) -> str:
    body = {**claims, "jti": ""}
    body["jti"] = base64.b32encode(hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()).decode().rstrip("=")
    signed = f"{_part(_HEADER)}.{_part(body)}"
    signature = nkeys.from_seed(bytearray(seed.encode())).sign(signed.encode())
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _claims(token: bytes | str) -> dict[str, Any]:
    text = token.decode("ascii") if isinstance(token, bytes) else token
    parts = text.split(".")
    if len(parts) != 3:
        raise ValueError("not a token of three parts")
    body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    if not isinstance(body, dict):
        raise ValueError("no object")
    return body


def issued_at(token: bytes | str) -> datetime:
    """When a token was issued; for tests and the log."""
    return datetime.fromtimestamp(int(_claims(token)["iat"]), UTC)
