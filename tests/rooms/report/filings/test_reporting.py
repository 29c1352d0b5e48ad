"""A report on its way up, on a movable clock: steps met and missed, supplements that raise the level, receipts, jurisdiction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests.rooms.jinan import NOW

from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, WrongState
from anlan.kernel.levels import Level
from anlan.ledger import clocks
from anlan.ledger.models import Announcement, AuditEntry
from anlan.report.filings import door, queries, rules, services, summaries
from anlan.report.filings.models import Filing, FilingVersion

pytestmark = pytest.mark.django_db


def values(plant: Enterprise | None = None, **more: Any) -> dict[str, Any]:
    return {
        "kind": "hazchem_leak",
        "title": "示范氯碱有限公司氯气泄漏",
        "occurred_at": NOW,
        "known_at": NOW,
        "place_code": "370102",
        "location": "液氯储存区",
        "enterprise_id": plant.pk if plant else None,
        "unit_profile": "氯碱生产企业",
        "scene": "G3、G4报警，阀门V-102泄漏",
        "brief_course": "储罐压力升高后法兰泄漏",
        "deaths": 0,
        "serious_injured": 1,
        "injured": 2,
        "missing": 0,
        "direct_loss": None,
        "unknown": ["direct_loss"],
        "measures_taken": "启动水幕，关闭上游阀门",
        "source": "phone",
        "exercise": True,
        **more,
    }


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def filed(plant: Enterprise, county_officer: Actor) -> Filing:
    """A report that the county officer took by telephone two minutes after the event."""
    filing = services.create_filing(values(plant, known_at=after(2)), actor=county_officer, now=after(4))
    return services.submit(filing, actor=county_officer, now=after(5))


def clock_of(filing: Filing, code: str) -> Any:
    return clocks.for_subject(filing).get(rule_code=code)


def test_an_enterprise_meets_its_hour_and_the_county_signs(plant: Enterprise, safety_manager: Actor, county_officer: Actor) -> None:
    filing = services.create_filing(values(plant), actor=safety_manager, now=after(3))
    assert clock_of(filing, "enterprise_county").until == after(60)
    services.submit(filing, actor=safety_manager, now=after(4))
    assert filing.state == rules.SUBMITTED
    assert clock_of(filing, "enterprise_county").state == "met"
    services.receive(filing, actor=county_officer, now=after(5))
    step = filing.steps.get()
    assert (step.sender_name, step.receiver_name) == ("示范氯碱有限公司", "历下区应急管理局")
    assert (step.received_at, step.late_seconds) == (after(5), 0)
    assert clock_of(filing, "county_city").until == after(125)


def test_an_officer_who_takes_a_call_has_received_it_and_his_clock_runs_from_the_call(filed: Filing) -> None:
    assert (filed.state, filed.holder_level) == (rules.RECEIVED, Level.COUNTY)
    clock = clock_of(filed, "county_city")
    assert (clock.since, clock.until) == (after(2), after(122))
    assert (clock.owed_by, clock.owed_to) == ("历下区应急管理局", "济南市应急管理局")


def test_a_step_missed_by_14_minutes_is_shown_as_missed_with_who_and_by_how_much(
    filed: Filing, county_officer: Actor, city_officer: Actor
) -> None:
    services.report_up(filed, actor=county_officer, now=after(2 + 120 + 14))
    clock = clock_of(filed, "county_city")
    assert clock.state == "missed"
    assert summaries.late_minutes(clock, after(500)) == 14
    step = filed.steps.get(sequence=2)
    assert step.late_seconds == 14 * 60
    entry = next(e for e in door.entries(filed.pk, city_officer, after(500)) if e.kind == "step" and e.met is False)
    assert (entry.late_minutes, entry.who) == (14, county_officer.name)
    assert "历下区应急管理局 → 济南市应急管理局" in entry.title


def test_a_step_done_at_the_very_deadline_is_met(filed: Filing, county_officer: Actor) -> None:
    services.report_up(filed, actor=county_officer, now=after(122))
    assert clock_of(filed, "county_city").state == "met"
    assert filed.steps.get(sequence=2).late_seconds == 0


def test_a_deadline_that_passes_undone_is_swept_once_and_stays_missed(filed: Filing, county_officer: Actor) -> None:
    with transaction.atomic():
        assert [c.rule_code for c in clocks.sweep(after(123))] == ["county_city"]
    with transaction.atomic():
        assert clocks.sweep(after(124)) == []
    line = next(line for line in door.owed(county_officer, after(124)) if line.rule_code == "county_city")
    assert (line.state, line.late_minutes) == ("missed", 2)
    missed = next(e for e in door.entries(filed.pk, county_officer, after(124)) if e.kind == "missed")
    assert missed.who == "历下区应急管理局"


def test_an_ordinary_accident_ends_at_the_city(filed: Filing, county_officer: Actor, city_officer: Actor) -> None:
    services.report_up(filed, actor=county_officer, now=after(16))
    services.receive(filed, actor=city_officer, now=after(17))
    assert filed.reporting_code == "IV"
    assert not clocks.for_subject(filed).filter(rule_code="city_province").exists()


def test_deaths_that_raise_the_level_make_the_city_owe_the_province(
    filed: Filing, county_officer: Actor, city_officer: Actor, province_officer: Actor
) -> None:
    services.report_up(filed, actor=county_officer, now=after(16))
    services.receive(filed, actor=city_officer, now=after(17))
    version = services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(540))
    assert (version.number, version.level_code, version.changed["deaths"]) == (2, "III", [0, 3])
    clock = clock_of(filed, "city_province")
    assert (clock.since, clock.until) == (after(540), after(660))
    assert {c.rule_code for c in clocks.for_subject(filed)} >= {"flash_county_province", "flash_city_province"}
    services.report_up(filed, actor=city_officer, now=after(660 + 14))
    services.receive(filed, actor=province_officer, now=after(680))
    step = filed.steps.get(sender_level=Level.CITY)
    assert (step.late_seconds, step.received_by) == (14 * 60, province_officer.name)
    assert filed.holder_level == Level.PROVINCE
    assert not clocks.for_subject(filed).filter(rule_code="province_nation").exists()


def test_ten_deaths_travel_to_the_nation(
    plant: Enterprise, county_officer: Actor, city_officer: Actor, province_officer: Actor, nation_officer: Actor
) -> None:
    filing = services.create_filing(values(plant, deaths=10), actor=county_officer, now=after(4))
    services.submit(filing, actor=county_officer, now=after(5))
    for sender, receiver, at in (
        (county_officer, city_officer, 20),
        (city_officer, province_officer, 40),
        (province_officer, nation_officer, 60),
    ):
        services.report_up(filing, actor=sender, now=after(at))
        services.receive(filing, actor=receiver, now=after(at + 1))
    assert [s.receiver_level for s in filing.steps.all()] == [Level.COUNTY, Level.CITY, Level.PROVINCE, Level.NATION]
    with pytest.raises(rules.NoLevelAbove):
        services.report_up(filing, actor=nation_officer, now=after(70))


def test_a_district_of_a_municipality_reports_straight_to_the_province_level(world: None) -> None:
    from tests.rooms.jinan import actor

    officer = actor("duty_officer", "110105")
    filing = services.create_filing(values(place_code="110105"), actor=officer, now=after(4))
    services.submit(filing, actor=officer, now=after(5))
    assert clock_of(filing, "county_city").owed_to == "北京市应急管理局"
    services.report_up(filing, actor=officer, now=after(6))
    assert filing.holder_level == Level.PROVINCE


def test_the_telephone_flash_stops_its_own_clock_only(filed: Filing, county_officer: Actor) -> None:
    services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(30))
    step = services.record_flash(filed, "省厅值班员王某", actor=county_officer, now=after(50))
    assert (step.kind, step.received_by, step.late_seconds) == ("phone", "省厅值班员王某", 0)
    assert clock_of(filed, "flash_county_province").state == "met"
    assert clock_of(filed, "county_city").state == "running"
    with pytest.raises(rules.NoSuchFlash):
        services.record_flash(filed, "再次", actor=county_officer, now=after(51))


def test_a_direct_report_stands_beside_the_chain_and_is_signed_for(filed: Filing, county_officer: Actor, nation_officer: Actor) -> None:
    services.report_directly(filed, Level.NATION, actor=county_officer, now=after(16))
    assert filed.holder_level == Level.COUNTY
    services.receive(filed, actor=nation_officer, now=after(17))
    step = filed.steps.get(kind="direct")
    assert (step.receiver_name, step.received_at) == ("应急管理部", after(17))
    assert filed.state == rules.RECEIVED


def test_content_of_article_12_is_asked_for_unless_declared_unknown(plant: Enterprise, county_officer: Actor) -> None:
    filing = services.create_filing(values(plant, deaths=None, scene=""), actor=county_officer, now=after(4))
    with pytest.raises(rules.ContentMissing) as refused:
        services.submit(filing, actor=county_officer, now=after(5))
    assert refused.value.facts["names"] == ["scene", "deaths"]
    services.change_draft(
        filing, values(plant, deaths=None, scene="", unknown=["scene", "deaths", "direct_loss"]), actor=county_officer, now=after(5)
    )
    services.submit(filing, actor=county_officer, now=after(6))
    assert (filing.provisional, filing.reporting_code) == (True, "IV")


def test_wrong_values_are_all_named_at_once(county_officer: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        services.create_filing(
            values(kind="dragons", deaths=-1, place_code="999999", title=" ", occurred_at=after(60)),
            actor=county_officer,
            now=after(4),
        )
    assert set(refused.value.fields) == {"kind", "deaths", "place_code", "title", "occurred_at"}


def test_falling_casualties_need_a_reason(filed: Filing, county_officer: Actor) -> None:
    services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(30))
    with pytest.raises(rules.FallingCasualties):
        services.supplement(filed, {"deaths": 2}, actor=county_officer, now=after(40))
    version = services.supplement(filed, {"deaths": 2}, actor=county_officer, now=after(41), reason="医院更正：一人重复登记")
    assert (version.number, version.level_code) == (3, "IV")
    with pytest.raises(rules.NothingChanged):
        services.supplement(filed, {"deaths": 2}, actor=county_officer, now=after(42))


def test_a_supplement_is_owed_every_day_and_twice_a_day_for_grave_accidents(filed: Filing, county_officer: Actor) -> None:
    assert clock_of(filed, "supplement_daily").until == after(5 + 1440)
    services.supplement(filed, {"deaths": 12}, actor=county_officer, now=after(60))
    assert clock_of(filed, "supplement_daily").state == "met"
    assert clock_of(filed, "supplement_twice_daily").until == after(60 + 720)


def test_a_filing_is_closed_only_after_its_final_report_and_nothing_is_owed_then(
    filed: Filing, county_officer: Actor, county_leader: Actor
) -> None:
    with pytest.raises(rules.FinalReportNeeded):
        services.close(filed, actor=county_leader, now=after(100))
    services.supplement(filed, {}, actor=county_officer, now=after(101), final=True)
    services.close(filed, actor=county_leader, now=after(102))
    assert filed.is_closed
    assert not clocks.for_subject(filed).filter(state="running").exists()
    with pytest.raises(WrongState):
        services.supplement(filed, {"deaths": 1}, actor=county_officer, now=after(103))


def test_nobody_strikes_off_his_own_report(plant: Enterprise, county_leader: Actor) -> None:
    from tests.rooms.jinan import actor

    filing = services.create_filing(values(plant), actor=county_leader, now=after(4))
    services.submit(filing, actor=county_leader, now=after(5))
    with pytest.raises(FourEyes):
        services.withdraw(filing, "误报", actor=county_leader, now=after(6))
    services.withdraw(filing, "误报，仪表检定中", actor=actor("duty_leader", "370102", 2), now=after(7))
    assert filing.state == rules.WITHDRAWN


def test_a_level_that_does_not_hold_the_report_cannot_send_or_sign(
    filed: Filing, county_officer: Actor, city_officer: Actor, province_officer: Actor
) -> None:
    with pytest.raises(rules.NotYourStep):
        services.report_up(filed, actor=city_officer, now=after(10))
    services.report_up(filed, actor=county_officer, now=after(11))
    with pytest.raises(rules.NotYourStep):
        services.receive(filed, actor=province_officer, now=after(12))


def test_a_county_officer_sees_and_moves_nothing_of_another_county(filed: Filing, other_county_officer: Actor) -> None:
    assert list(queries.filings(other_county_officer)) == []
    with pytest.raises(NotFound):
        door.filing(filed.pk, other_county_officer)
    assert door.owed(other_county_officer, after(6)) == ()
    with pytest.raises(NotPermitted):
        services.supplement(filed, {"deaths": 1}, actor=other_county_officer, now=after(7))
    with pytest.raises(NotPermitted):
        services.create_filing(values(), actor=other_county_officer, now=after(7))


def test_an_enterprise_sees_only_its_own_reports(filed: Filing, safety_manager: Actor, county_officer: Actor) -> None:
    other = services.create_filing(values(title="别处的事故"), actor=county_officer, now=after(9))
    assert list(queries.filings(safety_manager)) == [filed]
    with pytest.raises(NotFound):
        door.filing(other.pk, safety_manager)


def test_versions_are_never_changed(filed: Filing) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        FilingVersion.objects.filter(filing=filed).update(reason="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        FilingVersion.objects.filter(filing=filed).delete()


def test_every_move_is_audited_and_announced_in_the_same_transaction(filed: Filing, county_officer: Actor) -> None:
    actions = list(AuditEntry.objects.filter(subject_id=str(filed.pk)).values_list("action", flat=True))
    assert actions == ["filings.create", "filings.receive", "filings.submit"] or set(actions) == {
        "filings.create",
        "filings.submit",
        "filings.receive",
    }
    kinds = set(Announcement.objects.values_list("kind", flat=True))
    assert {"filings.submitted", "filings.received"} <= kinds
    before = (AuditEntry.objects.count(), Announcement.objects.count())
    with pytest.raises(rules.NothingChanged):
        services.supplement(filed, {}, actor=county_officer, now=after(9))
    assert (AuditEntry.objects.count(), Announcement.objects.count()) == before


def test_instructions_from_above_are_followed_to_their_end(
    filed: Filing, city_leader: Actor, county_officer: Actor, other_county_officer: Actor
) -> None:
    row = services.instruct(filed, "全力救治伤员，防止次生事故", "张市长", actor=city_leader, now=after(180))
    services.complete_instruction(filed, row.pk, "伤员已转市级医院", actor=county_officer, now=after(200))
    told = [(e.kind, e.text) for e in door.entries(filed.pk, county_officer, after(300)) if "instruction" in e.kind]
    assert told == [("instruction", "全力救治伤员，防止次生事故"), ("instruction_done", "伤员已转市级医院")]
    with pytest.raises(NotPermitted):
        services.complete_instruction(filed, row.pk, "x", actor=other_county_officer, now=after(201))
