"""Codes of hazard sources in the language of the request, for lists, forms and pages."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language, gettext

from anlan.desk.resource.declare import Tone
from anlan.ground.risksources import kinds, rules
from anlan.ground.risksources.kinds import AttributeRow
from anlan.ground.risksources.models import RiskSource

MAJOR_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
STATE_TONES: dict[str, Tone] = {rules.IN_USE: "green"}


def tone_of(row: RiskSource) -> Tone:
    """Chip and point colour: the level of a major hazard source, grey for all others."""
    return MAJOR_TONES.get(row.major_level or 0, "grey")


def english() -> bool:
    """Whether the request is answered in English."""
    return (get_language() or "").startswith("en")


def kind_label(code: str) -> str:
    """Name of a kind; the code when the table does not know it."""
    row = next((kind for kind in kinds.kinds() if kind.code == code), None)
    if row is None:
        return code
    return row.name_en if english() else row.name_zh


def kind_choices() -> list[tuple[str, str]]:
    """Every kind by code and name."""
    return [(kind.code, kind.name_en if english() else kind.name_zh) for kind in kinds.kinds()]


def attribute_label(row: AttributeRow) -> str:
    """Name of an attribute with its unit."""
    return row.label(english())


def attribute_lines(source: RiskSource) -> list[tuple[str, str]]:
    """Name and value of every attribute that the kind of ``source`` declares; a dash for what is not known."""
    shown = english()
    return [
        (row.name_en if shown else row.name_zh, row.shown(source.attributes.get(row.code), shown))
        for row in kinds.attributes_of(source.kind)
    ]


def major_label(source: RiskSource) -> str:
    """``一级重大危险源``, or that it is not graded; empty for one that is none."""
    if not source.is_major:
        return ""
    level = rules.MAJOR_LEVELS.get(source.major_level or 0)
    grade = gettext(level) if level else gettext("未定级")
    return gettext("%(grade)s重大危险源") % {"grade": grade}


def tonnes(quantity: Decimal | None) -> float | None:
    """A mass without needless zeros."""
    return None if quantity is None else float(quantity)


def overfilled(source: RiskSource) -> bool:
    """Whether more is there than the design allows: kept as a fact and shown as a warning, not refused."""
    return source.quantity_t is not None and source.design_max_t is not None and source.quantity_t > source.design_max_t
