"""Resources from their registration to a task and back: one resource, one task; the nearest that is ready first; a ledger that balances."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from tests.accounts import LOADER
from tests.rooms.jinan import NOW, actor

from anlan.command.resources import committing, door, queries, rules, services, stocking
from anlan.command.resources.models import Commitment, RescueResource, StockItem, StockMovement
from anlan.ground.facilities.models import Facility
from anlan.ground.risksources.models import RiskSource
from anlan.ground.roads import door as roads
from anlan.ground.roads import keeping
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.ledger.models import Announcement
from anlan.routing import synthetic

pytestmark = pytest.mark.django_db

HERE, THERE, CITY = "370102", "370103", "370100"
PLANT = (117.02, 36.62)
CORNER = (117.0, 36.6)


@pytest.fixture
def clerk(world: None) -> Actor:
    return actor("bureau_clerk", HERE)


@pytest.fixture
def other_clerk(world: None) -> Actor:
    return actor("bureau_clerk", THERE)


def team(who: Actor, name: str, east: float = 0.0, **more: Any) -> RescueResource:
    values: dict[str, Any] = {
        "kind": "team",
        "name": name,
        "place_code": who.place_code,
        "longitude": PLANT[0] + east,
        "latitude": PLANT[1],
        "offers": {"hazmat_leak": 1},
        "duty_phone": "000-0000001",
        "contact_phone": "000-0000002",
    }
    return services.register_resource(actor=who, now=NOW, **(values | more))


def task() -> dict[str, Any]:
    return {"subject_type": "incidents.task", "subject_id": uuid4(), "title": "堵漏"}


def need(**more: Any) -> door.Need:
    return door.Need(
        **({"capability": "hazmat_leak", "quantity": Decimal(2), "longitude": PLANT[0], "latitude": PLANT[1], "at": NOW} | more)
    )


def names(found: door.Recommendation) -> list[str]:
    return [each.resource.name for each in found.choices]


# --- one resource, one task ------------------------------------------------------------------------------------------------------


def test_one_resource_does_one_task_and_the_refusal_names_it(clerk: Actor, county_officer: Actor) -> None:
    row, first = team(clerk, "危化队"), task()
    told = {"actor": county_officer, "now": NOW}
    door.commit(row.pk, **first, **told)
    door.commit(row.pk, **first, **told)  # asked twice, taken once
    assert Commitment.objects.count() == 1
    with pytest.raises(door.AlreadyCommitted) as refused:
        door.commit(row.pk, **(task() | {"title": "警戒"}), **told)
    assert refused.value.facts["title"] == "堵漏"
    with pytest.raises(door.AlreadyCommitted):
        services.set_readiness(row.pk, readiness="out", reason="检修", **told)
    subject = {key: first[key] for key in ("subject_type", "subject_id")}
    at = NOW + timedelta(minutes=9)
    assert door.arrived(row.pk, **subject, actor=county_officer, now=at).held.arrived_at == at  # type: ignore[union-attr]
    assert [each.id for each in door.held_by(**subject, actor=county_officer, at=at)] == [row.pk]
    assert door.release(row.pk, **subject, reason="完成", **told).readiness == rules.READY
    with pytest.raises(door.NotCommitted):
        door.release(row.pk, **subject, **told)


def test_a_team_is_split_by_its_units_only_and_they_hold_each_other(clerk: Actor, county_officer: Actor) -> None:
    whole = team(clerk, "支队")
    left, right = (team(clerk, name, parent_id=whole.pk) for name in ("一分队", "二分队"))
    told = {"actor": county_officer, "now": NOW}
    first = task()
    committing.commit(left.pk, **first, **told)
    with pytest.raises(rules.AlreadyCommitted) as refused:
        committing.commit(whole.pk, **task(), **told)
    assert refused.value.facts["name"] == "一分队"
    committing.commit(right.pk, **task(), **told)
    assert names(door.recommend(need(), actor=county_officer)) == []
    committing.release(left.pk, subject_type=first["subject_type"], subject_id=first["subject_id"], **told)
    assert names(door.recommend(need(), actor=county_officer)) == ["一分队"], "the other unit still keeps the team from going whole"
    with pytest.raises(Invalid):
        services.change_resource(whole.pk, parent_id=team(clerk, "总队").pk, **(told | {"actor": clerk}))


def test_an_exercise_never_keeps_a_resource_from_a_real_task(clerk: Actor, county_officer: Actor) -> None:
    row, told = team(clerk, "危化队"), {"actor": county_officer, "now": NOW}
    committing.commit(row.pk, **task(), exercise=True, **told)
    real = task()
    committing.commit(row.pk, **real, **told)
    assert queries.holders([row.pk])[row.pk].subject_id == real["subject_id"]
    with pytest.raises(rules.AlreadyCommitted):
        committing.commit(row.pk, **task(), exercise=True, **told)


def test_who_is_out_of_service_is_not_taken_and_who_may_not_takes_nobody(
    clerk: Actor, county_officer: Actor, other_county_officer: Actor
) -> None:
    row = team(clerk, "危化队")
    with pytest.raises(rules.ReasonMissing):
        services.set_readiness(row.pk, readiness="停用", actor=county_officer, now=NOW)
    services.set_readiness(row.pk, readiness="停用", reason="车辆检修", actor=county_officer, now=NOW)
    with pytest.raises(rules.OutOfService) as refused:
        committing.commit(row.pk, **task(), actor=county_officer, now=NOW)
    assert refused.value.facts["reason"] == "车辆检修"
    with pytest.raises(NotPermitted):
        committing.commit(row.pk, **task(), actor=other_county_officer, now=NOW)
    with pytest.raises(NotFound):
        door.resource(row.pk, other_county_officer)


# --- who helps, and how soon -----------------------------------------------------------------------------------------------------


def test_the_nearest_that_is_ready_stands_first_and_whoever_is_unverified_lower_but_shown(clerk: Actor, county_officer: Actor) -> None:
    for name, east in (("远队", 0.2), ("近队", 0.02), ("核查逾期的近队", 0.01)):
        team(clerk, name, east)
    team(clerk, "灭火队", 0.001, offers={"firefighting": 2})
    RescueResource.objects.filter(name="核查逾期的近队").update(confirm_by=NOW - timedelta(days=1))
    held = team(clerk, "在忙的队", 0.005)
    committing.commit(held.pk, **task(), actor=county_officer, now=NOW)
    found = door.recommend(need(), actor=county_officer)
    assert names(found) == ["近队", "核查逾期的近队", "远队"]
    assert [each.name for each in found.busy] == ["在忙的队"]
    assert found.enough
    assert not found.by_road, "no net in force: minutes are estimates and say so"
    assert "unverified" in {each.code for each in found.choices[1].reasons}
    assert [each.gathered for each in found.choices] == [1, 2, 3]


def test_another_county_s_team_is_offered_by_an_agreement_only_and_must_be_asked(
    clerk: Actor, other_clerk: Actor, county_officer: Actor, city_officer: Actor
) -> None:
    team(clerk, "本县队", 0.3)
    team(other_clerk, "邻县队", 0.05)
    assert names(door.recommend(need(), actor=county_officer)) == ["本县队"]
    assert names(door.recommend(need(), actor=city_officer)) == ["邻县队", "本县队"]
    agreed = {"kind": "aid", "title": "两县互助协议", "giver_name": "市中区应急管理局", "giver_place": THERE, "place_code": HERE}
    services.register_agreement(**agreed, valid_from=date(2026, 1, 1), valid_until=None, actor=clerk, now=NOW)
    found = door.recommend(need(), actor=county_officer)
    assert names(found) == ["邻县队", "本县队"]
    first = found.choices[0]
    assert first.needs_aid
    assert first.agreement == "两县互助协议"
    assert first.resource.contact_phone == "", "the telephone of who is in charge is not read across the line, the duty telephone is"
    assert first.resource.duty_phone
    assert names(door.recommend(need(at=NOW - timedelta(days=400)), actor=county_officer)) == ["本县队"], "not in force then"


@pytest.fixture
def net(settings: Any, tmp_path: Path, world: None) -> None:
    """A net of roads about the plant, in force."""
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}
    keeping._loaded.clear()
    made = synthetic.grid(40, 20, corner=CORNER)
    roads.keep_network(made, name="测试路网", source="程序生成", licence="", place_code=CITY, generated=True, actor=LOADER, now=NOW)


def test_minutes_are_by_road_with_closures_and_it_is_told_who_stands_uncovered(
    net: None, clerk: Actor, county_officer: Actor, plant: Any
) -> None:
    west, east = team(clerk, "西队", -0.015), team(clerk, "东队", 0.018)
    source = RiskSource.objects.create(
        enterprise=plant,
        code="X1",
        name="西边储罐",
        kind="tank",
        place_code=HERE,
        is_major=True,
        major_level=2,
        longitude=117.004,
        latitude=36.601,
    )
    far = RescueResource.objects.filter(pk=east.pk)
    far.update(longitude=117.09, latitude=36.64)
    before = door.recommend(need(), actor=county_officer)
    assert names(before) == ["西队", "东队"]
    assert before.by_road
    assert all(each.road_minutes > each.km / 120 * 60 for each in before.choices), (
        "no way is shorter than the bound by which candidates are left out"
    )
    with_cover = door.recommend(need(), actor=county_officer)
    assert with_cover.choices[0].uncovered is not None
    roads.close_road(
        name="东口",
        reason="塌陷",
        place_code=HERE,
        shape="point",
        points=((west.longitude, west.latitude),),
        radius_m=150.0,
        from_at=NOW,
        actor=clerk,
        now=NOW,
    )
    after = door.recommend(need(at=NOW + timedelta(minutes=1)), actor=county_officer)
    assert {each.resource.name: each.road_minutes for each in after.choices}["西队"] != before.choices[0].road_minutes
    assert source.pk


def test_a_resource_under_way_counts_from_where_its_terminal_is_as_long_as_that_is_fresh(clerk: Actor, county_officer: Actor) -> None:
    unit = uuid4()
    row = team(clerk, "机动队", 0.3, unit_id=unit)
    team(clerk, "驻地队", 0.1)
    services.follow({unit: (PLANT[0] + 0.01, PLANT[1], NOW - timedelta(minutes=12))}, "unit_id", NOW)
    found = door.recommend(need(), actor=county_officer)
    assert names(found) == ["机动队", "驻地队"]
    assert found.choices[0].resource.position_at == NOW - timedelta(minutes=12)
    assert names(door.recommend(need(at=NOW + timedelta(hours=2)), actor=county_officer)) == ["驻地队", "机动队"]
    assert services.follow({unit: (0.0, 0.0, NOW - timedelta(minutes=20))}, "unit_id", NOW) == 0, "older than what is known"
    assert row.pk


# --- records ---------------------------------------------------------------------------------------------------------------------


def test_a_hospital_is_its_facility_and_follows_it(clerk: Actor, world: None) -> None:
    ward = Facility.objects.create(
        name="H1 医院", kind="hospital", place_code=HERE, longitude=117.05, latitude=36.66, contact_phone="000-1"
    )
    row = services.register_resource(kind="hospital", facility_id=ward.pk, offers="中毒救治床位 12；重症床位 4", actor=clerk, now=NOW)
    assert (row.name, row.duty_phone) == ("H1 医院", "000-1")
    with pytest.raises(Invalid):
        services.change_resource(row.pk, name="别名", actor=clerk, now=NOW)
    Facility.objects.filter(pk=ward.pk).update(name="H1 中心医院")
    services.follow_facility(ward.pk, NOW)
    assert door.resource(row.pk, clerk, at=NOW).name == "H1 中心医院"
    assert door.resource(row.pk, clerk, at=NOW).offers == {"bed_toxicology": 12, "bed_icu": 4}
    with pytest.raises(Invalid):
        services.register_resource(kind="hospital", facility_id=ward.pk, actor=clerk, now=NOW)


def test_a_record_is_confirmed_once_a_year_or_its_place_is_told_once(clerk: Actor) -> None:
    row = team(clerk, "危化队")
    later = NOW + timedelta(days=366)
    assert services.sweep_confirmations(NOW) == 0
    assert services.sweep_confirmations(later) == 1
    assert services.sweep_confirmations(later) == 0
    assert Announcement.objects.filter(kind="resources.confirmation_due").count() == 1
    confirmed = services.confirm(row.pk, actor=clerk, now=later)
    assert confirmed.confirmed(later)
    assert services.sweep_confirmations(later + timedelta(days=366)) == 1


def test_wrong_fields_are_named_all_at_once(clerk: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        services.register_resource(kind="飞船", name="", place_code=HERE, longitude="x", latitude=1, actor=clerk, now=NOW)
    assert {"kind", "name", "longitude"} <= set(refused.value.fields)
    with pytest.raises(Invalid) as offers:
        team(clerk, "队", offers="不存在的能力 2")
    assert set(offers.value.fields) == {"offers"}


# --- stock -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def item(clerk: Actor) -> StockItem:
    depot = team(clerk, "县储备库", kind="depot", offers={})
    return stocking.register_item(depot_id=depot.pk, code="1010200", unit="公斤", minimum=20, actor=clerk, now=NOW)


def test_the_ledger_balances_refuses_more_than_there_is_and_tells_when_it_falls_below_the_reserve(item: StockItem, clerk: Actor) -> None:
    told: dict[str, Any] = {"actor": clerk, "now": NOW}
    stocking.receive(item.pk, 30, batch="A", expires_on=date(2027, 1, 1), **told)
    stocking.receive(item.pk, 10, batch="B", expires_on=date(2026, 12, 1), **told)
    stocking.receive(item.pk, 5, batch="旧", expires_on=date(2026, 1, 1), **told)
    with pytest.raises(rules.ExpiredBatch) as refused:
        door.issue_stock(item.pk, Decimal(41), **told)
    assert refused.value.facts["have"] == "40"
    assert door.issue_stock(item.pk, Decimal(12), key="表单一", **told) == 33
    assert door.issue_stock(item.pk, Decimal(12), key="表单一", **told) == 33, "the form was sent twice"
    assert {each.number: each.quantity for each in item.batches.all()} == {"A": 28, "B": 0, "旧": 5}, "what runs out first goes first"
    stocking.issue(item.pk, 5, loss=True, note="过期", **told)
    stocking.count(item.pk, 15, batch="A", expires_on=date(2027, 1, 1), note="盘点", **told)
    row = StockItem.objects.get(pk=item.pk)
    assert row.low
    assert row.quantity == 15 == sum(each.change for each in row.movements.all()) == sum(each.quantity for each in row.batches.all())
    below = [each for each in Announcement.objects.filter(kind="resources.stock") if each.payload.get("below")]
    assert len(below) == 1
    for wrong in (lambda: StockMovement.objects.update(change=1), lambda: StockMovement.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            wrong()


def test_a_transfer_keeps_batches_and_sums(item: StockItem, clerk: Actor) -> None:
    told: dict[str, Any] = {"actor": clerk, "now": NOW}
    other = team(clerk, "镇储备库", kind="depot", offers={})
    stocking.receive(item.pk, 30, batch="A", expires_on=date(2027, 1, 1), **told)
    stocking.transfer(item.pk, other.pk, 12, **told)
    there = StockItem.objects.get(depot=other)
    assert (StockItem.objects.get(pk=item.pk).quantity, there.quantity) == (18, 12)
    assert there.expires_on == date(2027, 1, 1)
    with pytest.raises(rules.NotEnough):
        stocking.transfer(item.pk, other.pk, 19, **told)
    with pytest.raises(rules.SameDepot):
        stocking.transfer(item.pk, item.depot_id, 1, **told)
    with pytest.raises(rules.NotADepot):
        stocking.register_item(depot_id=team(clerk, "队").pk, code="1010200", unit="公斤", **told)
