"""From a message to its deliveries: who is told over which channel first. Rows go in by COPY; planning again adds nothing.

The first people are committed at once, so that the first message is on its way while the millionth is still being planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Recipient
from anlan.warn.channels import rules
from anlan.warn.channels.models import Message
from anlan.warn.channels.rules import LadderRow, State

log = structlog.get_logger()
BEIJING = ZoneInfo("Asia/Shanghai")
DEVICE_WAIT_MINUTES = 5
"""A board or a loudspeaker that sent no receipt by then counts as not reached. Project default."""

_COLUMNS = (
    "message_id, recipient_id, place_code, role, channel, address, language, step, inside, priority, needs_confirmation, state, attempts, "
    "not_before, carrier_ref, reason"
)


@dataclass(frozen=True)
class Unaddressed:
    """Somebody whom no channel can reach."""

    recipient: Recipient
    why: str
    """A code of ``rules.WHY``."""


def area_of(message: Message) -> audiences.Area:
    """Where the message is said."""
    kept = message.area
    return audiences.Area(
        tuple(kept.get("place_codes", ())),
        tuple(tuple(tuple((x, y) for x, y in ring) for ring in rings) for rings in kept.get("polygons", ())),
        tuple((x, y, km) for x, y, km in kept.get("circles", ())),
    )


def steps_of(message: Message, recipient: Recipient) -> tuple[LadderRow, ...]:
    """The channels of one recipient in their order. A device has its one channel; a person climbs the ladder of the level."""
    own = audiences.roles()[recipient.role].channel if recipient.role in audiences.roles() else ""
    allowed = message.allowed
    if own:
        if not recipient.device or (allowed is not None and own not in allowed):
            return ()
        return (
            LadderRow(
                level=message.level,
                step=1,
                channel=own,
                wait_minutes=DEVICE_WAIT_MINUTES,
                until="confirmed" if message.confirm else "delivered",
                source="",
                status="unverified",
            ),
        )
    has = [kind for kind in ("phone", "email", "device") if recipient.address(kind)]
    return rules.steps_for(message.level, has, recipient.needs, allowed)


def quiet_until(message: Message, channel: str, recipient: Recipient, now: datetime) -> datetime | None:
    """When a recipient's quiet hours end, if the message must heed them now; a red warning never does."""
    if message.level == "red" or not rules.channels()[channel].quiet or recipient.quiet_until is None:
        return None
    local = now.astimezone(BEIJING)
    if not audiences.quiet(local.time(), recipient.quiet_from, recipient.quiet_until):
        return None
    end = datetime.combine(local.date(), recipient.quiet_until, BEIJING)
    return end if end > local else end + timedelta(days=1)


def plan(message: Message, *, now: datetime, batch: int = 5000, between: Callable[[], object] | None = None) -> list[Unaddressed]:
    """Plan everybody of the message's area; returns those whom no channel can reach. Run again after a fault it adds only who is missing.

    Commits after each ``batch`` and calls ``between``, so that something more urgent need not wait; stops when the message was stopped meanwhile.
    The message counts as planned only by :func:`finish`.
    """
    shared = 0
    left: list[Unaddressed] = []
    for recipients in audiences.recipients(area_of(message), level=message.level, kinds=message.kinds, batch=batch):
        planned, without = _plan_some(message, recipients, now)
        if planned is None:
            return left
        shared += len(recipients) - len(without) - planned
        left += without
        if between is not None:
            between()
    message.sharing = shared
    return left


def finish(message: Message, without: int, *, now: datetime) -> None:
    """The message is planned: how many people it has, ``without`` of them without an address. Call it with what is done for those, in one transaction."""
    people = _count(message.pk)
    Message.objects.filter(pk=message.pk).update(planned_at=now, people=people + without, without_address=without, sharing=message.sharing)
    log.info("message_planned", message=str(message.pk), people=people, without_address=without)


def _plan_some(message: Message, recipients: Sequence[Recipient], now: datetime) -> tuple[int | None, list[Unaddressed]]:
    with transaction.atomic():
        if not _still_sent(message):
            return None, []
        rows, left = _rows(message, recipients, now)
        return _copy(rows), left


def _still_sent(message: Message) -> bool:
    """Whether the message is being sent, and stays so until the transaction ends: whoever stops it waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM channels_message WHERE id = %s FOR KEY SHARE", [message.pk])
        row = cursor.fetchone()
    return row is not None and row[0] == Message.SENDING


def plan_these(message: Message, recipients: Iterable[Recipient], *, now: datetime) -> list[Unaddressed]:
    """Plan exactly these; inside the caller's transaction."""
    rows, left = _rows(message, list(recipients), now)
    _copy(rows)
    return left


def _rows(message: Message, recipients: Sequence[Recipient], now: datetime) -> tuple[list[tuple[object, ...]], list[Unaddressed]]:
    rows: list[tuple[object, ...]] = []
    left: list[Unaddressed] = []
    kinds = rules.channels()
    for each in recipients:
        steps = steps_of(message, each)
        if not steps:
            left.append(Unaddressed(each, rules.NO_ADDRESS))
            continue
        rows.append(row_of(message, each, steps[0], kinds[steps[0].channel].address, now))
    return rows, left


def row_of(message: Message, recipient: Recipient, step: LadderRow, address: str, now: datetime) -> tuple[object, ...]:
    """The columns of one delivery, in the order of ``_COLUMNS``."""
    rank = audiences.roles()[recipient.role].rank if recipient.role in audiences.roles() else 9
    later = quiet_until(message, step.channel, recipient, now)
    return (
        message.pk,
        recipient.id,
        recipient.place_code,
        recipient.role,
        step.channel,
        recipient.address(address),
        recipient.language,
        step.step,
        message.inside,
        rules.priority(message.level, rank),
        step.until == "confirmed",
        int(State.DEFERRED if later else State.PLANNED),
        0,
        later,
        "",
        "",
    )


def _copy(rows: Sequence[tuple[object, ...]]) -> int:
    """Bring rows in by COPY; an address that the message has on the channel already stays as it is. How many were new."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS channels_planning "
            f"ON COMMIT DELETE ROWS AS SELECT {_COLUMNS} FROM channels_delivery WITH NO DATA"
        )
        cursor.execute("TRUNCATE channels_planning")
        with cursor.copy(f"COPY channels_planning ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO channels_delivery ({_COLUMNS}) SELECT {_COLUMNS} FROM channels_planning "
            "ON CONFLICT ON CONSTRAINT channels_delivery_once DO NOTHING"
        )
        return int(cursor.rowcount)


add_rows = _copy


def _count(message_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM channels_delivery WHERE message_id = %s AND step = 1", [message_id])
        return int(cursor.fetchone()[0])
