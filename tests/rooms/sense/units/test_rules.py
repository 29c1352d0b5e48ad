"""What a process unit must say: periods as people write them, figures, how much normal operation is enough, models that fit a message."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Invalid
from anlan.sense.detection import multivariate
from anlan.sense.detection.multivariate import Model
from anlan.sense.units import rules
from anlan.sense.units.rules import Period

DAY = datetime(2026, 11, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 5000)), max_size=8))
def test_periods_written_are_read_again(given_minutes):
    periods = [Period(DAY + timedelta(minutes=at), DAY + timedelta(minutes=at + length)) for at, length in given_minutes]
    assert rules.periods(rules.written(periods)) == tuple(sorted(periods, key=lambda each: each.since))


@pytest.mark.parametrize("dash", ["至", "到", "-", "–", "~", " 至 "])
def test_a_period_may_be_written_as_people_write_it(dash):
    (found,) = rules.periods(f"  2026-11-01 08:00{dash}2026-11-02 08:30 \n\n")
    assert (found.since, found.until) == (DAY, DAY + timedelta(days=1, minutes=30))


@pytest.mark.parametrize(
    "text", ["昨天", "2026-11-01 00:00", "2026-13-01 00:00 至 2026-13-02 00:00", "2026-11-02 00:00 至 2026-11-01 00:00"]
)
def test_what_is_no_period_is_refused_with_what_was_written(text):
    with pytest.raises(rules.WrongPeriod) as refused:
        rules.periods(text)
    assert text[:20] in str(refused.value)


def test_periods_must_be_there_and_apart_and_not_too_long():
    day = Period(DAY, DAY + timedelta(days=1))
    for wrong in ((), (day, Period(DAY + timedelta(hours=1), DAY + timedelta(days=3))), (Period(DAY, DAY + timedelta(days=401)),)):
        with pytest.raises(Invalid) as refused:
            rules.check_periods(wrong, ())
        assert set(refused.value.fields) == {"periods"}
    rules.check_periods((day,), (day,))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points": 1}, "points"),
        ({"points": 501}, "points"),
        ({"interval_s": 0.5}, "interval_s"),
        ({"age_s": 30.0}, "age_s"),
        ({"quantile": 1.0}, "quantile"),
        ({"method": "magic"}, "method"),
        ({"name": " "}, "name"),
    ],
)
def test_figures_that_make_no_sense_are_refused_beside_their_input(wrong, field):
    with pytest.raises(Invalid) as refused:
        rules.check_figures(
            **{"name": "反应工段", "points": 5, "interval_s": 60.0, "age_s": 600.0, "quantile": 0.99, "method": rules.CVA, **wrong}
        )
    assert set(refused.value.fields) == {field}


def test_too_little_history_says_how_much_is_missing():
    rules.check_enough(260, 52, 180.0)
    with pytest.raises(rules.TooLittleHistory) as refused:
        rules.check_enough(100, 52, 180.0)
    assert refused.value.facts == {"rows": 100, "points": 52, "needed": 260, "hours": 8.0}


@pytest.mark.parametrize("points", [2, 52, 300, 341, 342, 499, 500])
def test_a_model_of_any_number_of_points_fits_a_message(points):
    lags = rules.lags_of(points)
    assert lags == (3 if points <= 341 else 2)
    wide = points * lags
    model = Model(lags, np.zeros(points), np.ones(points), np.zeros((wide // 2, wide)), np.zeros((wide - wide // 2, wide)), (1.0, 1.0))
    assert len(multivariate.pack(model)) <= rules.LARGEST_MODEL_BYTES
