"""The industry table of GB/T 4754-2017."""

from datetime import date

import pytest

from anlan.ground.enterprises import industry
from anlan.ground.enterprises.rules import UnknownCode


def test_the_table_has_20_sections_and_97_divisions_in_order():
    rows = industry.table()
    assert "".join(row.code for row in rows if row.is_section) == "ABCDEFGHIJKLMNOPQRST"
    assert [row.code[1:] for row in rows if not row.is_section] == [f"{n:02d}" for n in range(1, 98)]
    assert all(row.name_zh and row.name_en and row.source for row in rows)
    assert {row.status for row in rows} == {"secondary"}


@pytest.mark.parametrize(
    ("written", "code"), [("26", "C26"), ("c26", "C26"), ("2611", "C2611"), ("C", "C"), ("B06", "B06"), (" C 26 ", "C26")]
)
def test_codes_are_normalised_to_section_and_digits(written, code):
    assert industry.industry_code(written) == code


@pytest.mark.parametrize("written", ["B26", "98", "Z", "C2", "化工", "", "26111"])
def test_codes_outside_the_table_are_refused(written):
    with pytest.raises(UnknownCode):
        industry.industry_code(written)


def test_a_code_is_judged_by_the_table_of_its_day():
    assert industry.industry_code("C26", date(2020, 1, 1)) == "C26"
    with pytest.raises(UnknownCode):
        industry.industry_code("C26", date(2010, 1, 1))


def test_a_class_is_named_by_its_division():
    found = industry.industry("C2611")
    assert found is not None
    assert found.name_zh == "化学原料和化学制品制造业"
