"""Orders and the command structure: who is told, who does not answer, who commanded when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.accounts import actor_of, make_account
from tests.rooms.jinan import NOW, actor

from anlan.command.duty import door as duty
from anlan.command.incidents import door, queries, rules, services, structuring, sweeping, tasking
from anlan.command.incidents.models import Incident, Response
from anlan.command.plans import door as plans
from anlan.desk.models import Notification
from anlan.ground.organisations.models import Organisation
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.flow import ReasonRequired
from anlan.ledger import clocks
from anlan.ledger.events import deliver_pending

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def incident(county_officer: Actor) -> Incident:
    plans.load_examples(actor=system_actor("loader"), now=NOW)
    values = {"title": "液氯泄漏", "kind": "hazchem_leak", "place_code": "370102", "level_code": "IV", "exercise": True}
    return services.open_incident(values, actor=county_officer, now=NOW)


def propose(incident: Incident, who: Actor, now: Any) -> Response:
    plan = plans.plan_for("hazchem_leak", "370102")
    assert plan is not None
    values = {
        "plan_id": plan.id,
        "level": "III",
        "matter": "液氯泄漏处置",
        "grounds": "突发事件应对法第七十一条",
        "measures": "疏散下风向人员",
        "expected_until": after(24 * 60),
    }
    return services.propose_response(incident, values, actor=who, now=now)


def order(incident: Incident, who: Actor, **more: Any) -> Any:
    values = {"title": "侦检", "assignee": "危化救援队", "due": after(60), **more}
    return tasking.order_task(incident, values, actor=who, now=after(10))


def told(account_id: Any) -> set[str]:
    return {each.sentence for each in Notification.objects.filter(account_id=account_id)}


def test_an_order_goes_from_given_to_done_and_both_its_clocks_are_judged(incident: Incident, county_officer: Actor) -> None:
    task = order(incident, county_officer)
    tasking.depart(task, actor=county_officer, now=after(17))
    tasking.arrive(task, actor=county_officer, now=after(31))
    tasking.finish_task(task, "浓度 30 ppm", actor=county_officer, now=after(50))
    assert (task.accepted_at, task.departed_at, task.arrived_at) == (after(17), after(17), after(31))
    states = dict(clocks.for_subject(task).values_list("rule_code", "state"))
    assert states == {rules.ACCEPT_CLOCK: "missed", rules.TASK_CLOCK: "met"}
    lines = {line.code: line for line in door.timeline(incident.pk, county_officer, after(60)) if line.kind == "task"}
    assert (lines["order.depart"].met, lines["order.depart"].late_minutes, lines["task.finish"].met) == (False, 2, True)


def test_what_must_be_done_first_holds_a_task_up_until_it_is_done_or_taken_back(
    incident: Incident, county_officer: Actor, county_leader: Actor
) -> None:
    first = order(incident, county_officer, code="cordon", title="警戒")
    second = order(incident, county_officer, depends_on=["cordon"])
    tasking.accept_task(second, actor=county_officer, now=after(11))
    with pytest.raises(rules.TaskWaits, match="#1 警戒"):
        tasking.arrive(second, actor=county_officer, now=after(12))
    tasking.cancel_task(first, "改由交警", actor=county_leader, now=after(13))
    tasking.arrive(second, actor=county_officer, now=after(14))


def test_an_order_to_somebody_without_a_telephone_goes_to_his_units_duty_desk_or_is_refused(
    incident: Incident, county_officer: Actor
) -> None:
    mute = make_account("mute", "rescue_team", "370102", now=NOW)
    with pytest.raises(rules.NobodyToReach, match="Mute"):
        order(incident, county_officer, assignee_account_id=mute.pk)
    assert incident.tasks.count() == 0
    unit = Organisation.objects.get(place_code="370102")
    Organisation.objects.filter(pk=unit.pk).update(duty_phone="0531-12345")
    task = order(incident, county_officer, assignee_account_id=mute.pk, assignee_organisation_id=unit.pk)
    assert task.told_through == f"{unit.name} 0531-12345"


def test_nobody_accepts_and_the_order_is_pressed_on_up_to_the_leaders(incident: Incident, county_officer: Actor) -> None:
    officer, leader = (make_account(name, kind, "370102", now=NOW) for name, kind in (("off", "duty_officer"), ("lead", "duty_leader")))
    task = order(incident, actor_of(officer))
    assert sweeping.sweep(after(14)) == 0
    heard = []
    for minutes in (15, 15, 20, 25, 40):
        sweeping.sweep(after(minutes))
        deliver_pending()
        task.refresh_from_db()
        heard.append((task.reminded, Notification.objects.filter(account_id=leader.pk).count()))
    assert heard == [(1, 0), (1, 0), (2, 0), (3, 1), (3, 1)]
    with pytest.raises(ReasonRequired):
        tasking.decline_task(task, " ", actor=county_officer, now=after(41))
    tasking.decline_task(task, "装备损坏", actor=county_officer, now=after(41))
    deliver_pending()
    assert any("被拒绝" in sentence for sentence in told(officer.pk))
    assert set(clocks.for_subject(task).values_list("state", flat=True)) == {"cancelled"}


def test_a_leader_who_sleeps_is_passed_over_and_that_is_written_down(incident: Incident, county_officer: Actor) -> None:
    asleep, awake, above = (
        make_account(name, "duty_leader", place, now=NOW)
        for name, place in (("asleep", "370102"), ("awake", "370102"), ("above", "370100"))
    )
    duty.add_shift(asleep.pk, "leader", after(-60), after(600), actor=system_actor("rota"), now=NOW, place_code="370102")
    response = propose(incident, county_officer, after(7))
    assert ([bool(told(each.pk)) for each in (asleep, awake, above)]) == [True, False, False]
    assert sweeping.sweep(after(11)) == 0
    assert sweeping.sweep(after(12)) == 1
    assert ([bool(told(each.pk)) for each in (asleep, awake, above)]) == [True, True, False]
    response.refresh_from_db()
    assert (response.recommended, response.recommended_for) == ("IV", "一般事故")
    services.start_response(response, actor=actor_of(awake), now=after(13))
    decision = incident.entries.get(kind="decision").text
    assert "Asleep（02:21请批，未应答）" in decision
    assert sweeping.sweep(after(30)) > 0, "only orders are pressed from here on"
    assert not told(above.pk)


def test_the_structure_is_filled_from_plan_and_rota_changed_with_its_history_and_handed_above(
    incident: Incident, county_officer: Actor, city_officer: Actor
) -> None:
    leader = make_account("boss", "duty_leader", "370102", now=NOW)
    duty.add_shift(leader.pk, "leader", after(-60), after(600), actor=system_actor("rota"), now=NOW, place_code="370102")
    county_leader, city_leader = actor("duty_leader", "370102"), actor("duty_leader", "370100")
    services.start_response(propose(incident, county_officer, after(7)), actor=county_leader, now=after(8))
    (top,) = structuring.structure(incident)
    assert (top.post.holder, top.post.how, len(top.below)) == ("Boss", "rota", 8)
    assert all(not line.post.holder for line in top.below), "groups that no unit fills are shown vacant"
    assert {task.group for task in incident.tasks.all()} <= {top.post.group, *(line.post.group for line in top.below)}

    unit = Organisation.objects.get(place_code="370103")
    values = {"group": "rescue", "organisation_id": unit.pk, "reason": "危化队先到"}
    structuring.appoint(incident, values, actor=county_leader, now=after(20))
    with pytest.raises(rules.AlreadyHolds):
        structuring.appoint(incident, values, actor=county_leader, now=after(21))
    with pytest.raises(rules.NotAbove):
        structuring.offer_command(incident, unit.pk, "x", actor=county_leader, now=after(22))

    city = Organisation.objects.get(place_code="370100")
    transfer = structuring.offer_command(incident, city.pk, "两处泄漏，县级力量不足", actor=county_leader, now=after(30))
    with pytest.raises(rules.NotOffered):
        structuring.take_command(transfer, actor=actor("duty_leader", "370000"), now=after(31))
    structuring.take_command(transfer, actor=city_leader, now=after(32))
    incident.refresh_from_db()
    assert incident.organisation_id == city.pk
    (top,) = structuring.structure(incident)
    assert (top.post.holder, [(p.holder, p.since, p.until) for p in top.before]) == (city_leader.name, [("Boss", after(8), after(32))])
    codes = [line.code for line in door.timeline(incident.pk, county_officer, after(40)) if line.kind == "structure"]
    assert codes == ["structure.form", "structure.appoint", "transfer.open", "transfer.take"]


def test_my_tasks_are_mine_my_units_and_those_of_the_groups_i_lead(incident: Incident, county_officer: Actor, county_leader: Actor) -> None:
    unit = Organisation.objects.get(place_code="370102")
    order(incident, county_leader, assignee_organisation_id=unit.pk, title="本单位的")
    order(incident, county_leader, title="别人的")
    structuring.appoint(incident, {"group": "own-1", "group_name": "侦检组", "organisation_id": unit.pk}, actor=county_leader, now=after(5))
    order(incident, county_leader, title="本组的", group="own-1")
    assert {task.title for task in door.my_tasks(county_officer, after(11))} == {"本单位的", "本组的"}
    assert queries.my_tasks(actor("duty_officer", "370103")).count() == 0
