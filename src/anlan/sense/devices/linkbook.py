"""Keeps what the stream tells of lines to devices where pages can ask for it (:class:`anlan.sense.devices.models.DeviceLink`)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from nats.aio.client import Client

from anlan.kernel.errors import Refusal
from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import pause
from anlan.wire import links
from anlan.wire.links import Link

if TYPE_CHECKING:
    from anlan.sense.devices.models import DeviceLink

log = structlog.get_logger()

_AT_ONCE = 1000


async def keep(nc: Client, stop: asyncio.Event) -> None:
    """Write every state of a line that the stream tells, until ``stop`` is set. While the database is away the newest states wait."""
    from django.db import DatabaseError

    cursor = Cursor(nc, broker.LINKS, ("links.>",), last_only=True)
    waiting: dict[tuple[str, str], Link] = {}
    while not stop.is_set():
        for message in await cursor.next(0.5):
            try:
                link = links.decode(message.data)
            except Refusal as refusal:
                log.error("state of a line not understood", subject=message.subject, reason=str(refusal))
                continue
            waiting[link.credential, link.device] = link
        if not waiting:
            continue
        try:
            await asyncio.to_thread(write, list(waiting.values()), datetime.now(UTC))
        except DatabaseError as trouble:
            log.warning("states of lines not kept yet", waiting=len(waiting), reason=str(trouble).splitlines()[0])
            await pause(stop, 2.0)
            continue
        waiting.clear()
    await cursor.close()


def write(told: Iterable[Link], now: datetime) -> None:
    """Keep the states of lines; what names a device that nobody registered is passed over."""
    from django.db import close_old_connections

    from anlan.sense.devices.models import Device, DeviceLink

    close_old_connections()
    try:
        by_name = {(link.credential, link.device): link for link in told}
        names = sorted(by_name)
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            credentials, codes = {credential for credential, _code in part}, {code for _credential, code in part}
            known = Device.objects.filter(credential__username__in=credentials, code__in=codes)
            rows = [
                _row(pk, by_name[username, code], now)
                for pk, username, code in known.values_list("pk", "credential__username", "code")
                if (username, code) in by_name
            ]
            DeviceLink.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["device"],
                update_fields=["state", "since", "heard", "protocol", "reason", "updated_at"],
            )
    finally:
        close_old_connections()


def _row(device_id: UUID, link: Link, now: datetime) -> DeviceLink:
    from anlan.sense.devices.models import DeviceLink

    heard = datetime.fromtimestamp(link.heard_ms / 1000, UTC) if link.heard_ms else None
    since = datetime.fromtimestamp(link.since_ms / 1000, UTC)
    row = DeviceLink(device_id=device_id, state=link.state, since=since, heard=heard, created_at=now, updated_at=now)
    row.protocol, row.reason = link.protocol[:12], link.reason[:60]
    return row
