"""Gaussian plume, puff and finite release: what is conserved, what is symmetric, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence import finite_release, gauss_error, gaussian_plume, gaussian_puff
from anlan.consequence.catalogue import model
from anlan.consequence.chain import STABILITIES, Weather
from anlan.consequence.sigma import (
    BRIGGS_RURAL,
    CCPS_PUFF,
    SIGMA_SETS,
    AveragingTimeRefused,
    TooCalm,
    UnknownSigmaSet,
    UnknownStability,
    averaged,
    carrying_wind,
    plume_set,
    sigma_set,
    wind_at,
)
from anlan.consequence.validity import Contradiction, NoFigure, NotFinite, OutOfRange

stability = st.sampled_from(STABILITIES)
ANY = {"rate_kg_s": 1.0, "wind_m_s": 3.0, "stability": "D", "x_m": 500.0}


def test_erfc_is_that_of_the_standard_library_to_twelve_figures() -> None:
    x = np.linspace(-6, 26, 5001)
    wanted = np.array([math.erfc(each) for each in x])
    assert np.max(np.abs(gauss_error.erfc(x) / wanted - 1)) < 1e-12
    assert gauss_error.erfc(np.array([40.0]))[0] == 0
    assert np.max(np.abs(gauss_error.erfc_of_magnitude_tabled(x) - gauss_error.erfc_of_magnitude(x))) < 1e-7
    assert gauss_error.normal_share(np.array([0.0]))[0] == pytest.approx(0.5)


@given(stability, st.sampled_from(sorted(SIGMA_SETS)))
def test_every_sigma_grows_with_distance_and_less_than_it(which: str, code: str) -> None:
    x = np.geomspace(1, 50_000, 400)
    sigmas = sigma_set(code)
    across, up = sigmas.sigma_y(x, which), sigmas.sigma_z(x, which)
    assert (np.diff(across) > 0).all()
    assert (np.diff(up) > 0).all()
    assert (np.diff(across / x) <= 1e-15).all()


def test_a_more_stable_air_spreads_a_cloud_less() -> None:
    for sigmas in SIGMA_SETS.values():
        across = [float(sigmas.sigma_y(np.array(1000.0), each)) for each in STABILITIES]
        assert across == sorted(across, reverse=True)


@settings(max_examples=40)
@given(stability, st.floats(1, 10), st.floats(0, 80), st.floats(100, 8000), st.floats(0.01, 50))
def test_what_crosses_any_plane_of_the_plume_is_what_is_released(which: str, wind: float, height: float, x: float, rate: float) -> None:
    sigma_y, sigma_z = float(BRIGGS_RURAL.sigma_y(np.array(x), which)), float(BRIGGS_RURAL.sigma_z(np.array(x), which))
    y = np.linspace(-7 * sigma_y, 7 * sigma_y, 401)
    z = np.linspace(0, height + 7 * sigma_z, 1601)
    found = gaussian_plume.concentration(rate, wind, y[:, None], z[None, :], height, sigma_y, sigma_z)
    assert wind * np.trapezoid(np.trapezoid(found, z, axis=1), y) == pytest.approx(rate, rel=1e-3)


@settings(max_examples=20)
@given(stability, st.floats(0, 50), st.floats(100, 5000), st.floats(0.1, 1e4))
def test_the_mass_of_a_puff_is_what_was_let_go(which: str, height: float, travelled: float, mass: float) -> None:
    sigma_y, sigma_z = float(CCPS_PUFF.sigma_y(np.array(travelled), which)), float(CCPS_PUFF.sigma_z(np.array(travelled), which))
    along = np.linspace(-6 * sigma_y, 6 * sigma_y, 101)
    z = np.linspace(0, height + 6 * sigma_z, 1201)
    found = gaussian_puff.concentration(
        mass, along[:, None, None], along[None, :, None], z[None, None, :], height, sigma_y, sigma_y, sigma_z
    )
    whole = np.trapezoid(np.trapezoid(np.trapezoid(found, z, axis=2), along, axis=1), along)
    assert whole == pytest.approx(mass, rel=1e-3)


@given(stability, st.floats(1, 8), st.floats(20, 600), st.floats(100, 3000))
def test_what_passes_a_place_in_all_is_what_was_released(which: str, wind: float, duration: float, x: float) -> None:
    time = np.linspace(0, 6 * x / wind + 2 * duration, 20_001)
    passed = finite_release.passing(x, time, np.array([0, duration]), np.array([2.0]), wind, lambda d: BRIGGS_RURAL.sigma_y(d, which))
    assert (passed >= 0).all()
    # Slow parts of a spreading cloud count a little more than fast ones.
    assert np.trapezoid(passed, time) == pytest.approx(2.0 * duration, rel=0.12)


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=6))
def test_a_varying_rate_is_the_sum_of_its_steps(rates: list[float]) -> None:
    edges = np.arange(len(rates) + 1) * 60.0
    time = np.linspace(1, 2000, 400)

    def spread(distance: np.ndarray) -> np.ndarray:
        return CCPS_PUFF.sigma_y(distance, "D")

    whole = finite_release.passing(500.0, time, edges, np.array(rates), 2.0, spread)
    apart = sum(
        finite_release.passing(500.0, time, edges[place : place + 2], np.array([rate]), 2.0, spread) for place, rate in enumerate(rates)
    )
    assert whole == pytest.approx(apart, rel=1e-9, abs=1e-12)


def test_a_long_release_becomes_the_plume_and_a_moment_the_puff() -> None:
    asked = {**ANY, "x_m": 400.0, "stability": "F"}
    steady = float(model("dispersion.gaussian_plume").answer(asked).values["concentration_kg_m3"])
    long = model("dispersion.finite_release").answer({**asked, "duration_s": 7200.0, "time_s": 3600.0})
    assert float(long.values["concentration_kg_m3"]) == pytest.approx(steady, rel=1e-6)
    moment = {"wind_m_s": 2.0, "stability": "D", "x_m": 500.0}
    short = {**moment, "rate_kg_s": 1e4, "duration_s": 1e-3, "sigmas": "ccps_puff", "time_s": 250.0}
    puff = model("dispersion.gaussian_puff").answer({**moment, "mass_kg": 10.0, "time_s": 250.0})
    found = model("dispersion.finite_release").answer(short)
    assert float(found.values["concentration_kg_m3"]) == pytest.approx(float(puff.values["concentration_kg_m3"]), rel=1e-4)


@given(st.floats(0, 400), stability, st.sampled_from(["rural", "urban"]))
def test_left_and_right_of_the_wind_are_alike(y: float, which: str, ground: str) -> None:
    both = model("dispersion.gaussian_plume").answer({**ANY, "stability": which, "ground": ground, "y_m": np.array([y, -y]), "x_m": 700.0})
    left, right = both.values["concentration_kg_m3"]
    assert left == right


def test_a_longer_average_widens_the_plume_and_lowers_its_axis() -> None:
    short = model("dispersion.gaussian_plume").answer({**ANY, "averaging_s": 60})
    long = model("dispersion.gaussian_plume").answer({**ANY, "averaging_s": 3600})
    ratio = float(short.values["concentration_kg_m3"] / long.values["concentration_kg_m3"])
    assert ratio == pytest.approx(60**0.2)
    assert "averaging" in {each.code for each in short.cautions}
    assert averaged(600) == 1
    with pytest.raises(AveragingTimeRefused):
        averaged(10)


def test_places_near_and_far_carry_a_caution() -> None:
    found = model("dispersion.gaussian_plume").answer({**ANY, "x_m": np.array([50.0, 500.0, 20_000.0])})
    assert {"near", "far", "sigma_secondary"} <= {each.code for each in found.cautions}
    inside = model("dispersion.gaussian_plume").answer(ANY)
    assert not {"near", "far"} & {each.code for each in inside.cautions}


def test_the_wind_grows_with_height_by_the_power_law_and_a_calm_is_refused() -> None:
    weather = Weather(2.0, "F")
    assert wind_at(weather, 10.0) == 2.0
    assert wind_at(weather, 20.0) == pytest.approx(2.0 * 2**0.55)
    assert carrying_wind(weather, 1.0) == 2.0
    with pytest.raises(TooCalm):
        carrying_wind(Weather(0.9, "F"), 0.0)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"x_m": -5.0}, OutOfRange),
        ({"x_m": 0.0}, OutOfRange),
        ({"rate_kg_s": 0.0}, OutOfRange),
        ({"rate_kg_s": float("nan")}, NotFinite),
        ({"wind_m_s": 0.1}, OutOfRange),
        ({"stability": "G"}, Contradiction),
        ({"x_m": None}, NoFigure),
        ({"x_m": "far"}, NotFinite),
        ({"averaging_s": 1.0}, OutOfRange),
        ({"ground": "sea"}, Contradiction),
    ],
)
def test_absurd_input_is_refused_with_a_reason(wrong: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        model("dispersion.gaussian_plume").answer({**ANY, **wrong})


def test_unknown_classes_and_sets_are_refused() -> None:
    with pytest.raises(UnknownStability):
        BRIGGS_RURAL.sigma_y(np.array(100.0), "G")
    with pytest.raises(UnknownSigmaSet):
        sigma_set("magic")
    with pytest.raises(UnknownSigmaSet):
        plume_set("sea")
