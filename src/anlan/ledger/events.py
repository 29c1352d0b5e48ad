"""The transactional outbox: an event is written with the change it tells of, and heard after commit, at least once.

Every hearer is a function ``hear(event)`` named by its dotted path; the join of kinds and hearers is handed in by the assembly
(:func:`connect`). A :class:`~anlan.ledger.models.Delivery` row in the hearer's own transaction makes hearing twice harmless.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import cast
from uuid import UUID

import structlog
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.events import Event, event_class
from anlan.ledger.models import Announcement, Delivery

log = structlog.get_logger()

CHANNEL = "anlan_live"
"""PostgreSQL channel that carries the id of each announcement after commit (NOTIFY is limited to 8,000 bytes: ids only)."""

Hearer = Callable[[Event], None]

_hearers: dict[str, tuple[str, ...]] = {}
_queue: Callable[..., None] | None = None
_in_hand: ContextVar[deque[UUID] | None] = ContextVar("events_in_hand", default=None)


@contextmanager
def in_hand() -> Iterator[Callable[[], int]]:
    """Inside the block what is announced is neither queued nor told to live pages: it is of the past, and waits for the function that is handed out.

    That function delivers what waits, and what is announced meanwhile, here and now; it returns how many. What waits at the end is delivered too.
    """
    waiting: deque[UUID] = deque()

    def deliver_own() -> int:
        done = 0
        while waiting:
            deliver(waiting.popleft())
            done += 1
        return done

    token = _in_hand.set(waiting)
    try:
        yield deliver_own
        deliver_own()
    finally:
        _in_hand.reset(token)


def connect(hearers: Mapping[str, Iterable[str]], queue: Callable[..., None] | None = None) -> None:
    """Join event kinds to hearers (dotted paths) and name the function that queues deliveries (ids, and whether
    they are ``urgent``) inside the transaction."""
    global _queue
    _hearers.clear()
    _hearers.update({kind: tuple(paths) for kind, paths in hearers.items()})
    _queue = queue


def announce(event: Event) -> Announcement:
    """Write ``event`` to the outbox inside the caller's transaction and queue its delivery."""
    return announce_all([event])[0]


def announce_all(events: Sequence[Event]) -> list[Announcement]:
    """Several events at once, in their order; see :func:`announce`."""
    if not events:
        return []
    announcements = [
        Announcement(
            kind=event.kind,
            payload=event.payload(),
            place_code=event.place_code,
            enterprise_id=event.enterprise_id,
            classification=int(event.classification),
            at=event.at,
            delivered_at=None if _hearers.get(event.kind) else event.at,
        )
        for event in events
    ]
    Announcement.objects.bulk_create(announcements, batch_size=1000)
    held = _in_hand.get()
    if held is not None:
        held.extend(each.id for each in announcements if each.delivered_at is None)
        return announcements
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, id) FROM unnest(%s::text[]) AS id", [CHANNEL, [str(each.id) for each in announcements]])
    for urgent in (True, False):
        waiting = [
            each.id for each, event in zip(announcements, events, strict=True) if each.delivered_at is None and event.urgent is urgent
        ]
        if _queue is not None and waiting:
            _queue(*waiting, urgent=urgent)
    return announcements


def deliver(announcement_id: UUID) -> None:
    """Let every hearer that has not yet heard the announcement hear it, each in a transaction of its own.

    A hearer that raises leaves the announcement waiting: the job is tried again and the others are not repeated.
    """
    announcement = Announcement.objects.filter(pk=announcement_id).first()
    if announcement is None or announcement.delivered_at is not None:
        return
    event = event_class(announcement.kind).restore(announcement.payload)
    for path in _hearers.get(announcement.kind, ()):
        with transaction.atomic():
            _delivery, fresh = Delivery.objects.get_or_create(announcement=announcement, hearer=path, defaults={"at": clock.now()})
            if fresh:
                _resolve(path)(event)
    Announcement.objects.filter(pk=announcement.pk).update(delivered_at=clock.now())


def deliver_pending(limit: int = 1000) -> int:
    """Deliver what waits, oldest first, until nothing new appears; returns how many were delivered. For sweeps and stories."""
    done = 0
    while done < limit:
        waiting = list(Announcement.objects.filter(delivered_at__isnull=True).order_by("id").values_list("id", flat=True)[:100])
        if not waiting:
            break
        for announcement_id in waiting:
            deliver(announcement_id)
            done += 1
    return done


def _resolve(path: str) -> Hearer:
    module, _, name = path.rpartition(".")
    return cast("Hearer", getattr(import_module(module), name))
