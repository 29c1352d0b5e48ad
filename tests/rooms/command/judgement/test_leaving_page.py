"""Who goes where, on the page, in the table of options, on the sheet and for other rooms: the same numbers, names only for whom they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from tests.accounts import LOADER, client_for
from tests.rooms.command.judgement.test_judgement import after, answered, ask, judgement, readings, tank  # noqa: F401

from anlan.command.judgement import door, evacuating, leaving, queries, shaping, sheet, surroundings
from anlan.command.judgement.models import Judgement, Run
from anlan.ground.facilities.models import Facility
from anlan.ground.population import door as population
from anlan.ground.population.door import PeopleInside, PlaceShare
from anlan.ground.roads import door as roads
from anlan.ground.roads import keeping
from anlan.kernel.access import Actor
from anlan.routing import synthetic

pytestmark = pytest.mark.django_db
OWN, OTHERS, UNKNOWN = "历下体育场", "市中体育馆", "历下广场"
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def around(world: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shelters upwind of the tank in two counties, one of unknown capacity; people in the zones, and a county that nobody counted."""
    for name, place_code, east, capacity in ((OWN, "370102", 0.02, 400), (OTHERS, "370103", 0.03, 9000), (UNKNOWN, "370102", 0.025, None)):
        Facility.objects.create(
            name=name, kind="shelter", place_code=place_code, longitude=117.05 + east, latitude=36.67, capacity=capacity, state="open"
        )

    def counted(areas: Any, *, at: Any, actor: Any = None) -> Any:
        shares = (PlaceShare("370102", "示范村", 60.0, "settlement", "unverified"),)
        return tuple(PeopleInside(60.0, shares, ("settlement",), True, unknown=("370103",)) for _area in areas)

    monkeypatch.setattr(population, "people_in_each", counted)


@pytest.fixture
def net(around: None, settings: Any, tmp_path: Path) -> None:
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}
    keeping._loaded.clear()
    made = synthetic.grid(110, 60, corner=(116.88, 36.54))
    roads.keep_network(
        made, name="测试路网", source="程序生成", licence="", place_code="370100", generated=True, actor=LOADER, now=after(-9)
    )


@pytest.fixture
def run(net: None, judgement: Judgement, county_officer: Actor) -> Run:  # noqa: F811
    return queries.run(answered(ask(judgement, county_officer)).pk, None)


def test_page_options_sheet_and_facts_tell_the_same_and_names_only_to_whom_they_are(
    run: Run, county_officer: Actor, city_officer: Actor
) -> None:
    plan = evacuating.plan(run, evacuating.default_choice(run, run.asked_at), run.asked_at)
    assert {each.refuge.name for each in plan.moves} == {OWN, OTHERS}
    assert plan.placed + plan.short + plan.stranded == plan.people > 400
    facts = door.report_facts(run.pk, county_officer)
    assert facts.leaving is not None
    assert facts.leaving["foot"] == plan.summary()
    assert facts.leaving["unknown"] == ["370103"]
    assert facts.leaving["bus"]["people"] == plan.people
    told = shaping.answer(run.judgement, "1", county_officer, after(8))
    row = next(each for each in told["options"] if "撤离" in each["name"])
    assert "有位置的人" in row["needs"]
    for reader, seen in ((county_officer, {OWN}), (city_officer, {OWN, OTHERS})):
        text = str(sheet.document(run, facts, (), reader, after(8), surroundings.leaving_blocks(run, reader, after(8))).blocks)
        assert {name for name in (OWN, OTHERS) if name in text} == seen
        assert "疏散安置" in text
        assert "市中区" in text, "a county that nobody counted is told"


def test_the_part_of_the_page_shows_the_plan_takes_another_choice_and_says_what_is_wrong(run: Run) -> None:
    here, city, there = (client_for("duty_officer", code) for code in ("370102", "370100", "370103"))
    address = reverse("judgement:leaving", args=[run.judgement_id, run.pk])
    page = here.get(address).content.decode()
    assert OWN in page
    assert OTHERS not in page
    assert "市中区应急管理局" in page, "whom to ask for a shelter of the next county"
    assert "演练" in page
    assert UNKNOWN in page, "a shelter of unknown capacity is named and not counted on"
    drawn = json.loads(re.search(r'id="judgement-ways" type="application/json">(.*?)</script>', page).group(1))  # type: ignore[union-attr]
    assert {each["properties"]["name"] for each in drawn["features"]} == {OWN}
    assert OTHERS in city.get(address).content.decode()
    assert there.get(address).status_code == 404
    by_bus = here.get(address, {"means": "bus", "vehicles": "3", "seats": "40", "severity": "1"}).content.decode()
    assert "车次" in by_bus
    assert 'value="3"' in by_bus
    wrong = here.get(address, {"means": "bus", "vehicles": "三", "seats": "40"}).content.decode()
    assert "客车数量" in wrong
    assert 'role="alert"' in wrong
    with translation.override("en"):
        told = here.get(address, {"means": "bus", "vehicles": "0"}, headers={"Accept-Language": "en"}).content.decode()
    alert = re.search(r'role="alert">(.*?)</p>', told)
    assert alert is not None


def test_what_other_rooms_say_is_asked_again_only_for_another_run(run: Run) -> None:
    here, address = client_for("duty_officer", "370102"), reverse("judgement:detail", args=[run.judgement_id])
    for shown, asked_again in (("", True), (f"{run.pk}", True), (f"{run.pk} answered", False)):
        page = here.get(address, headers={"X-Anlan-Run": shown}).content.decode()
        assert ("judgement-around" in page.replace("#judgement-around", "")) == asked_again
        assert "judgement-tables" in page


def test_without_a_net_of_roads_it_is_told_who_must_go_and_why_nothing_is_planned(
    around: None,
    judgement: Judgement,  # noqa: F811
    county_officer: Actor,
) -> None:
    run = queries.run(answered(ask(judgement, county_officer)).pk, None)
    assert run.result["leaving"]["foot"]["refusal"]["code"] == "roads_no_network"
    plan = evacuating.plan(run, evacuating.default_choice(run, after(8)), after(8))
    assert plan.refused is not None
    assert plan.people > 0
    page = client_for("duty_officer", "370102").get(reverse("judgement:leaving", args=[run.judgement_id, run.pk])).content.decode()
    assert "notice-warn" in page
    assert "需要离开的人" in page
    assert leaving.MEANS[leaving.FOOT] in page


def test_whoever_clears_the_area_is_handed_places_people_and_shelters(run: Run, county_officer: Actor) -> None:
    found = door.area_to_leave(run.pk, run.asked_at, county_officer)
    plan = evacuating.plan(run, evacuating.default_choice(run, run.asked_at), run.asked_at)
    assert [(place.name, place.people) for place in found.places] == [("示范村", plan.people)]
    assert found.places[0].shelter_id in found.shelters
    assert found.uncounted == ("370103",)
    assert found.area
    assert found.why_no_way == ""
