"""The process that hands messages to carriers: one thread for each carrier, so that one that hangs holds up nobody else, and one that plans and sweeps.

Everything it knows is in the database. Killed at any moment and started again it goes on; see :mod:`.engine` for what was in hand.
"""

from __future__ import annotations

import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator
from typing import Any
from uuid import UUID

import structlog

from anlan.ledger import stepping

log: Any = structlog.get_logger()
Planning = Generator[None, None, Any]
IDLE_S = 0.25
"""Pause when nothing waits: also how long an approved warning may wait for its first message. Project default."""
ASLEEP_S = 2.0
"""How long a carrier's thread sleeps when nothing wakes it; then it takes receipts. Project default."""
SWEEP_S = 5.0
REFUSED_S = 30.0
"""Pause before a carrier whose record cannot be opened (a secret that is missing) is looked at again. Project defaults."""


def main() -> int:
    """Work until told to stop; what a thread has in hand is finished within the carrier's time-out."""
    return stepping.serve("dispatcher", lambda stop: Dispatcher(stop).run())


class Dispatcher:
    """Plans messages, keeps a thread for each carrier, and sweeps what time has passed over."""

    def __init__(self, stop: threading.Event) -> None:
        from anlan.warn.channels import ending

        self.stop = stop
        self.senders: dict[UUID, Sender] = {}
        self.planner = Planner()
        self.endings = ending.Endings()
        self._swept = 0.0

    def run(self) -> None:
        """Go on until ``stop`` is set; an engine that is away is waited for."""
        stepping.keep_on(self.stop, self.step, lambda: IDLE_S)
        for sender in self.senders.values():
            sender.wake.set()
            sender.thread.join(12)

    def step(self) -> bool:
        """One round: a part of what is to be planned, waking, carriers, answers, sweep; whether more may be to be planned."""
        from anlan.kernel import clock
        from anlan.warn.channels import answering

        planned = self.planner.step()
        self._wake()
        self._carriers()
        answering.tell_settled(now=clock.now())
        if time.monotonic() - self._swept > SWEEP_S:
            self._swept = time.monotonic()
            sweep()
            self.endings.look(now=clock.now())
            self._wake()
        return planned

    def _wake(self) -> None:
        from anlan.warn.channels import engine

        # One question for all: threads that asked for themselves four times a second would keep a processor busy with nothing.
        if engine.anything_waits():
            for sender in self.senders.values():
                sender.wake.set()

    def _carriers(self) -> None:
        from anlan.warn.channels.models import Carrier

        wanted = {row.pk: row.version for row in Carrier.objects.filter(enabled=True).only("pk", "version")}
        for key, sender in list(self.senders.items()):
            if wanted.get(key) != sender.version or not sender.thread.is_alive():
                sender.quit.set()
                sender.wake.set()
                if not sender.thread.is_alive():
                    del self.senders[key]
        for key, version in wanted.items():
            if key not in self.senders:
                self.senders[key] = Sender(key, version, self.stop)


class Sender:
    """The thread of one carrier, with a database session and a worker number of its own."""

    def __init__(self, carrier_id: UUID, version: int, stop: threading.Event) -> None:
        self.carrier_id, self.version, self.stop = carrier_id, version, stop
        self.quit, self.wake = threading.Event(), threading.Event()
        self.worker = secrets.randbits(62)
        self.thread = threading.Thread(target=self._run, name=f"carrier-{carrier_id}", daemon=True)
        self.thread.start()

    def _over(self) -> bool:
        return self.stop.is_set() or self.quit.is_set()

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._over():
            self.stop.wait(IDLE_S)

    def _run(self) -> None:
        from django.db import Error, connection

        try:
            self._serve()
        except Error as away:
            # The thread ends with its session, and with it the lock of its number: what it had in hand is taken over by the next one.
            log.warning("carrier_thread_ended", carrier=str(self.carrier_id), trouble=str(away)[:200])
        finally:
            connection.close()

    def _serve(self) -> None:
        from anlan.kernel import clock
        from anlan.kernel.errors import Refusal
        from anlan.warn.channels import engine, gate
        from anlan.warn.channels.models import Carrier

        engine.hold_worker(self.worker)
        carrier = Carrier.objects.get(pk=self.carrier_id)
        try:
            adapter = gate.opened(carrier)
        except (Refusal, KeyError) as refusal:
            engine.note_failure(carrier, refusal.message() if isinstance(refusal, Refusal) else str(refusal), clock.now())
            self._rest(REFUSED_S)
            return
        try:
            self._work(carrier, adapter, engine, clock.now)
        finally:
            adapter.close()

    def _work(self, carrier: Any, adapter: Any, engine: Any, now: Callable[[], Any]) -> None:
        pace = Pace(carrier.rate_per_s)
        looked = 0.0
        while not self._over():
            handed = engine.hand_over_next(carrier, adapter, worker=self.worker, now=now(), limit=pace.allowance())
            pace.spend(handed)
            if time.monotonic() - looked > 1.0:
                looked = time.monotonic()
                collect(carrier, adapter, now())
            if not handed:
                self.wake.wait(ASLEEP_S)
                self.wake.clear()


