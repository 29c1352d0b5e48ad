"""What a place holds over time: sums of movements in the order in which they happened, whatever the order in which they were written down.

Pure. Movements of one moment count together, so that the answer does not depend on how they are sorted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

ZERO = Decimal(0)
Step = tuple[datetime, Decimal]
"""A moment, and what came (positive) or went (negative) in it, in kg."""


@dataclass(frozen=True)
class Shortfall:
    """The first moment at which more would have gone than was there: ``held`` before it and ``missing``, in kg."""

    at: datetime
    held: Decimal
    missing: Decimal


def first_shortfall(before: Decimal, steps: Iterable[Step]) -> Shortfall | None:
    """The first moment at which the sum of ``before`` and ``steps`` (in any order) is below zero; ``None`` where it never is."""
    held = before
    for at, together in groupby(sorted(steps, key=itemgetter(0)), key=itemgetter(0)):
        after = held + sum((amount for _, amount in together), ZERO)
        if after < 0:
            return Shortfall(at, held, -after)
        held = after
    return None


def balance(steps: Iterable[Step], at: datetime | None = None) -> Decimal:
    """What is there at ``at``, movements of that moment included (``None``: after all of them)."""
    return sum((amount for moment, amount in steps if at is None or moment <= at), ZERO)


def beyond(sent: Decimal, received: Decimal, tolerance_percent: Decimal) -> bool:
    """Whether what was received differs from what was sent by more than the tolerance, a share of what was sent."""
    return abs(received - sent) * 100 > sent * tolerance_percent


def crossed(before: Decimal, after: Decimal, limit: Decimal | None) -> bool:
    """Whether a sum has just come over ``limit``."""
    return limit is not None and before <= limit < after
