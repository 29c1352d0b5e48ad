"""The process that makes alarms of what the detector says. ``python -m anlan.sense.alarms.intake``

The position in the stream ALARMS is kept in the database, in the transaction that enters the alarm: after a fault at any moment each
transition has been taken in wholly or not at all, and what is told again is recognised by the name of its episode.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

import django
import structlog

from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.ledger import broker
from anlan.ledger.process import attempts, serve
from anlan.wire import detections

log = structlog.get_logger()

ACTOR = system_actor("detector")
STREAM = broker.ALARMS


def take_in(messages: Sequence[broker.Message]) -> int:
    """Enter what ``messages`` tell, in order, each with its position in one transaction; returns how many were not known before."""
    from django.db import transaction

    from anlan.sense.alarms.models import StreamPosition

    fresh = 0
    for message in messages:
        with transaction.atomic():
            position, _made = StreamPosition.objects.select_for_update().get_or_create(stream=STREAM)
            if message.sequence <= position.sequence:
                continue
            _take_one(message)
            position.sequence = message.sequence
            position.save()
            fresh += 1
    return fresh


def _take_one(message: broker.Message) -> None:
    from anlan.sense.alarms import services
    from anlan.sense.devices import door as devices

    try:
        told = detections.decode(message.data)
    except detections.MalformedTransition as refusal:
        log.error("detection not understood, passed over", sequence=message.sequence, reason=str(refusal))
        return
    if told.change == detections.CLEAR:
        services.clear_alarm(told, actor=ACTOR, now=clock.now())
        return
    sensor = devices.sensors_by_channel([told.channel]).get(told.channel)
    if sensor is None:
        log.error("detection of a channel that nobody registered, passed over", channel=told.channel)
        return
    alarm = services.raise_alarm(told, sensor, actor=ACTOR, now=clock.now())
    log.info("alarm", alarm=str(alarm.pk), title=alarm.title, level=alarm.level)


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
    cursor = broker.Cursor(nc, STREAM, ("alarms.>",), after=checked, batch=200)
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
