"""Reads for the delivery monitor: how many stand where, on which channel, at what cost; who is not reached; how carriers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.ground.audiences import door as audiences
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import covers, prefix_of
from anlan.kernel.words import N_
from anlan.ledger.scope import visible
from anlan.warn.channels import gate, rules
from anlan.warn.channels.adapters.contract import Answer
from anlan.warn.channels.door import Progress
from anlan.warn.channels.models import Batch, Call, CallState, Carrier, Delivery, Message
from anlan.warn.channels.rules import State

COUNTED_FOR_S = 3
"""Counts of a large message are kept so long, so that ten people who watch it cost as much as one."""
LARGE = 20_000


@dataclass
class ChannelLine:
    """One channel of a message: people by state."""

    code: str
    label: str
    counts: dict[State, int] = field(default_factory=dict)

    def of(self, *states: State) -> int:
        """How many stand in any of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def planned(self) -> int:
        """How many the channel was to tell."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Not handed over yet."""
        return self.of(State.PLANNED, State.DEFERRED)

    @property
    def handed(self) -> int:
        """Handed over and not yet answered for."""
        return self.of(State.HANDED)

    @property
    def accepted(self) -> int:
        """The carrier has it; nothing is known of the person."""
        return self.of(State.ACCEPTED)

    @property
    def delivered(self) -> int:
        """A receipt says so."""
        return self.of(State.DELIVERED)

    @property
    def confirmed(self) -> int:
        """The person himself confirmed."""
        return self.of(State.CONFIRMED)

    @property
    def failed(self) -> int:
        """Told undeliverable."""
        return self.of(State.FAILED)

    @property
    def unknown(self) -> int:
        """Nobody knows."""
        return self.of(State.UNKNOWN)

    @property
    def ended(self) -> int:
        """Stopped or run out before it was sent."""
        return self.of(State.CANCELLED, State.EXPIRED)


def channel_label(code: str) -> str:
    """Name of a channel in the language of the request; the code when the table does not know it."""
    row = rules.channels().get(code)
    if row is None:
        return code
    return row.name_en if (get_language() or "").startswith("en") else row.name_zh


def channel_choices() -> list[tuple[str, str]]:
    """Channels that have carriers, by code and name."""
    return [(code, channel_label(code)) for code in rules.channels() if code not in rules.PULLED]


def messages(actor: Actor) -> Any:
    """Messages that ``actor`` may see."""
    return visible(Message.objects.all(), actor, "channels.view")


def find(message_id: UUID, actor: Actor) -> Message:
    """One message. Raises ``NotFound``."""
    found = messages(actor).filter(pk=message_id).first()
    if found is None:
        raise NotFound(what=str(message_id))
    return found


def _counts(message: Message) -> list[tuple[str, int, int]]:
    """Channel, state, number."""
    key = f"channels:{message.pk}"
    kept = cache.get(key)
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT channel, state, count(*) FROM channels_delivery WHERE message_id = %s GROUP BY channel, state", [message.pk]
            )
            kept = cursor.fetchall()
        if sum(row[2] for row in kept) > LARGE:
            cache.set(key, kept, COUNTED_FOR_S)
    return kept


def lines(message: Message) -> list[ChannelLine]:
    """Every channel of a message in the order of the table."""
    by_code: dict[str, ChannelLine] = {}
    for channel, state, number in _counts(message):
        line = by_code.setdefault(channel, ChannelLine(channel, channel_label(channel)))
        line.counts[State(state)] = line.counts.get(State(state), 0) + number
    return [by_code[code] for code in rules.channels() if code in by_code]


@dataclass(frozen=True)
class People:
    """People, not deliveries: ``reached`` by whatever way, ``called``: by people; the rest is not known to be reached."""

    total: int
    reached: int
    called: int
    calling: int

    @property
    def unreached(self) -> int:
        """Of whom nothing says that they know."""
        return max(0, self.total - self.reached - self.called)

    @property
    def share(self) -> int:
        """Percent reached, rounded down: 100 only when it is everybody."""
        return int((self.reached + self.called) * 100 / self.total) if self.total else 0


