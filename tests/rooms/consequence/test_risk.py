"""Individual and societal risk: sums, the area under the curve, and criteria judged where they are nearest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model, plain
from anlan.consequence.individual_risk import coverage, individual_risk, probability_integral
from anlan.consequence.societal_risk import area, criterion, exceedance, potential_loss
from anlan.consequence.validity import Contradiction, NoFigure, OutOfRange

SCENARIOS = st.lists(st.tuples(st.floats(0.1, 1e4), st.floats(1e-10, 1e-2)), min_size=1, max_size=30)
GUIDE = {"criterion_constant": 1e-3, "criterion_power": 2.0, "criterion_from": 10.0}


@given(SCENARIOS)
def test_the_area_under_the_curve_is_the_expected_loss(scenarios: list[tuple[float, float]]) -> None:
    deaths, frequency = np.array(scenarios).T
    assert area(deaths, frequency) == pytest.approx(potential_loss(deaths, frequency), rel=1e-9)


@given(SCENARIOS, st.floats(0.01, 2e4))
def test_the_curve_is_the_sum_over_all_that_kill_as_many(scenarios: list[tuple[float, float]], at_least: float) -> None:
    deaths, frequency = np.array(scenarios).T
    by_hand = sum(each for number, each in scenarios if number >= at_least)
    assert float(exceedance(deaths, frequency, np.array([at_least]))[0]) == pytest.approx(by_hand)


@given(SCENARIOS)
def test_the_curve_never_rises(scenarios: list[tuple[float, float]]) -> None:
    deaths, frequency = np.array(scenarios).T
    told = model("risk.societal").answer({"deaths": deaths, "frequency_1_a": frequency, **GUIDE}).values
    assert (np.diff(told["n"]) > 0).all()
    assert (np.diff(told["f_1_a"]) <= 0).all()
    assert told["f_1_a"][0] == pytest.approx(frequency.sum())


@given(SCENARIOS)
def test_no_place_on_a_curve_comes_nearer_to_the_line_than_its_corners(scenarios: list[tuple[float, float]]) -> None:
    deaths, frequency = np.array(scenarios).T
    told = model("risk.societal").answer({"deaths": deaths, "frequency_1_a": frequency, **GUIDE}).values
    grid = np.geomspace(10.0, 2e4, 3000)
    ratio = exceedance(deaths, frequency, grid) / criterion(grid, 1e-3, 2.0)
    assert ratio.max() <= told["highest_ratio"] * (1 + 1e-9)


def test_a_curve_that_crosses_between_its_corners_is_found() -> None:
    """One accident of 9 deaths lies below where the line begins; one of 50 crosses it."""
    rare = {"deaths": [9.0, 50.0], "frequency_1_a": [1.0, 1e-8], **GUIDE}
    assert model("risk.societal").answer(rare).values["crosses"] is False
    often = plain(model("risk.societal").answer({**rare, "frequency_1_a": [1.0, 1e-6]}).values)
    assert often["crosses"] is True
    assert often["highest_ratio"] == pytest.approx(1e-6 / (1e-3 / 2500))


def test_a_curve_that_just_touches_the_line_does_not_cross_it() -> None:
    touching = {"deaths": 100.0, "frequency_1_a": 1e-7, **GUIDE}
    assert model("risk.societal").answer(touching).values["crosses"] is False


def test_a_criterion_must_be_given() -> None:
    with pytest.raises(NoFigure):
        model("risk.societal").answer({"deaths": 10.0, "frequency_1_a": 1e-5})


def test_the_contribution_of_the_purple_book() -> None:
    """App. 6.B step 6: 5e-7 · 0.0368 · 0.381 = 7.0e-9 a year."""
    told = model("risk.individual").answer({"frequency_1_a": 5e-7 * 0.0368, "probability": 0.381}).values
    assert told["individual_risk_1_a"] == pytest.approx(7.0e-9, rel=5e-3)


@given(SCENARIOS)
def test_individual_risk_is_the_sum_of_its_contributions(scenarios: list[tuple[float, float]]) -> None:
    frequency = np.array([each for _, each in scenarios])
    probability = np.linspace(0.0, 1.0, frequency.size)
    told = model("risk.individual").answer({"frequency_1_a": frequency, "probability": probability}).values
    assert told["individual_risk_1_a"] == pytest.approx(float(np.sum(told["contribution_1_a"])))
    assert told["individual_risk_1_a"] == pytest.approx(individual_risk(frequency, probability))
    assert told["individual_risk_1_a"] <= frequency.sum() * (1 + 1e-12)


def test_a_plume_as_wide_as_its_sector_is_certain_to_cover() -> None:
    across = np.linspace(-50.0, 50.0, 101)
    integral = probability_integral(across, np.full(101, 0.3))
    assert integral == pytest.approx(30.0)
    assert coverage(integral, 0.3, 12 * 100 / (2 * np.pi), 12) == pytest.approx(1.0)
    asked = {"integral_m": integral, "on_axis": 0.3, "distance_m": 1000.0}
    told = model("risk.plume_coverage").answer(asked).values
    assert told["probability"] == pytest.approx(12 * 100 / (2 * np.pi * 1000) * 0.3)


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({"probability": 1.1}, {"frequency_1_a": -1e-6}):
        with pytest.raises(OutOfRange):
            model("risk.individual").answer({"frequency_1_a": 1e-6, "probability": 0.5, **wrong})
    plume = {"integral_m": 30.0, "on_axis": 0.3, "distance_m": 1000.0}
    for contradiction in ({"sectors": 12.5}, {"distance_m": 10.0}):
        with pytest.raises(Contradiction):
            model("risk.plume_coverage").answer({**plume, **contradiction})
    with pytest.raises(Contradiction):
        model("risk.societal").answer({"deaths": [1.0, 2.0, 3.0], "frequency_1_a": [1e-6, 1e-6], **GUIDE})
    with pytest.raises(OutOfRange):
        model("risk.societal").answer({"deaths": 0.0, "frequency_1_a": 1e-6, **GUIDE})
