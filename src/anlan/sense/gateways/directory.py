"""Which device an address of a field protocol belongs to, and whether its secret fits: the registry in the gateway's memory. No Django."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from nats.aio.client import Client

from anlan.kernel.errors import Refusal
from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.sense.gateways.quotas import Quotas
from anlan.sense.gateways.rules import NotInUse, TooManyGuesses, UnknownAddress, WrongSecret
from anlan.wire import keys, registry
from anlan.wire.addresses import HJ212, AddressEntry

log = structlog.get_logger()

_COMPLETE = "_complete"
_GUESSES, _GUESS_SECONDS, _GUESSERS = 5, 60.0, 10_000
_CHECKS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Sender:
    """One device as a protocol knows it. ``in_use``: it may send."""

    credential: str
    device: str
    in_use: bool
    entry: AddressEntry

    @property
    def key(self) -> tuple[str, str]:
        """Protocol and address."""
        return self.entry.protocol, self.entry.address


class Directory:
    """Every address of the node. ``changed`` is called after every applied message of the registry; ``node_secret`` opens the keys of stations."""

    def __init__(self, changed: Callable[[], None] | None = None, *, node_secret: str = "") -> None:
        self._node_secret = node_secret
        self._keys: dict[tuple[str, str], tuple[AddressEntry, tuple[bytes | None, bytes | None]]] = {}
        self._senders: dict[tuple[str, str], Sender] = {}
        self._of_credential: dict[str, list[tuple[str, str]]] = {}
        self._changed = changed
        self.quotas = Quotas()
        # What was found right before is remembered as a keyed digest of this run only, so that a device that comes back costs no slow one.
        self._key = secrets.token_bytes(32)
        self._opened: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._guesses: OrderedDict[tuple[str, str, str], tuple[int, float]] = OrderedDict()
        self._checking = asyncio.Semaphore(_CHECKS_AT_ONCE)

    def __len__(self) -> int:
        return len(self._senders)

    def apply(self, entry: registry.Entry) -> None:
        """Take over every address behind one credential in place of what was known of it."""
        for key in self._of_credential.pop(entry.credential, ()):
            if (held := self._senders.get(key)) is not None and held.credential == entry.credential:
                del self._senders[key]
                self._keys.pop(key, None)
        named = []
        for device in entry.devices:
            for address in device.addresses:
                sender = Sender(entry.credential, device.code, entry.active and device.in_use, address)
                self._senders[sender.key] = sender
                named.append(sender.key)
        self._of_credential[entry.credential] = named
        self.quotas.learn(entry)

    def find(self, protocol: str, address: str) -> Sender | None:
        """The device behind an address."""
        return self._senders.get((protocol, address))

    def keys_of(self, address: str) -> tuple[bytes, ...]:
        """Keys that may open what the HJ 212 station ``address`` enciphered, the newest first; none where none is kept, or it may not send.

        What is kept enciphered is opened once for each change of the registry.
        """
        sender = self.find(HJ212, address)
        if sender is None or not sender.in_use or not sender.entry.key:
            return ()
        entry = sender.entry
        held = self._keys.get(sender.key)
        if held is None or held[0] is not entry:
            both = (keys.opened(entry.key, self._node_secret), keys.opened(entry.previous_key, self._node_secret))
            held = self._keys[sender.key] = (entry, both)
        newest, previous = held[1]
        overlaps = time.time_ns() // 1_000_000 < entry.previous_key_until_ms
        return tuple(key for key in (newest, previous if overlaps else None) if key is not None)

    def of_protocol(self, protocol: str) -> list[Sender]:
        """Every device of a protocol that may send, by address."""
        found = [sender for (spoken, _address), sender in self._senders.items() if spoken == protocol and sender.in_use]
        return sorted(found, key=lambda sender: sender.key)

    async def admit(self, protocol: str, address: str, secret: str, peer: str) -> Sender:
        """The device that may send under ``address``.

        Raises :class:`UnknownAddress`, :class:`NotInUse`, :class:`WrongSecret`, :class:`TooManyGuesses`.
        """
        sender = self.find(protocol, address)
        facts = {"protocol": protocol, "address": address[:64]}
        if sender is None:
            raise UnknownAddress(**facts)
        if not sender.in_use:
            raise NotInUse(**facts)
        if sender.entry.open:
            return sender
        keyed = (sender.entry.digest, hmac.digest(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256))
        # After a rotation the old secret opens slowly, not from memory: its time runs out.
        if self._opened.get(sender.key) == keyed:
            return sender
        guesser = (peer, protocol, address)
        if self._brake(guesser):
            raise TooManyGuesses(peer=peer, **facts)
        async with self._checking:
            now_ms = time.time_ns() // 1_000_000
            fits = await asyncio.to_thread(sender.entry.opens, secret, now_ms)
            newest = fits and (not sender.entry.previous_digest or await asyncio.to_thread(sender.entry.opens, secret))
        if not fits:
            count, since = self._guesses.pop(guesser, (0, time.monotonic()))
            self._guesses[guesser] = (count + 1, since)
            if len(self._guesses) > _GUESSERS:
                self._guesses.popitem(last=False)
            raise WrongSecret(**facts)
        self._guesses.pop(guesser, None)
        if newest:
            self._opened[sender.key] = keyed
        return sender

    def _brake(self, guesser: tuple[str, str, str]) -> bool:
        count, since = self._guesses.get(guesser, (0, 0.0))
        if count and time.monotonic() - since > _GUESS_SECONDS:
            del self._guesses[guesser]
            return False
        return count >= _GUESSES

    def current(self, sender: Sender) -> Sender | None:
        """``sender`` as the registry has it now, when it may still send as it was admitted; otherwise ``None``."""
        now = self._senders.get(sender.key)
        if now is None or not now.in_use or now.credential != sender.credential or now.device != sender.device:
            return None
        if now.entry.open:
            return now
        # A rotation lets who is connected go on until the old secret's time is over; a secret taken away and given anew does not.
        same_lock = not sender.entry.open and now.entry.holds(sender.entry.digest, time.time_ns() // 1_000_000)
        return now if same_lock else None

    async def load(self, nc: Client, stop: asyncio.Event) -> Cursor:
        """Read everything published so far; waits for the gatekeeper to have published the whole registry once. Returns where it stands."""
        cursor = Cursor(nc, broker.REGISTRY, ("registry.>",), last_only=True)
        complete = False
        while not stop.is_set() and not (complete and cursor.pending == 0):
            complete = await self._take(cursor, 1.0) or complete
        log.info("registry loaded", addresses=len(self))
        return cursor

    async def follow(self, cursor: Cursor, stop: asyncio.Event) -> None:
        """Apply what is published from now on, until ``stop`` is set."""
        while not stop.is_set():
            await self._take(cursor, 0.5)
        await cursor.close()

    async def _take(self, cursor: Cursor, wait_s: float) -> bool:
        """Apply what has come; whether the mark of completeness was among it."""
        complete = False
        messages = await cursor.next(wait_s)
        for message in messages:
            if message.subject == f"registry.{_COMPLETE}":
                complete = True
                continue
            try:
                self.apply(registry.decode(message.data))
            except Refusal as refusal:
                log.error("registry message not understood", subject=message.subject, reason=str(refusal))
        if messages and self._changed is not None:
            self._changed()
        return complete