def people(message: Message) -> People:
    """How many of those who were to be told are known to know."""
    key = f"channels:people:{message.pk}"
    reached = cache.get(key)
    if reached is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(DISTINCT recipient_id) FROM channels_delivery WHERE message_id = %s "
                "AND (state = 6 OR (state = 5 AND NOT needs_confirmation))",
                [message.pk],
            )
            reached = int(cursor.fetchone()[0])
        if message.people > LARGE:
            cache.set(key, reached, COUNTED_FOR_S)
    calls = dict(Call.objects.filter(message=message).values_list("state").annotate(Count("pk")))
    by_people = Call.objects.filter(message=message, state=CallState.REACHED).exclude(reached_by="").count()
    return People(message.people, reached, by_people, calls.get(CallState.WAITING, 0))


def cost_fen(message: Message) -> Decimal:
    """What carriers charge for what they accepted of a message, in fen; batches that carry several messages count with their share."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(b.cost_fen * d.number / b.size), 0) FROM (SELECT batch_id, count(*) AS number FROM channels_delivery "
            "WHERE message_id = %s AND batch_id IS NOT NULL GROUP BY batch_id) d JOIN channels_batch b ON b.id = d.batch_id",
            [message.pk],
        )
        return Decimal(cursor.fetchone()[0])


@dataclass(frozen=True)
class UnreachedLine:
    """One delivery that did not reach anybody, as the monitor lists it."""

    name: str
    role: str
    place_code: str
    channel: str
    address: str
    state: State
    why: str
    attempts: int


def unreached(message: Message, actor: Actor, limit: int = 200) -> list[UnreachedLine]:
    """Where people who are not reached were tried last, those told first first, at most ``limit``, masked for whoever may not see more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recipient_id, role, place_code, channel, address, state, reason, attempts FROM channels_delivery d WHERE message_id = %s "
            "AND (state IN (2, 4, 7) OR (follow_at IS NULL AND (state = 3 OR (state = 5 AND needs_confirmation)))) "
            "AND NOT EXISTS (SELECT 1 FROM channels_delivery o WHERE o.recipient_id = d.recipient_id AND o.message_id = d.message_id "
            "AND (o.step > d.step OR o.state = 6 OR (o.state = 5 AND NOT o.needs_confirmation))) ORDER BY priority, id LIMIT %s",
            [message.pk, limit],
        )
        rows = cursor.fetchall()
    known = audiences.by_ids([row[0] for row in rows if row[0] is not None])
    found = []
    for recipient_id, role, place, channel, address, state, reason, attempts in rows:
        plain = audiences.may_see_addresses(actor, place)
        name = known[recipient_id].name if recipient_id in known else "—"
        found.append(
            UnreachedLine(
                name if plain else audiences.masked_name(name),
                audiences.role_name(role),
                place,
                channel_label(channel),
                address if plain else audiences.masked_address(address),
                State(state),
                reason,
                attempts,
            )
        )
    return found


_ANSWERS = {
    Answer.ACCEPTED: N_("承运方已接收"),
    Answer.REFUSED: N_("承运方拒绝"),
    Answer.LATER: N_("没有接收"),
    Answer.UNKNOWN: N_("没有答复，是否已接收不明"),
}


def answer_word(answer: str) -> str:
    """What a carrier answered, in the language of the request."""
    return _(_ANSWERS[Answer(answer)]) if answer else "—"


