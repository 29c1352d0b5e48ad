"""Announcements are heard at least once and act once; clocks run out on time; lists show what a grant reaches."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

import pytest
from django.db import transaction
from tests.rooms.ledger.clock_rows import clock_row

from anlan.kernel.access import Actor, Classification, Grant, system_actor
from anlan.kernel.events import Event
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.ledger import clocks, events
from anlan.ledger.changes import change
from anlan.ledger.models import Announcement, Clock, ClockState, Delivery
from anlan.ledger.scope import visible
from anlan.site.wiring import HEARERS

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Rang(Event):
    kind: ClassVar[str] = "tests.rang"
    action: ClassVar[str] = "tests.view"
    loudness: int


heard: list[Event] = []
failing = False


def hear(event: Event) -> None:
    heard.append(event)


def hear_badly(event: Event) -> None:
    clock_row(event.at, label="made while hearing")
    if failing:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def wired():
    heard.clear()
    events.connect({"tests.rang": (f"{__name__}.hear", f"{__name__}.hear_badly")})
    yield
    from anlan.site.jobs import queue_delivery

    events.connect(HEARERS, queue_delivery)


def ring(clock, **changes) -> Rang:
    event = Rang(subject_id=new_id(), place_code="370102", at=clock.now(), loudness=3, **changes)
    with change(system_actor("tests"), "tests.ring", now=clock.now(), place_code="370102") as made:
        made.announce(event)
    return event


def test_an_event_comes_out_of_the_outbox_as_it_went_in(clock):
    event = ring(clock, enterprise_id=uuid4(), classification=Classification.SENSITIVE, exercise=True)
    assert heard == []
    events.deliver_pending()
    assert heard == [event]


def test_delivering_again_changes_nothing(clock):
    ring(clock)
    announcement = Announcement.objects.get()
    for _ in range(3):
        events.deliver(announcement.id)
    assert len(heard) == 1
    assert Delivery.objects.count() == 2


def test_a_failing_hearer_is_asked_again_and_the_others_are_not(clock, monkeypatch):
    ring(clock)
    announcement = Announcement.objects.get()
    monkeypatch.setattr(f"{__name__}.failing", True)
    with pytest.raises(ZeroDivisionError):
        events.deliver(announcement.id)
    assert Clock.objects.count() == 0
    monkeypatch.setattr(f"{__name__}.failing", False)
    events.deliver(announcement.id)
    assert (len(heard), Clock.objects.count()) == (1, 1)
    announcement.refresh_from_db()
    assert announcement.delivered_at is not None


def test_nothing_is_announced_by_a_change_that_failed(clock):
    with pytest.raises(ZeroDivisionError), change(system_actor("tests"), "tests.ring", now=clock.now(), place_code="370102") as made:
        made.announce(Rang(subject_id=new_id(), place_code="370102", at=clock.now(), loudness=1))
        raise ZeroDivisionError
    assert Announcement.objects.count() == 0


def test_a_clock_met_in_time_is_met_and_one_met_late_stays_missed(clock):
    row = clock_row(clock.now())
    clock.advance(minutes=119)
    assert [c.state for c in clocks.stop(Subject(row), "R02", now=clock.now(), by="程安")] == [ClockState.MET]
    late = clock_row(clock.now())
    clock.advance(hours=2, minutes=14)
    with transaction.atomic():
        assert [c.pk for c in clocks.sweep(clock.now())] == [late.pk]
    (stopped,) = clocks.stop(Subject(late), "R02", now=clock.now(), by="程安")
    assert stopped.state == ClockState.MISSED
    assert stopped.met_at - stopped.until == timedelta(minutes=14)


class Subject:
    """Stands in for the case that a clock belongs to."""

    def __init__(self, row: Clock) -> None:
        self.pk = row.subject_id

    class _meta:  # noqa: N801
        label_lower = "filings.filing"


def test_a_clock_stopped_at_its_very_deadline_is_met(clock):
    row = clock_row(clock.now())
    clock.advance(hours=2)
    with transaction.atomic():
        assert clocks.sweep(clock.now()) == []
    assert clocks.stop(Subject(row), "R02", now=clock.now())[0].state == ClockState.MET


def test_a_missed_deadline_is_announced_once(clock):
    clock_row(clock.now())
    clock.advance(hours=3)
    for _ in range(3):
        with transaction.atomic():
            clocks.sweep(clock.now())
    assert Announcement.objects.filter(kind="clocks.missed").count() == 1


def someone(*grants: Grant) -> Actor:
    return Actor(uuid4(), "某人", "duty_officer", Level.COUNTY, "370102", grants=grants)


def test_a_list_shows_what_the_grants_reach_and_nothing_else(clock):
    mine = uuid4()
    for place in ("370102", "370102001", "370103", "110101"):
        clock_row(clock.now(), place_code=place)
    clock_row(clock.now(), place_code="110101", enterprise_id=mine)
    clock_row(clock.now(), place_code="370102", classification=2)

    def seen(*grants: Grant) -> int:
        return visible(Clock.objects.all(), someone(*grants), "filings.view").count()

    assert seen() == 0
    assert seen(Grant("filings.view", "370102")) == 2
    assert seen(Grant("filings.view", "370102", classification=Classification.SENSITIVE)) == 3
    assert seen(Grant("filings.view", "37")) == 3
    assert seen(Grant("filings.view", "", classification=Classification.SENSITIVE)) == 6
    assert seen(Grant("filings.view", "", enterprise_id=mine)) == 1
    assert seen(Grant("filings.view", "370103"), Grant("filings.*", "", enterprise_id=mine)) == 2
    assert seen(Grant("alarms.view", "")) == 0
