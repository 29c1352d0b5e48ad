"""Pinyin of place names, with the readings that a general dictionary gets wrong (``data/pinyin.csv``)."""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from pathlib import Path

_EXCEPTIONS = Path(__file__).parent / "data" / "pinyin.csv"


@cache
def _exceptions() -> dict[str, list[str]]:
    with _EXCEPTIONS.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["pinyin"].split() for row in csv.DictReader(lines)}


@lru_cache(maxsize=65536)
def syllables_of(name: str) -> tuple[str, ...]:
    """Plain pinyin, one syllable for each character; ``ü`` is written ``v`` after n and l, ``lve`` and ``nve`` as people type them."""
    # Its dictionary takes 0.3 s to load, which no process should pay at its start.
    from pypinyin import lazy_pinyin

    parts = _exceptions().get(name) or lazy_pinyin(name, v_to_u=False)
    return tuple(part.lower().replace("lve", "lue").replace("nve", "nue") for part in parts)
