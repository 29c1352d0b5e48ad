"""Probits: their two ways, their units that never mix, and effects over fields."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence import probit, toxic_probit, vulnerability
from anlan.consequence.blast_harm import PROBITS as BLAST
from anlan.consequence.catalogue import Credentials, model
from anlan.consequence.chain import Field
from anlan.consequence.concentration import UnitRefused
from anlan.consequence.thermal_harm import PROBITS as THERMAL
from anlan.consequence.thermal_harm import dose
from anlan.consequence.toxic_probit import MgM3, Ppm, UnitMixed, UnknownSubstance, of_substance, probits
from anlan.consequence.validity import Contradiction, NoFigure, NotFinite, OutOfRange

SHARES = st.floats(1e-8, 1 - 1e-8)
CHLORINE_KG_MOL = 0.070906


@given(SHARES)
def test_a_share_and_its_probit_turn_round(share: float) -> None:
    assert float(probit.share(probit.of_share(share))) == pytest.approx(share, rel=1e-9)


@given(st.floats(-3.0, 13.0))
def test_the_share_is_right_to_the_error_that_is_stated(told: float) -> None:
    assert float(probit.share(told)) == pytest.approx(NormalDist().cdf(told - 5), rel=1e-11)


def test_the_printed_table_of_probits() -> None:
    """TNO Purple Book Table 5.1: some cells, two decimals."""
    printed = {0.01: 2.67, 0.05: 3.36, 0.10: 3.72, 0.25: 4.33, 0.50: 5.00, 0.75: 5.67, 0.90: 6.28, 0.99: 7.33}
    assert probit.of_share(list(printed)) == pytest.approx(list(printed.values()), abs=0.006)


def test_no_dose_harms_nobody_and_a_certain_share_has_no_probit() -> None:
    assert float(probit.share(probit.of_dose(-37.23, 2.56, 0.0))) == 0.0
    for share in (0.0, 1.0):
        with pytest.raises(OutOfRange):
            probit.of_share(share)


@pytest.mark.parametrize("name", THERMAL)
@given(share=SHARES, seconds=st.floats(1.0, 600.0))
def test_radiation_and_probability_turn_round(name: str, share: float, seconds: float) -> None:
    flux = THERMAL[name].flux(share, seconds)
    assert float(probit.share(THERMAL[name].probit(dose(flux, seconds)))) == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("name", BLAST)
@given(share=SHARES)
def test_overpressure_and_probability_turn_round(name: str, share: float) -> None:
    assert float(probit.share(BLAST[name].probit(BLAST[name].overpressure(share)))) == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize(("share", "psi"), [(0.01, 2.4), (0.5, 13.1), (0.95, 43.5)])
def test_the_printed_overpressures_of_hse(share: float, psi: float) -> None:
    """OSD/30: 1.47 + 1.37 ln(psi) there, in bar here."""
    assert float(BLAST["hse_lung"].overpressure(share)) / 6894.757 == pytest.approx(psi, rel=0.015)


@pytest.mark.parametrize(("name", "first", "half"), [("eisenberg", 960, 2380), ("tsao_perry", 420, 1046)])
def test_the_printed_lethal_doses_of_hse(name: str, first: float, half: float) -> None:
    """OSD/30 Table 17, in (kW/m²)^(4/3) s."""
    found = probit.dose_of(THERMAL[name].a, THERMAL[name].b, probit.of_share([0.01, 0.5])) / 1e3 ** (4 / 3)
    assert found == pytest.approx([first, half], rel=5e-3)


# --- toxic: the unit belongs to the coefficients -------------------------------------------------------------------------------------------


PRINTED = {
    "acrolein": (93, 16, 291, 48),
    "ammonia": (15057, 6147, 28264, 11539),
    "benzene": (18096, 7388, 22545, 9204),
    "carbon_monoxide": (11810, 1968, 22169, 3695),
    "chlorine": (173, 71, 613, 250),
    "hydrogen_chloride": (3464, 577, 11106, 1851),
    "hydrogen_cyanide": (564, 161, 969, 277),
    "hydrogen_fluoride": (19652, 3260, 39184, 6531),
    "hydrogen_sulphide": (897, 256, 1543, 441),
    "nitrogen_dioxide": (160, 65, 367, 150),
    "phosgene": (77, 13, 145, 24),
    "sulphur_dioxide": (1241, 207, 3764, 627),
    "toluene": (5352, 2614, 51965, 25377),
}


@pytest.mark.parametrize("substance", PRINTED)
def test_the_printed_lethal_concentrations_of_hse(substance: str) -> None:
    """OSD/30 Table 2: LC1 and LC50 of 5 and 30 minutes, ppm."""
    found = of_substance(substance, Ppm).concentration([0.01, 0.01, 0.5, 0.5], [5.0, 30.0, 5.0, 30.0]).value
    for told, printed in zip(found, PRINTED[substance], strict=True):
        assert told == pytest.approx(printed, rel=0.015, abs=1)


def test_every_substance_in_ppm_is_one_whose_printed_concentrations_are_recomputed() -> None:
    assert set(probits(Ppm)) == set(PRINTED)


def test_carbon_monoxide_in_the_purple_book() -> None:
    """App. 6.B step 4.3: 21 300 mg/m³ for 30 min, Pr 5.97, P 0.835."""
    asked = {"substance": "carbon_monoxide", "concentration_mg_m3": 21_300.0, "minutes": 30.0}
    found = model("harm.toxic_mg_m3").answer(asked).values
    assert found["probit"] == pytest.approx(5.97, abs=0.005)
    assert found["probability"] == pytest.approx(0.835, abs=0.002)


def test_a_concentration_in_the_other_unit_is_refused() -> None:
    chlorine = of_substance("chlorine", Ppm)
    with pytest.raises(UnitMixed) as refused:
        chlorine.load(MgM3(np.array([100.0])), 10.0)  # type: ignore[arg-type]
    assert refused.value.facts == {"substance": "chlorine", "wanted": "ppm", "given": "mg/m³"}
    with pytest.raises(UnitMixed):
        chlorine.load(np.array([100.0]), 10.0)  # type: ignore[arg-type]
    with pytest.raises(UnitMixed):
        of_substance("chlorine", MgM3).load_of_course(np.array([0.0, 60.0]), Ppm(np.array([1.0, 1.0])))  # type: ignore[arg-type]


@given(st.floats(0.01, 1e6), st.floats(0.002, 0.3), st.floats(230.0, 330.0), st.floats(5e4, 1.1e5))
def test_ppm_and_milligrams_turn_round(ppm: float, molar: float, temperature: float, pressure: float) -> None:
    there = Ppm(np.array([ppm])).in_mg_m3(molar, temperature, pressure)
    assert there.in_ppm(molar, temperature, pressure).value == pytest.approx(ppm)


def test_a_hundred_ppm_of_ammonia_are_seventy_milligrams() -> None:
    """CCOHS: mg/m³ = ppm M / 24.45 at 25 °C and 760 torr."""
    assert Ppm(np.array(100.0)).in_mg_m3(0.017031, 298.15, 101_325.0).value == pytest.approx(100 * 17.031 / 24.45, rel=1e-3)


@given(SHARES, st.floats(1.0, 120.0))
@pytest.mark.parametrize("unit", [Ppm, MgM3])
@pytest.mark.parametrize("substance", ["ammonia", "chlorine", "carbon_monoxide"])
def test_concentration_and_probability_turn_round(substance: str, unit: Any, share: float, minutes: float) -> None:
    found = of_substance(substance, unit)
    load = found.load(found.concentration(share, minutes), minutes)
    assert float(probit.share(found.probit(load))) == pytest.approx(share, rel=1e-6)


def test_a_steady_course_has_the_load_of_the_steady_concentration() -> None:
    chlorine = of_substance("chlorine", Ppm)
    times = np.linspace(0.0, 600.0, 13)
    assert chlorine.load_of_course(times, Ppm(np.full(13, 50.0))) == pytest.approx(chlorine.load(Ppm(np.array(50.0)), 10.0))


def test_an_unknown_substance_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownSubstance):
        of_substance("phosgene", MgM3)
    with pytest.raises(Contradiction):
        model("harm.toxic_ppm").answer({"substance": "water", "concentration_ppm": 1.0, "minutes": 1.0})


def test_a_second_hand_probit_says_so() -> None:
    (caution,) = model("harm.toxic_ppm").answer({"substance": "chlorine", "concentration_ppm": 250.0, "minutes": 30.0}).cautions
    assert "OSD/30" in caution.sentence.format(**caution.facts)


@pytest.mark.parametrize(
    ("code", "asked", "refusal"),
    [
        ("harm.toxic_ppm", {"substance": "chlorine", "concentration_ppm": 0.0, "minutes": 1.0}, OutOfRange),
        ("harm.toxic_ppm", {"substance": "chlorine", "concentration_ppm": 2e6, "minutes": 1.0}, OutOfRange),
        ("harm.toxic_ppm", {"substance": "chlorine", "concentration_ppm": 10.0, "minutes": -1.0}, OutOfRange),
        ("harm.thermal", {"probit_set": "tno", "radiation_w_m2": 0.0, "exposure_s": 1.0}, OutOfRange),
        ("harm.thermal", {"probit_set": "tno", "radiation_w_m2": float("nan"), "exposure_s": 1.0}, NotFinite),
        ("harm.thermal", {"probit_set": "tno", "radiation_w_m2": 1e4}, NoFigure),
        ("harm.thermal", {"probit_set": "none", "radiation_w_m2": 1e4, "exposure_s": 1.0}, Contradiction),
        ("harm.thermal_level", {"probit_set": "tno", "probability": 1.0, "exposure_s": 1.0}, OutOfRange),
        ("harm.overpressure", {"probit_set": "hse_lung", "overpressure_pa": -1.0}, OutOfRange),
        ("harm.overpressure_level", {"probit_set": "hse_lung", "probability": 0.0}, OutOfRange),
    ],
)
def test_what_cannot_be_is_refused(code: str, asked: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        model(code).answer(asked)


# --- effects over fields -------------------------------------------------------------------------------------------------------------------


def field(unit: str, value: Any, time_s: Any = None) -> Field:
    value = np.asarray(value, np.float64)
    x = np.arange(float(value.shape[-1]))
    return Field(
        "quantity",
        unit,
        x,
        x * 0,
        x * 0,
        value,
        (Credentials("source", "1", ""),),
        (),
        None if time_s is None else np.asarray(time_s, np.float64),
    )


AIR = {"molar_kg": CHLORINE_KG_MOL, "temperature_k": 298.15, "pressure_pa": 101_325.0}


def test_where_there_is_nothing_nobody_is_harmed() -> None:
    effect = vulnerability.of_concentration(field("ppm", [0.0, 250.2]), of_substance("chlorine", Ppm), exposure_s=1800.0, **AIR)
    assert effect.value == pytest.approx([0.0, 0.5], abs=1e-3)
    assert [each.model for each in effect.by] == ["source", "harm.toxic_ppm"]


@pytest.mark.parametrize("unit", [Ppm, MgM3])
def test_an_effect_is_the_same_in_whichever_unit_the_field_is_told(unit: Any) -> None:
    ppm = np.array([10.0, 100.0, 1000.0])
    mg = Ppm(ppm).in_mg_m3(**AIR).value
    chlorine = of_substance("chlorine", unit)
    told = [
        vulnerability.of_concentration(each, chlorine, exposure_s=600.0, **AIR).value
        for each in (field("ppm", ppm), field("mg/m³", mg), field("kg/m³", mg * 1e-6))
    ]
    assert told[1] == pytest.approx(told[0])
    assert told[2] == pytest.approx(told[0])
    assert (np.diff(told[0]) > 0).all()


def test_a_field_with_a_time_axis_is_followed_through_it() -> None:
    times = np.linspace(0.0, 1800.0, 61)
    course = field("ppm", np.full((61, 2), 250.2), times)
    assert vulnerability.of_concentration(course, of_substance("chlorine", Ppm), **AIR).value == pytest.approx([0.5, 0.5], abs=1e-3)
    fire = vulnerability.of_radiation(field("W/m²", np.full((61, 1), 2e4), np.linspace(0.0, 20.0, 61)), "tsao_perry")
    assert fire.value == pytest.approx(vulnerability.of_radiation(field("W/m²", [2e4]), "tsao_perry", 20.0).value)
    blast = vulnerability.of_overpressure(field("Pa", [[1e4, 0.0], [1e5, 2e5]], [0.0, 1.0]), "hse_lung")
    assert blast.value == pytest.approx(vulnerability.of_overpressure(field("Pa", [1e5, 2e5]), "hse_lung").value)


def test_what_a_field_harms_is_told() -> None:
    assert vulnerability.of_radiation(field("W/m²", [1e4]), "cn_first_degree", 30.0).harm == "burn"
    assert vulnerability.of_radiation(field("W/m²", [1e4]), "cn_death", 30.0).harm == "death"


def test_a_field_of_another_unit_or_without_a_time_of_exposure_is_refused() -> None:
    chlorine = of_substance("chlorine", Ppm)
    with pytest.raises(vulnerability.FieldUnit):
        vulnerability.of_radiation(field("kW/m²", [10.0]), "tno", 10.0)
    with pytest.raises(vulnerability.FieldUnit):
        vulnerability.of_overpressure(field("kPa", [10.0]), "hse_lung")
    with pytest.raises(UnitRefused):
        vulnerability.of_concentration(field("ppb", [10.0]), chlorine, exposure_s=60.0, **AIR)
    with pytest.raises(NoFigure):
        vulnerability.of_radiation(field("W/m²", [1e4]), "tno")
    with pytest.raises(NoFigure):
        vulnerability.of_concentration(field("ppm", [10.0]), chlorine, **AIR)
    with pytest.raises(OutOfRange):
        vulnerability.of_concentration(field("ppm", [10.0]), chlorine, exposure_s=60.0, **{**AIR, "molar_kg": 0.0})
    with pytest.raises(NotFinite):
        vulnerability.of_overpressure(field("Pa", [np.nan]), "hse_lung")


# --- screening -----------------------------------------------------------------------------------------------------------------------------


CHLORINE = {
    "mass_kg": 1000.0,
    "heat_capacity_kj_kg_k": 0.96,
    "temperature_c": 25.0,
    "boiling_c": -34.5,
    "molar_g_mol": 71.0,
    "heat_of_vaporisation_kj_kg": 289.0,
    "volume_percent": 0.09,
}


def test_the_hemisphere_says_that_it_is_for_screening_only() -> None:
    (caution,) = model("screening.vapour_hemisphere").answer(CHLORINE).cautions
    assert caution.code == "screening_only"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"temperature_c": -40.0}, Contradiction),
        ({"heat_of_vaporisation_kj_kg": 50.0}, Contradiction),
        ({"volume_percent": 0.0}, OutOfRange),
        ({"mass_kg": 0.0}, OutOfRange),
    ],
)
def test_a_hemisphere_of_what_does_not_flash_is_refused(wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        model("screening.vapour_hemisphere").answer({**CHLORINE, **wrong})


def test_toxic_coefficients_stand_in_a_file_with_source_and_status() -> None:
    for found in (*probits(Ppm).values(), *probits(MgM3).values()):
        assert found.source
        assert found.status in {"verified", "secondary", "unverified"}
    assert toxic_probit.VERSION
