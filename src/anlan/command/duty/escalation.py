"""What rings on a desk and is not answered goes on: officer, deputy, leader, the bureau above. Pure; times are aware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anlan.command.duty import rules
from anlan.ledger.sources import DatedRule

OFFICER, DEPUTY, LEADER, UPPER = "officer", "deputy", "leader", "upper"
MUST_BE_MANNED = frozenset({OFFICER, LEADER})
"""Posts that somebody must hold at any moment (生产安全事故应急条例 第十四条); where nobody does, the bureau above is told at once."""


@dataclass(frozen=True, kw_only=True)
class Step(DatedRule):
    """One step for what rings: whom to tell when it was not answered ``after_minutes`` after it began to ring."""

    kind: str
    step: int
    whom: str
    after_minutes: int
    label_zh: str
    label_en: str

    def at(self, since: datetime) -> datetime:
        """When this step is due."""
        return since + timedelta(minutes=self.after_minutes)


def steps(kind: str, on: date) -> list[Step]:
    """The steps in force for what rings, in order."""
    return sorted((row for row in rules.TABLES.in_force("escalation", Step, on) if row.kind == kind), key=lambda row: row.step)


@dataclass(frozen=True)
class Told:
    """One step that is taken, and whom it found (empty: nobody is on the post)."""

    step: Step
    people: tuple[object, ...]


@dataclass(frozen=True)
class Onward:
    """What is to be told now, and when the next step is due (``None``: none is left)."""

    told: tuple[Told, ...]
    next_at: datetime | None


def onward(
    wanted: Sequence[Step], taken: Sequence[str], since: datetime, now: datetime, manned: Callable[[str], tuple[object, ...]]
) -> Onward:
    """Steps that are due at ``now``. A post that nobody holds passes on to the next at once, and one that must be held also to the bureau above.

    ``taken`` are those told before (``whom`` of steps); ``manned(whom)`` says who is there.
    """
    left = [step for step in wanted if step.whom not in taken]
    told: list[Told] = []
    pass_on = False
    for step in left:
        if not pass_on and now < step.at(since):
            break
        told.append(Told(step, manned(step.whom)))
        pass_on = not told[-1].people
    if any(not each.people and each.step.whom in MUST_BE_MANNED for each in told):
        told += [Told(step, manned(UPPER)) for step in left if step.whom == UPPER and step not in {each.step for each in told}]
    done = {each.step.whom for each in told}
    coming = [step.at(since) for step in left if step.whom not in done]
    return Onward(tuple(told), min(coming) if coming else None)