class Pace:
    """A carrier's rate limit: at most ``rate_per_s`` each second, in bursts of one second at most (``None``: as fast as it answers)."""

    def __init__(self, rate_per_s: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self._clock = rate_per_s, clock
        self._tokens, self._at = float(rate_per_s or 0), clock()

    def allowance(self) -> int | None:
        """How many may go now, waiting until it is one at least; ``None``: no limit."""
        if not self.rate:
            return None
        now = self._clock()
        self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            time.sleep((1 - self._tokens) / self.rate)
            return self.allowance()
        return int(self._tokens)

    def spend(self, number: int) -> None:
        """So many went."""
        if self.rate:
            self._tokens -= number


def collect(carrier: Any, adapter: Any, now: Any) -> int:
    """Take the receipts that a carrier has, and ask about what is unknown; how many."""
    from anlan.kernel.errors import Refusal
    from anlan.warn.channels import engine

    try:
        notes = adapter.receipts()
    except (Refusal, OSError, TimeoutError, ValueError) as trouble:
        log.warning("receipts_failed", carrier=carrier.name, trouble=str(trouble)[:200])
        notes = []
    taken = engine.take_receipts(carrier, notes, now=now) if notes else 0
    return taken + engine.ask_unknown(carrier, adapter, now=now)


class Planner:
    """Plans the messages that were said since, part by part: the most urgent first, those of one urgency in turn.

    A red warning never waits for a blue one, and the first people of a small one not for the last of a large one. ``only``: leave all others alone.
    """

    def __init__(self, only: Collection[UUID] | None = None) -> None:
        self._only = only
        self._under_way: dict[UUID, Planning] = {}
        self._turns: Counter[UUID] = Counter()
        self.planned = 0

    def step(self) -> bool:
        """Plan one part of one message; whether there was one."""
        from anlan.kernel import clock
        from anlan.warn.channels import planning, rules
        from anlan.warn.channels.models import Message

        rows = Message.objects.filter(state=Message.SENDING, planned_at__isnull=True)
        waiting = list(rows if self._only is None else rows.filter(pk__in=self._only))
        for gone in self._under_way.keys() - {row.pk for row in waiting}:
            self._under_way.pop(gone).close()
        if not waiting:
            self._turns.clear()
            return False
        chosen = min(waiting, key=lambda row: (rules.priority(row.level, 0), self._turns[row.pk], row.approved_at))
        self._turns[chosen.pk] += 1
        run = self._under_way.pop(chosen.pk, None) or planning.plan(chosen, now=clock.now())
        try:
            next(run)
        except StopIteration as end:
            _planned(chosen, end.value)
            self.planned += 1
        else:
            # Only now: a run that broke off with its database session is begun anew.
            self._under_way[chosen.pk] = run
        return True


def _planned(message: Any, found: Any) -> None:
    from django.db import transaction

    from anlan.kernel import clock
    from anlan.warn.channels import calling, planning

    with transaction.atomic():
        calling.open_calls(message, [(each.recipient, each.why) for each in found.left], now=clock.now())
        planning.finish(message, found, now=clock.now())


def plan_waiting(only: Collection[UUID] | None = None) -> int:
    """Plan everything that waits to the end, or what is of ``only`` these messages; how many messages."""
    planner = Planner(only)
    while planner.step():
        pass
    return planner.planned


def sweep(only: Collection[UUID] | None = None) -> None:
    """What time has passed over: workers that are gone, what was put off, what ran out, what was not heard of, calls that rise.

    ``only``: these messages, for what time alone does not decide. Whoever sweeps at a moment of the past finds nothing else due there: the node
    has swept it long ago.
    """
    from anlan.kernel import clock
    from anlan.warn.channels import answering, calling, engine, following
    from anlan.warn.channels.models import Message

    now = clock.now()
    for batch in engine.orphaned(now):
        engine.take_over(batch, now=now)
    engine.expire(now=now)
    engine.wake_deferred(now=now)
    while following.follow(now=now):
        pass
    sending = Message.objects.filter(state=Message.SENDING) if only is None else Message.objects.filter(state=Message.SENDING, pk__in=only)
    calling.reached_by_channel(list(sending.values_list("pk", flat=True)), now=now)
    calling.end_expired(now=now)
    calling.rise(now=now)
    answering.forget(now=now)


if __name__ == "__main__":
    sys.exit(main())
