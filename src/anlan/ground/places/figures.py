"""The project's own figures about places, read from the room's ``data`` folder.

``population_2020_shandong.csv``: resident population of Shandong on 2020-11-01. The county figures are those of the published
"Tabulation on the 2020 China Population Census by County"; they were taken from an open transcription (github.com/thebamboogrove/
tudigong, MIT) and not from the printed book, therefore ``secondary``. Checked here: with the development zones, which the tabulation
lists apart and which are no divisions of the code list, the counties of each of the 16 cities add up exactly to the city's published
total, and the cities to the province's (101,527,453).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "data"
COUNTY, ZONE, TOTAL = "county", "zone", "total"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of a figures file. ``place_code`` of a zone is its city's."""

    place_code: str
    name: str
    part: str
    figure_code: str
    value: int
    unit: str
    year: int
    source: str
    status: str


def rows() -> tuple[FigureRow, ...]:
    """All figures as they stand in the file."""
    with (FOLDER / "population_2020_shandong.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            FigureRow(**{**row, "value": int(row["value"]), "year": int(row["year"])})  # type: ignore[arg-type]
            for row in csv.DictReader(lines)
        )


def notes(figures: tuple[FigureRow, ...]) -> dict[tuple[str, str], str]:
    """What must be said beside a figure, by place and figure: zones that were counted apart from the counties."""
    zones: dict[tuple[str, str], list[FigureRow]] = defaultdict(list)
    for row in figures:
        if row.part == ZONE:
            zones[row.place_code, row.figure_code].append(row)
    said: dict[tuple[str, str], str] = {}
    for row in figures:
        apart = zones.get((row.place_code[:4] + "00", row.figure_code), [])
        if apart and row.part == TOTAL:
            said[row.place_code, row.figure_code] = "普查资料单列：" + "；".join(f"{zone.name} {zone.value:,} 人" for zone in apart)
        elif apart and row.part == COUNTY:
            said[row.place_code, row.figure_code] = "不含普查资料单列的" + "、".join(zone.name for zone in apart)
    return said


def differences(figures: tuple[FigureRow, ...]) -> dict[str, int]:
    """By place code, the sum of its parts less its published total; empty when everything adds up."""
    totals = {row.place_code: row.value for row in figures if row.part == TOTAL}
    sums: dict[str, int] = defaultdict(int)
    for row in figures:
        upper = row.place_code[:2] + "0000" if row.part == TOTAL else row.place_code[:4] + "00"
        if upper != row.place_code or row.part == ZONE:
            sums[upper] += row.value
    return {code: sums[code] - total for code, total in totals.items() if sums[code] != total}
