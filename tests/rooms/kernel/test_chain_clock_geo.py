"""The hash chain finds every tampering; the clock moves only when told; distances agree with known ones."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel import chain, clock
from anlan.kernel.geo import ImpossibleCoordinates, Point, haversine_m, in_china

contents = st.lists(
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=10)), max_size=4), min_size=1, max_size=8
)


def linked(items):
    entries, previous = [], chain.GENESIS
    for number, content in enumerate(items, 1):
        digest = chain.link(previous, content)
        entries.append((number, previous, content, digest))
        previous = digest
    return entries, (len(entries), previous)


@given(contents)
def test_an_untouched_chain_holds(items):
    entries, head = linked(items)
    assert chain.verify(entries, head).intact


@given(contents, st.data())
def test_any_changed_content_breaks_the_chain_at_that_entry(items, data):
    entries, head = linked(items)
    at = data.draw(st.integers(0, len(entries) - 1))
    number, previous, content, digest = entries[at]
    entries[at] = (number, previous, {**content, "tampered": True}, digest)
    assert chain.verify(entries, head).broken_at == number


@given(contents, st.data())
def test_a_removed_entry_shows_wherever_it_stood(items, data):
    entries, head = linked(items)
    del entries[data.draw(st.integers(0, len(entries) - 1))]
    assert not chain.verify(entries, head).intact


def test_rewriting_the_whole_tail_shows_against_the_head():
    entries, head = linked([{"a": 1}, {"a": 2}])
    forged, _ = linked([{"a": 1}, {"a": 3}])
    assert chain.verify(entries, head).intact
    assert chain.verify(forged, head).why == "head"


def test_the_clock_stands_still_where_a_story_put_it():
    start = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
    with clock.moved_to(start):
        assert clock.now() == start
        clock.advance(minutes=4, seconds=30)
        assert clock.now() == start + timedelta(seconds=270)
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5


def test_the_clock_takes_no_naive_time():
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 1, 1))


def test_the_distance_from_beijing_to_shanghai_is_about_1067_km():
    assert haversine_m(Point(116.4074, 39.9042), Point(121.4737, 31.2304)) == pytest.approx(1_067_300, rel=0.003)


@pytest.mark.parametrize(("longitude", "latitude"), [(float("nan"), 30.0), (200.0, 30.0), (30.0, 120.0)])
def test_a_point_outside_the_world_is_refused(longitude, latitude):
    with pytest.raises(ImpossibleCoordinates):
        Point(longitude, latitude)


def test_a_swapped_pair_is_not_in_china():
    with pytest.raises(ImpossibleCoordinates):
        in_china(Point(36.65, 80.0))
