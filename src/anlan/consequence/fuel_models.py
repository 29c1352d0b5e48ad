"""The standard fuel models of surface fire: 13 of Anderson (1982) and 40 of Scott & Burgan (2005, RMRS-GTR-153), and cells that do not burn.

Figures stand in ``data/fuel_models.csv`` in the units of their sources (ft, 1/ft, Btu/lb, %, tons per acre or lb/ft²), with source and status. They
describe vegetation of North America; no map of Chinese vegetation in these classes was found, so whoever chooses a model for a place answers for it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "fuel_models.csv"
_LB_FT2 = {"lb/ft2": 1.0, "t/ac": 2000.0 / 43_560.0}
"""One short ton is 2000 lb, one acre 43 560 ft²."""
_SAV_10H_FT, _SAV_100H_FT = 109.0, 30.0
"""Surface area to volume of 10 h and 100 h fuel, the same for all models (Albini 1976, p. 91), 1/ft."""


@dataclass(frozen=True)
class FuelModel:
    """``load_lb_ft2``: 1 h, 10 h, 100 h, live herbaceous, live woody, oven dry; ``sav_ft`` (1/ft) in the same order.

    ``dynamic``: its herbs move to the dead fuel as they cure (Scott & Burgan 2005).
    """

    code: str
    name_zh: str
    name_en: str
    depth_ft: float
    extinction: float
    heat_btu_lb: float
    load_lb_ft2: tuple[float, float, float, float, float]
    sav_ft: tuple[float, float, float, float, float]
    dynamic: bool
    source: str
    status: str

    @property
    def burns(self) -> bool:
        """Whether there is anything to burn."""
        return sum(self.load_lb_ft2) > 0


@cache
def fuel_models() -> Mapping[str, FuelModel]:
    """Every fuel model by its code."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: _fuel_model(row) for row in csv.DictReader(lines)}


def _fuel_model(row: Mapping[str, str]) -> FuelModel:
    unit = _LB_FT2[row["load_unit"]]
    one, ten, hundred, herb, woody = (float(row[f"load_{name}"]) * unit for name in ("1h", "10h", "100h", "herb", "woody"))
    return FuelModel(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        depth_ft=float(row["depth_ft"]),
        extinction=float(row["moisture_of_extinction_pct"]) / 100.0,
        heat_btu_lb=float(row["heat_btu_lb"]),
        load_lb_ft2=(one, ten, hundred, herb, woody),
        sav_ft=(float(row["sav_1h_ft"]), _SAV_10H_FT, _SAV_100H_FT, float(row["sav_herb_ft"]), float(row["sav_woody_ft"])),
        dynamic=row["kind"] == "D",
        source=row["source"],
        status=row["status"],
    )
