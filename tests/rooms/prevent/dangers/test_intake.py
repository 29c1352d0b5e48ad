"""Rows of another system's list: in which state they stand, what they lack, and that a bad one spoils none beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Invalid
from anlan.prevent.dangers import criteria, intake, refusals, rules

FOUND_AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
ORDER = {"grade": rules.GENERAL, "order_text": "上锁", "order_basis": "安全生产法第三十六条", "deadline": FOUND_AT + 10 * DAY}
REMOVAL = {
    "outcome": "已上锁",
    "rectified_at": FOUND_AT + 3 * DAY,
    "rectified_by_name": "王强",
    "verdict": "合格",
    "verified_by_name": "李明",
    "closed_at": FOUND_AT + 4 * DAY,
}


def row(**values: object) -> dict[str, object]:
    return {"found_at": FOUND_AT} | values


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, rules.FOUND),
        ({"grade": rules.GENERAL}, rules.GRADED),
        (ORDER, rules.ORDERED),
        (ORDER | REMOVAL, rules.CLOSED),
        ({"grade": rules.GENERAL} | REMOVAL, rules.CLOSED),
    ],
)
def test_a_row_stands_where_its_columns_say(values, state):
    assert intake.state_of(row(**values)) == state


@pytest.mark.parametrize("missing", ["order_text", "order_basis", "deadline", "grade"])
def test_an_order_that_is_told_in_part_is_refused_at_the_column_that_is_missing(missing):
    with pytest.raises(Invalid) as refused:
        intake.state_of(row(**{name: value for name, value in ORDER.items() if name != missing}))
    assert set(refused.value.fields) == {missing}
    assert isinstance(refused.value.fields[missing], refusals.NeededWhenOrdered)


@pytest.mark.parametrize("missing", [*(name for name in REMOVAL if name != "closed_at"), "grade"])
def test_a_closed_one_tells_who_removed_and_who_accepted_it(missing):
    told = {"grade": rules.GENERAL} | REMOVAL
    with pytest.raises(Invalid) as refused:
        intake.state_of(row(**{name: value for name, value in told.items() if name != missing}))
    assert set(refused.value.fields) == {missing}


def test_a_removal_that_was_not_closed_is_told_here_with_a_picture_instead():
    with pytest.raises(Invalid) as refused:
        intake.state_of(row(**ORDER, outcome="已上锁"))
    assert isinstance(refused.value.fields["outcome"], refusals.RemovedNotClosed)


def test_nobody_accepts_what_he_removed_in_a_list_either():
    with pytest.raises(Invalid) as refused:
        intake.check_people(REMOVAL | {"verified_by_name": "王强"})
    assert isinstance(refused.value.fields["verified_by_name"], refusals.SameHand)
    intake.check_people(REMOVAL)


@given(st.lists(st.integers(-400, 400), min_size=3, max_size=3))
def test_times_hold_exactly_when_they_follow_each_other_and_none_is_to_come(days):
    found, removed, closed = (FOUND_AT + each * DAY for each in days)
    good = found <= removed <= closed <= NOW
    try:
        intake.check_times({"found_at": found, "rectified_at": removed, "closed_at": closed}, NOW)
    except Invalid:
        assert not good
    else:
        assert good


def test_an_item_is_named_by_code_article_or_wording():
    item = criteria.Criterion(
        code="x-1", list="x", item="1", article="第一条", group_zh="", text_zh="未设紧急切断", text_en="", complete=True,
        source="", status="verified", effective_from=None, effective_to=None,
    )  # fmt: skip
    judged_by = criteria.Offered((), (item,))
    assert {intake.criterion_of(text, judged_by) for text in ("x-1", "第一条", "未设紧急切断")} == {"x-1"}
    assert intake.criterion_of("别的", judged_by) == "别的"
    with pytest.raises(Invalid):
        intake.check_grade({"grade": rules.MAJOR, "criterion": "别的"}, judged_by, day=date(2026, 6, 1), known=(item,))
    intake.check_grade({"grade": rules.MAJOR, "criterion": "x-1"}, judged_by, day=date(2026, 6, 1), known=(item,))
