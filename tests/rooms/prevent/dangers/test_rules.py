"""The law of hidden dangers: flow, grades by the criteria of the day, deadlines, escalation, rewards, periods, what may be published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import NotFound
from anlan.kernel.flow import FourEyes, MissingFields, ReasonRequired, WrongState
from anlan.ledger.sources import in_force, load_rules
from anlan.prevent.dangers import criteria, escalation, periods, publication, refusals, rewarding, rules

DATA = Path(rules.__file__).parent / "data"
LISTS = load_rules(DATA / "criteria_lists.csv", criteria.CriteriaList)
CRITERIA = load_rules(DATA / "criteria.csv", criteria.Criterion)
CLOCKS = load_rules(DATA / "clocks.csv", rules.ClockRow)
PARAMETERS = load_rules(DATA / "parameters.csv", rules.Parameter)
STEPS = load_rules(DATA / "escalation.csv", escalation.EscalationStep)
PERIODS = load_rules(DATA / "period_reports.csv", periods.PeriodRow)
REWARDS = load_rules(DATA / "rewards.csv", rewarding.RewardRow)
NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
ME, OTHER = uuid4(), uuid4()


def offered(sector: str, day: date) -> criteria.Offered:
    return criteria.offered(LISTS, CRITERIA, sector=sector, day=day)


def judge(grade: str, criterion: str = "", reason: str = "", *, sector: str = "coal", day: date = date(2026, 7, 1)) -> None:
    criteria.check_grade(grade, criterion, reason, offered(sector, day), day=day, known=CRITERIA)


# --- flow


def test_the_flow_table_is_sound_and_every_permission_and_clock_it_names_exists():
    assert rules.FLOW.problems() == []
    moves = (*rules.FLOW.moves, *rules.FLOW.acts)
    assert {move.action for move in moves} <= set(rules.ACTIONS)
    known = {row.code for row in CLOCKS}
    assert {code for move in moves for code in (*move.starts, *move.stops)} <= known


def test_nobody_verifies_what_he_removed_and_nobody_cancels_what_he_found():
    filled = {"verdict": "合格"}
    with pytest.raises(FourEyes):
        rules.FLOW.check("verify", rules.RECTIFIED, filled, ME, {"rectified_by_id": ME})
    assert rules.FLOW.check("verify", rules.RECTIFIED, filled, OTHER, {"rectified_by_id": ME}).target == rules.VERIFIED
    with pytest.raises(FourEyes):
        rules.FLOW.check("send_back", rules.RECTIFIED, {}, ME, {"rectified_by_id": ME}, "未拆除")
    with pytest.raises(FourEyes):
        rules.FLOW.check("cancel", rules.FOUND, {}, ME, {"found_by_id": ME}, "看错了")


def test_sending_back_and_cancelling_say_why():
    with pytest.raises(ReasonRequired):
        rules.FLOW.check("send_back", rules.RECTIFIED, {}, ME, {})
    with pytest.raises(ReasonRequired):
        rules.FLOW.check("cancel", rules.FOUND, {}, ME, {}, " ")


def test_nothing_is_closed_unverified_and_what_is_closed_moves_no_more():
    for state in rules.OPEN_STATES[:-1]:
        with pytest.raises(WrongState):
            rules.FLOW.check("close", state, {}, ME, {})
    assert rules.FLOW.moves_from(rules.CLOSED) == ()
    assert {act.code for act in rules.FLOW.acts_in(rules.CLOSED)} == {"publish", "reward"}


def test_an_order_names_deadline_and_legal_basis():
    with pytest.raises(MissingFields) as refused:
        rules.FLOW.check("order", rules.GRADED, {"order_text": "拆除"}, ME, {})
    assert "法律依据" in refused.value.message() and "整改期限" in refused.value.message()


# --- criteria


def test_a_coal_danger_is_judged_by_the_list_of_the_day_it_was_found():
    before, after = offered("coal", date(2026, 6, 30)), offered("coal", date(2026, 7, 1))
    assert [each.code for each in before.lists] == ["coal_2024"] and not before.complete and len(before.criteria) == 17
    assert "未收录" in before.lists[0].note_zh
    assert [each.code for each in after.lists] == ["coal_2026"] and after.complete and len(after.criteria) == 140


def test_before_the_oldest_list_nothing_is_offered_and_a_reason_decides():
    day = date(2020, 1, 1)
    assert offered("coal", day) == criteria.Offered((), ())
    with pytest.raises(refusals.CriterionNeeded):
        judge(rules.MAJOR, day=day)
    judge(rules.MAJOR, reason="矿井只有一个安全出口", day=day)


def test_an_item_of_another_day_or_sector_is_refused_by_name():
    with pytest.raises(refusals.CriterionNotInForce) as refused:
        judge(rules.MAJOR, "coal_2026-5.8", day=date(2026, 6, 30))
    assert "2026-06-30" in refused.value.message()
    with pytest.raises(refusals.CriterionNotInForce):
        judge(rules.MAJOR, "hazchem_2017-1")
    with pytest.raises(refusals.UnknownCode):
        judge(rules.MAJOR, "coal_2026-99.9")
    judge(rules.MAJOR, "coal_2026-5.8")


def test_a_general_danger_matches_no_major_criterion():
    with pytest.raises(refusals.GeneralByCriterion):
        judge(rules.GENERAL, "coal_2026-5.8")
    judge(rules.GENERAL)
    with pytest.raises(refusals.UnknownCode):
        judge("enormous")


def test_every_item_belongs_to_a_list_of_a_known_sector_and_says_its_article():
    lists = {each.code: each for each in LISTS}
    assert {each.list for each in CRITERIA} == set(lists)
    assert {each.sector for each in LISTS} <= set(rules.SECTORS)
    assert all(each.article and each.text_zh for each in CRITERIA)
    assert len({each.code for each in CRITERIA}) == len(CRITERIA)


def test_the_items_are_those_of_the_reference_tables(shared):
    import csv

    held = {each.text_zh for each in CRITERIA}
    for name in ("major_hidden_dangers.csv", "major_hidden_dangers_2.csv"):
        with (shared / "domain" / "tables" / name).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if "分项未见" not in row["text_zh"]:
                    assert row["text_zh"].strip() in held, row["item_no"]


# --- five fixes, plan, standing

FIXES = {"responsible_name": "王强", "measures": "更换", "funds_yuan": Decimal(0), "deadline": NOW, "contingency": "停车撤人"}
PLAN = dict.fromkeys(rules.PLAN_PARTS, "写明")


@pytest.mark.parametrize("part", rules.FIVE_FIXES)
def test_each_of_the_five_fixes_is_asked_for(part):
    with pytest.raises(refusals.FixesMissing) as refused:
        rules.check_plan(FIXES | {part: None}, PLAN)
    assert rules.FIVE_FIXES[part] in refused.value.message()


@pytest.mark.parametrize("part", rules.PLAN_PARTS)
def test_each_of_the_six_parts_is_asked_for(part):
    with pytest.raises(refusals.PlanMissing) as refused:
        rules.check_plan(FIXES, PLAN | {part: "  "})
    assert rules.PLAN_PARTS[part] in refused.value.message()


def test_no_money_needed_is_an_answer():
    rules.check_plan(FIXES, PLAN)


def test_a_bureaus_order_is_judged_by_a_bureau_and_a_listed_danger_by_its_level_or_above():
    rules.check_standing(by_level=9, ordered_level=9, listed_level=None)
    rules.check_standing(by_level=3, ordered_level=3, listed_level=None)
    rules.check_standing(by_level=1, ordered_level=3, listed_level=2)
    with pytest.raises(refusals.NotYoursToJudge):
        rules.check_standing(by_level=9, ordered_level=3, listed_level=None)
    with pytest.raises(refusals.ListedAbove):
        rules.check_standing(by_level=3, ordered_level=3, listed_level=2)


def test_a_place_is_the_same_however_it_is_written():
    assert rules.object_key(" 3# 储罐（V-101）") == rules.object_key("3#储罐V101")
    assert rules.object_key("3# 储罐") != rules.object_key("4# 储罐")


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)), st.integers(0, 36))
def test_months_are_added_to_the_same_day_or_the_last_of_the_month(moment, months):
    later = rules.add_months(moment, months)
    assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
    assert later.day == moment.day or (later.day < moment.day and (later + timedelta(days=1)).day == 1)


def test_half_a_year_after_the_last_of_august_is_the_last_of_february():
    assert rules.add_months(datetime(2026, 8, 31, 9, 0), 6) == datetime(2027, 2, 28, 9, 0)


def test_a_danger_is_overdue_only_while_work_is_owed():
    late = NOW + timedelta(seconds=1)
    assert rules.is_overdue(rules.ORDERED, NOW, late) and rules.is_overdue(rules.RECTIFYING, NOW, late)
    assert not rules.is_overdue(rules.RECTIFYING, NOW, NOW)
    assert not rules.is_overdue(rules.RECTIFIED, NOW, late) and not rules.is_overdue(rules.ORDERED, None, late)


# --- escalation


def _due(hours: float, taken: tuple[str, ...] = (), grade: str = rules.MAJOR, allowed_hours: float = 240) -> list[str]:
    steps = escalation.steps_for(in_force(STEPS, NOW.date()), grade=grade, place_code="370102")
    ordered = NOW - timedelta(hours=allowed_hours)
    found = escalation.due_steps(steps, ordered_at=ordered, deadline=NOW, now=NOW + timedelta(hours=hours), taken=taken)
    return [step.code for step in found]


def test_an_overdue_major_danger_climbs_from_the_enterprise_to_the_province():
    assert _due(-80) == []
    assert _due(-72) == ["remind"]
    assert _due(0.01) == ["enterprise"]
    assert _due(24) == ["enterprise", "county"]
    assert _due(72, ("enterprise", "county")) == ["city_major"]
    assert _due(240, ("enterprise", "county", "city_major")) == ["province_major"]


def test_a_general_danger_reaches_the_city_later_and_never_the_province():
    assert "city_general" not in _due(100, grade=rules.GENERAL)
    assert _due(100_000, grade=rules.GENERAL) == ["enterprise", "county", "city_general"]


def test_an_order_for_tomorrow_is_not_reminded_of_at_once():
    assert _due(-20, allowed_hours=24) == []


def test_a_local_row_takes_the_place_of_the_general_one():
    local = replace(next(step for step in STEPS if step.code == "county"), place_prefix="3701", after_hours=1)
    steps = escalation.steps_for((*STEPS, local), grade=rules.MAJOR, place_code="370102")
    assert [step.after_hours for step in steps if step.code == "county"] == [1]
    elsewhere = escalation.steps_for((*STEPS, local), grade=rules.MAJOR, place_code="370202")
    assert [step.after_hours for step in elsewhere if step.code == "county"] == [24]


@given(st.floats(-200, 2000), st.floats(0, 500), st.sampled_from([rules.MAJOR, rules.GENERAL]))
def test_a_step_once_taken_is_never_due_again(hours, more, grade):
    first = _due(hours, grade=grade)
    assert not set(first) & set(_due(hours + more, tuple(first), grade=grade))


def test_the_place_of_a_level_is_found_upward_only():
    assert escalation.place_at("county", "370102003") == "370102"
    assert escalation.place_at("city", "370102") == "370100"
    assert escalation.place_at("province", "370102") == "370000"
    assert escalation.place_at("county", "370100") is None


# --- rewards


def _row(code: str) -> rewarding.RewardRow:
    return next(row for row in REWARDS if row.code == code)


def test_a_tip_earns_fifteen_per_cent_of_the_fine_between_floor_and_cap():
    row = _row("major_danger")
    assert rewarding.reward(row, fine_yuan=Decimal(100_000), deaths=None).amount_yuan == 15_000
    low = rewarding.reward(row, fine_yuan=Decimal(1000), deaths=None)
    assert (low.amount_yuan, low.floored) == (3000, True)
    high = rewarding.reward(row, fine_yuan=Decimal(5_000_000), deaths=None)
    assert (high.amount_yuan, high.capped) == (300_000, True)


def test_a_concealed_death_earns_by_the_level_of_the_accident():
    assert rewarding.reward(_row("concealed_larger"), fine_yuan=None, deaths=3).amount_yuan == 120_000
    assert rewarding.reward(_row("concealed_extraordinary"), fine_yuan=None, deaths=30).amount_yuan == 300_000


@pytest.mark.parametrize(("code", "fine", "deaths"), [("major_danger", None, 3), ("major_danger", Decimal(-1), None), ("major_danger", Decimal("NaN"), None), ("concealed_major", Decimal(5), 0), ("concealed_major", None, None)])  # fmt: skip
def test_a_reward_without_its_figure_is_refused(code, fine, deaths):
    with pytest.raises(refusals.NothingToReward):
        rewarding.reward(_row(code), fine_yuan=fine, deaths=deaths)


@given(st.decimals(0, 10_000_000, places=2), st.decimals(0, 10_000_000, places=2), st.sampled_from([0, 20]))
def test_a_higher_fine_never_earns_less_and_the_cap_holds(one, other, bonus):
    low, high = sorted((one, other))
    row = _row("major_danger")
    first = rewarding.reward(row, fine_yuan=low, deaths=None, bonus_percent=bonus).amount_yuan
    second = rewarding.reward(row, fine_yuan=high, deaths=None, bonus_percent=bonus).amount_yuan
    assert 3000 <= first <= second <= 300_000


# --- periods


def _china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=periods.CHINA)


def test_the_table_of_a_quarter_is_owed_by_the_fifteenth_and_that_of_a_year_by_the_end_of_january():
    rows = {row.kind: row for row in PERIODS}
    assert periods.quarter(2026, 3).due(rows["quarter"]).date() == date(2026, 10, 15)
    assert periods.quarter(2026, 4).due(rows["quarter"]).date() == date(2027, 1, 15)
    assert periods.year(2026).due(rows["year"]).date() == date(2027, 1, 31)


def test_a_moment_belongs_to_the_quarter_of_china():
    late_in_september = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)
    assert periods.current(late_in_september)[0].code == "2026Q3"
    assert periods.current(late_in_september + timedelta(seconds=1))[0].code == "2026Q4"
    assert periods.quarter(2026, 3).ends == _china(2026, 10, 1)


def test_in_january_the_last_quarter_and_the_last_year_are_over():
    assert [each.code for each in periods.over(_china(2027, 1, 1))] == ["2026Q4", "2026"]
    assert [each.code for each in periods.over(_china(2026, 12, 31))] == ["2026Q3"]


@given(st.dates(date(2010, 1, 1), date(2060, 12, 31)))
def test_every_day_lies_in_the_quarter_and_year_that_are_current(day):
    for period in periods.current(datetime(day.year, day.month, day.day, 12, tzinfo=periods.CHINA)):
        assert period.first <= day <= period.last and periods.parse(period.code) == period


@pytest.mark.parametrize("code", ["", "2026Q5", "26Q1", "2026Q", "x", "２０２６Q1", "0000"])
def test_a_period_that_is_none_is_not_found(code):
    with pytest.raises(NotFound):
        periods.parse(code)


# --- publication


@pytest.mark.parametrize(
    "text", ["联系人13812345678", "电话 0531-12345678", "身份证37010219900101123X。", "a.b@example.com", "责任人王强已整改"]
)
def test_a_text_that_leads_to_a_person_is_not_published(text):
    with pytest.raises(refusals.PersonalData):
        publication.check_public(text, ["王强", ""])


def test_an_ordinary_text_is_published():
    publication.check_public("示范化工有限公司 2026 年 7 月 1 日查出的储罐区重大隐患已整改销号。", ["王强", "李"])
