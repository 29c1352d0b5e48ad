"""How long a permit holds, and whether work may go on under it at a moment. Pure.

Sources: GB 30871-2022 4.10 f (supervisor leaves), 4.16 (no extension: a new permit), 5.1.5, 6.10, 8.2.11, 10.8.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.kernel.errors import Refusal
from anlan.prevent.permits import gas, grading, refusals, rules
from anlan.prevent.permits.rules import CHINA, Grade


def check_window(start: datetime, end: datetime, now: datetime) -> None:
    """Raises ``WindowWrong`` where the end does not lie after the beginning and after now."""
    if end <= start or end <= now:
        raise refusals.WindowWrong()


def longest_hours(row: Grade, *, own_hours: int | None, special_hours: int | None = None) -> int:
    """How many hours a permit of this grade may last: the standard's, shortened by the enterprise's own; the enterprise's where it has none.

    ``special_hours``: the longer limit of temporary power in a special case. Raises ``OwnRuleNeeded``.
    """
    hours = special_hours if special_hours is not None and row.kind == rules.TEMP_POWER else row.valid_hours
    limits = [each for each in (hours, own_hours) if each]
    if not limits:
        raise refusals.OwnRuleNeeded(kind=rules.KINDS[row.kind])
    return min(limits)


def valid_until(
    row: Grade,
    *,
    start: datetime,
    wanted: datetime,
    served: Iterable[datetime] = (),
    own_hours: int | None = None,
    special_hours: int | None = None,
) -> datetime:
    """When a permit that begins at ``start`` ends: what was asked for, cut at the longest time.

    ``served``: ends of the hot work and confined space permits that temporary power serves; it never outlasts the first of them
    (10.8). Raises ``OwnRuleNeeded``, ``WindowWrong``.
    """
    end = min(wanted, start + timedelta(hours=longest_hours(row, own_hours=own_hours, special_hours=special_hours)))
    if row.kind == rules.TEMP_POWER:
        end = min([end, *served])
    if end <= start:
        raise refusals.WindowWrong()
    return end


@dataclass(frozen=True)
class Standing:
    """A permit as it is judged: state, window, raising, break, and the samples of its air."""

    number: str
    row: Grade
    state: str
    valid_from: datetime
    valid_until: datetime
    applied: tuple[str, ...] = ()
    started_at: datetime | None = None
    paused_at: datetime | None = None
    pause_kind: str = ""
    readings: tuple[gas.Reading, ...] = ()


@dataclass(frozen=True)
class Law:
    """The rows that judge on that day."""

    grades: tuple[Grade, ...]
    upgrades: tuple[grading.Upgrade, ...]
    limits: tuple[gas.GasLimit, ...]
    calendar: grading.Calendar
    say: dict[str, str] = field(default_factory=dict)


def check_time(permit: Standing, law: Law, now: datetime) -> None:
    """Whether the permit holds at ``now``. Raises ``NotYetValid``, ``PermitExpired``, ``UpgradeNeeded``."""
    if now < permit.valid_from:
        raise refusals.NotYetValid(number=permit.number, at=_told(permit.valid_from))
    if now >= permit.valid_until:
        raise refusals.PermitExpired(number=permit.number, at=_told(permit.valid_until))
    reasons = grading.blocked_at(permit.row, permit.applied, law.calendar.reasons_at(now), law.grades, law.upgrades)
    if reasons:
        words = "、".join(law.say.get(grading.REASONS[each], grading.REASONS[each]) for each in reasons)
        raise refusals.UpgradeNeeded(reasons=words, grade=permit.row.name_zh)


def check_workable(permit: Standing, law: Law, now: datetime) -> None:
    """Whether work may begin, go on after a break, or go on under a permit at ``now``.

    Raises ``NotApproved`` for a permit in any other state than approved, working or paused, the refusals of :func:`check_time` and
    :func:`gas.check`.
    """
    if permit.state not in rules.LIVE_STATES:
        if permit.state == rules.EXPIRED:
            raise refusals.PermitExpired(number=permit.number, at=_told(permit.valid_until))
        raise refusals.NotApproved(number=permit.number)
    check_time(permit, law, now)
    never_begun = permit.started_at is None
    gas.check(
        permit.row,
        permit.readings,
        law.limits,
        now=now,
        starting=never_begun,
        paused_at=permit.paused_at if permit.state == rules.PAUSED and not never_begun else None,
        say=law.say,
    )


def obstacle(permit: Standing, law: Law, now: datetime) -> Refusal | None:
    """The first thing that keeps work from going on under a permit at ``now``; ``None``: nothing does."""
    try:
        check_workable(permit, law, now)
    except Refusal as refusal:
        return refusal
    return None


def kept_until(closed_at: datetime, months: int) -> datetime:
    """Until when a permit that was closed then is kept at least (B.3): the same day so many months on, or that month's last."""
    year, month = closed_at.year + (closed_at.month - 1 + months) // 12, (closed_at.month - 1 + months) % 12 + 1
    return closed_at.replace(year=year, month=month, day=min(closed_at.day, monthrange(year, month)[1]))


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%m-%d %H:%M}"
