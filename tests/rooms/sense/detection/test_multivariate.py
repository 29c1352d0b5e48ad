"""Canonical variates and principal components: what they learn, what they tell, whom they blame; the Tennessee Eastman process."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench import tep as bench
from tests.stories import tep

from anlan.sense.detection import multivariate
from anlan.sense.detection.multivariate import canonical_variates, principal_components, scores, shares, trained, windows


def plant(rows: int, seed: int = 0) -> np.ndarray:
    """Six variables: two slow causes, two that follow them, one sum of both, one of its own."""
    dice = np.random.default_rng(seed)
    causes = np.zeros((rows, 2))
    for at in range(1, rows):
        causes[at] = 0.9 * causes[at - 1] + dice.standard_normal(2)
    noise = 0.1 * dice.standard_normal((rows, 6))
    return np.column_stack([causes, 2 * causes[:, 0], -causes[:, 1], causes.sum(axis=1), dice.standard_normal(rows)]) * 3 + 50 + noise


@pytest.fixture(scope="module")
def model():
    return trained(plant(1500), partial(canonical_variates, lags=2, states=4))


def test_normal_operation_that_was_not_seen_in_training_alarms_about_as_rarely_as_asked(model):
    alarm = scores(model, plant(4000, seed=1)).alarm
    assert 0.002 < alarm.mean() < 0.05


def test_variables_that_no_longer_go_together_alarm_although_each_is_within_its_range(model):
    normal = plant(4000, seed=2)
    # A follower swaps its sign: its mean and spread stay, what it follows does not.
    broken = normal.copy()
    broken[:, 2] = 2 * normal[:, 2].mean() - broken[:, 2]
    assert broken[:, 2].max() <= normal[:, 2].max() + 2 * normal[:, 2].std()
    assert scores(model, broken).alarm.mean() > 0.5


def test_the_variable_that_left_the_others_has_the_largest_share(model):
    broken = plant(50, seed=3)
    broken[-2:, 4] += 25
    _state, residual = shares(model, broken[-2:])
    assert int(np.argmax(residual)) == 4


@given(st.integers(0, 2**16), st.sampled_from([canonical_variates, principal_components]))
def test_shares_add_up_to_the_statistics(seed, method):
    learnt = method(plant(400, seed=7))
    observed = plant(learnt.lags, seed=seed)
    found = scores(learnt, observed)
    state, residual = shares(learnt, observed)
    assert (state >= 0).all() and (residual >= 0).all()
    assert np.isclose(state.sum(), found.state[-1]) and np.isclose(residual.sum(), found.residual[-1])


@given(st.integers(1, 6), st.integers(0, 12))
def test_a_window_holds_the_rows_newest_first(lags, rows):
    numbered = np.arange(rows * 2.0).reshape(rows, 2)
    found = windows(numbered, lags)
    assert found.shape == (max(0, rows - lags + 1), 2 * lags)
    for at, window in enumerate(found):
        assert window.reshape(lags, 2)[::-1].tolist() == numbered[at : at + lags].tolist()


def test_the_first_rows_without_a_full_window_are_unknown_and_do_not_alarm(model):
    found = scores(model, plant(5) + 1000)
    assert np.isnan(found.state[0]) and not found.alarm[0] and found.alarm[1:].all()


def test_a_variable_that_never_moved_in_training_does_not_break_the_model_and_is_noticed_when_it_moves():
    normal = np.column_stack([plant(800), np.full(800, 7.0)])
    learnt = trained(normal, partial(canonical_variates, lags=2, states=4))
    moved = np.column_stack([plant(100, seed=4), np.full(100, 7.0)])
    assert scores(learnt, moved).alarm.mean() < 0.1
    moved[50:, 6] = 14.0
    assert scores(learnt, moved).alarm[51:].all()


def test_too_little_data_gaps_and_other_variables_are_refused(model):
    with pytest.raises(multivariate.TooLittleNormalData):
        trained(plant(20))
    gap = plant(200)
    gap[9, 3] = np.nan
    with pytest.raises(multivariate.NotFiniteData) as refused:
        trained(gap)
    assert refused.value.facts["row"] == 10
    with pytest.raises(multivariate.OtherVariables):
        scores(model, plant(20)[:, :5])


def test_canonical_variates_beat_the_classical_baseline_on_the_tennessee_eastman_process(shared, tmp_path):
    found = bench.evaluate(tep.unpack(shared, tmp_path))
    cva, pca = found["cva"], found["pca"]

    def mean(rows, column):
        return np.mean([row[column] for row in rows[1:]])

    assert mean(cva, "detected") > mean(pca, "detected") + 0.05
    assert mean(cva, "false") < mean(pca, "false") and cva[0]["false"] < 0.04
    # Fault 5 disappears from the single variables once the controllers have answered it.
    assert cva[5]["detected"] > 0.99 > pca[5]["detected"]
    # Faults 3, 9 and 15 are seen by neither beyond its false alarms.
    assert all(rows[fault]["detected"] < 0.2 for rows in (cva, pca) for fault in (3, 9, 15))


@pytest.mark.parametrize("variables", [2, 3, 6])
@pytest.mark.parametrize("method", [canonical_variates, principal_components])
def test_a_small_unit_keeps_something_to_be_a_residual(variables, method):
    found = trained(plant(800)[:, :variables], method)
    assert min(found.limits) > 0 and len(found.state) and len(found.residual)
    assert multivariate.unpack(multivariate.pack(found)).limits == found.limits


def test_no_window_reaches_over_a_gap_and_the_rate_of_false_alarms_is_that_of_rows_not_seen():
    rows = plant(3000)
    stretch = np.repeat([0, 1, 2], 1000)
    told = []
    found = multivariate.learnt(rows, partial(canonical_variates, lags=3), stretch=stretch, progress=told.append)
    assert told == [1, 2, 3, 4, 5, 6]
    # Two statistics, each with one in a hundred above its threshold.
    assert 0.002 < found.false_alarm_rate < 0.05
    judged = scores(found.model, rows, stretch)
    assert np.flatnonzero(np.isnan(judged.state)).tolist() == [0, 1, 1000, 1001, 2000, 2001]
    # One stretch after the other is the same as each for itself.
    alone = scores(found.model, rows[1000:2000])
    np.testing.assert_allclose(judged.state[1002:2000], alone.state[2:])
