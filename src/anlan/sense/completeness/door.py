"""What other rooms may ask about completeness."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.sense.completeness import rules
from anlan.sense.completeness.rules import Difference

__all__ = ["Difference", "EnterpriseFigures", "figures", "share", "standing_gaps", "tone"]

share, tone = rules.share, rules.tone


@dataclass(frozen=True)
class EnterpriseFigures:
    """One enterprise over some days: sums of readings; ``point_days``, ``silent_days`` and ``frozen_days`` count points once for every day."""

    enterprise_id: UUID
    name: str
    place_code: str
    days: int
    expected: int
    received: int
    late: int
    missing: int
    repeated: int
    refused: int
    outside: int
    point_days: int
    silent_days: int
    frozen_days: int


def figures(actor: Actor | None, first: date, last: date) -> tuple[EnterpriseFigures, ...]:
    """Figures of every enterprise that ``actor`` may see over days ``first`` to ``last``, both included."""
    from anlan.sense.completeness import queries

    return tuple(EnterpriseFigures(**row) for row in queries.sums(actor, first, last))


def standing_gaps(actor: Actor | None) -> dict[UUID, int]:
    """How many gaps that are not filled each enterprise has."""
    from anlan.sense.completeness import queries

    return queries.standing_gaps(actor)


def refresh(now: datetime) -> None:
    """Bring sums and gaps up to date from the store. Raises ``StoreSilent``."""
    from anlan.sense.completeness import services

    services.refresh(now)


def verify(data: bytes) -> tuple[dict[str, Any], list[Difference]]:
    """Read a proof and reckon its figures anew from the readings: the proof, and where the two differ.

    Raises ``ProofUnreadable`` for what is no proof or was changed, ``StoreSilent``.
    """
    from anlan.sense.completeness import queries

    told = rules.read_proof(data)
    return told, rules.differences(told["points"], queries.refigured(told))


def silent_shares(at: datetime, enterprise_ids: Collection[UUID] | None = None) -> dict[UUID, float]:
    """Per cent of each enterprise's points that sent nothing on the last day that tells it: the day of ``at`` once a quarter of it is over,
    else the day before. Those where every point spoke are left out. No check: for processes."""
    from anlan.sense.completeness import queries

    return queries.silent_shares(at, enterprise_ids)
