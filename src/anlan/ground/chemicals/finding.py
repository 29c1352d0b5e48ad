"""Who is meant: chemicals by name, alias, CAS or UN number, as people and tables write them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from anlan.ground.chemicals.catalogue import Entry, by_code, entries
from anlan.ground.chemicals.rules import PURE

_CAS = re.compile(r"\d{2,7}-\d{2}-\d")
_UN = re.compile(r"(?:UN|NA)?\s*(\d{4})", re.IGNORECASE)
_LEFT_OUT = re.compile(r"[\s,，;；()（）\[\]【】'’\"·\-]")


def plain(text: str) -> str:
    """A name as it is compared: width, case, spaces, dashes and brackets do not matter."""
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Codes by plain name; a name proper comes before an alias of another chemical."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for own in (True, False):
        for each in entries():
            names = (each.name_zh, each.name_en, each.code) if own else each.all_names
            for name in names:
                if each.code not in found[plain(name)]:
                    found[plain(name)].append(each.code)
    return {name: tuple(codes) for name, codes in found.items()}


@cache
def _plain_names() -> tuple[tuple[Entry, tuple[str, ...]], ...]:
    """Every chemical with its names and numbers as they are compared."""
    return tuple((each, tuple(plain(name) for name in (*each.all_names, each.cas, each.un) if name)) for each in entries())


@cache
def _numbers() -> Mapping[str, tuple[str, ...]]:
    """Codes by CAS and by UN number, pure substances first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for each in sorted(entries(), key=lambda row: row.form != PURE):
        for number in (each.cas, each.un):
            if number:
                found[number].append(each.code)
    return {number: tuple(codes) for number, codes in found.items()}


def named(text: str) -> tuple[Entry, ...]:
    """Every chemical that bears exactly this name, code, CAS or UN number; none is preferred but by the order of the table."""
    wanted = unicodedata.normalize("NFKC", text).strip()
    codes: tuple[str, ...] = ()
    if _CAS.fullmatch(wanted):
        codes = _numbers().get(wanted, ())
    elif un := _UN.fullmatch(wanted):
        codes = _numbers().get(un.group(1), ())
    elif wanted:
        codes = _names().get(plain(wanted), ())
    return tuple(by_code()[code] for code in codes)


def search(text: str, limit: int) -> tuple[Entry, ...]:
    """Chemicals whose name, alias or number holds ``text``: exact ones first, then those that begin with it, then the others."""
    wanted = plain(text)
    if not wanted:
        return ()
    exact = list(named(text))
    begin = [each for each, names in _plain_names() if any(name.startswith(wanted) for name in names)]
    within = [each for each, names in _plain_names() if any(wanted in name for name in names)]
    return tuple(dict.fromkeys((*exact, *begin, *within)))[:limit]


def of_source(name: str, cas: str) -> tuple[Entry, ...]:
    """The chemicals that a hazard source may hold by the name and the CAS number in its file: several where they do not tell.

    Both given: those that fit both, else those of the name if the number says nothing, and all of both when they contradict each other.
    """
    by_name, by_number = named(name), named(cas)
    both = tuple(each for each in by_name if each in by_number)
    if both:
        return both
    if by_name and by_number and cas.strip():
        return tuple(dict.fromkeys((*by_name, *by_number)))
    return by_name or by_number
