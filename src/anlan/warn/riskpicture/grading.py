"""Grades subjects in bulk: read, reckon, write, tell. The same for one enterprise after an alarm and for a hundred thousand after an index change."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Classification
from anlan.ledger import events
from anlan.ledger.copying import copy_in
from anlan.warn.riskpicture import aggregating, door, factors, rules
from anlan.warn.riskpicture.models import Grade, GradeMove
from anlan.warn.riskpicture.rules import Index, Observed, Subjects

REASONS = 3
"""How many factors a move names. Project default."""


@dataclass(frozen=True)
class Known:
    """What is graded, with what its row tells beside the grade."""

    subjects: Subjects
    names: tuple[str, ...]
    classifications: tuple[int, ...]
    points: tuple[tuple[float | None, float | None], ...]
    staff: tuple[int, ...]


class Before(NamedTuple):
    """What the row of a subject held before: without the constructor of its model, which costs more than all reckoning. Fields as the columns."""

    id: UUID
    enterprise_id: UUID
    source_id: UUID | None
    place_code: str
    grade: int
    score: Decimal
    since: datetime
    before: int | None
    computed_at: datetime | None
    factors_text: str

    @property
    def tenths(self) -> int:
        """The score in tenths."""
        return int(self.score * rules.TENTHS)

    @property
    def factors(self) -> list[list[Any]]:
        """Entries of the factors that were seen; read where somebody asks."""
        return json.loads(self.factors_text)


@dataclass(frozen=True)
class Graded:
    """What grading some subjects came to: how many, at which places something moved, how many got worse and better."""

    number: int
    places: frozenset[str]
    worse: int = 0
    better: int = 0


def known(kind: str, *, ids: Collection[UUID] | None = None, after: UUID | None = None, limit: int = 5000) -> Known:
    """Subjects of a kind: those among ``ids`` that are there to be graded, or the next ones behind ``after``."""
    if kind == rules.ENTERPRISE:
        found = enterprises.in_operation(after, limit=limit, ids=ids)
        owners = tuple(each.id for each in found)
        names = tuple(each.name for each in found)
        staff = tuple(each.staff_count or 0 for each in found)
        levels = tuple(each.major_level if each.has_major_hazard else None for each in found)
    else:
        found = risksources.in_use(after, limit=limit, ids=ids)  # type: ignore[assignment]
        owners = tuple(each.enterprise_id for each in found)  # type: ignore[attr-defined]
        names = tuple(each.name for each in found)
        staff = (0,) * len(found)
        levels = tuple(each.major_level if each.is_major else None for each in found)  # type: ignore[attr-defined]
    return Known(
        Subjects(kind, tuple(each.id for each in found), owners, tuple(each.place_code for each in found), levels),
        names,
        tuple(max(each.classification, int(Classification.INTERNAL)) for each in found),
        tuple((each.longitude, each.latitude) for each in found),
        staff,
    )


@transaction.atomic
def grade_among(index: Index, kind: str, ids: Collection[UUID], *, now: datetime, cause: str) -> Graded:
    """Grade these subjects; rows of those that are no longer there to be graded go."""
    told = known(kind, ids=ids)
    column = "enterprise_id" if kind == rules.ENTERPRISE else "source_id"
    gone = Grade.objects.filter(kind=kind, **{f"{column}__among": set(ids) - set(told.subjects.ids)})
    places = frozenset(gone.values_list("place_code", flat=True))
    gone.delete()
    graded = write(index, told, now=now, cause=cause)
    return Graded(graded.number, graded.places | places, graded.worse, graded.better)


@transaction.atomic
def write(index: Index, told: Known, *, now: datetime, cause: str) -> Graded:
    """Grade what is ``told`` and keep what came out. Rows are locked before the factors are read: what changes later is graded later."""
    subjects = told.subjects
    if not subjects.ids:
        return Graded(0, frozenset())
    before = _locked(subjects, told, now)
    # Whoever held the rows until now may have graded what came after this call began: that is not forgotten again.
    now = max([now, *(row.computed_at for row in before if row.computed_at is not None)])
    observed, silent = factors.read(subjects, now)
    observed += _kept(subjects, before, silent, now)
    seen = rules.columns(index, observed, now.timestamp())
    result = rules.grade(index, len(subjects.ids), seen, np.array([row.grade if row.computed_at else 0 for row in before]))
    weight = aggregating.exposure(index, np.array(told.staff))
    again = rules.look_again_s(index, result)
    _write(index, told, before, result, weight, again, silent, now)
    moved = _moves(index, subjects, before, result, now, cause)
    copy_in(moved)
    events.announce_all(_events(told, before, moved, now) if cause != GradeMove.INDEX else [])
    grades = [row.grade if row.computed_at else rules.BLUE for row in before]
    changed = [
        row.place_code
        for row, score, fresh in zip(before, result.score.tolist(), result.grade.tolist(), strict=True)
        if row.computed_at is None or fresh != row.grade or abs(score - row.tenths) >= 1
    ]
    places = frozenset(changed) | frozenset(each for each, row in zip(subjects.place_codes, before, strict=True) if each != row.place_code)
    worse = sum(fresh < old for fresh, old in zip(result.grade.tolist(), grades, strict=True))
    better = sum(fresh > old for fresh, old in zip(result.grade.tolist(), grades, strict=True))
    return Graded(len(subjects.ids), places, worse, better)


def _locked(subjects: Subjects, told: Known, now: datetime) -> list[Before]:
    """The row of each subject, made where there is none, locked in one order."""
    found = _present(subjects)
    if len(found) < len(subjects.ids):
        missing = [
            Grade(
                kind=subjects.kind,
                enterprise_id=subjects.enterprise_ids[row],
                source_id=None if subjects.kind == rules.ENTERPRISE else each,
                place_code=subjects.place_codes[row],
                classification=told.classifications[row],
                created_at=now,
                updated_at=now,
                since=now,
            )
            for row, each in enumerate(subjects.ids)
            if each not in found
        ]
        Grade.objects.bulk_create(missing, ignore_conflicts=True, batch_size=1000)
        found = _present(subjects)
    return [found[each] for each in subjects.ids]


def _present(subjects: Subjects) -> dict[UUID, Before]:
    column = "enterprise_id" if subjects.kind == rules.ENTERPRISE else "source_id"
    rows = Grade.objects.select_for_update().filter(kind=subjects.kind, **{f"{column}__among": subjects.ids}).order_by("pk")
    told = rows.annotate(factors_text=Cast("factors", TextField())).values_list(*Before._fields)
    return {getattr(row, column): row for row in map(Before._make, told)}


def _kept(subjects: Subjects, before: Sequence[Before], silent: Collection[str], now: datetime) -> list[Observed]:
    """What was known of factors whose reader does not answer: as it was, not forgotten."""
    if not silent:
        return []
    codes = set(silent)
    return [
        Observed(code, row, amount, now.timestamp() - hours * 3600)
        for row, grade in enumerate(before)
        for code, amount, hours, *_ in grade.factors
        if code in codes
    ]


def _write(
    index: Index,
    told: Known,
    before: Sequence[Before],
    result: rules.Result,
    weight: rules.Floats,
    again: rules.Floats,
    silent: tuple[str, ...],
    now: datetime,
) -> None:
    """One statement for all rows."""
    entries = _entries(index, result)
    inherent = [at for at, factor in enumerate(index.factors) if factor.group == rules.INHERENT]
    assessed = (result.amount[:, inherent] > 0).any(axis=1).tolist()
    grades, scores, over = result.grade.tolist(), result.score.tolist(), result.over.tolist()
    moved = [row.computed_at is None or row.grade != fresh for row, fresh in zip(before, grades, strict=True)]
    columns: tuple[tuple[str, str, Any], ...] = (
        ("id", "uuid", [row.id for row in before]),
        ("grade", "int", grades),
        ("score", "numeric", [score / rules.TENTHS for score in scores]),
        ("since", "timestamptz", [now if new else row.since for row, new in zip(before, moved, strict=True)]),
        (
            "before",
            "int",
            [(row.grade if row.computed_at else None) if new else row.before for row, new in zip(before, moved, strict=True)],
        ),
        ("assessed", "bool", assessed),
        ("factors", "text", [json.dumps(each) for each in entries]),
        (
            "vetoes",
            "text",
            [json.dumps([v.code for v, held in zip(index.vetoes, row, strict=True) if held]) for row in result.vetoes.tolist()],
        ),
        ("over", "int", over),
        ("weight", "float8", weight.tolist()),
        ("look_at", "timestamptz", [None if np.isinf(each) else now + timedelta(seconds=each) for each in again.tolist()]),
        ("enterprise_id", "uuid", list(told.subjects.enterprise_ids)),
        ("place_code", "text", list(told.subjects.place_codes)),
        ("classification", "int", list(told.classifications)),
        ("longitude", "float8", [each[0] for each in told.points]),
        ("latitude", "float8", [each[1] for each in told.points]),
    )
    cast = {"factors": "::jsonb", "vetoes": "::jsonb"}
    sets = ", ".join(f'"{name}" = told."{name}"{cast.get(name, "")}' for name, _, _ in columns[1:])
    names = ", ".join(f'"{name}"' for name, _, _ in columns)
    arrays = ", ".join(f"%s::{kind}[]" for _, kind, _ in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{Grade._meta.db_table}" AS kept SET {sets}, stale = %s::jsonb, index_version = %s, computed_at = %s, updated_at = %s '
            f"FROM unnest({arrays}) AS told({names}) WHERE kept.id = told.id",
            [json.dumps(list(silent)), index.version, now, now, *(values for _, _, values in columns)],
        )


def _entries(index: Index, result: rules.Result) -> list[list[list[Any]]]:
    """Of each subject one entry for each factor that was seen: code, units, hours of the oldest, points before caps, part; points in tenths."""
    found: list[list[list[Any]]] = [[] for _ in result.grade]
    codes = [factor.code for factor in index.factors]
    rows, columns = np.nonzero(result.amount > 0)
    for row, at, amount, hours, raw, part in zip(
        rows.tolist(),
        columns.tolist(),
        np.round(result.amount[rows, columns], 2).tolist(),
        np.round(result.hours[rows, columns], 3).tolist(),
        np.rint(result.raw[rows, columns] * rules.TENTHS).astype(int).tolist(),
        result.parts[rows, columns].tolist(),
        strict=True,
    ):
        found[row].append([codes[at], amount, hours, raw, part])
    return found


def _moves(index: Index, subjects: Subjects, before: Sequence[Before], result: rules.Result, now: datetime, cause: str) -> list[GradeMove]:
    """Grades that changed, and scores that moved noticeably since they were last kept."""
    least = round(index.parameter("note_points") * rules.TENTHS)
    found = []
    for row, (was, grade, score) in enumerate(zip(before, result.grade.tolist(), result.score.tolist(), strict=True)):
        first = was.computed_at is None
        if not first and grade == was.grade and abs(score - was.tenths) < least:
            continue
        found.append(
            GradeMove(
                kind=subjects.kind,
                enterprise_id=was.enterprise_id,
                source_id=was.source_id,
                place_code=subjects.place_codes[row],
                at=now,
                before=None if first else was.grade,
                after=grade,
                score=score / rules.TENTHS,
                reasons=_reasons(index, was, result, row),
                cause=cause,
                index_version=index.version,
            )
        )
    return found


def _reasons(index: Index, was: Before, result: rules.Result, row: int) -> list[list[Any]]:
    old = {code: part for code, _, _, _, part in was.factors}
    codes = [factor.code for factor in index.factors]
    fresh = dict(zip(codes, result.parts[row].tolist(), strict=True))
    changes: list[tuple[str, int]] = [(code, fresh.get(code, 0) - old.get(code, 0)) for code in {*fresh, *old}]
    return [list(each) for each in sorted((each for each in changes if each[1]), key=lambda each: (-abs(each[1]), each[0]))[:REASONS]]


def _events(told: Known, before: Sequence[Before], moved: Sequence[GradeMove], now: datetime) -> list[door.GradeChanged]:
    """Grades that changed are told; a first grade changes nothing."""
    key = "enterprise_id" if told.subjects.kind == rules.ENTERPRISE else "source_id"
    found = []
    for move in moved:
        if move.before is None or move.before == move.after:
            continue
        subject = getattr(move, key)
        row = told.subjects.rows[subject]
        found.append(
            door.GradeChanged(
                subject_id=subject,
                place_code=move.place_code,
                enterprise_id=move.enterprise_id,
                classification=Classification(told.classifications[row]),
                at=now,
                subject_kind=told.subjects.kind,
                title=told.names[row],
                before=move.before,
                after=move.after,
                score=f"{move.score:.1f}",
                reasons=tuple(code for code, part in move.reasons if (part > 0) == (move.after < move.before)),
            )
        )
    return found
