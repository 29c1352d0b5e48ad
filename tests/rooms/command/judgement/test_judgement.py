"""A judgement from an alarm to its answers: prefilled, run by a worker, called off, run again by newer wind, closed; seen by whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from tests.rooms.jinan import NOW

from anlan.command.judgement import areas, door, following, prefilling, queries, rules, services, wording
from anlan.command.judgement.models import Judgement, Run
from anlan.command.judgement.prefilling import Origin
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.ledger.models import Announcement
from anlan.sense.alarms.models import Alarm
from anlan.sense.devices import door as devices
from anlan.sense.devices.models import Device, Sensor

pytestmark = pytest.mark.django_db
WIND: dict[str, tuple[float, str]] = {"wind_speed": (2.4, "m/s"), "wind_direction": (45.0, "°")}


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def tank(plant: Enterprise) -> RiskSource:
    return RiskSource.objects.create(
        enterprise=plant,
        code="V-102",
        name="液氯储罐",
        kind="tank",
        place_code=plant.place_code,
        substance_name="液氯",
        substance_cas="7782-50-5",
        quantity_t=25,
        is_major=True,
        major_level=1,
        longitude=117.05,
        latitude=36.66,
        attributes={"shape": "horizontal", "volume": 40, "diameter": 2.6, "state_of_matter": "liquefied_gas"},
    )


@pytest.fixture
def readings(plant: Enterprise, monkeypatch: pytest.MonkeyPatch) -> dict[UUID, tuple[Any, float, int]]:
    """A weather station of the works, and what it read last, a minute before T+6."""
    station = Device.objects.create(
        enterprise=plant, code="WS", name="气象站", device_class="weather", place_code=plant.place_code, longitude=117.052, latitude=36.661
    )
    newest: dict[UUID, tuple[Any, float, int]] = {}
    for code, (value, unit) in WIND.items():
        sensor = Sensor.objects.create(
            enterprise=plant, device=station, code=code, name=code, sensor_class=code, unit=unit, place_code=plant.place_code
        )
        newest[sensor.pk] = (after(5), value, 0)
    monkeypatch.setattr(devices, "latest", lambda ids: {pk: newest[pk] for pk in ids if pk in newest})
    return newest


@pytest.fixture
def judgement(alarm: Alarm, tank: RiskSource, readings: Any, county_officer: Actor) -> Judgement:
    prefilled = prefilling.prefill(Origin(alarm_id=alarm.pk), county_officer, now=after(6))
    return services.open_judgement("", prefilled, actor=county_officer, now=after(6))


def ask(judgement: Judgement, actor: Actor, minutes: float = 6, **given: str) -> Run:
    """A run with the story's hole in the vapour space, and nothing else typed."""
    queued: list[UUID] = []
    texts = {"hole_mm": "20", "opening": "vapour", "minutes": "20", **given}
    run = services.ask_run(judgement, rules.TOXIC, texts, queue=queued.append, actor=actor, now=after(minutes))
    assert queued == [run.pk]
    return run


def answered(run: Run, minutes: float = 6) -> Run:
    assert services.perform(run.pk, lambda: after(minutes)) == rules.DONE
    return queries.run(run.pk, None)


def test_from_an_alarm_the_form_is_filled_and_says_where_each_figure_comes_from(judgement: Judgement, tank: RiskSource) -> None:
    form = services.form_of(judgement)
    assert (form["substance"].value, form["inventory_t"].value) == ("氯", 25.0)
    assert (form["wind_from_deg"].value, form["wind_m_s"].value) == (45.0, 2.4)
    assert (form["stability"].value, form["stability"].origin) == ("F", "reckoned")
    assert form["began_at"].origin == "alarm"
    assert "气象站" in wording.provenance(form["wind_m_s"])
    assert "液氯储罐" in wording.provenance(form["inventory_t"])
    assert "默认值" in wording.provenance(form["hole_mm"])
    assert judgement.exercise, "the alarm is of an exercise"
    assert (judgement.risk_source_id, judgement.alarm_id is not None) == (tank.pk, True)


def test_a_run_answers_in_one_sentence_and_is_announced(judgement: Judgement, county_officer: Actor) -> None:
    run = answered(ask(judgement, county_officer))
    told = wording.headline(run)
    assert "AEGL-2" in told
    assert "西南" in told
    announced = Announcement.objects.get(kind="judgement.run")
    assert announced.payload["state"] == "done"
    assert announced.payload["exercise"]
    zones = door.latest_zones(county_officer, at=after(7))
    assert [zone.severity for zone in zones] == [3, 2, 1]
    assert not door.latest_zones(county_officer, at=after(7), box=(100.0, 30.0, 101.0, 31.0))
    facts = door.report_facts(run.pk, county_officer)
    assert facts.headline == told
    assert facts.zones[0].severity == 1
    assert next(row for row in facts.inputs if row.name == "hole_mm").origin == "人工填写"
    layer = areas.layer((116.0, 36.0, 118.0, 37.0), county_officer, after(7))
    assert [feature["properties"]["tone"] for feature in layer["features"]] == ["yellow", "orange", "red"]
    assert areas.layer(None, county_officer, after(7), after(-1))["features"] == [], "before it began there is nothing"
    assert len(areas.layer(None, county_officer, after(7), after(20))["features"]) == 3
    assert layer["moments"]


