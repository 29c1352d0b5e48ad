"""The law of special work permits: kinds, grades and their raising, validity, gas, conflicts, commitment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import NotFound
from anlan.kernel.flow import FourEyes, MissingFields, ReasonRequired, WrongState
from anlan.kernel.geo import Point
from anlan.ledger.sources import load_rules
from anlan.prevent.permits import commitment, conflicts, gas, grading, refusals, rules, validity
from anlan.prevent.permits.rules import CHINA

DATA = Path(rules.__file__).parent / "data"
GRADES = load_rules(DATA / "grades.csv", rules.Grade)
MEASURES = load_rules(DATA / "measures.csv", rules.Measure)
FIELDS = load_rules(DATA / "fields.csv", rules.FormField)
LIMITS = load_rules(DATA / "gas_limits.csv", gas.GasLimit)
TOXIC = load_rules(DATA / "toxic_limits.csv", gas.ToxicLimit)
UPGRADES = load_rules(DATA / "upgrades.csv", grading.Upgrade)
PARAMETERS = {row.code: row for row in load_rules(DATA / "parameters.csv", rules.Parameter)}
PAIRS = load_rules(DATA / "conflicts.csv", conflicts.Pair)
CUTOFFS = load_rules(DATA / "cutoffs.csv", commitment.Cutoff)
COMMITMENT = load_rules(DATA / "commitment_fields.csv", commitment.CommitmentField)
CALENDAR = grading.Calendar(night_from=22, night_to=6)
LAW = validity.Law(grades=GRADES, upgrades=UPGRADES, limits=LIMITS, calendar=CALENDAR)
ME, OTHER = uuid4(), uuid4()


def at(hour: int, minute: int = 0, day: int = 9, month: int = 6) -> datetime:
    """A moment of June 2026 in China; the 9th is a Tuesday."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


def row(kind: str, grade: str = "") -> rules.Grade:
    return grading.row_of(GRADES, kind, grade)


def work(*kinds: str, **facts: object) -> grading.Analysis:
    return grading.Analysis(kinds=frozenset(kinds), **facts)


def grade_for(kind: str, *, start: datetime, hours: float = 6, day_only: bool = False, **facts: object):
    return grading.grade_for(
        kind, work(kind, **facts), start=start, end=start + timedelta(hours=hours), day_only=day_only,
        calendar=CALENDAR, grades=GRADES, upgrades=UPGRADES,
    )  # fmt: skip


def clean(sampled_at: datetime, **values: object) -> gas.Reading:
    return gas.Reading(sampled_at=sampled_at, **({"combustible": 0.1, "lel": 5.0, "oxygen": 20.9} | values))


def standing(kind: str = rules.HOT_WORK, grade: str = "1", **values: object) -> validity.Standing:
    told = {"number": "DH-1", "row": row(kind, grade), "state": rules.APPROVED, "valid_from": at(8), "valid_until": at(16)}
    return validity.Standing(**(told | values))


# --- data


def test_the_tables_hold_every_row_of_the_standard():
    assert len(GRADES) == 15
    assert len(MEASURES) == 106
    assert {each.kind for each in GRADES} == {each.kind for each in MEASURES} == set(rules.KINDS)
    assert {"common", rules.HOT_WORK, rules.CONFINED_SPACE} <= {each.form for each in FIELDS}
    for kind in rules.KINDS:
        lines = [each for each in MEASURES if each.kind == kind]
        assert [each.number for each in lines] == list(range(1, len(lines) + 1))
        assert [each.number for each in lines if each.other] == [len(lines)], "the last line is the one for further measures"
    assert all(each.source and each.article for each in (*GRADES, *MEASURES))
    assert {PARAMETERS[code].status for code in ("night_from", "nearby_metres")} == {"unverified"}


def test_hours_and_gas_windows_are_those_of_the_standard():
    hours = {each.code: each.valid_hours for each in GRADES}
    assert (hours["hot_work-special"], hours["hot_work-1"], hours["hot_work-2"], hours["confined_space"]) == (8, 8, 72, 24)
    assert {hours[f"work_at_height-{n}"] for n in "1234"} == {168}
    assert hours["temp_power"] == 360 and PARAMETERS["temp_power_special_hours"].value == 720
    assert {hours[code] for code in ("blind_plate", "lifting-1", "lifting-2", "lifting-3", "excavation", "road_break")} == {None}
    breaks = {each.code: each.retest_after_minutes for each in GRADES if each.gas}
    assert breaks == {"hot_work-special": 30, "hot_work-1": 30, "hot_work-2": 60, "confined_space": 60}


