"""The law of risks: methods, what remains, who answers, windows of checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.prevent.risks import queries, refusals, rules

NOW = datetime(2026, 6, 9, 2, 0, tzinfo=UTC)
LEC, LS = queries.method("lec", NOW), queries.method("ls", NOW)
LEVELS = queries.levels(NOW)
PERIODS = [row.code for row in queries.periods(NOW)]


def any_factors(method: rules.Method) -> st.SearchStrategy[dict[str, Decimal]]:
    return st.fixed_dictionaries({name: st.sampled_from([row.value for row in scale]) for name, scale in method.scales.items()})


def test_the_worked_example_of_lec():
    found = rules.assess(LEC, {"L": "3", "E": 6, "C": "40"})
    assert (found.value, found.grade, found.steps) == (720, 1, "3 × 6 × 40 = 720")
    assert rules.assess(LEC, {"L": "0.1", "E": "0.5", "C": "1"}).value == Decimal("0.05")


@pytest.mark.parametrize(
    ("factors", "grade"),
    [
        ({"L": 10, "E": 2, "C": 15}, 2),  # 300
        ({"L": 3, "E": 3, "C": 40}, 1),  # 360
        ({"L": 1, "E": 10, "C": 7}, 3),  # 70, the edge belongs to the graver band
        ({"L": 1, "E": 3, "C": 15}, 4),  # 45
    ],
)
def test_bands_of_lec_hold_their_lower_edge(factors, grade):
    assert rules.assess(LEC, factors).grade == grade


@pytest.mark.parametrize(("likelihood", "severity", "grade"), [(5, 4, 1), (5, 3, 2), (3, 3, 3), (2, 4, 4), (1, 1, 4)])
def test_bands_of_the_matrix(likelihood, severity, grade):
    found = rules.assess(LS, {"L": likelihood, "S": severity})
    assert found.grade == grade and found.band.status == "unverified"


@pytest.mark.parametrize("wrong", ["", "4", "十", None, "1e9", "-3", "NaN"])
def test_a_factor_off_its_scale_is_refused_with_what_it_may_be(wrong):
    with pytest.raises(refusals.FactorOffScale) as told:
        rules.assess(LEC, {"L": wrong, "E": 6, "C": 15})
    assert "0.5" in str(told.value.facts["allowed"])


def test_an_unknown_method_is_refused():
    with pytest.raises(refusals.MethodUnknown):
        queries.method("hazop", NOW)


@settings(max_examples=60, deadline=None)
@given(method=st.sampled_from([LEC, LS]), data=st.data())
def test_a_higher_factor_never_gives_a_better_grade(method, data):
    low = data.draw(any_factors(method))
    factor = data.draw(st.sampled_from(list(method.scales)))
    higher = data.draw(st.sampled_from([row.value for row in method.scales[factor] if row.value >= low[factor]]))
    assert rules.assess(method, low | {factor: higher}).grade <= rules.assess(method, low).grade


@settings(max_examples=60, deadline=None)
@given(first=any_factors(LEC), second=any_factors(LEC), measures=st.integers(0, 2))
def test_what_remains_is_less_only_behind_a_measure_and_never_more(first, second, measures):
    before, after = rules.assess(LEC, first), rules.assess(LEC, second)
    allowed = after.value == before.value or (after.value < before.value and measures > 0)
    if allowed:
        rules.check_residual(before, after, measures=measures)
    else:
        with pytest.raises((refusals.ResidualAboveInitial, refusals.ResidualWithoutMeasure)):
            rules.check_residual(before, after, measures=measures)


@pytest.mark.parametrize(("grade", "level"), [(1, "company"), (2, "workshop"), (3, "team"), (4, "post")])
def test_the_higher_the_risk_the_higher_who_answers(grade, level):
    assert rules.needed_level(grade, LEVELS).code == level
    for row in LEVELS:
        if row.rank <= rules.needed_level(grade, LEVELS).rank:
            assert rules.check_level(grade, row.code, LEVELS) is row
        else:
            with pytest.raises(refusals.LevelTooLow):
                rules.check_level(grade, row.code, LEVELS)
    with pytest.raises(refusals.UnknownChoice):
        rules.check_level(grade, "nobody", LEVELS)


@settings(max_examples=120, deadline=None)
@given(period=st.sampled_from(PERIODS), moment=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_windows_cover_time_without_gap_or_overlap(period, moment):
    start, end = rules.window(period, moment)
    assert start <= moment < end
    assert rules.window(period, end)[0] == end
    assert rules.window(period, start) == (start, end)


def test_windows_follow_the_calendar_of_china():
    late = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # 1 January, 01:00 in China
    for period in ("day", "month", "quarter", "half_year", "year"):
        assert rules.window(period, late)[0] == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert rules.window("week", late)[0] == datetime(2026, 12, 27, 16, 0, tzinfo=UTC)
    assert rules.window("shift", late)[1] - rules.window("shift", late)[0] == timedelta(hours=8)
    with pytest.raises(ValueError, match="fortnight"):
        rules.window("fortnight", late)


@settings(max_examples=60, deadline=None)
@given(period=st.sampled_from(PERIODS), moment=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_new_measure_leaves_at_least_half_a_window_for_its_first_check(period, moment):
    first = rules.first_look(period, moment)
    start, end = rules.window(period, first)
    assert first >= moment and (end - first) * 2 >= end - start


@pytest.mark.parametrize(("outcome", "note"), [("abnormal", " "), ("not_applicable", "")])
def test_what_is_abnormal_or_does_not_apply_is_told_in_words(outcome, note):
    with pytest.raises(refusals.NoteNeeded):
        rules.check_outcome(outcome, note)
    rules.check_outcome(outcome, "软管破损")
    rules.check_outcome("normal", "")
    with pytest.raises(refusals.UnknownChoice):
        rules.check_outcome("fine", "")


def test_every_row_has_a_source_and_every_method_covers_every_value():
    for method in (LEC, LS):
        assert all(row.source for rows in (*method.scales.values(), method.bands) for row in rows)
        smallest = {name: scale[-1].value for name, scale in method.scales.items()}
        assert rules.assess(method, smallest).grade == 4
        assert {row.grade for row in method.bands} == set(rules.GRADES)
