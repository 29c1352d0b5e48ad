"""The process that makes alarms of what the detector says. ``python -m anlan.sense.alarms.intake``

The position in the stream ALARMS is kept in the database, in the transaction that enters the alarm: after a fault at any moment each
transition has been taken in wholly or not at all, and what is told again is recognised by the name of its episode. What detector and
gateways say lies in one stream and is entered in batches; what cannot be read is kept apart and shown, never dropped.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import django
import structlog

from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.ledger import broker
from anlan.ledger.process import attempts, serve
from anlan.wire import detections, happenings

log = structlog.get_logger()

ACTOR = system_actor("detector")
STREAM = broker.ALARMS
BATCH = 1000
MOST_APART, LONGEST_APART = 50_000, 16_384
"""So much of what cannot be read is kept; beyond it only the log tells."""
AGAIN_AT_ONCE = 1000


def take_in(messages: Sequence[broker.Message]) -> int:
    """Enter what ``messages`` tell, in order, with the position in one transaction; returns how many were not known before.

    Should one of them be more than the tables take, they are entered one by one and that one is set apart: it never stands in the way of others.
    """
    from django.db import DataError, IntegrityError

    try:
        return _take_all(messages)
    except (DataError, IntegrityError) as trouble:
        if len(messages) == 1:
            log.error("detection not taken, set apart", sequence=messages[0].sequence, reason=str(trouble).splitlines()[0])
            return _take_all(messages, set_apart=str(trouble).splitlines()[0])
    return sum(take_in([message]) for message in messages)


def _take_all(messages: Sequence[broker.Message], set_apart: str = "") -> int:
    from django.db import transaction

    from anlan.sense.alarms import rules
    from anlan.sense.alarms.models import StreamPosition

    with transaction.atomic():
        position, _made = StreamPosition.objects.select_for_update().get_or_create(stream=STREAM)
        fresh = [message for message in messages if message.sequence > position.sequence]
        if not fresh:
            return 0
        if set_apart:
            _keep_apart([(message, rules.IMPOSSIBLE, set_apart) for message in fresh])
        else:
            _enter(fresh)
        position.sequence = fresh[-1].sequence
        position.save()
    return len(fresh)


def _enter(messages: Sequence[broker.Message]) -> None:
    """Make alarms of messages; what is none is kept apart."""
    from anlan.sense.alarms import detecting, rules

    told, apart = [], []
    by_told: dict[int, broker.Message] = {}
    for message in messages:
        try:
            several = decode(message)
        except (detections.MalformedTransition, happenings.MalformedHappening) as refusal:
            apart.append((message, rules.MALFORMED, str(refusal.facts.get("reason", ""))))
            continue
        for one in several:
            told.append(one)
            by_told[id(one)] = message if len(several) == 1 else _alone(one, message)
    outcome = detecting.take(told, actor=ACTOR, now=clock.now())
    apart += [(by_told[id(each.told)], each.reason, each.detail) for each in outcome.apart]
    _keep_apart(apart)
    if outcome.raised or outcome.cleared:
        log.info(
            "alarms", raised=len(outcome.raised), cleared=len(outcome.cleared), first=outcome.raised[0].title if outcome.raised else ""
        )


def decode(message: broker.Message) -> tuple[detections.Transition | happenings.Happening, ...]:
    """What a message tells, in order. Raises ``MalformedTransition``, ``MalformedHappening``."""
    return happenings.decode(message.data) if message.subject == happenings.SUBJECT else (detections.decode(message.data),)


def _alone(told: detections.Transition | happenings.Happening, message: broker.Message) -> broker.Message:
    """``message`` as if it told ``told`` only: what is kept apart of it may come in again without its neighbours."""
    return replace(message, data=happenings.encode(told)) if isinstance(told, happenings.Happening) else message


def _keep_apart(apart: Sequence[tuple[broker.Message, str, str]]) -> None:
    from anlan.sense.alarms.models import ApartMessage

    if not apart:
        return
    for message, reason, detail in apart:
        log.error("no alarm could be made of a message, kept apart", sequence=message.sequence, reason=reason, detail=detail)
    room = max(0, MOST_APART - ApartMessage.objects.count())
    rows = [
        ApartMessage(
            sequence=message.sequence,
            subject=message.subject[:120],
            reason=reason,
            detail=detail.replace("\0", "")[:200],
            data=message.data[:LONGEST_APART],
            at=clock.now(),
        )
        for message, reason, detail in apart[:room]
    ]
    ApartMessage.objects.bulk_create(rows)


def take_again(now: datetime) -> int:
    """Try anew what was kept apart, oldest first: a point was registered since, a kind became known. Returns how many became alarms."""
    from django.db import transaction

    from anlan.sense.alarms import detecting
    from anlan.sense.alarms.models import ApartMessage

    done = 0
    with transaction.atomic():
        waiting = ApartMessage.objects.select_for_update(skip_locked=True).filter(taken_at__isnull=True).order_by("at", "sequence")
        for row in waiting[:AGAIN_AT_ONCE]:
            try:
                told = decode(broker.Message(row.sequence, row.subject, bytes(row.data), None))
            except (detections.MalformedTransition, happenings.MalformedHappening):
                continue
            if not detecting.take(told, actor=ACTOR, now=now).apart:
                row.taken_at = now
                row.save(update_fields=["taken_at"])
                done += 1
    return done


def position() -> int:
    """How far ALARMS was read."""
    from anlan.sense.alarms.models import StreamPosition

    return StreamPosition.objects.filter(stream=STREAM).values_list("sequence", flat=True).first() or 0


def _set_position(sequence: int) -> None:
    from anlan.sense.alarms.models import StreamPosition

    StreamPosition.objects.update_or_create(stream=STREAM, defaults={"sequence": sequence})


async def run(stop: asyncio.Event) -> None:
    """Make alarms until ``stop`` is set."""
    nc = await broker.connect(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop, name="alarms")
    js = nc.jetstream()
    await broker.ensure_streams(js, stop)
    after = await _in_database(stop, position)
    checked = (await broker.checked_position(js, stop, STREAM, broker.Position(after))).sequence
    if checked != after:
        await _in_database(stop, lambda: _set_position(checked))
    cursor = broker.Cursor(nc, STREAM, ("alarms.>",), after=checked, batch=BATCH)
    log.info("hearing the detector", after=checked)
    while not stop.is_set():
        messages = await cursor.next(0.5)
        if messages:
            await _in_database(stop, lambda batch=messages: take_in(batch))
    await cursor.close()
    await nc.drain()


async def _in_database(stop: asyncio.Event, work: object) -> int:
    """Do ``work`` in a thread, again and again while the database is away. Raises ``ConnectionError`` once ``stop`` is set."""
    from django.db import InterfaceError, OperationalError, close_old_connections

    def done() -> int:
        close_old_connections()
        return work() or 0  # type: ignore[operator]

    async for attempt in attempts(stop):
        try:
            return await asyncio.to_thread(done)
        except (OperationalError, InterfaceError) as trouble:
            if attempt == 1:
                log.warning("database does not answer", reason=str(trouble).splitlines()[0])
    raise ConnectionError("stopped before the database answered")


def main() -> int:
    """Entry of the process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    return serve("alarms", run)


if __name__ == "__main__":
    sys.exit(main())
