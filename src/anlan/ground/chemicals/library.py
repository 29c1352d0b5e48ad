"""Physical figures asked of the library ``chemicals`` (PyPI): measured values by CAS number, each with the name of the collection it is from.

Only measured or critically evaluated data; estimates from structure (Joback, Wilson and Jasperson …) are left out: an estimate would look
like a measurement on a duty desk. The library takes some seconds to load its tables and is imported where it is asked, never at start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import Any

ROOM_K = 298.15
"""25 °C, at which handbooks print heat capacities and vapour pressures."""
NEAR_K = 40.0
"""A heat of vaporisation at 25 °C stands for that at a boiling point so near: it changes by some 5 % over that. Project default."""
HUNDRED = 100.0

BOILING = ("CRC_INORG", "CRC_ORG", "WEBBOOK", "COMMON_CHEMISTRY", "YAWS", "HEOS")
MELTING = ("CRC_INORG", "CRC_ORG", "OPEN_NTBKM", "WEBBOOK", "COMMON_CHEMISTRY", "HEOS")
CRITICAL = ("MATTHEWS", "CRC", "IUPAC", "WEBBOOK", "PSRK", "YAWS", "HEOS")
FLAMMABLE = ("IEC 60079-20-1 (2010)", "NFPA 497 (2008)")
FLASH = ("IEC 60079-20-1 (2010)", "NFPA 497 (2008)", "Serat DIPPR (2017)")
"""Collections in the order in which they are believed: evaluated ones first. WIKIDATA is not asked."""

PERRY, VDI, POLING, CRC = "Perry's Handbook, 8th ed.", "VDI Heat Atlas (PPDS)", "Poling et al. 2001", "CRC Handbook"


@dataclass(frozen=True)
class Figure:
    """One figure: ``value`` in ``unit``, measured or evaluated ``at_k`` kelvin (``None``: no temperature belongs to it), from ``source``."""

    field: str
    value: float
    unit: str
    at_k: float | None
    source: str
    status: str


@lru_cache(maxsize=256)
def figures(cas: str) -> tuple[Figure, ...]:
    """All figures that the library holds for a CAS number; none for a number it does not know."""
    if not cas:
        return ()
    asked = _Asked(cas)
    return tuple(found for kind in _KINDS for found in kind(asked))


def cited(method: str) -> str:
    """The source as every row carries it: library, version, collection."""
    return f"chemicals (PyPI) {metadata.version('chemicals')}: {method}"


def _figure(field: str, value: float | None, unit: str, at_k: float | None, method: str) -> Iterator[Figure]:
    """The figure, unless there is none (some tables write a zero for it); six significant digits are more than any of these is known to."""
    if value is not None and math.isfinite(value) and (value > 0.0 or field == "antoine_c"):
        yield Figure(field, float(f"{value:.6g}"), unit, None if at_k is None else round(at_k, 2), cited(method), "secondary")


class _Asked:
    """A CAS number with the figures that others need: molar mass, boiling point, critical temperature."""

    def __init__(self, cas: str) -> None:
        self.cas = cas
        self.molar, _ = self.first("molar mass", ("formula",))
        self.boiling, self.boiling_by = self.first("Tb", BOILING)
        self.critical, self.critical_by = self.first("Tc", CRITICAL)

    def first(self, what: str, order: tuple[str, ...]) -> tuple[float | None, str]:
        """The value of the first collection that has one, and its name."""
        from chemicals import critical, identifiers, phase_change, safety

        if what == "molar mass":
            try:
                return identifiers.MW(self.cas) / 1000.0, "formula"
            except ValueError:
                return None, ""
        ask: dict[str, tuple[Callable[[str], list[str]], Callable[[str, str], float | None]]] = {
            "Tb": (phase_change.Tb_methods, phase_change.Tb),
            "Tm": (phase_change.Tm_methods, phase_change.Tm),
            "Tc": (critical.Tc_methods, critical.Tc),
            "Pc": (critical.Pc_methods, critical.Pc),
            "LFL": (lambda cas: safety.LFL_methods(CASRN=cas), lambda cas, method: safety.LFL(CASRN=cas, method=method)),
            "UFL": (lambda cas: safety.UFL_methods(CASRN=cas), lambda cas, method: safety.UFL(CASRN=cas, method=method)),
            "T_flash": (safety.T_flash_methods, safety.T_flash),
            "T_autoignition": (safety.T_autoignition_methods, safety.T_autoignition),
        }
        methods, value = ask[what]
        has = methods(self.cas)
        return next(((value(self.cas, method), method) for method in order if method in has), (None, ""))

    def row(self, table: Any) -> Any | None:
        """The row of a table of the library, if it has one."""
        return table.loc[self.cas] if self.cas in table.index else None

    @property
    def temperatures(self) -> tuple[float, ...]:
        """Where a liquid is asked about: at its boiling point when that is below room temperature, and at room temperature where it is one."""
        found = []
        if self.boiling is not None and self.boiling < ROOM_K:
            found.append(self.boiling)
        if self.critical is None or self.critical > ROOM_K:
            found.append(ROOM_K)
        return tuple(found)


def _constants(asked: _Asked) -> Iterator[Figure]:
    yield from _figure("molar_mass_kg_mol", asked.molar, "kg/mol", None, "atomic masses")
    yield from _figure("boiling_point_k", asked.boiling, "K", None, asked.boiling_by)
    for field, what, order, unit, factor in (
        ("melting_point_k", "Tm", MELTING, "K", 1.0),
        ("critical_temperature_k", "Tc", CRITICAL, "K", 1.0),
        ("critical_pressure_pa", "Pc", CRITICAL, "Pa", 1.0),
        ("lower_flammability_percent", "LFL", FLAMMABLE, "%", HUNDRED),
        ("upper_flammability_percent", "UFL", FLAMMABLE, "%", HUNDRED),
        ("flash_point_k", "T_flash", FLASH, "K", 1.0),
        ("autoignition_k", "T_autoignition", FLASH, "K", 1.0),
    ):
        value, method = asked.first(what, order)
        yield from _figure(field, None if value is None else value * factor, unit, None, method)


def _heat_of_vaporisation(asked: _Asked) -> Iterator[Figure]:
    """At the boiling point, in J/kg; at 25 °C, and said so, where only that was measured and the boiling point is near."""
    from chemicals import phase_change
    from chemicals.dippr import EQ106

    if asked.molar is None or asked.boiling is None:
        return
    value: float | None = None
    at, method = asked.boiling, CRC
    crc = asked.row(phase_change.Hvap_data_CRC)
    if crc is not None and math.isfinite(crc["HvapTb"]):
        value = crc["HvapTb"]
    elif (row := asked.row(phase_change.phase_change_data_Perrys2_150)) is not None and row["Tmin"] <= asked.boiling <= row["Tmax"]:
        value, method = EQ106(asked.boiling, row["Tc"], row["C1"], row["C2"], row["C3"], row["C4"]), PERRY
    elif (row := asked.row(phase_change.phase_change_data_VDI_PPDS_4)) is not None:
        value, method = phase_change.PPDS12(asked.boiling, row["Tc"], *(row[name] for name in "ABCDE")), VDI
    elif crc is not None and math.isfinite(crc["Hvap298"]) and abs(asked.boiling - ROOM_K) < NEAR_K:
        value, at = crc["Hvap298"], ROOM_K
    yield from _figure("heat_of_vaporisation_j_kg", None if value is None else value / asked.molar, "J/kg", at, method)


def _liquid_density(asked: _Asked) -> Iterator[Figure]:
    from chemicals import volume
    from chemicals.dippr import EQ105, EQ116

    if asked.molar is None:
        return
    for at in asked.temperatures:
        value, method = None, ""
        if (row := asked.row(volume.rho_data_Perry_8E_105_l)) is not None and row["Tmin"] <= at <= row["Tmax"]:
            value, method = EQ105(at, row["C1"], row["C2"], row["C3"], row["C4"]) * asked.molar, PERRY
        elif (row := asked.row(volume.rho_data_VDI_PPDS_2)) is not None and at < row["Tc"]:
            value, method = EQ116(at, row["Tc"], row["rhoc"], *(row[name] for name in "ABCD")), VDI
        elif (row := asked.row(volume.rho_data_CRC_inorg_l)) is not None and row["Tm"] <= at <= row["Tmax"]:
            value, method = row["rho"] - row["k"] * (at - row["Tm"]), CRC
        elif at == ROOM_K and (row := asked.row(volume.rho_data_CRC_inorg_l_const)) is not None and row["Vm"] > 0.0:
            value, method = asked.molar / row["Vm"], CRC
        yield from _figure("liquid_density_kg_m3", value, "kg/m³", at, method)


def _liquid_heat_capacity(asked: _Asked) -> Iterator[Figure]:
    from chemicals import heat_capacity
    from chemicals.dippr import EQ100, EQ114

    if asked.molar is None:
        return
    for at in asked.temperatures:
        value, method = None, ""
        if (row := asked.row(heat_capacity.Cp_data_Perry_Table_153_100)) is not None and row["Tmin"] <= at <= row["Tmax"] + 0.5:
            value, method = EQ100(at, *(row[name] for name in "ABCDE")) / 1000.0, PERRY
        elif (
            (row := asked.row(heat_capacity.Cp_data_Perry_Table_153_114)) is not None
            and asked.critical
            and row["Tmin"] <= at <= row["Tmax"]
        ):
            value, method = EQ114(at, asked.critical, *(row[name] for name in "ABCDE")) / 1000.0, PERRY
        elif (fit := _zabransky(asked.cas, at)) is not None:
            value, method = fit, "Zábranský et al."
        elif at == ROOM_K and (row := asked.row(heat_capacity.Cp_data_Poling)) is not None and math.isfinite(row["Cpl"]):
            value, method = row["Cpl"], POLING
        elif at == ROOM_K and (row := asked.row(heat_capacity.CRC_standard_data)) is not None and math.isfinite(row["Cpl"]):
            value, method = row["Cpl"], CRC
        yield from _figure("liquid_heat_capacity_j_kg_k", None if value is None else value / asked.molar, "J/(kg K)", at, method)


def _zabransky(cas: str, at: float) -> float | None:
    """J/(mol K) by the recommended fits of Zábranský et al., where one holds at that temperature."""
    from chemicals import heat_capacity

    for fits in (heat_capacity.zabransky_dict_const_p, heat_capacity.zabransky_dict_sat_p, heat_capacity.zabransky_dict_iso_p):
        fit = fits.get(cas)
        if fit is not None and fit.Tmin <= at <= fit.Tmax:
            return float(fit.calculate(at))
    return None


def _gas_heat_capacity(asked: _Asked) -> Iterator[Figure]:
    from chemicals import heat_capacity

    value, method = None, ""
    if (row := asked.row(heat_capacity.Cp_data_Poling)) is not None and math.isfinite(row["Cpg"]):
        value, method = row["Cpg"], POLING
    elif (row := asked.row(heat_capacity.CRC_standard_data)) is not None and math.isfinite(row["Cpg"]):
        value, method = row["Cpg"], CRC
    elif (row := asked.row(heat_capacity.TRC_gas_data)) is not None and row["Tmin"] <= ROOM_K <= row["Tmax"]:
        value, method = heat_capacity.TRCCp(ROOM_K, *(row[f"a{number}"] for number in range(8))), "TRC"
    if asked.molar is not None and value is not None:
        yield from _figure("gas_heat_capacity_j_kg_k", value / asked.molar, "J/(kg K)", ROOM_K, method)


def _vapour_pressure(asked: _Asked) -> Iterator[Figure]:
    """One point at room temperature, and the constants of an Antoine fit ``log10(p/Pa) = a - b / (T/K + c)`` with its range."""
    from chemicals import vapor_pressure as pressure
    from chemicals.dippr import EQ101

    value, method = None, ""
    if (row := asked.row(pressure.Psat_data_Perrys2_8)) is not None and row["Tmin"] <= ROOM_K <= row["Tmax"]:
        value, method = EQ101(ROOM_K, *(row[f"C{number}"] for number in range(1, 6))), PERRY
    elif (row := asked.row(pressure.Psat_data_VDI_PPDS_3)) is not None and row["Tm"] <= ROOM_K < row["Tc"]:
        value, method = pressure.Wagner(ROOM_K, row["Tc"], row["Pc"], *(row[name] for name in "ABCD")), VDI
    yield from _figure("vapour_pressure_pa", value, "Pa", ROOM_K, method)
    natural = math.log(10.0)
    if (row := asked.row(pressure.Psat_data_AntoinePoling)) is not None:
        constants, method = (row["A"], row["B"], row["C"]), POLING
    elif (row := asked.row(pressure.Psat_data_Landolt_Antoine)) is not None:
        constants, method = (row["A"] / natural, row["B"] / natural, row["C"]), "Landolt-Börnstein"
    else:
        return
    for field, constant, unit in zip(("antoine_a", "antoine_b", "antoine_c"), constants, ("1", "K", "K"), strict=True):
        yield from _figure(field, constant, unit, None, method)
    yield from _figure("antoine_low_k", row["Tmin"], "K", None, method)
    yield from _figure("antoine_high_k", row["Tmax"], "K", None, method)


def _heat_of_combustion(asked: _Asked) -> Iterator[Figure]:
    """Lower heat of combustion of the gas, by heats of formation: water stays steam, as in a fire in the open."""
    from chemicals import combustion, identifiers, reaction

    formation = reaction.Hfg(asked.cas)
    if asked.molar is None or formation is None or asked.first("LFL", FLAMMABLE)[0] is None:
        return
    atoms = identifiers.pubchem_db.search_CAS(asked.cas)
    burnt = combustion.combustion_data(formula=atoms.formula, Hf=formation, method="Stoichiometry") if atoms else None
    if burnt is not None and burnt.LHV is not None and burnt.LHV < 0.0:
        yield from _figure("heat_of_combustion_j_kg", -burnt.LHV / asked.molar, "J/kg", ROOM_K, "heats of formation, lower value")


_KINDS: tuple[Callable[[_Asked], Iterator[Figure]], ...] = (
    _constants,
    _heat_of_vaporisation,
    _liquid_density,
    _liquid_heat_capacity,
    _gas_heat_capacity,
    _vapour_pressure,
    _heat_of_combustion,
)
