"""Verbs of hidden dangers against the database: what each refuses, what it starts and stops, who sees and is told what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from tests.rooms.prevent.dangers.works import CITY, COUNTY, PLAN, Picture

from anlan.ground.organisations.models import Organisation
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields, WrongState
from anlan.ledger import clocks
from anlan.ledger.models import AuditEntry, Clock, ClockState
from anlan.prevent.dangers import door, hearing, periods, queries, refusals, reporting, rules, services, statistics, supervising, sweeping
from anlan.prevent.dangers.models import Danger, Escalation, PeriodReport
from anlan.sense.patrol.door import PatrolPointFailed

pytestmark = pytest.mark.django_db


# --- registering


def test_a_danger_takes_place_sector_and_position_from_its_enterprise(works):
    danger = works.found()
    assert (danger.place_code, danger.sector, danger.longitude) == (COUNTY, "hazchem", 117.05)
    assert danger.state == rules.FOUND and danger.found_by_bureau and not danger.late
    assert works.clocks(danger) == {"grade"}
    assert AuditEntry.objects.filter(action="dangers.report", subject_id=str(danger.pk)).exists()


def test_what_is_registered_days_after_it_was_found_is_marked_late(works):
    assert works.found(found_at=works.now - timedelta(hours=25)).late
    assert not works.found(found_at=works.now - timedelta(hours=23)).late


def test_nothing_is_found_in_the_future_nor_outside_china_nor_by_a_source_that_is_none(works):
    with pytest.raises(refusals.FoundInTheFuture):
        works.found(found_at=works.now + timedelta(seconds=1))
    with pytest.raises(refusals.UnknownCode):
        works.found(source="rumour")
    with pytest.raises(refusals.SourceNotYours):
        works.found("operator", source=rules.TIP)
    assert Danger.objects.count() == 0


def test_a_neighbours_officer_neither_registers_nor_sees(works):
    with pytest.raises((NotPermitted, NotFound)):
        works.found("neighbour")
    danger = works.found()
    assert not queries.dangers(works.actor("neighbour")).exists()
    with pytest.raises(NotFound):
        services.grade(danger.pk, grade=rules.GENERAL, **works.by("neighbour"))


def test_an_alarm_becomes_a_danger_once(works):
    alarm = uuid4()
    first = works.found(source=rules.ALARM, source_id=alarm)
    again = works.found(source=rules.ALARM, source_id=alarm, title="别的名称")
    assert again.pk == first.pk and Danger.objects.count() == 1
    assert door.of_source("alarm", alarm).id == first.pk


def test_a_like_danger_within_a_year_is_flagged_and_linked(works):
    first = works.found()
    works.clock.advance(days=300)
    again = works.found(location=" 3# 储罐 ")
    assert again.repeated and again.repeat_of_id == first.pk
    assert not works.found(location="4#储罐").repeated
    works.clock.advance(days=400)
    assert not works.found().repeated


def test_a_like_danger_is_also_known_by_its_criterion_and_not_by_a_cancelled_one(works):
    first = works.graded()
    second = works.graded(location="泵房")
    assert second.repeated and second.repeat_of_id == first.pk
    services.cancel(first.pk, reason="误报", **works.by("colleague"))
    services.cancel(second.pk, reason="误报", **works.by("colleague"))
    assert not works.graded(location="装卸台").repeated


def test_refused_pictures_keep_nothing_else_from_being_kept(works):
    danger = works.found()
    program = Picture(name="照片.jpg")
    program.seek(0)
    program.truncate()
    program.write(b"MZ" + bytes(2000))
    program.seek(0)
    kept, refused = services.add_pictures(danger, [Picture(), program], **works.by("inspector"))
    assert kept == 1 and [type(each).__name__ for each in refused] == ["Executable"]


# --- grading


def test_a_coal_danger_is_judged_by_the_list_of_its_day(works_of):
    works = works_of(datetime(2026, 7, 2, tzinfo=UTC))
    before = works.found(sector="coal", found_at=datetime(2026, 6, 30, 10, tzinfo=UTC))
    after = works.found(sector="coal", found_at=datetime(2026, 6, 30, 16, 30, tzinfo=UTC))  # 00:30 on 1 July in China
    with pytest.raises(refusals.CriterionNotInForce):
        services.grade(before.pk, grade=rules.MAJOR, criterion="coal_2026-5.8", **works.by("inspector"))
    assert services.grade(before.pk, grade=rules.MAJOR, criterion="coal_2024-2", **works.by("inspector")).grade == rules.MAJOR
    assert services.grade(after.pk, grade=rules.MAJOR, criterion="coal_2026-5.8", **works.by("inspector")).grade == rules.MAJOR


def test_a_major_danger_is_to_be_reported_at_once_with_three_contents(works):
    danger = works.graded()
    assert works.clocks(danger) == {"report_major"}
    with pytest.raises(refusals.ReportMissing) as refused:
        supervising.report_up(danger.pk, situation="未投用", harm=" ", plan="", **works.by("manager"))
    assert "危害程度" in refused.value.message() and "治理方案" in refused.value.message()
    told = supervising.report_up(danger.pk, situation="未投用", harm="可致泄漏，难度中等", plan="更换控制器", **works.by("manager"))
    assert told.reported_up_at == works.now and works.clocks(danger) == set()
    assert works.clocks(danger, ClockState.MET) == {"grade", "report_major"}


def test_a_grade_may_be_corrected_with_a_reason_until_an_order_rests_on_it(works):
    danger = works.graded()
    services.grade(danger.pk, grade=rules.GENERAL, reason="已投用，仅标识缺失", **works.by("inspector"))
    assert works.clocks(danger) == set()
    works2 = works.ordered(location="泵房")
    with pytest.raises(WrongState):
        services.grade(works2.pk, grade=rules.GENERAL, reason="x", **works.by("inspector"))


# --- order and removal


def test_an_order_needs_a_deadline_ahead_and_its_basis(works):
    danger = works.graded()
    with pytest.raises(refusals.DeadlinePassed):
        services.order(danger.pk, order_text="改", order_basis="法", deadline=works.now, **works.by("inspector"))
    with pytest.raises(MissingFields):
        services.order(danger.pk, order_text="改", order_basis=" ", deadline=works.now + timedelta(days=1), **works.by("inspector"))


def test_a_major_danger_is_not_worked_on_without_five_fixes_and_plan_nor_put_right_at_once(works):
    danger = works.ordered()
    with pytest.raises(refusals.FixesMissing):
        services.start(danger.pk, responsible_name="王强", measures="换", **works.by("manager"))
    with pytest.raises(refusals.PlanMissing):
        services.start(
            danger.pk,
            responsible_name="王强",
            measures="换",
            funds_yuan=Decimal(0),
            contingency="撤人",
            plan=PLAN | {"goal": ""},
            **works.by("manager"),
        )
    with pytest.raises(refusals.MajorNeedsPlan):
        services.rectify(danger.pk, outcome="好了", **works.by("manager"))


def test_a_general_danger_found_by_the_enterprise_is_put_right_at_once_and_verified_by_another(works):
    danger = works.found("operator", source=rules.SELF_CHECK)
    services.grade(danger.pk, grade=rules.GENERAL, **works.by("manager"))
    with pytest.raises(refusals.PictureNeeded):
        services.rectify(danger.pk, outcome="已清理", **works.by("manager"))
    assert Danger.objects.get(pk=danger.pk).state == rules.GRADED
    works.photograph(danger)
    services.rectify(danger.pk, outcome="已清理", **works.by("manager"))
    with pytest.raises(FourEyes):
        services.verify(danger.pk, verdict="合格", **works.by("manager"))
    services.verify(danger.pk, verdict="合格", **works.by("shift"))
    assert services.close(danger.pk, **works.by("principal")).state == rules.CLOSED


def test_what_a_bureau_ordered_or_found_is_judged_by_a_bureau(works):
    danger = works.removed()
    with pytest.raises(refusals.NotYoursToJudge):
        services.verify(danger.pk, verdict="合格", **works.by("principal"))
    with pytest.raises(refusals.NotYoursToJudge):
        services.cancel(works.found(location="泵房").pk, reason="误报", **works.by("principal"))
    services.verify(danger.pk, verdict="合格", **works.by("inspector"))
    with pytest.raises(refusals.NotYoursToJudge):
        services.close(danger.pk, **works.by("principal"))


def test_a_failed_verification_sends_back_and_the_next_round_needs_its_own_pictures(works):
    danger = works.removed()
    works.clock.advance(hours=1)
    with pytest.raises(MissingFields):
        services.verify(danger.pk, verdict=" ", **works.by("inspector"))
    back = services.send_back(danger.pk, reason="联锁未恢复", **works.by("inspector"))
    assert back.state == rules.RECTIFYING and works.clocks(danger) == {"rectify", "report_major"}
    with pytest.raises(refusals.PictureNeeded):
        services.rectify(danger.pk, outcome="已恢复", **works.by("manager"))
    works.photograph(danger, (10, 10, 220))
    services.rectify(danger.pk, outcome="已恢复", **works.by("manager"))
    rounds = list(danger.rounds.values_list("number", "accepted", "verdict"))
    assert rounds == [(1, False, "联锁未恢复"), (2, None, "")]


def test_what_somebody_changed_meanwhile_is_said_with_names_and_fields(works):
    danger = works.graded()
    seen = Danger.objects.get(pk=danger.pk).version
    deadline = works.now + timedelta(days=5)
    services.order(danger.pk, order_text="改", order_basis="法", deadline=deadline, seen=seen, **works.by("inspector"))
    with pytest.raises(refusals.ChangedMeanwhile) as refused:
        supervising.report_up(danger.pk, situation="a", harm="b", plan="c", seen=seen, **works.by("manager"))
    assert "Inspector" in refused.value.message() and "整改期限" in refused.value.message()
    assert Danger.objects.get(pk=danger.pk).reported_up_at is None


# --- more time


def test_an_extension_is_asked_before_the_deadline_and_approved_by_who_ordered(works):
    danger = works.working(days=10)
    later = danger.deadline + timedelta(days=5)
    with pytest.raises(refusals.ExtensionNotLater):
        supervising.ask_extension(danger.pk, wanted=danger.deadline, reason="缺货", **works.by("manager"))
    with pytest.raises(refusals.NoExtensionAsked):
        supervising.decide_extension(danger.pk, approve=True, **works.by("inspector"))
    supervising.ask_extension(danger.pk, wanted=later, reason="缺货", **works.by("manager"))
    with pytest.raises(refusals.ExtensionWaiting):
        supervising.ask_extension(danger.pk, wanted=later, reason="缺货", **works.by("principal"))
    with pytest.raises(refusals.OwnExtension):
        supervising.decide_extension(danger.pk, approve=True, **works.by("manager"))
    with pytest.raises(refusals.NotYoursToJudge):
        supervising.decide_extension(danger.pk, approve=True, **works.by("principal"))
    works.clock.advance(days=1)
    extended = supervising.decide_extension(danger.pk, approve=True, note="同意", **works.by("inspector"))
    assert extended.deadline == later and extended.extended == 1 and extended.first_deadline == later - timedelta(days=5)
    running = Clock.objects.get(subject_id=danger.pk, rule_code="rectify", state=ClockState.RUNNING)
    assert running.until == later


def test_a_refused_extension_leaves_the_deadline_and_a_late_one_is_refused(works):
    danger = works.working(days=2)
    supervising.ask_extension(danger.pk, wanted=danger.deadline + timedelta(days=5), reason="缺货", **works.by("manager"))
    refused = supervising.decide_extension(danger.pk, approve=False, note="不同意", **works.by("inspector"))
    assert refused.deadline == danger.deadline and refused.extended == 0
    works.clock.advance(days=3)
    with pytest.raises(refusals.ExtensionTooLate):
        supervising.ask_extension(danger.pk, wanted=works.now + timedelta(days=5), reason="缺货", **works.by("manager"))


# --- escalation


def test_an_overdue_danger_climbs_once_a_step_and_an_extension_begins_anew(works):
    danger = works.working(days=10)
    works.pass_time(days=7)
    assert works.told("dangers.escalated") == {"manager"}
    works.pass_time(days=3, minutes=1)
    assert works.told("dangers.escalated") == {"manager", "principal"}
    assert Danger.objects.get(pk=danger.pk).overdue
    works.pass_time(hours=24)
    works.pass_time(minutes=1)
    works.pass_time(minutes=1)
    assert works.told("dangers.escalated") == {"manager", "principal", "inspector", "colleague"}
    works.pass_time(hours=48)
    assert {"city", "city2"} <= works.told("dangers.escalated")
    steps = list(Escalation.objects.filter(danger=danger).values_list("step", flat=True))
    assert steps == ["remind", "enterprise", "county", "city_major"]
    assert Danger.objects.get(pk=danger.pk).escalated_to == "city"


def test_a_sweep_that_was_away_for_days_takes_every_step_once(works):
    danger = works.working(days=1)
    works.clock.advance(days=30)
    assert sweeping.sweep(works.now) == 1 and sweeping.sweep(works.now) == 0
    steps = list(Escalation.objects.filter(danger=danger).values_list("step", flat=True))
    assert steps == ["enterprise", "county", "city_major", "province_major"]


def test_what_is_removed_escalates_no_more(works):
    danger = works.removed(days=1)
    works.pass_time(days=30)
    assert not Escalation.objects.filter(danger=danger).exists()


# --- suspension, hand-over, listing, publication


def test_production_is_stopped_for_half_a_year_at_most_and_resumed_before_closing(works):
    danger = works.working()
    months = rules.add_months(works.now, 6)
    with pytest.raises(refusals.SuspensionTooLong):
        supervising.suspend(danger.pk, until=months + timedelta(days=1), reason="危险", **works.by("inspector"))
    with pytest.raises(NotPermitted):
        supervising.suspend(danger.pk, until=months, reason="危险", **works.by("manager"))
    supervising.suspend(danger.pk, until=months, reason="危险", **works.by("inspector"))
    with pytest.raises(refusals.AlreadySuspended):
        supervising.suspend(danger.pk, until=months, reason="危险", **works.by("inspector"))
    assert "suspension" in works.clocks(danger)
    works.photograph(danger)
    services.rectify(danger.pk, outcome="已改", **works.by("manager"))
    services.verify(danger.pk, verdict="合格", **works.by("inspector"))
    with pytest.raises(refusals.StillSuspended):
        services.close(danger.pk, **works.by("inspector"))
    supervising.resume(danger.pk, reason="审查合格", **works.by("inspector"))
    with pytest.raises(refusals.NotSuspended):
        supervising.resume(danger.pk, reason="审查合格", **works.by("inspector"))
    assert services.close(danger.pk, **works.by("inspector")).state == rules.CLOSED


def test_a_listed_danger_is_accepted_on_request_and_taken_off_by_its_level(works):
    danger = works.working()
    until = works.now + timedelta(days=60)
    supervising.put_on_list(danger.pk, until=until, reason="久拖不改", **works.by("inspector"))
    with pytest.raises(refusals.AlreadyListed):
        supervising.put_on_list(danger.pk, until=until, reason="再挂", **works.by("colleague"))
    supervising.put_on_list(danger.pk, until=until, reason="提级", **works.by("city"))
    works.photograph(danger)
    services.rectify(danger.pk, outcome="已改", **works.by("manager"))
    with pytest.raises(refusals.ListedAbove):
        services.verify(danger.pk, verdict="合格", **works.by("inspector"))
    with pytest.raises(refusals.AcceptanceNotAsked):
        services.verify(danger.pk, verdict="合格", **works.by("city"))
    supervising.ask_acceptance(danger.pk, **works.by("manager"))
    clock = Clock.objects.get(subject_id=danger.pk, rule_code="acceptance")
    assert clock.until - clock.since == timedelta(days=10) and "鄂安" in clock.article and clock.rule_status == "unverified"
    services.verify(danger.pk, verdict="合格", **works.by("city"))
    with pytest.raises(refusals.StillListed):
        services.close(danger.pk, **works.by("city"))
    with pytest.raises(refusals.ListedAbove):
        supervising.take_off_list(danger.pk, reason="验收合格", **works.by("inspector"))
    supervising.take_off_list(danger.pk, reason="验收合格", **works.by("city2"))
    assert services.close(danger.pk, **works.by("inspector")).state == rules.CLOSED
    assert works.clocks(danger) == set()


def test_only_major_dangers_are_listed_suspended_and_published(works):
    danger = works.ordered(rules.GENERAL)
    later = works.now + timedelta(days=5)
    for verb, more in (
        (supervising.put_on_list, {"until": later, "reason": "x"}),
        (supervising.suspend, {"until": later, "reason": "x"}),
        (supervising.publish, {"public_text": "x"}),
        (supervising.report_up, {"situation": "a", "harm": "b", "plan": "c"}),
    ):
        with pytest.raises(refusals.OnlyMajor):
            verb(danger.pk, **more, **works.by("inspector"))


def test_a_publication_holds_no_names_and_is_told_to_everybody(works):
    danger = works.working()
    with pytest.raises(refusals.PersonalData):
        supervising.publish(danger.pk, public_text="责任人王强正在整改", **works.by("inspector"))
    supervising.publish(danger.pk, public_text="示范化工有限公司重大隐患正在整改。", **works.by("inspector"))
    assert [each.text for each in door.published(CITY)] == ["示范化工有限公司重大隐患正在整改。"]
    assert door.published("110000") == ()


def test_a_danger_is_handed_to_a_bureau_of_the_platform_or_to_a_named_body(works):
    danger = works.ordered()
    with pytest.raises(refusals.NoSuchOrganisation):
        supervising.hand_over(danger.pk, organisation_id=None, handed_to=" ", reason="不属本局", **works.by("inspector"))
    city = Organisation.objects.get(place_code=CITY).pk
    handed = supervising.hand_over(danger.pk, organisation_id=city, handed_to="", reason="属市局", **works.by("inspector"))
    assert handed.supervisor_id == city and handed.state == rules.ORDERED
    # From then on the city acts, and whoever stands above it; the county that handed over looks on.
    until = works.now + timedelta(days=3)
    for verb in (
        lambda who: supervising.suspend(danger.pk, until=until, reason="停产", **works.by(who)),
        lambda who: supervising.hand_over(danger.pk, organisation_id=None, handed_to="住建局", reason="燃气", **works.by(who)),
        lambda who: services.cancel(danger.pk, reason="误报", **works.by(who)),
    ):
        with pytest.raises(refusals.HandedOver):
            verb("inspector")
    supervising.suspend(danger.pk, until=until, reason="停产", **works.by("city"))
    supervising.resume(danger.pk, reason="复产", **works.by("province"))
    # A body outside the platform makes no moves here: those who handed over enter what it did.
    outside = supervising.hand_over(danger.pk, organisation_id=None, handed_to="住建局", reason="燃气", **works.by("city"))
    assert outside.supervisor_id is None
    supervising.suspend(danger.pk, until=until, reason="停产", **works.by("inspector"))


# --- rewards


def test_a_verified_tip_earns_its_reward_once_and_the_payment_is_recorded(works):
    with pytest.raises(refusals.NotATip):
        supervising.compute_reward(
            works.graded().pk, rule_code="major_danger", tip_number="1", fine_yuan=Decimal(1), **works.by("inspector")
        )
    danger = works.graded(source=rules.TIP, location="泵房")
    with pytest.raises(refusals.NothingToReward):
        supervising.compute_reward(danger.pk, rule_code="major_danger", tip_number="JB-1", **works.by("inspector"))
    made = supervising.compute_reward(
        danger.pk, rule_code="major_danger", tip_number="JB-1", fine_yuan=Decimal(100000), employee=True, **works.by("inspector")
    )
    assert made.amount_yuan == 18000 and "2018" in made.source
    with pytest.raises(refusals.AlreadyRewarded):
        supervising.compute_reward(danger.pk, rule_code="major_danger", tip_number="JB-1", fine_yuan=Decimal(1), **works.by("inspector"))
    supervising.note_payment(danger.pk, note="银行转账", **works.by("inspector"))
    with pytest.raises(refusals.AlreadyPaid):
        supervising.note_payment(danger.pk, note="银行转账", **works.by("inspector"))


# --- statistics and tables


def test_open_dangers_are_counted_by_region_without_exercises_and_beyond_no_ones_sight(works):
    works.ordered()
    works.found(location="泵房")
    works.found(location="演练", exercise=True)
    rows = statistics.regions(works.actor("city"), "county")
    assert [(row.key, row.open, row.major, row.ungraded) for row in rows] == [(COUNTY, 2, 1, 1)]
    assert [row.key for row in statistics.regions(works.actor("province"), "city")] == [CITY]
    assert statistics.regions(works.actor("neighbour")) == ()
    assert door.open_counts(works.actor("city")) == {COUNTY: {"open": 2, "major": 1, "overdue": 0, "listed": 0}}


def test_the_table_of_a_quarter_carries_over_counts_and_is_owed_once(works_of):
    works = works_of(datetime(2026, 9, 20, tzinfo=UTC))
    old = works.removed()
    works.clock.set(datetime(2026, 10, 2, tzinfo=UTC))
    assert sweeping.open_reports(works.now) == 1 and sweeping.open_reports(works.now) == 0
    report = PeriodReport.objects.get(period="2026Q3")
    clock = Clock.objects.get(subject_id=report.pk)
    assert clock.until.astimezone(periods.CHINA).date().isoformat() == "2026-10-15" and "第十四条" in clock.article
    services.verify(old.pk, verdict="合格", **works.by("inspector"))
    services.close(old.pk, **works.by("inspector"))
    works.graded(rules.GENERAL, location="泵房")
    third = {line.grade: line for line in statistics.table(works.enterprise.pk, periods.quarter(2026, 3)).lines}
    assert (third[rules.MAJOR].found, third[rules.MAJOR].closed, third[rules.MAJOR].left) == (1, 0, 1)
    fourth = {line.grade: line for line in statistics.table(works.enterprise.pk, periods.quarter(2026, 4)).lines}
    assert (fourth[rules.MAJOR].carried, fourth[rules.MAJOR].closed, fourth[rules.MAJOR].left) == (1, 1, 0)
    assert (fourth[rules.GENERAL].found, fourth[rules.GENERAL].rate) == (1, 0.0)


def test_the_table_is_signed_by_the_principal_once_and_keeps_its_figures(works_of):
    works = works_of(datetime(2026, 9, 20, tzinfo=UTC))
    works.removed()
    works.clock.set(datetime(2026, 10, 2, tzinfo=UTC))
    sweeping.open_reports(works.now)
    report = PeriodReport.objects.get(period="2026Q3")
    with pytest.raises(NotPermitted):
        reporting.sign(report.pk, analysis="x", principal_name="李明", **works.by("manager"))
    with pytest.raises(MissingFields):
        reporting.sign(report.pk, analysis=" ", principal_name="李明", **works.by("principal"))
    signed = reporting.sign(report.pk, analysis="一项在改", principal_name="李明", **works.by("principal"))
    assert signed.figures["lines"][1]["found"] == 1
    assert Clock.objects.get(subject_id=report.pk).state == ClockState.MET
    with pytest.raises(refusals.ReportSigned):
        reporting.sign(report.pk, analysis="x", principal_name="李明", **works.by("principal"))


# --- from a patrol


def test_a_failed_point_of_a_patrol_becomes_a_danger_to_be_judged_once(works):
    event = PatrolPointFailed(
        subject_id=uuid4(),
        place_code=COUNTY,
        enterprise_id=works.enterprise.pk,
        at=works.now,
        title="氯气探测器：故障或损坏",
        point="PLC-1 氯气探测器",
        finding="faulty",
        note="无显示",
        checked_by_id=str(works.accounts["inspector"].pk),
        checked_by_name="Inspector",
    )
    for _ in range(2):
        hearing.take_patrol(PatrolPointFailed.restore(event.payload()))
    danger = Danger.objects.get()
    assert (danger.state, danger.source, danger.source_id, danger.grade) == (rules.FOUND, rules.PATROL, event.subject_id, "")
    assert danger.found_by_name == "Inspector" and danger.found_by_bureau
    with pytest.raises(FourEyes):
        services.cancel(danger.pk, reason="看错", **works.by("inspector"))


def test_a_cancelled_danger_owes_nothing_more_although_a_time_was_missed(works):
    danger = works.ordered(days=1)
    works.clock.advance(days=2)
    with transaction.atomic():
        clocks.sweep(works.now)
    assert "rectify" in works.clocks(danger, ClockState.MISSED)
    services.cancel(danger.pk, reason="误报", **works.by("colleague"))
    owed = Clock.objects.filter(subject_id=danger.pk, met_at__isnull=True).exclude(state=ClockState.CANCELLED)
    assert not owed.exists()
    assert "rectify" in works.clocks(danger, ClockState.MISSED)
