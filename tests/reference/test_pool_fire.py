"""Every open reference case of pool fires, at its own tolerance."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anlan.consequence.catalogue import model

TOPIC = "pool_fire"

Figures = Mapping[str, Any]


def jet_fuel(given: Figures) -> Figures:
    flux = model("fire.burgess").answer(
        {
            "heat_of_combustion_j_kg": given["heat_of_combustion_j_kg"],
            "heat_capacity_j_kg_k": given["cp_j_kg_k"],
            "boiling_k": given["boiling_k"],
            "ambient_k": given["ambient_k"],
            "heat_of_vaporisation_j_kg": given["latent_j_kg"],
        }
    )
    burning = flux.values["burning_flux_kg_m2_s"]
    fire = model("fire.pool_cn").answer(
        {
            "radius_m": given["radius_m"],
            # The source goes on with the rounded figure it prints.
            "burning_flux_kg_m2_s": round(burning, 3),
            "heat_of_combustion_j_kg": given["heat_of_combustion_j_kg"],
            "efficiency": given["efficiency"],
            "air_density_kg_m3": given["air_density_kg_m3"],
            "distance_m": 100.0,
        }
    )
    return {
        "burning_flux_kg_m2_s": burning,
        "flame_height_m": fire.values["flame_height_m"],
        "total_radiated_w": fire.values["radiated_w"],
    }


def view_factors(given: Figures) -> Figures:
    found = [
        model("fire.view_upright").answer({"radius_m": 1.0, "flame_length_m": height, "distance_m": given["x_over_r"]}).values
        for height in given["h_over_r"]
    ]
    return {"Fv_1e3": [1e3 * each["vertical"] for each in found], "Fh_1e3": [1e3 * each["horizontal"] for each in found]}


RUN: dict[str, Callable[[Figures], Figures]] = {
    "cn-jet-fuel-pool": jet_fuel,
    "yb-view-factor-xr-1.1": view_factors,
    "yb-view-factor-xr-2": view_factors,
    "yb-view-factor-xr-5": view_factors,
}
CANNOT: dict[str, str] = {}


@pytest.mark.parametrize("name", RUN)
def test_a_pool_fire_agrees_with_its_reference_case(name: str, cases: dict[str, Any]) -> None:
    case = cases[name]
    found = RUN[name](case["inputs"])
    for figure, expected in case["expected"].items():
        tolerance = case["tolerance"].get(figure, case["tolerance"])
        assert found[figure] == pytest.approx(expected, **tolerance), figure


def test_no_reference_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == set(RUN) | set(CANNOT)
