"""Numbers, keys, nobody twice, and the moments of a roll call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.contact import rules

BEGINS = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fault", "texts"),
    [
        ("13900000000", "", True),
        ("+86 139-0000-0000", "", True),
        ("0531-88880000", "", False),
        ("0531-88880000转801", "", False),
        ("119", "", False),
        ("4008005000", "", False),
        ("", "missing", False),
        ("88880000", "invalid", False),
        ("1390000000", "invalid", False),
    ],
)
def test_a_number_is_judged_before_anything_is_sent(text: str, fault: str, texts: bool) -> None:
    assert (rules.number_fault(text), rules.takes_text(text)) == (fault, texts)


@pytest.mark.parametrize("key", ["", "duty:37", "duty:abcdef", "account:1", "robot:370102", "group:"])
def test_a_key_that_names_nobody_is_refused(key: str) -> None:
    with pytest.raises(rules.BadKey):
        rules.parse_key(key)


def test_nobody_is_told_twice_and_empty_posts_stay_each_for_itself() -> None:
    one = UUID(int=1)
    people = [
        rules.Reachable("account:a", "王某", "370102", phone="13900000000", account_id=one),
        rules.Reachable("duty:370102", "王某", "370102", phone="139 0000 0000", account_id=one),
        rules.Reachable("contact:b", "王主任", "370102", phone="+8613900000000"),
        rules.Reachable("duty:370103", "市中区", "370103", nobody=True),
        rules.Reachable("duty:370104", "槐荫区", "370104", nobody=True),
    ]
    assert [each.key for each in rules.each_once(people)] == ["account:a", "duty:370103", "duty:370104"]


def test_ways_keep_the_order_asked_for_and_leave_out_what_does_not_reach() -> None:
    desk = rules.Reachable("organisation:x", "示范医院", "370102", phone="0531-88880000")
    assert desk.ways(["sms", "voice", "email"]) == ("voice",)


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(0, 86_400))
def test_a_strike_lies_in_its_window_and_can_be_proven_again(seed: str, seconds: int) -> None:
    ends = BEGINS + timedelta(seconds=seconds)
    at = rules.strike_at(seed, "duty:370102", BEGINS, ends)
    assert BEGINS <= at <= ends
    assert at == rules.strike_at(seed, "duty:370102", BEGINS, ends)


def test_the_rate_counts_who_was_called_and_the_median_who_answered() -> None:
    found = rules.tally(["confirmed", "confirmed", "silent", "nobody", "waiting"], [12, 40])
    assert (found.rate, found.seconds, found.waiting) == (50.0, 26, 1)
    assert rules.tally(["waiting"]).rate is None
