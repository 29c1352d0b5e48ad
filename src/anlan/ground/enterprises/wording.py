"""Codes of the enterprise file in the language of the request, for lists, forms and pages."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from anlan.desk.resource.declare import Tone
from anlan.ground.enterprises import certificates, industry, rules
from anlan.ground.organisations import door as organisations

MAJOR_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
STATE_TONES: dict[str, Tone] = {rules.OPERATING: "green"}


def english() -> bool:
    """Whether the request is answered in English."""
    return (get_language() or "").startswith("en")


def industry_label(code: str) -> str:
    """``C26 化学原料和化学制品制造业``; the code alone when the table does not know it, a dash for none."""
    row = industry.industry(code) if code else None
    if row is None:
        return code or "—"
    return f"{code} {row.name_en if english() else row.name_zh}"


def industry_choices() -> list[tuple[str, str]]:
    """Divisions of GB/T 4754 by code and label."""
    rows = [row for row in industry.table() if not row.is_section]
    return [(row.code, f"{row.code} {row.name_en if english() else row.name_zh}") for row in rows]


def sector_label(code: str) -> str:
    """Name of a sector; the code alone when the list does not know it, a dash for none."""
    row = organisations.sector(code) if code else None
    if row is None:
        return code or "—"
    return row.name_en if english() else row.name_zh


def sector_choices() -> list[tuple[str, str]]:
    """The sector list by code and name."""
    return [(row.code, row.name_en if english() else row.name_zh) for row in organisations.sectors()]


def major_label(present: bool, level: int | None) -> str:
    """``重大危险源 一级``; without a level that it is not graded; empty without one."""
    if not present:
        return ""
    grade = gettext(rules.MAJOR_LEVELS[level]) if level in rules.MAJOR_LEVELS else gettext("未定级")
    return gettext("%(grade)s重大危险源") % {"grade": grade}


def certificate_label(code: str) -> str:
    """Name of a kind of licence or certificate; the code where the table does not know it."""
    row = next((row for row in certificates.kinds() if row.code == code), None)
    if row is None:
        return code
    return row.name_en if english() else row.name_zh


def certificate_choices() -> list[tuple[str, str]]:
    """Kinds of licences and certificates by code and name."""
    return [(row.code, certificate_label(row.code)) for row in certificates.kinds()]


def certificate_unverified(code: str) -> bool:
    """Whether the terms of a kind (validity, review, warning) were not checked against their source: marked wherever one is shown."""
    return any(row.code == code and row.status == "unverified" for row in certificates.kinds())


def certificate_status(code: str) -> str:
    """``未核实`` where the terms of a kind were not checked, else a dash."""
    return gettext("未核实") if certificate_unverified(code) else "—"
