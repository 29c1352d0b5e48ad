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
from anlan.warn.hazards import keeping, quaking, reading
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


def take(content: bytes, *, name: str, via: str, exercise: bool = False, actor: Actor, now: datetime) -> Intake:
    """Take in a file (or a zip of files) of any form that :mod:`.reading` knows; each message is one transaction of its own.

    ``via``: how it came, for the reader (``手工导入``, a feed's name). Messages whose identifier is known already are counted as such and change nothing.
    Raises ``NotPermitted``; all other refusals are told in the intake.
    """
    permit(actor, "hazards.intake", place_code=actor.place_code)
    tally = _Tally()
    for where, raw in _files(content, name, tally):
        for each in _items(where, raw, tally):
            try:
                with transaction.atomic():
                    done = _store(each, raw=raw, via=via, exercise=exercise, actor=actor, now=now)
            except Refusal as refusal:
                tally.refuse(where, refusal)
                continue
            tally.twice += done == keeping.TWICE
            tally.good += done == keeping.GOOD
    with change(actor, "hazards.intake", now=now, place_code=actor.place_code) as made:
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


def _store(each: reading.Item, *, raw: bytes, via: str, exercise: bool, actor: Actor, now: datetime) -> str:
    if isinstance(each, reading.QuakeReport):
        return quaking.take_quake(each, exercise=exercise, actor=actor, now=now)
    if isinstance(each, reading.Spot):
        return keeping.take_spot(each, exercise=exercise, actor=actor, now=now)
    return keeping.take_signal(each, raw=raw, via=via, exercise=exercise, actor=actor, now=now)
