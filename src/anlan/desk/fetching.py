"""Fetching what others gave us the address of: outward only, to the address that was judged, bounded in size and time.

Every name is resolved here, every address that comes out is judged (:mod:`anlan.wire.feeds.inward`), and the connection goes to that very
address, so that a second answer of the resolver changes nothing. Each redirect is judged again.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.feeds.inward import LeadsInward, Target, is_inward, refuse_inward

MOST_BYTES = 20_000_000
"""As much as a feed may have (project default, as the reader's own bound)."""
SECONDS, CONNECT_SECONDS = 30.0, 8.0
"""How long one fetch may take as a whole, and each step of it (project defaults)."""
MOST_REDIRECTS = 3
Resolve = Callable[[str, int], list[str]]


class FetchFailed(Refusal):
    code: ClassVar[str] = "feed_fetch_failed"
    sentence: ClassVar[str] = N_("没有读到“{url}”：{why}")
    status: ClassVar[int] = 502


@dataclass(frozen=True)
class Fetched:
    """What came back. ``unchanged``: the other side says that nothing is new; ``data`` is then empty."""

    data: bytes
    url: str
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a host. Raises ``OSError`` when it has none."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch(
    url: str,
    *,
    admitted: Collection[str] = (),
    etag: str = "",
    last_modified: str = "",
    most_bytes: int = MOST_BYTES,
    resolver: Resolve = resolve,
    transport: httpx.BaseTransport | None = None,
) -> Fetched:
    """The bytes behind ``url``. ``admitted``: hosts of the own network that an administrator registered.

    Raises ``LinkRefused`` for an address that leads inward, by itself, by its name or by a redirect, and :class:`FetchFailed`.
    """
    conditional = {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified)) if value}
    until = monotonic() + SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        target = refuse_inward(url, admitted)
        address = _judged(target, url, admitted, resolver)
        found = _ask(url, target, address, conditional, until, most_bytes, transport)
        if isinstance(found, Fetched):
            return found
        if urlsplit(url).scheme == "https" and urlsplit(found).scheme == "http":
            raise FetchFailed(url=url, why=N_("对方要求从 https 转到 http。"))
        url = found
    raise FetchFailed(url=url, why=N_("转向次数过多。"))


def _judged(target: Target, url: str, admitted: Collection[str], resolver: Resolve) -> str:
    try:
        addresses = resolver(target.host, target.port)
    except OSError as wrong:
        raise FetchFailed(url=url, why=str(wrong)) from wrong
    if not addresses:
        raise FetchFailed(url=url, why=N_("域名没有地址。"))
    if target.host not in admitted and any(is_inward(address) for address in addresses):
        raise LeadsInward(url=url[:120], host=target.host)
    return addresses[0]


def _ask(
    url: str,
    target: Target,
    address: str,
    headers: dict[str, str],
    until: float,
    most_bytes: int,
    transport: httpx.BaseTransport | None,
) -> Fetched | str:
    """One request to one address; the bytes, or where it is redirected to."""
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    there = urlunsplit((target.scheme, f"{host}:{target.port}", parts.path or "/", parts.query, ""))
    named = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == (443 if target.scheme == "https" else 80)
    sent = {"Host": named if usual else f"{named}:{target.port}", "User-Agent": "Anlan", "Accept-Encoding": "gzip", **headers}
    try:
        with (
            httpx.Client(timeout=CONNECT_SECONDS, follow_redirects=False, trust_env=False, transport=transport) as client,
            client.stream("GET", there, headers=sent, extensions={"sni_hostname": target.host}) as answer,
        ):
            if answer.has_redirect_location:
                return urljoin(url, answer.headers["Location"])
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                return Fetched(b"", url, unchanged=True)
            if answer.status_code != httpx.codes.OK:
                raise FetchFailed(url=url, why=f"HTTP {answer.status_code}")
            data = _body(answer, url, until, most_bytes)
            return Fetched(data, url, answer.headers.get("ETag", "")[:300], answer.headers.get("Last-Modified", "")[:100])
    except httpx.HTTPError as wrong:
        raise FetchFailed(url=url, why=f"{type(wrong).__name__} {wrong}") from wrong


def _body(answer: httpx.Response, url: str, until: float, most_bytes: int) -> bytes:
    pieces, size = [], 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > most_bytes:
            raise FetchFailed(url=url, why=N_("内容过大。"))
        if monotonic() > until:
            raise FetchFailed(url=url, why=N_("对方发送过慢，已中断。"))
        pieces.append(piece)
    return b"".join(pieces)
