"""One connection to a gateway: its session's actions are carried out in order, and nothing is read while they are under way.

So a stream that lags holds the sender back through TCP, and what one connection occupies stays far below a megabyte. No Django.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import structlog

from anlan.kernel.errors import Refusal
from anlan.sense.gateways import rules
from anlan.sense.gateways.apart import Apart
from anlan.sense.gateways.directory import Directory, Sender
from anlan.sense.gateways.lines import Lines
from anlan.sense.gateways.rules import Limits, NotIdentified, NotInUse, NotStored, OverQuota
from anlan.sense.gateways.session import Action, Asked, Close, Deliver, Heard, Identify, Reply, Session, SetApart
from anlan.sense.gateways.storing import Store
from anlan.wire import quarantine

log = structlog.get_logger()

SHOWN_BYTES = 400


@dataclass
class Tally:
    """What one port did so far."""

    connections: int = 0
    accepted: int = 0
    turned_away: int = 0
    delivered: int = 0
    refused: int = 0
    not_stored: int = 0
    timed_out: int = 0


@dataclass
class House:
    """What every connection of a port shares."""

    protocol: str
    limits: Limits
    directory: Directory
    store: Store
    lines: Lines
    apart: Apart
    tally: Tally = field(default_factory=Tally)


class Ended(Exception):
    """The connection ends, for a reason in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Connection:
    """One connection from its first byte to its end."""

    def __init__(self, house: House, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str) -> None:
        self._house, self._session = house, session
        self._reader, self._writer, self._peer = reader, writer, peer
        self._admitted: dict[str, Sender] = {}
        # Whoever carries out actions of the session has it: what the sender sent, or what the node asks of it.
        self._turn = asyncio.Lock()
        self._refusals = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until the sender goes, a limit is passed, or ``stop`` is set."""
        reason = "closed"
        try:
            await self._serve(stop)
        except Ended as ended:
            reason = ended.reason
        except NotStored as refusal:
            self._house.tally.not_stored += 1
            log.warning("not stored, sender left without an answer", protocol=self._house.protocol, peer=self._peer, reason=str(refusal))
            reason = "not_stored"
        except (ConnectionError, TimeoutError) as trouble:
            reason = type(trouble).__name__
        finally:
            now_ms = _now_ms()
            for sender in self._admitted.values():
                self._house.lines.down(sender, reason, now_ms)
            await self._hang_up()

    async def _serve(self, stop: asyncio.Event) -> None:
        limits, loop = self._house.limits, asyncio.get_running_loop()
        begun = loop.time()
        # When the frame that has not ended began; a sender that never ends one, or never says who it is, goes.
        piece_since: float | None = None
        while not stop.is_set():
            now = loop.time()
            deadline = now + limits.idle_s
            if piece_since is not None:
                deadline = min(deadline, piece_since + limits.piece_s)
            if not self._admitted:
                deadline = min(deadline, begun + limits.piece_s)
            try:
                async with asyncio.timeout_at(deadline):
                    data = await self._reader.read(rules.READ_BYTES)
            except TimeoutError:
                self._house.tally.timed_out += 1
                raise Ended("timed_out") from None
            if not data:
                raise Ended("closed_by_sender")
            async with self._turn:
                carried = await self._carry_out(self._session.receive(data, _now_ms()))
            waiting = self._session.waiting
            if waiting > limits.waiting_bytes:
                raise Ended("too_much_waiting")
            if waiting == 0:
                piece_since = None
            elif carried or piece_since is None:
                piece_since = loop.time()

    async def ask(self, credential: str, device: str, since_ms: int, until_ms: int) -> bool:
        """Ask a device of this connection to send again; whether it speaks here and its protocol knows how to be asked."""
        addresses = [address for address, sender in self._admitted.items() if (sender.credential, sender.device) == (credential, device)]
        carried = 0
        async with self._turn:
            for address in addresses:
                try:
                    carried += await self._carry_out(self._session.ask_again(Asked(address, since_ms, until_ms), _now_ms()))
                except (Ended, ConnectionError, TimeoutError) as trouble:
                    # The connection is ending; its own reading of the line says why.
                    log.info("could not be asked again", protocol=self._house.protocol, address=address, reason=str(trouble))
        return bool(carried)

    async def _carry_out(self, actions: Iterable[Action]) -> int:
        """Carry the actions out in order; what follows from an identification comes before whatever was to come after it."""
        under_way: list[Iterator[Action]] = [iter(actions)]
        carried = 0
        while under_way:
            action = next(under_way[-1], None)
            if action is None:
                under_way.pop()
                continue
            carried += 1
            if isinstance(action, Identify):
                under_way.append(iter(await self._identify(action)))
            else:
                await self._do(action)
        return carried

    async def _do(self, action: Deliver | Reply | SetApart | Heard | Close) -> None:
        match action:
            case Deliver():
                await self._deliver(action)
            case Reply(data):
                await self._write(data)
            case SetApart(address, reason, data):
                self._set_apart(address, reason, data)
            case Heard(address):
                if (sender := self._admitted.get(address)) is not None:
                    self._house.lines.heard(sender, _now_ms())
            case Close(reason):
                raise Ended(reason)

    async def _identify(self, asked: Identify) -> list[Action]:
        house = self._house
        try:
            sender = await house.directory.admit(house.protocol, asked.address, asked.secret, self._peer)
        except Refusal as refusal:
            self._refusals += 1
            self._set_apart(asked.address, refusal, f"{asked.address} @ {self._peer}".encode())
            answer = list(self._session.identified(asked.address, False, _now_ms()))
            if self._refusals > house.limits.refused:
                raise Ended("too_many_refusals") from None
            return answer
        now_ms = _now_ms()
        actions = list(self._session.identified(asked.address, True, now_ms))
        if asked.address in self._admitted:
            self._admitted[asked.address] = sender
            house.lines.heard(sender, now_ms)
            return actions
        if len(self._admitted) >= house.limits.senders:
            raise Ended("too_many_senders")
        self._admitted[asked.address] = sender
        missing = rules.gap(house.lines.up(sender, now_ms), now_ms)
        if missing is not None:
            actions += self._session.ask_again(Asked(asked.address, *missing), now_ms)
        return actions

    async def _deliver(self, delivered: Deliver) -> None:
        house = self._house
        admitted = self._admitted.get(delivered.address)
        sender = house.directory.current(admitted) if admitted is not None else None
        if sender is None:
            facts = {"protocol": house.protocol, "address": delivered.address[:64]}
            refusal = NotIdentified(**facts) if admitted is None else NotInUse(**facts)
            self._set_apart(delivered.address, refusal, delivered.address.encode())
            raise Ended(refusal.code)
        values = sum(len(measured.values) for measured in delivered.measured)
        within = not values or house.directory.quotas.take(sender.credential, values, _now_ms())
        # A quota bounds readings; what a device reports as an alarm of its own is stored all the same.
        for refused in await house.store.keep(sender, delivered.measured if within else (), delivered.happened):
            self._set_apart(delivered.address, refused, b"")
        house.lines.heard(sender, _now_ms())
        if not within:
            # Not answered, the sender keeps what it has and sends it again later.
            self._set_apart(delivered.address, OverQuota(credential=sender.credential), f"{values} values".encode())
            return
        house.tally.delivered += 1
        if delivered.answer:
            await self._write(delivered.answer)

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        async with asyncio.timeout(self._house.limits.write_s):
            await self._writer.drain()

    def _set_apart(self, address: str, reason: Refusal, data: bytes) -> None:
        self._house.tally.refused += 1
        # What names a device without having been let in as it may be anybody: it is not counted against the device's owner.
        sender = self._admitted.get(address)
        credential, device = (sender.credential, sender.device) if sender is not None else (quarantine.UNKNOWN, quarantine.UNKNOWN)
        self._house.apart.add(credential, device, reason.code, str(reason), data[:SHOWN_BYTES], _now_ms())

    async def _hang_up(self) -> None:
        self._writer.close()
        try:
            async with asyncio.timeout(self._house.limits.write_s):
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            self._writer.transport.abort()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
