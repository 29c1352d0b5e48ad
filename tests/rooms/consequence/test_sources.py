"""From what happened to what goes into the air: by path, with the mass of every path accounted for."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence.assumptions import Assumptions
from anlan.consequence.chain import Scenario, SourceTerm, Weather
from anlan.consequence.gas_hole import GAS_HOLE
from anlan.consequence.sources import Sources, path_of, source_term, source_terms
from anlan.consequence.substance import Antoine, Substance, ideal_gas_density
from anlan.consequence.validity import Contradiction, NoFigure, NotFinite, OutOfRange
from anlan.kernel.errors import Refusal

AIR = Weather(wind_m_s=3.0, stability="D", temperature_k=298.15)
CHLORINE = Substance(
    "7782-50-5",
    "氯",
    molar_mass_kg_mol=0.070906,
    boiling_point_k=239.11,
    liquid_density_kg_m3=1400.0,
    heat_of_vaporisation_j_kg=287_600.0,
    liquid_heat_capacity_j_kg_k=960.0,
    isentropic_exponent=1.33,
    critical_temperature_k=417.0,
)
METHANE = Substance(
    "74-82-8",
    "甲烷",
    molar_mass_kg_mol=0.016043,
    boiling_point_k=111.7,
    liquid_density_kg_m3=422.0,
    heat_of_vaporisation_j_kg=510_800.0,
    liquid_heat_capacity_j_kg_k=3480.0,
    isentropic_exponent=1.31,
    critical_temperature_k=190.6,
)
CARBON_MONOXIDE = Substance(
    "630-08-0", "一氧化碳", molar_mass_kg_mol=0.02801, boiling_point_k=81.6, isentropic_exponent=1.4, critical_temperature_k=132.9
)
HEXANE = Substance(
    "110-54-3",
    "正己烷",
    molar_mass_kg_mol=0.08618,
    boiling_point_k=341.9,
    liquid_density_kg_m3=655.0,
    heat_of_vaporisation_j_kg=335_000.0,
    antoine=Antoine(9.00139, 1170.875, -48.833, 286.0, 343.0),
)

CYLINDER = Scenario("7782-50-5", 1000.0, 8.0e5, 298.15, AIR, hole_m=0.02)
LNG_TANK = Scenario("74-82-8", 50_000.0, 101_325.0, 111.0, AIR, hole_m=0.1, head_m=10.0)
GAS_TANK = Scenario("630-08-0", 500.0, 100e5, 298.15, AIR, hole_m=0.01)
HEXANE_TANK = Scenario("110-54-3", 20_000.0, 101_325.0, 298.15, AIR, hole_m=0.05, head_m=4.0, bund_m2=300.0)

CASES = [
    ("pressurised_gas", GAS_TANK, CARBON_MONOXIDE),
    ("pressurised_gas", replace(GAS_TANK, duration_s=60.0), CARBON_MONOXIDE),
    ("pressurised_gas", replace(GAS_TANK, hole_m=None), CARBON_MONOXIDE),
    ("pressurised_gas", replace(GAS_TANK, substance="74-82-8"), METHANE),
    ("liquefied_gas", CYLINDER, CHLORINE),
    ("liquefied_gas", replace(CYLINDER, duration_s=30.0), CHLORINE),
    ("liquefied_gas", replace(CYLINDER, hole_m=None), CHLORINE),
    ("liquefied_gas", replace(CYLINDER, hole_m=None, inventory_kg=50_000.0, bund_m2=100.0), CHLORINE),
    ("cryogenic", LNG_TANK, METHANE),
    ("cryogenic", replace(LNG_TANK, duration_s=300.0), METHANE),
    ("cryogenic", replace(LNG_TANK, hole_m=None, bund_m2=400.0), METHANE),
    ("liquid", HEXANE_TANK, HEXANE),
    ("liquid", replace(HEXANE_TANK, duration_s=120.0), HEXANE),
    ("liquid", replace(HEXANE_TANK, hole_m=None, bund_m2=None), HEXANE),
]


def in_air(term: SourceTerm) -> float:
    """Second route to the mass of a term: its rates over its times."""
    if term.duration_s == 0.0:
        return term.mass_kg
    return float(np.sum(term.rate_kg_s * np.diff(np.append(term.time_s, term.duration_s))))


def accounted(found: Sources) -> float:
    return sum(in_air(term) for term in found.terms) + found.vessel_kg + found.ground_kg


@pytest.mark.parametrize(("path", "scenario", "substance"), CASES)
def test_every_kilogram_is_in_the_vessel_in_the_air_or_on_the_ground(path: str, scenario: Scenario, substance: Substance) -> None:
    found = source_terms(scenario, substance)
    assert found.path == path == path_of(scenario, substance)
    assert accounted(found) == pytest.approx(scenario.inventory_kg, rel=1e-6)
    assert found.airborne_kg == pytest.approx(sum(term.mass_kg for term in found.terms))


@pytest.mark.parametrize(("path", "scenario", "substance"), CASES)
def test_every_term_is_finite_names_its_models_and_tells_its_path(path: str, scenario: Scenario, substance: Substance) -> None:
    for term in source_terms(scenario, substance).terms:
        assert np.isfinite(term.rate_kg_s).all()
        assert (term.rate_kg_s >= 0.0).all()
        assert term.time_s.shape == term.rate_kg_s.shape
        assert (np.diff(np.append(term.time_s, term.duration_s)) > 0).all()
        assert term.mass_kg > 0.0
        assert 50.0 < term.temperature_k < 320.0
        assert term.density_kg_m3 > 0.0
        assert term.by
        assert len(set(term.by)) == len(term.by)
        codes = [caution.code for caution in term.cautions]
        assert f"path_{path}" in codes
        assert len(set(codes)) == len(codes)
        for caution in term.cautions:
            assert "{" not in caution.sentence.format(**caution.facts)


@settings(max_examples=40)
@given(
    inventory=st.floats(1.0, 1e6),
    hole=st.one_of(st.none(), st.floats(0.002, 0.5)),
    temperature=st.floats(245.0, 310.0),
    wind=st.floats(1.0, 15.0),
    bund=st.one_of(st.none(), st.floats(5.0, 5000.0)),
    duration=st.one_of(st.none(), st.floats(1.0, 20_000.0)),
    ambient=st.floats(60_000.0, 105_000.0),
)
def test_a_liquefied_gas_loses_no_mass_whatever_the_scenario(
    inventory: float, hole: float | None, temperature: float, wind: float, bund: float | None, duration: float | None, ambient: float
) -> None:
    weather = replace(AIR, wind_m_s=wind, temperature_k=temperature, pressure_pa=ambient)
    scenario = Scenario("x", inventory, 2e6, temperature, weather, hole_m=hole, bund_m2=bund, duration_s=duration)
    found = source_terms(scenario, CHLORINE)
    assert accounted(found) == pytest.approx(inventory, rel=1e-6)


def test_a_vessel_of_gas_begins_with_the_rate_of_its_hole_and_the_rate_falls() -> None:
    term = source_term(GAS_TANK, CARBON_MONOXIDE)
    first = GAS_HOLE.answer(
        {
            "discharge_coefficient": 0.85,
            "hole_m": 0.01,
            "density_kg_m3": ideal_gas_density(100e5, 298.15, 0.02801),
            "pressure_pa": 100e5,
            "temperature_k": 298.15,
            "isentropic_exponent": 1.4,
        }
    ).values["mass_rate_kg_s"]
    assert term.rate_kg_s[0] == pytest.approx(float(first), rel=0.08)
    assert (np.diff(term.rate_kg_s) < 0).all()


def test_a_boiling_pool_is_told_by_the_rate_it_sustains_for_a_minute() -> None:
    term = source_term(replace(LNG_TANK, hole_m=None, bund_m2=400.0), METHANE)
    steps = np.diff(np.append(term.time_s, term.duration_s))
    assert (steps >= 60.0).all()
    first = steps[0]
    strength = 8.64 * (298.15 - 111.7) / (510_800.0 * np.sqrt(np.pi * 4.13e-6))
    assert term.rate_kg_s[0] == pytest.approx(400.0 * 2 * strength / np.sqrt(first), rel=1e-6)


def test_a_jet_shorter_than_a_minute_keeps_its_strength() -> None:
    whole, short = source_term(CYLINDER, CHLORINE), source_term(replace(CYLINDER, duration_s=20.0), CHLORINE)
    assert short.time_s[1] == 20.0
    jet = source_term(CYLINDER, CHLORINE, Assumptions(droplets="stay")).rate_kg_s[0]
    assert 0.4 * jet < short.rate_kg_s[0] < jet
    assert whole.rate_kg_s.max() >= short.rate_kg_s[0]


def test_closing_the_opening_earlier_leaves_more_in_the_vessel() -> None:
    kept = [source_terms(replace(GAS_TANK, duration_s=seconds), CARBON_MONOXIDE).vessel_kg for seconds in (30.0, 120.0, 600.0, 1e6)]
    assert kept == sorted(kept, reverse=True)
    assert source_terms(GAS_TANK, CARBON_MONOXIDE).vessel_kg == pytest.approx(kept[-1])


def test_a_heavy_gas_leaves_cold_and_a_light_one_as_warm_as_its_vessel() -> None:
    heavy, light = source_term(GAS_TANK, CARBON_MONOXIDE), source_term(replace(GAS_TANK), METHANE)
    assert heavy.temperature_k == pytest.approx(81.6)
    assert heavy.density_kg_m3 > 1.2
    assert light.temperature_k == 298.15
    assert light.density_kg_m3 < 1.0
    assert "gas_light_jet" in {caution.code for caution in light.cautions}


def test_a_liquefied_gas_flashes_flies_and_boils_in_a_pool() -> None:
    term = source_term(CYLINDER, CHLORINE)
    models = {credentials.model for credentials in term.by}
    assert models == {
        "release.flash",
        "release.catastrophic",
        "release.two_phase",
        "release.pool_growth",
        "release.pool_boiling",
        "release.pool_evaporation",
    }
    assert term.temperature_k == pytest.approx(239.11)
    assert term.density_kg_m3 > CHLORINE.gas_density(239.11, 101_325.0, "m")


def test_droplets_that_all_stay_leave_no_pool_and_a_shorter_stronger_source() -> None:
    settled, stays = source_term(CYLINDER, CHLORINE), source_term(CYLINDER, CHLORINE, Assumptions(droplets="stay"))
    assert stays.rate_kg_s.max() > settled.rate_kg_s.max()
    assert stays.duration_s < settled.duration_s
    assert stays.mass_kg == pytest.approx(1000.0)


def test_an_opening_above_the_liquid_lets_out_vapour_alone() -> None:
    vapour = source_term(CYLINDER, CHLORINE, Assumptions(opening="vapour"))
    assert {credentials.model for credentials in vapour.by} == {"release.gas_hole"}
    assert vapour.rate_kg_s.max() < 0.2 * source_term(CYLINDER, CHLORINE).rate_kg_s.max()


def test_a_longer_pipe_before_the_opening_carries_less() -> None:
    bare, pipe = source_terms(CYLINDER, CHLORINE), source_terms(CYLINDER, CHLORINE, Assumptions(pipe_m=0.05, droplets="stay"))
    assert pipe.terms[0].rate_kg_s.max() < source_term(CYLINDER, CHLORINE, Assumptions(droplets="stay")).rate_kg_s.max()
    assert bare.path == pipe.path


def test_a_vessel_that_bursts_gives_a_cloud_and_a_pool_beside_it() -> None:
    found = source_terms(replace(CYLINDER, hole_m=None), CHLORINE)
    cloud, pool = found.terms
    assert cloud.duration_s == 0.0
    assert pool.duration_s > 0.0
    single = source_term(replace(CYLINDER, hole_m=None), CHLORINE)
    assert single.mass_kg == cloud.mass_kg
    assert single.cautions[-1].code == "pool_beside"


def test_a_bund_holds_the_pool_and_slows_the_source() -> None:
    open_ground = source_terms(replace(HEXANE_TANK, bund_m2=None, hole_m=None), HEXANE)
    bund = source_terms(replace(HEXANE_TANK, hole_m=None), HEXANE)
    assert bund.pool is not None
    assert open_ground.pool is not None
    assert bund.pool.area_m2.max() == pytest.approx(300.0)
    assert open_ground.pool.area_m2.max() == pytest.approx(20_000.0 / 655.0 / 0.01)
    assert bund.terms[0].rate_kg_s.max() < open_ground.terms[0].rate_kg_s.max()
    assert {"pool_depth", "pool_unfinished"} <= {caution.code for caution in bund.terms[0].cautions}


@given(st.floats(1.0, 15.0), st.floats(1.05, 3.0))
@settings(max_examples=20)
def test_more_wind_takes_more_from_a_liquid_pool(wind: float, more: float) -> None:
    calm, windy = (
        source_terms(replace(HEXANE_TANK, hole_m=None, weather=replace(AIR, wind_m_s=each)), HEXANE).airborne_kg
        for each in (wind, wind * more)
    )
    assert windy > calm


def test_in_the_mountains_a_liquid_may_boil_that_is_none_at_the_sea() -> None:
    """Butane-like: 270 K is below its boiling point at the sea and above it at 65 kPa."""
    butane = Substance(
        "106-97-8", molar_mass_kg_mol=0.0581, boiling_point_k=272.65, heat_of_vaporisation_j_kg=385_000.0, critical_temperature_k=425.1
    )
    at_sea = Scenario("x", 100.0, 1.5e5, 270.0, replace(AIR, temperature_k=270.0))
    assert path_of(at_sea, butane) == "liquid"
    assert path_of(replace(at_sea, weather=replace(at_sea.weather, pressure_pa=65_000.0)), butane) == "liquefied_gas"


def test_a_vessel_below_its_saturation_pressure_holds_gas() -> None:
    assert path_of(replace(CYLINDER, pressure_pa=3e5), CHLORINE) == "pressurised_gas"
    saturation, _exact = CHLORINE.vapour_pressure(298.15, "m")
    assert path_of(replace(CYLINDER, pressure_pa=0.97 * saturation), CHLORINE) == "liquefied_gas"


@pytest.mark.parametrize(
    ("scenario", "substance", "missing"),
    [
        (CYLINDER, replace(CHLORINE, liquid_heat_capacity_j_kg_k=None), "液体定压比热容"),
        (CYLINDER, replace(CHLORINE, heat_of_vaporisation_j_kg=None), "沸点下的汽化热"),
        (CYLINDER, replace(CHLORINE, boiling_point_k=None), "标准沸点"),
        (GAS_TANK, replace(CARBON_MONOXIDE, isentropic_exponent=None), "绝热指数"),
        (GAS_TANK, replace(CARBON_MONOXIDE, molar_mass_kg_mol=None), "摩尔质量"),
        (HEXANE_TANK, replace(HEXANE, liquid_density_kg_m3=None), "液体密度"),
        (HEXANE_TANK, replace(HEXANE, antoine=None, heat_of_vaporisation_j_kg=None), "沸点下的汽化热"),
    ],
)
def test_a_missing_figure_is_refused_by_its_name(scenario: Scenario, substance: Substance, missing: str) -> None:
    with pytest.raises(NoFigure) as refused:
        source_terms(scenario, substance)
    assert refused.value.facts["what"] == missing


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"inventory_kg": 0.0}, OutOfRange),
        ({"hole_m": 0.0}, OutOfRange),
        ({"height_m": -1.0}, OutOfRange),
        ({"head_m": -1.0}, OutOfRange),
        ({"bund_m2": 0.0}, OutOfRange),
        ({"duration_s": 0.0}, OutOfRange),
        ({"temperature_k": float("nan")}, NotFinite),
        ({"weather": replace(AIR, wind_m_s=0.1)}, OutOfRange),
        ({"weather": replace(AIR, stability="K", wind_height_m=3.0)}, Refusal),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(wrong: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        source_terms(replace(HEXANE_TANK, **wrong), HEXANE)


def test_a_vessel_of_gas_at_the_pressure_of_the_air_is_no_source() -> None:
    for hole in (0.01, None):
        with pytest.raises(Contradiction):
            source_terms(replace(GAS_TANK, pressure_pa=101_325.0, hole_m=hole), CARBON_MONOXIDE)


@pytest.mark.parametrize("wrong", [{"droplets": "vanish"}, {"ground": "ice"}, {"opening": "side"}, {"layer_m": 0.0}, {"horizon_s": -1.0}])
def test_an_assumption_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((Contradiction, OutOfRange)):
        Assumptions(**wrong)
