"""Digest authentication as devices do it (RFC 2617, RFC 7616; GB/T 28181-2016, 9.1): MD5 and SHA-256, with and without ``qop``."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from anlan.wire.gb28181.refusals import BadAuthorization

MD5, SHA256 = "MD5", "SHA-256"
ALGORITHMS = (MD5, SHA256)
_HASHES = {MD5: hashlib.md5, SHA256: hashlib.sha256}
_PAIR = re.compile(r'\s*([A-Za-z-]{1,32})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the server asks for."""

    realm: str
    nonce: str
    algorithm: str = MD5
    qop: str = "auth"
    stale: bool = False

    def header(self) -> str:
        """The value of WWW-Authenticate."""
        parts = [f'Digest realm="{self.realm}"', f'nonce="{self.nonce}"', f"algorithm={self.algorithm}"]
        parts += [f'qop="{self.qop}"'] if self.qop else []
        parts += ["stale=true"] if self.stale else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the client answers. ``algorithm`` without ``-sess``, which ``session`` tells; ``count``: ``nc`` as a number, 0 for none."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = MD5
    session: bool = False
    qop: str = ""
    cnonce: str = ""
    nc: str = ""

    @property
    def count(self) -> int:
        """How often the client says it used the nonce."""
        return int(self.nc, 16) if self.nc else 0

    def header(self) -> str:
        """The value of Authorization."""
        suffix = "-sess" if self.session else ""
        parts = [f'Digest username="{self.username}"', f'realm="{self.realm}"', f'nonce="{self.nonce}"', f'uri="{self.uri}"',
                 f'response="{self.response}"', f"algorithm={self.algorithm}{suffix}"]  # fmt: skip
        if self.qop:
            parts += [f"qop={self.qop}", f"nc={self.nc}", f'cnonce="{self.cnonce}"']
        return ", ".join(parts)


def _pairs(value: str) -> dict[str, str]:
    scheme, _blank, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise BadAuthorization(reason=scheme[:20] or "-")
    found: dict[str, str] = {}
    at = 0
    while at < len(rest):
        pair = _PAIR.match(rest, at)
        if pair is None:
            raise BadAuthorization(reason=rest[at : at + 30])
        found[pair[1].lower()] = re.sub(r"\\(.)", r"\1", pair[2]) if pair[2] is not None else pair[3]
        at = pair.end()
    return found


def _algorithm(told: str) -> tuple[str, bool]:
    name = told.upper()
    session = name.endswith("-SESS")
    name = name.removesuffix("-SESS")
    if name not in _HASHES:
        raise BadAuthorization(reason=told[:20])
    return name, session


def parse_challenge(value: str) -> Challenge:
    """A WWW-Authenticate header. Raises :class:`BadAuthorization`."""
    found = _pairs(value)
    algorithm, _session = _algorithm(found.get("algorithm", MD5))
    offered = [part.strip() for part in found.get("qop", "").split(",")]
    return Challenge(
        found.get("realm", ""),
        found.get("nonce", ""),
        algorithm,
        "auth" if "auth" in offered else "",
        found.get("stale", "").lower() == "true",
    )


def parse_credentials(value: str) -> Credentials:
    """An Authorization header. Raises :class:`BadAuthorization`."""
    found = _pairs(value)
    missing = [name for name in ("username", "realm", "nonce", "uri", "response") if name not in found]
    if missing:
        raise BadAuthorization(reason=missing[0])
    algorithm, session = _algorithm(found.get("algorithm", MD5))
    qop, nc = found.get("qop", "").lower(), found.get("nc", "")
    if qop not in {"", "auth", "auth-int"} or (qop and not (re.fullmatch(r"[0-9a-fA-F]{1,8}", nc) and found.get("cnonce"))):
        raise BadAuthorization(reason=f"qop={qop[:20]}")
    return Credentials(
        found["username"], found["realm"], found["nonce"], found["uri"], found["response"].lower(), algorithm, session, qop,
        found.get("cnonce", ""), nc,
    )  # fmt: skip


def secret_hash(username: str, realm: str, password: str, algorithm: str = MD5) -> str:
    """H(A1) of RFC 7616, 3.4.2, in hex: as good as the password itself within the realm."""
    return _HASHES[algorithm](f"{username}:{realm}:{password}".encode()).hexdigest()


def response_for(secret: str, credentials: Credentials, method: str, body: bytes = b"") -> str:
    """The response that fits (RFC 7616, 3.4.1). ``secret``: :func:`secret_hash` of the same algorithm."""
    hashed = _HASHES[credentials.algorithm]

    def of(text: str) -> str:
        return hashed(text.encode("utf-8", "surrogatepass")).hexdigest()

    if credentials.session:
        secret = of(f"{secret}:{credentials.nonce}:{credentials.cnonce}")
    asked = f"{method}:{credentials.uri}"
    if credentials.qop == "auth-int":
        asked += f":{hashed(body).hexdigest()}"
    if not credentials.qop:
        return of(f"{secret}:{credentials.nonce}:{of(asked)}")
    return of(f"{secret}:{credentials.nonce}:{credentials.nc}:{credentials.cnonce}:{credentials.qop}:{of(asked)}")


def fits(secret: str, credentials: Credentials, method: str, body: bytes = b"") -> bool:
    """Whether the response was made with the password; the time it takes tells nothing."""
    right = response_for(secret, credentials, method, body)
    return hmac.compare_digest(right.encode(), credentials.response.encode("utf-8", "surrogatepass"))


def respond(challenge: Challenge, username: str, password: str, method: str, uri: str, *, cnonce: str, nc: int = 1) -> Credentials:
    """The answer of a client to ``challenge``."""
    draft = Credentials(username, challenge.realm, challenge.nonce, uri, "", challenge.algorithm, False, challenge.qop,
                        cnonce if challenge.qop else "", f"{nc:08x}" if challenge.qop else "")  # fmt: skip
    secret = secret_hash(username, challenge.realm, password, challenge.algorithm)
    return Credentials(draft.username, draft.realm, draft.nonce, draft.uri, response_for(secret, draft, method), draft.algorithm, False,
                       draft.qop, draft.cnonce, draft.nc)  # fmt: skip
