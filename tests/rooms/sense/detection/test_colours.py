"""Four colours of a tailings pond: by point, by item, by pond; graver at once, lighter only after a time."""

import numpy as np
import pytest
from tests.rooms.sense.detection.watch import Watch, rule

from anlan.sense.detection.colours import BLUE, ORANGE, RED, YELLOW, PondColours, gravity_of
from anlan.wire.criteria import Colours, Indicator
from anlan.wire.detections import CLEAR, RAISE


def pond(*items, **steps):
    """``items``: item name → how many points; every point has limits 1, 2, 3, 4."""
    indicators = [Indicator(number, item, 1.0, 2.0, 3.0, 4.0) for number, item in enumerate(items, 1)]
    return Colours(tuple(indicators), **steps)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([0, 0, 0, 0], 0),
        ([BLUE, 0, 0, 0], BLUE),
        ([BLUE] * 3, BLUE),
        ([BLUE] * 4, YELLOW),
        ([YELLOW] * 2, YELLOW),
        ([YELLOW] * 3, ORANGE),
        ([ORANGE], ORANGE),
        ([ORANGE] * 2, RED),
        ([RED, 0], RED),
        ([BLUE] * 4 + [RED], RED),
    ],
)
def test_points_of_one_item_count_together(points, expected):
    assert gravity_of(pond("seepage"), np.array(points), np.zeros(len(points), int)) == expected


def test_four_blue_items_are_a_yellow_pond_and_three_are_not():
    for several, expected in ((3, BLUE), (4, YELLOW)):
        assert gravity_of(pond("any"), np.full(several, BLUE), np.arange(several)) == expected
    # Points of different items are not added up.
    assert gravity_of(pond("any"), np.full(2, ORANGE), np.arange(2)) == ORANGE
    assert gravity_of(pond("any", orange_points=0), np.full(2, ORANGE), np.zeros(2, int)) == ORANGE


def test_a_graver_colour_comes_at_once_and_a_lighter_one_after_its_time():
    watch = Watch(PondColours(), rule(pond("level", "level", hold_s=600), code="pond"))
    assert watch.feed([(1, 0, 0.5), (2, 0, 0.5)]) == []
    assert watch.feed([(1, 60_000, 1.5)]) == [(RAISE, 1, "COLOURS", "pond", 60_000, 60_000)]
    assert [(t.level, t.facts) for t in watch.told] == [
        (4, {"colour": "blue", "red_points": 0.0, "orange_points": 0.0, "yellow_points": 0.0, "blue_points": 1.0})
    ]
    assert watch.feed([(2, 120_000, 3.5)]) == [
        (CLEAR, 1, "COLOURS", "pond", 60_000, 120_000),
        (RAISE, 1, "COLOURS", "pond", 120_000, 120_000),
    ]
    assert [t.level for t in watch.told if t.change == RAISE] == [2]
    assert watch.feed([(2, 180_000, 0.5)]) == []
    # Before ten minutes were over it is yellow for a moment: the gravest of that time counts.
    assert watch.feed([(2, 240_000, 2.5), (2, 300_000, 0.5)]) == []
    assert [(c, t) for c, _ch, _k, _r, _raised, t in watch.feed([(2, 780_000, 0.5)])] == [(CLEAR, 780_000), (RAISE, 780_000)]
    assert [t.level for t in watch.told if t.change == RAISE] == [3]


def test_a_limit_not_used_leaves_its_colour_out_and_dry_beach_counts_downward():
    beach = Colours((Indicator(1, "beach", blue=None, yellow=100.0, orange=80.0, red=70.0, downward=True),))
    watch = Watch(PondColours(), rule(beach))
    assert watch.feed([(1, 1000, 120.0)]) == []
    assert watch.feed([(1, 2000, 100.0)])[0][0] == RAISE
    assert watch.told[0].level == 3
    watch.feed([(1, 3000, 60.0)])
    assert [t.level for t in watch.told if t.change == RAISE] == [1]
