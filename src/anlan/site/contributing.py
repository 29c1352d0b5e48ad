"""What rooms beside and above contribute to live risk grades: accidents reported, hazard levels of the place, and what came true for back-tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from anlan.report.filings import door as filings
from anlan.warn.hazards import door as hazards
from anlan.warn.riskpicture import door as riskpicture
from anlan.warn.riskpicture.door import Observed, Subjects

YEARS = timedelta(days=5 * 365)
"""How far back an accident may count. 应急〔2018〕19号 gives a bonus after five years without one."""

HAZARD_FACTORS = {4: "hazard_red", 3: "hazard_orange", 2: "hazard_yellow", 1: "hazard_blue"}
"""Factor of each level of the township grid."""


def join() -> None:
    """Called once, when every room is loaded."""
    riskpicture.register_factor("accident", accidents)
    riskpicture.register_factor(
        "hazard", hazard_levels, codes=tuple(HAZARD_FACTORS.values()), kinds=(riskpicture.ENTERPRISE, riskpicture.SOURCE)
    )
    riskpicture.register_outcomes("filings", came_true)


def accidents(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    """Accidents reported of the subjects' enterprises, weighed by level: Ⅳ counts 1, Ⅰ counts 4; a near miss counts 1."""
    for told in filings.accidents(at - YEARS, at, subjects.owners):
        yield Observed("accident", subjects.rows[told.enterprise_id], float(told.weight), told.occurred_at.timestamp())


def hazard_levels(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    """The level of the township grid where each subject lies; an hour that was not reckoned says nothing."""
    levels = hazards.worst_levels(set(subjects.place_codes), at)
    for row, code in enumerate(subjects.place_codes):
        if code in levels:
            yield Observed(HAZARD_FACTORS[levels[code]], row, 1.0)


def came_true(since: datetime, until: datetime) -> Iterator[tuple[UUID, datetime]]:
    """Accidents and near misses reported between two moments, with the enterprise of each."""
    for told in filings.accidents(since, until):
        yield told.enterprise_id, told.occurred_at
