"""Dated thresholds of radiation, overpressure and probability, by which zones are drawn: ``data/harm_limits.csv``, with source and status.

A threshold that was not read from its source is ``unverified`` or ``secondary`` and says so on every zone drawn by it; one that no source gives is a
``project_default``. Whoever runs a node may draw zones by thresholds of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from anlan.consequence.catalogue import Caution
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

RADIATION, OVERPRESSURE, PROBABILITY, PROPERTY = "radiation", "overpressure", "probability", "property"
UNITS: Final[Mapping[str, str]] = {RADIATION: "W/m²", OVERPRESSURE: "Pa", PROBABILITY: "1", PROPERTY: "m/kg^(1/3)"}
VERIFIED, PROJECT_DEFAULT = "verified", "project_default"
_FILE = Path(__file__).parent / "data" / "harm_limits.csv"

LABELS: Final[Mapping[str, str]] = {
    "radiation_37_5": N_("设备严重损坏（37.5 kW/m²）"),
    "radiation_25": N_("木材无明火点燃（25 kW/m²）"),
    "radiation_12_5": N_("木材有明火点燃、塑料熔化（12.5 kW/m²）"),
    "radiation_5": N_("40 s 致伤（5 kW/m²）"),
    "radiation_4": N_("20 s 以上疼痛、可能起泡（4 kW/m²）"),
    "radiation_1_6": N_("长时间无不适（1.6 kW/m²）"),
    "overpressure_serious": N_("重伤（44 kPa）"),
    "overpressure_minor": N_("轻伤（17 kPa）"),
    "overpressure_1_psi": N_("1 psi（6.9 kPa）"),
    "probability_50": N_("受害概率 50%"),
    "probability_10": N_("受害概率 10%"),
    "probability_1": N_("受害概率 1%"),
}
NOT_VERIFIED = N_("阈值“{label}”来源：{source}，尚未与原文核对，可在配置中更换。")
DEFAULT = N_("阈值“{label}”为本平台默认值，无标准依据，可在配置中更换。")


class UnknownLimit(Refusal):
    code: ClassVar[str] = "harm_limit_unknown"
    sentence: ClassVar[str] = N_("没有代码为“{code}”的伤害阈值。已有：{known}。")
    status: ClassVar[int] = 404


@dataclass(frozen=True)
class HarmLimit:
    """A threshold: ``value`` in the unit of its quantity; ``edition``: date of what was read, or empty."""

    code: str
    quantity: str
    value: float
    label: str
    source: str
    status: str
    edition: str = ""

    @property
    def unit(self) -> str:
        """Of the value."""
        return UNITS[self.quantity]

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What to know of a threshold that was not read from its source."""
        if self.status == VERIFIED:
            return ()
        if self.status == PROJECT_DEFAULT:
            return (Caution("limit_project_default", DEFAULT, {"label": self.label}),)
        return (Caution("limit_not_verified", NOT_VERIFIED, {"label": self.label, "source": self.source}),)


@cache
def harm_limits() -> Mapping[str, HarmLimit]:
    """Every threshold by its code, of each quantity the highest first."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: HarmLimit(
                row["code"], row["quantity"], float(row["value"]), LABELS[row["code"]], row["source"], row["status"], row["edition"]
            )
            for row in csv.DictReader(lines)
        }


def limit(code: str) -> HarmLimit:
    """One threshold. Raises :class:`UnknownLimit`."""
    found = harm_limits()
    if code not in found:
        raise UnknownLimit(code=code, known=", ".join(found))
    return found[code]


def of_quantity(quantity: str) -> tuple[HarmLimit, ...]:
    """The thresholds of a quantity, the highest first."""
    return tuple(each for each in harm_limits().values() if each.quantity == quantity)
