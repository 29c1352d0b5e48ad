"""Every open reference case of fireballs, at its own tolerance."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anlan.consequence.catalogue import model

TOPIC = "fireball"

Figures = Mapping[str, Any]


def tank_farm(given: Figures) -> Figures:
    """Two tanks of 42 t, of which 0.7 burns in the fireball: 29.4 t."""
    found = model("fire.fireball_cn").answer({"inventory_kg": given["fireball_mass_kg"] / 0.7, "tanks": "two"}).values
    return {
        "radius_m": found["radius_m"],
        "duration_s": found["duration_s"],
        "q_death_w_m2": found["death_w_m2"],
        "q_second_degree_w_m2": found["second_degree_w_m2"],
        "q_first_degree_w_m2": found["first_degree_w_m2"],
    }


def fireball(given: Figures) -> Figures:
    return model("fire.fireball").answer({"mass_kg": given["mass_kg"], "distance_m": 100.0}).values


RUN: dict[str, Callable[[Figures], Figures]] = {"cn-lpg-29.4t-bleve": tank_farm, "fireball-1000kg": fireball}
CANNOT: dict[str, str] = {}


@pytest.mark.parametrize("name", RUN)
def test_a_fireball_agrees_with_its_reference_case(name: str, cases: dict[str, Any]) -> None:
    case = cases[name]
    found = RUN[name](case["inputs"])
    for figure, expected in case["expected"].items():
        assert found[figure] == pytest.approx(expected, **case["tolerance"]), figure


def test_no_reference_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == set(RUN) | set(CANNOT)
