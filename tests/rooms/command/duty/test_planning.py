"""A rota is drawn up, published, changed and published again; people are told; swaps are agreed and approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import make_account
from tests.rooms.jinan import NOW, actor

from anlan.command.duty import calendars, door, hearing, planning, queries, rota, rules, swapping
from anlan.command.duty.models import DutyShift
from anlan.command.duty.rota import CHINA, Shift
from anlan.desk.models import Notification
from anlan.ground.people.models import Account
from anlan.kernel.access import Actor
from anlan.kernel.flow import FourEyes
from anlan.kernel.ids import new_id

HOUR = timedelta(hours=1)
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)


def holder(name: str, kind: str = "duty_officer") -> Account:
    """Somebody with a post in the county."""
    return make_account(name, kind, password=None, now=NOW)


def as_actor(row: Account, kind: str = "duty_officer") -> Actor:
    return replace(actor(kind, "370102"), account_id=row.pk, name=row.display_name)


def values(officers: list[Account], leaders: list[Account], **more: object) -> dict[str, object]:
    queues = {"leader": [each.pk for each in leaders], "officer": [each.pk for each in officers]}
    start = {"name": "十二月", "pattern": "around_the_clock", "starts_on": FIRST, "ends_on": LAST, "rest_hours": 24}
    return {**start, "queues": queues, **more}


@pytest.fixture
def people(county_leader: Actor) -> tuple[list[Account], list[Account]]:
    return [holder(name) for name in ("officer-jia", "officer-yi", "officer-bing")], [
        holder(name, "duty_leader") for name in ("leader-zi", "leader-chou", "leader-yin")
    ]


@pytest.mark.django_db
def test_a_month_is_published_and_published_again_changes_only_what_is_ahead(people, county_leader: Actor) -> None:
    officers, leaders = people
    row = planning.draw_up(values(officers, leaders), actor=county_leader, now=NOW)
    assert DutyShift.objects.count() == 0
    planning.publish(row, actor=county_leader, now=NOW)
    assert row.shifts.count() == 62
    assert queries.gaps("370102", datetime(2026, 12, 1, 8, 30, tzinfo=CHINA), datetime(2026, 12, 31, 8, 30, tzinfo=CHINA)) == []

    middle = datetime(2026, 12, 10, 12, 0, tzinfo=CHINA)
    swapped = row.shifts.filter(kind="officer", starts_at__gt=middle).order_by("starts_at").first()
    assert swapped is not None
    DutyShift.objects.filter(pk=swapped.pk).update(swapped=True, account=officers[2])
    before = {each.pk: each.account_id for each in row.shifts.filter(starts_at__lte=middle)}
    planning.note_absence(account_id=officers[0].pk, starts_at=middle, ends_at=middle + timedelta(days=10), actor=county_leader, now=middle)
    planning.publish(row, actor=county_leader, now=middle)
    assert {each.pk: each.account_id for each in row.shifts.filter(starts_at__lte=middle)} == before
    swapped.refresh_from_db()
    assert (swapped.account_id, swapped.swapped) == (officers[2].pk, True)
    assert not row.shifts.filter(account=officers[0], starts_at__gt=middle, starts_at__lt=middle + timedelta(days=9)).exists()
    assert row.shifts.count() <= 62
    again = {each.pk for each in row.shifts.all()}
    planning.publish(row, actor=county_leader, now=middle)
    assert {each.pk for each in row.shifts.all()} == again, "nothing changed, nothing is written"


@pytest.mark.django_db
def test_a_post_with_too_few_people_shows_its_gaps_and_tells_who_plans(people, county_leader: Actor) -> None:
    officers, leaders = people
    row = planning.draw_up(values(officers[:1], leaders), actor=county_leader, now=NOW)
    gaps = [each for each in planning.planned(row, NOW) if each.who is None]
    assert {each.kind for each in gaps} == {"officer"}
    assert gaps[0].passed == ((officers[0].pk, rota.TOO_TIRED),)
    hearing.tell_gaps(
        door.RotaPublished(subject_id=row.pk, place_code="370102", at=NOW, name=row.name, gaps=len(gaps), first_gap=NOW.isoformat())
    )
    assert Notification.objects.filter(account_id__in=[each.pk for each in leaders]).count() == 3
    with pytest.raises(rules.NobodyQueued):
        planning.draw_up(values([], leaders), actor=county_leader, now=NOW)
    with pytest.raises(rules.NotOnThePost, match="Officer-Jia"):
        planning.draw_up(values(officers, officers), actor=county_leader, now=NOW)
    with pytest.raises(rules.RotaTooLong):
        planning.draw_up(values(officers, leaders, ends_on=date(2026, 11, 1)), actor=county_leader, now=NOW)
    planning.publish(row, actor=county_leader, now=NOW)
    other = planning.draw_up(values(officers, leaders, starts_on=LAST, ends_on=LAST), actor=county_leader, now=NOW)
    with pytest.raises(rules.RotasOverlap, match="十二月"):
        planning.publish(other, actor=county_leader, now=NOW)


@pytest.mark.django_db
def test_a_swap_is_agreed_by_the_other_and_approved_by_a_third(people, county_leader: Actor) -> None:
    officers, leaders = people
    planning.publish(planning.draw_up(values(officers, leaders), actor=county_leader, now=NOW), actor=county_leader, now=NOW)
    one, other = officers[:2]
    mine = queries.next_shift(one.pk, NOW)
    theirs = queries.next_shift(other.pk, NOW)
    assert mine is not None and theirs is not None
    with pytest.raises(rules.SwapWithOneself):
        swapping.ask(mine.pk, one.pk, None, "", actor=as_actor(one), now=NOW)
    with pytest.raises(rules.NotYourShift):
        swapping.ask(theirs.pk, other.pk, None, "", actor=as_actor(one), now=NOW)
    with pytest.raises(rules.ShiftBegun):
        swapping.ask(mine.pk, other.pk, None, "", actor=as_actor(one), now=mine.starts_at)
    swap = swapping.ask(mine.pk, other.pk, theirs.pk, "家中有事", actor=as_actor(one), now=NOW)
    with pytest.raises(rules.NotAskedOfYou):
        swapping.answer(swap, "agree", actor=as_actor(officers[2]), now=NOW)
    swapping.answer(swap, "agree", actor=as_actor(other), now=NOW)
    with pytest.raises(FourEyes):
        swapping.decide(swap, True, "", actor=as_actor(one, "duty_leader"), now=NOW)
    swapping.decide(swap, True, "", actor=county_leader, now=NOW)
    for shift in (mine, theirs):
        shift.refresh_from_db()
    assert (mine.account_id, theirs.account_id, mine.swapped, theirs.swapped) == (other.pk, one.pk, True, True)
    hearing.tell_swap(door.SwapChanged(subject_id=swap.pk, place_code="370102", at=NOW, state=swap.state))
    assert set(Notification.objects.values_list("account_id", flat=True)) == {one.pk, other.pk}
    with pytest.raises(rules.DoubleBooked):
        clash = DutyShift.objects.create(
            place_code="370102", account=officers[2], kind="officer", starts_at=mine.starts_at, ends_at=mine.ends_at
        )
        swapping.ask(clash.pk, other.pk, None, "", actor=as_actor(officers[2]), now=NOW)


def test_who_stood_already_keeps_his_turn_and_goes_to_the_end_of_the_queue() -> None:
    pattern = [turn for turn in rota.turns() if turn.pattern == "around_the_clock"]
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(4)]
    queues = {("officer", "workday"): ["a", "b", "c"], ("leader", "workday"): ["x"]}
    span = pattern[0].span(days[0])
    shifts = rota.plan(days, pattern, queues, standing=[Shift("officer", *span, "b")])
    assert [(each.who, each.standing) for each in shifts if each.kind == "officer"] == [
        ("b", True),
        ("a", False),
        ("c", False),
        ("b", False),
    ]
    shares = {each.who: each for each in rota.counts(shifts)}
    assert (shares["b"].shifts, shares["b"].nights, shares["b"].hours) == (2, 2, 48.0)


@given(st.lists(st.text(max_size=120), min_size=1, max_size=4))
def test_a_calendar_s_lines_are_short_and_unfold_to_what_was_said(titles: list[str]) -> None:
    start = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    entries = [calendars.Entry(new_id(), start, start + 24 * HOUR, "值班" * 20 + title, "历下区") for title in titles]
    told = calendars.icalendar(entries, name="我的值班", now=start)
    assert all(len(line) <= 75 for line in told.split(b"\r\n"))
    unfolded = told.replace(b"\r\n ", b"").decode()
    assert unfolded.count("DTSTART:20261201T003000Z") == len(titles)
    for entry in entries:
        assert f"SUMMARY:{calendars._text(entry.title)}" in unfolded
