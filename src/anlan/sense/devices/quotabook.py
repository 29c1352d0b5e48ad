"""Keeps what the stream tells of credentials beyond their quotas where pages can ask for it (:class:`anlan.sense.devices.models.OverQuota`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from nats.aio.client import Client

from anlan.kernel.errors import Refusal
from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import pause
from anlan.sense.devices import rules
from anlan.wire import quarantine

log = structlog.get_logger()

SUBJECTS = tuple(f"quarantine.*.*.{reason}" for reason in quarantine.OVER_QUOTA)


async def keep(nc: Client, stop: asyncio.Event) -> None:
    """Write what was told until ``stop`` is set. While the database is away it waits."""
    from django.db import DatabaseError

    cursor = Cursor(nc, broker.QUARANTINE, SUBJECTS, last_only=True)
    known: dict[str, quarantine.QuarantineRecord] = {}
    waiting: set[str] = set()
    while not stop.is_set():
        for message in await cursor.next(0.5):
            try:
                known[message.subject] = record = quarantine.decode(message.data)
            except Refusal as refusal:
                log.error("quarantine record not understood", subject=message.subject, reason=str(refusal))
                continue
            waiting.add(record.credential)
        if not waiting:
            continue
        told: dict[str, tuple[int, int]] = {}
        for record in known.values():
            if record.credential in waiting:
                count, last_ms = told.get(record.credential, (0, 0))
                told[record.credential] = (count + record.count, max(last_ms, record.last_ms))
        try:
            await asyncio.to_thread(write, told, datetime.now(UTC))
        except DatabaseError as trouble:
            log.warning("what lay beyond quotas not kept yet", waiting=len(waiting), reason=str(trouble).splitlines()[0])
            await pause(stop, 2.0)
            continue
        waiting.clear()
    await cursor.close()


def write(told: Mapping[str, tuple[int, int]], now: datetime) -> None:
    """Keep by user name how many messages lay beyond the quota so far and when the last did (ms since 1970 UTC); told again it changes nothing."""
    from django.db import close_old_connections

    from anlan.sense.devices.models import DeviceCredential, OverQuota

    close_old_connections()
    try:
        before = {row.credential_id: row for row in OverQuota.objects.filter(credential__username__in=list(told))}
        rows = []
        for pk, username in DeviceCredential.objects.filter(username__in=list(told)).values_list("pk", "username"):
            count, last_ms = told[username]
            last_at = datetime.fromtimestamp(last_ms / 1000, UTC)
            known = before.get(pk)
            if known is not None and known.messages == count:
                continue
            goes_on = known is not None and last_at - known.last_at < rules.OVER_QUOTA_GAP
            since = known.since if known is not None and goes_on else last_at
            rows.append(OverQuota(credential_id=pk, messages=count, since=since, last_at=last_at, created_at=now, updated_at=now))
        OverQuota.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["credential"],
            update_fields=["messages", "since", "last_at", "updated_at"],
        )
    finally:
        close_old_connections()
