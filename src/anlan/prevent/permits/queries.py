"""Reads of special works: rule tables by day, permits as far as an actor may see them, conflicts, what goes on now, commitments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import get_language, gettext

from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.geo import Point
from anlan.ledger import sources
from anlan.ledger.models import AuditEntry
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.permits import commitment, conflicts, door, gas, grading, rules, validity
from anlan.prevent.permits.models import Commitment, ConflictAnswer, GasTest, OwnRule, Permit, Work

VIEW, VIEW_COMMITMENT = "permits.view", "commitments.view"
_DATA = Path(__file__).parent / "data"
R = TypeVar("R", bound=sources.DatedRule)

# --- rule tables by day ----------------------------------------------------------------------------------------------------------


@cache
def _table(name: str, row_type: type[R]) -> tuple[R, ...]:
    return sources.load_rules(_DATA / f"{name}.csv", row_type)


def _in_force(name: str, row_type: type[R], on: datetime) -> tuple[R, ...]:
    return sources.in_force(_table(name, row_type), law_day(on))


def grades(on: datetime) -> tuple[rules.Grade, ...]:
    """The 15 grades in force."""
    return _in_force("grades", rules.Grade, on)


@cache
def grade(code: str) -> rules.Grade:
    """One grade by its code, of any day. Raises ``NotFound``."""
    for row in _table("grades", rules.Grade):
        if row.code == code:
            return row
    raise NotFound(what=code)


def measures(kind: str, on: datetime) -> tuple[rules.Measure, ...]:
    """The lines of a kind's form."""
    return tuple(row for row in _in_force("measures", rules.Measure, on) if row.kind == kind)


def toxic_limits(on: datetime) -> tuple[gas.ToxicLimit, ...]:
    """Limits of toxic gases in force."""
    return _in_force("toxic_limits", gas.ToxicLimit, on)


def parameter(code: str, on: datetime) -> int:
    """A figure in force on the day of ``on``. Raises ``NotFound``."""
    for row in _in_force("parameters", rules.Parameter, on):
        if row.code == code:
            return row.value
    raise NotFound(what=code)


def parameter_row(code: str) -> rules.Parameter:
    """The row of a figure, for its status and words. Raises ``NotFound``."""
    for row in _table("parameters", rules.Parameter):
        if row.code == code:
            return row
    raise NotFound(what=code)


def calendar(on: datetime) -> grading.Calendar:
    """Nights, holidays and rest days as they count."""
    return grading.Calendar(parameter("night_from", on), parameter("night_to", on), _table("rest_days", rules.RestDay))


def law(on: datetime) -> validity.Law:
    """Every row that judges a permit, words in the language of the request."""
    say = {text: gettext(text) for text in (*gas.QUANTITIES.values(), *grading.REASONS.values())}
    return validity.Law(
        grades=grades(on),
        upgrades=_in_force("upgrades", grading.Upgrade, on),
        limits=_in_force("gas_limits", gas.GasLimit, on),
        calendar=calendar(on),
        say=say,
    )


def pairs(on: datetime) -> tuple[conflicts.Pair, ...]:
    """Pairs of kinds that endanger each other."""
    return _in_force("conflicts", conflicts.Pair, on)


def commitment_fields() -> tuple[commitment.CommitmentField, ...]:
    """Fields of the daily commitment, in order."""
    return _table("commitment_fields", commitment.CommitmentField)


def due_at(place_code: str, day: date) -> datetime:
    """Until when the commitment of a day is to be public at a place. Raises ``NotFound`` where no row holds."""
    row = commitment.cutoff(sources.in_force(_table("cutoffs", commitment.Cutoff), day), place_code)
    if row is None:
        raise NotFound(what=f"{place_code} {day}")
    return commitment.due_at(row, day)


def own_hours(enterprise_id: UUID, kind: str) -> int | None:
    """The enterprise's own limit of hours for a kind."""
    return OwnRule.objects.filter(enterprise_id=enterprise_id, kind=kind).values_list("hours", flat=True).first()


def worded(row: object, name: str = "name") -> str:
    """The words of a rule row in the language of the request: ``name_zh`` or ``name_en``."""
    english = str(getattr(row, f"{name}_en", "") or "")
    return english if get_language() == "en" and english else str(getattr(row, f"{name}_zh"))


# --- permits ---------------------------------------------------------------------------------------------------------------------


