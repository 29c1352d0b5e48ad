"""The node's message stream (NATS JetStream): its streams, and reading them in order without losing or repeating anything.

A consumer here is a *cursor*: it keeps its own position and asks the server for everything after it. The position is stored together with
what was made of the messages, so that after a fault at any moment the reader goes on exactly behind what it had finished. No Django here.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, BadRequestError, NotFoundError

from anlan.ledger.process import attempts

log = structlog.get_logger()

RAW = "$MQTT_msgs"
"""Everything that devices publish by MQTT with QoS 1.

It is the stream that the server itself keeps for MQTT and writes *before* it acknowledges to the device; made here in advance with
retention by limits, so that it keeps messages without waiting for a subscriber (docs/adr/0021)."""
RAW_SUBJECTS = "$MQTT.msgs.anlan.in.>"
READINGS, QUARANTINE, ALARMS, REGISTRY, LINKS, CRITERIA = "READINGS", "QUARANTINE", "ALARMS", "REGISTRY", "LINKS", "CRITERIA"

_DAY = 86400.0
_GIB = 2**30

STREAMS: Mapping[str, dict[str, Any]] = {
    RAW: {"subjects": ["$MQTT.msgs.>"], "max_age": 2 * _DAY, "max_bytes": 8 * _GIB},
    # Kept longer than what it is made of: the last block says how far the raw stream was read.
    READINGS: {"subjects": ["readings.>"], "max_age": 3 * _DAY, "max_bytes": 16 * _GIB},
    QUARANTINE: {"subjects": ["quarantine.>"], "max_msgs_per_subject": 1},
    ALARMS: {"subjects": ["alarms.>"], "max_age": 90 * _DAY, "duplicate_window": 3600.0},
    REGISTRY: {"subjects": ["registry.>"], "max_msgs_per_subject": 1},
    LINKS: {"subjects": ["links.>"], "max_msgs_per_subject": 1},
    # Rules, and the models of process units that some of them name.
    CRITERIA: {"subjects": ["criteria.>", "models.>"], "max_msgs_per_subject": 1, "max_msg_size": 8 * 2**20},
}

_NO_ROOM = {10023, 10028, 10047}
"""JetStream's error codes for too little memory or disk."""
_LEAST_BYTES = 64 * 1024 * 1024
_REQUEST_SECONDS = 10.0
_SILENCE_SECONDS = 15.0
_REQUEST_OVER = ("MaxBytes", "Batch Completed")
"""By these the server tells that one request is answered; what is said of the consumer itself means that it is gone."""


@dataclass(frozen=True, slots=True)
class Message:
    """One stored message. ``sequence`` is its place in the stream, ``at_ms`` when the server stored it (ms since 1970 UTC)."""

    sequence: int
    subject: str
    data: bytes
    headers: Mapping[str, str] | None
    at_ms: int = 0


async def connect(url: str, stop: asyncio.Event, *, name: str) -> Client:
    """Join the stream; tries until it succeeds, and again by itself after every interruption. Raises ``ConnectionError`` once ``stop`` is set."""
    reported: set[str] = set()

    async def on_error(error: Exception) -> None:
        if str(error) not in reported:
            reported.add(str(error))
            log.warning("stream connection trouble", reason=str(error) or type(error).__name__)

    async def on_reconnect() -> None:
        reported.clear()
        log.info("stream connection restored")

    async for attempt in attempts(stop):
        try:
            return await nats.connect(
                url,
                name=name,
                error_cb=on_error,
                reconnected_cb=on_reconnect,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.5,
                connect_timeout=3,
                pending_size=64 * 1024 * 1024,
                # The first connection must fail visibly, to be tried again here with a pause.
                allow_reconnect=True,
            )
        except (NatsError, OSError, TimeoutError) as trouble:
            if attempt == 1:
                log.warning("stream does not answer yet", reason=str(trouble))
    raise ConnectionError("stopped before the stream answered")


