"""Special works as they are asked for, confirmed, sampled, signed, begun, stopped and ended; commitments against what goes on."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.rooms.prevent.permits.plants import HOT_1, SIGNATURE, Plant

from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, WrongState
from anlan.ledger.flows import steps
from anlan.ledger.models import AuditEntry
from anlan.ledger.sources import law_day
from anlan.prevent.permits import committing, door, queries, refusals, rules, services, signing, working
from anlan.prevent.permits.models import AlarmNearby, Commitment, GasTest, Permit, Work


def test_one_work_gets_one_permit_for_each_kind_and_power_ends_with_the_work_it_serves(plant: Plant):
    work = plant.drafted(rules.HOT_WORK, rules.CONFINED_SPACE, rules.TEMP_POWER, hours=40, day_only=True)
    hot, confined, power = queries.of_work(work.pk)
    assert (hot.kind, confined.kind, power.kind) == (rules.HOT_WORK, rules.CONFINED_SPACE, rules.TEMP_POWER)
    assert hot.valid_until == plant.now + timedelta(hours=8)
    assert confined.valid_until == plant.now + timedelta(hours=24)
    assert power.valid_until == hot.valid_until
    assert hot.number == "DH-20260609-001"
    assert {row.work_id for row in (hot, confined, power)} == {work.pk}


def test_a_permit_asked_for_at_night_is_raised_and_says_why(plant: Plant):
    row = plant.permit(planned_from=plant.now + timedelta(hours=14), planned_until=plant.now + timedelta(hours=18))
    assert (row.grade_code, row.base_grade_code, row.upgrade_reasons) == ("hot_work-special", "hot_work-1", ["night"])


def test_where_the_standard_sets_no_hours_the_enterprise_sets_them_first(plant: Plant):
    with pytest.raises(refusals.OwnRuleNeeded):
        plant.drafted(rules.EXCAVATION)
    assert not Work.objects.exists(), "nothing is kept of a refused asking"
    with pytest.raises(NotPermitted):
        services.set_own_rule(plant.enterprise.pk, kind=rules.EXCAVATION, hours=4, basis="动土管理规定", **plant.by("operator"))
    services.set_own_rule(plant.enterprise.pk, kind=rules.EXCAVATION, hours=4, basis="动土管理规定", **plant.by("manager"))
    assert plant.permit(rules.EXCAVATION).valid_until == plant.now + timedelta(hours=4)


def test_what_a_phone_sends_twice_is_done_once(plant: Plant):
    once = uuid4()
    first, again = plant.drafted(once=once), plant.drafted(once=once)
    assert first.pk == again.pk
    row = plant.confirmed(queries.of_work(first.pk)[0])
    key = uuid4()
    plant.sampled(row, once=key)
    plant.sampled(row, once=key)
    assert GasTest.objects.count() == 1
    assert Permit.objects.count() == 1


def test_measures_are_answered_line_by_line_under_a_name_before_the_permit_goes_on(plant: Plant):
    row = plant.permit()
    services.mark(row.pk, answers={1: rules.YES, 2: rules.NO}, **plant.by("shift"))
    with pytest.raises(refusals.MeasuresOpen) as still_open:
        services.mark(row.pk, answers={}, complete=True, **plant.by("shift"))
    assert still_open.value.facts["count"] == 14
    every = {line.number: rules.YES for line in queries.measures(row.kind, row.opened_at) if line.number != 2}
    with pytest.raises(refusals.MeasureNotMet):
        services.mark(row.pk, answers=every, complete=True, other_measures="设接火盆", **plant.by("shift"))
    with pytest.raises(refusals.UnknownMeasure):
        services.mark(row.pk, answers={99: rules.YES}, **plant.by("shift"))
    with pytest.raises(refusals.OtherMeasuresNeeded):
        services.mark(row.pk, answers=every | {2: rules.YES}, complete=True, **plant.by("shift"))
    row = services.mark(row.pk, answers=every | {2: rules.YES}, complete=True, other_measures="设接火盆", **plant.by("shift"))
    assert row.state == rules.CONFIRMED
    assert set(row.answers.values_list("by_name", flat=True)) == {plant.actor("shift").name}


def test_the_permit_is_signed_by_whom_the_grade_names_with_his_password_and_never_by_the_applicant(plant: Plant):
    row = plant.confirmed(plant.permit())
    with pytest.raises(refusals.GasMissing):
        signing.approve(row.pk, **SIGNATURE, **plant.by("manager"))
    plant.sampled(row)
    with pytest.raises(refusals.ApproverWrong):
        signing.approve(row.pk, **SIGNATURE, **plant.by("shift"))
    with pytest.raises(refusals.SignatureWrong):
        signing.approve(row.pk, **(SIGNATURE | {"password": "wrong"}), **plant.by("manager"))
    row = signing.approve(row.pk, **SIGNATURE, longitude=117.05, latitude=36.66, accuracy=8.0, **plant.by("manager"))
    assert (row.state, row.approved_by_name, row.approved_accuracy) == (rules.APPROVED, plant.actor("manager").name, 8.0)
    assert "password" not in str(AuditEntry.objects.order_by("-sequence").first().content)
    own = plant.confirmed(plant.permit(by="manager", location="别处", longitude=117.2))
    plant.sampled(own)
    with pytest.raises(FourEyes):
        signing.approve(own.pk, **SIGNATURE, **plant.by("manager"))


def test_an_approved_permit_cannot_be_altered_only_cancelled_with_a_reason(plant: Plant):
    row = plant.approved()
    with pytest.raises(WrongState):
        services.mark(row.pk, answers={1: rules.YES}, **plant.by("shift"))
    with pytest.raises(WrongState):
        signing.send_back(row.pk, reason="改地点", **plant.by("manager"))
    assert working.cancel(row.pk, reason="改地点，重新办票", **plant.by("shift")).state == rules.CANCELLED


def test_work_begins_with_a_fresh_sample_and_after_a_long_break_with_another(plant: Plant):
    row = plant.approved()
    plant.clock.advance(minutes=31)
    with pytest.raises(refusals.GasTooOld):
        working.start(row.pk, **plant.by("operator"))
    plant.sampled(row)
    row = working.start(row.pk, **plant.by("operator"))
    working.pause(row.pk, **plant.by("operator"))
    plant.clock.advance(minutes=30)
    working.resume(row.pk, **plant.by("operator"))
    working.pause(row.pk, **plant.by("operator"))
    plant.clock.advance(minutes=31)
    with pytest.raises(refusals.GasAfterBreak):
        working.resume(row.pk, **plant.by("operator"))
    plant.sampled(row)
    assert working.resume(row.pk, **plant.by("operator")).state == rules.WORKING


def test_a_break_a_phone_tells_late_runs_from_when_it_began(plant: Plant):
    row = plant.working()
    plant.clock.advance(minutes=45)
    row = working.pause(row.pk, happened_at=plant.now - timedelta(minutes=40), **plant.by("operator"))
    with pytest.raises(refusals.GasAfterBreak):
        working.resume(row.pk, **plant.by("operator"))
    with pytest.raises(refusals.HappenedInTheFuture):
        working.finish(row.pk, happened_at=plant.now + timedelta(minutes=5), **plant.by("operator"))


def test_bad_air_stops_the_work_and_its_people_are_told(plant: Plant):
    row = plant.working()
    plant.clock.advance(minutes=20)
    plant.sampled(row, combustible=0.8)
    row = plant.read(row)
    assert (row.state, row.pause_kind) == (rules.PAUSED, rules.GAS)
    with pytest.raises(refusals.GasFailed):
        working.resume(row.pk, **plant.by("operator"))
    assert {"operator", "shift", "manager"} <= plant.told("permits.paused")


def test_bad_air_before_the_signature_takes_the_permit_back(plant: Plant):
    row = plant.confirmed(plant.permit())
    plant.sampled(row)
    assert plant.read(row).state == rules.ANALYSED
    plant.clock.advance(minutes=1)
    plant.sampled(row, combustible=0.8)
    assert plant.read(row).state == rules.CONFIRMED
    with pytest.raises(refusals.GasFailed):
        signing.approve(row.pk, **SIGNATURE, **plant.by("manager"))


def test_a_sample_kept_offline_is_marked_late_and_a_sample_of_tomorrow_refused(plant: Plant):
    row = plant.working()
    plant.clock.advance(minutes=50)
    plant.sampled(row, sampled_at=plant.now - timedelta(minutes=25))
    assert GasTest.objects.order_by("-received_at").first().late
    with pytest.raises(refusals.SampledInTheFuture):
        plant.sampled(row, sampled_at=plant.now + timedelta(hours=1))
    with pytest.raises(refusals.LimitNeeded):
        plant.sampled(row, toxics=[("某气体", 1.0, None)])
    plant.sampled(row, toxics=[("硫化氢", 2.0, None)])


def test_when_the_supervisor_leaves_work_rests_until_he_is_there_again(plant: Plant):
    row = plant.working()
    working.pause(row.pk, cause=rules.SUPERVISOR_LEFT, **plant.by("operator"))
    with pytest.raises(refusals.SupervisorAway):
        working.resume(row.pk, **plant.by("operator"))
    assert working.resume(row.pk, supervisor_present=True, **plant.by("operator")).state == rules.WORKING


def test_who_is_ordered_to_stop_does_not_let_himself_go_on(plant: Plant):
    row = plant.working()
    with pytest.raises(NotPermitted):
        working.stop(row.pk, reason="未戴安全带", **plant.by("operator"))
    working.stop(row.pk, reason="未戴安全带", **plant.by("inspector"))
    with pytest.raises(refusals.StoppedByOrder):
        working.resume(row.pk, **plant.by("manager"))
    with pytest.raises(refusals.StoppedByBureau):
        working.release(row.pk, reason="已整改", **plant.by("manager"))
    working.release(row.pk, reason="已整改", **plant.by("inspector"))
    with pytest.raises(refusals.NotStopped):
        working.release(row.pk, reason="已整改", **plant.by("inspector"))
    assert working.resume(row.pk, **plant.by("operator")).state == rules.WORKING


def test_a_permit_runs_out_over_the_work_that_goes_on_and_is_never_extended(plant: Plant):
    row = plant.working(hours=2)
    plant.pass_time(minutes=91)
    assert plant.told("permits.warned") >= {"operator", "shift", "manager"}
    plant.pass_time(minutes=30)
    row = plant.read(row)
    assert (row.state, row.overrun, row.open_longitude) == (rules.EXPIRED, True, None)
    assert {"operator", "shift", "manager"} <= plant.told("permits.expired")
    with pytest.raises(WrongState):
        working.resume(row.pk, **plant.by("operator"))
    plant.pass_time(minutes=5)
    assert [step.move for step in steps(row)].count("expire") == 1


def test_a_finish_kept_offline_until_after_the_end_is_noted_beside_the_expired_permit(plant: Plant):
    row = plant.working(hours=2)
    plant.pass_time(hours=3)
    row = working.finish(row.pk, happened_at=plant.now - timedelta(minutes=70), **plant.by("operator"))
    assert (row.state, row.overrun, row.finished_by_name) == (rules.EXPIRED, False, plant.actor("operator").name)


def test_a_permit_for_day_work_is_held_when_night_comes(plant: Plant):
    row = plant.approved(facts={}, hours=60, day_only=True, by="shift")
    plant.clock.advance(hours=12)
    plant.sampled(row)
    row = working.start(row.pk, **plant.by("operator"))
    plant.pass_time(hours=1)
    row = plant.read(row)
    assert (row.state, row.pause_kind) == (rules.PAUSED, rules.UPGRADE)
    with pytest.raises(refusals.UpgradeNeeded):
        working.resume(row.pk, **plant.by("operator"))


def test_a_confined_space_without_a_record_for_two_hours_is_told_once(plant: Plant):
    plant.working(rules.CONFINED_SPACE, by="shift", facts={})
    plant.pass_time(minutes=121)
    assert {"shift", "manager"} <= plant.told("permits.warned")


def test_finished_work_is_accepted_by_somebody_else(plant: Plant):
    row = working.finish(plant.working().pk, **plant.by("shift"))
    with pytest.raises(FourEyes):
        working.accept(row.pk, **plant.by("shift"))
    assert working.reject(row.pk, reason="余火未清", **plant.by("manager")).pause_kind == rules.NOT_ACCEPTED
    working.finish(row.pk, **plant.by("shift"))
    row = working.accept(row.pk, **plant.by("manager"))
    assert (row.state, row.next_look_at) == (rules.CLOSED, None)


def test_a_conflict_in_one_place_is_answered_before_the_signature_once_for_both(plant: Plant):
    fire = plant.confirmed(plant.permit())
    vessel = plant.permit(rules.CONFINED_SPACE, facts={"opens_vessel": True}, location="二车间 2# 反应釜")
    plant.sampled(fire)
    with pytest.raises(refusals.ConflictOpen):
        signing.approve(fire.pk, **SIGNATURE, **plant.by("manager"))
    assert len(queries.live_conflicts(plant.actor("inspector"), plant.now)) == 2
    assert queries.live_conflicts(plant.actor("neighbour"), plant.now) == []
    before = plant.now
    assert door.conflicts_at(before) == {plant.enterprise.pk: 2}
    plant.pass_time(minutes=5)
    for each in queries.conflicts_of(vessel, plant.now):
        signing.answer_conflict(vessel.pk, other_id=each.other.pk, pair=each.pair.code, reason="先封闭人孔，专人协调", **plant.by("shift"))
    assert signing.approve(fire.pk, **SIGNATURE, **plant.by("manager")).state == rules.APPROVED
    # The past is as it was known then.
    asked = (before - timedelta(days=1), before, plant.now)
    assert [door.conflicts_at(at, [plant.enterprise.pk]) for at in asked] == [{}, {plant.enterprise.pk: 2}, {}]
    with pytest.raises(NotFound):
        signing.answer_conflict(fire.pk, other_id=uuid4(), pair="hot_work~open_vessel", reason="x", **plant.by("shift"))


def test_others_see_and_do_nothing_of_a_permit_outside_their_jurisdiction(plant: Plant):
    row = plant.permit()
    with pytest.raises(NotFound):
        queries.permit(row.pk, plant.actor("neighbour"))
    with pytest.raises(NotPermitted):
        services.mark(row.pk, answers={1: rules.YES}, **plant.by("inspector"))
    assert [each.number for each in door.today(plant.enterprise.pk, plant.actor("inspector"), plant.now)] == [row.number]


def test_two_who_write_at_once_the_second_is_told_who_was_faster(plant: Plant):
    row = plant.permit()
    services.mark(row.pk, answers={1: rules.YES}, **plant.by("shift"))
    with pytest.raises(refusals.ChangedMeanwhile) as told:
        services.mark(row.pk, answers={1: rules.NO}, seen=row.version, **plant.by("manager"))
    assert plant.actor("shift").name in str(told.value)


# --- commitment


def test_who_owes_a_commitment_and_gives_none_is_told_with_the_inspector(plant: Plant):
    assert committing.open_day(plant.now) == 1
    assert committing.open_day(plant.now) == 0
    plant.pass_time(minutes=61)
    assert Commitment.objects.get().missed
    assert plant.told("commitments.missed") == {"manager", "principal", "inspector"}
    assert plant.commit().missed, "given late is not given in time"


def test_committed_to_none_while_a_hot_work_is_signed_is_told_to_the_bureau(plant: Plant):
    plant.commit()
    plant.approved()
    assert plant.told("commitments.contradicted") == {"manager", "principal", "inspector"}
    row = Commitment.objects.get()
    assert (row.contradicted, row.differences) == (True, [[HOT_1, 0, 1]])
    corrected = plant.commit(correct=True, reason="临时增加一处动火", **{HOT_1: 1})
    assert (corrected.corrected, corrected.contradicted) == (1, False)


def test_a_commitment_that_contradicts_what_is_known_needs_a_reason_and_is_given_once_a_day(plant: Plant):
    plant.approved()
    with pytest.raises(refusals.CommitmentReasonNeeded) as told:
        plant.commit()
    assert "承诺 0，实际 1" in str(told.value)
    plant.commit(**{HOT_1: 1})
    with pytest.raises(refusals.CommitmentGiven):
        plant.commit(**{HOT_1: 1})
    with pytest.raises(NotPermitted):
        plant.commit(by="operator")
    said = door.commitment(plant.enterprise.pk, law_day(plant.now))
    assert said is not None
    assert said.counts[HOT_1] == 1


def test_an_exercise_counts_against_nothing(plant: Plant):
    plant.commit()
    plant.approved(exercise=True)
    assert plant.told("commitments.contradicted") == set()


def test_alarms_beside_a_work_are_told_once(plant: Plant, monkeypatch):
    from anlan.prevent.permits import hearing

    row = plant.working()
    far = plant.approved(location="罐区", longitude=117.06)
    alarm = type("Alarm", (), {"longitude": 117.0501, "latitude": 36.66})()
    monkeypatch.setattr(hearing.alarms, "alarm", lambda _key: alarm)
    event = hearing.alarms.AlarmRaised(
        subject_id=uuid4(), place_code=row.place_code, at=plant.now, enterprise_id=row.enterprise_id, title="可燃气体高报", level=1,
        sensor_id=None, event_key=uuid4(),
    )  # fmt: skip
    hearing.hear_alarm(event)
    hearing.hear_alarm(event)
    assert list(AlarmNearby.objects.values_list("permit_id", flat=True)) == [row.pk]
    assert far.pk != row.pk
    assert {"operator", "manager"} <= plant.told("alarms.raised")
