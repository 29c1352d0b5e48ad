"""The law of orders and levels, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from anlan.command.incidents import rules
from anlan.kernel.flow import FourEyes, WrongState
from anlan.kernel.ids import new_id

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "level", "because"),
    [
        ({}, "", set()),
        ({"accident_level": None, "people_in_zone": None}, "", set()),
        ({"accident_level": 4}, "IV", {"accident_level"}),
        ({"accident_level": 3}, "III", {"accident_level"}),
        ({"accident_level": 1}, "I", {"accident_level"}),
        ({"people_in_zone": 499}, "IV", {"people_in_zone"}),
        ({"people_in_zone": 500}, "III", {"people_in_zone"}),
        ({"accident_level": 4, "people_in_zone": 1200}, "III", {"accident_level", "people_in_zone"}),
        ({"accident_level": 4, "missing": 3}, "III", {"accident_level", "missing"}),
    ],
)
def test_the_gravest_condition_that_is_met_recommends_the_level_and_is_named(facts, level, because) -> None:
    found = rules.recommend_level(facts, DAY)
    assert found.level == level
    assert {row.fact for row, _value in found.reasons} == because


@pytest.mark.parametrize(("level", "who"), [("IV", "县级"), ("III", "市级"), ("II", "省级"), ("I", "国家")])
def test_who_must_attend_the_scene_follows_from_the_level_of_the_accident(level: str, who: str) -> None:
    row = rules.attends(level, DAY)
    assert row is not None
    assert who in row.who_zh
    assert row.status == "verified"
    assert rules.attends("", DAY) is None
    assert rules.attends(level, date(2009, 6, 30)) is None


@pytest.mark.parametrize(("minutes", "due"), [(-1, 0), (0, 1), (4.9, 1), (5, 2), (10, 3), (600, 3)])
def test_reminders_come_one_after_the_other_and_end_with_the_leaders(minutes: float, due: int) -> None:
    assert rules.reminders_due(NOW, NOW + timedelta(minutes=minutes), timedelta(minutes=5)) == due


def test_a_task_waits_for_what_is_open_only() -> None:
    states = {"a": rules.DONE, "b": rules.EN_ROUTE, "c": rules.CANCELLED, "d": rules.DECLINED}
    assert rules.waiting_for(("a", "b", "c", "d", "never ordered"), states) == ("b",)


def test_an_order_that_was_carried_out_cannot_be_declined_any_more() -> None:
    with pytest.raises(WrongState):
        rules.TASK_FLOW.check("decline", rules.ON_SCENE, {}, new_id(), {}, "x")


def test_nobody_takes_the_command_that_he_offered() -> None:
    me = new_id()
    with pytest.raises(FourEyes):
        rules.TRANSFER_FLOW.check("take", rules.OFFERED, {}, me, {"offered_by_id": me})
