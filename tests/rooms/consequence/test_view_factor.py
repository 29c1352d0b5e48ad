"""View factors of cylinders of flame, by a second route: cosines over squared distance, integrated over the surface that is seen."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anlan.consequence.catalogue import plain
from anlan.consequence.validity import OutOfRange
from anlan.consequence.view_factor import VIEW_TILTED, VIEW_UPRIGHT, factors, tilted, upright


def integrated(a: float, b: float, tilt: float, nodes: int = 400) -> tuple[float, float]:
    """``∫ cos β1 cos β2 / (π s²) dA`` over the lateral surface of the sheared cylinder seen from (b, 0, 0), by Gauss-Legendre.

    A place on it is (cos φ + z tan θ, sin φ, z); its normal (cos φ, sin φ, -cos φ tan θ) has the length of the surface element. It is seen where
    ``b cos φ > 1``.
    """
    x, weight = np.polynomial.legendre.leggauss(nodes)
    most, height, slope = np.arccos(1 / b), a * np.cos(tilt), np.tan(tilt)
    phi, z = np.meshgrid(most * x, height / 2 * (x + 1), indexing="ij")
    area = np.outer(most * weight, height / 2 * weight)
    dx, dy, dz = np.cos(phi) + z * slope - b, np.sin(phi), z
    leaving = -(np.cos(phi) * dx + np.sin(phi) * dy - np.cos(phi) * slope * dz)
    kernel = area * leaving / (np.pi * (dx * dx + dy * dy + dz * dz) ** 2)
    return float(np.sum(kernel * np.maximum(-dx, 0))), float(np.sum(kernel * dz))


@pytest.mark.parametrize(("a", "b"), [(2.0, 2.0), (5.0, 3.0), (0.5, 1.5), (20.0, 10.0)])
def test_an_upright_flame_agrees_with_the_integral(a: float, b: float) -> None:
    vertical, horizontal = upright(a, np.asarray(b))
    assert (float(vertical), float(horizontal)) == pytest.approx(integrated(a, b, 0.0), rel=1e-8)


@pytest.mark.parametrize(
    ("a", "b", "degrees"), [(3.0, 3.5, 40.0), (3.0, 3.0, -40.0), (3.0, 2.2, -60.0), (3.0, 3.3, 45.0), (20.0, 20.0, 10.0)]
)
def test_a_tilted_flame_agrees_with_the_integral(a: float, b: float, degrees: float) -> None:
    vertical, horizontal = tilted(a, np.asarray(b), np.radians(degrees))
    assert (float(vertical), float(horizontal)) == pytest.approx(integrated(a, b, np.radians(degrees)), rel=1e-7)


@pytest.mark.parametrize(
    ("a", "b", "degrees", "printed"), [(2.20396, 4.712, 50.8286, (0.091915, 0.029146)), (11.18, 14.43166, 2.00843, (0.02665, 0.00934))]
)
def test_the_worked_examples_of_the_yellow_book(a: float, b: float, degrees: float, printed: tuple[float, float]) -> None:
    """TNO Yellow Book 6.6.3 step 12 and 6.6.2 step 29."""
    asked = {"radius_m": 1.0, "flame_length_m": a, "distance_m": b, "tilt_deg": degrees}
    found = VIEW_TILTED.answer(asked).values
    assert (found["vertical"], found["horizontal"]) == pytest.approx(printed, abs=5e-6)


@given(st.floats(0.1, 50.0), st.floats(1.001, 900.0), st.floats(1.001, 1.1), st.floats(-1.2, 1.2))
def test_a_view_factor_lies_between_nothing_and_all_and_falls_with_distance(a: float, b: float, more: float, tilt: float) -> None:
    edge = 1 + a * max(float(np.sin(tilt)), 0.0)
    near = edge * b
    assume(near * more < 1000)
    _, _, greatest = factors(1.0, a, np.array([near, near * more]), tilt, model="test")
    assert 0 <= greatest[1] <= greatest[0] <= 1


@given(st.floats(0.1, 50.0), st.floats(1.01, 500.0))
def test_a_flame_hardly_tilted_looks_like_an_upright_one(a: float, b: float) -> None:
    straight, leaning = upright(a, np.asarray(b)), tilted(a, np.asarray(b), 1e-9)
    assert np.asarray(leaning) == pytest.approx(np.asarray(straight), rel=1e-5, abs=1e-9)


@given(st.floats(0.1, 20.0), st.floats(1.2, 50.0), st.floats(0.01, 1.0))
def test_a_flame_that_leans_away_is_seen_less_than_one_that_leans_over(a: float, b: float, tilt: float) -> None:
    assume(b > 1.05 * (1 + a * np.sin(tilt)))
    toward, away = (tilted(a, np.asarray(b), sign * tilt) for sign in (1, -1))
    assert np.hypot(*toward) > np.hypot(*away)


def test_the_length_of_the_radius_does_not_matter() -> None:
    one = plain(VIEW_UPRIGHT.answer({"radius_m": 1.0, "flame_length_m": 3.0, "distance_m": [2.0, 5.0]}).values)
    many = plain(VIEW_UPRIGHT.answer({"radius_m": 7.0, "flame_length_m": 21.0, "distance_m": [14.0, 35.0]}).values)
    assert many["greatest"] == pytest.approx(one["greatest"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"distance_m": 5.0},
        {"distance_m": 4.9},
        {"distance_m": [20.0, 3.0]},
        {"distance_m": -1.0},
        {"distance_m": 5001.0},
        {"radius_m": 0.0},
        {"flame_length_m": 0.0},
    ],
)
def test_a_target_in_the_flame_or_beyond_the_closed_form_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(OutOfRange):
        VIEW_UPRIGHT.answer({"radius_m": 5.0, "flame_length_m": 10.0, "distance_m": 20.0, **wrong})


def test_a_target_under_a_flame_that_leans_over_it_is_refused() -> None:
    leaning = {"radius_m": 1.0, "flame_length_m": 3.0, "distance_m": 2.5, "tilt_deg": 45.0}
    with pytest.raises(OutOfRange):
        VIEW_TILTED.answer(leaning)
    assert VIEW_TILTED.answer({**leaning, "target": "upwind"}).values["greatest"] > 0
