"""How many die of a toxic gas: ``Pr = a + b ln(Cⁿ t)``, t in minutes, C in the unit of the coefficients.

The unit belongs to the coefficients: those of HSE SPC/Tech/OSD/30 Table 2 (Lees) are for ppm, those of the TNO Purple Book (CPR 18E, 1999) for mg/m³, and
one set used with the other's unit is wrong by orders of magnitude. So a concentration is a :class:`Ppm` or an :class:`MgM3`, a :class:`ToxicProbit` takes one
of them and refuses the other, and the two are converted with molar mass, temperature and pressure, never by name. Coefficients stand in
``data/toxic_probits.csv`` with source and status.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence import probit
from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.concentration import kg_m3_of_ppm
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

VERSION: Final = "1"
_FILE = Path(__file__).parent / "data" / "toxic_probits.csv"
SECONDARY = N_("毒性概率系数取自二手资料（来源：{source}），由动物试验外推，尚未与原著核对；结果用于比较和估算，不能代替医学判断。")
MG_PER_KG: Final = 1e6


class UnitMixed(Refusal):
    code: ClassVar[str] = "toxic_unit_mixed"
    sentence: ClassVar[str] = N_("“{substance}”的毒性概率系数以 {wanted} 为单位，不能代入 {given} 的浓度。请先用摩尔质量、温度和压力换算。")
    status: ClassVar[int] = 422


class UnknownSubstance(Refusal):
    code: ClassVar[str] = "toxic_substance_unknown"
    sentence: ClassVar[str] = N_("没有“{substance}”以 {unit} 为单位的毒性概率系数。已有：{known}。")
    status: ClassVar[int] = 404


@dataclass(frozen=True)
class Ppm:
    """Parts per million by volume."""

    UNIT: ClassVar[str] = "ppm"
    value: Figures

    def in_mg_m3(self, molar_kg: float, temperature_k: float, pressure_pa: float) -> MgM3:
        """The same as an :class:`MgM3`; molar mass in kg/mol (ideal gas)."""
        return MgM3(np.asarray(self.value) * kg_m3_of_ppm(molar_kg, temperature_k, pressure_pa) * MG_PER_KG)


@dataclass(frozen=True)
class MgM3:
    """Milligrams per cubic metre."""

    UNIT: ClassVar[str] = "mg/m³"
    value: Figures

    def in_ppm(self, molar_kg: float, temperature_k: float, pressure_pa: float) -> Ppm:
        """The same as a :class:`Ppm`; molar mass in kg/mol (ideal gas)."""
        return Ppm(np.asarray(self.value) / (kg_m3_of_ppm(molar_kg, temperature_k, pressure_pa) * MG_PER_KG))


Concentration = TypeVar("Concentration", Ppm, MgM3)


@dataclass(frozen=True)
class ToxicProbit(Generic[Concentration]):
    """``Pr = a + b ln(Cⁿ t)`` of a substance; C as ``unit`` says, t in minutes."""

    substance: str
    unit: type[Concentration]
    a: float
    b: float
    n: float
    source: str
    status: str

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Where the coefficients come from, unless they were read from their source."""
        return () if self.status == "verified" else (Caution("toxic_probit_secondary", SECONDARY, {"source": self.source}),)

    def _figures(self, concentration: Concentration) -> Figures:
        if not isinstance(concentration, self.unit):
            raise UnitMixed(substance=self.substance, wanted=self.unit.UNIT, given=getattr(concentration, "UNIT", "?"))
        return np.asarray(concentration.value, np.float64)

    def load(self, concentration: Concentration, minutes: ArrayLike) -> Figures:
        """Toxic load ``Cⁿ t`` of a steady concentration. Raises :class:`UnitMixed`."""
        return self._figures(concentration) ** self.n * np.asarray(minutes, np.float64)

    def load_of_course(self, time_s: Figures, concentration: Concentration) -> Figures:
        """Toxic load ``∫ Cⁿ dt`` of a course, its first axis along ``time_s``, by trapezoids. Raises :class:`UnitMixed`."""
        return np.trapezoid(self._figures(concentration) ** self.n, np.asarray(time_s, np.float64) / 60, axis=0)

    def probit(self, load: ArrayLike) -> Figures:
        """``a + b ln(load)``."""
        return probit.of_dose(self.a, self.b, load)

    def concentration(self, probability: ArrayLike, minutes: ArrayLike) -> Concentration:
        """The steady concentration of which that share dies in that time."""
        load = probit.dose_of(self.a, self.b, probit.of_share(probability))
        return self.unit((load / np.asarray(minutes, np.float64)) ** (1 / self.n))


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@cache
def probits(unit: type[Concentration]) -> Mapping[str, ToxicProbit[Concentration]]:
    """Every probit of a unit, by substance."""
    return {
        row["substance"]: ToxicProbit(
            row["substance"], unit, float(row["a"]), float(row["b"]), float(row["n"]), row["source"], row["status"]
        )
        for row in _rows()
        if row["unit"] == unit.UNIT
    }


