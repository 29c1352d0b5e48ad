"""A report on its way up, on a movable clock: steps met and missed, supplements that raise the level, receipts, jurisdiction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests.rooms.jinan import NOW, actor

from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields, WrongState
from anlan.kernel.levels import Level
from anlan.ledger import clocks
from anlan.ledger.models import Announcement, AuditEntry
from anlan.report.filings import door, instructing, losses, marking, merging, queries, refusals, rules, services, summaries
from anlan.report.filings.models import Filing, FilingLoss, FilingVersion

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
    with pytest.raises(refusals.NoLevelAbove):
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
    spoken = services.Spoken("省厅值班员王某", number="0531-81792255", at=after(48), read_back_by="王某")
    with pytest.raises(refusals.NoMomentOfFlash):
        services.record_flash(filed, replace(spoken, at=after(1)), actor=county_officer, now=after(50))
    with pytest.raises(refusals.NobodySpokenWith):
        services.record_flash(filed, services.Spoken(" "), actor=county_officer, now=after(50))
    step = services.record_flash(filed, spoken, actor=county_officer, now=after(95))
    assert (step.kind, step.received_by, step.number_called, step.read_back_by) == ("phone", "省厅值班员王某", "0531-81792255", "王某")
    assert (step.sent_at, step.noted_at, step.late_seconds) == (after(48), after(95), 0), "noted later than spoken is not late"
    assert step.unknown == ["endangered"], "what art. 10 asks for and nobody knew is kept"
    assert clock_of(filed, "flash_county_province").state == "met"
    assert clock_of(filed, "county_city").state == "running"
    with pytest.raises(refusals.NoSuchFlash):
        services.record_flash(filed, spoken, actor=county_officer, now=after(96))


def test_a_direct_report_stands_beside_the_chain_and_is_signed_for(filed: Filing, county_officer: Actor, nation_officer: Actor) -> None:
    services.report_directly(filed, Level.NATION, actor=county_officer, now=after(16))
    assert filed.holder_level == Level.COUNTY
    services.receive(filed, actor=nation_officer, now=after(17))
    step = filed.steps.get(kind="direct")
    assert (step.receiver_name, step.received_at) == ("应急管理部", after(17))
    assert filed.state == rules.RECEIVED


def test_content_of_article_12_is_asked_for_unless_declared_unknown(plant: Enterprise, county_officer: Actor) -> None:
    filing = services.create_filing(values(plant, deaths=None, scene=""), actor=county_officer, now=after(4))
    with pytest.raises(refusals.ContentMissing) as refused:
        services.submit(filing, actor=county_officer, now=after(5))
    assert refused.value.facts["names"] == ["scene", "deaths"]
    services.change_draft(
        filing, values(plant, deaths=None, scene="", unknown=["scene", "deaths", "direct_loss"]), actor=county_officer, now=after(5)
    )
    services.submit(filing, actor=county_officer, now=after(6))
    assert (filing.provisional, filing.reporting_code) == (True, "IV")
    with pytest.raises(refusals.BegunAlready):
        services.create_filing(values(plant), actor=county_officer, now=after(7), key=filing.pk)
    with pytest.raises(WrongState):
        services.keep_draft(filing.pk, {"deaths": 5}, actor=county_officer, now=after(7))
    assert queries.filing(filing.pk, None).state == rules.RECEIVED, "what is kept while typing never undoes what was sent"


def test_wrong_values_are_all_named_at_once(county_officer: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        services.create_filing(
            values(kind="dragons", deaths=-1, place_code="999999", title=" ", occurred_at=after(60)),
            actor=county_officer,
            now=after(4),
        )
    assert set(refused.value.fields) == {"kind", "deaths", "place_code", "title", "occurred_at"}


def test_fewer_casualties_need_a_reason_and_a_second_person_and_show_both_figures(filed: Filing, county_officer: Actor) -> None:
    services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(30))
    with pytest.raises(refusals.FallingCasualties):
        services.supplement(filed, {"deaths": 2}, actor=county_officer, now=after(40))
    waits = services.supplement(filed, {"deaths": 2}, actor=county_officer, now=after(41), reason="医院更正：一人重复登记")
    assert waits is None
    filed.refresh_from_db()
    assert (filed.deaths, filed.level_code) == (3, "III"), "what was reported stands until it is confirmed"
    reduction = filed.reductions.get()
    with pytest.raises(FourEyes):
        services.confirm_reduction(reduction, actor=county_officer, now=after(42))
    version = services.confirm_reduction(reduction, actor=actor("duty_officer", "370102", 2), now=after(43))
    assert (version.number, version.level_code, version.changed["deaths"]) == (3, "IV", [3, 2])
    assert "医院更正" in version.reason
    with pytest.raises(refusals.NothingChanged):
        services.supplement(queries.filing(filed.pk, None), {"deaths": 2}, actor=county_officer, now=after(44))


def test_what_else_a_supplement_says_goes_out_while_fewer_casualties_wait(filed: Filing, county_officer: Actor) -> None:
    services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(30))
    version = services.supplement(filed, {"deaths": 1, "injured": 6}, actor=county_officer, now=after(40), reason="核实")
    assert version is not None
    assert (version.content["deaths"], version.content["injured"]) == (3, 6)
    services.refuse_reduction(filed.reductions.get(), "无医院证明", actor=actor("duty_officer", "370102", 2), now=after(41))
    assert queries.filing(filed.pk, None).deaths == 3


def test_a_level_that_falls_ends_no_duty_that_arose(filed: Filing, county_officer: Actor) -> None:
    services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(30))
    flash = clock_of(filed, "flash_county_province")
    services.supplement(filed, {"deaths": 0}, actor=county_officer, now=after(31), reason="误报")
    services.confirm_reduction(filed.reductions.get(), actor=actor("duty_officer", "370102", 2), now=after(32))
    filed.refresh_from_db()
    assert filed.level_code == "IV"
    assert clock_of(filed, "flash_county_province").state == flash.state == "running", "lowering the level dodges no report"


def test_casualties_are_locked_after_the_window_but_for_what_happened_within_it(filed: Filing, county_officer: Actor) -> None:
    last = rules.casualty_window_ends(queries.event_kind("hazchem_leak", NOW.date()), filed.occurred_at)  # type: ignore[arg-type]
    services.supplement(filed, {"deaths": 1}, actor=county_officer, now=last - timedelta(seconds=1))
    with pytest.raises(refusals.WindowClosed):
        services.supplement(filed, {"deaths": 2}, actor=county_officer, now=last)
    services.supplement(filed, {"scene": "现场已清理"}, actor=county_officer, now=last)
    version = services.supplement(
        filed, {"deaths": 2}, actor=county_officer, now=last + timedelta(days=1), happened_at=last - timedelta(days=2)
    )
    assert version is not None
    assert version.content["deaths"] == 2
    services.learn_casualties(filed, last, actor=county_officer, now=last)
    assert not clocks.for_subject(filed).filter(rule_code="casualty_change").exists(), "after the window nothing more is owed"


def test_a_death_learned_of_is_owed_the_same_day_and_again_for_the_next(filed: Filing, county_officer: Actor) -> None:
    services.learn_casualties(filed, after(75), actor=county_officer, now=after(76))
    assert clock_of(filed, "casualty_change").until == datetime(2026, 11, 23, 16, tzinfo=UTC), "the midnight that ends the day in China"
    services.supplement(filed, {"deaths": 1}, actor=county_officer, now=after(80))
    assert clock_of(filed, "casualty_change").state == "met"
    services.learn_casualties(filed, after(540), actor=county_officer, now=after(541))
    assert clocks.for_subject(filed).filter(rule_code="casualty_change", state="running").count() == 1


def test_a_ledger_of_people_that_counts_otherwise_owes_a_supplement_until_both_agree(filed: Filing, county_officer: Actor) -> None:
    counted = {"deaths": 1, "serious_injured": 1, "injured": 2, "missing": 0}
    services.count_casualties(filed, {**counted, "deaths": 0}, after(60), actor=county_officer, now=after(60))
    assert not clocks.for_subject(filed).filter(rule_code="casualty_change").exists(), "it tells what the report tells"
    for minutes in (75, 76):
        services.count_casualties(filed, counted, after(minutes), actor=county_officer, now=after(minutes))
    assert summaries.counted_words(filed) == [("死亡人数", "0", 1)]
    assert clock_of(filed, "casualty_change").state == "running", "one clock a day"
    services.supplement(filed, {"injured": 3}, actor=county_officer, now=after(77))
    assert clock_of(filed, "casualty_change").state == "running", "another figure is not what is owed"
    services.count_casualties(filed, {**counted, "injured": 3}, after(77), actor=county_officer, now=after(77))
    services.supplement(filed, {"deaths": 1}, actor=county_officer, now=after(80))
    assert (clock_of(filed, "casualty_change").state, filed.counted) == ("met", {})
    services.count_casualties(filed, {**counted, "deaths": 0, "injured": 3}, after(90), actor=county_officer, now=after(90))
    services.supplement(filed, {"deaths": 0}, actor=county_officer, now=after(91), reason="医院更正")
    late = clocks.for_subject(filed).filter(rule_code="casualty_change", state="running")
    assert late.count() == 1, "fewer dead wait for a second person"
    services.confirm_reduction(filed.reductions.get(), actor=actor("duty_officer", "370102", 2), now=after(95))
    assert late.count() == 0


def test_losses_are_added_up_item_by_item_and_only_direct_ones_raise_the_level(filed: Filing, county_officer: Actor) -> None:
    def enter(minutes: float, **entries: int | None) -> FilingVersion | None:
        told = {code: (amount, "企业财务") for code, amount in entries.items()}
        return losses.enter(filed, told, actor=county_officer, now=after(minutes))

    assert (filed.loss_standard, filed.type_standard) == ("GB 6721-2025", "GB 6441-2025")
    version = enter(30, Ed1=1_200_000, Ed2=None)
    assert version is not None
    assert (version.content["direct_loss"], version.content["loss_unknown"], filed.provisional) == (1_200_000, 4, True)
    assert enter(31, Ei5=90_000_000) is None, "a fine is indirect: nothing to tell upward"
    assert filed.level_code == "IV"
    version = enter(40, Ed2=9_000_000, Ed3=0, Ed4=0, Ed5=0)
    assert version is not None
    assert (version.level_code, filed.loss_unknown, filed.provisional, filed.unknown) == ("III", 0, False, [])
    with pytest.raises(refusals.LossFromLedger):
        services.supplement(filed, {"direct_loss": 5}, actor=county_officer, now=after(41))
    with pytest.raises(Invalid) as refused:
        losses.enter(filed, {"Ed1": (-1, "x"), "Ed2": (5, " "), "2.2.4": (5, "x")}, actor=county_officer, now=after(42))
    assert set(refused.value.fields) == {"Ed1", "Ed2", "2.2.4"}
    with pytest.raises(DatabaseError), transaction.atomic():
        FilingLoss.objects.update(amount=0)


def test_the_type_is_provisional_until_established_and_an_established_one_changes_with_a_reason(
    plant: Enterprise, county_officer: Actor
) -> None:
    filing = services.create_filing(values(plant, accident_type="WSA10026"), actor=county_officer, now=after(4))
    services.submit(filing, actor=county_officer, now=after(5))
    version = services.supplement(filing, {"accident_type": "WSA10023", "type_final": True}, actor=county_officer, now=after(30))
    assert version is not None
    assert summaries.change_words(version)[0] == "事故类型：WSA10026 泄漏 → WSA10023 中毒"
    with pytest.raises(refusals.TypeIsFinal):
        services.supplement(filing, {"accident_type": "WSA10026"}, actor=county_officer, now=after(31))
    filing.refresh_from_db()
    services.supplement(filing, {"accident_type": "WSA10026"}, actor=county_officer, now=after(32), reason="调查认定")
    assert door.by_type([summaries.summary(filing)]) == {"WSA10026 泄漏": 1}
    for wrong in ({"accident_type": "019"}, {"accident_type": "WSA10026", "kind": "natural_disaster"}):
        with pytest.raises(Invalid):
            services.create_filing(values(plant, **wrong), actor=county_officer, now=after(40))


def test_each_bureau_tells_government_and_departments_and_the_ministry_the_state_council(
    filed: Filing, county_officer: Actor, city_officer: Actor, province_officer: Actor
) -> None:
    codes = set(filed.notices.values_list("rule_code", flat=True))
    assert codes == {"copy_government", "copy_police", "copy_labour", "copy_union", "copy_procuratorate", "attend_county"}
    row = filed.notices.get(rule_code="copy_police")
    with pytest.raises(refusals.NotYourStep):
        services.note_told(filed, row.pk, "王", actor=city_officer, now=after(9))
    services.note_told(filed, row.pk, "公安局值班室", actor=county_officer, now=after(9))
    with pytest.raises(refusals.AlreadyTold):
        services.note_told(filed, row.pk, "又一次", actor=county_officer, now=after(10))
    services.supplement(filed, {"deaths": 10}, actor=county_officer, now=after(30))
    services.report_up(filed, actor=county_officer, now=after(40))
    services.receive(filed, actor=city_officer, now=after(50))
    services.report_up(filed, actor=city_officer, now=after(60))
    services.receive(filed, actor=province_officer, now=after(70))
    at_province = set(filed.notices.filter(sender_level=1).values_list("rule_code", flat=True))
    assert {"state_council_province", "copy_government", "attend_province"} <= at_province
    assert [e.who for e in door.entries(filed.pk, county_officer, after(99)) if e.kind == "told"] == [county_officer.name]


def test_a_great_effect_on_the_public_brings_the_telephone_flash_at_any_level(filed: Filing, county_officer: Actor) -> None:
    assert not clocks.for_subject(filed).filter(rule_code="flash_county_province").exists()
    services.supplement(filed, {"impact": "S"}, actor=county_officer, now=after(30))
    assert clock_of(filed, "flash_county_province").until == after(90)


def test_a_unit_reports_a_larger_accident_to_the_province_at_the_same_time(
    plant: Enterprise, safety_manager: Actor, province_officer: Actor
) -> None:
    filing = services.create_filing(values(plant, deaths=3, known_at=NOW), actor=safety_manager, now=after(1))
    services.submit(filing, actor=safety_manager, now=after(61))
    step = filing.steps.get(kind="parallel")
    assert (step.receiver_level, step.late_seconds) == (1, 60)
    assert {mark.rule_code for mark in filing.marks.filter(kind="late")} == {"enterprise_county", "enterprise_province"}
    services.receive(filing, actor=province_officer, now=after(62))
    step.refresh_from_db()
    assert step.received_by == province_officer.name


def test_a_natural_disaster_is_told_upward_at_once_and_daily_without_the_law_of_accidents(
    county_officer: Actor, city_officer: Actor, world: None
) -> None:
    filing = services.create_filing(values(kind="natural_disaster", deaths=3), actor=county_officer, now=after(1))
    services.submit(filing, actor=county_officer, now=after(2))
    assert set(clocks.for_subject(filing).values_list("rule_code", flat=True)) == {"disaster_daily"}
    assert filing.notices.get().rule_code == "disaster_county"
    services.report_up(filing, actor=county_officer, now=after(9))
    assert filing.notices.get().done_at == after(9)


def test_a_tip_about_an_accident_is_checked_against_its_two_deadlines(county_officer: Actor, world: None) -> None:
    filing = services.create_filing(
        values(source="tip", deaths=None, unknown=["deaths", "direct_loss"]), actor=county_officer, now=after(1)
    )
    services.submit(filing, actor=county_officer, now=after(2))
    first = filing.notices.get(rule_code="tip_first_check")
    services.note_told(filing, first.pk, "市局值班室", actor=county_officer, now=NOW + timedelta(days=7), note="经查属实")
    first.refresh_from_db()
    assert first.late_seconds > 0
    assert clock_of(filing, "tip_full_check").state == "running"


def test_a_supplement_is_owed_every_day_and_twice_a_day_for_grave_accidents(filed: Filing, county_officer: Actor) -> None:
    assert clock_of(filed, "supplement_daily").until == after(5 + 1440)
    services.supplement(filed, {"deaths": 12}, actor=county_officer, now=after(60))
    assert clock_of(filed, "supplement_daily").state == "met"
    assert clock_of(filed, "supplement_twice_daily").until == after(60 + 720)


def test_a_filing_is_closed_only_after_its_final_report_and_nothing_is_owed_then(
    filed: Filing, county_officer: Actor, county_leader: Actor
) -> None:
    with pytest.raises(refusals.FinalReportNeeded):
        services.close(filed, actor=county_leader, now=after(100))
    services.supplement(filed, {}, actor=county_officer, now=after(101), final=True)
    with pytest.raises(refusals.WindowOpen):
        services.close(filed, actor=county_leader, now=after(102))
    over = NOW + timedelta(days=31)
    services.close(filed, actor=county_leader, now=over)
    assert filed.is_closed
    assert not clocks.for_subject(filed).filter(state="running").exists()
    with pytest.raises(WrongState):
        services.supplement(filed, {"deaths": 1}, actor=county_officer, now=over, happened_at=after(103))


def test_a_word_after_the_final_report_owes_no_daily_one_unless_it_makes_the_event_graver(filed: Filing, county_officer: Actor) -> None:
    services.supplement(filed, {}, actor=county_officer, now=after(101), final=True)
    services.supplement(filed, {"scene": "善后"}, actor=county_officer, now=after(102))
    assert clock_of(filed, "supplement_daily").state == "met"
    services.supplement(filed, {"deaths": 12}, actor=county_officer, now=after(103))
    assert clock_of(filed, "supplement_twice_daily").until == after(103 + 720)


def test_where_nobody_was_hurt_the_case_need_not_wait_for_the_window(
    plant: Enterprise, county_officer: Actor, county_leader: Actor
) -> None:
    nobody = values(plant, serious_injured=0, injured=0, evacuated=600)
    filing = services.submit(services.create_filing(nobody, actor=county_officer, now=after(4)), actor=county_officer, now=after(5))
    services.supplement(filing, {}, actor=county_officer, now=after(101), final=True)
    services.close(filing, actor=county_leader, now=after(102))
    assert filing.is_closed


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
    with pytest.raises(refusals.NotYourStep):
        services.report_up(filed, actor=city_officer, now=after(10))
    services.report_up(filed, actor=county_officer, now=after(11))
    with pytest.raises(refusals.NotYourStep):
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
    with pytest.raises(refusals.NothingChanged):
        services.supplement(filed, {}, actor=county_officer, now=after(9))
    assert (AuditEntry.objects.count(), Announcement.objects.count()) == before


def test_instructions_from_above_are_followed_to_their_end(
    filed: Filing, city_leader: Actor, county_officer: Actor, other_county_officer: Actor
) -> None:
    row = instructing.instruct(filed, "全力救治伤员，防止次生事故", "张市长", actor=city_leader, now=after(180))
    instructing.complete(filed, row.pk, "伤员已转市级医院", actor=county_officer, now=after(200))
    told = [(e.kind, e.text) for e in door.entries(filed.pk, county_officer, after(300)) if "instruction" in e.kind]
    assert told == [("instruction", "全力救治伤员，防止次生事故"), ("instruction_done", "伤员已转市级医院")]
    with pytest.raises(NotPermitted):
        instructing.complete(filed, row.pk, "x", actor=other_county_officer, now=after(201))


def test_an_instruction_is_passed_down_answered_sent_back_and_confirmed_by_who_gave_it(
    filed: Filing, city_officer: Actor, city_leader: Actor, county_officer: Actor, province_officer: Actor
) -> None:
    leader = actor("duty_leader", "370000")
    given = instructing.instruct(filed, "彻查", "省领导", actor=leader, now=after(180), due=after(600), to_level=Level.CITY)
    below = instructing.pass_down(filed, given.pk, "请县局核查", actor=city_leader, now=after(190))
    assert (below.parent_id, below.to_level, below.due) == (given.pk, Level.COUNTY, after(600))
    with pytest.raises(refusals.InstructionsBelowOpen):
        instructing.complete(filed, given.pk, "已查", actor=city_officer, now=after(200))
    instructing.complete(filed, below.pk, "县局已查明", actor=county_officer, now=after(300))
    instructing.complete(filed, given.pk, "已查明", actor=city_officer, now=after(310))
    with pytest.raises(refusals.NotYourStep):
        instructing.confirm(filed, given.pk, actor=city_leader, now=after(320))
    instructing.confirm(filed, given.pk, actor=leader, now=after(330), returned="未附结论")
    assert [line.text for line in door.open_instructions(province_officer)] == ["彻查"]
    instructing.complete(filed, given.pk, "附结论", actor=city_officer, now=after(700))
    assert instructing.confirm(filed, given.pk, actor=leader, now=after(710)).confirmed_by == leader.name


def test_two_callers_of_one_event_become_one_report_with_the_earlier_clock(
    plant: Enterprise, county_officer: Actor, other_county_officer: Actor
) -> None:
    where = {"longitude": 117.05, "latitude": 36.67}
    first = services.create_filing(values(plant, known_at=after(5), **where), actor=county_officer, now=after(6))
    services.submit(first, actor=county_officer, now=after(7))
    taken = door.intake(
        values(plant, title="化工厂有刺鼻气味", known_at=after(3), longitude=117.052, latitude=36.671, reporter_phone="13800000001"),
        actor=county_officer,
        now=after(8),
    )
    assert [each.filing.id for each in taken.alike] == [first.pk]
    assert any("同一单位" in reason for reason in taken.alike[0].reasons)
    second = queries.filing(taken.filing_id, county_officer)
    services.submit(second, actor=county_officer, now=after(9))
    with pytest.raises(NotPermitted):
        merging.merge(second, first, "同一事件", actor=other_county_officer, now=after(10))
    merging.merge(second, first, "同一事件", actor=county_officer, now=after(10))
    first.refresh_from_db()
    assert first.known_at == after(3)
    assert clock_of(first, "county_city").until == after(123), "two callers do not make two hours of one"
    assert [(row.phone, row.came_as_id) for row in first.sources.all()] == [("13800000001", second.pk)]
    assert not clocks.for_subject(second).filter(state="running").exists()
    with pytest.raises(refusals.MergedIntoItself):
        merging.merge(first, second, "反向", actor=county_officer, now=after(11))
    with pytest.raises(WrongState):
        services.report_up(second, actor=county_officer, now=after(12))
    third = services.create_filing(values(plant, known_at=after(2)), actor=county_officer, now=after(11))
    merging.merge(third, first, "又一来报", actor=county_officer, now=after(12))
    assert clock_of(first, "county_city").until == after(122)
    merging.split(second, "另一家企业", actor=county_officer, now=after(20))
    first.refresh_from_db()
    assert (first.known_at, clock_of(first, "county_city").until) == (after(2), after(122)), "the third still holds it early"
    assert clock_of(second, "county_city").state == "running", "split off, it owes again from when it was known"
    merging.split(third, "又一家企业", actor=county_officer, now=after(21))
    first.refresh_from_db()
    assert (first.known_at, clock_of(first, "county_city").until) == (after(5), after(125)), "back to its own moment"
    assert first.sources.count() == 0
    assert queries.filing(second.pk, county_officer).state == rules.DRAFT


def test_a_far_or_late_report_is_never_proposed_as_the_same(plant: Enterprise, county_officer: Actor) -> None:
    first = services.create_filing(values(plant, longitude=117.05, latitude=36.67), actor=county_officer, now=after(6))
    services.submit(first, actor=county_officer, now=after(7))
    for other in ({"longitude": 117.30, "latitude": 36.67}, {"occurred_at": after(400), "known_at": after(401)}):
        told = values(plant, **({"longitude": 117.05, "latitude": 36.67} | other))
        assert door.alike(told, county_officer, after(500)) == ()


def test_late_reports_are_marked_by_the_clock_answered_and_decided_by_the_bureau_above(
    filed: Filing, county_officer: Actor, county_leader: Actor, city_leader: Actor, city_officer: Actor
) -> None:
    services.report_up(filed, actor=county_officer, now=after(136))
    mark = filed.marks.get()
    assert (mark.kind, mark.late_minutes, mark.rule_code) == ("late", 14, "county_city")
    marking.state(mark, "值班员突发疾病", actor=county_officer, now=after(200))
    with pytest.raises(refusals.NotYourStep):
        marking.decide(mark, "dismiss", "情有可原", actor=county_leader, now=after(201))
    with pytest.raises(MissingFields):
        marking.decide(mark, "uphold", " ", actor=city_leader, now=after(202))
    assert marking.decide(mark, "uphold", "属迟报", actor=city_leader, now=after(203)).state == rules.UPHELD
    with pytest.raises(refusals.NoEvidence):
        marking.raise_mark(filed, "concealed", "示范氯碱", "少报死亡一人", [], actor=city_leader, now=after(210))


def test_what_was_never_done_is_marked_as_omitted_when_the_case_is_closed(
    filed: Filing, county_officer: Actor, county_leader: Actor
) -> None:
    services.supplement(filed, {"brief_course": "查明"}, actor=county_officer, now=after(300), final=True)
    services.close(filed, actor=county_leader, now=NOW + timedelta(days=31))
    assert {(mark.kind, mark.rule_code) for mark in filed.marks.all()} == {("omitted", "county_city")}


def test_a_draft_left_lying_rings_like_a_report_that_was_sent(plant: Enterprise, county_officer: Actor) -> None:
    draft = services.create_filing(values(plant, known_at=after(2)), actor=county_officer, now=after(4))
    assert clock_of(draft, "county_city").until == after(122)
    clocks.sweep(after(123))
    assert clock_of(draft, "county_city").state == "missed"
    services.withdraw(draft, "误报", actor=county_officer, now=after(124))
    tip = services.create_filing(values(plant, source="tip"), actor=county_officer, now=after(4))
    assert not clocks.for_subject(tip).exists(), "a tip is checked first"


def test_a_draft_of_an_earlier_caller_moves_the_clock_of_the_report_it_joins(plant: Enterprise, county_officer: Actor) -> None:
    where = {"longitude": 117.05, "latitude": 36.67}
    first = services.create_filing(values(plant, known_at=after(5), **where), actor=county_officer, now=after(6))
    services.submit(first, actor=county_officer, now=after(7))
    door.intake(values(plant, known_at=after(3), **where), actor=county_officer, now=after(8), into=first.pk)
    assert clock_of(first, "county_city").until == after(123)


def test_an_exercise_and_a_real_report_are_never_one(plant: Enterprise, county_officer: Actor) -> None:
    drill = services.create_filing(values(plant), actor=county_officer, now=after(6))
    services.submit(drill, actor=county_officer, now=after(7))
    real = door.intake(values(plant, exercise=False), actor=county_officer, now=after(8))
    assert real.alike == ()
    with pytest.raises(refusals.ExerciseAndReal):
        door.merge(real.filing_id, drill.pk, "同一事件", actor=county_officer, now=after(9))


def test_whoever_hears_of_it_directly_or_by_telephone_owes_what_follows(
    filed: Filing, county_officer: Actor, province_officer: Actor, nation_officer: Actor
) -> None:
    services.supplement(filed, {"deaths": 10}, actor=county_officer, now=after(30))
    services.record_flash(filed, services.Spoken("省厅值班室"), actor=county_officer, now=after(40))
    assert clock_of(filed, "flash_province_nation").until == after(100), "the province's own hour runs from the telephone call"
    services.report_directly(filed, Level.NATION, actor=county_officer, now=after(41))
    services.receive(filed, actor=nation_officer, now=after(42))
    assert {"state_council_nation", "flash_nation_state"} <= set(filed.notices.filter(sender_level=0).values_list("rule_code", flat=True))


def test_a_duty_that_arose_is_met_by_the_report_although_the_level_fell_since(
    filed: Filing, county_officer: Actor, city_officer: Actor
) -> None:
    services.report_up(filed, actor=county_officer, now=after(10))
    services.receive(filed, actor=city_officer, now=after(20))
    services.supplement(filed, {"deaths": 3}, actor=county_officer, now=after(30))
    services.supplement(queries.filing(filed.pk, None), {"deaths": 0}, actor=county_officer, now=after(40), reason="误报")
    services.confirm_reduction(filed.reductions.get(), actor=actor("duty_officer", "370102", 2), now=after(41))
    filing = queries.filing(filed.pk, None)
    assert filing.level_code == "IV"
    services.report_up(filing, actor=city_officer, now=after(60))
    assert clock_of(filing, "city_province").state == "met"


def test_an_instruction_is_carried_out_by_the_level_it_was_given_to_and_by_no_unit(
    filed: Filing, city_leader: Actor, city_officer: Actor, county_officer: Actor, safety_manager: Actor
) -> None:
    row = instructing.instruct(filed, "核查", "市长", actor=city_leader, now=after(60), to_level=Level.COUNTY, due=after(300))
    for other in (city_officer, safety_manager):
        with pytest.raises((refusals.NotYourStep, NotPermitted)):
            instructing.complete(filed, row.pk, "已办", actor=other, now=after(70))
    instructing.complete(filed, row.pk, "已办", actor=county_officer, now=after(80))
    instructing.confirm(filed, row.pk, actor=city_leader, now=after(90), returned="请补充")
    assert clocks.for_subject(filed).filter(rule_code=instructing.clock_code(row), state="running").exists()
