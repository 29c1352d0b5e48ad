"""Handing deliveries to carriers: claim, send, settle; and what is done when a worker died or a line broke in between.

The order is the whole point. A batch is *claimed* in a transaction of its own: its rows say HANDED and name the batch before one byte leaves. Then it
is sent. Then the answers are *settled*. Whatever dies in between leaves rows that say HANDED: they are never sent again by themselves. The carrier is
asked for their keys; if it never heard of them they are planned again under the same keys, if nobody can say, the rule of the channel decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from anlan.kernel import clock
from anlan.kernel.errors import Refusal
from anlan.kernel.ids import new_id
from anlan.kernel.levels import prefix_of
from anlan.ledger.events import announce_all
from anlan.warn.channels import gate, rules, trying
from anlan.warn.channels.adapters import KINDS, Adapter
from anlan.warn.channels.adapters.contract import NEVER_HEARD, Answer, NotSent, Outgoing, ReceiptNote, Result, Told, Unclear
from anlan.warn.channels.door import MessageMoved
from anlan.warn.channels.models import Batch, Carrier, Message
from anlan.warn.channels.rules import State

log = structlog.get_logger()


class _Keyed(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def message_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed delivery."""

    id: int
    message_id: UUID
    address: str
    language: str
    step: int
    confirm: bool
    attempts: int
    priority: int = 0

    @property
    def key(self) -> str:
        """The name under which the carrier gets it, the same at every attempt: the message's last letters and the delivery's number."""
        return key_of(self)


def key_of(row: _Keyed) -> str:
    """The key of a delivery."""
    return f"{row.message_id.hex[-12:]}-{row.id}"


def id_of_key(key: str) -> int | None:
    """The delivery that a key names; ``None`` when it is none of ours."""
    tail = key.rpartition("-")[2]
    return int(tail) if tail.isdigit() and len(tail) <= 18 else None


@dataclass
class Claim:
    """A batch in the hands of one worker."""

    batch_id: UUID
    carrier: Carrier
    inside: bool
    rows: list[Claimed]
    messages: Mapping[UUID, Message] = field(default_factory=dict)
    _said: dict[tuple[UUID, str], Callable[..., Outgoing]] = field(default_factory=dict)

    def said(self, message_id: UUID, language: str) -> Callable[..., Outgoing]:
        """What makes the outgoing message of one who reads a language."""
        made = self._said.get((message_id, language))
        if made is None:
            made = _said(self.messages[message_id], language, rules.channels()[self.carrier.channel])
            self._said[message_id, language] = made
        return made


def claim(carrier: Carrier, *, worker: int, now: datetime, limit: int | None = None, only: Collection[UUID] | None = None) -> Claim | None:
    """Claim the next deliveries for a carrier, most urgent first, of any message or of ``only`` these; ``None`` when there are none for it.

    Only of messages that are being sent and have not run out; stopping a message waits for claims under way. One transaction.
    """
    most = min(carrier.batch_size, KINDS[carrier.adapter].capabilities.batch_size) if carrier.adapter in KINDS else carrier.batch_size
    limit = min(limit, most) if limit is not None else most
    for inside in (False, True):
        if not gate.takes(carrier, inside=inside):
            continue
        with transaction.atomic():
            live = _live(carrier, inside, now, only)
            rows = _pick(carrier, live, inside, new_id(), worker, now, limit) if live else None
        if rows:
            batch_id, claimed = rows
            messages = Message.objects.in_bulk({row.message_id for row in claimed})
            fresh = [key for key, message in messages.items() if message.first_handed_at is None]
            Message.objects.filter(pk__in=fresh, first_handed_at=None).update(first_handed_at=now)
            return Claim(batch_id, carrier, inside, claimed, messages)
    return None


def anything_waits() -> bool:
    """Whether any delivery is planned and not claimed yet, whoever may send it."""
    with connection.cursor() as cursor:
        # In the order of the index: a walk through the table would pass everything that was claimed since it was last cleaned.
        cursor.execute("SELECT 1 FROM channels_queued ORDER BY channel, inside, priority, turn, delivery_id LIMIT 1")
        return cursor.fetchone() is not None


