"""First-response cards: complete, in both languages, with distances that grow with the spill and the night."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from anlan.ground.chemicals import cards, catalogue, door
from anlan.ground.chemicals.rules import NoCard

CODES = [each.code for each in catalogue.entries() if each.guide]
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize("code", CODES)
def test_every_part_of_a_card_says_something_in_both_languages(code: str) -> None:
    card = door.card(code)
    for part in door.PARTS:
        assert card.advice[part], part
        for each in card.advice[part]:
            assert CHINESE.search(each.zh)
            assert each.en
            assert not CHINESE.search(each.en)
            assert each.source
            assert each.status == "unverified"


def test_what_a_chemical_adds_stands_first_and_what_it_leaves_out_is_gone() -> None:
    fluoride = door.card("hydrogen_fluoride")
    assert "葡萄糖酸钙" in fluoride.advice["aid"][0].zh
    cyanide = door.card("sodium_cyanide")
    assert "forbid_acid" in {each.code for each in cyanide.advice["forbid"]}
    assert "fire_acid" not in {each.code for each in cyanide.advice["fire"]}


def test_nobody_is_told_to_use_water_and_not_to_use_it() -> None:
    for code in CODES:
        codes = {each.code for rows in door.card(code).advice.values() for each in rows}
        if "forbid_water" in codes:
            assert not codes & {"fire_foam", "fire_flood", "fire_acid", "fire_hydrocarbon_foam"}, code


def test_distances_grow_with_the_spill_and_at_night() -> None:
    for code in CODES:
        for row in cards.isolation(code):
            if row.day_m is not None and row.night_m is not None:
                assert row.night_m >= row.day_m, (code, row)
            if row.day_m is not None and row.isolation_m is not None:
                assert row.day_m >= row.isolation_m, (code, row)
        least = [row.isolation_m for row in cards.isolation(code) if row.spill == "small" and row.isolation_m is not None]
        most = [row.isolation_m for row in cards.isolation(code) if row.spill == "large" and row.isolation_m is not None]
        if least and most:
            assert max(most) >= min(least), code


def test_chlorine_has_distances_by_container_and_wind() -> None:
    rows = cards.isolation("chlorine")
    assert {row.container for row in rows if row.spill == "large"} == {"rail_tank", "road_tank", "ton_cylinder", "ton_cylinders"}
    assert {row.wind for row in rows if row.spill == "large"} == {"low", "moderate", "high"}
    assert next(row.isolation_m for row in rows if row.spill == "small") == 60.0


def test_water_that_frees_a_toxic_gas_is_told() -> None:
    assert {row.gives_off for row in cards.isolation("titanium_tetrachloride")} == {"Hydrogen chloride"}
    assert {row.gives_off for row in cards.isolation("sodium_cyanide")} == {"Hydrogen cyanide"}


def test_a_chemical_without_a_guide_has_no_card_and_says_so() -> None:
    with pytest.raises(NoCard) as refused:
        door.card("formaldehyde")
    assert "甲醛" in refused.value.message()


def test_every_sentence_is_used_and_every_line_belongs_to_a_chemical() -> None:
    used = {each.code for code in CODES for rows in door.card(code).advice.values() for each in rows}
    assert used == set(cards._advice())
    assert set(cards._own()) <= set(CODES)
    assert set(cards._isolation()) <= set(CODES)
    assert {row.container for rows in cards._isolation().values() for row in rows} <= set(cards.CONTAINERS)


def test_distances_are_those_of_the_reference(shared: Path) -> None:
    """Also shows that the copy was not changed by hand: of lines that differ under one number the farther was taken."""
    told: dict[str, list[dict]] = {}
    for each in json.loads((shared / "data" / "chem" / "erg_isolation.json").read_text(encoding="utf-8"))["materials"]:
        told.setdefault(each["unNumber"], []).append(each)
    for code in ("hydrogen_sulfide", "phosgene", "methanol", "acrolein", "ethylene_oxide"):
        entry, row = catalogue.entry(code), next(row for row in cards.isolation(code) if row.spill == "small")
        named = {each["smallSpill"]["initialIsolationMeters"] for each in told[entry.un]}
        assert row.isolation_m in named
        assert entry.guide in {each["guideNumber"] for each in told[entry.un]}
