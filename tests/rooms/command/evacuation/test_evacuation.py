"""An evacuation from the order to the last who came home: nobody is lost between lists, nobody at a door is refused, nothing is written twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.evacuation import door, hearing, queries, rules, services
from anlan.command.evacuation.models import Evacuation, Group, LeftPlace, Movement, OpenedShelter
from anlan.command.incidents import door as incidents
from anlan.ground.facilities import door as facilities
from anlan.ground.facilities.models import Facility
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, ReasonRequired, WrongState

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def hall(world: None) -> Facility:
    return Facility.objects.create(
        name="示范体育馆", kind="shelter", place_code="370102", longitude=117.07, latitude=36.67, capacity=60, state="open"
    )


@pytest.fixture
def prepared(county_officer: Actor, hall: Facility) -> Evacuation:
    row = services.prepare({"title": "下风向疏散", "exercise": False}, actor=county_officer, now=after(6))
    services.open_shelter(row, actor=county_officer, now=after(6), facility_id=hall.pk)
    services.add_place(row, {"name": "示范村", "clerk_name": "王某", "clerk_phone": "13900000000"}, 50, actor=county_officer, now=after(6))
    services.add_place(row, {"name": "示范小学"}, 30, actor=county_officer, now=after(6))
    return row


@pytest.fixture
def ordered(prepared: Evacuation, county_leader: Actor) -> Evacuation:
    return services.order(prepared, actor=county_leader, now=after(8))


def parts(row: Evacuation) -> tuple[LeftPlace, LeftPlace, OpenedShelter]:
    village, school = row.places.order_by("number")
    return village, school, row.shelters.get()


def test_from_the_order_to_the_last_who_came_home_the_books_balance(
    ordered: Evacuation, county_officer: Actor, county_leader: Actor
) -> None:
    village, school, hall = parts(ordered)
    told = {"actor": county_officer, "now": after(20)}
    family = services.enter_group(village, {"name": "李某", "needs": ["oxygen"]}, 4, **told)
    assert queries.account(ordered).total == 80, "a household entered by name is taken out of those only counted"
    services.note_call(family, "reached", **told)
    services.arrive(ordered, family.code, hall, key="a", **told)
    services.arrive(ordered, family.code, hall, key="a", **told)  # the phone sent it again
    bus = services.add_vehicle(ordered, {"name": "客车一", "seats": 45, "place_id": school.pk}, **told)
    pupils = school.groups.get(counted=True)
    services.depart(bus, pupils, 30, **told)
    services.walk_in(school, hall, 30, **told)
    with pytest.raises(rules.PeopleUnaccounted) as refused:
        services.confirm_empty(ordered, **told)
    assert refused.value.facts["count"] == 46
    assert "示范村" in refused.value.facts["places"]
    rest = village.groups.get(counted=True)
    services.move(rest, "home", "elsewhere", 6, **told)
    services.move(rest, "home", "hospital", 1, **told)
    services.walk_in(village, hall, 39, **told)
    hall.refresh_from_db()
    assert (hall.people, hall.room) == (73, -13), "more than beds: shown, nobody is turned away"
    services.confirm_empty(ordered, actor=county_officer, now=after(60))
    with pytest.raises(rules.NoReturnYet):
        services.return_all(village, actor=county_officer, now=after(90))
    wave = services.propose_return(ordered, [village], "连续监测一小时低于限值", actor=county_leader, now=after(300))
    with pytest.raises(FourEyes):
        services.allow_return(wave, actor=county_leader, now=after(301))
    services.allow_return(wave, actor=actor("duty_leader", "370102", 2), now=after(302))
    assert services.return_all(village, actor=county_officer, now=after(310)) == 43
    with pytest.raises(rules.NoReturnYet):
        services.return_all(school, actor=county_officer, now=after(310))
    with pytest.raises(rules.PeopleAway) as away:
        services.close(ordered, "全部返回", actor=county_leader, now=after(311))
    assert away.value.facts["count"] == 30
    second = services.propose_return(ordered, [school], "同上", actor=county_officer, now=after(320))
    services.allow_return(second, actor=county_leader, now=after(321))
    services.return_all(school, actor=county_officer, now=after(330))
    closed = services.close(ordered, "两批全部返回", actor=county_leader, now=after(340))
    books = queries.account(closed)
    assert (books.total, books.where["returned"], books.where["elsewhere"], books.where["hospital"], books.unaccounted) == (80, 73, 6, 1, 0)
    assert_columns_are_what_the_book_adds_up_to(closed)
    with pytest.raises(rules.NotOrdered):
        services.move(rest, "elsewhere", "returned", 6, actor=county_officer, now=after(350))


def assert_columns_are_what_the_book_adds_up_to(row: Evacuation) -> None:
    for group in Group.objects.filter(place__evacuation=row):
        lines = [rules.Step(line.source, line.target, line.people) for line in group.movements.all()]
        assert rules.balance(lines) == group.where
    for shelter in row.shelters.all():
        came = sum(Movement.objects.filter(shelter=shelter).values_list("people", flat=True))
        left = sum(Movement.objects.filter(left_shelter=shelter).values_list("people", flat=True))
        assert shelter.people == came - left


def test_more_come_than_were_counted_and_they_are_let_in_and_entered(ordered: Evacuation, county_officer: Actor) -> None:
    village, _school, hall = parts(ordered)
    services.walk_in(village, hall, 55, actor=county_officer, now=after(20), key="w")
    services.walk_in(village, hall, 55, actor=county_officer, now=after(21), key="w")
    books = queries.account(ordered)
    assert (books.total, books.where["sheltered"], books.where["home"]) == (85, 55, 30)
    assert_columns_are_what_the_book_adds_up_to(ordered)


def test_nothing_is_written_before_the_order_and_an_empty_one_cannot_be_given(
    prepared: Evacuation, county_officer: Actor, county_leader: Actor
) -> None:
    village, _school, hall = parts(prepared)
    with pytest.raises(rules.NotOrdered):
        services.walk_in(village, hall, 5, actor=county_officer, now=after(7))
    with pytest.raises(NotPermitted):
        services.order(prepared, actor=county_officer, now=after(7))
    bare = services.prepare({"title": "空"}, actor=county_officer, now=after(7))
    with pytest.raises(rules.NoArea):
        services.order(bare, actor=county_leader, now=after(7))
    services.drop(bare, "不需要", actor=county_officer, now=after(8))
    services.order(prepared, actor=county_leader, now=after(8))
    with pytest.raises(WrongState):
        services.order(prepared, actor=county_leader, now=after(9))


def test_wrong_input_is_refused_by_name_and_leaves_the_books_alone(ordered: Evacuation, county_officer: Actor) -> None:
    village, _school, hall = parts(ordered)
    told = {"actor": county_officer, "now": after(20)}
    family = services.enter_group(village, {"name": "赵某"}, 3, **told)
    before = queries.account(ordered).where
    stranger = rules.new_code()
    for wrong, verb in (
        (rules.BadCode, lambda: services.arrive(ordered, "登记码", hall, **told)),
        (rules.UnknownCode, lambda: services.arrive(ordered, stranger, hall, **told)),
        (rules.NotSoMany, lambda: services.arrive(ordered, family.code, hall, people=4, **told)),
        (rules.NotSoMany, lambda: services.move(family, "moving", "hospital", 1, **told)),
        (rules.NobodyMoves, lambda: services.move(family, "home", "staying", 0, **told)),
        (rules.NoSuchNeed, lambda: services.enter_group(village, {"name": "某", "needs": ["wings"]}, 1, **told)),
        (rules.NoReason, lambda: services.recount(family, 2, " ", **told)),
        (rules.NotSoMany, lambda: services.move(family, "sheltered", "hospital", 1, **told)),
    ):
        with pytest.raises(wrong):
            verb()
    assert queries.account(ordered).where == before
    services.recount(family, 5, "两人在外打工返乡", **told)
    assert queries.account(ordered).total == sum(before.values()) + 2


def test_somebody_found_inside_opens_it_again_with_a_reason(ordered: Evacuation, county_officer: Actor) -> None:
    village, school, hall = parts(ordered)
    for place, people in ((village, 50), (school, 30)):
        services.walk_in(place, hall, people, actor=county_officer, now=after(30))
    services.confirm_empty(ordered, actor=county_officer, now=after(31))
    with pytest.raises(ReasonRequired):
        services.reopen(ordered, "", actor=county_officer, now=after(40))
    assert services.reopen(ordered, "搜救发现两名老人", actor=county_officer, now=after(40)).state == rules.ORDERED


def test_the_record_of_the_shelter_shows_who_is_there_and_an_exercise_fills_no_bed(
    ordered: Evacuation, hall: Facility, county_officer: Actor
) -> None:
    village, _school, opened = parts(ordered)
    services.walk_in(village, opened, 12, actor=county_officer, now=after(20))
    told = {"subject_id": ordered.pk, "place_code": "370102", "at": after(20), "facility_id": str(hall.pk), "people": 12}
    hearing.fill_shelter(door.ShelterFilled(**told, exercise=True))
    assert facilities.facility(hall.pk).occupied in (None, 0)
    for _twice in range(2):
        hearing.fill_shelter(door.ShelterFilled(**told, exercise=False))
    assert facilities.facility(hall.pk).room_left == 48


def test_a_line_of_the_book_cannot_be_changed_or_removed(ordered: Evacuation) -> None:
    line = ordered.movements.first()
    assert line is not None
    for verb in (lambda: Movement.objects.filter(pk=line.pk).update(people=1), lambda: Movement.objects.filter(pk=line.pk).delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            verb()


def test_the_timeline_of_the_incident_tells_it_without_names(county_officer: Actor, county_leader: Actor, hall: Facility) -> None:
    incident = incidents.open_incident({"title": "氯气泄漏", "place_code": "370102"}, actor=county_officer, now=after(5))
    row = services.prepare({"incident_id": incident}, actor=county_officer, now=after(6))
    assert row.title == "氯气泄漏：人员疏散"
    opened = services.open_shelter(row, actor=county_officer, now=after(6), facility_id=hall.pk)
    village = services.add_place(row, {"name": "示范村"}, 20, actor=county_officer, now=after(6))
    services.order(row, actor=county_leader, now=after(8))
    family = services.enter_group(village, {"name": "钱某某"}, 4, actor=county_officer, now=after(9))
    services.arrive(row, family.code, opened, actor=county_officer, now=after(20))
    services.walk_in(village, opened, 16, actor=county_officer, now=after(20.5))
    services.confirm_empty(row, actor=county_officer, now=after(30))
    lines = [line for line in incidents.timeline(incident, county_officer, after(40)) if line.kind == "evacuation"]
    told = " ".join(f"{line.title} {line.text}" for line in lines)
    assert "20 人到达 示范体育馆" in told
    assert "已到安置点 20" in told
    assert "钱某某" not in told
    assert [summary.account.accounted for summary in door.of_incident(incident, county_officer)] == [20]


def test_the_next_county_sees_nothing_of_it(ordered: Evacuation, other_county_officer: Actor, city_officer: Actor) -> None:
    with pytest.raises(NotFound):
        door.evacuation(ordered.pk, other_county_officer)
    assert door.evacuation(ordered.pk, city_officer).account.total == 80


def test_pages_take_a_household_a_call_a_scan_and_say_what_is_wrong(ordered: Evacuation) -> None:
    village, _school, hall = parts(ordered)
    here, there = client_for("duty_officer", "370102"), client_for("duty_officer", "370103")
    page = reverse("evacuation:place", args=[ordered.pk, village.pk])
    enter = reverse("evacuation:enter", args=[ordered.pk, village.pk])
    answer = here.post(enter, {"group-name": "孙某某", "group-people": "3", "group-phone": "13800000001", "group-needs": ["wheelchair"]})
    assert answer.status_code == 302, answer.content.decode()[:500]
    assert here.post(enter, {"group-name": ""}).status_code == 422
    assert here.post(reverse("evacuation:add", args=[ordered.pk, "vehicle"]), {"vehicle-name": ""}).status_code == 422
    family = village.groups.get(counted=False)
    assert "上门接送" in here.get(page).content.decode()
    assert here.post(reverse("evacuation:record", args=[ordered.pk, family.pk, "call"]), {"call": "refused"}).status_code == 302
    moved = {"source": "home", "target": "returned", "people": "1", "key": "k"}
    wrong = here.post(reverse("evacuation:record", args=[ordered.pk, family.pk, "move"]), moved)
    assert wrong.status_code == 409
    assert "还没有批准返回" in wrong.content.decode()
    scan = reverse("evacuation:scan", args=[ordered.pk, hall.pk])
    assert "没有登记" in here.post(scan, {"code": "xx", "key": "1"}).content.decode()
    assert "已登记到达" in here.post(scan, {"code": family.code.lower(), "key": "2"}).content.decode()
    assert "已登记到达" in here.post(scan, {"place": str(village.pk), "people": "2", "key": "3"}).content.decode()
    detail = here.get(reverse("evacuation:detail", args=[ordered.pk])).content.decode()
    assert "示范体育馆" in detail
    assert family.code in here.get(reverse("evacuation:slips", args=[ordered.pk, village.pk])).content.decode()
    assert "已到安置点" in here.get(reverse("evacuation:book", args=[ordered.pk])).content.decode()
    for address in (page, scan, reverse("evacuation:detail", args=[ordered.pk])):
        assert there.get(address).status_code == 404
    expert = client_for("expert", "370102")
    assert "13800000001" not in expert.get(page).content.decode()
    assert "孙某某" not in expert.get(page).content.decode()