def permits(actor: Actor | None) -> QuerySet[Permit]:
    """Permits that ``actor`` may see (``None``: all, for processes)."""
    rows = Permit.objects.select_related("enterprise", "work")
    return rows if actor is None else visible(rows, actor, VIEW)


def permit(permit_id: UUID | str, actor: Actor | None) -> Permit:
    """One permit. Raises ``NotFound``."""
    found = permits(actor).filter(pk=permit_id).first()
    if found is None:
        raise NotFound(what=str(permit_id))
    return found


def of_work(work_id: UUID) -> list[Permit]:
    """The permits of one work, in the order of the forms."""
    order = list(rules.KINDS)
    return sorted(Permit.objects.filter(work_id=work_id), key=lambda row: order.index(row.kind))


_ORDER = Case(
    *(When(state=state, then=Value(at)) for at, state in enumerate((rules.WORKING, rules.PAUSED, rules.APPROVED, rules.ANALYSED))),
    default=Value(9),
    output_field=IntegerField(),
)


def day_bounds(now: datetime) -> tuple[datetime, datetime]:
    """The first moment of this day in China, and of the next."""
    start = now.astimezone(rules.CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def of_today(enterprise_id: UUID, actor: Actor | None, now: datetime) -> QuerySet[Permit]:
    """Permits of an enterprise that are open or touch this day, what is going on first."""
    start, end = day_bounds(now)
    touching = Q(valid_from__lt=end, valid_until__gt=start)
    rows = permits(actor).filter(enterprise_id=enterprise_id).filter(touching | Q(closed_at__isnull=True))
    return rows.order_by(_ORDER, "valid_from", "id")


def analysis(work: Work) -> grading.Analysis:
    """What was filled in of a work, as the rules take it."""
    known = {each.name for each in fields(grading.Analysis)}
    values = {name: value for name, value in work.facts.items() if name in known}
    values["kinds"] = frozenset(values.get("kinds", ()))
    return grading.Analysis(**values)


def reading(row: GasTest) -> gas.Reading:
    """One stored sample as the rules take it."""
    toxics = tuple(gas.Toxic(str(name), float(value), float(limit)) for name, value, limit in row.toxics)
    return gas.Reading(row.sampled_at, row.combustible, row.lel, row.oxygen, row.rich, toxics)


def standing(row: Permit) -> validity.Standing:
    """A stored permit with its samples as the rules judge it."""
    return validity.Standing(
        number=row.number,
        row=grade(row.grade_code),
        state=row.state,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        applied=tuple(row.upgrade_reasons),
        started_at=row.started_at,
        paused_at=row.paused_at,
        pause_kind=row.pause_kind,
        readings=tuple(reading(each) for each in row.gas_tests.all()),
    )


# --- conflicts -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConflictRow:
    """One conflict of a permit: with which other, why, how far, and how it is answered (``None``: not yet)."""

    permit: Permit
    other: Permit
    pair: conflicts.Pair
    metres: float | None
    answer: ConflictAnswer | None


def site(row: Permit) -> conflicts.Site:
    """Where and when a permit is worked under."""
    point = Point(row.longitude, row.latitude) if row.longitude is not None and row.latitude is not None else None
    return conflicts.Site(row.pk, row.kind, row.valid_from, row.valid_until, point, row.location_key, row.opens_vessel)


def conflicts_of(row: Permit, now: datetime) -> list[ConflictRow]:
    """Conflicts of one permit with others of its enterprise that are open and not over, the nearest first."""
    if row.state not in (*rules.BEFORE_APPROVAL, *rules.LIVE_STATES):
        return []
    others = _side_by_side(permits(None).filter(enterprise_id=row.enterprise_id), now).exclude(pk=row.pk)
    return _answered(row, list(others), now)


def _side_by_side(rows: QuerySet[Permit], now: datetime) -> QuerySet[Permit]:
    return rows.filter(state__in=(*rules.BEFORE_APPROVAL, *rules.LIVE_STATES), valid_until__gt=now)


def _answered(row: Permit, others: list[Permit], now: datetime) -> list[ConflictRow]:
    return _with_answers(_clashes(row, others, now))


def _clashes(row: Permit, others: list[Permit], now: datetime) -> list[ConflictRow]:
    by_id = {other.pk: other for other in others}
    found = conflicts.among(site(row), (site(other) for other in others), pairs(now), metres=parameter("nearby_metres", now))
    return [ConflictRow(row, by_id[each.other], each.pair, each.metres, None) for each in found]


def _with_answers(rows: list[ConflictRow]) -> list[ConflictRow]:
    """The conflicts with what was answered to each, read with one question."""
    if not rows:
        return []
    named = {permit.pk for row in rows for permit in (row.permit, row.other)}
    given = ConflictAnswer.objects.filter(permit_id__in=named, other_id__in=named)
    answers = {(frozenset((each.permit_id, each.other_id)), each.pair): each for each in given}  # type: ignore[attr-defined]
    return [replace(row, answer=answers.get((frozenset((row.permit.pk, row.other.pk)), row.pair.code))) for row in rows]


def live_conflicts(
    actor: Actor | None, now: datetime, *, within: Collection[UUID] | None = None, limit: int | None = 200
) -> list[ConflictRow]:
    """Every conflict between permits that ``actor`` may see (of the enterprises ``within``), each pair and reason once, those not answered
    first; looks at the newest 2,000 permits. Whatever tells of conflicts asks here, so that all of it tells the same."""
    open_ones = permits(actor) if within is None else permits(actor).filter(enterprise_id__in=within)
    by_enterprise: dict[UUID, list[Permit]] = {}
    for row in _side_by_side(open_ones, now).order_by("-valid_from")[:2000]:
        by_enterprise.setdefault(row.enterprise_id, []).append(row)
    found = _with_answers([each for rows in by_enterprise.values() for each in _pairwise(rows, now)])
    return sorted(found, key=lambda each: (each.answer is not None, each.metres or 0.0, str(each.permit.pk)))[:limit]


def _pairwise(rows: list[Permit], now: datetime) -> list[ConflictRow]:
    return [each for at, row in enumerate(rows) if (rest := rows[at + 1 :]) for each in _clashes(row, rest, now)]


def in_conflict(found: Iterable[ConflictRow]) -> dict[UUID, bool]:
    """The permits of some conflicts by id; true where every conflict of the permit is answered."""
    answered: dict[UUID, bool] = {}
    for each in found:
        for permit in (each.permit, each.other):
            answered[permit.pk] = answered.get(permit.pk, True) and each.answer is not None
    return answered


# --- words and summaries ---------------------------------------------------------------------------------------------------------


def address(permit_id: UUID) -> str:
    """The page of a permit."""
    return reverse("permits:detail", args=[permit_id])


def tone(row: Permit) -> str:
    """Red where time ran out over a work that goes on, else by state."""
    return "red" if row.overrun else rules.STATE_TONES[row.state]


def summary(row: Permit) -> door.PermitSummary:
    """A permit as other rooms see it."""
    return door.PermitSummary(
        id=row.pk,
        number=row.number,
        title=row.title,
        kind=row.kind,
        kind_label=gettext(rules.KINDS[row.kind]),
        grade_label=worded(grade(row.grade_code)),
        enterprise_id=row.enterprise_id,
        place_code=row.place_code,
        location=row.location,
        state=row.state,
        state_label=row.get_state_label(),
        tone=tone(row),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        supervisor_name=row.supervisor_name,
        longitude=row.longitude,
        latitude=row.latitude,
        overrun=row.overrun,
        url=address(row.pk),
    )


def changes_since(row: Permit, version: int) -> list[str]:
    """Who changed the permit after the version somebody read, newest first."""
    entries = AuditEntry.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk)).order_by("-sequence")
    return [f"{entry.actor_name} {entry.at.astimezone(rules.CHINA):%H:%M}" for entry in entries[: max(0, row.version - version)]]


