"""Every row of the data files has a source and a status, a unit that is known, and a figure that can be."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from anlan.consequence.substance import Substance
from anlan.ground.chemicals import catalogue, door, library, rules, toxicity
from anlan.ground.chemicals.catalogue import Entry

CODES = [each.code for each in catalogue.entries()]


def test_there_are_about_a_hundred_and_all_that_are_specially_regulated() -> None:
    assert len(CODES) >= 100
    assert len(set(CODES)) == len(CODES)
    notices = {row.notice: set() for code in CODES if (row := catalogue.regulated(code))}
    for code in CODES:
        if row := catalogue.regulated(code):
            notices[row.notice].add(row.entry)
    assert notices == {"安监总管三〔2011〕95号": set(range(1, 61)), "安监总管三〔2013〕12号": set(range(1, 15))}


@pytest.mark.parametrize("each", catalogue.entries(), ids=CODES)
def test_a_chemical_is_told_who_it_is(each: Entry) -> None:
    assert each.name_zh
    assert each.name_en
    assert each.source
    assert re.fullmatch(r"[a-z_]+", each.code)
    if each.cas:
        digits = each.cas.replace("-", "")
        assert sum(weight * int(digit) for weight, digit in enumerate(reversed(digits[:-1]), 1)) % 10 == int(digits[-1])
    assert re.fullmatch(r"(\d{4})?", each.un)
    assert each.form in rules.FORMS
    assert not each.stands_in or catalogue.entry(each.stands_in).form == rules.PURE
    for part in re.findall(r"[\d.]+[A-Z]?", each.hazard_class):
        assert part in rules.HAZARDS


def test_every_figure_has_its_field_unit_source_and_status() -> None:
    for code in CODES:
        for row in catalogue.figures(code):
            meaning, unit = rules.FIELDS[row.field]
            assert meaning
            assert row.unit == unit, (code, row.field)
            assert row.source
            assert row.status in {"verified", "secondary", "unverified"}
            assert row.value > 0 or row.field == "antoine_c", (code, row.field)


def test_no_row_belongs_to_a_chemical_that_is_not_there() -> None:
    held = {
        row.chemical
        for name in ("figures.csv", "figures_of_record.csv")
        for row in catalogue.load_rules(catalogue.DATA / name, catalogue.FigureRow)
    }
    held |= {row.chemical for row in catalogue.load_rules(catalogue.DATA / "endpoints.csv", catalogue.LimitRow)}
    assert held <= set(CODES)


def test_solutions_and_mixtures_have_no_figures_of_a_pure_substance() -> None:
    for each in catalogue.entries():
        if each.form != rules.PURE:
            assert {row.field for row in catalogue.figures(each.code)} <= {"critical_quantity_t"}


def test_every_figure_fits_a_substance_and_carries_its_source() -> None:
    for code in CODES:
        figures = door.substance(code)
        assert isinstance(figures, Substance)
        assert all(figures.sources[name] for name in figures.sources)
        if figures.boiling_point_k and figures.critical_temperature_k:
            assert figures.boiling_point_k < figures.critical_temperature_k
        if figures.antoine and figures.boiling_point_k and figures.antoine.holds_at(figures.boiling_point_k):
            assert figures.antoine.pressure(figures.boiling_point_k) == pytest.approx(101_325.0, rel=0.15), code


def test_the_figures_in_the_table_are_those_of_the_library() -> None:
    for code in ("chlorine", "ammonia", "benzene", "hydrogen_sulfide"):
        asked = {(each.field, each.at_k): each.value for each in library.figures(door.chemical(code).cas)}
        for row in catalogue.figures(code):
            if row.source.startswith("chemicals (PyPI)"):
                at = min((at for field, at in asked if field == row.field), key=lambda at: abs((at or 0) - (row.at_k or 0)))
                assert row.value == pytest.approx(asked[row.field, at], rel=1e-4), (code, row.field)


def test_a_figure_of_another_substance_is_asked_of_the_library() -> None:
    figures = door.substance_by_cas("109-99-9")
    assert figures.molar_mass_kg_mol == pytest.approx(0.0721, rel=1e-3)
    assert figures.boiling_point_k == pytest.approx(339.1, abs=1.0)
    assert "chemicals (PyPI)" in figures.sources["boiling_point_k"]
    assert door.substance_by_cas("0000-00-0").molar_mass_kg_mol is None


def test_worse_levels_are_higher_and_longer_times_lower() -> None:
    for code in CODES:
        rows = {(row.scheme, row.level, row.minutes): row.value for row in toxicity.all_limits(code)}
        assert len(rows) == len(toxicity.all_limits(code)), code
        for (scheme, level, minutes), value in rows.items():
            if level in {"2", "3"} and (lower := rows.get((scheme, str(int(level) - 1), minutes))) is not None:
                assert value > lower, (code, scheme, level, minutes)
        for level in "123":
            course = [rows[key] for key in sorted(rows) if key[:2] == ("AEGL", level)]
            assert all(one >= two for one, two in pairwise(course)), (code, level)


def test_limits_are_told_for_the_time_asked() -> None:
    def value(minutes: float) -> float:
        return next(each.value for each in door.endpoints("chlorine", minutes) if each.code == "AEGL-3")

    assert (value(10), value(20), value(60), value(61)) == (50.0, 28.0, 20.0, 10.0)
    assert not [each for each in door.endpoints("chlorine", 500) if each.code.startswith(("AEGL", "ERPG"))]
    assert [each.code for each in door.endpoints("chlorine")][:3] == ["AEGL-3", "AEGL-2", "AEGL-1"]


def test_a_flammable_gas_has_its_limit_of_explosion_in_ppm() -> None:
    found = {each.code: each.value for each in door.endpoints("propane")}
    assert found["LFL"] == 17_000.0
    assert found["LFL-50"] == 8_500.0


def test_a_chemical_without_limits_has_none() -> None:
    assert door.endpoints("guanidine_nitrate") == ()


def test_a_figure_that_was_left_out_is_not_there_and_the_reason_is() -> None:
    assert catalogue.left_out()
    for code, field in catalogue.left_out():
        assert field not in {row.field for row in catalogue.figures(code)}
        assert field in {each.field for each in library.figures(door.chemical(code).cas)}
