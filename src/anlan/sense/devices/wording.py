"""Words and colours in which devices are shown."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import get_language, gettext

from anlan.desk.resource.declare import Tone
from anlan.sense.devices import classes, rules

STATE_TONES: dict[str, Tone] = {rules.IN_USE: "green"}
CREDENTIAL_TONES: dict[str, Tone] = {rules.ACTIVE: "green"}
LEVEL_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
RANGES: dict[int, str] = {1: "1h", 6: "6h", 24: "24h", 168: "7d", 720: "30d"}
"""Lengths of a chart in hours."""


def class_label(code: str) -> str:
    """Name of a class of points in the language of the request."""
    known = classes.by_code().get(code)
    if known is None:
        return code
    return known.name_zh if (get_language() or "zh").startswith("zh") else known.name_en


def class_choices() -> list[tuple[str, str]]:
    """Every class by code with its name and unit."""
    return [(row.code, f"{class_label(row.code)}{f'（{row.unit}）' if row.unit else ''}") for row in classes.table()]


def kind_label(kind: str) -> str:
    """高高限 and so on, with the short name that every control room knows."""
    return f"{gettext(rules.KIND_LABELS[kind])} {kind}"


def time_format(length: timedelta) -> str:
    """Format of times on a chart's axis."""
    return "H:i" if length <= timedelta(days=1) else ("m-d H:i" if length <= timedelta(days=3) else "m-d")
