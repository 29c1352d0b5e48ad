"""Which permits a work needs, of which grade, and when a grade is raised (升级管理). Pure.

Sources: GB 30871-2022 4.6 (one permit for each kind), 5.1 (hot work), 8.1 with table 2 (height), 9.1 (lifting), 11.10 (deep digging).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anlan.kernel import workdays
from anlan.kernel.errors import NotFound
from anlan.kernel.words import N_
from anlan.kernel.workdays import HOLIDAY, REST_DAY
from anlan.ledger.sources import DatedRule
from anlan.prevent.permits import refusals, rules
from anlan.prevent.permits.rules import CHINA, Grade, RestDay

NIGHT = "night"
REASONS: dict[str, str] = {HOLIDAY: N_("节假日"), REST_DAY: N_("公休日"), NIGHT: N_("夜间")}

DEEP_METRES = 1.2
"""Digging deeper than this beside buried hazardous pipes follows the rules of confined spaces too (11.10)."""
HEIGHT_FROM_METRES = 2.0
"""Work from this height up is work at height (8.1.1)."""
LIGHT_TONNES = 10.0
"""A permit for lifting less than this may be left out while the hazard analysis is kept (table B.1, note 3)."""


@dataclass(frozen=True)
class Analysis:
    """What is known of a work when its permits are asked for. Metres, tonnes."""

    kinds: frozenset[str]
    fire_area: bool = False
    running_unit: bool = False
    tank_dike: bool = False
    pipe_rack: bool = False
    stopped_and_purged: bool = False
    height_metres: float | None = None
    height_factor: bool = False
    height_special: bool = False
    slope_over_45: bool = False
    load_tonnes: float | None = None
    depth_metres: float | None = None
    buried_hazardous_pipes: bool = False
    opens_vessel: bool = False
    temp_power_special: bool = False


def kinds_needed(work: Analysis) -> tuple[str, ...]:
    """One permit for each kind (4.6), in the order of the forms; deep digging beside hazardous pipes adds a confined space (11.10).

    Raises ``NotFound`` for an unknown kind, ``NoSpecialWork`` where nothing needs a permit.
    """
    unknown = work.kinds - set(rules.KINDS)
    if unknown:
        raise NotFound(what="、".join(sorted(unknown)))
    wanted = set(work.kinds)
    if rules.EXCAVATION in wanted and work.buried_hazardous_pipes and (work.depth_metres or 0) > DEEP_METRES:
        wanted.add(rules.CONFINED_SPACE)
    if rules.WORK_AT_HEIGHT in wanted and not work.slope_over_45 and (work.height_metres or HEIGHT_FROM_METRES) < HEIGHT_FROM_METRES:
        wanted.discard(rules.WORK_AT_HEIGHT)
    if not wanted:
        raise refusals.NoSpecialWork()
    return tuple(kind for kind in rules.KINDS if kind in wanted)


def grade_of(kind: str, work: Analysis) -> str:
    """The grade before any raising: the standard's words as code; empty for kinds without grades. Raises ``FactNeeded``."""
    if kind == rules.HOT_WORK:
        return _hot_work(work)
    if kind == rules.WORK_AT_HEIGHT:
        return _height(work)
    if kind == rules.LIFTING:
        if work.load_tonnes is None:
            raise refusals.FactNeeded(kind=rules.KINDS[kind], field=N_("吊物质量（t）"))
        return "1" if work.load_tonnes > 100 else "2" if work.load_tonnes >= 40 else "3"
    return ""


def _hot_work(work: Analysis) -> str:
    """5.1.2 to 5.1.4. A unit wholly stopped, purged and isolated may count as grade 2, but not what still runs or lies in a dike."""
    if work.tank_dike or (work.fire_area and work.running_unit):
        return "special"
    if work.stopped_and_purged:
        return "2"
    return "1" if work.fire_area or work.pipe_rack or work.running_unit else "2"


def _height(work: Analysis) -> str:
    """8.1.3 with table 2: by height, one band stricter with a factor of 8.1.2, the highest in special conditions."""
    if work.height_metres is None:
        raise refusals.FactNeeded(kind=rules.KINDS[rules.WORK_AT_HEIGHT], field=N_("作业高度（m）"))
    if work.height_special:
        return "4"
    band = 1 if work.height_metres <= 5 else 2 if work.height_metres <= 15 else 3 if work.height_metres <= 30 else 4
    return str(min(4, band + work.height_factor))


