"""Every reference case of Gaussian dispersion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.consequence import gaussian_plume
from anlan.consequence.catalogue import model
from anlan.consequence.sigma import plume_set

CANNOT: dict[str, str] = {}
"""Cases that cannot pass, with the reason."""


def briggs(given: dict[str, Any]) -> dict[str, Any]:
    sigmas = plume_set(given["terrain"])
    x = np.array(given["x_m"])
    return {"sigma_y_m": sigmas.sigma_y(x, given["stability"]), "sigma_z_m": sigmas.sigma_z(x, given["stability"])}


def plume(given: dict[str, Any]) -> dict[str, Any]:
    # The book's own sigma set, which the case prints as formulas.
    x = given["x_m"]
    sigma_y, sigma_z = 0.0674 * x**0.9, 0.01122 * x**1.4024 * np.exp(-0.0540 * np.log(x) ** 2)
    found = gaussian_plume.concentration(
        given["mass_rate_kg_s"], given["u_m_s"], given["y_m"], given["z_m"], given["release_height_m"], sigma_y, sigma_z
    )
    return {"concentration_kg_m3": found}


def puff(given: dict[str, Any]) -> dict[str, Any]:
    asked = {
        "mass_kg": given["mass_kg"],
        "wind_m_s": given["u_m_s"],
        "stability": given["stability"],
        "height_m": given["release_height_m"],
        **{name: given[name] for name in ("x_m", "y_m", "z_m")},
        "time_s": given["t_s"],
    }
    return dict(model("dispersion.gaussian_puff").answer(asked).values)


def finite(given: dict[str, Any]) -> dict[str, Any]:
    asked = {
        "rate_kg_s": given["mass_rate_kg_s"],
        "duration_s": given["duration_s"],
        "wind_m_s": given["u_m_s"],
        "stability": given["stability"],
        "height_m": given["release_height_m"],
        **{name: given[name] for name in ("x_m", "y_m", "z_m")},
        "time_s": given["t_s"],
        "sigmas": "ccps_puff",
    }
    return dict(model("dispersion.finite_release").answer(asked).values)


def solver(case: str) -> Any:
    by_case = {"plume-ccps-p97": plume, "puff-ccps-p101": puff, "palazzi-finite-release": finite}
    return briggs if case.startswith("briggs-rural-") else by_case[case]


def test_every_case_of_gaussian_dispersion_is_met(shared: Path) -> None:
    cases = json.loads((shared / "reference/consequence/gaussian.json").read_text(encoding="utf-8"))["cases"]
    assert {"plume-ccps-p97", "puff-ccps-p101", "palazzi-finite-release"} <= {case["id"] for case in cases}
    assert set(CANNOT) <= {case["id"] for case in cases}
    for case in cases:
        if case["id"] in CANNOT:
            continue
        found = solver(case["id"])(case["inputs"])
        for name, wanted in case["expected"].items():
            assert float(found[name]) == pytest.approx(wanted, rel=case["tolerance"]["rel"]), (case["id"], name)


def test_the_sigma_set_changes_the_answer_as_the_case_notes() -> None:
    found = model("dispersion.gaussian_plume").answer({"rate_kg_s": 0.1, "wind_m_s": 2, "stability": "F", "x_m": 500})
    assert float(found.values["concentration_kg_m3"]) == pytest.approx(1.172e-4, rel=1e-3)
    assert found.by.sigma_set == "briggs_rural"
    assert found.by.averaging_s == 600
