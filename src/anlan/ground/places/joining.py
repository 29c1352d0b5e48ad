"""Joins published outlines to the code list. Pure: takes and gives plain values; every outline gets an answer, none is dropped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anlan.ground.places.rules import CodeHistory
from anlan.kernel.levels import Level, code_of
from anlan.kernel.words import N_

SAME_CODE = "same_code"
CITY_WITHOUT_COUNTIES = "city_no_county"
CODE_CHANGE = "code_change"
MERGED = "merged"
SAME_NAME = "same_name"
NOT_LISTED = "not_listed"
DIRECT = "direct"

METHODS: dict[str, str] = {
    SAME_CODE: N_("代码一致"),
    CITY_WITHOUT_COUNTIES: N_("不设县级单位的地级市"),
    CODE_CHANGE: N_("按变更表对应"),
    MERGED: N_("按变更表合并"),
    SAME_NAME: N_("同名对应"),
    NOT_LISTED: N_("代码表中没有，归入上级"),
    DIRECT: N_("与上下级为同一政区"),
}
"""How an outline was joined, for people."""

MATCHED = frozenset({SAME_CODE, CITY_WITHOUT_COUNTIES, CODE_CHANGE, MERGED, SAME_NAME})
"""Methods by which an outline is that of the place itself; with the others it only lies in the place."""


@dataclass(frozen=True, slots=True)
class Match:
    """The answer for one outline. ``place_code`` is the place it shows, or with ``not_listed`` the lowest place known there."""

    level: Level
    source_code: str
    source_name: str
    place_code: str
    method: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What joining needs to know of a division in force."""

    code: str
    name: str
    level: Level


def join(
    outlines: Iterable[tuple[Level, str, str]],
    listed: Mapping[str, Listed],
    history: CodeHistory,
    notes: Mapping[tuple[str, str], str],
) -> list[Match]:
    """Judge every outline given as (level, code, name). ``notes`` holds what the change table says by (old code, new code).

    The order of the rules: the same code; a city that has no counties standing as its own county; the change table, where several old
    outlines may make one new place; the same name in the same city; else the lowest place of the list that the code's digits name.
    """
    wanted = list(outlines)
    taken = {code for level, code, _ in wanted if _same(level, listed.get(code))}
    free_names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for division in listed.values():
        if division.code not in taken and division.level is Level.COUNTY:
            free_names[division.code[:4], division.name].append(division.code)
    found = [_match(level, code, name, listed, history, notes, free_names) for level, code, name in wanted]
    times = Counter((match.level, match.place_code) for match in found if match.method in MATCHED)
    return [
        Match(match.level, match.source_code, match.source_name, match.place_code, MERGED, match.note)
        if match.method == CODE_CHANGE and times[match.level, match.place_code] > 1
        else match
        for match in found
    ]


def _same(level: Level, division: Listed | None) -> bool:
    return division is not None and division.level is level


def _match(
    level: Level,
    code: str,
    name: str,
    listed: Mapping[str, Listed],
    history: CodeHistory,
    notes: Mapping[tuple[str, str], str],
    free_names: Mapping[tuple[str, str], list[str]],
) -> Match:
    own = listed.get(code)
    if _same(level, own):
        return Match(level, code, name, code, SAME_CODE)
    if own is not None:
        # Municipalities stand among the cities and, with cities that have no counties, among the counties.
        alone = level is Level.COUNTY and own.level is Level.CITY
        return Match(level, code, name, code, CITY_WITHOUT_COUNTIES if alone else DIRECT)
    latest = history.latest(code, 0)
    if latest != code and _same(level, listed.get(latest)):
        return Match(level, code, name, latest, CODE_CHANGE, notes.get((code, latest), "")[:200])
    namesakes = free_names.get((code[:4], name), []) if level is Level.COUNTY else []
    if len(namesakes) == 1:
        return Match(level, code, name, namesakes[0], SAME_NAME)
    lowest = next((upper for width in (4, 2) if (upper := code_of(code[:width])) in listed), "")
    return Match(level, code, name, lowest, NOT_LISTED)
