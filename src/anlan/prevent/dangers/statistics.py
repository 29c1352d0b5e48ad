"""Counts of hidden dangers: by region, and the table of an enterprise for a quarter or a year."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Left

from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import judging, queries, rules
from anlan.prevent.dangers.models import Danger
from anlan.prevent.dangers.periods import Period

DIGITS = {"province": 2, "city": 4, "county": 6}
_ACTUAL = Q(exercise=False)


@dataclass(frozen=True)
class Region:
    """Open dangers of one region: ``key`` its place code (6 digits)."""

    key: str
    open: int
    general: int
    major: int
    ungraded: int
    overdue: int
    listed: int


def regions(actor: Actor, by: str = "county", place_code: str = "") -> tuple[Region, ...]:
    """Open dangers by province, city or county, worst first (most overdue, then most major). Read from one narrow index."""
    rows = visible(Danger.objects.filter(_ACTUAL, closed_at__isnull=True), actor, queries.VIEW)
    if place_code:
        rows = rows.filter(place_code__startswith=prefix_of(place_code))
    width = DIGITS[by]
    counted = (
        rows.order_by()
        .annotate(region=Left("place_code", width))
        .values("region")
        .annotate(
            # Counted by a column of that index, so that no row is read.
            open=Count("place_code"),
            general=Count("place_code", filter=Q(grade=rules.GENERAL)),
            major=Count("place_code", filter=Q(grade=rules.MAJOR)),
            ungraded=Count("place_code", filter=Q(grade=rules.UNGRADED)),
            overdue=Count("place_code", filter=Q(overdue=True)),
            listed=Count("place_code", filter=Q(listed_level__isnull=False)),
        )
    )
    found = [Region(row.pop("region").ljust(6, "0"), **row) for row in counted]
    return tuple(sorted(found, key=lambda row: (-row.overdue, -row.major, -row.open, row.key)))


@dataclass(frozen=True)
class GradeLine:
    """One line of the table: dangers of one grade in a period. ``rate``: closed of those that were to be removed, per cent."""

    grade: str
    carried: int
    found: int
    closed: int
    left: int
    overdue: int
    repeated: int
    funds_yuan: str
    rate: float | None


@dataclass(frozen=True)
class MajorLine:
    """One major danger of the period, by name."""

    danger_id: str
    title: str
    location: str
    criterion: str
    found_at: str
    deadline: str
    state: str
    closed_at: str


@dataclass(frozen=True)
class Table:
    """The table of art. 14 for one enterprise and period."""

    lines: tuple[GradeLine, ...]
    majors: tuple[MajorLine, ...]

    def as_json(self) -> dict[str, object]:
        """Plain values, as kept with the signature."""
        return asdict(self)


def counted_in(period: Period) -> QuerySet[Danger]:
    """Dangers that belong to a period: found before its end and not closed before its beginning; cancelled ones and exercises do not."""
    rows = Danger.objects.filter(_ACTUAL, found_at__lt=period.ends).exclude(state=rules.CANCELLED)
    return rows.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=period.begins))


def table(enterprise_id: UUID, period: Period) -> Table:
    """The figures of an enterprise for a period. What is not graded yet stands in a line of its own: nothing is left out."""
    rows = counted_in(period).filter(enterprise_id=enterprise_id)
    new, done = Q(found_at__gte=period.begins), Q(closed_at__lt=period.ends)
    counted = {
        row["grade"]: row
        for row in rows.order_by()
        .values("grade")
        .annotate(
            number=Count("*"),
            found=Count("place_code", filter=new),
            closed=Count("place_code", filter=done),
            late=Count("place_code", filter=Q(was_overdue=True)),
            again=Count("place_code", filter=Q(repeated=True) & new),
            funds=Sum("funds_yuan"),
        )
    }
    lines = []
    for grade in (rules.GENERAL, rules.MAJOR, rules.UNGRADED):
        row = counted.get(grade)
        if row is None and grade == rules.UNGRADED:
            continue
        number, found, closed = (row["number"], row["found"], row["closed"]) if row else (0, 0, 0)
        lines.append(
            GradeLine(
                grade=grade,
                carried=number - found,
                found=found,
                closed=closed,
                left=number - closed,
                overdue=row["late"] if row else 0,
                repeated=row["again"] if row else 0,
                funds_yuan=str(row["funds"] or 0) if row else "0",
                rate=round(100 * closed / number, 1) if number else None,
            )
        )
    return Table(tuple(lines), tuple(_major(row) for row in rows.filter(grade=rules.MAJOR).order_by("found_at", "id")))


def _major(row: Danger) -> MajorLine:
    item = judging.item(row.criterion, row.found_at) if row.criterion else None
    return MajorLine(
        danger_id=str(row.pk),
        title=row.title,
        location=row.location,
        criterion=f"{item.article} {item.text_zh}" if item is not None else row.grade_reason,
        found_at=law_day(row.found_at).isoformat(),
        deadline=law_day(row.deadline).isoformat() if row.deadline else "",
        state=row.state,
        closed_at=law_day(row.closed_at).isoformat() if row.closed_at else "",
    )
