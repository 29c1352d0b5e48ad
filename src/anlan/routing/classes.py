"""Classes of road and the words by which files name them: ``data/road_classes.csv`` and ``data/class_words.csv``.

The codes are the values of OpenStreetMap's ``highway`` key. Chinese words (administrative class 国道/省道/县道/乡道/村道, technical class 一级…四级 of
JTG B01) are put to the nearest of them: a project default, since no standard joins the two.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anlan.kernel.words import N_

DATA = Path(__file__).parent / "data"
UNCLASSIFIED = "unclassified"

LABELS: dict[str, str] = {
    "motorway": N_("高速公路"),
    "motorway_link": N_("高速匝道"),
    "trunk": N_("快速路、国道干线"),
    "trunk_link": N_("快速路匝道"),
    "primary": N_("主干路"),
    "primary_link": N_("主干路连接道"),
    "secondary": N_("次干路"),
    "secondary_link": N_("次干路连接道"),
    "tertiary": N_("支路、乡道"),
    "tertiary_link": N_("支路连接道"),
    "unclassified": N_("一般道路"),
    "residential": N_("居住区道路"),
    "living_street": N_("生活街道"),
    "service": N_("内部道路"),
    "track": N_("机耕路"),
    "pedestrian": N_("步行街"),
    "footway": N_("人行道"),
    "path": N_("小路"),
    "cycleway": N_("非机动车道"),
    "steps": N_("台阶"),
}
CODES: tuple[str, ...] = tuple(LABELS)
"""Order of the classes in a network's arrays; a stored network carries its own list."""


@cache
def words() -> dict[str, str]:
    """Words of files, in lower case, by which each class is known; an empty class means "no road" (under construction, platform …)."""
    with (DATA / "class_words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["word"]: row["road_class"] for row in csv.DictReader(lines)}


@dataclass(frozen=True)
class Named:
    """What a word of a file means: the class (``None``: no road), and whether the word was known."""

    road_class: str | None
    known: bool


def named(word: str) -> Named:
    """The class that ``word`` names. An unknown word is taken for a common road, and said to be unknown."""
    plain = word.strip().lower()
    if plain in LABELS:
        return Named(plain, True)
    if (found := words().get(plain)) is not None:
        return Named(found or None, True)
    return Named(UNCLASSIFIED, False)
