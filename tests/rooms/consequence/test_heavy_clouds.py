"""Heavy clouds: curves, dimensions, hand-over to a passive cloud, and the choice between models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence import britter_mcquaid as bm
from anlan.consequence.catalogue import model
from anlan.consequence.chain import SourceTerm, Weather
from anlan.consequence.choosing import PASSIVE, cloud_of
from anlan.consequence.clouds import HigherCloud
from anlan.consequence.heavy import DiscCloud, heavy_plume, heavy_puff, plume_of
from anlan.consequence.sigma import TooCalm, UnknownStability
from anlan.consequence.validity import Contradiction, NotFinite, OutOfRange

NIGHT = Weather(2.4, "F", temperature_k=283.15)


def chlorine(rate: float = 0.9, duration: float = 1200.0, mass: float | None = None) -> SourceTerm:
    return SourceTerm(np.array([0.0]), np.array([rate]), duration, mass or rate * duration, 239.1, 3.2, 0.0, ())


def codes(cautions: tuple) -> set[str]:
    return {each.code for each in cautions}


@given(st.floats(-2, 1), st.sampled_from([bm.PLUME_CURVES, bm.PUFF_CURVES]))
def test_the_curves_follow_each_other_for_every_alpha(alpha: float, curves: list) -> None:
    betas = [bm.curve(pieces, alpha) for _, pieces in curves]
    assert betas == sorted(betas)
    assert len(set(betas)) == len(betas)


@given(st.floats(0.05, 100), st.floats(0.5, 30), st.floats(1, 12))
def test_a_heavy_plume_thins_downwind_widens_and_keeps_its_mass(volume: float, gravity: float, wind: float) -> None:
    cloud = bm.Plume(volume, gravity, wind)
    if cloud.alpha > 1:
        with pytest.raises(OutOfRange):
            cloud.dilution(np.array([100.0]))
        return
    x = np.geomspace(0.1, 20_000, 500)
    diluted, half = cloud.dilution(x), cloud.half_width(x)
    assert (np.diff(diluted) <= 1e-12).all()
    assert ((diluted > 0) & (diluted <= 1)).all()
    assert (np.diff(half) >= 0).all()
    assert 2 * half * cloud.height(x) * diluted * wind == pytest.approx(np.full(x.size, volume))


@given(st.floats(10, 1e5), st.floats(0.5, 20), st.floats(1, 12))
def test_a_heavy_puff_thins_and_comes_before_it_goes(volume: float, gravity: float, wind: float) -> None:
    cloud = bm.Puff(volume, gravity, wind)
    time = np.linspace(0, 3000, 300)
    if cloud.alpha <= 1:
        assert (np.diff(cloud.dilution(time)) <= 1e-12).all()
    come, go = cloud.within(np.array([0.0, 150.0, 900.0]), np.array([0.0, 20.0, 10.0]))
    assert (come <= go).all()
    reached = np.isfinite(come) & (come > 0)
    edge = (np.array([0.0, 150.0, 900.0]) - cloud.centre(np.where(reached, come, 0))) ** 2 + np.array([0.0, 20.0, 10.0]) ** 2
    assert edge[reached] == pytest.approx(cloud.radius(come[reached]) ** 2, rel=1e-6)


@given(st.floats(1e-4, 0.999), st.floats(100, 400), st.floats(250, 310))
def test_a_cold_cloud_has_the_larger_volume_fraction_and_the_correction_has_an_inverse(c: float, source: float, air: float) -> None:
    found = float(bm.volume_fraction(c, source, air))
    assert float(bm.volume_fraction(found, air, source)) == pytest.approx(c, rel=1e-9)
    assert found >= c * (1 - 1e-12) if source <= air else found <= c * (1 + 1e-12)


def test_the_lowest_curve_is_told_to_be_unsettled() -> None:
    asked = {"rate_kg_s": 5.0, "density_kg_m3": 3.2, "temperature_k": 239.0, "wind_m_s": 3.0}
    near = model("dispersion.britter_mcquaid_plume").answer({**asked, "x_m": 50.0})
    far = model("dispersion.britter_mcquaid_plume").answer({**asked, "x_m": 400.0})
    assert "curve_unsettled" not in codes(near.cautions)
    assert "curve_unsettled" in codes(far.cautions)
    assert "curves_secondary" in codes(near.cautions)


def test_a_gas_that_is_not_heavy_is_refused_by_the_heavy_models() -> None:
    asked = {"rate_kg_s": 5.0, "density_kg_m3": 0.7, "temperature_k": 288.0, "wind_m_s": 3.0, "x_m": 100.0}
    with pytest.raises(bm.NotHeavy):
        model("dispersion.britter_mcquaid_plume").answer(asked)
    with pytest.raises(bm.NotHeavy):
        model("dispersion.britter_mcquaid_puff").answer(
            {"volume_m3": 10.0, "density_kg_m3": 1.23, "temperature_k": 288.0, "wind_m_s": 8.0, "x_m": 100.0, "time_s": 10.0}
        )


def test_concentration_and_width_do_not_jump_where_a_plume_ceases_to_be_heavy() -> None:
    cloud = heavy_plume(chlorine(), NIGHT, z_m=0.0, averaging_s=600.0)
    until = plume_of(chlorine(), NIGHT).passive_from()
    before, after = cloud.along(np.array([until * (1 - 1e-6)])), cloud.along(np.array([until * (1 + 1e-6)]))
    assert before[0] == pytest.approx(after[0], rel=1e-3)
    assert before[1] == pytest.approx(after[1], rel=1e-3)


def test_a_heavy_puff_is_handed_over_with_its_mass() -> None:
    cloud = heavy_puff(1000.0, chlorine(duration=0.0, mass=1000.0), Weather(4, "D"), z_m=0.0)
    kept = cloud.density_kg_m3 * float(cloud.puff.dilution(np.array(cloud.until_s)))
    centre = np.array([float(cloud.puff.centre(cloud.until_s)) + 1e-3])
    assert float(cloud.after.course(centre, np.array([0.0]), np.array([cloud.until_s]))[0, 0]) == pytest.approx(kept, rel=1e-3)
    unit, wide = (float(each[0]) for each in cloud.after.along(centre))
    high = 1 / (np.pi * wide * unit * 4.0)
    assert (2 * np.pi) ** 1.5 * wide**2 * high * kept / 2 == pytest.approx(1000.0, rel=1e-3)
    assert wide == pytest.approx(float(cloud.puff.radius(cloud.until_s)) / np.sqrt(2), rel=1e-3)


def test_heavy_or_passive_is_chosen_by_the_published_criterion() -> None:
    heavy, _ = cloud_of(chlorine(), NIGHT)
    assert [each.model for each in heavy.by] == ["dispersion.britter_mcquaid_plume", "dispersion.finite_release"]
    light, told = cloud_of(replace(chlorine(), density_kg_m3=0.7), NIGHT)
    assert [each.model for each in light.by] == ["dispersion.finite_release"]
    assert "light" in codes(told)
    faint, _ = cloud_of(chlorine(rate=1e-5), Weather(8, "D"))
    assert [each.model for each in faint.by] == ["dispersion.finite_release"]
    forced, told = cloud_of(chlorine(), NIGHT, choice=PASSIVE)
    assert [each.model for each in forced.by] == ["dispersion.finite_release"]
    assert "heavy_ignored" in codes(told)


def test_a_short_heavy_release_is_a_puff_and_one_between_the_higher_of_both() -> None:
    weather = Weather(3, "D")
    until = plume_of(chlorine(), weather).passive_from()
    assert isinstance(cloud_of(chlorine(duration=0.3 * until / 3), weather)[0], DiscCloud)
    between, _ = cloud_of(chlorine(duration=1.5 * until / 3), weather)
    assert isinstance(between, HigherCloud)
    x = np.geomspace(1, 5000, 60)
    highest = np.max([part.peak(x, 0 * x) for part in between.parts], axis=0)
    assert between.peak(x, 0 * x) == pytest.approx(highest)
    assert isinstance(cloud_of(chlorine(duration=0.0, mass=500.0), weather)[0], DiscCloud)


EMPTYING = SourceTerm(np.linspace(0, 1150, 24), 2 * np.exp(-np.linspace(0, 1150, 24) / 400), 1200.0, 833.0, 239.1, 3.2, 0.0, ())


@pytest.mark.parametrize(
    "source",
    [
        chlorine(),
        chlorine(duration=0.0, mass=500.0),
        replace(chlorine(), density_kg_m3=0.7),
        EMPTYING,
        replace(EMPTYING, density_kg_m3=0.7),
    ],
)
def test_the_highest_of_the_course_is_the_peak(source: SourceTerm) -> None:
    cloud, _ = cloud_of(source, Weather(3, "D"))
    x, y = np.array([40.0, 200.0, 1000.0, 3000.0]), np.array([0.0, 8.0, 40.0, -120.0])
    course = cloud.course(x, y, np.linspace(0, 4000, 8001))
    assert course.max(axis=0) == pytest.approx(cloud.peak(x, y), rel=0.03)
    assert (course >= 0).all()


@pytest.mark.parametrize(
    ("source", "weather", "refusal"),
    [
        (chlorine(), Weather(0.4, "D"), TooCalm),
        (chlorine(), Weather(float("nan"), "D"), NotFinite),
        (chlorine(), Weather(3, "Z"), UnknownStability),
        (replace(chlorine(), mass_kg=0.0), NIGHT, OutOfRange),
        (replace(chlorine(), density_kg_m3=-1.0), NIGHT, OutOfRange),
        (replace(chlorine(), duration_s=-5.0), NIGHT, OutOfRange),
        (replace(chlorine(), rate_kg_s=np.array([0.0])), NIGHT, Contradiction),
        (replace(chlorine(), time_s=np.array([0.0, 5.0])), NIGHT, Contradiction),
        (chlorine(duration=0.0, mass=1e6), Weather(1.2, "F"), OutOfRange),
    ],
)
def test_what_no_model_can_carry_is_refused(source: SourceTerm, weather: Weather, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        cloud_of(source, weather)