# --- raising ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Upgrade(DatedRule):
    """By how many steps the grade of a kind is raised for a reason; more steps than there are grades mean the highest."""

    code: str
    kind: str
    reason: str
    label_zh: str
    label_en: str
    steps: int
    article: str


@dataclass(frozen=True)
class Calendar:
    """What counts as night (hours of China; ``night_from`` late in the day, ``night_to`` early) and days set by hand."""

    night_from: int
    night_to: int
    days: tuple[RestDay, ...] = ()

    def day_kind(self, day: date) -> str | None:
        """``holiday``, ``rest_day`` or ``None`` for a working day.

        Days set by hand first, then the calendar of public holidays; for years it does not know, weekends alone: see :meth:`known`.
        """
        for row in self.days:
            if row.day == day:
                return None if row.kind == "workday" else row.kind
        kind = workdays.day_of(day).kind
        return None if kind == workdays.WORKDAY else kind

    @staticmethod
    def known(day: date) -> bool:
        """Whether the public holidays of that year are known; where not, weekends stand in and the page says so."""
        return workdays.day_of(day).known

    def reasons_at(self, moment: datetime) -> frozenset[str]:
        """Why a work at this moment is raised: the day it is, and whether it is night."""
        local = moment.astimezone(CHINA)
        found = {self.day_kind(local.date())} - {None}
        if local.hour >= self.night_from or local.hour < self.night_to:
            found.add(NIGHT)
        return frozenset(reason for reason in found if reason)

    def reasons_between(self, start: datetime, end: datetime) -> frozenset[str]:
        """Every reason that holds at some moment from ``start`` until before ``end``. Both bounds of a night fall on full hours."""
        found: set[str] = set(self.reasons_at(start))
        at = start.astimezone(CHINA).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        while at < end and len(found) < len(REASONS):
            found |= self.reasons_at(at)
            at += timedelta(hours=1)
        return frozenset(found)


def row_of(grades: Iterable[Grade], kind: str, grade: str) -> Grade:
    """The row of a kind and grade. Raises ``NotFound``."""
    for row in grades:
        if row.kind == kind and row.grade == grade:
            return row
    raise NotFound(what=f"{kind} {grade}".strip())


def upgraded(base: Grade, reasons: Iterable[str], grades: Iterable[Grade], upgrades: Iterable[Upgrade]) -> tuple[Grade, tuple[str, ...]]:
    """The grade after raising, and the reasons that raised it; the row itself and nothing where none does. Never lower than ``base``."""
    steps = {row.reason: row.steps for row in upgrades if row.kind == base.kind}
    counted = tuple(sorted(reason for reason in reasons if steps.get(reason)))
    if not counted:
        return base, ()
    target = base.rank + max(steps[reason] for reason in counted)
    reachable = sorted((row for row in grades if row.kind == base.kind and base.rank <= row.rank <= target), key=lambda row: row.rank)
    return reachable[-1] if reachable else base, counted


def blocked_at(
    row: Grade, applied: Iterable[str], reasons: Iterable[str], grades: Iterable[Grade], upgrades: Iterable[Upgrade]
) -> tuple[str, ...]:
    """Reasons of this moment for which the permit was not raised although it had to be; empty: it may go on.

    ``applied``: the reasons for which it was raised when it was asked for. One raising serves every reason.
    """
    if tuple(applied):
        return ()
    higher, counted = upgraded(row, reasons, grades, upgrades)
    return counted if higher.rank > row.rank else ()


def grade_for(
    kind: str,
    work: Analysis,
    *,
    start: datetime,
    end: datetime,
    day_only: bool,
    calendar: Calendar,
    grades: Iterable[Grade],
    upgrades: Iterable[Upgrade],
) -> tuple[Grade, Grade, tuple[str, ...]]:
    """The grade asked for: ``(raised row, row before raising, reasons)``.

    ``day_only``: work rests at night, on rest days and holidays, so that only the beginning is looked at; then those times are closed
    to work (:func:`blocked_at`). Raises ``FactNeeded``, ``DayWorkOutside``.
    """
    grades, upgrades = tuple(grades), tuple(upgrades)
    base = row_of(grades, kind, grade_of(kind, work))
    until = min(end, start + timedelta(hours=base.valid_hours)) if base.valid_hours else end
    reasons = calendar.reasons_at(start) if day_only else calendar.reasons_between(start, until)
    row, counted = upgraded(base, reasons, grades, upgrades)
    if day_only and counted:
        raise refusals.DayWorkOutside(reasons="、".join(REASONS[reason] for reason in counted))
    return row, base, counted
