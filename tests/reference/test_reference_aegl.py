"""Every figure of the AEGL reference table stands in the platform's own table, and none beside it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from anlan.consequence.toxic_levels import toxic_levels

KEYS = {"durations_min", "unit", "source"}


def test_the_table_of_limits_is_the_reference_table(shared: Path) -> None:
    reference = json.loads((shared / "reference/consequence/reference_aegl.json").read_text(encoding="utf-8"))
    wanted = {
        (substance, level, minutes): (figures[place] if figures else None)
        for substance in set(reference) - KEYS
        for level, figures in reference[substance].items()
        for place, minutes in enumerate(reference["durations_min"])
    }
    found = {(each.substance, each.level, each.duration_min): each.value for each in toxic_levels() if each.scheme == "AEGL"}
    assert found == wanted
    assert {each.unit for each in toxic_levels() if each.scheme == "AEGL"} == {reference["unit"]}
    assert all(each.status == "secondary" and each.source and each.holds_on(date(2026, 11, 22)) for each in toxic_levels())
