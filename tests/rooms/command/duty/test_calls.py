"""A call: what is asked, what a caller's words mean, how each answer is kept, and what becomes of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.duty import calls, door, questions, rules
from anlan.command.duty.models import Call, DutyLogEntry, Ring
from anlan.kernel.access import Actor
from anlan.kernel.flow import ReasonRequired
from anlan.ledger.sources import CHINA
from anlan.report.filings import door as filings

TODAY = date(2026, 11, 23)
BEGAN = datetime(2026, 11, 23, 2, 14, tzinfo=CHINA)


def test_every_kind_of_event_has_questions_of_its_own_and_each_fills_a_field() -> None:
    for kind in filings.event_kinds(TODAY):
        asked = questions.questions(kind.code, TODAY)
        codes = [each.code for each in asked]
        assert codes[:3] == ["place", "event_time", "state"]
        assert kind.code == "other" or any(each.kind == kind.code for each in asked), kind.code
        assert {each.fills for each in asked} <= {"location", "occurred_at", *questions.COUNTS, *questions.TEXTS}
        assert {each.answer for each in asked} <= {"text", "number", "moment", "yes_no"}
        assert len({(each.kind, each.code) for each in asked}) == len(asked)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("02:10", "2026-11-23 02:10"),
        ("2点", "2026-11-23 02:00"),
        ("2时05分左右", "2026-11-23 02:05"),
        ("23:50", "2026-11-22 23:50"),
        ("昨天 23：50", "2026-11-22 23:50"),
        ("10分钟前", "2026-11-23 02:04"),
        ("3小时前", "2026-11-22 23:14"),
        ("11月22日 22:05", "2026-11-22 22:05"),
        ("2026-11-22 02:14", "2026-11-22 02:14"),
        ("12-31 23:59", "2025-12-31 23:59"),
        ("2:16", "2026-11-23 02:14"),
    ],
)
def test_a_caller_s_words_name_a_moment_that_is_past(said: str, meant: str) -> None:
    assert questions.moment_of(said, BEGAN) == datetime.fromisoformat(meant).replace(tzinfo=CHINA)


@given(st.text(max_size=40))
def test_whatever_is_typed_names_no_moment_after_the_call_and_no_word_is_lost(said: str) -> None:
    moment = questions.moment_of(said, BEGAN)
    assert moment is None or moment <= BEGAN
    asked = questions.questions("fire", TODAY)
    values = questions.report_of(asked, {each.code: said for each in asked}, began=BEGAN)
    assert values["occurred_at"] <= BEGAN
    if said.strip():
        assert said.strip() in values["scene"]
    empty = {name for name in (*questions.COUNTS, "scene", "brief_course", "measures_taken") if values[name] in (None, "")}
    assert set(values["unknown"]) == {*questions.NOT_ASKED} | empty


def test_numbers_are_taken_as_said_and_not_known_stays_unknown() -> None:
    assert [questions.number_of(said) for said in ("3", "大约12人", "没有", "不清楚", "")] == [3, 12, 0, None, None]


@pytest.mark.django_db
def test_two_callers_of_one_event_make_one_report_and_the_first_ring_of_the_telephone_counts(county_officer: Actor) -> None:
    call = calls.begin(actor=county_officer, now=NOW)
    assert Ring.objects.get(subject_id=call.pk).kind == "call"
    later = NOW + timedelta(minutes=4)
    calls.keep(call, {"event_kind": "hazchem_leak", "place": "化工路1号示范氯碱", "event_time": "02:10"}, actor=county_officer, now=later)
    calls.keep(call, {"substance": "液氯", "deaths": "没有", "caller": "中控室张某", "unknown_name": "x"}, actor=county_officer, now=later)
    call.refresh_from_db()
    assert set(call.answers) == {"place", "event_time", "substance", "deaths"}, "a browser that is closed here loses nothing"
    filing = filings.filing(calls.file(call, actor=county_officer, now=later), county_officer)
    assert (filing.state, filing.location, filing.deaths, filing.missing) == ("draft", "化工路1号示范氯碱", 0, None)
    assert filing.occurred_at == datetime(2026, 11, 23, 2, 10, tzinfo=CHINA)
    entry = DutyLogEntry.objects.get(subject_id=call.pk)
    assert "液氯" in entry.text
    assert entry.caller == "中控室张某"
    assert Ring.objects.get(subject_id=call.pk).answered_by_name == county_officer.name
    with pytest.raises(rules.CallOver):
        calls.keep(call, {"place": "别处"}, actor=county_officer, now=later)

    filings.submit(filing.id, actor=county_officer, now=later)
    colleague = actor("duty_officer", "370102", 2)
    second = calls.begin(actor=colleague, now=later)
    assert calls.alike(second, colleague, later) == ()
    calls.keep(second, {"event_kind": "hazchem_leak", "place": "化工路示范氯碱附近", "event_time": "2:12"}, actor=colleague, now=later)
    assert [each.filing.id for each in calls.alike(second, colleague, later)] == [filing.id]
    assert calls.file(second, actor=colleague, now=later, into=filing.id) == filing.id
    assert Call.objects.get(pk=second.pk).state == rules.JOINED


@pytest.mark.django_db
def test_a_call_without_an_event_leaves_a_line_of_the_log_and_a_wrong_number_its_reason(county_officer: Actor) -> None:
    call = calls.begin(actor=county_officer, now=NOW)
    with pytest.raises(rules.CallWithoutPlace):
        calls.file(call, actor=county_officer, now=NOW)
    with pytest.raises(ReasonRequired):
        calls.end(call, "", actor=county_officer, now=NOW)
    calls.end(call, "打错电话", actor=county_officer, now=NOW)
    calls.note(calls.begin(actor=county_officer, now=NOW), actor=county_officer, now=NOW)
    assert sorted(DutyLogEntry.objects.values_list("text", flat=True)) == ["来电", "来电：打错电话"]
    assert door.CallChanged.urgent


@pytest.mark.django_db
def test_the_page_keeps_each_answer_and_shows_it_again_to_whoever_opens_it(world: None) -> None:
    browser = client_for("duty_officer", "370102")
    address = browser.post("/duty/calls/new/").url
    call = Call.objects.get()
    assert address == f"/duty/calls/{call.pk}/page/"
    assert browser.post(f"/duty/calls/{call.pk}/keep/", {"event_kind": "fire"}).headers["HX-Refresh"] == "true"
    kept = browser.post(f"/duty/calls/{call.pk}/keep/", {"event_kind": "fire", "burning": "仓库"})
    assert (kept.status_code, "HX-Refresh" in kept.headers) == (200, False)
    assert "仓库" in browser.get(address).content.decode()
    refused = browser.post(f"/duty/calls/{call.pk}/finish/file/", {"event_kind": "fire", "place": ""})
    assert (refused.status_code, "地点" in refused.content.decode()) == (422, True)
    done = browser.post(f"/duty/calls/{call.pk}/finish/file/", {"event_kind": "fire", "place": "仓库路3号"})
    filing = Call.objects.get().filing_id
    assert done.url == f"/filings/{filing}/edit/"
    assert "仓库路3号" in browser.get(done.url).content.decode()