def _live(carrier: Carrier, inside: bool, now: datetime, only: Collection[UUID] | None = None) -> list[UUID]:
    """Messages that a carrier may send now (of ``only`` these): of its own place and below, unless one that comes before it and is well serves them.

    They stay so until the transaction ends: whoever stops one waits for it.
    """
    before = Carrier.objects.filter(channel=carrier.channel, enabled=True, order__lt=carrier.order, failing_since=None)
    served = [f"{prefix_of(row.place_code)}%" for row in before if gate.takes(row, inside=inside)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM channels_message WHERE state = 'sending' AND expires > %s AND place_code LIKE %s AND (exercise OR test) = %s "
            "AND NOT place_code LIKE ANY(%s) AND (%s OR id = ANY(%s::uuid[])) FOR KEY SHARE",
            [now, f"{prefix_of(carrier.place_code)}%", inside, served, only is None, list(only or ())],
        )
        return [row[0] for row in cursor.fetchall()]


_TAKE = """
DELETE FROM channels_queued WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM channels_queued WHERE channel = %s AND inside = %s AND message_id = ANY(%s)
  ORDER BY priority, turn, delivery_id LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING delivery_id
"""
_CLAIM = """
UPDATE channels_delivery SET state = 1, batch_id = %s, carrier_id = %s, handed_at = %s, attempts = attempts + 1, reason = ''
WHERE id = ANY(%s) AND state = 0
RETURNING id, message_id, address, language, step, needs_confirmation, attempts, priority
"""
_REMEMBER = """
INSERT INTO channels_batch (id, carrier_id, worker, size, ids, claimed_at, cost_fen, unclear) VALUES (%s, %s, %s, %s, %s::bigint[], %s, 0, false)
"""


def _pick(
    carrier: Carrier, messages: list[UUID], inside: bool, batch_id: UUID, worker: int, now: datetime, limit: int
) -> tuple[UUID, list[Claimed]] | None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [carrier.channel, inside, messages, limit])
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return None
        cursor.execute(_CLAIM, [batch_id, carrier.pk, now, ids])
        rows = [Claimed(*row) for row in cursor.fetchall()]
    # What an UPDATE returns comes in no order: within a batch, too, red goes before blue.
    rows.sort(key=lambda row: (row.priority, row.id))
    if not rows:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, [batch_id, carrier.pk, worker, len(rows), [row.id for row in rows], now])
    return batch_id, rows


def send(claimed: Claim, adapter: Adapter) -> list[Result]:
    """Send what was claimed; never raises what a carrier does wrong: a line that breaks is an answer too."""
    outgoing = [_outgoing(row, claimed) for row in claimed.rows]
    try:
        results = gate.hand_over(claimed.carrier, adapter, outgoing, inside=claimed.inside)
    except NotSent as refusal:
        return [Result(Answer.LATER, reason=refusal.message()[:120])] * len(outgoing)
    except (Unclear, OSError, TimeoutError, ValueError) as trouble:
        log.warning("carrier_unclear", carrier=claimed.carrier.name, trouble=str(trouble)[:200])
        return [Result(Answer.UNKNOWN, reason=str(trouble)[:120])] * len(outgoing)
    if len(results) != len(outgoing):
        # A carrier that answers for fewer or more than it was handed cannot be believed for any.
        log.error("carrier_miscounted", carrier=claimed.carrier.name, handed=len(outgoing), answered=len(results))
        return [Result(Answer.UNKNOWN, reason="miscounted")] * len(outgoing)
    return results


def _outgoing(row: Claimed, claimed: Claim) -> Outgoing:
    return claimed.said(row.message_id, row.language)(key=row.key, address=row.address, confirm=row.confirm)


def _said(message: Message, language: str, kind: rules.ChannelKind) -> Callable[..., Outgoing]:
    """What all who read one language are told alike; key, address and ``confirm`` are each one's own."""
    words = message.texts.get(language) or message.texts.get("zh") or {"title": message.title, "body": message.title}
    short = words.get("short") if kind.segment_chars or kind.code in ("voice", "led") else None
    return partial(
        Outgoing,
        title=str(words.get("title", message.title)),
        text=rules.shortened(str(short or words.get("body", message.title)), kind.max_chars),
        language=language if language in message.texts else "zh",
        level=message.level,
        expires=message.expires,
        message=str(message.pk),
        stops=bool(message.texts.get("stops")),
        data=message.data,
    )