async def ensure_streams(js: JetStreamContext, stop: asyncio.Event) -> None:
    """Make the node's streams where they are missing and bring their limits up to date; tries until the server does it."""
    for name, limits in STREAMS.items():
        config = api.StreamConfig(name=name, retention=api.RetentionPolicy.LIMITS, storage=api.StorageType.FILE, **limits)
        async for _attempt in attempts(stop):
            try:
                await _ensure(js, config)
                break
            except (NatsError, APIError, TimeoutError) as trouble:
                log.warning("stream not ready", stream=name, reason=str(trouble))


async def _ensure(js: JetStreamContext, config: api.StreamConfig) -> None:
    """Make one stream or bring it up to date; on a small disk with as much room as the server grants."""
    while True:
        try:
            await _make(js, config)
            return
        except APIError as refusal:
            room = config.max_bytes or 0
            if refusal.err_code not in _NO_ROOM or room <= _LEAST_BYTES:
                raise
            config.max_bytes = max(_LEAST_BYTES, room // 2)
            log.warning("not enough disk for the stream as planned", stream=config.name, bytes=config.max_bytes)


async def _make(js: JetStreamContext, config: api.StreamConfig) -> None:
    try:
        await js.add_stream(config)
    except BadRequestError:
        # It exists with other settings.
        present = (await js.stream_info(str(config.name))).config
        if present.retention != config.retention and config.name == RAW:
            log.warning("the stream of device messages was made without keeping them; making it anew")
            await js.delete_stream(RAW)
            await js.add_stream(config)
        else:
            await js.update_stream(config)


async def last_message(js: JetStreamContext, stop: asyncio.Event, stream: str, subject: str) -> Message | None:
    """The newest message of ``stream`` on ``subject``, ``None`` when there is none. Raises ``ConnectionError`` once ``stop`` is set."""
    async for _attempt in attempts(stop):
        try:
            found = await js.get_last_msg(stream, subject)
            return Message(found.seq or 0, found.subject or "", found.data or b"", found.headers)
        except NotFoundError:
            return None
        except (NatsError, APIError, TimeoutError) as trouble:
            log.warning("stream does not answer", stream=stream, reason=str(trouble))
    raise ConnectionError("stopped before the stream answered")


class Cursor:
    """Reads one stream in order from a position, in batches, with little delay and no acknowledgements.

    ``subjects``: which messages; none: all of the stream. ``after``: sequence of the last message already dealt with. :meth:`next` returns what has arrived; :attr:`position` is the last
    sequence handed out. After a lost connection, a restarted server or a gap it asks again from there.
    """

    def __init__(
        self, nc: Client, stream: str, subjects: tuple[str, ...], *, after: int = 0, batch: int = 2000, last_only: bool = False
    ) -> None:
        self.position = after
        self.pending = 0
        self._nc, self._js = nc, nc.jetstream()
        self._stream, self._subjects, self._batch, self._last_only = stream, subjects, batch, last_only
        self._arrived: deque[Msg] = deque()
        self._wake = asyncio.Event()
        self._subscription: Subscription | None = None
        self._consumer, self._inbox = "", ""
        self._outstanding, self._expected, self._request = 0, 1, 0
        self._heard = 0.0

    async def next(self, wait_s: float = 1.0) -> list[Message]:
        """Everything that has arrived, after waiting at most ``wait_s`` for the first message; empty when nothing came."""
        if self._subscription is None and not await self._open():
            await asyncio.sleep(min(wait_s, 0.5))
            return []
        await self._ask()
        if not self._arrived:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), wait_s)
            except TimeoutError:
                if asyncio.get_running_loop().time() - self._heard > _SILENCE_SECONDS:
                    await self._close()
                return []
        found: list[Message] = []
        while self._arrived and len(found) < self._batch:
            message = self._take(self._arrived.popleft())
            if message is not None:
                found.append(message)
            elif self._subscription is None:
                break
        return found

    @property
    def opened(self) -> bool:
        """Whether the server has said how much there is to read."""
        return self._subscription is not None

    async def rewind(self, position: int) -> None:
        """Go on after ``position`` instead."""
        await self._close()
        self.position = position

    async def close(self) -> None:
        """Stop reading and forget the server's side of the cursor."""
        subscription, consumer = self._detach()
        if subscription is not None:
            await self._leave(subscription, consumer)

    def _take(self, message: Msg) -> Message | None:
        status = message.headers.get("Status") if message.headers else None
        if status is not None and not message.data:
            self._note_status(status, message)
            return None
        parts = message.reply.split(".")
        at = 5 if len(parts) == 9 else 7
        sequence, delivery = int(parts[at]), int(parts[at + 1])
        self._outstanding -= 1
        if delivery != self._expected:
            log.warning("gap on the stream, asking again", stream=self._stream, after=self.position)
            self._forget()
            return None
        self._expected += 1
        self.position = sequence
        self.pending = int(parts[at + 3])
        return Message(sequence, message.subject, message.data, message.headers, int(parts[at + 2]) // 1_000_000)

    def _note_status(self, status: str, message: Msg) -> None:
        headers = message.headers or {}
        if status in {"404", "408"} or (status == "409" and any(word in headers.get("Description", "") for word in _REQUEST_OVER)):
            self._outstanding = max(0, self._outstanding - int(headers.get("Nats-Pending-Messages", self._outstanding)))
        elif status != "100":
            self._forget()

    async def _arrive(self, inbox: str, message: Msg) -> None:
        if inbox != self._inbox:
            return
        self._arrived.append(message)
        self._heard = asyncio.get_running_loop().time()
        self._wake.set()

    async def _ask(self) -> None:
        if self._outstanding > self._batch // 2 or self._subscription is None:
            return
        self._request += 1
        body = {"batch": self._batch, "expires": int(_REQUEST_SECONDS * 1e9), "max_bytes": 64 * 1024 * 1024}
        self._outstanding += self._batch
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        try:
            await self._nc.publish(subject, json.dumps(body).encode(), reply=f"{self._inbox}.{self._request}")
        except NatsError as trouble:
            log.info("stream not reachable", stream=self._stream, reason=str(trouble))
            self._forget()

    async def _open(self) -> bool:
        policy = api.DeliverPolicy.ALL if self.position == 0 else api.DeliverPolicy.BY_START_SEQUENCE
        if self._last_only and self.position == 0:
            policy = api.DeliverPolicy.LAST_PER_SUBJECT
        config = api.ConsumerConfig(
            deliver_policy=policy,
            opt_start_seq=self.position + 1 if policy is api.DeliverPolicy.BY_START_SEQUENCE else None,
            ack_policy=api.AckPolicy.NONE,
            filter_subjects=list(self._subjects) or None,
            inactive_threshold=300.0,
            mem_storage=True,
        )
        try:
            info = await self._js.add_consumer(self._stream, config)
            self._consumer, self._inbox = info.name, self._nc.new_inbox()
            self._subscription = await self._nc.subscribe(
                f"{self._inbox}.*", cb=partial(self._arrive, self._inbox), pending_msgs_limit=-1, pending_bytes_limit=-1
            )
        except (NatsError, APIError, TimeoutError, OSError) as trouble:
            log.info("cursor waits for the stream", stream=self._stream, reason=str(trouble))
            return False
        self._outstanding, self._expected, self.pending = 0, 1, int(info.num_pending or 0)
        self._heard = asyncio.get_running_loop().time()
        return True

    def _detach(self) -> tuple[Subscription | None, str]:
        left = self._subscription, self._consumer
        self._subscription, self._consumer, self._inbox = None, "", ""
        self._arrived.clear()
        return left

    def _forget(self) -> None:
        """Drop the subscription without waiting; the next call opens a new one after :attr:`position`."""
        subscription, consumer = self._detach()
        if subscription is not None and not self._nc.is_closed:
            task = asyncio.ensure_future(self._leave(subscription, consumer))
            task.add_done_callback(lambda done: done.exception())

    async def _close(self) -> None:
        self._forget()
        await asyncio.sleep(0)

    async def _leave(self, subscription: Subscription, consumer: str) -> None:
        """Let the server forget both: consumers that nobody reads cost it time with every message that is stored."""
        try:
            await subscription.unsubscribe()
        except NatsError:
            log.debug("subscription was gone already")
        if self._nc.is_connected:
            try:
                await self._js.delete_consumer(self._stream, consumer)
            except (NatsError, APIError, TimeoutError):
                log.info("cursor left to expire", stream=self._stream)


async def publish(
    js: JetStreamContext, stop: asyncio.Event, subject: str, data: bytes, *, message_id: str = "", headers: Mapping[str, str] | None = None
) -> api.PubAck:
    """Store one message, trying until the stream confirms it; ``message_id`` makes a second attempt harmless.

    Raises ``ConnectionError`` when ``stop`` is set first, :class:`nats.js.errors.APIError` when the server refuses the message itself.
    """
    told = {**(headers or {}), **({"Nats-Msg-Id": message_id} if message_id else {})}
    async for attempt in attempts(stop):
        try:
            return await js.publish(subject, data, timeout=5.0, headers=told or None)
        except (NatsError, TimeoutError, OSError) as trouble:
            if isinstance(trouble, APIError) and not isinstance(trouble, NotFoundError) and trouble.code != 503:
                raise
            if attempt == 1:
                log.warning("stream does not take messages", subject=subject, reason=str(trouble))
    raise ConnectionError("stopped before the stream confirmed")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has dealt with a stream: the last sequence, and which making of the stream that counts in (empty: not known)."""

    sequence: int = 0
    made: str = ""

    def at(self, sequence: int) -> Position:
        """The same stream at another place."""
        return Position(sequence, self.made)


async def checked_position(js: JetStreamContext, stop: asyncio.Event, stream: str, position: Position) -> Position:
    """Where to go on reading ``stream`` after a pause, and which making of it this is.

    A stream that was made anew is read from its beginning. One that is still the same but shorter than ``position`` lost its tail in a power
    cut (docs/adr/0027): what comes next takes the numbers that were lost, so the reader goes on at the present end, not days back.
    Raises ``ConnectionError`` once ``stop`` is set.
    """
    info = await info_of(js, stop, stream)
    made = info.created.isoformat() if info.created is not None else ""
    if position.made and position.made != made:
        log.warning("stream was made anew, reading it from its beginning", stream=stream, position=position.sequence)
        return Position(0, made)
    if info.state.last_seq < position.sequence:
        if not position.made:
            log.warning("stream is shorter than known, reading it from its beginning", stream=stream, position=position.sequence)
            return Position(0, made)
        log.error("stream lost its end", stream=stream, position=position.sequence, last=info.state.last_seq)
        return Position(info.state.last_seq, made)
    return Position(position.sequence, made)


async def info_of(js: JetStreamContext, stop: asyncio.Event, stream: str) -> api.StreamInfo:
    """What the server says of a stream. Raises ``ConnectionError`` once ``stop`` is set."""
    async for _attempt in attempts(stop):
        try:
            return await js.stream_info(stream)
        except (NatsError, APIError, TimeoutError) as trouble:
            log.warning("stream does not answer", stream=stream, reason=str(trouble))
    raise ConnectionError("stopped before the stream answered")


async def state_of(js: JetStreamContext, stop: asyncio.Event, stream: str) -> api.StreamState:
    """How many messages a stream holds, its first and last sequence. Raises ``ConnectionError`` once ``stop`` is set."""
    return (await info_of(js, stop, stream)).state
