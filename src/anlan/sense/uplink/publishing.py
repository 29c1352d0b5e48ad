"""The node's stream as a web process reaches it: one connection on an event loop in a thread of its own, shared by all requests.

A message is published on the very subject that the device's MQTT messages take, so that everything after it is the same. What comes back
from here lies on the stream.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import dataclass
from functools import cache

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from anlan.ledger import broker
from anlan.sense.devices.door import SendingDevice
from anlan.sense.uplink.rules import NotStored
from anlan.wire import registry

SUBJECT_PREFIX = "$MQTT.msgs.anlan.in."
STORE_SECONDS = 20.0
KNOWN_SECONDS = 10.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. ``name``: by which the stream knows it when it comes again (within two minutes); empty: it is new each time."""

    subject: str
    payload: bytes
    name: str = ""


class Line:
    """The connection of this process. Methods may be called from any thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._connecting: asyncio.Task[Client] | None = None
        threading.Thread(target=self._loop.run_forever, name="uplink", daemon=True).start()

    def store(self, messages: Sequence[Outgoing], seconds: float = STORE_SECONDS) -> bool:
        """Store the messages in order; whether the stream had every one of them already. Raises :class:`NotStored`."""
        if not messages:
            return False
        waiting = asyncio.run_coroutine_threadsafe(self._store(messages), self._loop)
        try:
            return waiting.result(seconds)
        except (WaitedTooLong, TimeoutError):
            waiting.cancel()
            raise NotStored(reason=f"{seconds:g} s") from None
        except (NatsError, OSError) as trouble:
            raise NotStored(reason=str(trouble)[:120] or type(trouble).__name__) from None

    def await_known(self, device: SendingDevice, seconds: float = KNOWN_SECONDS) -> None:
        """Wait until the registry on the stream tells of every point of ``device``. Raises :class:`NotStored`."""
        waiting = asyncio.run_coroutine_threadsafe(self._await_known(device), self._loop)
        try:
            waiting.result(seconds)
        except (WaitedTooLong, TimeoutError):
            waiting.cancel()
            raise NotStored(reason=f"registry.{device.username}") from None
        except (NatsError, OSError) as trouble:
            raise NotStored(reason=str(trouble)[:120] or type(trouble).__name__) from None

    async def _await_known(self, device: SendingDevice) -> None:
        js = (await self._connected()).jetstream(timeout=STORE_SECONDS)
        wanted = set(device.points)
        while True:
            try:
                told = registry.decode((await js.get_last_msg(broker.REGISTRY, f"registry.{device.username}")).data or b"")
                if any(one.code == device.code and wanted <= {point.code for point in one.sensors} for one in told.devices):
                    return
            except (NotFoundError, registry.MalformedEntry):
                # Nothing is told of this credential yet.
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            await asyncio.sleep(_LOOK_SECONDS)

    async def _store(self, messages: Sequence[Outgoing]) -> bool:
        js = (await self._connected()).jetstream(timeout=STORE_SECONDS)
        known = True
        for message in messages:
            headers = {"Nats-Msg-Id": message.name} if message.name else None
            stored = await js.publish(message.subject, message.payload, headers=headers)
            known = known and bool(stored.duplicate)
        return known

    async def _connected(self) -> Client:
        if self._connecting is None or (self._connecting.done() and self._connecting.exception() is not None):
            self._connecting = asyncio.create_task(broker.connect(self._url, self._stop, name="uplink"))
        # One request that gives up waiting must not end the connecting of all.
        return await asyncio.shield(self._connecting)


@cache
def line(url: str) -> Line:
    """The line to the stream at ``url``; opened at its first use."""
    return Line(url)
