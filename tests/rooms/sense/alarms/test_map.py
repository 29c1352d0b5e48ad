"""Alarms on the map as of a moment: nothing is shown as past that was not so, and nothing that was open is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.alarms.telling import cleared, duty, raised
from tests.rooms.sense.plant import NOW, Plant

from anlan.sense.alarms import mapping, rules, services
from anlan.sense.alarms.models import Alarm

START = datetime(2026, 11, 22, tzinfo=UTC)
minutes = st.integers(0, 600)


@given(raised_m=minutes, first=st.none() | minutes, again=st.none() | minutes, over=st.none() | minutes, asked=minutes)
def test_an_alarm_is_acknowledged_only_between_a_notice_and_its_expiry(
    raised_m: int, first: int | None, again: int | None, over: int | None, asked: int
) -> None:
    def at(number: int | None) -> datetime | None:
        return None if number is None else START + timedelta(minutes=raised_m + number)

    row = Alarm(
        id=uuid4(), raised_at=at(0), first_acknowledged_at=at(first), acknowledged_at=at(first) if again is None else None,
        rings=1 if again is None else 2, rang_at=at(again), cleared_at=at(over),
    )  # fmt: skip
    moment = START + timedelta(minutes=raised_m + asked)
    noticed = first is not None and first <= asked and (again is None or asked < again)
    assert mapping.acknowledged_at(row, moment) == noticed
    gone = over is not None and over <= asked
    assert mapping.state_at(row, moment) == (rules.RETURNED if gone else rules.ACKNOWLEDGED if noticed else rules.RAISED)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22T09:30:00", "1"])
def test_a_moment_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(mapping.NotAMoment):
        mapping.moment_of(text)
    assert mapping.moment_of("2026-11-22T09:30:00 08:00") == mapping.moment_of("2026-11-22T01:30:00Z")


@pytest.mark.django_db
def test_an_alarm_stands_on_the_map_from_its_raising_until_it_is_both_over_and_acknowledged() -> None:
    plant = Plant()
    alarm = raised(plant, level=3)
    begun = alarm.raised_at
    services.acknowledge(alarm, actor=duty(), now=NOW + timedelta(minutes=2))
    closed = cleared(plant, NOW + timedelta(minutes=5), after_s=300, value=1.0)
    assert closed.state == rules.CLOSED and closed.cleared_at is not None and closed.acknowledged_at is not None
    over = max(closed.cleared_at, closed.acknowledged_at)

    def shown(moment: datetime) -> list[str]:
        return [mapping.state_at(row, moment) for row in mapping.open_at(duty(), moment)]

    assert shown(begun - timedelta(seconds=1)) == []
    assert shown(begun) == [rules.RAISED]
    assert len(shown(over - timedelta(seconds=1))) == 1
    assert shown(over) == []
