"""Verbs of natural hazards. Files and messages of strangers taken in: whatever is good is kept, whatever is not is told with its reason, and neither stops the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import change, permit
from anlan.warn.hazards import keeping, quaking, reading, refusals
from anlan.warn.hazards.models import Intake
from anlan.warn.hazards.quaking import subscribe
from anlan.warn.hazards.reckoning import reckon_grid

__all__ = ["reckon_grid", "subscribe", "take"]
MOST_FAULTS = 200


@dataclass
class _Tally:
    good: int = 0
    twice: int = 0
    bad: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, where: str, refusal: Refusal) -> None:
        """Count and keep why something was not taken."""
        self.bad += 1
        if len(self.faults) < MOST_FAULTS:
            problems = getattr(refusal, "problems", ())
            told = [{"where": where, "sentence": each.sentence, "facts": dict(each.facts), "at": each.where} for each in problems[:12]] or [
                {"where": where, "sentence": refusal.sentence, "facts": {k: str(v) for k, v in refusal.facts.items()}, "at": ""}
            ]
            self.faults += told


@dataclass(frozen=True)
class FeedTerms:
    """How a feed is taken: earthquakes below ``least_magnitude`` and spots abroad are passed over, and only one that ``may_order`` makes orders.

    ``told``: faults that were told the last time; an intake that brings nothing but these is not kept.
    """

    least_magnitude: float | None
    may_order: bool
    told: list[dict[str, Any]]

    def passes_over(self, each: reading.Item) -> bool:
        """Whether an item is none of this feed's matter."""
        return isinstance(each, reading.QuakeReport) and self.least_magnitude is not None and each.magnitude < self.least_magnitude


def take(
    content: bytes, *, name: str, via: str, exercise: bool = False, actor: Actor, now: datetime, feed: FeedTerms | None = None
) -> Intake:
    """Take in a file (or a zip of files) of any form that :mod:`.reading` knows; each message is one transaction of its own.

    ``via``: how it came, for the reader (``手工导入``, a feed's name). Messages whose identifier is known already are counted as such and change nothing.
    ``feed``: the terms where a job reads it; its intake is kept only where there is news. Raises ``NotPermitted``; all other refusals are told in
    the intake.
    """
    permit(actor, "hazards.intake", place_code=actor.place_code)
    tally = _Tally()
    for where, raw in _files(content, name, tally):
        for each in _items(where, raw, tally):
            if feed is not None and feed.passes_over(each):
                continue
            try:
                with transaction.atomic():
                    done = _store(each, raw=raw, via=via, exercise=exercise, orders=feed is None or feed.may_order, actor=actor, now=now)
            except refusals.SpotOutside as refusal:
                # A feed covers more than the country; a file by hand is told what of it was left out.
                if feed is None:
                    tally.refuse(where, refusal)
                continue
            except Refusal as refusal:
                tally.refuse(where, refusal)
                continue
            tally.twice += done == keeping.TWICE
            tally.good += done == keeping.GOOD
    row = Intake(
        place_code=actor.place_code,
        classification=int(Classification.INTERNAL),
        created_at=now,
        updated_at=now,
        via=via[:200],
        name=name[:200],
        received_at=now,
        good=tally.good,
        twice=tally.twice,
        bad=tally.bad,
        faults=tally.faults,
        by_name=actor.name[:100],
    )
    if feed is not None and not tally.good and tally.faults in ([], feed.told):
        return row
    with change(actor, "hazards.intake", now=now, place_code=actor.place_code) as made:
        row.save(force_insert=True)
        made.subject = row
    return row


def _files(content: bytes, name: str, tally: _Tally) -> Iterator[tuple[str, bytes]]:
    try:
        yield from reading.unpacked(content, name)
    except Refusal as refusal:
        tally.refuse(name, refusal)


def _items(where: str, raw: bytes, tally: _Tally) -> Iterator[reading.Item]:
    try:
        items, refused = reading.read(raw, where)
    except Refusal as refusal:
        tally.refuse(where, refusal)
        return
    for place, refusal in refused:
        tally.refuse(f"{where} {place}", refusal)
    yield from items


def _store(each: reading.Item, *, raw: bytes, via: str, exercise: bool, orders: bool, actor: Actor, now: datetime) -> str:
    if isinstance(each, reading.QuakeReport):
        return quaking.take_quake(each, exercise=exercise, orders=orders, actor=actor, now=now)
    if isinstance(each, reading.Spot):
        return keeping.take_spot(each, exercise=exercise, actor=actor, now=now)
    return keeping.take_signal(each, raw=raw, via=via, exercise=exercise, actor=actor, now=now)
