"""Chemicals are found as people write them, and one number that means two chemicals is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.ground.chemicals import catalogue, door
from anlan.ground.chemicals.rules import UnknownChemical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("氯", "chlorine"),
        ("液氯", "chlorine"),
        ("Chlorine", "chlorine"),
        ("CHLORINE ", "chlorine"),
        ("7782-50-5", "chlorine"),
        ("UN1017", "chlorine"),
        ("un 1017", "chlorine"),
        ("1017", "chlorine"),
        ("光气", "phosgene"),
        ("１，３－丁二烯", "butadiene"),
        ("过氧化(二)苯甲酰", "benzoyl_peroxide"),
        ("7664-39-3", "hydrogen_fluoride"),
        ("0143", "nitroglycerin"),
    ],
)
def test_a_chemical_is_found_by_any_of_its_names_and_numbers(text: str, code: str) -> None:
    found = door.find(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["", " ", "不存在的物质", "9999-99-9", "UN0000"])
def test_what_is_not_known_is_not_found(text: str) -> None:
    assert door.find(text) is None


def test_one_number_of_two_chemicals_gives_both_and_the_name_decides() -> None:
    assert {each.code for each in door.of_source("", "7664-39-3")} == {"hydrogen_fluoride", "hydrofluoric_acid"}
    assert [each.code for each in door.of_source("氢氟酸", "7664-39-3")] == ["hydrofluoric_acid"]


def test_a_name_and_a_number_that_contradict_each_other_give_both() -> None:
    assert {each.code for each in door.of_source("液氨", "7782-50-5")} == {"ammonia", "chlorine"}


def test_a_trade_name_with_a_known_number_is_resolved_by_the_number() -> None:
    assert [each.code for each in door.of_source("1# 罐物料", "7782-50-5")] == ["chlorine"]
    assert door.of_source("1# 罐物料", "") == ()


def test_a_search_shows_exact_names_first() -> None:
    assert next(each.code for each in door.search("苯")) == "benzene"
    assert "toluene" in {each.code for each in door.search("苯", 50)}
    assert len(door.search("a", 5)) == 5


def test_an_unknown_code_is_refused_by_name() -> None:
    with pytest.raises(UnknownChemical) as refused:
        door.substance("unobtainium")
    assert "unobtainium" in refused.value.message()


@given(st.sampled_from([(each.code, name) for each in catalogue.entries() for name in (each.name_zh, each.name_en)]))
def test_every_name_proper_finds_its_own_chemical(pair: tuple[str, str]) -> None:
    found = door.find(pair[1])
    assert found is not None
    assert found.code == pair[0]


@given(st.text(max_size=40))
def test_any_text_may_be_asked(text: str) -> None:
    door.find(text)
    door.search(text, 5)
    door.of_source(text, text)
