"""Grades of areas, kept beside those of enterprises: the few areas above what moved, or all of them after an index change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, cast

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Left

from anlan.kernel.levels import NATION
from anlan.ledger import events
from anlan.ledger.copying import copy_in
from anlan.warn.riskpicture import aggregating, door, rules
from anlan.warn.riskpicture.models import AreaGrade, Grade, GradeMove
from anlan.warn.riskpicture.rules import Index

LOCK = 0x5249534B
"""Advisory lock (RISK): one at a time writes grades of areas."""
_COLOURS = tuple(rules.TONES.values())


def above(place_codes: Iterable[str]) -> dict[str, set[str]]:
    """Areas that hold these places, by level: ``{"county": {"370102"}}``; codes are padded to six digits, townships have nine."""
    found: dict[str, set[str]] = {level: set() for level in aggregating.WIDTHS}
    for code in place_codes:
        found["nation"].add(NATION)
        found["province"].add(code[:2].ljust(6, "0"))
        if code[2:4] != "00":
            found["city"].add(code[:4].ljust(6, "0"))
        if code[4:6] != "00":
            found["county"].add(code[:6])
        if len(code) == 9:
            found["township"].add(code)
    return found


def refresh(index: Index, place_codes: Collection[str], *, now: datetime, cause: str = GradeMove.EVENT) -> int:
    """Grade the areas above these places anew; how many."""
    if not place_codes:
        return 0
    wanted = above(place_codes)
    return sum(_level(index, level, wanted[level], now, cause) for level in ("township", "county", "city", "province", "nation"))


def refresh_all(index: Index, *, now: datetime, cause: str) -> int:
    """Grade every area anew; areas that hold no enterprise any more go."""
    places = set(Grade.objects.filter(kind=rules.ENTERPRISE).order_by().values_list("place_code", flat=True).distinct())
    wanted = above(places)
    AreaGrade.objects.exclude(place_code__in=set().union(*wanted.values())).delete()
    return sum(_level(index, level, codes, now, cause) for level, codes in wanted.items())


@transaction.atomic
def _level(index: Index, level: str, codes: Collection[str], now: datetime, cause: str) -> int:
    if not codes:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    tallies = _tallies(index, level, codes)
    before = {row.place_code: row for row in AreaGrade.objects.filter(place_code__in=list(codes))}
    AreaGrade.objects.filter(place_code__in=[code for code in codes if code not in tallies]).delete()
    order = sorted(tallies)
    score = aggregating.scores(
        index, level, np.array([tallies[code].worst for code in order], dtype=np.int64), np.array([tallies[code].load for code in order])
    )
    previous = np.array([before[code].grade if code in before else 0 for code in order], dtype=np.int64)
    grade = aggregating.grades(index, score, previous)
    rows, moves = [], []
    for code, points, fresh in zip(order, score.tolist(), grade.tolist(), strict=True):
        was, tally = before.get(code), tallies[code]
        moved = was is None or was.grade != fresh
        rows.append(
            AreaGrade(
                place_code=code,
                level=level,
                grade=fresh,
                score=points / rules.TENTHS,
                since=now if was is None or moved else was.since,
                before=was.grade if was is not None and moved else was.before if was is not None else None,
                load=tally.load,
                worst=tally.worst / rules.TENTHS,
                index_version=index.version,
                computed_at=now,
                **dict(zip(_COLOURS, tally.counts, strict=True)),
            )
        )
        if was is None or moved or abs(points - round(was.score * rules.TENTHS)) >= round(index.parameter("note_points") * rules.TENTHS):
            moves.append(_move(code, was, fresh, points, now, cause, index.version))
    names = [field.name for field in AreaGrade._meta.concrete_fields if not field.primary_key]
    AreaGrade.objects.bulk_create(rows, update_conflicts=True, unique_fields=["place_code"], update_fields=names, batch_size=2000)
    copy_in(moves)
    if cause != GradeMove.INDEX:
        events.announce_all([_event(level, move, tallies[move.place_code]) for move in moves if move.before not in (None, move.after)])
    return len(rows)


def _move(code: str, was: AreaGrade | None, grade: int, points: int, now: datetime, cause: str, version: str) -> GradeMove:
    return GradeMove(
        kind="area",
        place_code=code,
        at=now,
        before=None if was is None else was.grade,
        after=grade,
        score=points / rules.TENTHS,
        cause=cause,
        index_version=version,
    )


def _event(level: str, move: GradeMove, tally: aggregating.Tally) -> door.AreaGradeChanged:
    return door.AreaGradeChanged(
        subject_id=move.pk,
        place_code=move.place_code,
        at=move.at,
        level=level,
        before=cast("int", move.before),
        after=move.after,
        score=f"{move.score:.1f}",
        counts=tally.counts,
    )


def _tallies(index: Index, level: str, codes: Collection[str]) -> dict[str, aggregating.Tally]:
    """Sums of enterprises by area. The nation is summed from its provinces, so that one alarm does not read every enterprise of the land."""
    if level == "nation":
        whole = aggregating.empty()
        for row in AreaGrade.objects.filter(level="province"):
            counts = (row.red, row.orange, row.yellow, row.blue)
            whole = aggregating.together(whole, aggregating.Tally(counts, row.load, round(row.worst * rules.TENTHS)))
        return {NATION: whole}
    width = aggregating.WIDTHS[level]
    rows: QuerySet[Any] = Grade.objects.filter(kind=rules.ENTERPRISE).order_by()
    if len(codes) <= FEW:
        asked = Q()
        for code in codes:
            asked |= Q(place_code__startswith=code[:width])
        rows = rows.filter(asked)
    sums = {f"n{grade}": Count("pk", filter=Q(grade=grade)) for grade in rules.GRADES}
    weights = {f"w{grade}": Sum("weight", filter=Q(grade=grade), default=0.0) for grade in rules.GRADES}
    found = rows.annotate(area=Left("place_code", width)).values("area").annotate(worst=Max("score"), **sums, **weights)
    loads = {row.grade: row.load for row in index.loads}
    tallies = {}
    for row in found:
        code = row["area"].ljust(6, "0")
        if code in codes:
            load = sum(loads[grade] * row[f"w{grade}"] for grade in rules.GRADES)
            counts = (row["n1"], row["n2"], row["n3"], row["n4"])
            tallies[code] = aggregating.Tally(counts, load, round(row["worst"] * rules.TENTHS))
    return tallies


FEW = 200
"""Areas asked for by their prefix each; beyond that all are summed in one reading."""