_SETTLE = """
UPDATE channels_delivery d
SET state = CASE WHEN d.state BETWEEN 1 AND 6 THEN GREATEST(d.state, r.state)
                 WHEN d.state IN (0, 7, 8, 9) AND r.state BETWEEN 3 AND 6 THEN r.state ELSE d.state END,
    carrier_ref = CASE WHEN r.ref = '' THEN d.carrier_ref ELSE r.ref END,
    reason = CASE WHEN r.state >= d.state THEN r.reason ELSE d.reason END,
    follow_at = CASE WHEN r.state >= d.state THEN r.follow_at ELSE d.follow_at END
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::timestamptz[]) AS r(id, state, ref, reason, follow_at)
WHERE d.id = r.id AND d.batch_id = %s
"""
_SETTLE_ALIKE = """
UPDATE channels_delivery d
SET state = CASE WHEN d.state BETWEEN 1 AND 6 THEN GREATEST(d.state, r.state) ELSE r.state END,
    follow_at = CASE WHEN r.state >= d.state THEN r.follow_at ELSE d.follow_at END
FROM (SELECT %s::smallint AS state, %s::timestamptz AS follow_at) r
WHERE d.id = ANY(%s) AND d.batch_id = %s AND (d.state BETWEEN 1 AND 6 OR r.state BETWEEN 3 AND 6)
"""
_AGAIN = """
UPDATE channels_delivery d SET state = %s, not_before = r.later, reason = r.reason
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS r(id, later, reason)
WHERE d.id = r.id AND d.state IN (1, 2) AND d.batch_id = %s
"""


@dataclass
class _Settlement:
    """What a carrier's answers come to: ``alike`` by state and time to follow, ``others`` with words of their own, ``again`` for later."""

    alike: dict[tuple[int, datetime], list[int]] = field(default_factory=dict)
    others: list[tuple[int, int, str, str, datetime]] = field(default_factory=list)
    again: list[tuple[int, datetime, str]] = field(default_factory=list)
    cost: Decimal = Decimal(0)

    @property
    def look_at(self) -> datetime | None:
        """When the first of them is looked at again."""
        return min([at for _state, at in self.alike] + [row[4] for row in self.others], default=None)

    @property
    def unclear(self) -> bool:
        """Whether any outcome is unknown."""
        return any(state == State.UNKNOWN for state, _at in self.alike) or any(row[1] == State.UNKNOWN for row in self.others)


