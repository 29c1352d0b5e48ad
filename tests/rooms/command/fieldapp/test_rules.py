"""What a phone may say of time and place, and what is made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.fieldapp import rules
from anlan.report.filings import queries

NOW = datetime(2026, 11, 22, 18, 14, tzinfo=UTC)


@given(st.integers(-(10**8), 10**8))
def test_what_waited_happened_in_the_last_week_and_never_in_the_future(seconds: int) -> None:
    assert NOW - rules.LONGEST_AGO <= rules.happened_at(NOW, seconds) <= NOW


@given(st.integers(-(10**6), 10**6))
def test_a_phone_clock_is_told_of_only_when_it_is_out_of_tolerance(off: int) -> None:
    told = rules.clock_off_s(NOW + timedelta(seconds=off), NOW)
    assert told == (off if abs(off) > rules.CLOCK_TOLERANCE.total_seconds() else 0)


@pytest.mark.parametrize("pair", [(117.0, None), (None, 36.0), (181.0, 0.0), (0.0, -91.0), (float("nan"), 1.0), (float("inf"), 1.0)])
def test_half_a_point_and_a_point_off_the_earth_are_refused(pair: tuple[float | None, float | None]) -> None:
    with pytest.raises(rules.PointWrong):
        rules.point(*pair)


def test_no_point_and_the_point_of_a_broken_receiver_are_none() -> None:
    assert rules.point(None, None) is None
    assert rules.point(0.0, 0.0) is None
    assert rules.point(117.08, 36.67) == (117.08, 36.67)


def test_a_report_across_the_county_line_is_kept_at_the_senders_own_county() -> None:
    own = "370102"
    assert rules.filed_place("370103", own, lambda code: code == own) == own
    assert rules.filed_place("", own, lambda _code: True) == own
    assert rules.filed_place("370103", own, lambda _code: True) == "370103"


def test_every_button_is_a_kind_that_may_be_reported() -> None:
    assert set(rules.KINDS) <= {row.code for row in queries.event_kinds(NOW.date())}