# --- flow


def test_the_flow_table_is_sound_and_names_only_declared_permissions():
    assert rules.FLOW.problems() == []
    assert {move.action for move in (*rules.FLOW.moves, *rules.FLOW.acts)} <= set(rules.ACTIONS)


def test_nobody_approves_what_he_asked_for_and_approval_names_the_people_on_the_spot():
    filled = {"leader_name": "甲", "supervisor_name": "乙", "briefed_by_name": "丙", "briefed_to_name": "丁"}
    with pytest.raises(FourEyes):
        rules.FLOW.check("approve", rules.ANALYSED, filled, ME, {"applicant_id": ME})
    with pytest.raises(MissingFields) as refused:
        rules.FLOW.check("approve", rules.ANALYSED, filled | {"supervisor_name": ""}, OTHER, {"applicant_id": ME})
    assert "监护人" in str(refused.value)
    assert rules.FLOW.check("approve", rules.ANALYSED, filled, OTHER, {"applicant_id": ME}).target == rules.APPROVED


def test_an_approved_permit_is_neither_edited_nor_returned_and_an_expired_one_goes_nowhere():
    for code in ("edit", "mark", "return"):
        with pytest.raises(WrongState):
            rules.FLOW.check(code, rules.APPROVED, {}, ME, {}, "改内容")
    assert rules.FLOW.moves_from(rules.EXPIRED) == ()


def test_whoever_finished_the_work_does_not_accept_it_and_cancelling_needs_a_reason():
    with pytest.raises(FourEyes):
        rules.FLOW.check("accept", rules.FINISHED, {}, ME, {"finished_by_id": ME})
    with pytest.raises(ReasonRequired):
        rules.FLOW.check("cancel", rules.APPROVED, {}, ME, {})


# --- kinds and grades


def test_each_kind_needs_its_own_permit_and_deep_digging_beside_pipes_is_a_confined_space_too():
    assert grading.kinds_needed(work(rules.CONFINED_SPACE, rules.HOT_WORK)) == (rules.HOT_WORK, rules.CONFINED_SPACE)
    deep = work(rules.EXCAVATION, depth_metres=1.3, buried_hazardous_pipes=True)
    assert grading.kinds_needed(deep) == (rules.CONFINED_SPACE, rules.EXCAVATION)
    assert grading.kinds_needed(replace(deep, depth_metres=1.2)) == (rules.EXCAVATION,)
    with pytest.raises(refusals.NoSpecialWork):
        grading.kinds_needed(work(rules.WORK_AT_HEIGHT, height_metres=1.9))
    with pytest.raises(NotFound):
        grading.kinds_needed(work("diving"))


@pytest.mark.parametrize(
    ("facts", "grade"),
    [
        ({}, "2"),
        ({"fire_area": True}, "1"),
        ({"pipe_rack": True}, "1"),
        ({"fire_area": True, "running_unit": True}, "special"),
        ({"tank_dike": True}, "special"),
        ({"fire_area": True, "stopped_and_purged": True}, "2"),
        ({"fire_area": True, "running_unit": True, "stopped_and_purged": True}, "special"),
    ],
)
def test_hot_work_is_graded_by_where_it_is_done(facts, grade):
    assert grading.grade_of(rules.HOT_WORK, work(rules.HOT_WORK, **facts)) == grade


@pytest.mark.parametrize(
    ("metres", "factor", "grade"),
    [(2, False, "1"), (5, False, "1"), (5.1, False, "2"), (15, False, "2"), (30, False, "3"), (30.1, False, "4"),
     (5, True, "2"), (15, True, "3"), (15.1, True, "4"), (40, True, "4")],
)  # fmt: skip
def test_height_is_graded_by_table_2(metres, factor, grade):
    assert grading.grade_of(rules.WORK_AT_HEIGHT, work(rules.WORK_AT_HEIGHT, height_metres=metres, height_factor=factor)) == grade


