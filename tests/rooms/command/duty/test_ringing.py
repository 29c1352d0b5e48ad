"""The officer sleeps: what rings goes to the deputy, the leader and the bureau above, until somebody answers; faults are written down."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import make_account
from tests.rooms.jinan import NOW

from anlan.command.duty import door, escalation, faults, hearing, planning, ringing, rules
from anlan.command.duty.models import DutyShift, Fault, Ring
from anlan.desk.models import Notification
from anlan.kernel.access import Actor
from anlan.kernel.ids import new_id
from anlan.ledger.models import Announcement
from anlan.report.filings import content
from anlan.report.filings import door as filings

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def on(place_code: str, kind: str, name: str) -> object:
    """Somebody on duty around the story's night."""
    post = "duty_leader" if kind == "leader" else "duty_officer"
    account = make_account(name, post, place_code, password=None, now=NOW)
    DutyShift.objects.create(place_code=place_code, account=account, kind=kind, starts_at=NOW - HOUR, ends_at=NOW + 8 * HOUR)
    return account.pk


def rung(now) -> list[tuple[str, tuple[str, ...]]]:
    """One sweep, with what it announced heard."""
    before = set(Announcement.objects.values_list("pk", flat=True))
    ringing.sweep(now)
    found = [door.RingWentOn.restore(row.payload) for row in Announcement.objects.exclude(pk__in=before).filter(kind="duty.ring_went_on")]
    for event in found:
        hearing.tell_ring(event)
    return [(event.whom, tuple(event.accounts)) for event in found]


def test_each_kind_of_ring_has_its_steps_in_time() -> None:
    for kind in rules.RING_KINDS:
        found = escalation.steps(kind, date(2026, 11, 22))
        assert [each.step for each in found] == list(range(1, len(found) + 1))
        assert [each.after_minutes for each in found] == sorted(each.after_minutes for each in found)
        assert {each.whom for each in found} <= set(rules.WHOM)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.sets(st.sampled_from(["officer", "deputy", "leader", "upper"])))
def test_each_post_is_told_once_in_order_and_early_only_where_nobody_stood_before_it(minutes: list[int], manned: set[str]) -> None:
    wanted = escalation.steps("filing", date(2026, 11, 22))
    taken: list[str] = []
    for minute in sorted(minutes):
        found = escalation.onward(wanted, taken, NOW, NOW + minute * MINUTE, lambda whom: ("x",) if whom in manned else ())
        for each in found.told:
            early = NOW + minute * MINUTE < each.step.at(NOW)
            earlier = {step.whom for step in wanted if step.step < each.step.step}
            assert not early or earlier - manned
        taken += [each.step.whom for each in found.told]
        assert (found.next_at is None) == (set(taken) == {step.whom for step in wanted})
    assert len(taken) == len(set(taken))
    if max(minutes) >= 15:
        assert set(taken) == {"officer", "deputy", "leader", "upper"}


@pytest.mark.django_db
def test_a_report_that_nobody_signs_for_climbs_until_somebody_answers(county_officer: Actor) -> None:
    officer, deputy, leader = on("370102", "officer", "asleep"), on("370102", "deputy", "second"), on("370102", "leader", "leading")
    above = on("370100", "officer", "city-duty")
    row = ringing.ring("filing", new_id(), occasion="f1", title="氯气泄漏", url="/x/", place_code="370102", since=NOW)
    assert row is not None
    assert ringing.ring("filing", row.subject_id, occasion="f1", title="氯气泄漏", url="/x/", place_code="370102", since=NOW) is None
    assert rung(NOW + 2 * MINUTE) == []
    assert rung(NOW + 3 * MINUTE) == [("officer", (str(officer),))]
    assert rung(NOW + 3 * MINUTE) == []
    assert rung(NOW + 5 * MINUTE) == [("deputy", (str(deputy),))]
    assert rung(NOW + 20 * MINUTE) == [("leader", (str(leader),)), ("upper", (str(above),))]
    assert Notification.objects.filter(event="duty.ring_went_on").count() == 4
    ringing.answer(row, actor=county_officer, now=NOW + 21 * MINUTE)
    assert (row.answer_seconds, row.next_at) == (21 * 60, None)
    with pytest.raises(rules.AlreadyAnswered, match=county_officer.name):
        ringing.answer(row, actor=county_officer, now=NOW + 22 * MINUTE)
    assert faults.sweep(NOW + 25 * MINUTE) == 1
    assert faults.sweep(NOW + 25 * MINUTE) == 0
    assert [(each.kind, each.who, each.detail) for each in Fault.objects.all()] == [("unanswered", "Asleep", "氯气泄漏")]


