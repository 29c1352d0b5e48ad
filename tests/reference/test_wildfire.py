"""Surface fire spread against what firelab/behave prints for the same fire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.consequence.catalogue import model
from anlan.consequence.fuel_models import fuel_models
from anlan.consequence.rothermel import BTU_KJ, FT_M, FT_MIN_M_S, fuel_bed, length_to_width

CANNOT: dict[str, str] = {}
KNOWN = {"gs4-upslope", "gs4-fireline-intensity", "gs4-length-to-width"}
MPH_M_S = 0.44704
CHAIN_PER_HOUR_FT_MIN = 66.0 / 60.0


@pytest.fixture
def cases(shared: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared / "reference/consequence/wildfire.json").read_text())["cases"]}


def moistures(asked: dict[str, Any]) -> tuple[float, ...]:
    return tuple(asked["moisture_pct"][name] / 100.0 for name in ("1h", "10h", "100h", "live_herb", "live_woody"))


def burning(asked: dict[str, Any]) -> dict[str, Any]:
    one, ten, hundred, herb, woody = moistures(asked)
    return dict(
        model("rothermel_1972")
        .answer(
            {
                "fuel": asked["fuel_model"].split("/")[0],
                "moisture_1h": one,
                "moisture_10h": ten,
                "moisture_100h": hundred,
                "moisture_herb": herb,
                "moisture_woody": woody,
                "wind_m_s": asked["wind_20ft_mph"] * MPH_M_S,
                "wind_height": "20ft",
                "wind_from_deg": 0.0,
                "slope": asked["slope_pct"] / 100.0,
                "aspect_deg": 0.0,
                "canopy_cover": asked["canopy_cover_pct"] / 100.0,
                "canopy_height_m": asked["canopy_height_ft"] * FT_M,
                "crown_ratio": asked["crown_ratio"],
            }
        )
        .values
    )


def test_no_case_is_forgotten(cases: dict[str, Any]) -> None:
    assert set(cases) == KNOWN | set(CANNOT)


def test_grass_and_shrub_up_a_slope_spreads_as_behave_says(cases: dict[str, Any]) -> None:
    case = cases["gs4-upslope"]
    expected, rel = case["expected"], case["tolerance"]["rel"]
    rate = burning(case["inputs"])["rate_m_s"] / FT_MIN_M_S / CHAIN_PER_HOUR_FT_MIN
    assert rate == pytest.approx(expected["ros_ch_h"], rel=rel)
    one, ten, hundred, herb, woody = moistures(case["inputs"])
    bed = fuel_bed(fuel_models()["GS4"], (one, ten, hundred, herb, woody))
    assert bed.sigma == pytest.approx(expected["sav_ft2_ft3"], rel=rel)
    assert bed.live_extinction * 100 == pytest.approx(expected["live_moisture_extinction_pct"], rel=rel)
    assert bed.dead_moisture * 100 == pytest.approx(expected["dead_moisture_pct"], rel=rel)
    assert bed.live_moisture * 100 == pytest.approx(expected["live_moisture_pct"], rel=rel)


def test_its_fireline_is_as_intense_as_behave_says(cases: dict[str, Any]) -> None:
    case = cases["gs4-fireline-intensity"]
    found = burning(case["inputs"])["intensity_kw_m"] * FT_M / BTU_KJ
    assert found == pytest.approx(case["expected"]["fireline_intensity_btu_ft_s"], rel=case["tolerance"]["rel"])


def test_its_ellipse_is_as_long_as_behave_says(cases: dict[str, Any]) -> None:
    case = cases["gs4-length-to-width"]
    found = length_to_width(np.asarray(float(case["inputs"]["midflame_wind_mph"])))
    assert found == pytest.approx(case["expected"]["length_to_width"], rel=case["tolerance"]["rel"])
    one, ten, hundred, herb, woody = moistures(case["inputs"])
    asked = {"moisture_1h": one, "moisture_10h": ten, "moisture_100h": hundred, "moisture_herb": herb, "moisture_woody": woody}
    wind = case["inputs"]["midflame_wind_mph"] * MPH_M_S
    answer = model("rothermel_1972").answer(asked | {"fuel": "GS4", "wind_m_s": wind, "wind_height": "midflame", "wind_from_deg": 0.0})
    assert answer.values["length_to_width"] == pytest.approx(case["expected"]["length_to_width"], rel=case["tolerance"]["rel"])
