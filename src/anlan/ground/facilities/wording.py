"""Kinds of facilities in the language of the request."""

from __future__ import annotations

from django.utils.translation import get_language

from anlan.ground.facilities import rules


def english() -> bool:
    """Whether the request is answered in English."""
    return (get_language() or "").startswith("en")


def kind_label(code: str) -> str:
    """Name of a kind; the code when the table does not know it."""
    row = next((kind for kind in rules.kinds() if kind.code == code), None)
    if row is None:
        return code
    return row.name_en if english() else row.name_zh


def kind_choices() -> list[tuple[str, str]]:
    """Every kind by code and name."""
    return [(kind.code, kind.name_en if english() else kind.name_zh) for kind in rules.kinds()]


def reason(code: str) -> str:
    """Why a kind is told early or late."""
    row = rules.row_of(code)
    return row.reason_en if english() else row.reason_zh
