"""Blast curves and their inverses: what must hold of each, and where each ends."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence import chinese_blast, kingery_bulmash, kinney_graham
from anlan.consequence.blasts import Curve
from anlan.consequence.catalogue import model, plain
from anlan.consequence.epa_vapour_cloud import PSI_PA
from anlan.consequence.validity import Contradiction, NotFinite, OutOfRange

CURVES = {each.by.model: each for each in (kinney_graham.CURVE, kingery_bulmash.CURVE, chinese_blast.CURVE)}
CODES = tuple(CURVES)
BOUNDS = {code: (each.nearest, each.farthest) for code, each in CURVES.items()}


@pytest.mark.parametrize("code", CODES)
def test_overpressure_falls_all_the_way(code: str) -> None:
    curve = CURVES[code]
    scaled = np.geomspace(curve.nearest, curve.farthest, 20_001)
    found = curve.overpressure(scaled, 101_325.0)
    assert (found > 0).all()
    over_seam = np.isin(np.arange(scaled.size - 1), np.searchsorted(scaled, curve.seams) - 1)
    assert (np.diff(found)[~over_seam] < 0).all()
    assert (found[1:] / found[:-1] < 1.01).all()


@pytest.mark.parametrize("code", CODES)
@given(charge=st.floats(1e-3, 1e7), where=st.floats(0.001, 0.999))
def test_distance_and_overpressure_turn_round(code: str, charge: float, where: float) -> None:
    curve = CURVES[code]
    low, high = BOUNDS[code]
    distance = low * (high / low) ** where * curve.scale(charge, 101_325.0)
    told = float(model(code).answer({"tnt_kg": charge, "distance_m": distance, **ambient(curve)}).values["overpressure_pa"])
    back = model(f"{code}_distance").answer({"tnt_kg": charge, "overpressure_pa": told, **ambient(curve)}).values["distance_m"]
    # Where two pieces of a polynomial meet, one overpressure belongs to two distances a little apart.
    assert float(back) == pytest.approx(distance, rel=1e-2 if code == kingery_bulmash.CODE else 1e-9)


def ambient(curve: Curve) -> dict[str, float]:
    return {} if curve.by.model == kingery_bulmash.CODE else {"ambient_pa": 101_325.0}


@pytest.mark.parametrize("code", CODES)
@given(charge=st.floats(1e-3, 1e6), more=st.floats(1.01, 100.0))
def test_a_larger_charge_reaches_farther(code: str, charge: float, more: float) -> None:
    near, far = (
        model(f"{code}_distance").answer({"tnt_kg": each, "overpressure_pa": 2e4}).values["distance_m"] for each in (charge, charge * more)
    )
    assert far / near == pytest.approx(np.cbrt(more))


@pytest.mark.parametrize("code", CODES)
def test_a_place_off_the_curve_and_an_overpressure_it_does_not_have_are_refused(code: str) -> None:
    for distance in (0.5 * BOUNDS[code][0], 1e5):
        with pytest.raises(OutOfRange):
            model(code).answer({"tnt_kg": 1.0, "distance_m": distance})
    for overpressure in (0.1, 1e12):
        with pytest.raises(OutOfRange):
            model(f"{code}_distance").answer({"tnt_kg": 1.0, "overpressure_pa": overpressure})


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("wrong", "refusal"), [({"tnt_kg": 0.0}, OutOfRange), ({"tnt_kg": -1.0}, OutOfRange), ({"distance_m": float("inf")}, NotFinite)]
)
def test_no_charge_and_no_figure_are_refused(code: str, wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        model(code).answer({"tnt_kg": 100.0, "distance_m": 30.0, **wrong})


@pytest.mark.parametrize(("tnt_kg", "distance_m", "kpa"), [(0.5, 5.0, 19.63), (0.1, 2.0, 38.71)])
def test_kinney_and_graham_in_a_published_table(tnt_kg: float, distance_m: float, kpa: float) -> None:
    """CBU International Conference 2020, Tables 1 and 2, column "Kinney"."""
    found = model("blast.kinney_graham").answer({"tnt_kg": tnt_kg, "distance_m": distance_m}).values["overpressure_pa"]
    assert found == pytest.approx(kpa * 1e3, rel=5e-4)


@pytest.mark.parametrize("end", [2.9, 23.8])
def test_the_pieces_of_kingery_and_bulmash_meet(end: float) -> None:
    below, above = kingery_bulmash.overpressure(end * np.array([1 - 1e-9, 1 + 1e-9]))
    assert above == pytest.approx(below, rel=1e-2)


def test_where_the_pieces_jump_the_farthest_distance_is_told() -> None:
    asked = np.linspace(4.80e3, 5.00e3, 41)
    told = model("blast.kingery_bulmash_distance").answer({"tnt_kg": 1.0, "overpressure_pa": asked}).values["distance_m"]
    assert (np.diff(told) < 0).all()
    beyond = told[:, None] * np.geomspace(1 + 1e-9, 1.5, 500)
    assert (kingery_bulmash.overpressure(beyond) < asked[:, None] * (1 + 1e-9)).all()


def test_a_hemisphere_on_the_ground_blasts_like_18_times_the_charge_in_free_air() -> None:
    """The two curves are of different origin; with the ground factor they agree within a fifth between 5 and 100 kPa."""
    distance = np.geomspace(3.5, 18.0, 30)
    ground = model("blast.kingery_bulmash").answer({"tnt_kg": 1.0, "distance_m": distance}).values["overpressure_pa"]
    air = model("blast.kinney_graham").answer({"tnt_kg": 1.8, "distance_m": distance}).values["overpressure_pa"]
    assert ground == pytest.approx(air, rel=0.2)


def test_the_second_assessments_own_equation_gives_other_radii_than_it_prints() -> None:
    """4 t of benzene: printed 48.97 m and 82.20 m, by its equation 53.5 m and 96.2 m."""
    radii = model("blast.chinese_radii").answer({"tnt_kg": 2663.216}).values
    assert (radii["serious_m"], radii["minor_m"]) == pytest.approx((53.5, 96.2), rel=2e-3)


@given(st.floats(10.0, 1e6))
def test_serious_injury_comes_nearer_than_minor(tnt: float) -> None:
    radii = model("blast.chinese_radii").answer({"tnt_kg": tnt}).values
    assert 0 < radii["serious_m"] < radii["minor_m"]


def test_injuries_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(Contradiction):
        model("blast.chinese_radii").answer({"tnt_kg": 100.0, "serious_pa": 1.5e4})


FUEL = {"fuel_kg": 42e3, "heat_of_combustion_j_kg": 5.02902e7}


def test_without_the_ground_factor_the_equivalent_is_that_much_smaller_and_nothing_is_said_of_it() -> None:
    with_ground, without = (model("blast.tnt_equivalence").answer({**FUEL, "ground_factor": each}) for each in (1.8, 1.0))
    assert with_ground.values["tnt_kg"] == pytest.approx(1.8 * without.values["tnt_kg"])
    assert [each.code for each in with_ground.cautions] == ["ground_counted"]
    assert without.cautions == ()


@pytest.mark.parametrize("wrong", [{"fuel_kg": 0.0}, {"tnt_yield": 0.0}, {"tnt_yield": 1.5}, {"ground_factor": 0.5}, {"tnt_j_kg": 4520.0}])
def test_an_equivalent_of_nothing_or_of_kilojoules_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OutOfRange):
        model("blast.tnt_equivalence").answer({**FUEL, **wrong})


def test_the_epas_distance_is_near_that_of_kinney_and_graham_for_the_same_charge() -> None:
    """17 m/kg^(1/3) is where a blast on the ground falls to 1 psi: within a tenth of the hemisphere of Kingery and Bulmash."""
    told = model("blast.epa_vapour_cloud").answer({"fuel_kg": 1e4, "heat_of_combustion_j_kg": 4.68e7})
    tnt = 0.1 * 1e4 * 4.68e7 / 4.68e6
    hemisphere = model("blast.kingery_bulmash_distance").answer({"tnt_kg": tnt, "overpressure_pa": PSI_PA}).values["distance_m"]
    assert told.values["distance_m"] == pytest.approx(float(hemisphere), rel=0.1)
    assert [each.code for each in told.cautions] == ["epa_cloud_unverified"]


def test_arrays_are_answered_as_arrays() -> None:
    told = plain(model("blast.kinney_graham").answer({"tnt_kg": 100.0, "distance_m": [10.0, 20.0, 40.0]}).values)
    assert len(told["overpressure_pa"]) == 3
