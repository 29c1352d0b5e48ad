"""Rings of whoever is overdue, and the flows, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.command.dispatch import rules
from anlan.kernel.flow import MissingFields
from anlan.kernel.ids import new_id

NOW = datetime(2026, 11, 23, 2, 45, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "rings"), [(-0.1, 0), (0, 1), (4.9, 1), (5, 2), (9.9, 2), (10, 3), (300, 3)])
def test_an_overdue_check_in_rings_at_once_and_twice_more(minutes: float, rings: int) -> None:
    assert rules.rings_due(NOW, NOW + timedelta(minutes=minutes), timedelta(minutes=5)) == rings


@pytest.mark.parametrize(
    "flow", [rules.REQUEST_FLOW, rules.ANSWER_FLOW, rules.PRESENCE_FLOW, rules.SIGNAL_FLOW], ids=lambda flow: flow.code
)
def test_the_flows_have_no_problem(flow) -> None:
    assert flow.problems() == []


def test_nothing_leaves_before_the_asker_agreed_and_nothing_goes_home_before_it_was_released() -> None:
    with pytest.raises(MissingFields, match="请求方同意"):
        rules.ANSWER_FLOW.check("send", rules.OFFERED, {"agreed_at": None}, new_id(), {})
    with pytest.raises(MissingFields, match="请求方放归"):
        rules.ANSWER_FLOW.check("back", rules.SENT, {"released_at": None}, new_id(), {})
    assert rules.ANSWER_FLOW.check("send", rules.OFFERED, {"agreed_at": NOW}, new_id(), {}).target == rules.SENT