def delivery_lines(message: Message) -> Iterator[list[Any]]:
    """Heads, then a line for each delivery in the order of planning; names and addresses masked. Read in parts."""
    yield [
        *(_("渠道"), _("级别次序"), _("姓名或名称"), _("角色"), _("行政区划"), _("地址"), _("语言"), _("状态"), _("次数")),
        *(_("交出时间"), _("最近回执时间"), _("原因")),
    ]
    last = 0
    while rows := _after(message, last):
        known = audiences.by_ids([row.recipient_id for row in rows if row.recipient_id is not None])
        for row in rows:
            name = known[row.recipient_id].name if row.recipient_id in known else ""
            yield [
                channel_label(row.channel),
                row.step,
                audiences.masked_name(name) if name else "—",
                audiences.role_name(row.role),
                row.place_code,
                audiences.masked_address(row.address),
                row.language,
                _(State(row.state).label),
                row.attempts,
                _moment(row.handed_at),
                _moment(row.heard_at),
                row.reason,
            ]
        last = rows[-1].pk


def _after(message: Message, last: int, limit: int = 2000) -> list[Delivery]:
    return list(Delivery.objects.filter(message=message, pk__gt=last).order_by("pk")[:limit])


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at is not None else ""


@dataclass(frozen=True)
class CarrierLine:
    """One carrier and how it is: ``tone`` green, orange or red; ``word`` says it."""

    carrier: Carrier
    label: str
    tone: str
    word: str
    simulated: bool
    open_batches: int


SILENT_AFTER = timedelta(seconds=60)
"""A batch that was handed over so long ago without an answer makes its carrier orange. Project default."""


def carriers(place_code: str, channels: Sequence[str], now: datetime) -> list[CarrierLine]:
    """Carriers that serve messages issued at a place, those of ``channels``, with their health."""
    rows = [row for row in Carrier.objects.filter(enabled=True, channel__in=channels) if _serves(row, place_code)]
    waiting = dict(
        Batch.objects.filter(settled_at__isnull=True, claimed_at__lte=now - SILENT_AFTER).values_list("carrier_id").annotate(Count("pk"))
    )
    return [_line(row, waiting.get(row.pk, 0)) for row in rows]


def _serves(carrier: Carrier, place_code: str) -> bool:
    return covers(prefix_of(carrier.place_code), place_code)


def _line(row: Carrier, silent: int) -> CarrierLine:
    if row.failing_since is not None:
        tone, word = "red", _("无法交付")
    elif silent:
        tone, word = "orange", _("没有答复")
    elif row.contradictions:
        tone, word = "orange", _("回执不可信")
    elif row.last_ok_at is None:
        tone, word = "grey", _("还没有用过")
    else:
        tone, word = "green", _("正常")
    return CarrierLine(row, channel_label(row.channel), tone, word, gate.is_simulated(row), silent)


def without_carrier(message: Message, channels: Sequence[str]) -> list[str]:
    """Names of channels that nobody carries for this message: nothing will go out there."""
    there = {
        row.channel
        for row in Carrier.objects.filter(enabled=True)
        if _serves(row, message.place_code) and gate.takes(row, inside=message.inside)
    }
    return [channel_label(code) for code in channels if code not in there]


def progress(message_id: UUID) -> Progress | None:
    """See :func:`anlan.warn.channels.door.progress`."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        return None
    found = people(message)
    by_channel = {line.code: {state.name: number for state, number in line.counts.items()} for line in lines(message)}
    return Progress(message.pk, message.state, message.people, by_channel, found.reached + found.called, found.calling)


def calls(actor: Actor, *, message: Message | None = None, limit: int = 200) -> list[Call]:
    """Waiting calls of the actor's places, those that rose highest first, then those who are hardest to move, then oldest."""
    rows = (
        visible(Call.objects.filter(state=CallState.WAITING), actor, "channels.call").select_related("message").prefetch_related("attempts")
    )
    rows = rows if message is None else rows.filter(message=message)
    return list(rows.order_by("-tier", "created_at", "name")[:limit])


def calls_waiting(actor: Actor) -> int:
    """How many calls wait in the actor's places."""
    return visible(Call.objects.filter(state=CallState.WAITING), actor, "channels.call").count()
