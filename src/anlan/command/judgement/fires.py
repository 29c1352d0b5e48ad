"""Fires and blasts: from the form to circles of radiation and overpressure. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from anlan.command.judgement import rules
from anlan.command.judgement.inputs import Inputs
from anlan.consequence import circles, fireball, jet_fire, pool_solid_flame, tnt_equivalence
from anlan.consequence.blasts import TNT_J_KG
from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import Zone
from anlan.consequence.emissive_power import SOOTY_FUELS
from anlan.consequence.point_source import POINT_SOURCE_NEAR
from anlan.consequence.validity import within
from anlan.kernel.words import N_

Told = tuple[Sequence[Zone], dict[str, Any], tuple[Credentials, ...], tuple[Caution, ...]]


def circles_of(kind: str, inputs: Inputs) -> Told:
    """Zones, what the event is in figures, models and cautions. Raises what the models refuse."""
    return _OF[kind](inputs)


def _number(inputs: Inputs, name: str) -> float:
    return float(inputs[name].value)  # type: ignore[arg-type]


def _pool_fire(inputs: Inputs) -> Told:
    diameter = float(
        within(_number(inputs, "diameter_m"), 0.0, 500.0, model=pool_solid_flame.CODE, what=N_("液池直径"), unit="m", open_low=True)
    )
    flame = pool_solid_flame.pool_flame(diameter, _number(inputs, "burning_flux"), wind_m_s=_number(inputs, "wind_m_s"))
    by = (pool_solid_flame.POOL_SOLID_FLAME.credentials,)
    told = (Caution("mudan_sooty_fuels", SOOTY_FUELS),)
    facts = {
        "path": "pool_fire",
        "flame_m": flame.length_m,
        "emissive_power_w_m2": flame.emissive_power_w_m2,
        "diameter_m": flame.diameter_m,
    }
    return circles.of_radiation(flame.reach, by, told), facts, by, told


def _jet_fire(inputs: Inputs) -> Told:
    rate = float(
        within(
            _number(inputs, "rate_kg_s"),
            jet_fire.SLOWEST_KG_S,
            jet_fire.FASTEST_KG_S,
            model=jet_fire.CODE,
            what=N_("泄漏速率"),
            unit="kg/s",
        )
    )
    flame = jet_fire.length(rate)
    radiated = _number(inputs, "radiative_fraction") * rate * _number(inputs, "heat_mj_kg") * 1e6
    by = (jet_fire.JET_FIRE.credentials,)
    told = (Caution("jet_length_rough", jet_fire.ROUGH_LENGTH), POINT_SOURCE_NEAR)
    facts = {"path": "jet_fire", "flame_m": flame, "radiated_w": radiated}
    return circles.of_radiation(lambda level: jet_fire.reach(radiated, flame, level), by, told), facts, by, told


def _fireball(inputs: Inputs) -> Told:
    ball = fireball.fireball(_number(inputs, "inventory_t") * 1000.0)
    by = (fireball.FIREBALL.credentials,)
    facts = {"path": "fireball", "diameter_m": ball.diameter_m, "duration_s": ball.duration_s}
    return circles.of_radiation(ball.reach, by), facts, by, ()


def _cloud_blast(inputs: Inputs) -> Told:
    answer = tnt_equivalence.TNT_EQUIVALENCE.answer(
        {
            "fuel_kg": _number(inputs, "inventory_t") * 1000.0,
            "heat_of_combustion_j_kg": _number(inputs, "heat_mj_kg") * 1e6,
            "tnt_yield": _number(inputs, "tnt_yield"),
            "ground_factor": tnt_equivalence.GROUND_FACTOR,
            "tnt_j_kg": TNT_J_KG,
        }
    )
    charge = float(answer.values["tnt_kg"])
    return circles.of_chinese_blast(charge), {"path": "cloud_blast", "tnt_kg": charge}, (answer.by,), answer.cautions


def _tnt(inputs: Inputs) -> Told:
    charge = _number(inputs, "tnt_kg")
    return circles.of_chinese_blast(charge), {"path": "tnt", "tnt_kg": charge}, (), ()


_OF: dict[str, Callable[[Inputs], Told]] = {
    rules.POOL_FIRE: _pool_fire,
    rules.JET_FIRE: _jet_fire,
    rules.FIREBALL: _fireball,
    rules.CLOUD_BLAST: _cloud_blast,
    rules.TNT: _tnt,
}
