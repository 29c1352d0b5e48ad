"""Chemicals as readers see them: figures in customary units with source and status, what is missing said so, limits, the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.ground.chemicals import cards, catalogue, rules, toxicity
from anlan.ground.chemicals.cards import Advice, Card, Isolation
from anlan.ground.chemicals.catalogue import FigureRow, LimitRow
from anlan.kernel.words import N_

ZERO_CELSIUS_K: Final = 273.15
FACTS_OF_READERS: Final[tuple[tuple[str, str, float, float], ...]] = (
    ("molar_mass_kg_mol", "g/mol", 1000.0, 0.0),
    ("boiling_point_k", "°C", 1.0, -ZERO_CELSIUS_K),
    ("melting_point_k", "°C", 1.0, -ZERO_CELSIUS_K),
    ("critical_temperature_k", "°C", 1.0, -ZERO_CELSIUS_K),
    ("critical_pressure_pa", "MPa", 1e-6, 0.0),
    ("vapour_pressure_pa", "kPa", 1e-3, 0.0),
    ("liquid_density_kg_m3", "kg/m³", 1.0, 0.0),
    ("heat_of_vaporisation_j_kg", "kJ/kg", 1e-3, 0.0),
    ("liquid_heat_capacity_j_kg_k", "kJ/(kg K)", 1e-3, 0.0),
    ("gas_heat_capacity_j_kg_k", "kJ/(kg K)", 1e-3, 0.0),
    ("heat_of_combustion_j_kg", "MJ/kg", 1e-6, 0.0),
    ("flash_point_k", "°C", 1.0, -ZERO_CELSIUS_K),
    ("autoignition_k", "°C", 1.0, -ZERO_CELSIUS_K),
    ("lower_flammability_percent", "%", 1.0, 0.0),
    ("upper_flammability_percent", "%", 1.0, 0.0),
    ("critical_quantity_t", "t", 1.0, 0.0),
)
"""Field, unit shown, factor and shift, in the order of the page. Every one of these is shown, also where nothing is known."""


@dataclass(frozen=True)
class Line:
    """One figure ready for a page; ``text`` empty: no data. ``at``: the temperature it belongs to."""

    label: str
    text: str
    at: str = ""
    source: str = ""
    status: str = ""
    tone: str = "grey"


def english() -> bool:
    """Whether the reader's language is English."""
    return (get_language() or "").startswith("en")


def figure_lines(code: str) -> list[Line]:
    """Figures of a chemical by the order of :data:`FACTS_OF_READERS`, one line for each temperature; a line without text where none is known."""
    lines: list[Line] = []
    for field, unit, factor, shift in FACTS_OF_READERS:
        label = _(rules.FIELDS[field][0])
        rows = [row for row in catalogue.figures(code) if row.field == field]
        lines += [_line(label, row, unit, factor, shift) for row in rows] or [Line(label, "")]
    return lines


def _line(label: str, row: FigureRow, unit: str, factor: float, shift: float) -> Line:
    at = "" if row.at_k is None else f"{row.at_k - ZERO_CELSIUS_K:.1f} °C"
    text = f"{row.value * factor + shift:.4g} {unit}"
    return Line(label, text, at, row.source, _(rules.STATUSES[row.status]), rules.STATUS_TONES.get(row.status, "grey"))


def limit_lines(code: str) -> list[dict[str, str]]:
    """Every limit of concentration, one line a level: the values by time of exposure stand beside each other."""
    grouped: dict[str, list[LimitRow]] = {}
    for row in toxicity.all_limits(code):
        grouped.setdefault(row.code, []).append(row)
    return [
        {
            "code": level,
            "meaning": _(rules.SCHEMES[level]),
            "value": " · ".join(_timed(row) for row in rows),
            "source": "; ".join(dict.fromkeys(row.source for row in rows)),
            "status": _(rules.STATUSES[max((row.status for row in rows), key=_DOUBT.index)]),
        }
        for level, rows in grouped.items()
    ]


_DOUBT = ("verified", "secondary", "unverified")


def _timed(row: LimitRow) -> str:
    value = f"{row.value:g} {row.unit}"
    return _("{minutes} 分钟 {value}").format(minutes=row.minutes, value=value) if row.minutes else value


def card_context(code: str) -> Mapping[str, Any]:
    """The card for a template; ``card`` is ``None`` where there is none."""
    try:
        found = cards.card(code)
    except rules.NoCard as refused:
        return {"card": None, "refusal": refused.message(_)}
    return {
        "card": found,
        "title": card_title(found),
        "guide": guide_name(found),
        "parts": [(_(label), [told(each) for each in found.advice[part]]) for part, label in cards.PARTS.items()],
        "distances": [distance_line(row) for row in found.isolation],
        "distances_source": found.isolation[0].source if found.isolation else "",
        "gives_off": gives_off(found),
        "fire": metres(found.fire_m),
        "status": _(rules.STATUSES[found.status]),
    }


def card_title(card: Card) -> str:
    """Name of the chemical in the reader's language."""
    return card.name_en if english() else card.name_zh


def guide_name(card: Card) -> str:
    """Number and name of the guide in the reader's language."""
    return f"{card.guide} {card.guide_en if english() else card.guide_zh}"


def told(advice: Advice) -> str:
    """One sentence in the reader's language."""
    return advice.en if english() else advice.zh


def distance_line(row: Isolation) -> dict[str, str]:
    """One kind of spill with its distances."""
    kind = [_(cards.SPILLS[row.spill])]
    kind += [
        _(words[code]) for words, code in ((cards.CONTAINERS, row.container), (cards.SPILLED, row.spilled), (cards.WINDS, row.wind)) if code
    ]
    return {"kind": " · ".join(kind), "isolation": metres(row.isolation_m), "day": metres(row.day_m), "night": metres(row.night_m)}


def metres(value: float | None) -> str:
    """A distance as it is called out: metres below a kilometre, kilometres above; empty where there is none."""
    if value is None:
        return ""
    return f"{value:g} m" if value < 1000.0 else f"{value / 1000.0:g} km"


GASES: Final[Mapping[str, str]] = {
    "Hydrogen chloride": N_("氯化氢"),
    "Hydrogen cyanide": N_("氰化氢"),
    "Sulfur dioxide": N_("二氧化硫"),
}
"""Gases that water sets free, as the table of distances names them."""


def gives_off(card: Card) -> str:
    """Gases that the chemical sets free with water, in the reader's language; empty where it does not."""
    names = dict.fromkeys(name for row in card.isolation for name in row.gives_off.split(";") if name)
    return (", " if english() else "、").join(_(GASES[name]) for name in names)