def settle(claimed: Claim, results: Sequence[Result], *, now: datetime) -> None:
    """Write down what the carrier answered. One transaction; a receipt that was quicker is not undone.

    It does not wait for the disk: were it lost with the machine, the batch would be taken for one whose worker died, and the carrier asked.
    """
    found = _answers(claimed, results, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        for (state, follow_at), ids in found.alike.items():
            cursor.execute(_SETTLE_ALIKE, [state, follow_at, ids, claimed.batch_id])
        if found.others:
            cursor.execute(_SETTLE, [*map(list, zip(*found.others, strict=True)), claimed.batch_id])
        if found.again:
            cursor.execute(_AGAIN, [int(State.DEFERRED), *map(list, zip(*found.again, strict=True)), claimed.batch_id])
        Batch.objects.filter(pk=claimed.batch_id).update(settled_at=now, cost_fen=found.cost, look_at=found.look_at, unclear=found.unclear)
        _note_health(claimed.carrier, results, now)


def _answers(claimed: Claim, results: Sequence[Result], now: datetime) -> _Settlement:
    found, kind, price = _Settlement(), rules.channels()[claimed.carrier.channel], claimed.carrier.cost_fen
    follow: dict[tuple[State, str], datetime] = {}
    for row, result in zip(claimed.rows, results, strict=True):
        if result.answer is Answer.LATER and row.attempts < rules.MOST_ATTEMPTS:
            found.again.append((row.id, now + timedelta(seconds=rules.pause_s(row.attempts)), result.reason[:120]))
            continue
        state, level = _ANSWERED[result.answer], claimed.messages[row.message_id].level
        follow_at = follow.get((state, level)) or follow.setdefault((state, level), _follow(state, level, claimed.carrier.channel, now))
        if result.ref or result.reason:
            found.others.append((row.id, int(state), result.ref[:70], result.reason[:120], follow_at))
        else:
            found.alike.setdefault((int(state), follow_at), []).append(row.id)
        if state is State.ACCEPTED and price is not None:
            found.cost += price * rules.segments(_outgoing(row, claimed).text, kind.segment_chars)
    return found


_ANSWERED = {
    Answer.ACCEPTED: State.ACCEPTED,
    Answer.REFUSED: State.FAILED,
    Answer.LATER: State.FAILED,
    Answer.UNKNOWN: State.UNKNOWN,
}


def _follow(state: State, level: str, channel: str, now: datetime) -> datetime:
    """When it is looked at again if nothing more is heard: at once when it failed, else after the wait of the ladder or of the channel."""
    if state is State.FAILED:
        return now
    if state is State.UNKNOWN:
        return now + timedelta(minutes=rules.channels()[channel].unknown_wait_minutes)
    return now + timedelta(minutes=wait_minutes(level, channel))


def wait_minutes(level: str, channel: str) -> int:
    """How long a receipt is awaited on a channel at a level; a device's channel stands in no ladder."""
    from anlan.warn.channels.planning import DEVICE_WAIT_MINUTES

    return next((step.wait_minutes for step in rules.ladder(level) if step.channel == channel), DEVICE_WAIT_MINUTES)


OPEN_AFTER, OPEN_FIRST_S, OPEN_LONGEST_S = 3, 5, 120
"""After so many failures in a row a carrier is left alone for so long, doubling up to the longest. Project defaults."""


def _note_health(carrier: Carrier, results: Sequence[Result], now: datetime) -> None:
    bad = next((r for r in results if r.answer in (Answer.UNKNOWN, Answer.LATER)), None)
    if bad is None or any(r.answer is Answer.ACCEPTED for r in results):
        note_success(carrier, now)
    else:
        note_failure(carrier, bad.reason, now)


def note_success(carrier: Carrier, now: datetime) -> None:
    """The carrier answered."""
    carrier.failures = 0
    Carrier.objects.filter(pk=carrier.pk).update(last_ok_at=now, failing_since=None, failures=0, closed_until=None)


def note_failure(carrier: Carrier, why: str, now: datetime) -> None:
    """The carrier did not answer or would not; after some failures it is left alone for a while."""
    carrier.failures += 1
    closed = None
    if carrier.failures >= OPEN_AFTER:
        closed = now + timedelta(seconds=min(OPEN_FIRST_S * 2 ** (carrier.failures - OPEN_AFTER), OPEN_LONGEST_S))
    if carrier.failing_since is None:
        carrier.failing_since = now
    carrier.closed_until = closed
    Carrier.objects.filter(pk=carrier.pk).update(
        failures=carrier.failures, failing_since=carrier.failing_since, closed_until=closed, last_error=why[:300]
    )


def hand_over_next(
    carrier: Carrier, adapter: Adapter, *, worker: int, now: datetime, limit: int | None = None, only: Collection[UUID] | None = None
) -> int:
    """Claim, send, settle one batch; how many were handed over (0: nothing waits). ``only``: of these messages."""
    if carrier.closed_until is not None and now < carrier.closed_until:
        return 0
    claimed = claim(carrier, worker=worker, now=now, limit=limit, only=only)
    if claimed is None:
        return 0
    results = send(claimed, adapter)
    # The answer is dated when it came: a carrier that hangs must not date its silence back.
    settle(claimed, results, now=max(now, clock.now()))
    return len(claimed.rows)


# --- Receipts -----------------------------------------------------------------------------------------------------------

_TOLD = {Told.ACCEPTED: State.ACCEPTED, Told.DELIVERED: State.DELIVERED, Told.CONFIRMED: State.CONFIRMED, Told.FAILED: State.FAILED}
_HEAR = """
UPDATE channels_delivery d
SET state = CASE WHEN d.state BETWEEN 1 AND 6 THEN GREATEST(d.state, r.state) ELSE r.state END,
    heard_at = r.at,
    reason = CASE WHEN r.state >= d.state THEN r.reason ELSE d.reason END,
    follow_at = CASE WHEN d.state BETWEEN 1 AND 6 AND d.state > r.state THEN d.follow_at
                     WHEN r.state = 6 OR (r.state = 5 AND NOT d.needs_confirmation) THEN NULL
                     WHEN r.state = 4 THEN %s ELSE d.follow_at END
FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::text[]) AS r(id, state, at, reason)
WHERE d.id = r.id AND d.handed_at IS NOT NULL AND d.carrier_id = %s
RETURNING d.id
"""
_LOOK_NOW = """
UPDATE channels_batch b SET look_at = %s FROM channels_delivery d
WHERE d.id = ANY(%s) AND d.follow_at <= %s AND b.id = d.batch_id AND (b.look_at IS NULL OR b.look_at > %s)
"""
EARLIEST_BEFORE, LATEST_AFTER = timedelta(days=4), timedelta(minutes=5)
"""A receipt dated earlier or later than that is dated when it came: the carrier's clock is wrong. Project defaults."""


def take_receipts(carrier: Carrier, notes: Iterable[ReceiptNote], *, now: datetime) -> int:
    """Write receipts down; how many were for deliveries that this carrier was handed.

    Receipts may come twice, late and in any order. One for what the carrier was never handed changes nothing and is counted against it.
    """
    best: dict[int, tuple[int, datetime, str]] = {}
    strays = 0
    given = trying.take_receipts(carrier, list(notes), now=now)
    by_ref = _ids_of_refs(carrier, [note.ref for note in given if note.ref and not note.key])
    for note in given:
        number = id_of_key(note.key) if note.key else by_ref.get(note.ref)
        if number is None:
            strays += 1
            continue
        at = note.at if now - EARLIEST_BEFORE <= note.at <= now + LATEST_AFTER else now
        heard = (int(_TOLD[note.told]), at, note.reason[:120])
        # Of several for one delivery within a batch the strongest counts, the earliest of equal ones.
        if number not in best or heard[0] > best[number][0]:
            best[number] = heard
    taken = 0
    if best:
        ids = sorted(best)
        columns = [list(column) for column in zip(*(best[number] for number in ids), strict=True)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_HEAR, [now, ids, *columns, carrier.pk])
            taken = cursor.rowcount
            failed = [number for number in ids if best[number][0] == State.FAILED]
            if failed:
                cursor.execute(_LOOK_NOW, [now, failed, now, now])
    strays += len(best) - taken
    if strays:
        log.warning("receipts_of_nothing", carrier=carrier.name, count=strays)
        _count_contradictions(carrier, strays)
    return taken


def _count_contradictions(carrier: Carrier, count: int) -> None:
    Carrier.objects.filter(pk=carrier.pk).update(contradictions=F("contradictions") + count)


def _ids_of_refs(carrier: Carrier, refs: Sequence[str]) -> dict[str, int]:
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT carrier_ref, id FROM channels_delivery WHERE carrier_ref = ANY(%s) AND carrier_ref <> '' AND carrier_id = %s",
            [list(refs), carrier.pk],
        )
        return dict(cursor.fetchall())