@pytest.mark.django_db
def test_a_post_with_nobody_on_it_is_passed_over_at_once_and_the_bureau_above_is_told(world: None) -> None:
    leader, above = on("370102", "leader", "leading"), on("370100", "officer", "city-duty")
    ringing.ring("filing", new_id(), occasion="f2", title="氯气泄漏", url="/x/", place_code="370102", since=NOW)
    assert rung(NOW + 3 * MINUTE) == [("officer", ()), ("deputy", ()), ("leader", (str(leader),)), ("upper", (str(above),))]
    row = Ring.objects.get(occasion="f2")
    assert (row.next_at, row.told[0]["names"]) == (None, [])


def reported(actor: Actor) -> UUID:
    """A first report that somebody sent."""
    values = {
        "title": "氯气泄漏",
        "kind": "hazchem_leak",
        "place_code": "370102",
        "location": "化工路1号",
        "occurred_at": NOW,
        "known_at": NOW,
        "source": "phone",
        "unknown": list(content.MAY_BE_UNKNOWN),
    }
    subject = filings.create_filing(values, actor=actor, now=NOW)
    filings.submit(subject, actor=actor, now=NOW)
    return subject


@pytest.mark.django_db
def test_signing_for_a_report_hushes_the_desk_that_signed(safety_manager: Actor, county_officer: Actor) -> None:
    subject = reported(safety_manager)
    about = {"subject_id": subject, "place_code": "370102", "at": NOW, "title": "氯气泄漏"}
    hearing.ring_filing(filings.FilingSubmitted(**about, level_code=""))
    assert set(Ring.objects.values_list("place_code", flat=True)) == {"370102"}
    filings.receive(subject, actor=county_officer, now=NOW + MINUTE)
    filings.report_up(subject, actor=county_officer, now=NOW + MINUTE)
    hearing.ring_filing(filings.FilingReportedUp(**about, step_kind="written", to_level=2, late_seconds=0))
    assert set(Ring.objects.values_list("place_code", flat=True)) == {"370102", "370100"}
    hearing.hush_filing(filings.FilingReceived(**{**about, "at": NOW + MINUTE}, level=3))
    assert list(Ring.objects.filter(answered_at__isnull=True).values_list("place_code", flat=True)) == ["370100"]
    hearing.hush_filing(filings.FilingClosed(**{**about, "at": NOW + MINUTE}))
    assert not Ring.objects.filter(answered_at__isnull=True).exists()


@pytest.mark.django_db
def test_a_report_that_was_signed_for_before_it_was_heard_of_does_not_ring(county_officer: Actor) -> None:
    """Who takes a call has signed at once; the word of it may be heard before that of the report."""
    about = {"subject_id": reported(county_officer), "place_code": "370102", "at": NOW, "title": "氯气泄漏"}
    hearing.hush_filing(filings.FilingReceived(**about, level=3))
    hearing.ring_filing(filings.FilingSubmitted(**about, level_code=""))
    assert not Ring.objects.exists()


@pytest.mark.django_db
def test_a_shift_that_nobody_handed_over_is_a_fault_and_one_s_own_next_shift_is_not(county_officer: Actor, county_leader: Actor) -> None:
    ends = NOW + 8 * HOUR
    on("370102", "officer", "leaver")
    assert faults.sweep(ends + 29 * MINUTE) == 0
    assert faults.sweep(ends + 30 * MINUTE) == 1
    on("370103", "officer", "stayer")
    stayer = DutyShift.objects.get(place_code="370103")
    DutyShift.objects.create(place_code="370103", account=stayer.account, kind="officer", starts_at=ends, ends_at=ends + 8 * HOUR)
    assert faults.sweep(ends + 31 * MINUTE) == 0


@pytest.mark.django_db
def test_hours_that_a_published_rota_leaves_empty_are_a_fault_of_their_day(county_leader: Actor) -> None:
    officer, leader = (make_account(f"only-{kind}", kind, password=None, now=NOW) for kind in ("duty_officer", "duty_leader"))
    queues = {"officer": [officer.pk], "leader": [leader.pk]}
    first = date(2026, 11, 24)
    values = {"name": "周", "pattern": "around_the_clock", "starts_on": first, "ends_on": first + timedelta(days=6), "rest_hours": 24}
    planning.publish(planning.draw_up({**values, "queues": queues}, actor=county_leader, now=NOW), actor=county_leader, now=NOW)
    second_day = NOW + 3 * 24 * HOUR
    assert faults.sweep(second_day) == 2
    assert {each.detail for each in Fault.objects.filter(kind="gap")} == {"officer", "leader"}
    assert faults.sweep(second_day + MINUTE) == 0
    hearing.tell_fault(door.FaultFound(subject_id=new_id(), place_code="370102", at=NOW, fault="gap", detail="officer"))
    assert Notification.objects.filter(account_id=leader.pk, event="duty.fault").count() == 1
