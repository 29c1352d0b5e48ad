"""Every open reference case of explosions, at its own tolerance."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anlan.consequence.catalogue import model

TOPIC = "explosion"

Figures = Mapping[str, Any]


def equivalent(given: Figures, heat_j_kg: float) -> float:
    return (
        model("blast.tnt_equivalence")
        .answer(
            {
                "fuel_kg": given["fuel_mass_kg"],
                "heat_of_combustion_j_kg": heat_j_kg,
                "tnt_yield": given["alpha"],
                "ground_factor": given["ground_factor"],
                "tnt_j_kg": given["q_tnt_kj_kg"] * 1e3,
            }
        )
        .values["tnt_kg"]
    )


def gas_depot(given: Figures) -> Figures:
    tnt = equivalent(given, given["heat_of_combustion_kj_kg"] * 1e3)
    radii = model("blast.chinese_radii").answer(
        {
            "tnt_kg": tnt,
            "ambient_pa": given["p0_pa"],
            "serious_pa": given["serious_pa"],
            "minor_pa": given["minor_pa"],
            "property_factor": given["K_property"],
        }
    )
    found = {f"r_{name}_m": radii.values[f"{name}_m"] for name in ("death", "serious", "minor", "property")}
    return {"w_tnt_kg": tnt, **found}


def benzene(given: Figures) -> Figures:
    tnt = equivalent(given, given["heat_of_combustion_kj_mol"] / given["molar_mass_g_mol"] * 1e6)
    return {"w_tnt_kg": tnt, "r_death_m": model("blast.chinese_radii").answer({"tnt_kg": tnt}).values["death_m"]}


def kinney_graham(given: Figures) -> Figures:
    asked = {"tnt_kg": given["tnt_kg"], "distance_m": given["distance_m"], "ambient_pa": given["p0_pa"]}
    return {"overpressure_kpa": model("blast.kinney_graham").answer(asked).values["overpressure_pa"] / 1e3}


def butane_cloud(given: Figures) -> Figures:
    found = model("blast.cloud_energy").answer(
        {
            "volume_m3": given["volume_m3"],
            "temperature_k": given["temperature_k"],
            "pressure_pa": given["pressure_pa"],
            "heat_of_combustion_j_mol": given["heat_of_combustion_kj_mol"] * 1e3,
            "oxygen_per_fuel": given["n_o2"],
        }
    )
    return {"stoichiometric_fraction": found.values["stoichiometric_fraction"], "energy_kj": found.values["energy_j"] / 1e3}


RUN: dict[str, Callable[[Figures], Figures]] = {
    "cn-lpg-42t-vce": gas_depot,
    "cn-benzene-4t-wtnt": benzene,
    "kinney-graham-1kg-5m": kinney_graham,
    "kinney-graham-0.1kg-5m": kinney_graham,
    "kinney-graham-0.1kg-1m": kinney_graham,
    "bst-butane-energy-blog": butane_cloud,
}
CANNOT = {
    "bst-hyram-rough": "Baker-Strehlow-Tang needs its digitised curves; the only set found is data of a program under the GPL, so the model is left out",
}


@pytest.mark.parametrize("name", RUN)
def test_an_explosion_agrees_with_its_reference_case(name: str, cases: dict[str, Any]) -> None:
    case = cases[name]
    found = RUN[name](case["inputs"])
    for figure, expected in case["expected"].items():
        assert found[figure] == pytest.approx(expected, **case["tolerance"]), figure


def test_no_reference_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == set(RUN) | set(CANNOT)
