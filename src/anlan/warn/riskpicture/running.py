"""Long reckonings in pieces: each piece is a transaction that also moves the cursor, so that a run goes on where a fault stopped it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app as _app

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.prevent.permits import door as permits
from anlan.sense.completeness import door as completeness
from anlan.warn.riskpicture import areas, grading, living, refusals, rules
from anlan.warn.riskpicture.models import Grade, GradeMove, IndexVersion, Run

AT_ONCE = 5000
"""Subjects graded in one transaction of a run. Project default."""
JOB = "riskpicture.run"


def refuse_second(kind: str) -> None:
    """Raise ``AlreadyRunning`` while a run of that kind goes on."""
    if Run.objects.filter(kind=kind, state=Run.RUNNING).exists():
        raise refusals.AlreadyRunning()


def start(index: IndexVersion, kind: str, *, by_name: str, now: datetime, **values: Any) -> Run:
    """Begin a run and queue its job. Raises ``AlreadyRunning``."""
    refuse_second(kind)
    run = Run.objects.create(kind=kind, index=index, digest=index.digest, asked_by_name=by_name, started_at=now, **values)
    _app.configure_task(JOB, queue="sheets", lock=f"riskpicture:{kind}").defer(run_id=str(run.pk))
    return run


@transaction.atomic
def cancel(run_id: UUID) -> None:
    """Ask a run to stop after its present piece."""
    Run.objects.filter(pk=run_id, state=Run.RUNNING).update(cancel_asked=True)


def regrade(run_id: UUID, *, now: datetime) -> Run:
    """Grade every enterprise, then every hazard source, piece by piece from the cursor on; areas at the end."""
    run = Run.objects.select_related("index").get(pk=run_id)
    index = living.index_of(run.index)
    while run.state == Run.RUNNING:
        run = _piece(run.pk, index, now)
    if run.state == Run.DONE:
        areas.refresh_all(index, now=now, cause=GradeMove.INDEX)
    return run


@transaction.atomic
def _piece(run_id: UUID, index: rules.Index, now: datetime) -> Run:
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state != Run.RUNNING:
        return run
    if run.cancel_asked:
        return ended(run, Run.CANCELLED, now)
    kind = run.cursor.get("kind", rules.ENTERPRISE)
    after = UUID(run.cursor["after"]) if run.cursor.get("after") else None
    told = grading.known(kind, after=after, limit=AT_ONCE)
    if not told.subjects.ids:
        if kind == rules.SOURCE:
            return ended(run, Run.DONE, now)
        run.cursor = {"kind": rules.SOURCE}
        run.save(update_fields=["cursor"])
        return run
    graded = grading.write(index, told, now=now, cause=GradeMove.INDEX)
    run.done += graded.number
    run.total = max(run.total, run.done)
    run.cursor = {"kind": kind, "after": str(told.subjects.ids[-1])}
    run.result = {name: run.result.get(name, 0) + getattr(graded, name) for name in ("worse", "better")}
    run.save(update_fields=["done", "total", "cursor", "result"])
    return run


def ended(run: Run, state: str, now: datetime) -> Run:
    """The run is over, one way or the other."""
    run.state, run.finished_at = state, now
    run.save(update_fields=["state", "finished_at"])
    return run


def due(now: datetime, *, limit: int = 2000) -> int:
    """Grade again what time alone may have changed; how many. The rest of the many thousands is not touched."""
    number = 0
    for kind in rules.KINDS:
        rows = Grade.objects.filter(kind=kind, look_at__lte=now).order_by("look_at")
        ids = list(rows.values_list("enterprise_id" if kind == rules.ENTERPRISE else "source_id", flat=True)[:limit])
        if not ids:
            continue
        index = living.live_index(now)
        graded = grading.grade_among(index, kind, ids, now=now, cause=GradeMove.TIME)
        number += graded.number
        if kind == rules.ENTERPRISE:
            areas.refresh(index, graded.places, now=now, cause=GradeMove.TIME)
    return number


def newcomers(now: datetime) -> int:
    """Note what is there to be graded and has no grade yet (imports tell of a batch, not of each); how many."""
    return _noted(now, only_new=True)


def note_everybody(now: datetime) -> int:
    """Note everything there is to be graded; how many."""
    return _noted(now, only_new=False)


def _noted(now: datetime, *, only_new: bool) -> int:
    from anlan.warn.riskpicture import waiting

    number = 0
    for kind, column, batch in (
        (rules.ENTERPRISE, "enterprise_id", enterprises.in_operation),
        (rules.SOURCE, "source_id", risksources.in_use),
    ):
        after: UUID | None = None
        while found := batch(after, limit=AT_ONCE):
            ids, here = [each.id for each in found], set()
            if only_new:
                rows = Grade.objects.filter(kind=kind, computed_at__isnull=False, **{f"{column}__in": ids})
                here = set(rows.values_list(column, flat=True))
            number += waiting.note(kind, [each for each in ids if each not in here], now=now)
            after = ids[-1]
    return number


def unannounced(now: datetime) -> int:
    """Note enterprises whose grade rests on what is so no longer and what nobody announces: sums of readings, the day's commitments after midnight."""
    from anlan.warn.riskpicture import waiting

    shares = completeness.silent_shares(now)
    marks = {each.enterprise_id: each for each in permits.commitments_at(now)}
    codes = ("silent_points", "commitment_missing", "commitment_contradicted")
    resting = Q()
    for code in codes:
        resting |= Q(factors__contains=[[code]])
    changed = {each for each, mark in marks.items() if mark.missing or mark.contradicted} | set(shares)
    for enterprise, entries in Grade.objects.filter(resting, kind=rules.ENTERPRISE).values_list("enterprise_id", "factors"):
        weighed = {code: amount for code, amount, *_ in entries if code in codes}
        mark = marks.get(enterprise)
        told = {"silent_points": shares.get(enterprise, 0.0), "commitment_missing": 0.0, "commitment_contradicted": 0.0}
        if mark is not None:
            told |= {"commitment_missing": float(mark.missing), "commitment_contradicted": float(mark.contradicted)}
        if all(abs(told[code] - weighed.get(code, 0.0)) < 1 for code in codes):
            changed.discard(enterprise)
        else:
            changed.add(enterprise)
    return waiting.note(rules.ENTERPRISE, changed, now=now)
