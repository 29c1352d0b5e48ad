"""Gas through a hole, by a second route: choking is not tested for but found, as the greatest flux over all pressures in the throat."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import plain
from anlan.consequence.gas_hole import GAS_HOLE, choked_flux, critical_ratio, mass_flux, subsonic_flux
from anlan.consequence.substance import ideal_gas_density
from anlan.consequence.validity import Contradiction, OutOfRange

AMBIENT = 101_325.0
VESSEL = {
    "discharge_coefficient": 0.62,
    "hole_m": 0.1,
    "density_kg_m3": ideal_gas_density(50e5, 288.15, 0.002016),
    "pressure_pa": 50e5,
    "temperature_k": 288.15,
    "isentropic_exponent": 1.405,
}


def greatest_flux(pressure: float, density: float, k: float) -> float:
    """The nozzle flux maximised over throat pressures from that of the air to that of the vessel, on a grid refined about its maximum."""
    low, high = AMBIENT, pressure
    best = 0.0
    for _ in range(6):
        throat = np.linspace(low, high, 2001)
        ratio = throat / pressure
        flux = np.sqrt(np.maximum(2 * k / (k - 1) * pressure * density * (ratio ** (2 / k) - ratio ** ((k + 1) / k)), 0.0))
        at = int(np.argmax(flux))
        best = float(flux[at])
        low, high = throat[max(at - 1, 0)], throat[min(at + 1, 2000)]
    return best


@given(st.floats(1.02e5, 2e7), st.floats(0.1, 100.0), st.floats(1.05, 1.67))
def test_the_flow_is_the_greatest_a_nozzle_can_carry(pressure: float, density: float, k: float) -> None:
    assert mass_flux(pressure, AMBIENT, density, k) == pytest.approx(greatest_flux(pressure, density, k), rel=1e-6)


@given(st.floats(0.1, 100.0), st.floats(1.05, 1.67))
def test_choked_and_subsonic_flow_meet_where_choking_begins(density: float, k: float) -> None:
    pressure = AMBIENT * critical_ratio(k)
    assert choked_flux(pressure, density, k) == pytest.approx(subsonic_flux(pressure, AMBIENT, density, k), rel=1e-9)


@given(st.floats(1.02e5, 1e7), st.floats(1.001, 2.0), st.floats(1.05, 1.67))
def test_more_pressure_drives_out_more(pressure: float, more: float, k: float) -> None:
    before = mass_flux(pressure, AMBIENT, ideal_gas_density(pressure, 300.0, 0.03), k)
    after = mass_flux(pressure * more, AMBIENT, ideal_gas_density(pressure * more, 300.0, 0.03), k)
    assert after > before


def test_yellow_book_hydrogen_at_the_beginning() -> None:
    """TNO Yellow Book 2.6.2.1, Table 2.3 prints 15.31 kg/s (its exponent is not printed; 1.405)."""
    answer = GAS_HOLE.answer(VESSEL)
    assert answer.values["mass_rate_kg_s"] == pytest.approx(15.31, abs=0.005)
    assert answer.values["choked"] is True


def test_a_vessel_above_50_bar_is_answered_with_a_caution() -> None:
    assert GAS_HOLE.answer(VESSEL).cautions == ()
    (caution,) = GAS_HOLE.answer({**VESSEL, "pressure_pa": 200e5}).cautions
    assert caution.code == "release_not_ideal_gas"
    assert caution.sentence.format(**caution.facts)


def test_an_answer_for_many_pressures_is_plain_json() -> None:
    told = plain(GAS_HOLE.answer({**VESSEL, "pressure_pa": [1.1e5, 5e6], "density_kg_m3": [1.0, 4.0]}).values)
    assert told["choked"] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"pressure_pa": AMBIENT}, Contradiction),
        ({"pressure_pa": 5e4}, Contradiction),
        ({"isentropic_exponent": 1.0}, OutOfRange),
        ({"isentropic_exponent": 1.8}, OutOfRange),
        ({"density_kg_m3": 0.0}, OutOfRange),
        ({"temperature_k": 0.0}, OutOfRange),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        GAS_HOLE.answer({**VESSEL, **wrong})
