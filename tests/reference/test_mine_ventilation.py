"""A mine's network whose answer has a closed form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anlan.consequence.catalogue import model

CANNOT: dict[str, str] = {}
KNOWN = {"two-parallel-sections"}


@pytest.fixture
def cases(shared: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared / "reference/consequence/mine_ventilation.json").read_text())["cases"]}


def test_no_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == KNOWN | set(CANNOT)


def test_two_pairs_of_parallel_sections_share_the_air(cases: dict[str, Any]) -> None:
    case = cases["two-parallel-sections"]
    asked, expected, rel = case["inputs"], case["expected"], case["tolerance"]["rel"]
    number, start, end, resistance = (list(column) for column in zip(*asked["branches"], strict=True))
    given = {"start": start, "end": end, "resistance": resistance, "supply_m3_s": asked["q_total_m3_s"]}
    values = model("mine_airflow").answer(given | {"inlet": asked["inlet"], "outlet": asked["outlet"]}).values
    for name, flow in zip(number, values["flow_m3_s"], strict=True):
        if f"q{name}" in expected:
            assert flow == pytest.approx(expected[f"q{name}"], rel=rel)
    assert values["total_pressure_pa"] == pytest.approx(expected["total_pressure_pa"], rel=rel)
