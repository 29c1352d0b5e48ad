"""Ground motion against what the published coefficients give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anlan.consequence.catalogue import model

CANNOT: dict[str, str] = {}
KNOWN = {"yu2013-active-M6-R20", "yu2013-active-M7-R30", "yu2013-eastern-M6-R20"}
GAL = 0.01


@pytest.fixture
def cases(shared: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared / "reference/consequence/earthquake.json").read_text())["cases"]}


def test_no_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == KNOWN | set(CANNOT)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_acceleration_on_both_axes_is_that_of_the_coefficients(cases: dict[str, Any], name: str) -> None:
    case = cases[name]
    asked = case["inputs"]
    given = {"region": asked["region"], "magnitude": asked["Ms"], "distance_km": asked["R_km"], "from_strike_deg": [0.0, 90.0]}
    long, short = model("yu_2013").answer(given).values["pga_m_s2"] / GAL
    assert long == pytest.approx(case["expected"]["pga_long_axis_gal"], rel=case["tolerance"]["rel"])
    assert short == pytest.approx(case["expected"]["pga_short_axis_gal"], rel=case["tolerance"]["rel"])
