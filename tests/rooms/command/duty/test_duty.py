"""Duty: shifts, the log that only grows, and a handover with two signatures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.jinan import NOW, actor

from anlan.command.duty import door, queries, rules, services
from anlan.command.duty.models import DutyLogEntry
from anlan.ground.people.models import Account
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.kernel.flow import FourEyes, ReasonRequired
from anlan.sense.alarms.models import Alarm

HOUR = timedelta(hours=1)


def account(name: str) -> Account:
    return Account.objects.create(username=name, display_name=name, place_code="370102", created_at=NOW, updated_at=NOW)


def test_the_flow_of_a_handover_has_no_problem() -> None:
    assert rules.HANDOVER_FLOW.problems() == []


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_two_shifts_overlap_exactly_when_they_share_an_hour(a: int, long: int, b: int, wide: int) -> None:
    shared = set(range(a, a + long)) & set(range(b, b + wide))
    got = rules.overlaps(NOW + a * HOUR, NOW + (a + long) * HOUR, NOW + b * HOUR, NOW + (b + wide) * HOUR)
    assert got == bool(shared)


@pytest.mark.django_db
def test_who_is_on_duty_now_is_known_by_the_minute(county_leader: Actor) -> None:
    wang, li = account("王值班"), account("李领导")
    for who, kind in ((wang, "officer"), (li, "leader")):
        services.add_shift(who.pk, kind, NOW, NOW + 12 * HOUR, actor=county_leader, now=NOW)
    assert [p.name for p in door.on_duty("370102", NOW)] == ["李领导", "王值班"]
    assert door.on_duty("370102", NOW - timedelta(seconds=1)) == ()
    assert door.on_duty("370102", NOW + 12 * HOUR) == ()
    assert door.on_duty("370103", NOW) == ()


@pytest.mark.django_db
def test_nobody_is_on_two_shifts_at_once(county_leader: Actor) -> None:
    wang = account("王值班")
    services.add_shift(wang.pk, "officer", NOW, NOW + 12 * HOUR, actor=county_leader, now=NOW)
    with pytest.raises(rules.DoubleBooked, match="王值班"):
        services.add_shift(wang.pk, "deputy", NOW + 11 * HOUR, NOW + 20 * HOUR, actor=county_leader, now=NOW)
    services.add_shift(wang.pk, "officer", NOW + 12 * HOUR, NOW + 24 * HOUR, actor=county_leader, now=NOW)
    with pytest.raises(rules.ShiftEndsBeforeItStarts):
        services.add_shift(wang.pk, "officer", NOW, NOW, actor=county_leader, now=NOW)


@pytest.mark.django_db
def test_the_log_only_grows_and_stays_within_its_place(county_officer: Actor, other_county_officer: Actor, city_officer: Actor) -> None:
    entry = services.append_log("企业来电：G3报警", kind="call", caller="中控室 张某", actor=county_officer, now=NOW)
    assert list(queries.log(county_officer)) == [entry] == list(queries.log(city_officer))
    assert list(queries.log(other_county_officer)) == []
    with pytest.raises(rules.EmptyEntry):
        services.append_log("  ", kind="memo", actor=county_officer, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        DutyLogEntry.objects.filter(pk=entry.pk).update(text="改")
    with pytest.raises(NotPermitted):
        services.append_log("x", kind="memo", actor=actor("wallboard", "370102"), now=NOW)


@pytest.mark.django_db
def test_a_handover_is_signed_by_two_people_and_holds_what_is_open(alarm: Alarm, county_officer: Actor) -> None:
    row = services.prepare_handover("夜间无异常以外，注意G3", actor=county_officer, now=NOW)
    with pytest.raises(rules.HandoverWaiting):
        services.prepare_handover("", actor=county_officer, now=NOW)
    services.sign_off(row, actor=county_officer, now=NOW + HOUR)
    assert [item["title"] for item in row.digest["alarms"]] == [alarm.title]
    with pytest.raises(FourEyes):
        services.sign_on(row, actor=county_officer, now=NOW + HOUR)
    services.sign_on(row, actor=actor("duty_officer", "370102", 2), now=NOW + HOUR)
    assert (row.state, row.received_by_name) == (rules.RECEIVED, "历下区值班员2")
    again = services.prepare_handover("", actor=county_officer, now=NOW + 2 * HOUR)
    with pytest.raises(ReasonRequired):
        services.drop(again, "", actor=county_officer, now=NOW + 2 * HOUR)
    services.drop(again, "重复", actor=county_officer, now=NOW + 2 * HOUR)


@pytest.mark.django_db
def test_the_roster_says_which_hours_nobody_holds(county_leader: Actor) -> None:
    wang, li = account("王值班"), account("李领导")
    services.add_shift(li.pk, "leader", NOW, NOW + 48 * HOUR, actor=county_leader, now=NOW)
    services.add_shift(wang.pk, "officer", NOW, NOW + 12 * HOUR, actor=county_leader, now=NOW)
    services.add_shift(wang.pk, "officer", NOW + 36 * HOUR, NOW + 48 * HOUR, actor=county_leader, now=NOW)
    found = queries.gaps("370102", NOW, NOW + 48 * HOUR)
    assert [(gap.kind, gap.starts, gap.ends, gap.missing) for gap in found] == [("officer", NOW + 12 * HOUR, NOW + 36 * HOUR, 1)]
    assert [gap.kind for gap in queries.gaps("370103", NOW, NOW + HOUR)] == ["leader", "officer"]
