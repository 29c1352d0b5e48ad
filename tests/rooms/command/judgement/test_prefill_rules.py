"""What fills the form wins in a fixed order, and what somebody typed wins over all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.judgement import inputs, prefilling, rules, tanks, vessels, weather, wording
from anlan.command.judgement.inputs import Filled
from anlan.command.judgement.readings import Reading
from anlan.consequence.substance import Substance
from anlan.ground.risksources.door import RiskSourceSummary
from anlan.kernel.errors import Invalid
from anlan.routing.refusals import NoRoute

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
CHLORINE = Substance(
    "chlorine",
    molar_mass_kg_mol=0.0709,
    boiling_point_k=239.11,
    liquid_density_kg_m3=1400.0,
    heat_of_vaporisation_j_kg=287_800.0,
    critical_temperature_k=417.0,
)
AIR = Filled(5.0, "default")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def reading(sensor_class: str, value: float, *, device: object = None, distance: float = 10.0, unit: str = "") -> Reading:
    made = device or uuid4()
    return Reading(uuid4(), sensor_class, made, "D", sensor_class, unit, value, NOW, distance, 117.0, 36.6, None, uuid4())  # type: ignore[arg-type]


def tank(**attributes: object) -> RiskSourceSummary:
    return RiskSourceSummary(
        uuid4(),
        uuid4(),
        None,
        "V-102",
        "液氯储罐",
        "tank",
        "370102",
        1,
        "active",
        "液氯",
        "7782-50-5",
        Decimal(50),
        None,
        True,
        1,
        117.05,
        36.66,
        {"state_of_matter": "liquefied_gas", "shape": "horizontal", "volume": 40, "diameter": 2.6, **attributes},
    )


def test_readings_win_over_the_register() -> None:
    told = [reading("pressure_kpa", 612.0), reading("temperature", 14.0), reading("level_percent", 50.0)]
    found = vessels.filled(tank(operating_pressure=1.1, operating_temperature=30), CHLORINE, told, AIR)
    assert found["pressure_mpa"].value == pytest.approx(0.612)
    assert found["vessel_temperature_c"].value == 14.0
    assert found["inventory_t"].value == pytest.approx(40 * 0.5 * 1.4)
    assert {found[name].origin for name in found} == {"sensor"}


def test_without_readings_the_register_tells_and_a_liquefied_gas_stands_at_saturation() -> None:
    found = vessels.filled(tank(operating_temperature=20), CHLORINE, [], AIR)
    assert (found["inventory_t"].value, found["inventory_t"].origin) == (50.0, "record")
    assert found["vessel_temperature_c"].origin == "record"
    assert found["pressure_mpa"].origin == "reckoned"
    assert 0.4 < float(found["pressure_mpa"].value or 0) < 0.8


def test_a_gas_takes_its_registered_pressure_of_operation_before_that_of_design() -> None:
    source = tank(state_of_matter="gas", operating_pressure=1.2, design_pressure=1.6)
    assert vessels.filled(source, CHLORINE, [], AIR)["pressure_mpa"].value == 1.2


def test_of_several_pressures_the_highest_counts() -> None:
    told = [reading("pressure", 0.5), reading("pressure_kpa", 700.0)]
    assert vessels.filled(tank(), CHLORINE, told, AIR)["pressure_mpa"].value == pytest.approx(0.7)


def test_the_nearest_station_that_tells_both_wind_figures_is_taken() -> None:
    near, far = uuid4(), uuid4()
    told = [
        reading("wind_speed", 9.0, distance=50),
        reading("wind_speed", 2.4, device=near, distance=300),
        reading("wind_direction", 45.0, device=near, distance=300),
        reading("wind_speed", 5.0, device=far, distance=4000),
        reading("wind_direction", 90.0, device=far, distance=4000),
    ]
    found = weather.nearest_station(told)
    assert (found["wind_m_s"].value, found["wind_from_deg"].value) == (2.4, 45.0)


def test_where_no_station_tells_both_the_nearest_of_each_is_taken() -> None:
    found = weather.nearest_station([reading("wind_speed", 3.0, distance=900), reading("wind_direction", 10.0, distance=100)])
    assert (found["wind_m_s"].value, found["wind_from_deg"].value) == (3.0, 10.0)


def test_what_is_typed_wins_and_what_is_left_keeps_where_it_comes_from() -> None:
    before = {"wind_m_s": Filled(2.43217, "sensor", NOW), "hole_mm": Filled(25.0, "default")}
    found = inputs.typed_over(before, {"wind_m_s": "2.4322", "hole_mm": "20"}, who="值班员", at=NOW)
    assert found["wind_m_s"].origin == "sensor"
    assert (found["hole_mm"].origin, found["hole_mm"].value, found["hole_mm"].facts["who"]) == ("typed", "20", "值班员")


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("inventory_t", "0", "judgement_not_above_nothing"),
        ("inventory_t", "很多", "judgement_no_number"),
        ("wind_from_deg", "400", "judgement_beyond_bounds"),
        ("wind_from_deg", "", "judgement_nothing_given"),
        ("stability", "G", "judgement_no_such_choice"),
        ("head_m", "-1", "judgement_beyond_bounds"),
        ("wind_m_s", "nan", "judgement_no_number"),
        ("began_at", "昨天", "judgement_no_moment"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_says_what_is_needed(name: str, given: str, code: str) -> None:
    form = {field.name: Filled(1.0, "typed") for field in inputs.asked(rules.TOXIC)}
    form |= {"release": Filled("hole", "typed"), "opening": Filled("liquid", "typed"), "ground": Filled("rural", "typed")}
    form |= {"stability": Filled("F", "typed"), "began_at": Filled(NOW.isoformat(), "typed"), "substance": Filled("氯", "typed")}
    form |= {"longitude": Filled(117.0, "typed"), "latitude": Filled(36.6, "typed"), name: Filled(given, "typed")}
    with pytest.raises(Invalid) as refused:
        inputs.checked(rules.TOXIC, form)
    assert list(refused.value.fields) == [name]
    assert getattr(refused.value.fields[name], "code", "") == code


def test_a_turn_of_the_wind_over_north_is_small() -> None:
    figures = {"rerun_turn_deg": 20.0, "rerun_wind_share": 0.3, "rerun_tank_share": 0.1}
    before = {"wind_from_deg": Filled(355.0, "sensor"), "wind_m_s": Filled(2.4, "sensor"), "stability": Filled("F", "reckoned")}

    def after(direction: float, speed: float = 2.4) -> list[str]:
        newer = {"wind_from_deg": Filled(direction, "sensor"), "wind_m_s": Filled(speed, "sensor"), "stability": Filled("F", "reckoned")}
        return list(prefilling.worth_running(before, newer, figures))

    assert after(5.0) == []
    assert after(40.0) == ["wind_from_deg"]
    assert after(355.0, 3.2) == ["wind_m_s"]


@given(st.sampled_from([tanks.VERTICAL, tanks.SPHERE, tanks.HORIZONTAL]), st.floats(0, 1), st.floats(0, 1))
def test_a_fuller_tank_holds_more_and_half_of_it_is_half(shape: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert tanks.share(shape, low) <= tanks.share(shape, high) + 1e-12
    assert tanks.share(shape, 0.5) == pytest.approx(0.5)
    assert (tanks.share(shape, 0.0), tanks.share(shape, 1.0)) == (0.0, pytest.approx(1.0))


def test_of_several_chemicals_none_is_taken_and_the_form_names_them() -> None:
    unclear = replace(tank(), substance_name="", substance_cas="7664-39-3")
    filled, substance = prefilling.substance_of(unclear)
    assert filled is not None
    assert (filled.value, substance) == (None, None)
    assert filled.facts["candidates"] == ["氟化氢", "氢氟酸"]
    told = wording.provenance(filled)
    assert "氟化氢、氢氟酸" in told
    assert "7664-39-3" in told
    named, figures = prefilling.substance_of(replace(unclear, substance_name="氢氟酸"))
    assert named is not None
    assert named.value == "氢氟酸", "the name decides where the number does not"
    assert figures is not None


def test_a_run_refuses_to_guess_among_several_chemicals_until_somebody_chose() -> None:
    filled, _figures = prefilling.substance_of(replace(tank(), substance_name="", substance_cas="7664-39-3"))
    assert filled is not None
    form = {"substance": filled}
    with pytest.raises(Invalid) as refused:
        inputs.checked(rules.FIREBALL, form)
    why = refused.value.fields["substance"]
    assert isinstance(why, rules.SeveralChemicals)
    assert "氟化氢、氢氟酸" in why.message()
    chosen = inputs.typed_over(form, {"substance": "氟化氢"}, who="值班员", at=NOW)
    with pytest.raises(Invalid) as refused:
        inputs.checked(rules.FIREBALL, chosen)
    assert "substance" not in refused.value.fields
    assert chosen["substance"].origin == "typed"


def test_words_within_a_refusal_are_told_in_the_readers_language_and_names_stay() -> None:
    refusal = rules.NothingGiven(what=inputs.BY_NAME["inventory_t"].label, unit="t")
    with translation.override("en"):
        told = wording.refusal_now(refusal)
        kept = wording.refusal_told(wording.told(NoRoute(vehicle="消防车")))
        named = wording.refusal_now(rules.UnknownChemical(given="某某酸"))
    assert not CHINESE.search(told), told
    assert "t" in told
    assert not CHINESE.search(kept), kept
    assert "某某酸" in named
    assert "存量" in wording.refusal_now(refusal)