@pytest.mark.parametrize(("tonnes", "grade"), [(5, "3"), (39.9, "3"), (40, "2"), (100, "2"), (100.1, "1")])
def test_lifting_is_graded_by_the_load(tonnes, grade):
    assert grading.grade_of(rules.LIFTING, work(rules.LIFTING, load_tonnes=tonnes)) == grade


def test_a_grade_is_never_guessed_where_its_fact_is_missing():
    for kind in (rules.LIFTING, rules.WORK_AT_HEIGHT):
        with pytest.raises(refusals.FactNeeded):
            grading.grade_of(kind, work(kind))


# --- raising


def test_holidays_rest_days_and_nights_raise_hot_work_by_one_grade_and_say_why():
    plain, base, reasons = grade_for(rules.HOT_WORK, start=at(9), fire_area=True)
    assert (plain.grade, base.grade, reasons) == ("1", "1", ())
    for start, why in ((at(9, day=13), "rest_day"), (at(9, day=1, month=10), "holiday"), (at(23), "night")):
        raised, base, reasons = grade_for(rules.HOT_WORK, start=start, hours=2, fire_area=True)
        assert (raised.grade, base.grade) == ("special", "1")
        assert why in reasons


def test_a_rest_day_worked_in_exchange_for_a_holiday_is_a_working_day():
    assert CALENDAR.day_kind(date(2026, 10, 1)) == "holiday"
    assert CALENDAR.day_kind(date(2026, 10, 10)) is None, "Saturday, 10 October 2026 is worked"


def test_years_whose_holidays_are_not_known_fall_back_to_weekends_and_to_days_set_by_hand():
    assert not CALENDAR.known(date(2031, 1, 1))
    assert CALENDAR.day_kind(date(2031, 1, 4)) == "rest_day"
    assert CALENDAR.day_kind(date(2031, 1, 1)) is None
    own = rules.RestDay(day=date(2031, 1, 1), kind="holiday", name_zh="元旦", source="企业", status="unverified")
    assert replace(CALENDAR, days=(own,)).day_kind(date(2031, 1, 1)) == "holiday"


def test_a_work_that_reaches_into_the_night_is_raised_unless_it_rests_then():
    assert grade_for(rules.HOT_WORK, start=at(9), hours=60)[0].grade == "1"
    day_only, _, reasons = grade_for(rules.HOT_WORK, start=at(9), hours=60, day_only=True)
    assert (day_only.grade, reasons) == ("2", ())
    with pytest.raises(refusals.DayWorkOutside):
        grade_for(rules.HOT_WORK, start=at(23), day_only=True)
    permit = standing(grade="2", valid_until=at(21, day=11), readings=(clean(at(22, 50)),))
    with pytest.raises(refusals.UpgradeNeeded):
        validity.check_workable(permit, LAW, at(23))


@given(
    kind=st.sampled_from([each.code for each in GRADES]),
    reasons=st.sets(st.sampled_from(list(grading.REASONS))),
)
def test_raising_never_lowers_a_grade_and_never_changes_the_kind(kind, reasons):
    base = next(each for each in GRADES if each.code == kind)
    raised, counted = grading.upgraded(base, reasons, GRADES, UPGRADES)
    assert raised.kind == base.kind
    assert raised.rank >= base.rank
    assert set(counted) <= reasons
    assert (raised.valid_hours or 0) <= (base.valid_hours or 0) or raised.valid_hours == base.valid_hours


# --- validity


def test_a_permit_ends_when_asked_but_never_later_than_the_standard_lets_it():
    hot = row(rules.HOT_WORK, "1")
    assert validity.valid_until(hot, start=at(8), wanted=at(12)) == at(12)
    assert validity.valid_until(hot, start=at(8), wanted=at(22)) == at(16)
    assert validity.valid_until(hot, start=at(8), wanted=at(22), own_hours=4) == at(12), "an enterprise may be stricter"
    assert validity.valid_until(hot, start=at(8), wanted=at(22), own_hours=100) == at(16), "never laxer"


def test_temporary_power_never_outlasts_the_permit_it_serves():
    power = row(rules.TEMP_POWER)
    assert validity.valid_until(power, start=at(8), wanted=at(8, day=20), served=[at(16), at(8, day=10)]) == at(16)
    assert validity.valid_until(power, start=at(8), wanted=at(8, day=8, month=7)) == at(8) + timedelta(days=15)
    assert validity.valid_until(power, start=at(8), wanted=at(8, month=8), special_hours=720) == at(8) + timedelta(days=30)