# --- After a fault ------------------------------------------------------------------------------------------------------


def orphaned(now: datetime, *, own: int = 0) -> list[Batch]:
    """Batches that were claimed by workers which are gone: nobody holds the lock of their number any more (see :func:`hold_worker`).

    Ask from a session that holds no worker's lock itself. ``own`` is never orphaned.
    """
    found: list[Batch] = []
    gone: dict[int, bool] = {}
    for batch in Batch.objects.filter(settled_at__isnull=True, claimed_at__lte=now).select_related("carrier").order_by("claimed_at")[:1000]:
        if batch.worker not in gone:
            gone[batch.worker] = batch.worker != own and _is_gone(batch.worker)
        if gone[batch.worker]:
            found.append(batch)
    return found


def hold_worker(worker: int) -> None:
    """Hold the lock of a worker's number for as long as this database session lives: it ends with the process, however that ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [worker])


def _is_gone(worker: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [worker])
        free = bool(cursor.fetchone()[0])
        if free:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [worker])
    return free


def take_over(batch: Batch, *, now: datetime) -> None:
    """What a dead worker had in hand is unknown from now on: not sent again until somebody knows."""
    look_at = now + timedelta(minutes=rules.channels()[batch.carrier.channel].unknown_wait_minutes)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_delivery SET state = 2, follow_at = %s, reason = 'worker' WHERE id = ANY(%s) AND batch_id = %s AND state = 1",
            [look_at, batch.ids, batch.pk],
        )
        log.warning("batch_taken_over", batch=str(batch.pk), unknown=cursor.rowcount)
        Batch.objects.filter(pk=batch.pk).update(settled_at=now, look_at=look_at, unclear=True)


_UNCLEAR = """
SELECT d.id, d.message_id, d.batch_id FROM channels_batch b JOIN channels_delivery d ON d.id = ANY(b.ids) AND d.batch_id = b.id AND d.state = 2
WHERE b.id = ANY(%s) ORDER BY d.id LIMIT %s
"""
_CLEARED = """
UPDATE channels_batch b SET asked_at = %s, unclear = EXISTS (
  SELECT FROM channels_delivery d WHERE d.id = ANY(b.ids) AND d.batch_id = b.id AND d.state = 2) WHERE b.id = ANY(%s)
