"""Ready-made words by hazard and level, with blanks that are filled from the incident, the area and the time. Dated data, pure.

The words are project defaults (``data/templates.csv``, status unverified): a bureau approves its own and replaces the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

DATA = Path(__file__).parent / "data"
BLANK = re.compile(r"\{([a-z_]{1,20})\}")
"""A blank in a text, such as ``{contact}``."""
_BRACES = re.compile(r"\{([^{}\n]{1,40})\}")
"""Anything in braces, also a blank that somebody made up: no warning goes out with {地点} in it."""
BLANKS = {
    "issuer": N_("发布单位"),
    "event": N_("预警类别"),
    "event_en": N_("预警类别"),
    "level": N_("预警级别"),
    "subject": N_("事发单位或地点"),
    "area": N_("可能影响的范围"),
    "onset": N_("起始时间"),
    "expires": N_("失效时间"),
    "contact": N_("联系方式"),
}


class BlanksLeft(Refusal):
    code: ClassVar[str] = "bulletin_blanks_left"
    sentence: ClassVar[str] = N_("文字中还有没有填的空：{names}")
    status: ClassVar[int] = 422


@dataclass(frozen=True, kw_only=True)
class Template(DatedRule):
    """Words of one language. ``event``: beginning of event codes (empty: any); ``levels``: colours, separated by spaces."""

    event: str
    levels: str
    language: str
    headline: str
    description: str
    instruction: str


@dataclass(frozen=True, kw_only=True)
class Language(DatedRule):
    """A further language that a bulletin may be written in; ``tag`` as RFC 5646 has it in the message."""

    code: str
    tag: str
    name_zh: str
    name_en: str
    own_name: str


@dataclass(frozen=True)
class Words:
    """Filled words; ``missing`` names the blanks nobody could fill, which stand in the text as they were."""

    headline: str
    description: str
    instruction: str
    missing: tuple[str, ...]


@cache
def templates() -> tuple[Template, ...]:
    """Every template in the order of the table."""
    return load_rules(DATA / "templates.csv", Template)


@cache
def languages() -> tuple[Language, ...]:
    """Languages besides Chinese and English."""
    return load_rules(DATA / "languages.csv", Language)


def template(event_code: str, level: str, language: str, on: date) -> Template | None:
    """The most particular template in force for a hazard and level in a language."""
    fitting = [
        row
        for row in in_force(templates(), on)
        if row.language == language and event_code.startswith(row.event) and level in row.levels.split()
    ]
    return max(fitting, key=lambda row: len(row.event), default=None)


def fill(chosen: Template, facts: Mapping[str, str]) -> Words:
    """The words with every blank filled that ``facts`` knows; what it does not know stays visible and is named."""
    missing: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        told = facts.get(found[1], "").strip()
        if not told:
            missing[found[1]] = None
        return told or found[0]

    texts = [BLANK.sub(value, text) for text in (chosen.headline, chosen.description, chosen.instruction)]
    return Words(texts[0], texts[1], texts[2], tuple(missing))


def check_filled(texts: Mapping[str, str], translate: object = None) -> None:
    """Refuse words that still hold a blank. Raises :class:`BlanksLeft` naming them."""
    left = sorted({name for text in texts.values() for name in _BRACES.findall(text)})
    if left:
        shown = [BLANKS.get(name, name) for name in left]
        raise BlanksLeft(names="、".join(translate(name) if callable(translate) else name for name in shown))
