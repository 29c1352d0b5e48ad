"""From a message to its deliveries: who is told over which channel first. Rows go in by COPY; planning again adds nothing.

The first people are committed at once, so that the first message is on its way while the millionth is still being planned.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Recipient, Relation
from anlan.warn.channels import bulk, rules
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

_PUT = f"""
WITH {{before}}put AS (
  INSERT INTO channels_delivery ({_COLUMNS}) {{source}} ON CONFLICT ON CONSTRAINT channels_delivery_once DO NOTHING
  RETURNING channel, inside, priority, id, message_id, state),
queued AS (
  INSERT INTO channels_queued (channel, inside, priority, turn, delivery_id, message_id)
  SELECT channel, inside, priority, %s, id, message_id FROM put WHERE state = 0)
"""
"""Deliveries go in together with their place in the queue; who has one on the channel keeps it."""


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


FIRST = 500
"""So many are planned and committed before the rest is laid out: the first message must not wait for the millionth."""
MOST_TURNS = 32_000
CHUNK_PAGES = 200
"""Pages of the laid-out audience that are planned in one transaction: some ten thousand people."""


@dataclass
class Planned:
    """What planning found: how many there are, and who was left without a channel."""

    seen: int = 0
    left: list[Unaddressed] = field(default_factory=list)


def plan(message: Message, *, now: datetime) -> Generator[None, None, Planned]:
    """Plan everybody of the message's area. Run again after a fault it adds only who is missing.

    Commits after each part and yields, so that something more urgent need not wait; stops when the message was stopped meanwhile. The message counts
    as planned only by :func:`finish`.
    """
    run = _Run(message, now)
    for part in audiences.relations(area_of(message), level=message.level, kinds=message.kinds):
        for work in run.parts(part):
            with transaction.atomic():
                if not _still_sent(message):
                    return Planned()
                work()
            run.turn = min(run.turn + 1, MOST_TURNS)
            yield
    return run.found


@dataclass
class _Run:
    """One planning of one message."""

    message: Message
    now: datetime
    found: Planned = field(default_factory=Planned)
    turn: int = 0

    def parts(self, part: Relation | list[Recipient]) -> Iterator[Callable[[], object]]:
        """What is to be done, each in a transaction of its own. Of a relation its first at once, then the rest, laid out in a table of this session."""
        if isinstance(part, list):
            yield partial(self._one_by_one, part)
            return
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM ({part.sql} LIMIT {FIRST}) AS first", part.values)
            first = [row[0] for row in cursor.fetchall()]
        yield partial(self._in_database, f"(SELECT * FROM ({part.sql}) AS everybody WHERE id = ANY(%s))", (*part.values, first))
        if len(first) == FIRST:
            yield from self._laid_out(Relation(f"SELECT * FROM ({part.sql}) AS everybody WHERE id <> ALL(%s)", (*part.values, first)))

    def _laid_out(self, relation: Relation) -> Iterator[Callable[[], object]]:
        table = f"channels_audience_{self.message.pk.hex}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"CREATE TEMPORARY TABLE {table} AS {relation.sql}", relation.values)
            cursor.execute(f"SELECT pg_relation_size('{table}') / current_setting('block_size')::int")
            pages = cursor.fetchone()[0]
        try:
            for page in range(0, pages, CHUNK_PAGES):
                part = f"(SELECT * FROM {table} WHERE ctid >= %s::tid AND ctid < %s::tid)"
                yield partial(self._in_database, part, (f"({page},0)", f"({page + CHUNK_PAGES},0)"))
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")

    def _one_by_one(self, recipients: Sequence[Recipient]) -> None:
        rows, left = _rows(self.message, recipients, self.now)
        _copy(rows, self.turn)
        self.found.seen += len(recipients)
        self.found.left += left

    def _in_database(self, source: str, values: tuple[object, ...]) -> None:
        """Plan whoever needs no second thought in one statement, everybody else one by one."""
        sql, more = bulk.statement(self.message, source, values)
        with connection.cursor() as cursor:
            cursor.execute(f"{_PUT.format(source=sql[1], before=sql[0])} {bulk.COUNTED}", [*more, self.turn])
            chosen, others = cursor.fetchone()
        self.found.seen += chosen - len(others or ())
        if others:
            self._one_by_one(list(audiences.by_ids(others).values()))


def finish(message: Message, found: Planned, *, now: datetime) -> None:
    """The message is planned. Call it with what is done for those who were left, in one transaction."""
    people, without = _count(message.pk), len(found.left)
    # Counted from the end: what a run that broke off had planned already is not taken for the address of another.
    sharing = max(0, found.seen - without - people)
    Message.objects.filter(pk=message.pk).update(planned_at=now, people=people + without, without_address=without, sharing=sharing)
    log.info("message_planned", message=str(message.pk), people=people, without_address=without)


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
        rules.priority(message.level, bulk.rank_of(message, recipient.role)),
        step.until == "confirmed",
        int(State.DEFERRED if later else State.PLANNED),
        0,
        later,
        "",
        "",
    )


def _copy(rows: Sequence[tuple[object, ...]], turn: int = 0) -> int:
    """Bring rows in by COPY; an address that the message has on the channel already stays as it is. How many were new. ``turn``: see ``Queued``."""
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
        cursor.execute(f"{_PUT.format(before='', source=f'SELECT {_COLUMNS} FROM channels_planning')} SELECT count(*) FROM put", [turn])
        return int(cursor.fetchone()[0])


add_rows = _copy


def _count(message_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM channels_delivery WHERE message_id = %s AND step = 1", [message_id])
        return int(cursor.fetchone()[0])
