"""A drawn plan keeps everything, lays nothing over anything, and puts things where they belong."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.monitor import plan

spots = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000))
things = st.lists(st.tuples(st.one_of(st.none(), spots), st.integers(0, 12)), max_size=25).map(
    lambda told: [
        plan.Thing(
            "source", UUID(int=number), f"罐 {number}", "tank", at, tags=tuple(UUID(int=1000 + 100 * number + tag) for tag in range(tags))
        )
        for number, (at, tags) in enumerate(told)
    ]
)


@given(told=things)
def test_nothing_is_lost_and_no_two_blocks_lie_over_each_other(told):
    drawn = plan.draw(told, [])
    assert {block.thing.id for block in drawn.blocks} | {thing.id for thing in drawn.tray} == {thing.id for thing in told}
    assert [thing.id for thing in drawn.tray] == [thing.id for thing in told if thing.at is None]
    for block in drawn.blocks:
        assert [tag.id for tag in block.tags] == list(block.thing.tags)
    for one, other in combinations(drawn.blocks, 2):
        apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
        apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert apart_x or apart_y


@given(told=things)
def test_everything_drawn_lies_in_the_frame(told):
    drawn = plan.draw(told, [])
    left, top, width, height = drawn.view
    for block in drawn.blocks:
        assert left <= block.x and block.x + block.width <= left + width + 0.2
        assert top <= block.y and block.y + block.height <= top + height + 0.2


def test_north_is_up_east_is_right_and_the_scale_is_true():
    def thing(number, at):
        return plan.Thing("device", UUID(int=number), "", at=at)

    drawn = plan.draw([thing(1, (0.0, 0.0)), thing(2, (400.0, 0.0)), thing(3, (0.0, 300.0))], [])
    place = {block.thing.id.int: (block.true_x, block.true_y) for block in drawn.blocks}
    assert place[2][0] > place[1][0] and place[3][1] < place[1][1]
    assert abs((place[2][0] - place[1][0]) / drawn.scale - 400) < 1
    assert abs((place[1][1] - place[3][1]) / drawn.scale - 300) < 1
    # What a hand drags is turned back into metres by the same two figures.
    assert abs((place[2][0] - drawn.zero[0]) / drawn.scale - 400) < 1


def test_metres_from_degrees_follow_the_latitude():
    zero = plan.Reference(117.0, 36.0)
    east, north = zero.metres(117.01, 36.01)
    assert abs(north - 1111.95) < 1 and abs(east - 899.6) < 1
    assert plan.Reference().metres(117.0, 36.0) is None


def test_without_anything_placed_the_plan_is_empty_and_the_tray_full():
    drawn = plan.draw([plan.Thing("source", UUID(int=1), "罐")], [])
    assert drawn.blocks == () and len(drawn.tray) == 1 and drawn.view[2] > 0
