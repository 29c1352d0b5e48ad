"""The chlorine story at T+6: what the judgement answers, and what it refuses."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from shapely import MultiPolygon, Polygon

from anlan.command.judgement import asking, estimating, inputs, release, rules
from anlan.command.judgement.inputs import Filled
from anlan.command.judgement.readings import Reading
from anlan.command.judgement.reckoning import Place, Question, answer
from anlan.consequence.cancelling import Cancelled
from anlan.consequence.sigma import TooCalm
from anlan.consequence.substance import Substance
from anlan.consequence.validity import NoFigure
from anlan.kernel.errors import Refusal

BEGAN = datetime(2026, 11, 22, 18, 14, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
STORY: dict[str, Any] = {
    "substance": "液氯",
    "longitude": 117.05,
    "latitude": 36.66,
    "began_at": BEGAN.isoformat(),
    "release": "hole",
    "inventory_t": 25,
    "pressure_mpa": 0.6,
    "vessel_temperature_c": 15,
    "hole_mm": 20,
    "opening": "vapour",
    "head_m": 0,
    "height_m": 1,
    "bund_m2": "",
    "duration_min": 60,
    "minutes": 20,
    "wind_from_deg": 45,
    "wind_m_s": 2.4,
    "stability": "F",
    "air_temperature_c": 5,
    "humidity_pct": 60,
    "ground": "rural",
}


def asked(kind: str = rules.TOXIC, **more: Any) -> Question:
    form = inputs.checked(kind, {name: Filled(value, "typed") for name, value in (STORY | more).items()})
    return asking.question_of(kind, form, NOW)


@pytest.fixture(scope="module")
def story() -> dict[str, Any]:
    def places(_area: object) -> list[Place]:
        return [Place("示范小学", 117.043, 36.654)]

    return answer(replace(asked(), places_in=places))


def area(zone: Mapping[str, Any], part: str = "area") -> MultiPolygon:
    return MultiPolygon([Polygon(polygon[0], polygon[1:]) for polygon in zone[part]])


def test_the_release_of_the_story_is_about_a_kilogram_a_second(story: dict[str, Any]) -> None:
    assert story["release"]["path"] == "liquefied_gas"
    assert 0.3 < story["release"]["rate_kg_s"] < 2.0


def test_zones_lie_within_each_other_downwind_of_a_north_east_wind(story: dict[str, Any]) -> None:
    worst, middle, mild = story["zones"]
    assert [zone["code"] for zone in story["zones"]] == ["AEGL-3", "AEGL-2", "AEGL-1"]
    assert {zone["minutes"] for zone in story["zones"]} == {30}, "20 minutes take the limits of 30"
    assert worst["reach_m"] < middle["reach_m"] <= mild["reach_m"]
    assert area(middle).buffer(1e-4).contains(area(worst))
    centre = area(worst).centroid
    assert centre.x < 117.05
    assert centre.y < 36.66


def test_the_band_holds_the_zone_and_the_reach(story: dict[str, Any]) -> None:
    for zone in story["zones"]:
        low, high = zone["band_m"]
        assert low <= zone["reach_m"] <= high
        outline = area(zone, "band_area")
        assert outline.buffer(2e-3 * max(outline.length, 0.01)).contains(area(zone))


def test_the_cloud_grows_along_the_time_axis_and_never_leaves_its_zone(story: dict[str, Any]) -> None:
    zone = story["zones"][1]
    early = next(frame for frame in zone["frames"] if frame["minutes"] == 5)
    late = next(frame for frame in zone["frames"] if frame["minutes"] == 20)
    assert 0 < area(early).area < area(late).area
    assert area(late).difference(area(zone)).area < 0.01 * area(zone).area


def test_times_and_doses_stand_at_places_and_at_the_named_ones(story: dict[str, Any]) -> None:
    school = next(row for row in story["passages"] if row["name"] == "示范小学")
    axis = [row for row in story["passages"] if not row["name"]]
    assert 0 < school["arrival_s"] < school["peak_s"] < school["departure_s"]
    assert all(before["arrival_s"] <= after["arrival_s"] for before, after in pairwise(axis))
    assert all(0 <= row["dose_so_far"] <= row["dose"] * 1.01 for row in story["passages"])
    near = axis[0]
    assert 0 < near["dose_so_far"] < near["dose"], "six minutes of it are over near the source"


def test_every_answer_names_its_models_cautions_and_is_plain(story: dict[str, Any]) -> None:
    assert any(model["sigma_set"] and model["averaging_s"] for model in story["models"])
    assert all(model["version"] and model["citation"] for model in story["models"])
    assert story["cautions"]
    json.dumps(story, allow_nan=False)


def test_a_known_rate_is_carried_as_given() -> None:
    told = answer(asked(release="rate", rate_kg_s=0.9))
    assert told["release"]["rate_kg_s"] == pytest.approx(0.9)
    assert {"rate_given"} <= {caution["code"] for caution in told["cautions"]}


def test_everything_at_once_in_a_light_wind_is_answered_and_says_what_it_is_not() -> None:
    told = answer(asked(release="whole"))
    assert told["zones"]
    assert "heavy_ignored" in {caution["code"] for caution in told["cautions"]}


def test_a_wind_too_light_for_any_model_is_refused_with_what_to_do() -> None:
    with pytest.raises(TooCalm) as refused:
        asked(wind_m_s=0.1)
    assert "静风" in refused.value.message()


def test_a_chemical_nobody_knows_is_refused() -> None:
    with pytest.raises(rules.UnknownChemical):
        asked(substance="没有这种东西")


def test_a_figure_the_substance_lacks_is_named() -> None:
    question = replace(asked(), substance=Substance("chlorine", molar_mass_kg_mol=0.0709))
    with pytest.raises(NoFigure) as refused:
        answer(question)
    assert "沸点" in refused.value.message()


def test_a_run_that_is_called_off_stops() -> None:
    with pytest.raises(Cancelled):
        answer(asked(), lambda: True)


def test_a_water_curtain_takes_its_share_out_of_the_air() -> None:
    question = asked()
    assert question.substance is not None
    whole = release.release_of(question.inputs, question.substance, release.scenario_weather(question.inputs))
    half = release.curtained(whole, 0.5)
    assert half.airborne_kg == pytest.approx(0.5 * whole.airborne_kg)
    assert sum(term.mass_kg for term in half.terms) == pytest.approx(0.5 * sum(term.mass_kg for term in whole.terms))


FIRES = {
    rules.POOL_FIRE: {"diameter_m": 10, "burning_flux": 0.055},
    rules.JET_FIRE: {"rate_kg_s": 5, "heat_mj_kg": 50, "radiative_fraction": 0.3},
    rules.FIREBALL: {"inventory_t": 25},
    rules.CLOUD_BLAST: {"inventory_t": 5, "heat_mj_kg": 46, "tnt_yield": 0.04},
    rules.TNT: {"tnt_kg": 1000},
}


@pytest.mark.parametrize("kind", FIRES)
def test_fires_and_blasts_give_circles_the_worst_innermost(kind: str) -> None:
    told = answer(asked(kind, **FIRES[kind]))
    reaches = [zone["reach_m"] for zone in told["zones"]]
    assert reaches == sorted(reaches)
    assert len(reaches) >= 3
    assert told["models"]
    assert area(told["zones"][0]).centroid.x == pytest.approx(117.05, abs=1e-4)
    json.dumps(told, allow_nan=False)


def detectors(question: Question, rate: float) -> list[Reading]:
    from anlan.command.judgement import geometry
    from anlan.consequence import inverse
    from anlan.consequence.concentration import kg_m3_of_ppm

    weather = release.scenario_weather(question.inputs)
    ppm = kg_m3_of_ppm(0.070906, weather.temperature_k, weather.pressure_pa)
    found = []
    for x, y in ((100.0, 0.0), (200.0, 5.0), (300.0, -8.0)):
        sensor = inverse.Sensor(x, y, 1.5, 0.0, 1e-6, 1e-7)
        reads = float(inverse.response([sensor], weather, 1.0)[0]) * rate / ppm
        longitude, latitude = geometry.to_degrees(question.source, 45.0, x, y)
        found.append(
            Reading(
                uuid4(), f"G{x:.0f}", uuid4(), "GD", "gas_toxic_ppm", "ppm", reads, NOW, x, float(longitude), float(latitude), None, uuid4()
            )
        )
    return found


def test_the_rate_is_found_again_from_what_detectors_read() -> None:
    question = asked()
    told = estimating.of_readings(question, detectors(question, 0.9), estimating.day_figures(NOW.date()))
    assert told["low_kg_s"] < 0.9 < told["high_kg_s"]
    assert told["rate_kg_s"] == pytest.approx(0.9, rel=1.0)
    assert math.isfinite(told["high_kg_s"])
    assert len(told["readings"]) == 3


def test_detectors_upwind_say_nothing_and_the_refusal_says_why() -> None:
    question = asked(wind_from_deg=225)
    with pytest.raises(Refusal) as refused:
        estimating.of_readings(question, detectors(asked(), 0.9), estimating.day_figures(NOW.date()))
    assert refused.value.code == "inverse_cannot_see"
