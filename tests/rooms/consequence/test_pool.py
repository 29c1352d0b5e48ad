"""A pool over time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence.pool import Ground, course, sustained, times
from anlan.consequence.pool_area import fed_area

OPEN = Ground(density_kg_m3=700.0, layer_m=0.01, bund_m2=1e9)


@settings(max_examples=80)
@given(
    feed=st.floats(0.0, 500.0),
    spilled=st.floats(0.0, 1e5),
    lasts=st.floats(1.0, 7200.0),
    strength=st.floats(0.0, 2.0),
    wind=st.floats(0.0, 0.05),
    bund=st.floats(1.0, 1e5),
)
def test_mass_is_conserved_and_a_pool_never_shrinks_below_nothing(
    feed: float, spilled: float, lasts: float, strength: float, wind: float, bund: float
) -> None:
    time = times(lasts, lasts + 3600.0)
    fed = spilled + feed * np.minimum(time, lasts)
    pool = course(time, fed, Ground(700.0, 0.01, bund), strength, lambda diameter: wind * max(diameter, 1e-6) ** -0.11)
    assert pool.evaporated_kg + pool.left_kg[-1] == pytest.approx(fed[-1], rel=1e-9, abs=1e-6)
    assert (pool.left_kg >= 0).all()
    assert (pool.rate_kg_s >= 0).all()
    assert (np.diff(pool.area_m2) >= 0).all()
    assert pool.area_m2[-1] <= bund * (1 + 1e-12)
    assert np.isfinite(pool.rate_kg_s).all()


def test_moments_run_from_the_beginning_through_the_end_of_the_feed_to_the_end() -> None:
    for fed, end in ((0.0, 100.0), (60.0, 600.0), (60.0, 60.0)):
        time = times(fed, end)
        assert time[0] == 0.0
        assert time[-1] == end
        assert fed in time
        assert (np.diff(time) > 0).all()


@given(st.one_of(st.just(0.0), st.floats(0.5, 5000.0)), st.floats(1.0, 7200.0), st.lists(st.floats(0.0, 100.0), min_size=240, max_size=240))
def test_sustained_rates_carry_the_same_mass_in_steps_of_a_minute(barrier: float, after: float, rates: list[float]) -> None:
    edges = times(barrier, barrier + after)
    rate = np.asarray(rates[: edges.size - 1])
    kept, mean = sustained(edges, rate, barrier)
    assert np.sum(mean * np.diff(kept)) == pytest.approx(np.sum(rate * np.diff(edges)))
    assert kept[0] == edges[0]
    assert kept[-1] == edges[-1]
    assert barrier in kept
    for begin, end in ((0.0, barrier), (barrier, edges[-1])):
        steps = np.diff(kept[(kept >= begin) & (kept <= end)])
        assert (steps >= 60.0).all() or steps.size == 1


def test_a_fed_pool_that_gives_nothing_spreads_as_the_closed_form_says() -> None:
    time = times(20.0, 20.0)
    pool = course(time, 7.0 * time, Ground(700.0, 1e-5, 1e9), 0.0, None)
    assert pool.area_m2[-1] == pytest.approx(float(fed_area(0.01, 20.0)), rel=2e-3)
    assert pool.left_kg[-1] == pytest.approx(140.0)


def test_a_spill_that_boils_on_a_bund_follows_the_root_of_time() -> None:
    time = times(0.0, 400.0)
    pool = course(time, np.full(time.size, 1e6), Ground(400.0, 0.01, 100.0), 0.5, None)
    assert 1e6 - pool.left_kg == pytest.approx(100.0 * 2 * 0.5 * np.sqrt(time))


def test_the_greater_of_ground_and_wind_counts() -> None:
    time = times(0.0, 3600.0)
    spilled = np.full(time.size, 1e7)
    bund = Ground(density_kg_m3=700.0, layer_m=0.01, bund_m2=1000.0)
    ground = course(time, spilled, bund, 0.5, None)
    wind = course(time, spilled, bund, 0.0, lambda _diameter: 0.02)
    both = course(time, spilled, bund, 0.5, lambda _diameter: 0.02)
    assert (ground.rate_kg_s > wind.rate_kg_s).any()
    assert (ground.rate_kg_s < wind.rate_kg_s).any()
    assert both.rate_kg_s == pytest.approx(np.maximum(ground.rate_kg_s, wind.rate_kg_s))


def test_a_pool_given_no_heat_and_no_wind_stays() -> None:
    time = times(10.0, 100.0)
    assert course(time, np.minimum(time, 10.0), OPEN, 0.0, None).evaporated_kg == 0.0