@pytest.mark.parametrize("kind", [rules.BLIND_PLATE, rules.EXCAVATION, rules.ROAD_BREAK])
def test_where_the_standard_sets_no_hours_the_enterprise_must(kind):
    with pytest.raises(refusals.OwnRuleNeeded):
        validity.valid_until(row(kind), start=at(8), wanted=at(12))
    assert validity.valid_until(row(kind), start=at(8), wanted=at(22), own_hours=8) == at(16)


def test_a_window_must_lie_ahead():
    with pytest.raises(refusals.WindowWrong):
        validity.check_window(at(9), at(9), at(8))
    with pytest.raises(refusals.WindowWrong):
        validity.check_window(at(7), at(8), at(9))


def test_a_permit_is_kept_a_year_also_from_the_last_day_of_a_month():
    assert validity.kept_until(datetime(2027, 8, 31, tzinfo=UTC), 12) == datetime(2028, 8, 31, tzinfo=UTC)
    assert validity.kept_until(datetime(2027, 8, 31, tzinfo=UTC), 6) == datetime(2028, 2, 29, tzinfo=UTC)


# --- gas


@pytest.mark.parametrize(
    ("values", "passes"),
    [
        ({"combustible": 0.5, "lel": 4.0}, True),
        ({"combustible": 0.51, "lel": 4.0}, False),
        ({"combustible": 0.2, "lel": 3.9}, True),
        ({"combustible": 0.21, "lel": 3.9}, False),
        ({"combustible": 0.21, "lel": None}, False),
        ({"oxygen": 19.5}, True),
        ({"oxygen": 19.4}, False),
        ({"oxygen": 21.0}, True),
        ({"oxygen": 21.1}, False),
        ({"oxygen": 23.5, "rich": True}, True),
        ({"oxygen": 23.6, "rich": True}, False),
        ({"oxygen": None}, False),
        ({"combustible": None}, False),
        ({"toxics": (gas.Toxic("硫化氢", 10, 10),)}, True),
        ({"toxics": (gas.Toxic("硫化氢", 10.1, 10),)}, False),
    ],
)
def test_the_air_of_a_confined_space_passes_within_its_bounds(values, passes):
    assert (gas.failures(clean(at(8), **values), row(rules.CONFINED_SPACE), LIMITS) == ()) is passes


def test_hot_work_asks_for_combustible_gas_alone_but_bad_air_that_was_read_stops_it():
    assert gas.failures(clean(at(8), oxygen=None), row(rules.HOT_WORK, "1"), LIMITS) == ()
    assert gas.failures(clean(at(8), oxygen=17.0), row(rules.HOT_WORK, "1"), LIMITS) != ()


@pytest.mark.parametrize("values", [{"combustible": -0.1}, {"oxygen": 101}, {"oxygen": float("nan")}, {"lel": 0}])
def test_impossible_readings_are_refused(values):
    with pytest.raises(refusals.ImpossibleReading):
        gas.check_possible(clean(at(8), **values))


def test_a_sample_holds_thirty_minutes_before_the_start():
    fresh, old = standing(readings=(clean(at(8, 30)),)), standing(readings=(clean(at(8, 29)),))
    validity.check_workable(fresh, LAW, at(9))
    with pytest.raises(refusals.GasTooOld):
        validity.check_workable(old, LAW, at(9))


@pytest.mark.parametrize(
    ("kind", "grade", "minutes"), [(rules.HOT_WORK, "1", 30), (rules.HOT_WORK, "2", 60), (rules.CONFINED_SPACE, "", 60)]
)
def test_after_a_longer_break_the_air_is_analysed_again(kind, grade, minutes):
    begun = {"state": rules.PAUSED, "started_at": at(8, 10), "paused_at": at(9)}
    permit = standing(kind, grade, readings=(clean(at(8)),), **begun)
    back = at(9) + timedelta(minutes=minutes)
    validity.check_workable(permit, LAW, back)
    with pytest.raises(refusals.GasAfterBreak):
        validity.check_workable(permit, LAW, back + timedelta(minutes=1))
    again = replace(permit, readings=(*permit.readings, clean(back)))
    validity.check_workable(again, LAW, back + timedelta(minutes=1))


