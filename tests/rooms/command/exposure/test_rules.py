"""The ranking of the first hour, and where the cloud is when."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.exposure import ground, rules
from anlan.command.exposure.ground import Cloud

FIGURES = rules.figures(date(2026, 11, 26))
severities, priorities = st.integers(1, 3), st.integers(1, 4)
times, numbers = st.floats(0, 86_400), st.floats(0, 100_000)
SOURCE = (117.5, 36.7)


def test_the_weights_of_the_ranking_add_up_to_one_and_say_that_they_are_the_project_s() -> None:
    assert sum(value for code, value in FIGURES.items() if code.startswith("weight_")) == pytest.approx(1)
    assert {row.status for row in rules.ranking_rows()} == {"unverified"}


@given(severities, severities, times, times, priorities, priorities, numbers, numbers)
def test_whoever_is_worse_off_in_every_respect_is_never_told_later(
    s1: int, s2: int, t1: float, t2: float, p1: int, p2: int, n1: float, n2: float
) -> None:
    worse = rules.score(FIGURES, severity=min(s1, s2), arrival_s=min(t1, t2), priority=min(p1, p2), people=max(n1, n2))
    better = rules.score(FIGURES, severity=max(s1, s2), arrival_s=max(t1, t2), priority=max(p1, p2), people=min(n1, n2))
    assert 0 <= better <= worse + 1e-12 <= 1 + 1e-9


@given(severities, times, priorities, numbers)
def test_what_nobody_knows_counts_in_full(severity: int, arrival: float, priority: int, people: float) -> None:
    known = rules.score(FIGURES, severity=severity, arrival_s=arrival, priority=priority, people=people)
    assert known <= rules.score(FIGURES, severity=severity, arrival_s=None, priority=priority, people=None) + 1e-12


@given(st.sampled_from([rules.TOXIC]), st.integers(1, 2), times, st.floats(0, 7200))
def test_from_a_toxic_cloud_people_move_only_when_all_are_out_before_it_comes(
    effect: str, severity: int, arrival: float, needed: float
) -> None:
    doing, why = rules.doing(effect, severity, arrival, needed)
    assert (doing == rules.MOVE) == (arrival >= needed)
    assert why


def test_no_house_is_a_refuge_from_fire_and_nobody_is_moved_from_a_slight_zone() -> None:
    assert rules.doing(rules.HEAT, 1, 0.0, 3600)[0] == rules.MOVE
    assert rules.doing(rules.TOXIC, 1, None, 0.0)[0] == rules.SHELTER
    assert rules.doing(rules.BLAST, 3, 0.0, 3600)[0] == rules.STAND_BY


def test_a_hospital_needs_longer_than_a_school() -> None:
    assert rules.needed_s(FIGURES, "patients", 500) > rules.needed_s(FIGURES, "pupils", 500) > rules.needed_s(FIGURES, "pupils", 0)


def test_the_cloud_comes_by_its_speed_or_in_proportion_to_the_zone_or_nobody_knows_when() -> None:
    west = (117.5 - 0.01, 36.7)
    away = ground.distance_m(SOURCE, west)
    assert Cloud(SOURCE, 2.4).arrival_s(west, 1800, 5000) == pytest.approx(away / 2.4)
    assert Cloud(SOURCE, None).arrival_s(west, 1800, 5000) == pytest.approx(1800 * away / 5000)
    assert Cloud(SOURCE, None).arrival_s(west, None, 5000) is None
    assert Cloud(None, 2.4).arrival_s(west, 1800, 0) == 1800


def test_directions_and_circles_are_right_at_the_latitude() -> None:
    assert ground.direction(SOURCE, (117.49, 36.692)) == "SW"
    assert ground.direction(SOURCE, (117.51, 36.7)) == "E"
    corners = shapely.get_coordinates(ground.circle(SOURCE, 1000.0))
    assert {round(ground.distance_m(SOURCE, (float(x), float(y))) / 10) for x, y in corners} == {100}


def test_the_way_out_is_the_nearest_edge() -> None:
    box = shapely.box(117.49, 36.69, 117.51, 36.75)
    assert ground.way_out_m((117.5, 36.7), box) == pytest.approx(ground.distance_m((117.5, 36.7), (117.51, 36.7)), rel=0.01)
    assert ground.way_out_m((117.6, 36.7), box) == 0


def test_an_area_survives_the_way_to_shapes_and_back() -> None:
    ring = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0))
    hole = ((1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0), (1.0, 1.0))
    shape = ground.shape_of(((ring, hole),))
    assert ground.shape_of(ground.area_of(shape)).equals(shape)
    assert ground.area_of(ground.shape_of(())) == ()
