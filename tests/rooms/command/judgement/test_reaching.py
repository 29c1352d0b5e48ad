"""Who can come: soonest first by the roads as they are open, never through the zones; without a net of roads that is said."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.command.judgement.test_judgement import after, answered, ask, judgement, readings, tank  # noqa: F401

from anlan.command.judgement import queries, reaching
from anlan.command.judgement.models import Judgement, Run
from anlan.ground.organisations.models import Organisation
from anlan.ground.roads import door as roads
from anlan.kernel.access import Actor
from anlan.routing.routes import Arrival

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(judgement: Judgement, county_officer: Actor) -> Run:  # noqa: F811
    return queries.run(answered(ask(judgement, county_officer)).pk, None)


@pytest.fixture
def teams(world: None) -> None:
    for name, kind, longitude, latitude in (
        ("消防一站", "fire_rescue", 117.10, 36.70),
        ("消防二站", "fire_rescue", 117.20, 36.70),
        ("中心医院", "hospital", 117.00, 36.70),
        ("外省医院", "hospital", 119.00, 36.70),
    ):
        Organisation.objects.create(
            name=name, kind=kind, level=3, place_code="370102", state="active", longitude=longitude, latitude=latitude, duty_phone="119"
        )


def arriving(minutes: dict[tuple[float, float], float | None], asked: list[Any]) -> Any:
    def arrivals(starts: Any, end: Any, *, vehicle: str, at: Any, avoid: Any = (), exercise: bool = False) -> Any:
        asked.append((vehicle, len(avoid), exercise))
        found = []
        for index, start in enumerate(starts):
            told = minutes[start]
            found.append(None if told is None else Arrival(index, told * 60, 0.0, 0.0))
        return tuple(found)

    return arrivals


def test_the_soonest_comes_first_though_another_is_nearer_and_who_has_no_road_comes_last(
    run: Run, teams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    times = {(117.10, 36.70): None, (117.20, 36.70): 14.0, (117.00, 36.70): 9.0}
    monkeypatch.setattr(roads, "arrivals", arriving(times, asked))
    told = reaching.who_can_come(run, at=after(8))
    assert [each.organisation.name for each in told.coming] == ["中心医院", "消防二站", "消防一站"]
    assert told.coming[-1].seconds is None
    assert told.coming[1].straight_m > told.coming[2].straight_m
    assert {vehicle for vehicle, _zones, _exercise in asked} == {"fire_engine", "ambulance"}
    assert all(zones == 2 and exercise for _vehicle, zones, exercise in asked), (
        "the two graver zones are gone around; an exercise's closures count"
    )
    # The wind comes from the north-east: crews gather there.
    assert told.meeting[0] > 117.05
    assert told.meeting[1] > 36.66


def test_without_a_net_of_roads_distances_stand_and_the_reason_is_told(run: Run, teams: None) -> None:
    told = reaching.who_can_come(run, at=after(8))
    assert told.refused is not None
    assert [each.organisation.name for each in told.coming] == ["消防一站", "中心医院", "消防二站"]
    answer = client_for("duty_officer", "370102").get(reverse("judgement:reach", args=[run.judgement_id, run.pk]))
    assert "消防一站" in answer.content.decode()
    assert "notice-warn" in answer.content.decode()
