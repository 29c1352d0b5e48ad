"""What other rooms may ask about chemicals: who is meant, figures for models, limits of concentration, the first-response card.

Everything is read from the room's data files; nothing here asks the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from anlan.consequence.substance import Substance
from anlan.ground.chemicals import cards, catalogue, finding, library, substances, toxicity
from anlan.ground.chemicals.cards import PARTS, Advice, Card, Isolation
from anlan.ground.chemicals.catalogue import Entry
from anlan.ground.chemicals.library import Figure
from anlan.ground.chemicals.toxicity import Endpoint

__all__ = [
    "PARTS",
    "Advice",
    "Card",
    "Chemical",
    "Endpoint",
    "Figure",
    "Isolation",
    "card",
    "chemical",
    "chemicals",
    "endpoints",
    "figures",
    "figures_by_cas",
    "find",
    "of_source",
    "search",
    "substance",
    "substance_by_cas",
]


@dataclass(frozen=True)
class Chemical:
    """One chemical. ``form``: ``pure``, ``solution`` or ``mixture``; ``stands_in``: code of the pure substance that engineers take for this
    mixture when they reckon (empty: none), never taken by itself; ``regulated``: the notice that lists it (重点监管), or empty."""

    code: str
    name_zh: str
    name_en: str
    cas: str
    un: str
    aliases: tuple[str, ...]
    formula: str
    hazard_class: str
    guide: str
    form: str
    stands_in: str
    regulated: str
    source: str
    status: str


def chemicals() -> tuple[Chemical, ...]:
    """Every chemical, in the order of the table."""
    return tuple(_told(each) for each in catalogue.entries())


def chemical(code: str) -> Chemical:
    """The chemical of that code. Raises ``UnknownChemical``."""
    return _told(catalogue.entry(code))


def find(text: str) -> Chemical | None:
    """The chemical that bears exactly this name, alias, CAS or UN number; of several the pure one, else the first of the table."""
    found = finding.named(text)
    return _told(found[0]) if found else None


def search(text: str, limit: int = 20) -> tuple[Chemical, ...]:
    """Chemicals whose names or numbers hold ``text``, best first."""
    return tuple(_told(each) for each in finding.search(text, limit))


def of_source(name: str, cas: str) -> tuple[Chemical, ...]:
    """The chemicals a hazard source may hold by its ``substance_name`` and ``substance_cas``: none, one, or several that somebody must choose from.

    Hydrogen fluoride and hydrofluoric acid bear one CAS number: the number alone gives both, the name decides. A name and a number that
    contradict each other give the chemicals of both.
    """
    return tuple(_told(each) for each in finding.of_source(name, cas))


def substance(code: str, temperature_k: float | None = None) -> Substance:
    """Figures for the models, each with its source in ``sources``; what is not known stays ``None`` and a model that needs it refuses by name.

    ``temperature_k``: of storage, for which density and heat capacity of the liquid are the nearest held (``None``: 25 °C).
    Raises ``UnknownChemical``.
    """
    return substances.substance(code, temperature_k)


def substance_by_cas(cas: str, temperature_k: float | None = None) -> Substance:
    """Figures of any pure substance that the library ``chemicals`` (PyPI) knows, also outside the table; ``None`` where it has none."""
    return substances.by_cas(cas, temperature_k)


def endpoints(code: str, minutes: float = 60.0, *, on: date | None = None) -> tuple[Endpoint, ...]:
    """Limits of concentration for people exposed for ``minutes``, worst level first: AEGL-3, -2, -1, ERPG, IDLH, then the lower flammability
    limit and half of it, then limits of work. Empty when none is known. Raises ``UnknownChemical``."""
    return toxicity.endpoints(code, minutes, on=on)


def card(code: str) -> Card:
    """The first-response card: distances, and what to do and not to do, by part. Raises ``UnknownChemical``, ``NoCard``."""
    return cards.card(code)


def figures(code: str) -> tuple[Figure, ...]:
    """Every figure held for a chemical, with unit, temperature, source and status. Raises ``UnknownChemical``."""
    catalogue.entry(code)
    return tuple(Figure(row.field, row.value, row.unit, row.at_k, row.source, row.status) for row in catalogue.figures(code))


def figures_by_cas(cas: str) -> tuple[Figure, ...]:
    """What the library ``chemicals`` (PyPI) holds for a CAS number; the first call loads its tables (a few seconds)."""
    return library.figures(cas)


def _told(each: Entry) -> Chemical:
    row = catalogue.regulated(each.code)
    return Chemical(
        code=each.code,
        name_zh=each.name_zh,
        name_en=each.name_en,
        cas=each.cas,
        un=each.un,
        aliases=tuple(name for name in each.aliases.split(";") if name),
        formula=each.formula,
        hazard_class=each.hazard_class,
        guide=each.guide,
        form=each.form,
        stands_in=each.stands_in,
        regulated=row.notice if row else "",
        source=each.source,
        status=each.status,
    )
