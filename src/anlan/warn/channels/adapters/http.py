"""Carriers that speak the documented HTTP contract (``docs/channels.md``): text messages, voice calls with a key to press, boards, intranets, webhooks, portals.

One POST hands over a batch; each message carries its key, which the carrier takes once. ``receipts`` and ``ask`` are addresses beside it. Only hosts that
the node's operator allows are spoken to, redirects are never followed, and an answer is read up to a limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from anlan.kernel.words import N_
from anlan.warn.channels.adapters.contract import (
    NEVER_HEARD,
    AdapterKind,
    Answer,
    Capabilities,
    HostNotAllowed,
    NotSent,
    Outgoing,
    ReceiptNote,
    Result,
    Settings,
    Told,
    Unclear,
    WrongOption,
)

LONGEST_ANSWER = 5_000_000
"""Bytes of an answer that are read at most: the answers for a thousand messages take some 100 kB."""
_SURELY_NOT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Trouble before anything was sent."""
_REFUSED_WHOLE = {400, 401, 403, 404, 405, 413, 415, 422, 429, 503}
"""Answers by which a server says that it took nothing of the batch."""


def allowed_address(address: str, hosts: Sequence[str]) -> str:
    """``address`` when its host is one of ``hosts``: ``name`` or ``name:port`` allow https, ``http://name:port`` allows that plainly.

    Raises :class:`HostNotAllowed`, :class:`WrongOption`.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as wrong:
        raise WrongOption(name="endpoint", why=str(wrong)) from wrong
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise WrongOption(name="endpoint", why="https://…")
    place = f"{host}:{port}" if port else host
    if f"{parts.scheme}://{place}" in hosts or (parts.scheme == "https" and (place in hosts or (host in hosts and port in (None, 443)))):
        return address.rstrip("/")
    raise HostNotAllowed(host=place)


class HttpCarrier:
    """One carrier behind the contract."""

    def __init__(self, settings: Settings, *, receipts: bool = True, asked: bool = True) -> None:
        self.settings = settings
        self.address = allowed_address(settings.endpoint, settings.hosts)
        self._receipts, self._asked = receipts, asked
        self._cursor = ""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {settings.secret}"} if settings.secret else {})
        self._client = httpx.Client(timeout=settings.timeout_s, follow_redirects=False, trust_env=False, headers=headers)

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """POST the batch; an answer for each by its key."""
        expires = {each.expires: each.expires.astimezone(UTC).isoformat() for each in batch}
        messages = [_message(each, expires[each.expires]) for each in batch]
        body = {"channel": self.settings.channel, "options": dict(self.settings.options), "messages": messages}
        answer = self._call("POST", self.address, json=body, headers={"Idempotency-Key": f"{batch[0].key}.{len(batch)}" if batch else ""})
        by_key = {str(row.get("key")): row for row in _rows(answer, "results")}
        return [_result(by_key.get(each.key)) for each in batch]

    def receipts(self) -> list[ReceiptNote]:
        """Receipts since the last call; naming the cursor says that those before it have been kept."""
        if not self._receipts:
            return []
        answer = self._call("GET", f"{self.address}/receipts", params={"after": self._cursor} if self._cursor else {})
        found = [note for row in _rows(answer, "receipts") if (note := note_of(row)) is not None]
        self._cursor = str(answer.get("cursor") or self._cursor)[:200]
        return found

    def ask(self, keys: Sequence[str]) -> dict[str, str]:
        """What became of keys."""
        if not self._asked:
            return {}
        states = self._call("POST", f"{self.address}/ask", json={"keys": list(keys)}).get("states")
        if not isinstance(states, Mapping):
            raise Unclear(carrier=self.settings.name, why="states")
        known = {*(told.value for told in Told), NEVER_HEARD}
        return {str(key): str(word) for key, word in states.items() if word in known}

    def check(self) -> None:
        """Ask for receipts: the cheapest question."""
        self._call("GET", f"{self.address}/receipts")

    def close(self) -> None:
        """Give up the connection."""
        self._client.close()

    def _call(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        try:
            with self._client.stream(method, address, **more) as response:
                body = self._read(response)
                status = response.status_code
        except _SURELY_NOT as trouble:
            raise NotSent(carrier=self.settings.name, why=type(trouble).__name__) from trouble
        except httpx.HTTPError as trouble:
            raise Unclear(carrier=self.settings.name, why=type(trouble).__name__) from trouble
        if status in _REFUSED_WHOLE or 300 <= status < 400:
            raise NotSent(carrier=self.settings.name, why=f"HTTP {status}")
        if status >= 400:
            raise Unclear(carrier=self.settings.name, why=f"HTTP {status}")
        try:
            answer = httpx.Response(200, content=body).json()
        except ValueError as wrong:
            raise Unclear(carrier=self.settings.name, why="JSON") from wrong
        if not isinstance(answer, Mapping):
            raise Unclear(carrier=self.settings.name, why="JSON")
        return answer

    def _read(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > LONGEST_ANSWER:
                raise Unclear(carrier=self.settings.name, why="too long")
            parts.append(part)
        return b"".join(parts)


_PRIORITY = {"red": 0, "orange": 1, "yellow": 2}


def _message(each: Outgoing, expires: str) -> dict[str, Any]:
    return {
        "key": each.key,
        "address": each.address,
        "title": each.title,
        "text": each.text,
        "language": each.language,
        "level": each.level,
        "priority": _PRIORITY.get(each.level, 3),
        "confirm": each.confirm,
        "expires": expires,
        "message": each.message,
        "stops": each.stops,
    } | ({"data": dict(each.data)} if each.data is not None else {})


def _rows(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = answer.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


_PLAIN: dict[str, Result] = {answer: Result(answer) for answer in Answer}


def _result(row: Mapping[str, Any] | None) -> Result:
    """The answer for one message; a carrier that says nothing of it, or a word that nobody knows, leaves it unknown."""
    word = str(row.get("answer")) if row is not None else ""
    if row is None or word not in (Answer.ACCEPTED, Answer.REFUSED, Answer.LATER):
        return Result(Answer.UNKNOWN, reason="no answer")
    ref, reason = row.get("ref"), row.get("reason")
    if not ref and not reason:
        return _PLAIN[word]
    return Result(Answer(word), ref=str(ref or "")[:70], reason=str(reason or "")[:120])


def note_of(row: Mapping[str, Any]) -> ReceiptNote | None:
    """One receipt of the contract; ``None`` when it cannot be read."""
    try:
        at = datetime.fromisoformat(str(row["at"]))
        told = Told(str(row["state"]))
    except (KeyError, ValueError):
        return None
    key, ref = str(row.get("key") or "")[:120], str(row.get("ref") or "")[:70]
    if at.tzinfo is None or not (key or ref):
        return None
    return ReceiptNote(told, at, key, ref, str(row.get("reason") or "")[:120])


def _plain(settings: Settings) -> HttpCarrier:
    return HttpCarrier(settings)


def _webhook(settings: Settings) -> HttpCarrier:
    return HttpCarrier(settings, receipts=False, asked=False)


HTTP_KINDS = (
    AdapterKind("sms_http", N_("短信 HTTP 接口"), ("sms",), Capabilities(335, 67, (), True, 200, 500, True, True), _plain),
    AdapterKind(
        "voice_http", N_("语音外呼 HTTP 接口（按键确认）"), ("voice",), Capabilities(400, 0, (), True, 50, 100, True, True), _plain
    ),
    AdapterKind("led_http", N_("显示屏 HTTP 接口"), ("led",), Capabilities(200, 0, (), True, 50, 200, True, True), _plain),
    AdapterKind(
        "intranet_http", N_("企业内网 HTTP 接口（幂等键）"), ("intranet",), Capabilities(20000, 0, (), True, 50, 100, True, True), _plain
    ),
    AdapterKind("portal_http", N_("门户网站 HTTP 接口"), ("portal",), Capabilities(20000, 0, (), False, 20, 50, True, True), _plain),
    AdapterKind("webhook", N_("新媒体 Webhook"), ("social",), Capabilities(2000, 0, (), False, 5, 1, False, False), _webhook),
)
