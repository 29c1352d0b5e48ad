"""Aid between two counties that may not see each other's affairs; people on scene who report, or do not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.accounts import client_for, make_account
from tests.rooms.jinan import NOW, actor

from anlan.command.dispatch import aid, door, queries, rules, scene, sweeping
from anlan.command.dispatch.models import AidAnswer, AidRequest, Presence
from anlan.command.incidents import door as incidents
from anlan.command.resources import door as resources
from anlan.desk.models import Notification
from anlan.ground.organisations.models import Organisation
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import MissingFields
from anlan.ledger import clocks
from anlan.ledger.events import deliver_pending

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def incident(county_officer: Actor) -> Any:
    values = {"title": "液氯泄漏", "kind": "hazchem_leak", "place_code": "370102", "description": "内情", "exercise": True}
    values |= {"longitude": 117.05, "latitude": 36.62}
    return incidents.open_incident(values, actor=county_officer, now=NOW)


@pytest.fixture
def neighbour(world: None) -> Organisation:
    return Organisation.objects.get(place_code="370103")


def ask(incident: Any, who: Actor, *units: Organisation, **more: Any) -> AidRequest:
    values = {
        "title": "危化救援队",
        "need": "危化队 1 支",
        "told": "液氯储槽泄漏，需堵漏力量",
        "meeting_point": "化工路东口",
        "needed_by": after(90),
        **more,
    }
    return aid.ask(incident, values, [unit.pk for unit in units], actor=who, now=after(8))


def test_the_hazmat_team_of_the_next_county_is_asked_agreed_sent_arrives_and_goes_home(
    incident: Any, neighbour: Organisation, county_officer: Actor, other_county_officer: Actor
) -> None:
    theirs = make_account("theirs", "duty_officer", "370103", now=NOW)
    due = {"title": "堵漏", "assignee": "危化队 F2", "due": after(120)}
    task = incidents.order_task(incident, due, actor=county_officer, now=after(8))
    request = ask(incident, county_officer, neighbour, task_id=task)
    deliver_pending()
    assert Notification.objects.filter(account_id=theirs.pk, sentence__contains="请求增援").exists()
    answer = queries.answer(AidAnswer.objects.get().pk, other_county_officer)
    with pytest.raises(rules.NotYetAgreed):
        aid.agree(answer, actor=county_officer, now=after(9))
    theirs_to_send = {
        "kind": "team",
        "name": "F2",
        "place_code": "370103",
        "longitude": 117.0,
        "latitude": 36.6,
        "offers": {"hazmat_leak": 1},
    }
    team = resources.register_resource(actor=actor("bureau_clerk", "370103"), now=NOW, **theirs_to_send)
    offered = {"offer": "危化队 20 人 4 车", "phone": "0531-1", "people": 20, "resource_id": team}
    aid.offer(answer, offered, actor=other_county_officer, now=after(12))
    with pytest.raises(NotPermitted):
        resources.commit(team, subject_type="x", subject_id=team, title="x", actor=county_officer, now=after(12))
    assert clocks.for_subject(answer).get().state == "met"
    with pytest.raises(MissingFields, match="请求方同意"):
        aid.send(answer, actor=other_county_officer, now=after(13))
    with pytest.raises(NotPermitted):
        aid.agree(answer, actor=other_county_officer, now=after(13))
    answer = aid.agree(answer, actor=county_officer, now=after(14))
    aid.send(answer, actor=other_county_officer, now=after(16))
    deliver_pending()
    assert resources.resource(team, None, at=after(17)).held is not None, "committed by its own officer when it is sent"
    (force,) = incidents.forces(incident, county_officer, after(17))
    assert (force.name, force.unit, force.state, force.phone, force.address) == ("F2", neighbour.name, "en_route", "0531-1", "")
    assert force.expected_at is not None
    assert incidents.task(task, county_officer, after(17)).state == "en_route"
    with pytest.raises(rules.AidStillOut, match=neighbour.name):
        aid.end(request, actor=county_officer, now=after(20))
    aid.arrived(answer, actor=county_officer, now=after(71))
    deliver_pending()
    assert incidents.task(task, county_officer, after(72)).state == "on_scene"
    answer = aid.release(answer, actor=county_officer, now=after(300))
    aid.came_back(answer, Decimal("12800.00"), "油料、药剂", actor=other_county_officer, now=after(380))
    assert resources.resource(team, None, at=after(381)).held is None
    aid.end(request, actor=county_officer, now=after(400))
    lines = [line for line in incidents.timeline(incident, county_officer, after(500)) if line.kind == "aid"]
    codes = [line.code for line in lines]
    assert codes == ["aid.ask", "aid.offer", "aid.agree", "aid.send", "aid.arrive", "aid.release", "aid.back"]
    assert next(line for line in lines if line.code == "aid.arrive").met is True


def test_each_county_sees_its_own_side_only(
    incident: Any, neighbour: Organisation, county_officer: Actor, other_county_officer: Actor, city_officer: Actor
) -> None:
    request = ask(incident, county_officer, neighbour)
    answer = AidAnswer.objects.get()
    for look in (lambda: queries.request(request.pk, other_county_officer), lambda: queries.answer(answer.pk, county_officer)):
        with pytest.raises(NotFound):
            look()
    with pytest.raises(NotFound):
        incidents.incident(incident, other_county_officer)
    assert queries.answer(answer.pk, city_officer) == answer
    page = client_for("duty_officer", "370103").get(f"/aid-answers/{answer.pk}/").content.decode()
    assert "液氯储槽泄漏，需堵漏力量" in page
    assert "内情" not in page
    assert client_for("duty_officer", "370102").get(f"/aid/{request.pk}/").status_code == 200
    assert client_for("duty_leader", "370103").get(f"/aid/{request.pk}/").status_code == 404
    AidRequest.objects.update(shared=True)
    assert "内情" in client_for("duty_leader", "370103").get(f"/aid-answers/{answer.pk}/").content.decode()


def test_nobody_asks_himself_and_a_request_taken_back_calls_off_what_was_not_answered(
    incident: Any, neighbour: Organisation, county_officer: Actor
) -> None:
    own = Organisation.objects.get(place_code="370102")
    with pytest.raises(rules.NobodyAsked):
        ask(incident, county_officer, own)
    with pytest.raises(rules.NeededInThePast):
        ask(incident, county_officer, neighbour, needed_by=after(1))
    request = ask(incident, county_officer, neighbour, Organisation.objects.get(place_code="370100"))
    aid.withdraw(request, "已堵住", actor=county_officer, now=after(20))
    assert set(request.answers.values_list("state", flat=True)) == {rules.CALLED_OFF}
    assert {clocks.for_subject(row).get().state for row in request.answers.all()} == {"cancelled"}


def enter(incident: Any, who: Actor, name: str, at: float, **more: Any) -> Presence:
    return scene.enter(incident, {"who": name, "sector": "储槽区", "people": 4, **more}, actor=who, now=after(at))


def test_whoever_does_not_report_in_time_rings_louder_until_he_is_heard_of(incident: Any, county_officer: Actor) -> None:
    officer, leader = (make_account(name, kind, "370102", now=NOW) for name, kind in (("off", "duty_officer"), ("lead", "duty_leader")))
    crew = enter(incident, county_officer, "F1 一组", 31)
    assert crew.check_by == after(51)
    scene.check_in(crew, actor=county_officer, now=after(45))
    assert sweeping.sweep(after(64)) == 0
    told = []
    for minutes in (65, 65, 70, 75, 90):
        sweeping.sweep(after(minutes))
        deliver_pending()
        told.append(tuple(Notification.objects.filter(account_id=each.pk).count() for each in (officer, leader)))
    assert told == [(1, 0), (1, 0), (2, 1), (3, 2), (3, 2)]
    assert door.on_scene(incident, county_officer, after(80)).overdue == 1
    scene.check_in(crew, actor=county_officer, now=after(92))
    lines = [line for line in incidents.timeline(incident, county_officer, after(95)) if line.kind == "scene"]
    assert [(line.code, line.met, line.late_minutes) for line in lines] == [("scene.enter", None, 0), ("scene.overdue", False, 27)]


def test_a_signal_to_leave_is_open_until_the_last_one_is_accounted_for(incident: Any, county_officer: Actor) -> None:
    first, second = (enter(incident, county_officer, name, 31) for name in ("一组", "二组"))
    with pytest.raises(rules.AlreadyInside, match="储槽区"):
        enter(incident, county_officer, "一组", 32)
    given = scene.signal(incident, "储槽开裂", actor=county_officer, now=after(40))
    with pytest.raises(rules.SectorCleared):
        enter(incident, county_officer, "三组", 41)
    scene.leave(first, actor=county_officer, now=after(43))
    assert sweeping.sweep(after(50)) == 1
    assert [row.who for row in queries.unaccounted(given)] == ["二组"]
    scene.leave(second, "在洗消点清点到", actor=county_officer, now=after(52))
    given.refresh_from_db()
    assert given.state == rules.ACCOUNTED
    assert sweeping.sweep(after(60)) == 0
    line = next(line for line in incidents.timeline(incident, county_officer, after(60)) if line.code == "signal.account")
    assert (line.met, line.late_minutes) == (False, 2)
    enter(incident, county_officer, "三组", 61)
    assert scene.signal(incident, "演练", queries.sectors(incident).get(), actor=county_officer, now=after(62)).state == rules.SIGNALLED


def test_the_scene_is_kept_on_its_page(incident: Any) -> None:
    officer = client_for("duty_officer", "370102")
    page = f"/incidents/{incident}/scene/"
    assert officer.post(f"{page}enter/", {"who": "", "people": 1, "sector": "储槽区", "zone": "hot"}).status_code == 422
    entry = {"who": "F1 一组", "people": 4, "sector": "储槽区", "zone": "hot"}
    assert officer.post(f"{page}enter/", entry).status_code == 302
    assert officer.post(f"{page}enter/", entry).status_code == 409
    crew = Presence.objects.get()
    officer.post(f"/scene/people/{crew.pk}/check_in/")
    assert officer.post(f"{page}signal/", {"reason": "险情"}).status_code == 302
    assert "F1 一组" in officer.get(page).content.decode()
    officer.post(f"/scene/people/{crew.pk}/leave/", {"note": "撤出"})
    crew.refresh_from_db()
    assert crew.state == rules.OUT
    incident_page = officer.get(f"/incidents/{incident}/").content.decode()
    assert page in incident_page
    assert f"/incidents/{incident}/aid/new/" in incident_page
    asked = {"title": "队", "need": "队", "told": "漏", "meeting_point": "门", "needed_by": "2099-01-01T00:00"}
    unit = Organisation.objects.get(place_code="370103")
    assert officer.post(f"/incidents/{incident}/aid/new/", {**asked, "units": [str(unit.pk)]}).status_code == 302
    assert officer.post(f"/incidents/{incident}/aid/new/", asked).status_code == 422