def of_substance(substance: str, unit: type[Concentration]) -> ToxicProbit[Concentration]:
    """The probit of a substance in a unit. Raises :class:`UnknownSubstance`."""
    known = probits(unit)
    if substance not in known:
        raise UnknownSubstance(substance=substance, unit=unit.UNIT, known=", ".join(known))
    return known[substance]


_MINUTES = Input("minutes", "min", N_("暴露时间"), low=0.0, high=1440.0, many=True, open_low=True)


def _pair(unit: type[Concentration], code: str, name: str, title: str, title_back: str, citation: str, meaning: str) -> tuple[Model, Model]:
    substances = Input("substance", "", N_("有毒物质"), choices=tuple(probits(unit)))
    there, back = Credentials(code, VERSION, citation), Credentials(f"{code}_level", VERSION, citation)

    def harm(substance: str, minutes: Figures, **concentration: Figures) -> Answer:
        found = of_substance(substance, unit)
        load = found.load(unit(np.asarray(concentration[name])), minutes)
        if not (np.isfinite(load) & (load > 0)).all():
            raise Contradiction(model=code, reason=N_("毒负荷超出可计算的范围，请核对浓度和单位"))
        told = found.probit(load)
        return Answer({"toxic_load": load, "probit": told, "probability": probit.share(told)}, there, found.cautions)

    def level(substance: str, minutes: Figures, probability: Figures) -> Answer:
        found = of_substance(substance, unit)
        return Answer({name: found.concentration(probability, minutes).value}, back, found.cautions)

    load_unit = f"({unit.UNIT})ⁿ·min"
    return (
        Model(
            code,
            title,
            VERSION,
            citation,
            (substances, Input(name, unit.UNIT, meaning, low=0.0, high=1e6 if unit is Ppm else 1e7, many=True, open_low=True), _MINUTES),
            (Output("toxic_load", load_unit, N_("毒负荷")), probit.PROBIT, probit.PROBABILITY),
            harm,
        ),
        Model(back.model, title_back, VERSION, citation, (substances, _MINUTES, probit.SHARE), (Output(name, unit.UNIT, meaning),), level),
    )


MODELS = (
    *_pair(
        Ppm,
        "harm.toxic_ppm",
        "concentration_ppm",
        N_("毒性致死概率（ppm·min 系数）"),
        N_("毒性致死概率对应的浓度（ppm·min 系数）"),
        "UK HSE SPC/Tech/OSD/30 Table 2 (Lees)",
        N_("浓度（ppm）"),
    ),
    *_pair(
        MgM3,
        "harm.toxic_mg_m3",
        "concentration_mg_m3",
        N_("毒性致死概率（mg/m³·min 系数）"),
        N_("毒性致死概率对应的浓度（mg/m³·min 系数）"),
        "TNO Purple Book CPR 18E (1999) Table 5.2",
        N_("浓度（mg/m³）"),
    ),
)
