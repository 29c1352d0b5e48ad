"""The table of fuel models: complete, with its sources."""

from __future__ import annotations

from anlan.consequence.fuel_models import fuel_models


def test_the_thirteen_and_the_forty_are_there_and_what_does_not_burn() -> None:
    codes = set(fuel_models())
    families = {"FM": 13, "GR": 9, "GS": 4, "SH": 9, "TU": 5, "TL": 9, "SB": 4, "NB": 5}
    assert {family: sum(code.startswith(family) for code in codes) for family in families} == families
    assert len(codes) == sum(families.values())


def test_exactly_the_fuels_without_load_do_not_burn() -> None:
    assert {code for code, each in fuel_models().items() if not each.burns} == {"NB1", "NB2", "NB3", "NB8", "NB9"}


def test_every_fuel_names_its_source_and_how_far_it_was_checked() -> None:
    for each in fuel_models().values():
        assert each.source
        assert each.status in {"verified", "secondary", "unverified"}
        assert each.name_zh
        assert each.name_en


def test_only_fuels_with_herbs_are_dynamic() -> None:
    """Scott & Burgan call a model dynamic when its herbs cure; the thirteen are static, herbs or not."""
    for code, each in fuel_models().items():
        herbs = each.load_lb_ft2[3] > 0.0
        assert each.dynamic == (herbs and not code.startswith("FM")), code
