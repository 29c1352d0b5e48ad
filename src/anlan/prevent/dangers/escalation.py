"""Who is told of a deadline that nears or has passed, step by step up the levels. Pure; the steps are rows of ``data/escalation.csv``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.kernel.levels import Level, covers, level_of, parent_code
from anlan.ledger.sources import DatedRule

OF_ENTERPRISE = "enterprise"
LEVELS: dict[str, Level] = {"county": Level.COUNTY, "city": Level.CITY, "province": Level.PROVINCE, "nation": Level.NATION}


@dataclass(frozen=True, kw_only=True)
class EscalationStep(DatedRule):
    """``after_hours`` after the deadline (negative: before it) the holders of ``posts`` (by blanks) at ``level`` are told.

    ``grade`` empty: of any grade. A row with ``place_prefix`` takes the place of the general row of the same code below that place.
    """

    code: str
    level: str
    after_hours: int
    grade: str
    posts: str
    label_zh: str
    label_en: str
    place_prefix: str

    def due_at(self, deadline: datetime) -> datetime:
        """When the step falls due for a danger with this deadline."""
        return deadline + timedelta(hours=self.after_hours)

    @property
    def is_reminder(self) -> bool:
        """Whether it is said before the deadline."""
        return self.after_hours < 0


def steps_for(steps: Iterable[EscalationStep], *, grade: str, place_code: str) -> tuple[EscalationStep, ...]:
    """The steps of a danger of this grade at this place, the most local variant of each, soonest first."""
    chosen: dict[str, EscalationStep] = {}
    for step in steps:
        if step.grade not in ("", grade) or not covers(step.place_prefix, place_code):
            continue
        known = chosen.get(step.code)
        if known is None or len(step.place_prefix) > len(known.place_prefix):
            chosen[step.code] = step
    return tuple(sorted(chosen.values(), key=lambda step: (step.after_hours, step.code)))


def due_steps(
    steps: Iterable[EscalationStep], *, ordered_at: datetime, deadline: datetime, now: datetime, taken: Iterable[str]
) -> tuple[EscalationStep, ...]:
    """Steps that are due now and not yet taken for this deadline.

    A reminder is left out once the deadline has passed, and where the whole time allowed is shorter than its lead: an order for
    tomorrow is not reminded of at once.
    """
    done = set(taken)
    return tuple(
        step
        for step in steps
        if step.code not in done
        and step.due_at(deadline) <= now
        and not (step.is_reminder and (now > deadline or step.due_at(deadline) < ordered_at))
    )


def place_at(level: str, place_code: str) -> str | None:
    """The place of a level above (or at) a place code: the city of a county; ``None`` where the code lies above that level."""
    wanted, code = LEVELS[level], place_code
    while level_of(code) > wanted:
        above = parent_code(code)
        if above is None:
            return None
        code = above
    return code if level_of(code) == wanted else None
