"""First-response cards (应急处置卡): distances, and what to do and not to do, put together from the guide of a chemical and what is its own.

The sentences stand in ``data/advice.csv``; a guide (``guides.csv``) names those of its group, a chemical (``cards.csv``) adds its own and
leaves out what does not hold for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from anlan.ground.chemicals import catalogue, rules
from anlan.ground.chemicals.catalogue import DATA
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

PARTS: Final[Mapping[str, str]] = {
    "approach": N_("接近"),
    "hazard": N_("危险"),
    "protect": N_("防护"),
    "forbid": N_("禁止"),
    "fire": N_("灭火"),
    "leak": N_("泄漏处置"),
    "aid": N_("急救"),
}
"""Parts of a card, in the order in which they are read."""

SPILLS: Final[Mapping[str, str]] = {"small": N_("小量泄漏"), "large": N_("大量泄漏")}
CONTAINERS: Final[Mapping[str, str]] = {
    "": "",
    "rail_tank": N_("铁路罐车"),
    "road_tank": N_("公路罐车"),
    "farm_tank": N_("农用罐"),
    "small_cylinders": N_("多个小钢瓶"),
    "ton_cylinder": N_("一个吨瓶"),
    "ton_cylinders": N_("多个吨瓶"),
}
SPILLED: Final[Mapping[str, str]] = {"": "", "water": N_("泄入水中"), "land": N_("泄在地面")}
WINDS: Final[Mapping[str, str]] = {
    "": "",
    "low": N_("小风（低于 10 km/h）"),
    "moderate": N_("中风（10–20 km/h）"),
    "high": N_("大风（高于 20 km/h）"),
}
"""Small spill: up to some 200 L of liquid or a small cylinder, as the ERG has it. Large: more than that."""


@dataclass(frozen=True)
class Advice:
    """One sentence of a card, in both languages, with its source and status."""

    code: str
    zh: str
    en: str
    source: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Isolation(DatedRule):
    """Distances in metres for one kind of spill: isolate all round, protect people downwind by day and by night, withdraw from a fire.

    ``None``: the table gives none. ``container`` and ``wind``: for the six gases of which the table tells more; ``spilled``: on land or in
    water; ``gives_off``: English names of the gases that water sets free, joined by semicolons.
    """

    chemical: str
    spill: str
    container: str
    spilled: str
    wind: str
    isolation_m: float | None
    day_m: float | None
    night_m: float | None
    fire_m: float | None
    gives_off: str


@dataclass(frozen=True)
class Card:
    """The first-response card of a chemical. ``advice`` by part, in the order of :data:`PARTS`; ``isolation``: empty where none is known."""

    code: str
    name_zh: str
    name_en: str
    guide: str
    guide_zh: str
    guide_en: str
    isolation: tuple[Isolation, ...]
    advice: Mapping[str, tuple[Advice, ...]]
    source: str
    status: str

    @property
    def fire_m(self) -> float | None:
        """How far everybody stays from a fire that involves a tank of it, in metres."""
        return max((row.fire_m for row in self.isolation if row.fire_m is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class _AdviceRow(DatedRule):
    code: str
    part: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, kw_only=True)
class _GuideRow(DatedRule):
    guide: str
    name_zh: str
    name_en: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class _CardRow(DatedRule):
    chemical: str
    added: str
    left_out: str


def card(code: str) -> Card:
    """The card of a chemical. Raises :class:`~anlan.ground.chemicals.rules.UnknownChemical`, :class:`~anlan.ground.chemicals.rules.NoCard`."""
    entry = catalogue.entry(code)
    guide = _guides().get(entry.guide)
    if guide is None:
        raise rules.NoCard(name=entry.name_zh)
    return Card(
        code=code,
        name_zh=entry.name_zh,
        name_en=entry.name_en,
        guide=guide.guide,
        guide_zh=guide.name_zh,
        guide_en=guide.name_en,
        isolation=isolation(code),
        advice=_parts(guide, _own().get(code)),
        source=guide.source,
        status=guide.status,
    )


def isolation(code: str) -> tuple[Isolation, ...]:
    """Isolation and protective distances of a chemical; empty where the table has none."""
    return _isolation().get(code, ())


def _parts(guide: _GuideRow, own: _CardRow | None) -> dict[str, tuple[Advice, ...]]:
    """What is the chemical's own stands first in each part: it is what differs from every other card."""
    left_out = set(own.left_out.split(";")) if own else set()
    codes = [*(own.added.split(";") if own and own.added else ()), *guide.advice.split(";")]
    found: dict[str, list[Advice]] = {part: [] for part in PARTS}
    for code in dict.fromkeys(codes):
        if code not in left_out:
            row = _advice()[code]
            found[row.part].append(Advice(row.code, row.text_zh, row.text_en, row.source, row.status))
    return {part: tuple(rows) for part, rows in found.items()}


@cache
def _advice() -> Mapping[str, _AdviceRow]:
    return {row.code: row for row in load_rules(DATA / "advice.csv", _AdviceRow)}


@cache
def _guides() -> Mapping[str, _GuideRow]:
    return {row.guide: row for row in load_rules(DATA / "guides.csv", _GuideRow)}


@cache
def _own() -> Mapping[str, _CardRow]:
    return {row.chemical: row for row in load_rules(DATA / "cards.csv", _CardRow)}


@cache
def _isolation() -> Mapping[str, tuple[Isolation, ...]]:
    found: defaultdict[str, list[Isolation]] = defaultdict(list)
    for row in load_rules(DATA / "isolation.csv", Isolation):
        found[row.chemical].append(row)
    return {code: tuple(rows) for code, rows in found.items()}
