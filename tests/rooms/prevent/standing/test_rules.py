"""The arithmetic of 应急〔2018〕19号."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.errors import Invalid
from anlan.prevent.standing import queries, rules

DAY = date(2026, 6, 1)
ITEMS = queries.items(DAY)
ORDER = ["red", "orange", "yellow", "blue"]
COUNTS = st.fixed_dictionaries({}, optional={item.code: st.integers(0, min(item.most, 6)) for item in ITEMS})


def grade(**counts: int) -> rules.Result:
    return queries.grade(counts, DAY)


def test_the_table_is_the_published_one(shared):
    import csv

    with (shared / "domain/tables/enterprise_risk_grading_2018_19.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] in ("deduct", "bonus", "veto")]
    told = [(row["text_zh"], row["kind"], row["points"], row["item_cap"]) for row in rows]
    kept = [(i.text_zh, i.kind, "" if i.points is None else f"{i.points:g}", "" if i.cap is None else f"{i.cap:g}") for i in ITEMS]
    assert kept == told and len(kept) == 46
    caps = {item.group_zh: item.cap for item in ITEMS if item.cap is not None}
    assert sum(caps.values()) == 100


def test_nothing_found_is_a_hundred_points_and_blue():
    assert (grade().score, grade().colour) == (Decimal(100), "blue")


def test_a_group_loses_no_more_than_its_ceiling():
    two = grade(hazard_1=1, hazard_2=1)
    assert (two.score, two.groups[0].asked, two.groups[0].lost) == (Decimal(90), Decimal(18), Decimal(10))
    assert grade(managers=9).score == Decimal(85)
    assert grade(regulated=7).score == Decimal("99.3")


@pytest.mark.parametrize(
    ("counts", "score", "colour"),
    [
        ({"hazard_1": 1}, "90", "blue"),
        ({"hazard_1": 1, "regulated": 1}, "89.9", "yellow"),
        ({"hazard_1": 1, "managers": 3}, "75", "yellow"),
        ({"hazard_1": 1, "managers": 3, "regulated": 1}, "74.9", "orange"),
        ({"hazard_1": 1, "managers": 3, "distance": 1, "power": 1}, "60", "orange"),
        ({"hazard_1": 1, "managers": 3, "distance": 1, "power": 1, "regulated": 1}, "59.9", "red"),
        ({"hazard_1": 1, "regulated": 1, "standard_3": 1}, "91.9", "blue"),
    ],
)
def test_colours_at_their_borders(counts, score, colour):
    assert (grade(**counts).score, grade(**counts).colour) == (Decimal(score), colour)


@settings(max_examples=60)
@given(COUNTS, st.sampled_from([item for item in ITEMS if item.kind != rules.BONUS]), st.integers(1, 4))
def test_more_deductions_never_give_a_better_colour(counts, item, more):
    worse = counts | {item.code: counts.get(item.code, 0) + more}
    before, after = grade(**counts), grade(**worse)
    assert after.score <= before.score and ORDER.index(after.colour) <= ORDER.index(before.colour)


@settings(max_examples=60)
@given(COUNTS, st.sampled_from([item.code for item in ITEMS if item.kind == rules.VETO]))
def test_a_veto_is_always_red(counts, veto):
    found = grade(**(counts | {veto: 1}))
    assert found.colour == "red" and veto in found.vetoes


@settings(max_examples=60)
@given(COUNTS)
def test_no_group_loses_more_than_its_ceiling_and_the_score_is_the_sum(counts):
    found = grade(**counts)
    assert all(group.cap is None or group.lost <= group.cap for group in found.groups)
    assert found.score == 100 - sum(group.lost for group in found.groups) + sum(group.gained for group in found.groups)


@pytest.mark.parametrize(
    "given_", [{"hazard_1": "2"}, {"managers": "-1"}, {"managers": "1.5"}, {"managers": "许多"}, {"standard_1": "1", "standard_2": "1"}]
)
def test_what_cannot_be_counted_or_contradicts_is_named(given_):
    with pytest.raises(Invalid) as refused:
        rules.counts(ITEMS, given_)
    assert set(refused.value.fields) <= set(given_) and refused.value.fields
