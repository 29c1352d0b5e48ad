"""Emergency broadcast and village loudspeakers: XML over MQTT 3.1.1, QoS 1 (``docs/channels.md``).

A message goes to ``<prefix>/<device>/play``; the terminal (or its platform) answers on ``<prefix>/<device>/receipt``. The broker's acknowledgement means
that the broker has it, no more. ``options``: ``prefix`` (default ``anlan/broadcast``), ``user``, ``repeat``. Endpoint ``mqtt://host:port`` or ``mqtts://…``.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

import aiomqtt
import structlog
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from anlan.kernel.words import N_
from anlan.warn.channels.adapters.contract import (
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
    WrongOption,
)

log = structlog.get_logger()
NAMESPACE = "urn:anlan:broadcast:1"
LONGEST_RECEIPT = 4096
_DEVICE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def encode(each: Outgoing, repeat: int = 3) -> bytes:
    """The XML of one message to a loudspeaker."""
    root = Element("BroadcastMessage", {"xmlns": NAMESPACE})
    for name, value in (
        ("Key", each.key),
        ("Message", each.message),
        ("Action", "stop" if each.stops else "play"),
        ("Level", each.level),
        ("Language", each.language),
        ("Title", each.title),
        ("Text", each.text),
        ("Repeat", str(repeat)),
        ("Expires", each.expires.astimezone(UTC).isoformat()),
        *((("Data", json.dumps(each.data, ensure_ascii=False, sort_keys=True)),) if each.data is not None else ()),
    ):
        SubElement(root, name).text = "".join(letter for letter in value if letter >= " " or letter in "\n\t")
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def decode_receipt(body: bytes) -> ReceiptNote | None:
    """A terminal's receipt; ``None`` when it is too long, has entities, or does not say what it must."""
    if len(body) > LONGEST_RECEIPT:
        return None
    try:
        root = fromstring(body, forbid_dtd=True)
        said = {child.tag.removeprefix(f"{{{NAMESPACE}}}"): (child.text or "").strip() for child in root}
        at = datetime.fromisoformat(said["At"])
        told = Told(said["State"])
    except (ParseError, DefusedXmlException, KeyError, ValueError):
        return None
    if root.tag != f"{{{NAMESPACE}}}BroadcastReceipt" or at.tzinfo is None or not said.get("Key"):
        return None
    return ReceiptNote(told, at, said["Key"][:120], reason=said.get("Reason", "")[:120])


class Broadcast:
    """One broker. Its line lives in a thread of its own, for receipts come at any time."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.endpoint)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or not parts.port:
            raise WrongOption(name="endpoint", why="mqtts://host:8883")
        if f"{parts.hostname}:{parts.port}".lower() not in settings.hosts:
            raise HostNotAllowed(host=f"{parts.hostname}:{parts.port}")
        self.settings, self._parts = settings, parts
        self._prefix = str(settings.options.get("prefix", "anlan/broadcast")).strip("/")
        repeat = settings.options.get("repeat", 3)
        if not isinstance(repeat, int) or not 1 <= repeat <= 20:
            raise WrongOption(name="repeat", why="1–20")
        self._repeat = repeat
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: aiomqtt.Client | None = None
        self._listener: asyncio.Task[None] | None = None
        self._notes: list[ReceiptNote] = []
        self._lock = threading.Lock()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="broadcast", daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(self.settings.timeout_s)
        except TimeoutError:
            future.cancel()
            raise

    async def _connected(self) -> aiomqtt.Client:
        if self._client is not None:
            return self._client
        client = aiomqtt.Client(
            hostname=self._parts.hostname or "",
            port=self._parts.port or 8883,
            username=str(self.settings.options.get("user", "")) or None,
            password=self.settings.secret or None,
            tls_params=aiomqtt.TLSParameters() if self._parts.scheme == "mqtts" else None,
            timeout=self.settings.timeout_s,
        )
        await client.__aenter__()
        await client.subscribe(f"{self._prefix}/+/receipt", qos=1)
        self._client = client
        self._listener = asyncio.create_task(self._listen(client))
        return client

    async def _listen(self, client: aiomqtt.Client) -> None:
        try:
            async for message in client.messages:
                note = decode_receipt(bytes(message.payload)) if isinstance(message.payload, bytes | bytearray) else None
                if note is None:
                    log.warning("broadcast_receipt_unreadable", topic=str(message.topic))
                else:
                    with self._lock:
                        self._notes.append(note)
        except aiomqtt.MqttError as lost:
            log.warning("broadcast_line_lost", carrier=self.settings.name, trouble=str(lost)[:100])
            self._client = None

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """Publish each message; the broker's acknowledgement is the answer."""
        try:
            self._run(self._connected())
        except (aiomqtt.MqttError, OSError, TimeoutError) as trouble:
            raise NotSent(carrier=self.settings.name, why=str(trouble)[:100] or "timed out") from trouble
        return [self._one(each) for each in batch]

    def _one(self, each: Outgoing) -> Result:
        if not _DEVICE.fullmatch(each.address):
            return Result(Answer.REFUSED, reason="device")
        if self._client is None:
            return Result(Answer.LATER, reason="line lost")
        try:
            self._run(self._client.publish(f"{self._prefix}/{each.address}/play", encode(each, self._repeat), qos=1))
        except (aiomqtt.MqttError, OSError, TimeoutError) as trouble:
            return Result(Answer.UNKNOWN, reason=type(trouble).__name__)
        return Result(Answer.ACCEPTED)

    def receipts(self) -> list[ReceiptNote]:
        """Receipts that came since."""
        with self._lock:
            found, self._notes = self._notes, []
        return found

    def ask(self, _keys: Sequence[str]) -> dict[str, str]:
        """A broker cannot be asked; saying it again does no harm."""
        return {}

    def check(self) -> None:
        """Connect."""
        try:
            self._run(self._connected())
        except (aiomqtt.MqttError, OSError, TimeoutError) as trouble:
            raise NotSent(carrier=self.settings.name, why=str(trouble)[:100] or "timed out") from trouble

    async def _gone(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        if self._client is not None:
            await self._client.__aexit__(None, None, None)
            self._client = None

    def close(self) -> None:
        """Leave the broker and end the thread."""
        if self._loop is None:
            return
        try:
            self._run(self._gone())
        except (aiomqtt.MqttError, OSError, TimeoutError) as trouble:
            log.warning("broadcast_left_hard", carrier=self.settings.name, trouble=str(trouble)[:100])
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = None


BROADCAST = AdapterKind(
    "broadcast_mqtt", N_("应急广播 MQTT（XML）"), ("broadcast",), Capabilities(500, 0, (), True, 100, 100, True, False), Broadcast
)
