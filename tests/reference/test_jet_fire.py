"""Every open reference case of jet fires, at its own tolerance: releases, flames and radiation as one chain."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anlan.consequence.catalogue import model
from anlan.consequence.openings import SHARP_GAS
from anlan.consequence.substance import ideal_gas_density

TOPIC = "jet_fire"

Figures = Mapping[str, Any]
HYDROGEN_KG_MOL, HYDROGEN_J_KG = 2.016e-3, 119.96e6
"""Molar mass and lower heat of combustion."""


def hydrogen_jet(given: Figures) -> Figures:
    """The whole chain from the vessel on: what flows out of it, the rough flame, the radiant share, and a point in the middle of the flame."""
    ambient = given["ambient_bar"] * 1e5
    pressure = ambient + given["gauge_pressure_bar"] * 1e5
    flow = model("release.gas_hole").answer(
        {
            # The case names none: the library's own for gas through a hole.
            "discharge_coefficient": SHARP_GAS,
            "hole_m": given["orifice_mm"] / 1e3,
            "density_kg_m3": ideal_gas_density(pressure, given["gas_temperature_k"], HYDROGEN_KG_MOL),
            "pressure_pa": pressure,
            "temperature_k": given["gas_temperature_k"],
            "isentropic_exponent": 1.405,
            "ambient_pa": ambient,
        }
    )
    rate = float(flow.values["mass_rate_kg_s"])
    jet = {"rate_kg_s": rate, "heat_of_combustion_j_kg": HYDROGEN_J_KG, "radiative_fraction": 0.1, "distance_m": 100.0}
    length = model("fire.jet").answer(jet).values["flame_length_m"]
    share = model("fire.radiant_fraction_hydrogen").answer({"flame_length_m": length, "rate_kg_s": rate, "pressure_pa": ambient})
    along, up, across = given["sensor_x_y_z_m"]
    # The jet is level: the point lies half a flame before the opening, at the height of the release.
    away = math.dist((along, up, across), (length / 2, given["release_height_m"], 0.0))
    heat = {"heat_release_w": rate * HYDROGEN_J_KG, "radiative_fraction": share.values["radiative_fraction"], "distance_m": away}
    flux = model("fire.point_source").answer(heat).values["radiation_w_m2"]
    return {"flame_length_m": length, "flux_kw_m2": float(flux) / 1e3}


def rough_length(given: Figures) -> Figures:
    jets = [
        {"rate_kg_s": rate, "heat_of_combustion_j_kg": 5e7, "radiative_fraction": 0.2, "distance_m": 500.0} for rate in given["rate_kg_s"]
    ]
    return {"length_m": [model("fire.jet").answer(each).values["flame_length_m"] for each in jets]}


RUN: dict[str, Callable[[Figures], Figures]] = {"h2-flame-ekoto-1": hydrogen_jet, "jet-length-18.5-m-0.41": rough_length}
CANNOT: dict[str, str] = {}


@pytest.mark.parametrize("name", RUN)
def test_a_jet_fire_agrees_with_its_reference_case(name: str, cases: dict[str, Any]) -> None:
    case = cases[name]
    found = RUN[name](case["inputs"])
    for figure, expected in case["expected"].items():
        tolerance = case["tolerance"].get(figure, case["tolerance"])
        assert found[figure] == pytest.approx(expected, **tolerance), figure


def test_no_reference_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == set(RUN) | set(CANNOT)
