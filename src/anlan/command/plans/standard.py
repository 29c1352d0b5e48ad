"""What a plan must contain by GB/T 29639-2020, as dated data, and what a plan lacks of it.

The standard is for production and business units; a plan of a department (部门应急预案) follows the plan rules of governments and is not measured by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.utils.translation import get_language

from anlan.ledger.sources import DatedRule, Tables

TABLES = Tables(Path(__file__).parent / "data")
ANNEX: Final = "annex"


@dataclass(frozen=True, kw_only=True)
class Chapter(DatedRule):
    """One chapter the standard asks for. ``words`` are those by which a heading is known, ``|``-separated (the project's own)."""

    part: str
    clause: str
    title_zh: str
    title_en: str
    content_zh: str
    words: str

    @property
    def title(self) -> str:
        """In the language of the reader."""
        return self.title_en if get_language() == "en" else self.title_zh


@dataclass(frozen=True)
class Completeness:
    """How far a plan has what the standard asks for: chapters asked for, and those without text (annexes apart: they are of the whole set of plans)."""

    wanted: tuple[Chapter, ...]
    missing: tuple[Chapter, ...]
    missing_annexes: tuple[Chapter, ...]

    @property
    def percent(self) -> int:
        """Share of the chapters that have text, in whole percent; 100 when none is asked for."""
        return 100 if not self.wanted else round(100 * (1 - len(self.missing) / len(self.wanted)))


def chapters(plan_type: str, on: date, annexes: bool = True) -> tuple[Chapter, ...]:
    """Chapters asked of a plan of ``plan_type`` on a day, in the order of the standard; annexes last. Empty for a plan of a department."""
    rows = TABLES.in_force("chapters", Chapter, on)
    own = tuple(row for row in rows if row.part == plan_type)
    return own + tuple(row for row in rows if annexes and own and row.part == ANNEX)


def titles() -> dict[str, str]:
    """Chinese title of every clause: headings of plans are Chinese, whoever writes them."""
    return {row.clause: row.title_zh for row in TABLES.rows("chapters", Chapter)}


def completeness(plan_type: str, texts: Mapping[str, str], on: date) -> Completeness:
    """What a plan lacks, given the text of each clause it has."""
    wanted = chapters(plan_type, on)
    missing = [row for row in wanted if not texts.get(row.clause, "").strip()]
    return Completeness(
        wanted=tuple(row for row in wanted if row.part != ANNEX),
        missing=tuple(row for row in missing if row.part != ANNEX),
        missing_annexes=tuple(row for row in missing if row.part == ANNEX),
    )
