"""What rooms above may ask of channels, and what they hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Area
from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ReceiptGiven(Event):
    """Somebody confirmed having read a bulletin; the subject is the bulletin."""

    kind: ClassVar[str] = "channels.receipt"
    action: ClassVar[str] = "bulletins.view"
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageSaid(Event):
    """A message is to be sent: the dispatcher plans and sends it. The subject is the message."""

    kind: ClassVar[str] = "channels.said"
    action: ClassVar[str] = "channels.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class MessageMoved(Event):
    """The state of a message changed (stopped, ended), or its calls did."""

    kind: ClassVar[str] = "channels.moved"
    action: ClassVar[str] = "channels.view"


@dataclass(frozen=True, kw_only=True)
class DeliverySettled(Event):
    """What became of one delivery to a named receiver, told to the room that gave its saying a ``reference``. The subject is the message.

    ``state``: ``delivered`` (a receipt says so), ``confirmed`` (the receiver himself), ``failed``, ``expired`` (never sent in time), ``cancelled``
    (stopped before it was sent). Told again only when stronger evidence comes: ``failed`` may be followed by ``delivered``, never the other way.
    """

    kind: ClassVar[str] = "channels.settled"
    action: ClassVar[str] = "channels.view"
    urgent: ClassVar[bool] = True
    reference: str
    source_kind: str
    state: str
    channel: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CallsRose(Event):
    """People whom nobody has reached went one step up: 0 village, 1 township, 2 county. The subject is the message."""

    kind: ClassVar[str] = "channels.calls_rose"
    action: ClassVar[str] = "channels.call"
    urgent: ClassVar[bool] = True
    tier: int
    people: int
    title: str


@dataclass(frozen=True)
class DispatchInfo:
    """How one bulletin went out over one channel."""

    channel: str
    label: str
    state: str
    state_label: str
    sent_at: object
    receipts: int


@dataclass(frozen=True)
class Saying:
    """What is to be said. ``texts``: language → ``title``, ``body``, ``short`` (for text messages, voice and boards); ``zh`` is needed.

    ``once`` names the occasion: saying it again says nothing. ``level``: red to blue, deciding ladder and order. ``reference``: comes back in
    :class:`DeliverySettled` for each named receiver. ``data``: what machines are to read (JSON values), handed to devices beside the words.
    ``confirm``: a device is asked to confirm what it did, not only that it heard.
    """

    once: str
    source_kind: str
    source_id: UUID | None
    place_code: str
    title: str
    texts: Mapping[str, Mapping[str, str]]
    expires: datetime
    level: str = "blue"
    exercise: bool = False
    test: bool = False
    reference: str = ""
    data: Mapping[str, object] | None = None
    confirm: bool = False


@dataclass(frozen=True)
class Direct:
    """Somebody who is told by his address without standing in an audience."""

    name: str
    place_code: str
    phone: str = ""
    email: str = ""
    device: str = ""
    role: str = "subscriber"
    language: str = "zh"


@dataclass(frozen=True)
class Progress:
    """How far a message is: people planned, and their deliveries by channel and state (names of :class:`.rules.State`)."""

    message_id: UUID
    state: str
    people: int
    by_channel: Mapping[str, Mapping[str, int]]
    reached: int
    calls_waiting: int


def dispatches(bulletin_id: UUID) -> list[DispatchInfo]:
    """Every dispatch of a bulletin with the number of receipts."""
    from anlan.warn.channels import queries

    return queries.dispatches(bulletin_id)


def send(
    saying: Saying,
    *,
    area: object | None = None,
    kinds: Sequence[str] | None = None,
    recipient_ids: Sequence[UUID] = (),
    direct: Sequence[Direct] = (),
    channels: Sequence[str] | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Say something to an ``area`` (``audiences.door.Area``; ``kinds``: only these roles), to recipients by id, or to ``direct`` addresses.

    ``channels`` limits the ways. Needs ``channels.send`` at the message's place. Returns the message's id, by which :func:`progress` tells what
    became of it. Raises ``NoReceivers``, ``UnknownChannel``, ``NotPermitted``.
    """
    from anlan.warn.channels import services

    return services.say(
        saying, area=area, kinds=kinds, recipient_ids=recipient_ids, direct=direct, channels=channels, actor=actor, now=now
    ).pk


def is_served(channel: str, place_code: str, *, exercise: bool = False) -> bool:
    """Whether some carrier in use takes messages of a channel at a place; of an exercise a simulated one."""
    from anlan.warn.channels import queries

    return queries.is_served(channel, place_code, inside=exercise)


def stop_of(source_id: UUID, *, by: str, now: datetime) -> int:
    """Stop what has not left yet of every message that was said for a source; how many deliveries. Inside the caller's transaction and permission."""
    from anlan.warn.channels import services

    return services.stop_of(source_id, by=by, now=now)


def register_carrier(*, actor: Actor, now: datetime, **values: object) -> UUID:
    """Enter a carrier (see ``keeping.register_carrier`` for the fields and refusals)."""
    from anlan.warn.channels import keeping

    return keeping.register_carrier(actor=actor, now=now, **values).pk


def progress(message_id: UUID) -> Progress | None:
    """How far a message is; ``None`` when there is none."""
    from anlan.warn.channels import monitor

    return monitor.progress(message_id)


def estimate(area: Area, level: str) -> list[tuple[str, int, Decimal | None]]:
    """For the editor of a message: channel, how many are first tried on it, and what that costs in fen (``None``: nobody told the price).

    A text of one part, carriers of whatever place. Raises ``AreaTooLarge``, ``AreaNotAnArea`` of audiences.
    """
    from anlan.warn.channels import estimating

    return [(way.channel, way.people, way.cost_fen) for way in estimating.ways(audiences.count(area, level=level), level)]
