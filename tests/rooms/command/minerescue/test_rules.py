"""Air that can explode or is on the way there, oxygen that lasts so long, and what must be true before a squad goes in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.command.minerescue import air, apparatus, network, rules
from anlan.command.minerescue.air import Air, Measured
from anlan.consequence.mine_explosibility import most_oxygen

NOW = datetime(2026, 6, 9, 4, 0, tzinfo=UTC)
DAY = date(2026, 6, 9)
SPANS = {"stale": timedelta(minutes=30), "trend": timedelta(hours=1), "margin": 1.0, "horizon": timedelta(hours=1)}
percent = st.floats(0, 60)
pressure = st.floats(6, 30)
shares = st.sampled_from([1 / 3, 0.5, 2 / 3])


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def rows(*values: float, every: float = 10) -> list[Measured]:
    """Values in even steps, the last one now."""
    return [Measured(at(-every * (len(values) - 1 - n)), value, "CH4-1") for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (Air(methane=0.3, oxygen=20.8), air.BELOW),
        (Air(methane=9.0, oxygen=18.0), air.EXPLOSIVE),
        (Air(methane=4.5, oxygen=19.9), air.NEAR),
        (Air(methane=30.0, oxygen=14.0), air.WITH_AIR),
        (Air(methane=3.0, oxygen=5.0), air.INERT),
        (Air(methane=9.0), air.EXPLOSIVE),
        (Air(oxygen=20.9), air.UNKNOWN),
        (Air(monoxide=200_000.0, oxygen=16.0), air.EXPLOSIVE),
    ],
)
def test_air_is_judged_by_the_triangle_and_oxygen_not_measured_is_taken_for_the_most_there_can_be(sample, expected):
    assert air.state(sample, margin=1.0) == expected


@given(percent, st.floats(0, 21))
def test_more_margin_never_makes_air_look_safer(methane, oxygen):
    sample = Air(methane=methane, oxygen=min(oxygen, most_oxygen(methane)))
    if air.state(sample, 0.5) in air.DANGEROUS:
        assert air.state(sample, 2.0) in air.DANGEROUS


@given(percent, st.floats(0, 21), st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 600))
def test_a_trend_never_leads_to_air_that_cannot_be(methane, oxygen, up, down, minutes):
    later = air.ahead(Air(methane=methane, oxygen=oxygen), {"methane": up, "oxygen": down}, minutes)
    assert 0 <= later.methane <= 100
    assert later.point[1] <= most_oxygen(later.point[0]) + 1e-9


@given(percent, st.floats(0.01, 2))
def test_air_that_stays_as_it_is_does_not_become_explosive_by_waiting(methane, margin):
    sample = Air(methane=methane)
    expected = 0.0 if air.state(sample, margin) in air.DANGEROUS else None
    assert air.minutes_to_explosion(sample, {}, margin, 12) == expected


def test_gas_that_rises_steadily_is_told_by_the_minute_in_which_it_becomes_dangerous():
    found = air.place_air({"methane": rows(1.0, 1.5, 2.0, 2.5), "oxygen": rows(20.5)}, NOW, **SPANS)
    assert found.state == air.BELOW
    assert found.minutes == pytest.approx(31, abs=2)
    assert air.place_air({"methane": rows(2.5, 2.5, 2.5)}, NOW, **SPANS).minutes is None


def test_an_old_reading_is_told_as_old_and_one_of_the_future_is_not_known_yet():
    found = air.place_air({"methane": [Measured(at(-40), 0.4, "a"), Measured(at(5), 9.0, "b")], "temperature": rows(24)}, NOW, **SPANS)
    assert (found.state, found.old, found.stale) == (air.BELOW, True, {"methane"})
    assert not found.measured


def test_two_readings_within_three_minutes_tell_no_trend():
    assert air.per_minute(rows(1.0, 4.0, every=1)) is None
    assert air.per_minute(rows(1.0, 4.0, every=10)) == pytest.approx(0.3)


def test_the_way_in_is_the_shortest_along_the_airways_either_direction():
    ways = [("base", "a", 100), ("b", "a", 50), ("base", "face", 900), ("b", "face", 60)]
    assert air.way("base", "face", ways) == ("base", "a", "b", "face")
    assert air.way("base", "base", ways) == ("base",)
    assert air.way("base", "sealed", ways) == ("sealed",)


@given(st.lists(pressure, min_size=1, max_size=9), shares)
def test_a_squad_turns_before_it_must_be_out_and_keeps_what_is_kept_back(pressures, share):
    figures = apparatus.Figures(5.0, share)
    found = apparatus.at_entry(pressures, apparatus.Apparatus(20, 240), figures, NOW)
    assert NOW <= found.turn_at <= found.out_by
    assert found.turn_pressure >= 5.0
    # The way back is never shorter of oxygen than the way in where a half or less may be used.
    if share <= 0.5:
        assert found.turn_at - NOW <= found.out_by - found.turn_at + timedelta(seconds=1)


@given(st.lists(pressure, min_size=6, max_size=6), st.floats(0, 6), st.floats(0, 4), st.integers(2, 60))
def test_who_has_used_more_has_less_time_and_nobody_more_than_his_apparatus_is_rated_for(pressures, used, more, minutes):
    figures, rated = apparatus.Figures(5.0, 0.5), apparatus.Apparatus(20, 240)
    little = apparatus.on_the_way(pressures, NOW, [each - used for each in pressures], at(minutes), rated, figures)
    much = apparatus.on_the_way(pressures, NOW, [each - used - more for each in pressures], at(minutes), rated, figures)
    assert much.out_by <= little.out_by
    assert much.turn_at <= little.turn_at
    first = apparatus.at_entry(pressures, rated, figures, NOW)
    if used >= minutes * rated.rate:
        assert little.out_by <= max(first.out_by, at(minutes)) + timedelta(seconds=1)


def test_twenty_megapascal_for_four_hours_turn_at_half_of_what_is_not_kept_back():
    found = apparatus.at_entry([20, 19], apparatus.Apparatus(20, 240), apparatus.Figures(5, 0.5), NOW)
    assert found.turn_pressure == 12.5
    assert found.turn_at == at(84)
    assert found.out_by == at(168)
    # The lowest alone is held against the highest pressure at which anybody turns.
    told = apparatus.on_the_way([20, 19], NOW, [15], at(20), apparatus.Apparatus(20, 240), apparatus.Figures(5, 0.5))
    assert told.turn_at == at(20 + 2.5 / 0.2)


def wish(**other) -> rules.Wish:
    calm = air.place_air({"methane": rows(0.2, 0.2), "oxygen": rows(20.8)}, NOW, **SPANS)
    usual = {
        "pressures": [20.0] * 6,
        "members": 6,
        "standby": "二小队",
        "base": "井底车场",
        "trip": timedelta(minutes=60),
        "on_the_way": {"工作面": calm},
        "out_by": at(180),
        "held": (),
    }
    return rules.Wish(**{**usual, **other})


def codes(**other) -> list[str]:
    return [each.code for each in rules.against(wish(**other), rules.Demands(6, 18.0), NOW) if each.blocks]


def gas(*methane: float) -> dict[str, air.PlaceAir]:
    return {"工作面": air.place_air({"methane": rows(*methane)}, NOW, **SPANS)}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, []),
        ({"standby": ""}, ["no_standby"]),
        ({"base": ""}, ["no_base"]),
        ({"members": 5, "pressures": [20.0] * 5}, ["too_few"]),
        ({"pressures": [20.0] * 5}, ["pressures"]),
        ({"pressures": [20.0] * 5 + [17.5]}, ["pressure"]),
        ({"trip": timedelta(minutes=181)}, ["too_far"]),
        ({"held": (("爆炸", at(30)),)}, ["held"]),
        ({"held": (("爆炸", at(0)),)}, []),
        ({"on_the_way": gas(9.0)}, ["explosive"]),
        ({"on_the_way": gas(1.0, 1.5, 2.0, 2.5)}, ["becoming_explosive"]),
        ({"on_the_way": gas(1.0, 1.5, 2.0, 2.5), "trip": timedelta(minutes=20)}, []),
    ],
)
def test_nobody_goes_in_without_a_base_a_standby_enough_people_oxygen_and_air_that_stays_safe_for_the_trip(other, expected):
    assert codes(**other) == expected


def test_a_place_where_nobody_has_measured_is_told_and_does_not_keep_the_first_squad_out():
    found = rules.against(wish(on_the_way={"工作面": air.place_air({}, NOW, **SPANS)}), rules.Demands(6, 18.0), NOW)
    assert [(each.code, each.blocks) for each in found] == [("unmeasured", False)]


names = st.text("甲乙丙12AB", min_size=1, max_size=6)
spots = st.lists(
    st.builds(
        network.Spot,
        names,
        st.sampled_from([kind for kind in network.KINDS if kind != "base"]),
        st.integers(0, 100).map(float),
        st.integers(0, 100).map(float),
        st.none() | st.integers(0, 600),
        st.lists(st.from_regex(r"[A-Z0-9]{1,4}(/[A-Z0-9]{1,4})?", fullmatch=True), max_size=3).map(tuple),
    ),
    unique_by=lambda spot: spot.name,
    max_size=8,
)


@settings(max_examples=25)
@given(spots, st.data())
def test_a_network_reads_as_it_was_written(places, data):
    ways = []
    if len(places) > 1:
        pairs = st.tuples(st.sampled_from(places), st.sampled_from(places)).filter(lambda pair: pair[0] is not pair[1])
        ways = [network.Way(a.name, b.name, 12.5) for a, b in data.draw(st.lists(pairs, max_size=4))]
    assert network.read(network.write(places, ways)) == (tuple(places), tuple(ways))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("井底车场，井下基地，10，50", 0),
        ("a, base, 10, 50\na, face, 20, 20", 2),
        ("a, cellar, 10, 50", 1),
        ("# 只有备注\na, base, 10, 500", 2),
        ("a, base, 10, 50\na > b, 10", 2),
        ("a, base, 1, nan", 1),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, line):
    if not line:
        assert network.read(text)[0][0].kind == "base"
        return
    with pytest.raises(network.BadNetwork) as caught:
        network.read(text)
    assert caught.value.facts["line"] == line


def test_there_is_one_base():
    with pytest.raises(network.TwoBases):
        network.read("a, base, 1, 1\nb, base, 2, 2")


def test_every_figure_says_that_it_is_the_projects_own():
    kept = [*rules.turn_rules(DAY).values(), *rules.hold_rules(DAY).values()]
    assert {each.status for each in kept} == {"unverified"}
    assert rules.figures("half", DAY) == apparatus.Figures(5.0, 0.5)
    assert rules.Demands.on(DAY) == rules.Demands(6, 18.0)
    assert not rules.OPERATION_FLOW.problems() + rules.ENTRY_FLOW.problems()
