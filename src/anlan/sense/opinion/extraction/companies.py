"""Enterprises of the register that a text names: by full name, by short name, by the name without its place and legal form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from anlan.sense.opinion.extraction.casualties import HIGH, LOW, MEDIUM

_FORM = re.compile(r"(?:股份|集团|科技|实业)?(?:有限责任公司|有限公司|集团公司|公司|集团|总厂|厂)$")
_DIVISION = re.compile(r"^[\u4e00-\u9fff]{2,6}?(?:省|市|区|县)")
SHORTEST = 4
"""Characters of a shortened name: two- and three-character ones are words of other meanings too often. Project default."""


@dataclass(frozen=True, slots=True)
class NamedEnterprise:
    """An enterprise with its names."""

    id: UUID
    name: str
    short_name: str
    place_code: str


@dataclass(frozen=True)
class EnterpriseGuess:
    """An enterprise that may be meant. ``rule``: ``full_name``, ``short_name``, ``core``; several with one name are several guesses."""

    id: str
    name: str
    place_code: str
    start: int
    end: int
    words: str
    rule: str
    confidence: str

    def plain(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class Register:
    """The names of many enterprises, found in a text without looking at each."""

    def __init__(self, enterprises: Iterable[NamedEnterprise]) -> None:
        self._names: dict[str, list[tuple[str, NamedEnterprise]]] = defaultdict(list)
        lengths: dict[str, set[int]] = defaultdict(set)
        for enterprise in enterprises:
            for rule, name in _names(enterprise):
                self._names[name].append((rule, enterprise))
                lengths[name[:2]].add(len(name))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def read(self, text: str) -> list[EnterpriseGuess]:
        """Enterprises named, in the order of the text; the longest name at each place."""
        found: list[EnterpriseGuess] = []
        at = 0
        while at < len(text) - 1:
            name = next((text[at : at + n] for n in self._lengths.get(text[at : at + 2], ()) if text[at : at + n] in self._names), "")
            held = self._names.get(name, []) if name else []
            for rule, enterprise in held:
                found.append(
                    EnterpriseGuess(
                        str(enterprise.id), enterprise.name, enterprise.place_code, at, at + len(name), name, rule, _sure(rule, len(held))
                    )
                )
            at += len(name) or 1
        return found


def _names(enterprise: NamedEnterprise) -> list[tuple[str, str]]:
    told = [("full_name", enterprise.name)] if len(enterprise.name) >= SHORTEST else []
    if len(enterprise.short_name) >= SHORTEST and enterprise.short_name != enterprise.name:
        told.append(("short_name", enterprise.short_name))
    core = _DIVISION.sub("", _FORM.sub("", enterprise.name))
    if len(core) >= SHORTEST and core not in (enterprise.name, enterprise.short_name):
        told.append(("core", core))
    return told


def _sure(rule: str, held: int) -> str:
    if held > 1:
        return LOW
    return {"full_name": HIGH, "short_name": MEDIUM}.get(rule, LOW)
