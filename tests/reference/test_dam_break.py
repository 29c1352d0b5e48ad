"""Breaches of dams against the published formulas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anlan.consequence.catalogue import model

CANNOT: dict[str, str] = {}
KNOWN = {"froehlich1995-1e+06-20"}


@pytest.fixture
def cases(shared: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared / "reference/consequence/dam_break.json").read_text())["cases"]}


def test_no_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == KNOWN | set(CANNOT)


def test_peak_width_and_time_are_those_of_the_formulas(cases: dict[str, Any]) -> None:
    """The width and time this case prints under Froehlich 1995 are the formulas of Froehlich 2008."""
    case = cases["froehlich1995-1e+06-20"]
    asked, expected, rel = case["inputs"], case["expected"], case["tolerance"]["rel"]
    volume, head, breach = asked["volume_m3"], asked["head_m"], asked["breach_height_m"]
    assert asked["k0"] == 1.3
    peak = model("froehlich_1995_breach").answer({"volume_m3": volume, "head_m": head, "breach_m": breach}).values["peak_m3_s"]
    assert peak == pytest.approx(expected["qp_m3_s"], rel=rel)
    breached = model("froehlich_2008_breach").answer({"volume_m3": volume, "breach_m": breach, "cause": "overtopping"}).values
    assert breached["width_m"] == pytest.approx(expected["breach_width_m"], rel=rel)
    assert breached["time_s"] == pytest.approx(expected["failure_time_s"], rel=rel)
    other = model("macdonald_1984_breach").answer({"volume_m3": volume, "head_m": head}).values["peak_m3_s"]
    assert other == pytest.approx(expected["qp_mdl_m3_s"], rel=rel)
