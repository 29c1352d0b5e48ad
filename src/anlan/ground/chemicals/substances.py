"""A chemical as the models of consequence take it: figures that are held, each with its source; what is not held stays ``None``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from anlan.consequence.substance import FIGURES, Antoine, Substance
from anlan.ground.chemicals import catalogue, library

UNVERIFIED_MARK = " (unverified)"


class Held(Protocol):
    """One figure, of the tables or of the library."""

    @property
    def field(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def at_k(self) -> float | None: ...
    @property
    def source(self) -> str: ...
    @property
    def status(self) -> str: ...


def substance(code: str, temperature_k: float | None = None) -> Substance:
    """The chemical for models. Density and heat capacity of the liquid are those nearest to ``temperature_k`` (``None``: 25 °C).

    A mixture or a solution has no figures of its own: models then refuse by name. Raises ``UnknownChemical``.
    """
    found = catalogue.entry(code)
    return _built(code, found.name_zh, catalogue.figures(code), temperature_k)


def by_cas(cas: str, temperature_k: float | None = None) -> Substance:
    """Any pure substance that the library ``chemicals`` knows, also outside the tables; its code is ``cas:`` and the number."""
    return _built(f"cas:{cas}", cas, library.figures(cas), temperature_k)


def _built(code: str, name: str, held: Iterable[Held], temperature_k: float | None) -> Substance:
    nearest: dict[str, Held] = {}
    wanted = library.ROOM_K if temperature_k is None else temperature_k
    for row in held:
        known = nearest.get(row.field)
        if known is None or _away(row, wanted) <= _away(known, wanted):
            nearest[row.field] = row
    figures = {name: nearest[name].value for name in FIGURES if name in nearest}
    sources = {name: _source(nearest[name]) for name in figures}
    if (pressure := nearest.get("vapour_pressure_pa")) is not None and pressure.at_k is not None:
        figures["vapour_pressure_at_k"], sources["vapour_pressure_at_k"] = pressure.at_k, sources["vapour_pressure_pa"]
    antoine = _antoine(nearest)
    if antoine is not None:
        sources["antoine"] = _source(nearest["antoine_a"])
    return Substance(code, name, antoine=antoine, sources=sources, **figures)


def _away(row: Held, wanted_k: float) -> float:
    """How far the temperature of a figure is from the one wanted; a figure without one fits everywhere."""
    return 0.0 if row.at_k is None else abs(row.at_k - wanted_k)


def _source(row: Held) -> str:
    return row.source + (UNVERIFIED_MARK if row.status == "unverified" else "")


def _antoine(held: dict[str, Held]) -> Antoine | None:
    names = ("antoine_a", "antoine_b", "antoine_c", "antoine_low_k", "antoine_high_k")
    return Antoine(*(held[name].value for name in names)) if all(name in held for name in names) else None
