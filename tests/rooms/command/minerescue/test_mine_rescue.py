"""An explosion in a coal mine at night: squads go in and out by the rules, one is late, the air turns, everybody is called out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.accounts import client_for, make_account
from tests.rooms.jinan import NOW

from anlan.command.dispatch import sweeping
from anlan.command.dispatch.door import on_scene
from anlan.command.incidents import door as incidents
from anlan.command.minerescue import door, queries, rules, services
from anlan.command.minerescue.models import Entry, Operation, Squad
from anlan.desk.models import Notification
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.ledger.events import deliver_pending

pytestmark = pytest.mark.django_db
FULL = [20.0] * 6
NETWORK = """井底车场, base, 10, 80, 0
运输巷, intake, 50, 80, 10
工作面, face, 90, 50, 25
井底车场 > 运输巷, 600
运输巷 > 工作面, 900
"""


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def mine(world: None) -> Enterprise:
    return Enterprise.objects.create(uscc="91370102MA00000M0X", name="示范煤业有限公司", place_code="370102", sector_code="S46")


@pytest.fixture
def operation(mine: Enterprise, county_officer: Actor) -> Operation:
    values = {"title": "瓦斯爆炸", "kind": "mine", "place_code": "370102", "enterprise_id": mine.pk, "exercise": True}
    incident = incidents.open_incident(values, actor=county_officer, now=NOW)
    row = services.open_operation(incident, "gas", actor=county_officer, now=after(1))
    services.draw(row, NETWORK, actor=county_officer, now=after(2))
    return row


def squad(row: Operation, name: str, duty: str, who: Actor) -> Squad:
    members = [{"name": f"{name}{n}", "apparatus": f"HY-{n}"} for n in range(6)]
    return services.keep_squad(row, {"name": name, "members": members, "duty": duty}, actor=who, now=after(3))


def go(row: Operation, squad: Squad, who: Actor, at: float, **other: Any) -> Entry:
    face = row.places.get(name="工作面")
    values = {"purpose": "侦察", "pressures": FULL, "trip_minutes": 60, "turn_rule": "half", **other}
    return services.enter(row, squad, face, values, actor=who, now=after(at))


def tell(row: Operation, who: Actor, at: float, **values: Any) -> Any:
    if "place" in values:
        values["place"] = row.places.get(name=values["place"])
    return services.report(row, values, actor=who, now=after(at))


def test_a_squad_goes_in_reports_turns_and_comes_out_and_an_overdue_one_rings(operation: Operation, county_officer: Actor) -> None:
    make_account("called", "duty_officer", "370102", now=NOW)
    first = squad(operation, "一小队", rules.RESERVE, county_officer)
    with pytest.raises(rules.EntryRefused) as caught:
        go(operation, first, county_officer, 5)
    assert caught.value.facts["codes"] == ("no_standby",)
    squad(operation, "二小队", rules.STANDBY, county_officer)
    entry = go(operation, first, county_officer, 5)
    assert [each["code"] for each in entry.findings] == ["unmeasured", "unmeasured"]
    assert (entry.standby_name, entry.turn_at) == ("二小队", after(5 + 90))
    with pytest.raises(rules.AlreadyUnderground):
        go(operation, first, county_officer, 6)
    assert on_scene(operation.incident_id, county_officer, after(6)).people == 6
    # Breathing hard: half of the oxygen is gone in twenty minutes, so the turn comes early.
    tell(operation, county_officer, 20, entry=entry, place="工作面", methane=0.8, oxygen=19.8, pressures=[20, 19, 18, 17, 16, 15])
    entry.refresh_from_db()
    assert (entry.lowest, entry.turn_at) == (15.0, after(20 + 2.5 / (5 / 15)))
    assert sweeping.sweep(after(26)) == 0
    assert sweeping.sweep(after(28)) == 1
    deliver_pending()
    assert Notification.objects.filter(sentence__contains="超时未报告安全").exists()
    services.turn(entry, actor=county_officer, now=after(29))
    with pytest.raises(rules.StillUnderground, match="一小队"):
        services.end(operation, "救出", actor=county_officer, now=after(30))
    services.leave(entry, [10] * 6, actor=county_officer, now=after(45))
    assert on_scene(operation.incident_id, county_officer, after(46)).people == 0
    lines = [line for line in incidents.timeline(operation.incident_id, county_officer, after(60)) if line.kind == "minerescue"]
    assert [line.code.removeprefix("minerescue.") for line in lines] == ["open", "enter", "turn", "leave"]
    assert lines[-1].met is True
    assert not any("一小队0" in line.title + line.text for line in lines)


def test_air_that_turns_is_told_at_once_and_only_the_commander_lets_anybody_in_with_his_grounds(
    operation: Operation, county_officer: Actor, county_leader: Actor, other_county_officer: Actor
) -> None:
    make_account("called", "duty_officer", "370102", now=NOW)
    first, second = (squad(operation, name, duty, county_officer) for name, duty in (("一小队", rules.RESERVE), ("二小队", rules.STANDBY)))
    with pytest.raises(rules.ImpossibleAir):
        tell(operation, county_officer, 4, place="工作面", methane=9.0, oxygen=20.9)
    wrong = tell(operation, county_officer, 4, place="工作面", methane=9.0, oxygen=18.0)
    deliver_pending()
    assert Notification.objects.filter(sentence__contains="接近爆炸范围", tone="red").exists()
    for who, grounds in ((county_officer, ""), (county_officer, "抢救")):
        with pytest.raises(rules.EntryRefused, match="爆炸范围"):
            go(operation, first, who, 5, grounds=grounds)
    entry = go(operation, first, county_leader, 6, grounds="确认有人呼救")
    assert (entry.grounds, entry.allowed_by_name) == ("确认有人呼救", county_leader.name)
    # It was 0.9 %: the line that replaces it counts, the first one stays in the book.
    tell(operation, county_officer, 7, place="工作面", methane=0.9, oxygen=20.5, replaces=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        operation.reports.update(methane=0.9)
    assert operation.reports.count() == 2
    services.forbid(operation, "explosion", "二次爆炸", actor=county_leader, now=after(8))
    entry.refresh_from_db()
    assert entry.must_turn(after(8))
    assert on_scene(operation.incident_id, county_officer, after(8)).signalled
    services.leave(entry, actor=county_officer, now=after(20))
    squad(operation, "三小队", rules.STANDBY, county_officer)
    with pytest.raises(rules.EntryRefused) as caught:
        go(operation, second, county_officer, 30)
    assert caught.value.facts["codes"] == ("held",)
    hold = operation.holds.get()
    with pytest.raises(NotPermitted):
        services.lift(operation, hold, "通风恢复", actor=county_officer, now=after(40))
    services.lift(operation, hold, "通风恢复，连续三次取样正常", actor=county_leader, now=after(40))
    services.leave(go(operation, second, county_officer, 41), actor=county_officer, now=after(80))
    with pytest.raises(NotFound):
        queries.operation(operation.pk, other_county_officer)
    services.end(operation, "人员全部救出", actor=county_leader, now=after(90))
    with pytest.raises(rules.OperationEnded):
        tell(operation, county_officer, 91, note="井下已无人")
    again = incidents.open_incident(
        {"title": "演练", "kind": "mine", "place_code": "370102", "enterprise_id": operation.enterprise_id},
        actor=county_officer,
        now=after(99),
    )
    assert services.written(services.open_operation(again, "fire", actor=county_officer, now=after(100))).startswith("井底车场, base")


def test_the_pages_take_what_is_typed_and_tell_what_is_wrong(operation: Operation, county_officer: Actor, plant: Any) -> None:
    first = squad(operation, "一小队", rules.RESERVE, county_officer)
    page, address = client_for("duty_officer", "370102"), queries.address(operation.pk)
    face = operation.places.get(name="工作面")
    assert (
        page.post(f"{address}report/", {"place": str(face.pk), "methane": "0.6", "oxygen": "20.1", "temperature": "27"}).status_code == 302
    )
    assert page.post(f"{address}report/", {"place": str(face.pk), "methane": "六"}).status_code == 422
    going = {
        "enter-squad": str(first.pk),
        "enter-place": str(face.pk),
        "enter-purpose": "侦察",
        "enter-trip_minutes": "60",
        "enter-turn_rule": "half",
    }
    assert page.post(f"{address}enter/", {**going, "enter-pressures": "20 二十"}).status_code == 422
    refused = page.post(f"{address}enter/", {**going, "enter-pressures": "20 20 20 20 20 20"})
    assert refused.status_code == 409
    assert "基地没有待机小队" in refused.content.decode()
    text = {"text": NETWORK.replace("face", "地窖")}
    assert page.post(f"{address}network/", text).status_code == 422
    shown = page.get(address).content.decode()
    assert "0.60" in shown
    assert "低于爆炸下限" in shown
    assert client_for("duty_officer", "370103").get(address).status_code == 404
    at_plant = incidents.open_incident(
        {"title": "液氯泄漏", "kind": "hazchem_leak", "place_code": "370102", "enterprise_id": plant.pk}, actor=county_officer, now=after(1)
    )
    assert page.post(f"/incidents/{at_plant}/mine-rescue/", {"disaster": "gas"}).status_code == 409
    assert door.of_incident(at_plant, county_officer, after(2)) is None