def test_a_run_never_changes_and_its_job_may_come_twice(judgement: Judgement, county_officer: Actor) -> None:
    run = answered(ask(judgement, county_officer))
    kept = queries.run(run.pk, None).result
    assert services.perform(run.pk, lambda: after(9)) == rules.DONE
    for change in ({"result": {}}, {"state": rules.CANCELLED}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(**change)
    waiting = ask(judgement, county_officer, 12)
    with pytest.raises(DatabaseError), transaction.atomic():
        Run.objects.filter(pk=waiting.pk).update(inputs={})
    assert queries.run(run.pk, None).result == kept


def test_a_run_is_called_off_before_and_while_it_runs(judgement: Judgement, county_officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(judgement, county_officer)
    with pytest.raises(rules.StillRunning):
        ask(judgement, county_officer)
    services.call_off(run, actor=county_officer, now=after(7))
    assert services.perform(run.pk, lambda: after(7)) == rules.CANCELLED
    with pytest.raises(rules.AlreadyFinished):
        services.call_off(run, actor=county_officer, now=after(8))
    going = ask(judgement, county_officer, 9)
    monkeypatch.setattr(services, "ASKED_AGAIN_S", 0.0)

    def while_it_runs(question: Any, should_stop: Any) -> Any:
        services.call_off(going, actor=county_officer, now=after(9))
        return real(question, should_stop)

    real = services.answer
    monkeypatch.setattr(services, "answer", while_it_runs)
    assert services.perform(going.pk, lambda: after(9)) == rules.CANCELLED
    assert queries.run(going.pk, None).result is None


def test_a_run_that_takes_too_long_is_refused_and_says_so(
    judgement: Judgement, county_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(judgement, county_officer)
    monkeypatch.setattr(services, "figure", lambda name, day: -1.0)
    assert services.perform(run.pk, lambda: after(6)) == rules.REFUSED
    assert "停止" in wording.headline(queries.run(run.pk, None))


def test_what_a_model_refuses_is_told_on_the_run(judgement: Judgement, county_officer: Actor) -> None:
    run = ask(judgement, county_officer, vessel_temperature_c="200", pressure_mpa="-0.05")
    assert services.perform(run.pk, lambda: after(6)) == rules.REFUSED
    told = wording.headline(queries.run(run.pk, None))
    assert "压力" in told
    assert Announcement.objects.get(kind="judgement.run").payload["state"] == "refused"


def test_a_form_that_cannot_be_is_refused_field_by_field_and_nothing_is_kept(judgement: Judgement, county_officer: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        ask(judgement, county_officer, inventory_t="0", wind_from_deg="")
    assert set(refused.value.fields) == {"inventory_t", "wind_from_deg"}
    assert not Run.objects.exists()


def test_newer_wind_asks_for_another_run_that_is_marked_and_compared(
    judgement: Judgement, county_officer: Actor, readings: dict[UUID, tuple[Any, float, int]]
) -> None:
    before = answered(ask(judgement, county_officer))
    queued: list[UUID] = []
    assert following.follow(after(12), queued.append) == 0, "nothing changed"
    for pk, (_at, value, quality) in list(readings.items()):
        readings[pk] = (after(25), {45.0: 90.0, 2.4: 3.1}[value], quality)
    assert following.follow(after(26), queued.append) == 1
    again = answered(queries.run(queued[0], None), 26)
    assert again.automatic
    assert set(again.because) == {"wind_from_deg", "stability"}
    assert again.inputs["hole_mm"]["origin"] == "typed", "what was typed stays"
    told = wording.changes(before, again)
    assert any("风向" in line for line in told)
    assert any("AEGL-2" in line and "→" in line for line in told)
    assert following.follow(after(27), queued.append) == 0, "not twice within the pause"


def test_who_may_not_see_or_run_it_cannot(
    judgement: Judgement, county_officer: Actor, other_county_officer: Actor, safety_manager: Actor, province_officer: Actor
) -> None:
    run = answered(ask(judgement, county_officer))
    with pytest.raises(NotFound):
        door.zones_of(run.pk, other_county_officer)
    assert not door.latest_zones(other_county_officer, at=after(7))
    assert door.zones_of(run.pk, province_officer)
    assert door.for_subject("alarm", judgement.alarm_id or run.pk, safety_manager)
    with pytest.raises(NotPermitted):
        ask(judgement, other_county_officer, 9)


def test_a_closed_judgement_leaves_the_map_and_runs_no_more(judgement: Judgement, county_officer: Actor) -> None:
    answered(ask(judgement, county_officer))
    services.close(judgement, "阀门已堵漏", actor=county_officer, now=after(70))
    assert not door.latest_zones(county_officer, at=after(71))
    with pytest.raises(rules.IsClosed):
        ask(judgement, county_officer, 72)


def test_pages_render_with_and_without_an_answer(
    judgement: Judgement, county_officer: Actor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    from anlan.command.judgement import shaping, views

    run = answered(ask(judgement, county_officer))
    for number in ("", "1"):
        told = shaping.answer(judgement, number, county_officer, after(8))
        page = render_to_string("judgement/_tables.html", {"judgement": judgement, "may_run": True, **told})
        assert "AEGL-2" in page
        assert "Briggs" in page or "briggs" in page
    request = RequestFactory().get("/judgement/areas/", {"bbox": "116,36,118,37"})
    request.actor = county_officer  # type: ignore[attr-defined]
    assert views.features(request).status_code == 200
    assert views.zones(request, judgement.pk, run.pk).status_code == 200
