"""People spread over a county: what an area holds, whatever it is cut into."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.ground.population import rules
from anlan.ground.population.spread import Line, Patch, Spot, Spread, at_hour, disc, lived_in, on_plane, shape_of

COUNTY = Line("370114", "章丘区", rules.EVEN, "secondary")
TOWN, VILLAGE, SCHOOL = (
    Line("370114001", name, method, "unverified") for name, method in (("镇", "outline"), ("村", "settlement"), ("校", "counted"))
)
OUTLINE = shapely.box(117.2, 36.5, 117.7, 36.95)

longitudes, latitudes = st.floats(117.21, 117.69), st.floats(36.51, 36.94)
people = st.floats(0, 500_000)
spots = st.lists(st.tuples(longitudes, latitudes, st.floats(0, 5000)), max_size=6)


def made(figure: float | None, villages: list[tuple[float, float, float]], counted: list[tuple[float, float, float]] = []) -> Spread:  # noqa: B006
    """A county with villages and schools; the rest even."""
    home = lived_in(
        COUNTY, figure, on_plane(OUTLINE), patches=[], spots=[Spot(VILLAGE, disc(x, y, 300.0), n) for x, y, n in villages], spare_share=0.0
    )
    return at_hour(home, [Spot(SCHOOL, np.array([[x, y]]), n) for x, y, n in counted])


def inside(spread: Spread, shape: shapely.Geometry) -> float:
    """People of a spread in a shape of degrees."""
    return sum(spread.inside(on_plane(shape)).values())


@settings(max_examples=40, deadline=None)
@given(people, spots, spots, st.floats(117.25, 117.65), st.floats(36.55, 36.9))
def test_the_parts_of_a_partition_hold_what_the_whole_holds(
    figure: float, villages: list[tuple[float, float, float]], schools: list[tuple[float, float, float]], x: float, y: float
) -> None:
    spread = made(figure, villages, schools)
    x, y = x + 1.2345e-7, y + 2.3456e-7  # No cut runs exactly through a point.
    cuts = [shapely.box(a, b, c, d) for a, c in ((117.0, x), (x, 118.0)) for b, d in ((36.0, y), (y, 37.5))]
    assert sum(inside(spread, cut) for cut in cuts) == pytest.approx(spread.total, rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(people, spots, spots)
def test_nobody_is_counted_beyond_the_county_s_figure_unless_more_were_counted_one_by_one(
    figure: float, villages: list[tuple[float, float, float]], schools: list[tuple[float, float, float]]
) -> None:
    known, away = sum(each[2] for each in villages), sum(each[2] for each in schools)
    total = made(figure, villages, schools).total
    assert total <= max(figure, known, away) * (1 + 1e-9) + 1e-6
    assert total >= max(figure, away) * (1 - 1e-9) - 1e-6


@settings(max_examples=40, deadline=None)
@given(people, spots, longitudes, latitudes, st.floats(0.001, 0.1), st.floats(1.0, 3.0))
def test_a_larger_area_never_holds_fewer(
    figure: float, villages: list[tuple[float, float, float]], x: float, y: float, half: float, grown: float
) -> None:
    spread = made(figure, villages)
    small, large = (shapely.box(x - h, y - h, x + h, y + h) for h in (half, half * grown))
    assert inside(spread, small) <= inside(spread, large) * (1 + 1e-9) + 1e-6


def test_an_empty_area_holds_nobody() -> None:
    assert made(300_000.0, []).inside(on_plane(shape_of(()))) == {}
    assert inside(made(300_000.0, []), shapely.box(110, 30, 111, 31)) == 0


def test_half_the_ground_of_a_county_holds_half_of_its_people_whatever_the_latitude() -> None:
    spread = made(100_000.0, [])
    whole = on_plane(OUTLINE)
    cut = shapely.box(117.2, 36.5, 117.7, 36.7)
    assert inside(spread, cut) == pytest.approx(100_000 * on_plane(cut).area / whole.area)


def test_the_plane_keeps_areas_of_the_sphere() -> None:
    # A box of one degree at 36° N: R² Δλ (sin 37° − sin 36°), R the authalic radius; 10,0xx km² by hand.
    cell = on_plane(shapely.box(117, 36, 118, 37)).area
    assert cell == pytest.approx(6371.0072**2 * np.radians(1) * (np.sin(np.radians(37)) - np.sin(np.radians(36))))


def test_pupils_at_school_are_not_at_home_too() -> None:
    spread = made(10_000.0, [], [(117.4, 36.7, 340.0)])
    assert spread.total == pytest.approx(10_000)
    assert spread.inside(on_plane(shapely.box(117.399, 36.699, 117.401, 36.701)))[SCHOOL] == 340


def test_a_village_is_found_where_it_is_and_the_rest_of_the_county_everywhere() -> None:
    spread = made(100_000.0, [(117.4, 36.7, 1200.0)])
    held = spread.inside(on_plane(shapely.box(117.39, 36.69, 117.41, 36.71)))
    assert held[VILLAGE] == pytest.approx(1200)
    assert held[COUNTY] == pytest.approx(98_800 * on_plane(shapely.box(117.39, 36.69, 117.41, 36.71)).area / on_plane(OUTLINE).area)


def test_outlines_that_cover_a_county_are_its_newer_count_and_a_gap_takes_the_rest() -> None:
    whole, half = on_plane(OUTLINE), on_plane(shapely.box(117.2, 36.5, 117.45, 36.95))
    covered = lived_in(COUNTY, 100_000.0, whole, patches=[Patch(TOWN, whole, 80_000.0)], spots=[], spare_share=0.02)
    assert at_hour(covered, []).total == pytest.approx(80_000)
    gap = lived_in(COUNTY, 100_000.0, whole, patches=[Patch(TOWN, half, 80_000.0)], spots=[], spare_share=0.02)
    spread = at_hour(gap, [])
    assert spread.total == pytest.approx(100_000)
    assert inside(spread, shapely.box(117.46, 36.0, 118, 37.5)) == pytest.approx(20_000 * (0.24 / 0.25))


def test_a_village_inside_an_outline_is_part_of_its_people() -> None:
    whole = on_plane(OUTLINE)
    home = lived_in(
        COUNTY, None, whole, patches=[Patch(TOWN, whole, 80_000.0)], spots=[Spot(VILLAGE, disc(117.4, 36.7, 300), 1200.0)], spare_share=0.02
    )
    assert at_hour(home, []).total == pytest.approx(80_000)


def test_the_points_of_a_disc_lie_within_its_radius_and_about_its_middle() -> None:
    points = disc(117.4, 36.7, 300.0)
    assert len(points) == 37
    away = np.hypot((points[:, 0] - 117.4) * 111195 * np.cos(np.radians(36.7)), (points[:, 1] - 36.7) * 111195)
    assert away.max() < 300
    assert points.mean(axis=0) == pytest.approx([117.4, 36.7], abs=1e-5)
