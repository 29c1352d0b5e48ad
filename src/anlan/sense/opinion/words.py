"""The words and names by which posts are read: the room's dated tables, the gazetteer and the register of enterprises, kept for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.levels import NATION, Level, prefix_of
from anlan.ledger.sources import law_day
from anlan.sense.opinion import rules
from anlan.sense.opinion.extraction.companies import NamedEnterprise, Register
from anlan.sense.opinion.extraction.localities import Gazetteer, NamedPlace
from anlan.sense.opinion.extraction.reading import Reader

KEPT = timedelta(minutes=10)
"""How long the names of enterprises are taken for granted: one registered meanwhile is recognised that much later."""
_lock = Lock()
_registers: dict[str, tuple[datetime, Register]] = {}


def reader(home: str, now: datetime) -> Reader:
    """What reads posts that the bureau at ``home`` brings in: places of the whole country to the county, townships and enterprises of its own."""
    day = law_day(now)
    return Reader(rules.vocabulary(day), rules.cues(day), gazetteer(home, day.toordinal()), _register(home, now))


@lru_cache(maxsize=4)
def gazetteer(home: str, day: int) -> Gazetteer:
    """Names of places for a bureau; the day only says when to read them again."""
    found = [NamedPlace(each.code, each.name, each.short_name) for each in _down_to_counties()]
    prefix = prefix_of(home)
    codes = [str(code) for code in places.townships().codes if str(code).startswith(prefix)]
    found += [NamedPlace(code, name, name) for code in codes if len(name := places.place_name(code)) > 2]
    return Gazetteer(found, home, rules.common_names(rules.date.fromordinal(day)))


def _down_to_counties() -> list[places.PlaceInfo]:
    found, waiting = [], list(places.children(NATION))
    while waiting:
        place = waiting.pop()
        found.append(place)
        if place.level < Level.COUNTY:
            waiting.extend(places.children(place.code))
    return found


def _register(home: str, now: datetime) -> Register:
    with _lock:
        held = _registers.get(home)
        if held is None or not held[0] <= now < held[0] + KEPT:
            named = (NamedEnterprise(*row) for row in enterprises.spoken_names(home))
            held = _registers[home] = (now, Register(named))
        return held[1]


def forget() -> None:
    """Read all names again; for tests and after a load."""
    with _lock:
        _registers.clear()
    gazetteer.cache_clear()
