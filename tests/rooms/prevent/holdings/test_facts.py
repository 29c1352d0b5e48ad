"""What the page of an enterprise tells of its chemicals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.rooms.prevent.holdings.works import Works
from tests.telling import Told

from anlan.prevent.holdings import queries

pytestmark = pytest.mark.django_db


def test_nothing_held_is_told_quietly(works: Works) -> None:
    fact = Told(works.own.id, works.actor("inspector")).fact("危险化学品")
    assert fact is not None and fact.quiet and str(fact.value) == "无登记存量"


def test_what_is_held_is_told_in_one_line_and_every_movement_stands_in_the_timeline(works: Works) -> None:
    works.record("opening", 10, hours=30)
    works.record("used", 4, hours=2)
    told = Told(works.own.id, works.actor("inspector"))
    fact = told.fact("危险化学品")
    assert fact is not None and (fact.value, fact.url) == ("液氯 6 t", queries.book_address(works.own.id))
    lines = told.lines("holdings", works.clock.now())
    assert [line.title.split()[0] for line in lines] == ["领用消耗", "期初存量"]
    assert [line.title for line in told.lines("holdings", works.clock.now() - timedelta(hours=20))] == [lines[1].title]
    assert ("液氯 99.6%", "1#罐", "6 t") in [row[:3] for row in told.printed()]


def test_more_than_the_design_allows_is_red_and_a_load_stands_at_both_ends(works: Works) -> None:
    works.record("opening", 70, hours=30)
    load = works.send(5)
    fact = Told(works.own.id, works.actor("inspector")).fact("危险化学品")
    assert fact is not None and fact.tone == "red" and str(fact.note).startswith("超限")
    now = works.clock.now()
    for end, who in ((works.own.id, "inspector"), (works.other.id, "neighbour")):
        assert [line.key for line in Told(end, works.actor(who)).lines("holding-loads", now)] == [str(load.pk)]
    assert Told(works.own.id, works.actor("duty")).lines("holdings", now) == []
