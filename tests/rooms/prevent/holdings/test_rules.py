"""Quantities, running balances and the law of the ledger of chemicals, without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.geo import Point, haversine_m
from anlan.prevent.holdings import parameters, quantities, queries, refusals, rules, running, searching
from anlan.prevent.holdings.quantities import Density

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(st.integers(0, 8).map(lambda hour: BEGIN + timedelta(hours=hour)), st.integers(-50, 50).map(Decimal)), max_size=12
)


@pytest.mark.parametrize(
    ("typed", "unit", "kilograms"), [("1.5", "t", "1500"), ("2,500", "公斤", "2500"), (" 0.001 ", "kg", "0.001"), ("3", "吨", "3000")]
)
def test_tonnes_and_kilograms_become_kilograms(typed, unit, kilograms):
    assert quantities.quantity(typed, unit).mass_kg == Decimal(kilograms)


def test_cubic_metres_need_a_density_that_somebody_stated():
    with pytest.raises(refusals.DensityNeeded):
        quantities.quantity("2", "m3")
    made = quantities.quantity("2", "立方米", Density(Decimal("791"), "SDS 9"))
    assert (made.mass_kg, made.unit, made.density.source) == (Decimal(1582), "m3", "SDS 9")
    assert quantities.quantity("2", "t", Density(Decimal("791"), "SDS 9")).density is None
    with pytest.raises(refusals.DensityWithoutSource):
        quantities.density_of("791", " ")


def test_the_catalogue_gives_a_density_for_liquids_and_none_for_gases():
    assert 700 < queries.catalogue_density("methanol").value < 900
    assert queries.catalogue_density("chlorine") is None
    assert queries.catalogue_density("") is None


@pytest.mark.parametrize(
    ("typed", "unit", "refusal"),
    [
        ("", "t", refusals.QuantityMissing),
        ("abc", "t", refusals.QuantityWrong),
        ("nan", "t", refusals.QuantityWrong),
        ("-3", "t", refusals.QuantityNotPositive),
        ("0", "t", refusals.QuantityNotPositive),
        ("0.0001", "kg", refusals.QuantityNotPositive),
        ("3", "", refusals.UnitMissing),
        ("3", "桶", refusals.UnitUnknown),
        ("1e12", "t", refusals.QuantityTooLarge),
        ("1e999999", "kg", refusals.QuantityTooLarge),
    ],
)
def test_what_is_no_quantity_is_refused_by_its_reason(typed, unit, refusal):
    with pytest.raises(refusal):
        quantities.quantity(typed, unit)


def test_a_count_may_find_nothing():
    assert quantities.quantity("0", "t", zero=True).mass_kg == 0


@pytest.mark.parametrize(("kilograms", "words"), [("999.5", "999.5 kg"), ("1000", "1 t"), ("12345678", "12,345.678 t"), ("0", "0 kg")])
def test_masses_are_told_in_tonnes_from_one_tonne_on(kilograms, words):
    assert quantities.told(Decimal(kilograms)) == words


@given(STEPS, st.integers(0, 40).map(Decimal), st.randoms())
def test_no_moment_is_below_zero_unless_it_is_said_and_the_order_of_writing_does_not_matter(steps, before, random):
    found = running.first_shortfall(before, steps)
    moments = sorted({at for at, _ in steps})
    low = [at for at in moments if before + running.balance(steps, at) < 0]
    assert (found.at if found else None) == (low[0] if low else None)
    if found:
        assert found.held - found.missing <= found.held
        assert before + running.balance(steps, found.at) == -found.missing
    mixed = list(steps)
    random.shuffle(mixed)
    assert running.first_shortfall(before, mixed) == found
    assert running.balance(mixed) == running.balance(steps)


@given(STEPS)
@settings(max_examples=60)
def test_a_movement_and_its_reversal_leave_every_moment_as_it_was(steps):
    taken_back = [*steps, (BEGIN, Decimal(7)), (BEGIN, Decimal(-7))]
    assert running.first_shortfall(Decimal(0), taken_back) == running.first_shortfall(Decimal(0), steps)


def test_a_difference_counts_from_beyond_the_tolerance_on():
    share = parameters.parameter("transfer_tolerance_percent", BEGIN).value
    sent = Decimal(10_000)
    edge = sent * share / 100
    assert not running.beyond(sent, sent - edge, share)
    assert running.beyond(sent, sent - edge - 1, share) and running.beyond(sent, sent + edge + 1, share)


def test_a_limit_is_come_over_once():
    assert running.crossed(Decimal(5), Decimal(6), Decimal(5))
    assert not running.crossed(Decimal(6), Decimal(7), Decimal(5)) and not running.crossed(Decimal(0), Decimal(5), Decimal(5))
    assert not running.crossed(Decimal(0), Decimal(5), None)


def test_every_kind_moves_one_way_and_a_transfer_moves_nothing_in_sum():
    assert sum(rules.legs(rules.MOVED)) == 0
    assert {code for code in rules.KINDS if rules.legs(code)[0] > 0} == {"opening", "produced", "bought", "received", "surplus"}
    assert rules.legs(rules.COUNTED) == (0, 0)


@given(st.floats(75, 134), st.floats(5, 52), st.floats(100, 300_000), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=80)
def test_the_box_of_a_search_holds_its_whole_circle(longitude, latitude, radius, x, y):
    centre = Point(longitude, latitude)
    west, south, east, north = searching.box(centre, radius)
    inside = Point(west + (east - west) * x, south + (north - south) * y)
    assert haversine_m(centre, Point(centre.longitude, north)) >= radius * 0.999
    for edge in (Point(west, inside.latitude), Point(east, inside.latitude)):
        assert haversine_m(centre, edge) >= radius * 0.999


def test_a_name_an_alias_a_number_mean_entries_and_one_number_may_mean_several():
    assert [row.code for row in queries.meant("液氯")] == ["chlorine"]
    assert [row.code for row in queries.meant("UN1017")] == ["chlorine"]
    assert len(queries.meant("7664-39-3")) > 1
    assert queries.meant("  ") == ()


def test_figures_without_a_source_are_marked_so():
    assert {row.status for row in parameters.parameters()} == {"unverified"}
    assert queries.critical_kg("chlorine") == Decimal(5000)
