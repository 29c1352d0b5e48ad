"""Reads of the risk picture; every list that a person sees is scoped to what the person's post may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import prefix_of
from anlan.ledger.scope import visible
from anlan.warn.riskpicture import aggregating, door, indices, rules, versions
from anlan.warn.riskpicture.models import AreaGrade, Grade, GradeMove, IndexVersion, Run
from anlan.warn.riskpicture.rules import Index

VIEW = "riskpicture.view"


def grades(actor: Actor | None, kind: str = "") -> QuerySet[Grade]:
    """Grades that ``actor`` may see; all for ``None``."""
    rows = Grade.objects.filter(computed_at__isnull=False).select_related("enterprise", "source")
    rows = rows.filter(kind=kind) if kind else rows
    return rows if actor is None else visible(rows, actor, VIEW)


def lately_worse(actor: Actor, since: datetime) -> QuerySet[Grade]:
    """Enterprises whose grade got worse since a moment and still is, the last one first."""
    return grades(actor, rules.ENTERPRISE).filter(since__gte=since, before__gt=F("grade")).order_by("-since", "pk")


def counts(actor: Actor) -> dict[int, int]:
    """How many enterprises of each grade; grades without one are told as 0."""
    found = dict(grades(actor, rules.ENTERPRISE).order_by().values_list("grade").annotate(number=Count("pk")))
    return {grade: found.get(grade, 0) for grade in rules.GRADES}


def of_enterprise(enterprise_id: UUID, actor: Actor | None) -> Grade | None:
    """The grade of an enterprise, ``None`` before its first."""
    return grades(actor, rules.ENTERPRISE).filter(enterprise_id=enterprise_id).first()


def card(enterprise_id: UUID, actor: Actor) -> Grade:
    """The same for its page. Raises ``NotFound``."""
    found = of_enterprise(enterprise_id, actor)
    if found is None:
        raise NotFound(what=str(enterprise_id))
    return found


def one(grade_id: UUID, actor: Actor) -> Grade:
    """One grade by its id. Raises ``NotFound``."""
    found = grades(actor).filter(pk=grade_id).first()
    if found is None:
        raise NotFound(what=str(grade_id))
    return found


def of_sources(enterprise_id: UUID, actor: Actor | None) -> list[Grade]:
    """Grades of an enterprise's hazard sources, the worst first."""
    return list(grades(actor, rules.SOURCE).filter(enterprise_id=enterprise_id).order_by("grade", "-score", "pk"))


def moves_of(row: Grade) -> QuerySet[GradeMove]:
    """How a grade moved, newest first."""
    rows = GradeMove.objects.filter(kind=row.kind).order_by("-at", "-pk")
    return rows.filter(enterprise_id=row.enterprise_id) if row.kind == rules.ENTERPRISE else rows.filter(source_id=row.source_id)


def enterprise_moves(enterprise_id: UUID) -> QuerySet[GradeMove]:
    """How the grade of an enterprise moved, newest first."""
    return GradeMove.objects.filter(kind=rules.ENTERPRISE, enterprise_id=enterprise_id).order_by("-at", "-pk")


def area_moves(place_code: str) -> QuerySet[GradeMove]:
    """How the grade of an area moved, newest first."""
    return GradeMove.objects.filter(kind="area", place_code=place_code).order_by("-at", "-pk")


def area(place_code: str) -> AreaGrade | None:
    """The grade of an area by its code (6 digits, 9 of a township)."""
    return AreaGrade.objects.filter(pk=place_code).first()


def areas(level: str, within: str = "") -> QuerySet[AreaGrade]:
    """Areas of a level below a place (by the prefix of its code), the worst first."""
    rows = AreaGrade.objects.filter(level=level).order_by("grade", "-score", "place_code")
    return rows.filter(place_code__startswith=within) if within else rows


def _seen_prefixes(actor: Actor) -> list[str]:
    return [grant.place_prefix for grant in actor.scopes(VIEW) if grant.enterprise_id is None]


def seen_areas(actor: Actor, level: str, place_code: str = "") -> QuerySet[AreaGrade]:
    """Areas of a level that lie wholly within what ``actor`` may see of grades, the worst first: their numbers tell of no enterprise beyond."""
    within = Q(pk__in=[])
    for prefix in _seen_prefixes(actor):
        if len(prefix) <= aggregating.WIDTHS[level]:
            within |= Q(place_code__startswith=prefix)
    return areas(level, prefix_of(place_code) if place_code else "").filter(within)


def seen_levels(actor: Actor) -> list[str]:
    """Levels of which ``actor`` may see whole areas, the highest first."""
    widest = min((len(prefix) for prefix in _seen_prefixes(actor)), default=None)
    return [] if widest is None else [level for level, width in aggregating.WIDTHS.items() if width >= widest]


def latest_area_moves(codes: Collection[str], since: datetime) -> dict[str, GradeMove]:
    """The last move of each area before ``since``: what it stood at then."""
    rows = GradeMove.objects.filter(kind="area", place_code__in=list(codes), at__lte=since)
    return {row.place_code: row for row in rows.order_by("place_code", "-at", "-pk").distinct("place_code")}


def index_rows() -> QuerySet[IndexVersion]:
    """Index versions of the node, the live one first."""
    return IndexVersion.objects.order_by("-enacted_at", "-created_at")


def index_named(version: str) -> Index | None:
    """The index of a version by its name, ``None`` where it is not here any more."""
    row = IndexVersion.objects.filter(name=version).first()
    return None if row is None else indices.read(row.name, row.tables)


def live() -> IndexVersion | None:
    """The version in force."""
    return IndexVersion.objects.filter(state=versions.LIVE).first()


def worded(row: object, name: str) -> str:
    """A column that stands in two languages, in the reader's."""
    return str(getattr(row, f"{name}_en" if get_language() == "en" else f"{name}_zh"))


def factor_names(codes: Iterable[str]) -> str:
    """Names of factors by the live index, joined."""
    row = live()
    known = {} if row is None else {each.code: each for each in indices.read(row.name, row.tables).factors}
    return "、".join(worded(known[code], "name") for code in codes if code in known)


def summary(row: Grade) -> door.GradeSummary:
    """A grade as other rooms see it."""
    return door.GradeSummary(
        kind=row.kind,
        subject_id=cast("UUID", row.enterprise_id if row.kind == rules.ENTERPRISE else row.source_id),
        enterprise_id=row.enterprise_id,
        title=row.title,
        place_code=row.place_code,
        grade=row.grade,
        before=row.before,
        score=float(row.score),
        since=row.since,
        computed_at=cast("datetime", row.computed_at),
        assessed=row.assessed,
        vetoed=bool(row.vetoes),
        url=reverse("riskpicture:card", args=[row.enterprise_id]),
    )


def area_summary(row: AreaGrade) -> door.AreaSummary:
    """An area as other rooms see it."""
    return door.AreaSummary(
        row.place_code, row.level, row.grade, float(row.score), row.since, row.before, (row.red, row.orange, row.yellow, row.blue)
    )


def run(run_id: UUID) -> Run:
    """One long reckoning. Raises ``NotFound``."""
    found = Run.objects.select_related("index").filter(pk=run_id).first()
    if found is None:
        raise NotFound(what=str(run_id))
    return found


def running_regrade() -> Run | None:
    """The regrading of everybody that goes on, ``None`` without one."""
    return Run.objects.select_related("index").filter(kind=Run.REGRADE, state=Run.RUNNING).first()