"""


def ask_unknown(carrier: Carrier, adapter: Adapter, *, now: datetime, limit: int = 1000) -> int:
    """Ask a carrier about the keys of unknown outcome; how many are known now.

    What it never heard of is planned again under the same key, which it takes only once. A carrier that cannot be asked leaves them unknown.
    """
    if not KINDS[carrier.adapter].capabilities.can_be_asked:
        return 0
    # Those asked longest ago first: a carrier that leaves some out does not keep the others from being asked.
    waiting = Batch.objects.filter(carrier=carrier, unclear=True).order_by(F("asked_at").asc(nulls_first=True), "claimed_at")
    batches = list(waiting.values_list("pk", flat=True)[:5])
    if not batches:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_UNCLEAR, [batches, limit])
        keys = {f"{message.hex[-12:]}-{number}": number for number, message, _batch in cursor.fetchall()}
    try:
        told = adapter.ask(list(keys)) if keys else {}
    except (Refusal, OSError, TimeoutError, ValueError) as trouble:
        note_failure(carrier, str(trouble), now)
        return 0
    never = [keys[key] for key, word in told.items() if word == NEVER_HEARD and key in keys]
    with transaction.atomic():
        if never:
            plan_again(never, now)
        notes = [ReceiptNote(Told(word), now, key) for key, word in told.items() if word != NEVER_HEARD and key in keys]
        take_receipts(carrier, notes, now=now)
        with connection.cursor() as cursor:
            cursor.execute(_CLEARED, [now, batches])
    return len(told)


_BACK = """
WITH back AS (
  UPDATE channels_delivery d SET state = CASE WHEN m.state = 'sending' AND m.expires > %s THEN 0 ELSE 7 END, follow_at = NULL, reason = ''
  FROM channels_message m WHERE d.message_id = m.id AND d.id = ANY(%s) AND d.state = 2
  RETURNING d.channel, d.inside, d.priority, d.id, d.message_id, d.state)
INSERT INTO channels_queued (channel, inside, priority, turn, delivery_id, message_id)
SELECT channel, inside, priority, 0, id, message_id FROM back WHERE state = 0 ON CONFLICT DO NOTHING
"""


def plan_again(ids: Sequence[int], now: datetime) -> None:
    """What is unknown goes back to be sent, if its message still is; ``attempts`` keeps counting."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK, [now, list(ids)])


# --- Time ---------------------------------------------------------------------------------------------------------------


def wake_deferred(*, now: datetime) -> int:
    """Plan what was put off and is due; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS (UPDATE channels_delivery SET state = 0, not_before = NULL WHERE state = 9 AND not_before <= %s "
            "RETURNING channel, inside, priority, 0, id, message_id) "
            "INSERT INTO channels_queued (channel, inside, priority, turn, delivery_id, message_id) SELECT * FROM due ON CONFLICT DO NOTHING",
            [now],
        )
        return int(cursor.rowcount)


def expire(*, now: datetime) -> int:
    """Messages whose time has passed send nothing more; how many deliveries were never sent because of it."""
    with transaction.atomic():
        late = list(Message.objects.select_for_update().filter(state=Message.SENDING, expires__lte=now))
        if not late:
            return 0
        Message.objects.filter(pk__in=[row.pk for row in late]).update(state=Message.EXPIRED)
        announce_all([MessageMoved(subject_id=row.pk, place_code=row.place_code, at=now, exercise=row.exercise) for row in late])
        return _end([row.pk for row in late], State.EXPIRED)


def _end(messages: Sequence[UUID], state: State) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_queued WHERE message_id = ANY(%s)", [list(messages)])
        cursor.execute(
            "UPDATE channels_delivery SET state = %s, not_before = NULL, follow_at = NULL WHERE message_id = ANY(%s) AND state IN (0, 9)",
            [int(state), list(messages)],
        )
        return int(cursor.rowcount)


def stop(message: Message, *, by: str, now: datetime) -> int:
    """Send nothing more of a message; how many were stopped. Raises :class:`rules.MessageStopped`. Inside the caller's transaction."""
    locked = Message.objects.select_for_update().get(pk=message.pk)
    if locked.state != Message.SENDING:
        raise rules.MessageStopped
    Message.objects.filter(pk=message.pk).update(state=Message.STOPPED, stopped_at=now, stopped_by=by[:100])
    return _end([message.pk], State.CANCELLED)
