"""Intensity from ground motion by GB/T 17742-2020."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.intensity import degree, of_acceleration, of_velocity
from anlan.consequence.validity import OutOfRange


def test_formula_and_table_of_the_standard_agree_within_a_tenth_of_a_degree(shared: Path) -> None:
    with (shared / "domain/tables/csis_intensity.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for name, formula in (("pga_le_m_s2", of_acceleration), ("pgv_le_m_s", of_velocity)):
                if row[name]:
                    assert formula(np.asarray(float(row[name]))) == pytest.approx(int(row["intensity"]) + 0.5, abs=0.06)


@given(st.floats(1e-4, 100.0), st.floats(1e-6, 10.0))
def test_intensity_stays_between_one_and_twelve(pga: float, pgv: float) -> None:
    assert 1.0 <= model("gbt_17742_2020_intensity").answer({"pga_m_s2": pga, "pgv_m_s": pgv}).values["intensity"] <= 12.0


def test_where_both_reach_six_the_velocity_decides_and_below_it_is_their_mean() -> None:
    strong = model("gbt_17742_2020_intensity").answer({"pga_m_s2": 2.0, "pgv_m_s": 0.2}).values
    assert strong["intensity"] == strong["by_velocity"]
    weak = model("gbt_17742_2020_intensity").answer({"pga_m_s2": 0.2, "pgv_m_s": 0.01}).values
    assert weak["intensity"] == pytest.approx((weak["by_acceleration"] + weak["by_velocity"]) / 2)


def test_half_a_degree_is_told_as_the_next_one() -> None:
    assert degree(np.array([6.49, 6.5, 7.49])).tolist() == [6.0, 7.0, 7.0]


def test_it_says_that_it_is_no_survey_and_from_a_copy() -> None:
    answer = model("gbt_17742_2020_intensity").answer({"pga_m_s2": 1.0, "pgv_m_s": 0.1})
    assert {each.code for each in answer.cautions} == {"instrumental_intensity", "secondary_copy_of_gbt_17742"}


def test_no_motion_has_no_intensity() -> None:
    with pytest.raises(OutOfRange):
        model("gbt_17742_2020_intensity").answer({"pga_m_s2": 0.0, "pgv_m_s": 0.1})
