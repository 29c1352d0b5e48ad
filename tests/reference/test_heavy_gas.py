"""Every reference case of heavy gas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.consequence.britter_mcquaid import HEAVY_PLUME, Plume, reduced_gravity
from anlan.consequence.catalogue import model
from anlan.consequence.chain import Weather
from anlan.consequence.concentration import GAS_CONSTANT, air_density
from anlan.consequence.sigma import wind_at

CANNOT = {
    "slab-inpr2-dt4-centreline": "the output of an integral model (SLAB) for a jet of two phases; there is none here, and its licence forbids its code"
}
NOT_OURS = {
    (
        "butane-sphere-bm-blog",
        "richardson",
    ): "as printed it has the dimension m²/s², with the friction velocity to the first power instead of the third",
    ("butane-sphere-bm-blog", "potential_explosion_volume_m3"): "a rule of thumb (0.03 x³) for explosions, no dispersion",
}


def plume(given: dict[str, Any]) -> dict[str, float]:
    asked = {
        "rate_kg_s": given["mass_rate_kg_s"],
        "density_kg_m3": given["gas_density_kg_m3"],
        "temperature_k": given["release_temperature_k"],
        "air_temperature_k": given["ambient_temperature_k"],
        "wind_m_s": given["wind_speed_10m_m_s"],
        "x_m": given["x_m"],
    }
    return {"concentration_vol_frac": float(model("dispersion.britter_mcquaid_plume").answer(asked).values["volume_fraction"])}


def puff(given: dict[str, Any]) -> dict[str, float]:
    asked = {
        "volume_m3": given["initial_cloud_volume_m3"],
        "density_kg_m3": given["initial_cloud_density_kg_m3"],
        "initial_fraction": 1 / given["dilution_to_initial_mixture"],
        # Without the correction of temperature the cloud is as warm as the air.
        "temperature_k": given["ambient_temperature_k"],
        "air_temperature_k": given["ambient_temperature_k"],
        "wind_m_s": given["u10_m_s"],
        "x_m": given["x_m"],
        "time_s": given["t_s"],
    }
    return {"concentration_ammonia_vol_frac": float(model("dispersion.britter_mcquaid_puff").answer(asked).values["volume_fraction"])}


def butane(given: dict[str, Any]) -> dict[str, float]:
    molar, cloud_k, air_k, pressure = 58.122, given["cloud_temperature_k"], given["ambient_temperature_k"], 101_352.9
    gas = pressure * molar / 1000 / (GAS_CONSTANT * cloud_k)
    liquid = molar * 1.0677 / 0.27188 ** (1 + (1 - cloud_k / 425.12) ** 0.28688)  # Perry, as the page has it
    density = 1 / (given["flash_fraction"] / gas + (1 - given["flash_fraction"]) * given["aerosol_fraction"] / liquid)
    weather = Weather(given["u_at_release_m_s"], "F", wind_height_m=given["release_height_ft"] * 0.3048)
    cloud = Plume(given["airborne_rate_kg_s"] / density, reduced_gravity(density, air_density(air_k, pressure)), wind_at(weather, 10.0))
    assert cloud.criterion >= HEAVY_PLUME
    half_lfl = 0.0093
    isothermal = half_lfl / (half_lfl + (1 - half_lfl) * air_k / cloud_k)
    x = np.linspace(50, 400, 35_001)
    return {
        "alpha": cloud.alpha,
        "concentration_nonisothermal": isothermal,
        "distance_half_lfl_m": float(x[np.flatnonzero(cloud.dilution(x) >= isothermal)[-1]]),
    }


def solver(case: str) -> Any:
    if case == "butane-sphere-bm-blog":
        return butane
    return plume if case.startswith("bm-plume-") else puff


def test_every_case_of_heavy_gas_is_met_or_told_why_not(shared: Path) -> None:
    cases = json.loads((shared / "reference/consequence/heavy_gas.json").read_text(encoding="utf-8"))["cases"]
    assert set(CANNOT) <= {case["id"] for case in cases}
    checked = 0
    for case in cases:
        if case["id"] in CANNOT:
            continue
        found = solver(case["id"])(case["inputs"])
        wanted = {name: value for name, value in case["expected"].items() if (case["id"], name) not in NOT_OURS}
        assert set(found) == set(wanted)
        for name, value in wanted.items():
            assert found[name] == pytest.approx(value, rel=case["tolerance"]["rel"]), (case["id"], name)
            checked += 1
    assert checked >= 7
