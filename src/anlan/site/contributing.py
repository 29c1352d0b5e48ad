"""What rooms contribute to rooms below them or beside them: to live risk grades accidents, hazard levels and what came true; to public opinion the cases it may be about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from anlan.command.incidents import door as incidents
from anlan.report.filings import door as filings
from anlan.sense.opinion import door as opinion
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
    opinion.register_subjects("filing", filed)
    opinion.register_subjects("incident", commanded)
    opinion.register_drafting(lambda: reverse("filings:create"), "filings.create")


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


def filed(asked: opinion.Asked) -> Iterator[opinion.Subject]:
    """Reports that a topic of public opinion may be about; exercises left out."""
    for told in filings.occurred(asked.since, asked.until, asked.place_prefix, asked.actor):
        if not told.exercise:
            yield opinion.Subject(
                "filing",
                gettext("信息报送"),
                told.id,
                told.title,
                told.kind,
                told.place_code,
                told.occurred_at,
                told.enterprise_id,
                told.address,
            )


def commanded(asked: opinion.Asked) -> Iterator[opinion.Subject]:
    """Incidents that a topic of public opinion may be about; exercises left out."""
    for told in incidents.occurred(asked.since, asked.until, asked.place_prefix, asked.actor):
        if not told.exercise:
            yield opinion.Subject(
                "incident",
                gettext("突发事件"),
                told.id,
                told.title,
                told.kind,
                told.place_code,
                told.occurred_at,
                told.enterprise_id,
                told.address,
            )
