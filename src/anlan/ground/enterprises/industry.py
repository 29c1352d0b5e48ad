"""The industry table of GB/T 4754-2017: 20 sections and 97 divisions, read once.

Groups and classes (three and four digits) are not in the table; a longer code is accepted when its division exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from anlan.ground.enterprises.rules import UnknownCode
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

_FILE = Path(__file__).parent / "data" / "industries.csv"
_SHAPE = re.compile(r"([A-Ta-t])?(\d{2,4})?")


@dataclass(frozen=True, kw_only=True)
class IndustryRow(DatedRule):
    """A section (``C``) or a division with its section letter (``C26``)."""

    code: str
    name_zh: str
    name_en: str

    @property
    def is_section(self) -> bool:
        """Whether the row is one of the 20 sections."""
        return len(self.code) == 1


@lru_cache(maxsize=1)
def table() -> tuple[IndustryRow, ...]:
    """Every row in the order of the standard."""
    return load_rules(_FILE, IndustryRow)


@lru_cache(maxsize=1)
def _by_code() -> dict[str, IndustryRow]:
    return {row.code: row for row in table()}


@lru_cache(maxsize=1)
def _section_of() -> dict[str, str]:
    return {row.code[1:]: row.code[0] for row in table() if not row.is_section}


def industry_code(value: str, on: date | None = None) -> str:
    """Normalise an industry code: ``26`` and ``c26`` become ``C26``, ``2611`` becomes ``C2611``. Raises :class:`UnknownCode`.

    ``on``: the day by which the table is judged; without it every row of the table counts.
    """
    text = str(value).strip().replace(" ", "").replace("-", "")
    found = _SHAPE.fullmatch(text)
    section, digits = (found.group(1) or "", found.group(2) or "") if found else ("", "")
    right_section = _section_of().get(digits[:2], "") if digits else section.upper()
    known = {row.code for row in in_force(table(), on)} if on else _by_code().keys()
    fits = right_section and (not section or section.upper() == right_section)
    if not fits or right_section + digits[:2] not in known:
        raise UnknownCode(value=value, list=N_("国民经济行业分类（GB/T 4754-2017）"))
    return right_section + digits


def industry(code: str) -> IndustryRow | None:
    """The most exact row of the table for ``code`` (its division, else its section), ``None`` when unknown."""
    return _by_code().get(code[:3]) or _by_code().get(code[:1])