# --- commitments -----------------------------------------------------------------------------------------------------------------


def commitments(actor: Actor | None) -> QuerySet[Commitment]:
    """Commitments that ``actor`` may see."""
    rows = Commitment.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW_COMMITMENT)


def commitment_of(commitment_id: UUID | str, actor: Actor | None) -> Commitment:
    """One commitment. Raises ``NotFound``."""
    found = commitments(actor).filter(pk=commitment_id).first()
    if found is None:
        raise NotFound(what=str(commitment_id))
    return found


def live_counts(enterprise_id: UUID, now: datetime) -> dict[str, int]:
    """Permits that give leave to work now, by field of the commitment; exercises left out."""
    rows = Permit.objects.filter(enterprise_id=enterprise_id, state__in=rules.LIVE_STATES, exercise=False, valid_until__gt=now)
    return dict(Counter(commitment.permit_code(row.kind, grade(row.grade_code).grade) for row in rows.only("kind", "grade_code")))


def planned_counts(enterprise_id: UUID, now: datetime) -> dict[str, int]:
    """Permits that live now or are asked for this day: what the form of the commitment offers first."""
    _start, end = day_bounds(now)
    states = (*rules.BEFORE_APPROVAL, *rules.LIVE_STATES)
    rows = Permit.objects.filter(enterprise_id=enterprise_id, state__in=states, exercise=False, valid_until__gt=now, valid_from__lt=end)
    return dict(Counter(commitment.permit_code(row.kind, grade(row.grade_code).grade) for row in rows.only("kind", "grade_code")))


