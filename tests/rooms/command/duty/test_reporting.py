"""The daily report and the brief are drawn from what is recorded, edited, signed and never changed; the month's figures of duty."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from tests.accounts import make_account
from tests.rooms.jinan import NOW

from anlan.command.duty import door, hearing, quality, reporting, ringing, rules, services
from anlan.desk.models import Notification
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.kernel.flow import WrongState
from anlan.kernel.ids import new_id
from anlan.ledger.sources import CHINA
from anlan.report.filings import door as filings

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)  # the story's night: 02:14 of the 23rd belongs to the day that began at 08:00 of the 22nd


def test_a_day_of_duty_lasts_from_eight_to_eight() -> None:
    assert reporting.span_of(DAY) == (datetime(2026, 11, 22, 8, tzinfo=CHINA), datetime(2026, 11, 23, 8, tzinfo=CHINA))


def test_the_daily_report_holds_the_night_and_is_signed_by_the_leader(
    county_officer: Actor, county_leader: Actor, city_officer: Actor
) -> None:
    values = {"title": "示范氯碱液氯泄漏", "kind": "hazchem_leak", "place_code": "370102", "location": "化工路1号", "deaths": 0}
    filing = filings.create_filing({**values, "occurred_at": NOW, "known_at": NOW, "source": "phone"}, actor=county_officer, now=NOW)
    services.append_log("企业来电：G3报警", kind="call", actor=county_officer, now=NOW)
    services.append_log("演练来电", kind="call", actor=county_officer, now=NOW, exercise=True)
    row = reporting.draft_daily(DAY, actor=county_officer, now=NOW + timedelta(hours=6))
    told = {section["heading"]: section["text"] for section in row.sections}
    assert "示范氯碱液氯泄漏" in told["突发事件信息"]
    assert "G3报警" in told["来电、文电和处理事项"]
    assert "演练来电" not in told["来电、文电和处理事项"]
    assert told["值班人员"] == "无"
    texts = ["值班：李某", *[section["text"] for section in row.sections[1:]]]
    reporting.write(row, "历下区值班日报", texts, actor=county_officer, now=NOW)
    with pytest.raises(NotPermitted):
        reporting.issue(row, actor=county_officer, now=NOW)
    reporting.issue(row, actor=county_leader, now=NOW)
    with pytest.raises(rules.ReportIssued):
        reporting.write(row, "改", texts, actor=county_officer, now=NOW)
    with pytest.raises(WrongState):
        reporting.void(row, "改", actor=county_officer, now=NOW)
    assert reporting.paper(row, NOW).startswith(b"%PDF")
    make_account("city-officer", "duty_officer", "370100", password=None, now=NOW)
    hearing.tell_issued(door.ReportIssued(subject_id=row.pk, place_code="370102", at=NOW, title=row.title))
    assert Notification.objects.get(event="duty.report_issued").facts["title"] == "历下区值班日报"

    brief = reporting.draft_brief(filing, actor=county_officer, now=NOW)
    assert brief.sections[2]["text"] == "死亡 0 人，重伤暂不清楚，轻伤暂不清楚，下落不明暂不清楚"


def test_the_month_counts_what_rang_and_how_long(county_officer: Actor, city_officer: Actor, other_county_officer: Actor) -> None:
    for number, seconds in enumerate((30, 170, 600)):
        row = ringing.ring("filing", new_id(), occasion=f"q{number}", title="x", url="", place_code="370102", since=NOW)
        assert row is not None
        ringing.answer(row, actor=county_officer, now=NOW + timedelta(seconds=seconds))
    ringing.ring("clock", new_id(), occasion="q9", title="x", url="", place_code="370102", since=NOW, exercise=True)
    ringing.ring("clock", new_id(), occasion="q8", title="x", url="", place_code="370102", since=NOW)
    found = quality.of_month(DAY, city_officer)
    assert [
        (each.place_code, each.rang, each.in_time, each.median_seconds, each.longest_seconds, each.missed_clocks) for each in found
    ] == [("370102", 4, 2, 170, 600, 1)]
    assert quality.of_month(DAY, other_county_officer) == []
    assert quality.of_month(date(2026, 12, 1), city_officer) == []
