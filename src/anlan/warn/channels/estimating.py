"""Before a message goes out: how many are first told over which channel, what that costs, and whether anybody carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from anlan.ground.audiences.door import Audience
from anlan.kernel.levels import covers, prefix_of
from anlan.warn.channels import gate, rules
from anlan.warn.channels.models import Carrier


@dataclass(frozen=True)
class Way:
    """One channel: ``people`` first told over it in ``parts`` each; ``cost_fen`` of the first carrier's price, ``None``: nobody told a price.

    ``carried``: whether a carrier serves the place and may take the message; without one nothing goes out there.
    """

    channel: str
    people: int
    parts: int
    cost_fen: Decimal | None
    carried: bool


def ways(counted: Audience, level: str, *, text: str = "", place_code: str = "", inside: bool = False) -> list[Way]:
    """The channels of an audience in their order: people by the first step of the level's ladder, devices by their own.

    ``text``: what is said, for counting parts; ``inside``: of an exercise or a test. A person without the address of the first step is told by a
    later one or called; how many those are the register's counts do not tell.
    """
    carriers = list(Carrier.objects.filter(enabled=True).order_by("order", "name"))
    first = rules.ladder(level)[0].channel
    numbers = [(first, counted.by_address.get(rules.channels()[first].address, 0)), *counted.by_channel_of_device.items()]
    return [_way(channel, number, carriers, text, place_code, inside) for channel, number in numbers if number]


def _way(channel: str, people: int, carriers: Sequence[Carrier], text: str, place_code: str, inside: bool) -> Way:
    kind = rules.channels()[channel]
    parts = rules.segments(rules.shortened(text, kind.max_chars), kind.segment_chars)
    fitting = [
        row
        for row in carriers
        if row.channel == channel and gate.takes(row, inside=inside) and (not place_code or covers(prefix_of(row.place_code), place_code))
    ]
    price = next((row.cost_fen for row in fitting if row.cost_fen is not None), None)
    return Way(channel, people, parts, price * people * parts if price is not None else None, bool(fitting))


def total_fen(found: Sequence[Way]) -> Decimal | None:
    """What all of it costs; ``None`` where no price is known at all."""
    known = [way.cost_fen for way in found if way.cost_fen is not None]
    return sum(known, Decimal(0)) if known else None