def test_hot_work_of_several_days_is_sampled_each_day():
    night = {"state": rules.PAUSED, "started_at": at(8, 10), "paused_at": at(23, 50)}
    permit = standing(grade="2", valid_until=at(8, day=12), applied=("night",), readings=(clean(at(23, 30)),), **night)
    with pytest.raises(refusals.GasOtherDay):
        validity.check_workable(permit, LAW, at(0, 10, day=10))


def test_a_bad_sample_counts_by_when_it_was_taken_not_by_when_it_came():
    begun = {"state": rules.WORKING, "started_at": at(8, 10)}
    bad, good = clean(at(9), combustible=0.9), clean(at(9, 30))
    with pytest.raises(refusals.GasFailed):
        validity.check_workable(standing(readings=(clean(at(8)), bad), **begun), LAW, at(9, 10))
    validity.check_workable(standing(readings=(clean(at(8)), good, bad), **begun), LAW, at(9, 40))


def test_a_confined_space_owes_a_record_every_two_hours():
    told = {"since": at(8), "every_minutes": PARAMETERS["record_minutes"].value}
    confined = row(rules.CONFINED_SPACE)
    assert not gas.record_overdue(confined, (clean(at(8)),), now=at(10), **told)
    assert gas.record_overdue(confined, (clean(at(8)),), now=at(10, 1), **told)
    assert not gas.record_overdue(row(rules.HOT_WORK, "1"), (), now=at(15), **told)


MINUTES = st.integers(0, 60 * 40)


@given(
    grade=st.sampled_from([each.code for each in GRADES]),
    state=st.sampled_from([each.code for each in rules.FLOW.states]),
    start=MINUTES,
    long=st.integers(1, 60 * 30),
    now=MINUTES,
    begun=st.none() | MINUTES,
    paused=st.none() | MINUTES,
    samples=st.lists(st.tuples(MINUTES, st.floats(0, 2), st.sampled_from([None, 3.0, 5.0]), st.floats(15, 25)), max_size=4),
)
def test_nothing_is_workable_beyond_its_end_without_approval_or_without_a_passing_sample(
    grade, state, start, long, now, begun, paused, samples
):
    base = at(6)
    kind = next(each for each in GRADES if each.code == grade)
    moment = lambda minutes: None if minutes is None else base + timedelta(minutes=minutes)  # noqa: E731
    readings = tuple(gas.Reading(sampled_at=moment(m), combustible=c, lel=lel, oxygen=o) for m, c, lel, o in samples)
    permit = validity.Standing(
        number="1", row=kind, state=state, valid_from=moment(start), valid_until=moment(start + long),
        started_at=moment(begun), paused_at=moment(paused), readings=readings,
    )  # fmt: skip
    if validity.obstacle(permit, LAW, moment(now)) is not None:
        return
    assert state in rules.LIVE_STATES
    assert permit.valid_from <= moment(now) < permit.valid_until
    assert not grading.blocked_at(kind, (), CALENDAR.reasons_at(moment(now)), GRADES, UPGRADES)
    if kind.gas:
        last = gas.newest(readings, moment(now))
        assert last is not None
        assert gas.failures(last, kind, LIMITS) == ()
        if begun is None:
            assert moment(now) - last.sampled_at <= timedelta(minutes=30)


@given(
    grade=st.sampled_from([each.code for each in GRADES]),
    wanted=st.integers(1, 60 * 24 * 40),
    own=st.none() | st.integers(1, 1000),
    served=st.lists(st.integers(1, 60 * 24 * 40), max_size=3),
)
def test_no_permit_lasts_longer_than_what_was_asked_the_standard_the_enterprise_and_what_it_serves(grade, wanted, own, served):
    kind = next(each for each in GRADES if each.code == grade)
    if kind.valid_hours is None and own is None:
        return
    ends = [at(8) + timedelta(minutes=each) for each in served]
    end = validity.valid_until(kind, start=at(8), wanted=at(8) + timedelta(minutes=wanted), own_hours=own, served=ends)
    assert at(8) < end <= at(8) + timedelta(minutes=wanted)
    assert end <= at(8) + timedelta(hours=min(each for each in (kind.valid_hours, own) if each))
    if kind.kind == rules.TEMP_POWER and ends:
        assert end <= min(ends)