def published(enterprise_id: UUID, day: date) -> door.PublishedCommitment | None:
    """The commitment of a day as everybody may read it."""
    row = Commitment.objects.filter(enterprise_id=enterprise_id, day=day, state=Commitment.GIVEN).first()
    if row is None or row.given_at is None or row.risk_grade is None:
        return None
    counts = {code: int(row.values.get(code) or 0) for code in commitment.PERMIT_COUNTS}
    return door.PublishedCommitment(row.enterprise_id, row.day, row.given_at, row.given_by_name, row.risk_grade, row.statement, counts)


def difference_words(rows: list[commitment.Difference] | tuple[commitment.Difference, ...]) -> str:
    """Contradictions in one line."""
    rows_by_code = {row.code: row for row in commitment_fields()}
    parts = []
    for each in rows:
        row = rows_by_code.get(each.code)
        label = worded(row) if row is not None and each.code in commitment.PERMIT_COUNTS else gettext(each.label)
        parts.append(
            gettext("%(label)s：承诺 %(committed)s，实际 %(known)s") % {"label": label, "committed": each.committed, "known": each.known}
        )
    return "；".join(parts)


def colleagues(enterprise_id: UUID) -> list[tuple[UUID, str]]:
    """Accounts that hold a post of the enterprise: among whom a supervisor is named."""
    kinds = ("enterprise_operator", "enterprise_shift_leader", "enterprise_manager", "enterprise_principal")
    found = {holder.account_id: holder.name for kind in kinds for holder in people.holders_in_enterprise(kind, enterprise_id)}
    return sorted(found.items(), key=lambda pair: pair[1])


@dataclass(frozen=True)
class DayCount:
    """Commitments of a county (six digits) or of a day: owed in all, given, late or not at all, contradicted, with high or larger risk."""

    key: str
    owed: int
    given: int
    missed: int
    contradicted: int
    high: int

    @property
    def share(self) -> int:
        """Per cent given."""
        return round(100 * self.given / self.owed) if self.owed else 0


_COUNTS = {
    "owed": Count("pk"),
    "given": Count("pk", filter=Q(state=Commitment.GIVEN)),
    "missed_": Count("pk", filter=Q(missed=True)),
    "contradicted_": Count("pk", filter=Q(contradicted=True)),
    "high": Count("pk", filter=Q(risk_grade__lte=2)),
}


def _day_count(key: str, row: dict[str, Any]) -> DayCount:
    return DayCount(key, row["owed"], row["given"], row["missed_"], row["contradicted_"], row["high"])


def commitment_counts(actor: Actor, day: date) -> list[DayCount]:
    """Commitments of one day by county, the most that were missed first."""
    rows = visible(Commitment.objects.filter(day=day), actor, VIEW_COMMITMENT).order_by()
    counted = rows.annotate(county=Left("place_code", 6)).values("county").annotate(**_COUNTS)
    found = [_day_count(row["county"], row) for row in counted]
    return sorted(found, key=lambda row: (row.given - row.owed, -row.contradicted, row.key))


def commitment_week(actor: Actor, last: date) -> list[DayCount]:
    """Commitments of the seven days that end with ``last``, the newest first; ``key`` is the day."""
    first = last - timedelta(days=6)
    rows = visible(Commitment.objects.filter(day__gte=first, day__lte=last), actor, VIEW_COMMITMENT).order_by()
    counted = {row["day"]: row for row in rows.values("day").annotate(**_COUNTS)}
    return [_day_count(day.isoformat(), counted[day]) for day in sorted(counted, reverse=True)]
