"""Every open reference case of pools, at its own tolerance."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anlan.consequence.catalogue import model

TOPIC = "pool_evaporation"

Figures = Mapping[str, Any]


def evaporation(given: Figures) -> Figures:
    found = (
        model("release.pool_evaporation")
        .answer(
            {
                "area_m2": math.pi / 4 * given["pool_diameter_m"] ** 2,
                "wind_m_s": given["wind_speed_10m_m_s"],
                "vapour_pressure_pa": given["vapour_pressure_pa"],
                "molar_mass_kg_mol": given["molar_mass_kg_mol"],
                "temperature_k": given["temperature_k"],
                "schmidt_number": given["schmidt_number"],
            }
        )
        .values
    )
    return {
        "mass_transfer_coefficient_m_s": found["transfer_coefficient_m_s"],
        "evaporation_flux_kg_m2_s": found["flux_kg_m2_s"],
        "evaporation_rate_kg_s": found["mass_rate_kg_s"],
    }


def spill(given: Figures) -> Figures:
    return model("release.pool_spill").answer({"volume_m3": given["spill_volume_m3"], "layer_m": given["thickness_m"]}).values


RUN: dict[str, Callable[[Figures], Figures]] = {"mackay-matsugu-hexane": evaporation, "pool-diameter-yb-benzene": spill}
CANNOT: dict[str, str] = {}


@pytest.mark.parametrize("name", RUN)
def test_a_pool_agrees_with_its_reference_case(name: str, cases: dict[str, Any]) -> None:
    case = cases[name]
    found = RUN[name](case["inputs"])
    for figure, expected in case["expected"].items():
        assert found[figure] == pytest.approx(expected, **case["tolerance"]), figure


def test_no_reference_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == set(RUN) | set(CANNOT)