# --- conflicts


def site(kind: str, *, east: float = 0.0, key: str = "", start: int = 8, end: int = 12, opens: bool = False) -> conflicts.Site:
    point = Point(117.0 + east / 89_000, 36.66)
    return conflicts.Site(uuid4(), kind, at(start), at(end), point, conflicts.key_of(key), opens)


def codes(one: conflicts.Site, other: conflicts.Site) -> set[str]:
    return {found.pair.code for found in conflicts.between(one, other, PAIRS, metres=30)}


def test_hot_work_beside_an_open_vessel_is_a_conflict_whoever_asks():
    fire, vessel = site(rules.HOT_WORK), site(rules.CONFINED_SPACE, east=20, opens=True)
    assert codes(fire, vessel) == codes(vessel, fire) == {"hot_work~open_vessel", "hot_work~confined_space"}


def test_far_away_at_another_time_or_the_permit_itself_is_none():
    fire = site(rules.HOT_WORK)
    assert codes(fire, site(rules.CONFINED_SPACE, east=40)) == set()
    assert codes(fire, site(rules.CONFINED_SPACE, start=12, end=14)) == set()
    assert codes(fire, fire) == set()


def test_the_same_place_by_name_counts_where_a_position_is_missing():
    crane = replace(site(rules.LIFTING, key="2# 反应釜"), point=None)
    assert codes(crane, site(rules.CONFINED_SPACE, east=500, key="2#反应釜")) == {"lifting~confined_space"}
    assert codes(crane, site(rules.CONFINED_SPACE, key="别处")) == set()


def test_every_pair_names_known_kinds_a_reason_and_whether_it_is_a_project_default():
    for pair in PAIRS:
        assert {pair.first, pair.second} <= {*rules.KINDS, rules.OPEN_VESSEL}
        assert pair.reason_zh and pair.reason_en
        assert pair.article or pair.status == "unverified"


# --- commitment


def committed(**values: object) -> dict[str, object]:
    told: dict[str, object] = {}
    for each in COMMITMENT:
        told[each.code] = {"count": 0, "flag": False, "grade": 4}.get(each.kind)
    return told | values


def test_the_form_has_its_23_fields_and_counts_every_kind_of_special_work():
    assert len(COMMITMENT) == 23
    assert set(commitment.PERMIT_COUNTS) <= {each.code for each in COMMITMENT}
    assert {commitment.permit_code(each.kind, each.grade) for each in GRADES} == set(commitment.PERMIT_COUNTS)


def test_committed_to_none_while_two_are_open_is_told_and_fewer_than_committed_is_not():
    known = commitment.Known({"hot_work-1": 2})
    (found,) = commitment.differences(committed(), known, COMMITMENT)
    assert (found.code, found.committed, found.known) == ("hot_work-1", 0, 2)
    assert commitment.differences(committed(**{"hot_work-1": 3}), known, COMMITMENT) == ()


def test_a_denied_major_danger_and_low_risk_amid_alarms_are_told():
    found = commitment.differences(committed(), commitment.Known({}, major_dangers=1, alarms=2), COMMITMENT)
    assert {each.code for each in found} == {"major_danger", "risk_grade"}
    assert commitment.differences(committed(major_danger=True, risk_grade=2), commitment.Known({}, 1, 2), COMMITMENT) == ()


def test_wrong_values_and_units_that_do_not_add_up_are_refused():
    commitment.check_values(committed(units_total=3, units_running=2, units_stopped=1), COMMITMENT)
    for values in ({"lifting": -1}, {"lifting": True}, {"contractor": "maybe"}, {"risk_grade": 5}, {"excavation": 10_000}):
        with pytest.raises(refusals.CommitmentFieldWrong):
            commitment.check_values(committed(**values), COMMITMENT)
    with pytest.raises(refusals.UnitsDoNotAddUp):
        commitment.check_values(committed(units_total=2, units_running=2, units_stopped=1), COMMITMENT)


def test_the_hour_of_publication_is_that_of_the_nearest_place():
    assert commitment.cutoff(CUTOFFS, "440300").code == "guangdong"
    assert commitment.cutoff(CUTOFFS, "370102").status == "unverified"
    assert commitment.due_at(commitment.cutoff(CUTOFFS, "370102"), date(2026, 6, 9)) == at(10)
