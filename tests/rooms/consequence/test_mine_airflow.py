"""Air in a mine's network: junctions balance, loops balance, and what cannot be is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.mine_airflow import (
    Disconnected,
    FanOffCurve,
    Network,
    NoSuchJunction,
    NothingDrives,
    WrongBranch,
    WrongLists,
    loops,
    spanning_tree,
)
from anlan.consequence.validity import Contradiction, OutOfRange


def aired(**asked: Any) -> dict[str, Any]:
    return dict(model("mine_airflow").answer(asked).values)


@st.composite
def mines(draw: st.DrawFn) -> dict[str, Any]:
    """A ring of airways with a fan in the first, and airways across it."""
    size = draw(st.integers(3, 12))
    junction = st.integers(1, size)
    across = draw(st.lists(st.tuples(junction, junction).filter(lambda pair: pair[0] != pair[1]), max_size=15))
    start, end = [*range(1, size + 1), *(a for a, _ in across)], [*range(2, size + 1), 1, *(b for _, b in across)]
    resistance = draw(st.lists(st.floats(1e-3, 50.0), min_size=len(start), max_size=len(start)))
    rest = [0.0] * (len(start) - 1)
    return {
        "start": start,
        "end": end,
        "resistance": resistance,
        "fan_pa": [draw(st.floats(100.0, 5000.0)), *rest],
        "fan_linear": [draw(st.floats(-20.0, 0.0)), *rest],
        "fan_square": [draw(st.floats(-0.5, 0.0)), *rest],
    }


@settings(max_examples=60)
@given(mines())
def test_what_comes_into_a_junction_goes_out_of_it(mine: dict[str, Any]) -> None:
    flow = aired(**mine)["flow_m3_s"]
    scale = np.abs(flow).max()
    for junction in set(mine["start"]) | set(mine["end"]):
        inward = sum(q for q, to in zip(flow, mine["end"], strict=True) if to == junction)
        outward = sum(q for q, of in zip(flow, mine["start"], strict=True) if of == junction)
        assert inward == pytest.approx(outward, abs=1e-9 * scale)


@settings(max_examples=60)
@given(mines())
def test_every_branch_loses_what_its_junctions_differ_by(mine: dict[str, Any]) -> None:
    values = aired(**mine)
    at = dict(zip(values["junction"].tolist(), values["pressure_pa"].tolist(), strict=True))
    differ = np.array([at[a] - at[b] for a, b in zip(mine["start"], mine["end"], strict=True)])
    assert values["loss_pa"] - values["fan_pressure_pa"] == pytest.approx(differ, abs=1e-7 * max(mine["fan_pa"]))


@settings(max_examples=40)
@given(mines(), st.integers(0, 26))
def test_a_branch_drawn_the_other_way_only_turns_its_sign(mine: dict[str, Any], pick: int) -> None:
    n = 1 + pick % (len(mine["start"]) - 1)
    turned = {name: list(values) for name, values in mine.items()}
    turned["start"][n], turned["end"][n] = mine["end"][n], mine["start"][n]
    here, there = aired(**mine)["flow_m3_s"], aired(**turned)["flow_m3_s"].copy()
    there[n] *= -1.0
    assert there == pytest.approx(here, abs=1e-4 * np.abs(here).max())


@given(st.floats(0.1, 500.0), st.floats(0.01, 10.0), st.floats(0.01, 10.0))
def test_two_airways_side_by_side_share_by_the_square_roots_of_their_resistances(supply: float, one: float, other: float) -> None:
    flow = aired(start=[1, 1], end=[2, 2], resistance=[one, other], supply_m3_s=supply, inlet=1, outlet=2)["flow_m3_s"]
    assert flow[0] / flow[1] == pytest.approx(np.sqrt(other / one), rel=1e-6)
    assert flow.sum() == pytest.approx(supply)


def test_a_fan_works_where_its_curve_meets_the_mine() -> None:
    """1500 - 5 Q = 0.5 Q²: Q = -5 + sqrt(25 + 3000)."""
    flow = aired(start=[1, 2], end=[2, 1], resistance=[0.3, 0.2], fan_pa=[1500.0, 0.0], fan_linear=[-5.0, 0.0])["flow_m3_s"]
    assert flow == pytest.approx(np.full(2, -5.0 + np.sqrt(3025.0)))


def test_a_diagonal_that_turns_round_is_told() -> None:
    """The bridge of a Wheatstone network, drawn against the way its resistances drive the air."""
    asked = {
        "start": [1, 1, 3, 2, 3],
        "end": [2, 3, 2, 4, 4],
        "resistance": [0.1, 1.0, 0.5, 1.0, 0.1],
        "supply_m3_s": 50.0,
        "inlet": 1,
        "outlet": 4,
    }
    answer = model("mine_airflow").answer(asked)
    assert answer.values["flow_m3_s"][2] < 0.0
    assert answer.values["reversed"].tolist() == [False, False, True, False, False]
    (told,) = [each for each in answer.cautions if each.code == "airflow_reversed"]
    assert told.facts == {"count": 1, "branches": "3"}


def test_a_balanced_diagonal_carries_nothing_and_is_not_called_reversed() -> None:
    values = aired(start=[1, 1, 2, 2, 3], end=[2, 3, 3, 4, 4], resistance=[1.0] * 5, supply_m3_s=50.0, inlet=1, outlet=4)
    assert values["flow_m3_s"][2] == pytest.approx(0.0, abs=1e-3)
    assert not values["reversed"].any()


def test_a_blind_heading_has_no_air_and_is_told() -> None:
    asked = {"start": [1, 1, 2, 5], "end": [2, 2, 5, 6], "resistance": [1.0, 2.0, 1.0, 1.0], "supply_m3_s": 20.0, "inlet": 1, "outlet": 2}
    answer = model("mine_airflow").answer(asked)
    assert answer.values["flow_m3_s"][2:].tolist() == [0.0, 0.0]
    (told,) = [each for each in answer.cautions if each.code == "blind_headings"]
    assert told.facts["branches"] == "3, 4"


def test_a_curve_that_rises_first_is_told() -> None:
    asked = {
        "start": [1, 2],
        "end": [2, 1],
        "resistance": [0.5, 0.5],
        "fan_pa": [1000.0, 0.0],
        "fan_linear": [5.0, 0.0],
        "fan_square": [-0.1, 0.0],
    }
    answer = model("mine_airflow").answer(asked)
    assert "fan_curve_rises" in {each.code for each in answer.cautions}
    flow = answer.values["flow_m3_s"][0]
    assert flow**2 == pytest.approx(1000.0 + 5.0 * flow - 0.1 * flow**2)


def test_two_fans_in_one_mine_help_each_other() -> None:
    ring = {"start": [1, 2, 3], "end": [2, 3, 1], "resistance": [0.1, 0.5, 0.1]}
    alone = aired(**ring, fan_pa=[1000.0, 0.0, 0.0])["flow_m3_s"][0]
    both = aired(**ring, fan_pa=[1000.0, 0.0, 1000.0])["flow_m3_s"][0]
    assert both == pytest.approx(alone * np.sqrt(2.0))


def test_the_loops_of_a_tree_close() -> None:
    network = Network(np.array([1, 1, 2, 2, 3]), np.array([2, 3, 3, 4, 4]), np.ones(5), (np.zeros(5), np.zeros(5), np.zeros(5)))
    around = loops(network, spanning_tree(network))
    assert around.shape == (2, 5)
    incidence = np.zeros((4, 5))
    for n, (a, b) in enumerate(zip(network.start, network.end, strict=True)):
        incidence[a - 1, n], incidence[b - 1, n] = 1.0, -1.0
    assert (around @ incidence.T == 0.0).all()


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"start": [1, 2, 7], "end": [2, 1, 8], "resistance": [1, 1, 1], "fan_pa": [100, 0, 0]}, Disconnected),
        ({"start": [1, 2], "end": [2, 2], "resistance": [1, 1], "fan_pa": [100, 0]}, WrongBranch),
        ({"start": [1, 2], "end": [2, 1], "resistance": [1, 1]}, NothingDrives),
        ({"start": [1, 2], "end": [2, 1], "resistance": [1, 1], "supply_m3_s": 5, "inlet": 1, "outlet": 9}, NoSuchJunction),
        ({"start": [1, 2], "end": [2, 1], "resistance": [1, 1], "supply_m3_s": 5, "inlet": 1, "outlet": 1}, NoSuchJunction),
        ({"start": [1, 2], "end": [2, 1], "resistance": [1, 1], "supply_m3_s": 5}, NoSuchJunction),
        ({"start": [1, 2], "end": [2, 1], "resistance": 1.0, "fan_pa": 100.0}, WrongLists),
        ({"start": [1, 2], "end": [2, 1], "resistance": [1, 1, 1], "fan_pa": 100.0}, Contradiction),
        ({"start": [1, 2], "end": [2, 1], "resistance": [0, 1], "fan_pa": 100.0}, OutOfRange),
        ({"start": [1, 2], "end": [2, 1], "resistance": [1, 1], "fan_pa": [100, 0], "fan_square": [0.5, 0]}, OutOfRange),
        # A strong fan drives a weak one backwards, of which its curve says nothing.
        ({"start": [1, 1], "end": [2, 2], "resistance": [1, 1], "fan_pa": [2000, 10], "fan_linear": [-1, -1]}, FanOffCurve),
    ],
)
def test_what_is_no_network_is_refused_with_a_sentence(asked: dict[str, Any], refusal: Any) -> None:
    with pytest.raises(refusal) as refused:
        aired(**asked)
    assert "{" not in refused.value.message()
