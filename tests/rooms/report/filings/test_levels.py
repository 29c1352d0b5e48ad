"""Accident levels by Decree 493 art. 3, near misses by Order 21 art. 26, on both sides of every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.levels import Level
from anlan.ledger.sources import in_force
from anlan.report.filings import queries, rules
from anlan.report.filings.rules import Consequences, judge

DAY = date(2026, 11, 22)
LEVELS = queries.accident_levels(DAY)
NEAR = queries.near_misses(DAY)


def level(**seen: int) -> str:
    return judge(Consequences(**seen), LEVELS, NEAR).code


@pytest.mark.parametrize(
    ("deaths", "expected"),
    [(0, ""), (1, "IV"), (2, "IV"), (3, "III"), (9, "III"), (10, "II"), (29, "II"), (30, "I"), (31, "I")],
)
def test_deaths_on_both_sides_of_each_boundary(deaths: int, expected: str) -> None:
    assert level(deaths=deaths) == expected


@pytest.mark.parametrize(
    ("hurt", "expected"),
    [(0, ""), (1, "IV"), (9, "IV"), (10, "III"), (49, "III"), (50, "II"), (99, "II"), (100, "I")],
)
def test_serious_injuries_on_both_sides_of_each_boundary(hurt: int, expected: str) -> None:
    assert level(serious_injured=hurt) == expected


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (0, ""),
        (1, "IV"),
        (9_999_999, "IV"),
        (10_000_000, "III"),
        (49_999_999, "III"),
        (50_000_000, "II"),
        (99_999_999, "II"),
        (100_000_000, "I"),
    ],
)
def test_direct_loss_on_both_sides_of_each_boundary(loss: int, expected: str) -> None:
    assert level(direct_loss=loss) == expected


counts = st.integers(0, 200)
money = st.integers(0, 300_000_000)


@given(counts, counts, money)
def test_the_gravest_criterion_wins(deaths: int, hurt: int, loss: int) -> None:
    rank = {row.code: row.rank for row in LEVELS} | {"": 9}
    alone = [level(deaths=deaths), level(serious_injured=hurt), level(direct_loss=loss)]
    assert rank[level(deaths=deaths, serious_injured=hurt, direct_loss=loss)] == min(rank[code] for code in alone)


@given(counts, counts, money, st.integers(0, 50))
def test_more_harm_never_lowers_the_level(deaths: int, hurt: int, loss: int, more: int) -> None:
    rank = {row.code: row.rank for row in LEVELS} | {"": 9}
    before = rank[level(deaths=deaths, serious_injured=hurt, direct_loss=loss)]
    assert rank[level(deaths=deaths + more, serious_injured=hurt, direct_loss=loss)] <= before
    assert rank[level(deaths=deaths, serious_injured=hurt + more, direct_loss=loss)] <= before


@given(counts, counts)
def test_the_missing_count_only_for_the_forecast(deaths: int, missing: int) -> None:
    judged = judge(Consequences(deaths=deaths, missing=missing), LEVELS, NEAR)
    assert judged.code == level(deaths=deaths)
    assert judged.forecast == level(deaths=deaths + missing)
    assert judged.provisional == (missing > 0)


def test_every_number_of_deaths_has_exactly_one_level() -> None:
    for deaths in range(1, 400):
        fitting = [r for r in LEVELS if deaths >= r.deaths_from and (r.deaths_below is None or deaths < r.deaths_below)]
        assert len(fitting) == 1


@pytest.mark.parametrize(
    ("seen", "codes"),
    [
        ({"endangered": 9}, []),
        ({"endangered": 10}, ["N1"]),
        ({"trapped": 1, "missing": 1}, []),
        ({"trapped": 2, "missing": 1}, ["N2"]),
        ({"evacuated": 499}, []),
        ({"evacuated": 500}, ["N3"]),
        ({"serious_pollution": True}, ["N4"]),
        ({"key_facility_threatened": True}, ["N5"]),
        ({"other_near_miss": True}, ["N6"]),
    ],
)
def test_serious_near_misses_on_both_sides_of_each_boundary(seen: dict[str, int], codes: list[str]) -> None:
    names = {row.code: row.name_zh for row in NEAR}
    judged = judge(Consequences(**seen), LEVELS, NEAR)
    assert [reason.criterion for reason in judged.near_miss] == [names[code] for code in codes]


def test_twelve_hundred_evacuated_without_casualties_travel_as_a_near_miss() -> None:
    judged = judge(Consequences(injured=2, evacuated=1200), LEVELS, NEAR)
    assert judged.code == ""
    assert judged.reporting_code == rules.NEAR_MISS
    assert rules.report_up_to(judged.reporting_code, LEVELS) is Level.CITY


def test_unknown_consequences_are_provisional_and_go_to_the_city() -> None:
    judged = judge(Consequences(unknown=frozenset({"deaths"})), LEVELS, NEAR)
    assert (judged.code, judged.provisional, judged.reporting_code) == ("", True, rules.UNKNOWN_LEVEL)
    assert rules.report_up_to(judged.reporting_code, LEVELS) is Level.CITY


@pytest.mark.parametrize(
    ("code", "top"), [("I", Level.NATION), ("II", Level.NATION), ("III", Level.PROVINCE), ("IV", Level.CITY), ("", Level.COUNTY)]
)
def test_each_level_is_reported_up_to_where_article_10_says(code: str, top: Level) -> None:
    assert rules.report_up_to(code, LEVELS) is top


def test_no_accident_rule_is_in_force_before_the_decree() -> None:
    assert queries.accident_levels(date(2007, 5, 31)) == ()
    assert len(queries.accident_levels(date(2007, 6, 1))) == 4


def test_a_past_event_is_judged_by_the_rule_of_its_day() -> None:
    """Two versions live side by side: an invented amendment that counts 5 deaths as grave from 2030 on."""
    old = tuple(replace(row, effective_to=date(2029, 12, 31)) for row in LEVELS)
    bands = {"II": (5, 30), "III": (3, 5)}
    new = tuple(
        replace(row, deaths_from=bands[row.code][0], deaths_below=bands[row.code][1], effective_from=date(2030, 1, 1))
        if row.code in bands
        else replace(row, effective_from=date(2030, 1, 1))
        for row in LEVELS
    )
    seen = Consequences(deaths=5)
    assert judge(seen, in_force(old + new, date(2029, 12, 31)), ()).code == "III"
    assert judge(seen, in_force(old + new, date(2030, 1, 1)), ()).code == "II"


def test_a_provincial_variant_replaces_the_general_row_below_its_place() -> None:
    steps = queries.reporting_steps(DAY)
    general = next(row for row in steps if row.code == "county_city")
    local = replace(general, amount=30, place_prefix="37")

    def minutes(place: str) -> int | None:
        found = rules.duties((*steps, local), level_code="IV", sender="COUNTY", place_code=place, kinds=("written",))
        return found[0].amount

    assert minutes("370102") == 30
    assert minutes("410102") == 120


def test_every_rule_row_names_its_source_and_what_was_read_is_marked_verified() -> None:
    for row in (*LEVELS, *NEAR, *queries.reporting_steps(DAY), *queries.required_content(DAY), *queries.event_kinds(DAY)):
        assert row.source
    for row in queries.reporting_steps(DAY):
        assert row.status == "verified"
        assert row.article


def test_the_flow_of_a_filing_has_no_problem() -> None:
    assert rules.FLOW.problems() == []
    assert all(move.action in rules.ACTIONS for move in rules.FLOW.moves)


def test_falling_casualties_are_noticed() -> None:
    assert rules.falling_casualties({"deaths": 3, "serious_injured": 1}, {"deaths": 2, "serious_injured": 2}) == ("deaths",)


OLD_DAY = date(2026, 6, 30)


def test_types_and_losses_are_those_of_the_standard_of_the_day() -> None:
    assert {row.standard for row in queries.accident_types(OLD_DAY)} == {"GB 6441-1986"}
    assert {row.standard for row in queries.accident_types(date(2026, 7, 1))} == {"GB 6441-2025"}
    assert (len(queries.accident_types(OLD_DAY)), len(queries.accident_types(DAY))) == (20, 27)
    items = {day: {row.code for row in queries.loss_items(day) if row.standing == rules.DIRECT} for day in (OLD_DAY, DAY)}
    assert items[DAY] == {"Ed1", "Ed2", "Ed3", "Ed4", "Ed5"}
    assert len(items[OLD_DAY]) == 10
    assert "2.2.4" in items[OLD_DAY], "fines were direct"


@pytest.mark.parametrize("day", [OLD_DAY, DAY])
def test_every_kind_of_accident_names_types_that_exist(day: date) -> None:
    known = {row.code for row in queries.accident_types(day)}
    for kind in queries.event_kinds(day):
        going = queries.types_of_kind(kind.code, day)
        assert (going is None) == (kind.domain == "disaster")
        assert going is None or set(going.codes) <= known


amounts = st.dictionaries(st.sampled_from([row.code for row in queries.loss_items(DAY)]), st.none() | st.integers(0, 10**12))


@given(amounts)
def test_a_ledger_adds_up_what_is_known_and_counts_what_is_not(told: dict[str, int | None]) -> None:
    items = queries.loss_items(DAY)
    found = rules.add_losses(items, told)
    direct = [told.get(row.code) for row in items if row.standing == rules.DIRECT]
    assert found.unknown == direct.count(None)
    assert (found.direct is None) == (found.unknown == len(direct))
    assert (found.direct or 0) + found.indirect == sum(amount or 0 for amount in told.values())


@given(amounts, st.sampled_from(["Ei1", "Ei5", "Ei9"]), st.integers(0, 10**12))
def test_indirect_loss_never_changes_the_level(told: dict[str, int | None], code: str, amount: int) -> None:
    items = queries.loss_items(DAY)
    assert rules.add_losses(items, told).direct == rules.add_losses(items, {**told, code: amount}).direct
