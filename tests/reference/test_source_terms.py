"""Every open reference case of releases, at its own tolerance: the models as they are asked by name."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anlan.consequence.catalogue import model
from anlan.consequence.substance import ideal_gas_density

TOPIC = "source_terms"

Figures = Mapping[str, Any]


def liquid_hole(given: Figures) -> Figures:
    return (
        model("release.liquid_hole")
        .answer(
            {
                "discharge_coefficient": given["discharge_coefficient"],
                "hole_m": given["hole_diameter_m"],
                "density_kg_m3": given["liquid_density_kg_m3"],
                "pressure_pa": given.get("upstream_pressure_pa", 101_325.0),
                "ambient_pa": given.get("ambient_pressure_pa", 101_325.0),
                "head_m": given.get("liquid_head_m", 0.0),
            }
        )
        .values
    )


def gas_hole(given: Figures) -> Figures:
    pressure, temperature = given["upstream_pressure_pa"], given["upstream_temperature_k"]
    density = given.get("gas_density_upstream_kg_m3") or ideal_gas_density(pressure, temperature, given["molar_mass_kg_mol"])
    return (
        model("release.gas_hole")
        .answer(
            {
                "discharge_coefficient": given["discharge_coefficient"],
                "hole_m": given["hole_diameter_m"],
                "density_kg_m3": density,
                "pressure_pa": pressure,
                "temperature_k": temperature,
                "isentropic_exponent": given["gamma"],
                "ambient_pa": given["ambient_pressure_pa"],
            }
        )
        .values
    )


def flash_of_butane(given: Figures) -> Figures:
    """The case prints heat capacity and heat of vaporisation as DIPPR polynomials in J/kmol; their quotient is per mole as per mass."""
    t = given["release_temperature_k"]
    capacity = 191_030 - 1675 * t + 12.5 * t**2 - 0.03874 * t**3 + 4.6121e-5 * t**4
    reduced = t / 425.12
    latent = 3.6238e7 * (1 - reduced) ** (0.8337 - 0.82274 * reduced + 0.39613 * reduced**2)
    return (
        model("release.flash")
        .answer(
            {
                "temperature_k": t,
                "boiling_point_k": given["boiling_point_k"],
                "liquid_heat_capacity_j_kg_k": capacity,
                "heat_of_vaporisation_j_kg": latent,
            }
        )
        .values
    )


def equilibrium_rate(given: Figures) -> Figures:
    """Saturated liquid through more than 10 cm of pipe: neither the density nor the pressure matters then."""
    return (
        model("release.two_phase")
        .answer(
            {
                "discharge_coefficient": 0.61,
                "hole_m": given["hole_diameter_m"],
                "pipe_m": 0.1,
                "density_kg_m3": 500.0,
                "pressure_pa": 1.0e6,
                "saturation_pa": 1.0e6,
                "temperature_k": given["temperature_k"],
                "heat_of_vaporisation_j_kg": given["latent_j_kg"],
                "expansion_m3_kg": given["vfg_m3_kg"],
                "liquid_heat_capacity_j_kg_k": given["cp_j_kg_k"],
            }
        )
        .values
    )


RUN: dict[str, Callable[[Figures], Figures]] = {
    "liquid-hole-ccps-p40": liquid_hole,
    "gas-hole-choked-ccps-p47": gas_hole,
    "gas-hole-subsonic-nitrogen": gas_hole,
    "flash-fraction-butane-blog": flash_of_butane,
    "two-phase-erm-propylene": equilibrium_rate,
    "erratum-guard-yb-table-2.8": liquid_hole,
}
CANNOT: dict[str, str] = {}


@pytest.mark.parametrize("name", RUN)
def test_a_release_agrees_with_its_reference_case(name: str, cases: dict[str, Any]) -> None:
    case = cases[name]
    found = RUN[name](case["inputs"])
    for figure, expected in case["expected"].items():
        assert found[figure] == pytest.approx(expected, **case["tolerance"]), figure


def test_no_reference_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == set(RUN) | set(CANNOT)
