"""Replays history through an index version: everybody is graded as of each past moment, and the warnings are held against what came true.

What rooms keep no history of is as it is today (levels of hazard sources, files of enterprises): the page of the back-test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from anlan.ledger import flows
from anlan.warn.riskpicture import backtesting, factors, grading, living, rules, running, versions
from anlan.warn.riskpicture.backtesting import Outcome, Span, Watch
from anlan.warn.riskpicture.models import IndexVersion, Run

Outcomes = Callable[[datetime, datetime], Iterable[tuple[UUID, datetime]]]
outcomes: dict[str, Outcomes] = {}
"""Who tells what came true, through ``door.register_outcomes``."""

DAYS, STEP_H = 30, 6
"""How far back a replay goes and its step, unless somebody says otherwise. Project defaults."""
MOST_DAYS = 365


def start(row: IndexVersion, *, days: int, step_h: int, by_name: str, now: datetime) -> Run:
    """Begin a back-test over the last ``days``. Raises ``AlreadyRunning``."""
    since = now - timedelta(days=min(max(days, 1), MOST_DAYS))
    step = min(max(step_h, 1), 24)
    total = int((now - since).total_seconds() // (step * 3600)) + 1
    return running.start(row, Run.BACKTEST, by_name=by_name, now=now, since=since, until=now, step_h=step, total=total)


def replay(run_id: UUID, *, now: datetime) -> Run:
    """Go on with a back-test, moment by moment from the cursor on; at its end the version counts as back-tested."""
    run = Run.objects.select_related("index").get(pk=run_id)
    index = living.index_of(run.index)
    while run.state == Run.RUNNING:
        run = _moment(run.pk, index, now)
    return run


@transaction.atomic
def _moment(run_id: UUID, index: rules.Index, now: datetime) -> Run:
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state != Run.RUNNING:
        return run
    if run.cancel_asked:
        return running.ended(run, Run.CANCELLED, now)
    assert run.since is not None and run.until is not None
    at = run.since + timedelta(hours=run.done * run.step_h)
    if at > run.until:
        return _judged(run, index, now)
    grades: dict[str, int] = run.cursor.get("grades", {})
    watch = Watch(run.cursor.get("opened"))
    told, number = _graded_at(index, at, grades)
    watch.see(at.timestamp(), told.items())
    run.cursor = {
        # Blue is what a subject is that is not named.
        "grades": {subject: grade for subject, grade in told.items() if grade != rules.BLUE},
        "opened": watch.opened,
        "spans": [*run.cursor.get("spans", []), *([span.subject, span.since, span.until] for span in watch.spans)],
        "subjects": number,
    }
    run.done += 1
    run.save(update_fields=["cursor", "done"])
    return run


def _graded_at(index: rules.Index, at: datetime, before: dict[str, int]) -> tuple[dict[str, int], int]:
    """Grades of every enterprise as of a moment, by its id, and how many there are."""
    told: dict[str, int] = {}
    after: UUID | None = None
    while (known := grading.known(rules.ENTERPRISE, after=after, limit=running.AT_ONCE)).subjects.ids:
        subjects = known.subjects
        observed, _silent = factors.read(subjects, at, past=True)
        names = [str(each) for each in subjects.ids]
        previous = np.array([before.get(name, rules.BLUE) for name in names])
        result = rules.grade(index, len(names), rules.columns(index, observed, at.timestamp()), previous)
        told |= dict(zip(names, result.grade.tolist(), strict=True))
        after = subjects.ids[-1]
    return told, len(told)


def _judged(run: Run, index: rules.Index, now: datetime) -> Run:
    assert run.since is not None and run.until is not None
    spans = [*(Span(*each) for each in run.cursor.get("spans", [])), *(Span(s, at, None) for s, at in run.cursor.get("opened", {}).items())]
    found = sorted({(str(each), at) for reader in outcomes.values() for each, at in reader(run.since, run.until)})
    verdict = backtesting.judge(
        spans,
        [Outcome(subject, at.timestamp()) for subject, at in found],
        horizon_h=index.parameter("horizon_h"),
        subjects=int(run.cursor.get("subjects", 0)),
        since=run.since.timestamp(),
        until=run.until.timestamp(),
    )
    run.result, run.cursor = {**asdict(verdict), "subjects": int(run.cursor.get("subjects", 0))}, {}
    run.save(update_fields=["result", "cursor"])
    row = IndexVersion.objects.select_for_update().get(pk=run.index_id)
    # Only what was replayed counts: a version changed meanwhile is still to be tested.
    if row.digest == run.digest and row.state in (versions.DRAFT, versions.TESTED):
        flows.advance(row, "test", actor=living.SYSTEM, now=now, fields={"tested_digest": run.digest})
    return running.ended(run, Run.DONE, now)


def of_version(row: IndexVersion) -> list[dict[str, Any]]:
    """Back-tests of a version, newest first, with what they found."""
    runs = row.runs.filter(kind=Run.BACKTEST)[:10]  # type: ignore[attr-defined]
    return [{"run": run, "same": run.digest == row.digest, **run.result} for run in runs]
