"""Forces of a response: proposed with reasons, sent in one press, moved by their task, late when a road is closed, spoken to where no telephone is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.accounts import LOADER, client_for
from tests.rooms.jinan import NOW, actor
from tests.rooms.routes import two_ways

from anlan.command.contact import resolving
from anlan.command.duty import services as duty
from anlan.command.incidents import door, rules, sending, services, tasking
from anlan.command.incidents.models import Incident, ResponseTask
from anlan.command.resources import door as resources
from anlan.command.resources import services as registering
from anlan.desk.models import Notification
from anlan.ground.organisations.models import Organisation
from anlan.ground.roads import door as roads
from anlan.ground.roads import keeping
from anlan.kernel.access import Actor
from anlan.ledger.events import deliver_pending

pytestmark = pytest.mark.django_db

HERE, SCENE = "370102", (117.06, 36.62)


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def incident(county_officer: Actor) -> Incident:
    values = {"title": "液氯泄漏", "kind": "hazchem_leak", "place_code": HERE, "longitude": SCENE[0], "latitude": SCENE[1]}
    return services.open_incident(values, actor=county_officer, now=NOW)


def team(name: str, west: float, **more: Any) -> Any:
    values: dict[str, Any] = {"kind": "team", "name": name, "place_code": HERE, "longitude": SCENE[0] - west, "latitude": SCENE[1]}
    values |= {"offers": {"hazmat_leak": 1}, "duty_phone": "000-0000001", "turnout_min": 2}
    return registering.register_resource(actor=actor("bureau_clerk", HERE), now=NOW, **(values | more))


def order(incident: Incident, who: Actor, title: str = "堵漏", **more: Any) -> ResponseTask:
    values = {"title": title, "assignee": "危化队", "due": after(120), "capability": "hazmat_leak", **more}
    return tasking.order_task(incident, values, actor=who, now=NOW)


def test_the_nearest_is_sent_in_one_press_and_moves_with_its_task(incident: Incident, county_officer: Actor, clock: Any) -> None:
    clock.set(NOW)
    near, far = team("近队", 0.02), team("远队", 0.05)
    task, second = order(incident, county_officer), order(incident, county_officer, "转输")
    page, client = reverse("incidents:forces", args=[incident.pk]), client_for("duty_officer")
    shown = client.get(page).content.decode()
    assert shown.index("派出近队") < shown.index("派出远队"), "the soonest first, with one press for each"
    registering.add_qualification(near.pk, name="救援资质", valid_until=date(2020, 1, 1), actor=actor("bureau_clerk", HERE), now=NOW)
    assert "救援资质已过期" in client.get(page, {"task": task.pk}).content.decode()
    assert "近队" in client.get(reverse("contact:directory")).content.decode()
    assert [each.phone for each in resolving.of_key(f"resource:{near.pk}", NOW)] == ["000-0000001"]
    press = {"task": task.pk, "resource": near.pk}
    assert "救援资质" in client.post(page, press, follow=True).content.decode(), "sent all the same, and warned"
    refused = client.post(page, {"task": second.pk, "resource": near.pk})
    assert refused.status_code == 409
    assert "液氯泄漏：堵漏" in refused.content.decode(), "the refusal names the task that holds it"
    (force,) = door.forces(incident.pk, county_officer, NOW)
    assert (force.name, force.state, force.lapsed) == ("近队", rules.ORDERED, ("救援资质",))
    assert force.expected_at is not None
    assert "近队" in client.get(reverse("incidents:detail", args=[incident.pk]) + "?wall=1").content.decode()
    door.move_task(task.pk, "depart", actor=county_officer, now=after(5))
    with pytest.raises(rules.TooLateToSend):
        door.send_force(task.pk, far.pk, actor=county_officer, now=after(6))
    door.move_task(task.pk, "arrive", actor=county_officer, now=after(15))
    assert resources.resource(near.pk, county_officer, at=after(15)).held.arrived_at == after(15)  # type: ignore[union-attr]
    door.move_task(task.pk, "finish", "已堵住", actor=county_officer, now=after(60))
    assert resources.resource(near.pk, county_officer, at=after(60)).held is None
    assert door.forces(incident.pk, county_officer, after(60)) == ()


def test_whoever_has_no_telephone_is_told_by_another_way_and_somebody_must_speak_to_him(
    incident: Incident, county_officer: Actor, clock: Any
) -> None:
    clock.set(NOW)
    expert, task = team("氯专家", 0.02, kind="expert", duty_phone=""), order(incident, county_officer)
    with pytest.raises(rules.NobodyToReach, match="氯专家"):
        door.send_force(task.pk, expert.pk, actor=county_officer, now=NOW)
    assert resources.resource(expert.pk, county_officer, at=NOW).held is None
    Organisation.objects.filter(place_code=HERE).update(duty_phone="0531-2")
    door.send_force(task.pk, expert.pk, actor=county_officer, now=NOW)
    (force,) = door.forces(incident.pk, county_officer, NOW)
    assert (force.told_through, force.by_mouth) == ("历下区应急管理局 0531-2", True)
    assert [each["title"] for each in duty.digest(county_officer, NOW)["by_mouth"]] == ["堵漏：氯专家"]
    page, client = reverse("incidents:forces", args=[incident.pk]), client_for("duty_officer")
    assert client.post(page, {"task": task.pk, "what": "spoken", "to": " "}).status_code == 422
    assert client.post(page, {"task": task.pk, "what": "spoken", "to": "门卫王某"}).status_code == 302
    assert not door.forces(incident.pk, county_officer, NOW)[0].by_mouth
    assert any("门卫王某" in line.text for line in door.timeline(incident.pk, county_officer, after(1)))
    with pytest.raises(rules.NothingToSay):
        sending.speak(order(incident, county_officer, "侦检"), "王某", actor=county_officer, now=NOW)


def test_a_road_closed_on_the_way_makes_the_arrival_later_and_everybody_is_told(incident: Incident, county_officer: Actor) -> None:
    keeping._loaded.clear()
    told = {"name": "测试路网", "source": "程序生成", "licence": "", "place_code": "370100", "generated": True}
    roads.keep_network(two_ways(SCENE), **told, actor=LOADER, now=NOW)
    row, task = team("F1", 0.0895, vehicle="fire_engine"), order(incident, county_officer)
    door.send_force(task.pk, row.pk, actor=county_officer, now=NOW)
    (before,) = door.forces(incident.pk, county_officer, NOW)
    assert rules.shift_minutes(NOW, before.expected_at) == 13, "two minutes to turn out, eight kilometres by road"
    clerk = actor("bureau_clerk", HERE)
    where = {"name": "R7", "reason": "货车侧翻", "place_code": HERE, "shape": "point", "points": ((SCENE[0] - 0.007, SCENE[1]),)}
    closed = roads.close_road(**where, radius_m=40.0, from_at=after(9), actor=clerk, now=after(9))
    deliver_pending()
    (late,) = door.forces(incident.pk, county_officer, after(9))
    assert late.shift == rules.shift_minutes(before.expected_at, late.expected_at) == 6
    lines = [line.text for line in door.timeline(incident.pk, county_officer, after(10)) if line.code == "log.system"]
    assert len(lines) == 1
    assert lines[0].startswith("R7封闭：F1改道")
    assert Notification.objects.filter(account_id=county_officer.account_id, sentence__contains="预计到场时间改为").count() == 1
    assert ResponseTask.objects.get(pk=task.pk).way["since"] == after(9).isoformat(), "from where it was when the road was closed"
    roads.open_road(closed.id, reason="已清理", actor=clerk, now=after(9.5))
    deliver_pending()
    assert door.forces(incident.pk, county_officer, after(10))[0].shift == 0
