"""Indoors is milder at its worst and lasts longer; whoever leaves in time takes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.command.judgement.test_reckoning import NOW, asked

from anlan.command.judgement import comparing, ways
from anlan.command.judgement.models import Run
from anlan.command.judgement.reckoning import answer

TIME = np.linspace(0.0, 7200.0, 721)
CLOUD = np.where((TIME >= 600) & (TIME < 2400), 1.0, 0.0)[:, None]


@given(st.floats(0.05, 20.0))
def test_indoors_is_never_worse_than_outdoors_at_its_worst(changes: float) -> None:
    inside = comparing.indoors(TIME, CLOUD, changes)
    assert inside.min() >= 0
    assert inside.max() <= CLOUD.max()


def test_the_dose_of_who_never_opens_a_window_is_in_the_end_that_of_outdoors() -> None:
    long = np.linspace(0.0, 200_000.0, 20_001)
    outdoors = np.where((long >= 600) & (long < 2400), 1.0, 0.0)[:, None]
    inside = comparing.so_far(long, comparing.indoors(long, outdoors, 0.5))[-1, 0]
    assert inside == pytest.approx(comparing.so_far(long, outdoors)[-1, 0], rel=0.01)


@given(st.floats(0.1, 5.0), st.floats(0.1, 5.0))
def test_tighter_houses_shelter_better(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assumed = [comparing.Assumed(each, 1.2, 900.0, 0.0) for each in (low, high)]
    tight, leaky = (comparing.doses(TIME, CLOUD, np.array([200.0]), each)[comparing.SHELTER][0] for each in assumed)
    assert tight <= leaky + 1e-9


def test_who_is_out_before_the_cloud_comes_takes_nothing() -> None:
    early = comparing.doses(TIME, CLOUD, np.array([60.0]), comparing.Assumed(1.0, 1.2, 300.0, 0.0))
    late = comparing.doses(TIME, CLOUD, np.array([600.0]), comparing.Assumed(1.0, 1.2, 1200.0, 0.0))
    assert early[comparing.EVACUATE][0] == pytest.approx(0.0)
    assert late[comparing.EVACUATE][0] > late[comparing.SHELTER][0]


def test_options_of_the_story_stand_side_by_side_and_a_curtain_shortens_each() -> None:
    told = answer(asked())["options"]
    reach = {(each["option"], each["curtain"]): each["reach_m"] for each in told}
    assert len(reach) == 6
    assert reach["shelter", False] < reach["nothing", False]
    assert all(reach[option, True] < reach[option, False] for option in comparing.OPTIONS)
    assert all(each["area_m2"] > 0 for each in told)
    assert comparing.best([each for each in told if not each["curtain"]]) == "evacuate"


def test_metres_within_the_zones_are_counted_once() -> None:
    square = ((((117.0, 36.0), (117.01, 36.0), (117.01, 36.01), (117.0, 36.01)),),)
    through = [(116.99, 36.005), (117.02, 36.005)]
    assert ways.inside_m(through, [square, square]) == pytest.approx(900, rel=0.01)
    assert ways.inside_m([(116.9, 36.0), (116.95, 36.0)], [square]) == 0.0
    assert ways.inside_m(through, []) == 0.0


def test_crews_gather_upwind_of_the_source() -> None:
    kept = {name: {"value": value} for name, value in {"longitude": 117.05, "latitude": 36.66, "wind_from_deg": 45.0}.items()}
    run = Run(kind="toxic", inputs=kept, asked_at=NOW)
    longitude, latitude = ways.meeting_place(run)
    assert longitude > 117.05
    assert latitude > 36.66
