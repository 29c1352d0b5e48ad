"""What rooms beside and above contribute to live risk grades: accidents that were reported, and what came true for back-tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from anlan.report.filings import door as filings
from anlan.warn.riskpicture import door as riskpicture
from anlan.warn.riskpicture.door import Observed, Subjects

YEARS = timedelta(days=5 * 365)
"""How far back an accident may count. 应急〔2018〕19号 gives a bonus after five years without one."""


def join() -> None:
    """Called once, when every room is loaded."""
    riskpicture.register_factor("accident", accidents)
    riskpicture.register_outcomes("filings", came_true)


def accidents(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    """Accidents reported of the subjects' enterprises, weighed by level: Ⅳ counts 1, Ⅰ counts 4; a near miss counts 1."""
    for told in filings.accidents(at - YEARS, at, subjects.owners):
        yield Observed("accident", subjects.rows[told.enterprise_id], float(told.weight), told.occurred_at.timestamp())


def came_true(since: datetime, until: datetime) -> Iterator[tuple[UUID, datetime]]:
    """Accidents and near misses reported between two moments, with the enterprise of each."""
    for told in filings.accidents(since, until):
        yield told.enterprise_id, told.occurred_at
