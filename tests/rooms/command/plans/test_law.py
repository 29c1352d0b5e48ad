"""The law of plans by its tables: terms, drills, reviews, what is owed and when; without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.plans import law
from anlan.kernel import workdays

DAY = date(2026, 11, 26)


def standing(subject: str = "chemical", plan_type: str = "special", **more: object) -> law.Standing:
    values = {"issued_on": date(2026, 1, 5), "submitted_on": None, "records": ()} | more
    return law.Standing(plan_type=plan_type, subject=law.subject(subject, DAY), **values)  # type: ignore[arg-type]


def test_twenty_working_days_to_file_step_over_the_spring_festival() -> None:
    # 2026: the festival is 15 to 23 February, with the weekends of 14 and 28 February worked.
    assert law.file_by(date(2026, 2, 6)) == date(2026, 3, 12)
    assert law.check_by(date(2026, 11, 26)) == date(2026, 12, 3)


@given(st.dates(date(2024, 1, 1), date(2026, 11, 1)), st.integers(1, 30))
def test_a_term_of_working_days_ends_on_a_working_day_and_holds_exactly_so_many(day: date, count: int) -> None:
    end = law.working_days_after(day, count)
    between = [date.fromordinal(n) for n in range(day.toordinal() + 1, end.toordinal() + 1)]
    assert sum(not workdays.day_of(each).off for each in between) == count
    assert not workdays.day_of(end).off


def test_a_month_later_is_never_in_the_month_after() -> None:
    assert law.months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert law.months_after(date(2024, 2, 29), 36) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("subject", "plan_type", "months"),
    [("bureau", "special", 24), ("chemical", "special", 6), ("other", "special", 12), ("other", "site", 6), ("medium", "general", 12)],
)
def test_how_often_a_plan_is_drilled_depends_on_whose_it_is(subject: str, plan_type: str, months: int) -> None:
    due = {duty.code: duty.due for duty in law.owed(standing(subject, plan_type), DAY)}
    assert due["drill"] == law.months_after(date(2026, 1, 5), months)


def test_who_must_have_his_plans_reviewed_is_read_from_the_table() -> None:
    must = {row.code for row in law.subjects(DAY) if row.review}
    assert must == {"mine", "metal", "chemical", "chemical_use", "fireworks", "medium"}
    assert law.subject("", DAY).kind == law.BUREAU


def test_two_thirds_of_the_experts_carry_a_review() -> None:
    assert law.review_passes(2, 3, DAY)
    assert not law.review_passes(3, 5, DAY)
    assert law.review_passes(4, 6, DAY)
    assert not law.review_passes(0, 0, DAY)


def test_what_is_owed_moves_on_with_what_is_recorded() -> None:
    fresh = {duty.code: duty for duty in law.owed(standing(), DAY)}
    assert set(fresh) == {"file", "drill", "evaluate"}
    assert fresh["drill"].overdue(DAY)
    assert not fresh["evaluate"].overdue(DAY)
    later = standing(submitted_on=date(2026, 1, 20), records=((law.DRILL, date(2026, 10, 8)), (law.REVISION, date(2026, 11, 1))))
    assert [(duty.code, duty.due) for duty in law.owed(later, DAY)] == [
        ("revise", date(2026, 11, 1)),
        ("drill", date(2027, 4, 8)),
        ("evaluate", date(2029, 1, 5)),
    ]
    assert all("条" in duty.source for duty in law.owed(later, DAY))
