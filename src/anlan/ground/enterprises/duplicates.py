"""Whether two files may be of one enterprise: comparing, in words, and the keys by which an index finds whom to compare. Pure; no clock.

Comparing is symmetric and asks for nothing outside the two profiles. Two profiles that reach the score from which they are shown share at least
one key (a property test holds it), so that candidates come from an index and never from all pairs.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

_DATA = Path(__file__).parent / "data"
BODY = slice(8, 17)
"""Where the body of a unified social credit code stands (GB 32100-2015 table 1: characters 9 to 17)."""
LEAST_CORE = 3
"""A shorter core of a name (鲁能) says too little by itself. Project default."""
_TELLING = frozenset("0123456789一二三四五六七八九十甲乙丙丁东西南北中新老大小上下前后")
"""Characters that tell two units of one family apart (一厂, 二厂): where names differ in these it is no slip of the pen."""
_FILLER = 7

REASONS: dict[str, str] = {
    "code_same": N_("统一社会信用代码相同"),
    "code_same_body": N_("统一社会信用代码第 9—17 位（主体标识码）相同：{body}"),
    "code_typing_error": N_("统一社会信用代码只差一处，其中 {wrong} 的主体标识码通不过 GB 11714 校验，可能是录入错误"),
    "code_nearly": N_("统一社会信用代码只差一处"),
    "code_filler": N_("统一社会信用代码 {code} 像是临时编造的"),
    "name_same": N_("名称相同（不计括号、空格和全半角）"),
    "name_former": N_("一方的曾用名就是另一方的名称：{name}"),
    "name_core": N_("去掉行政区划和组织形式后名称相同：{name}"),
    "name_nearly": N_("去掉行政区划和组织形式后名称只差一个字：{one}、{other}"),
    "person_and_address": N_("法定代表人和地址都相同：{person}，{address}"),
    "person": N_("法定代表人相同：{person}"),
    "address": N_("地址相同：{address}"),
    "near": N_("两家坐标相距不到 {metres} 米"),
    "other_county": N_("两家归属不同的县（区）"),
}


@dataclass(frozen=True, kw_only=True)
class Figure(DatedRule):
    """A row of ``data/likeness.csv``: what a reason counts, or a threshold."""

    code: str
    points: int


@dataclass(frozen=True, kw_only=True)
class CompanyForm(DatedRule):
    """A row of ``data/company_forms.csv``: words at the end of a name that say what kind of company it is."""

    form: str


@cache
def figures(day: date = date.max) -> dict[str, int]:
    """Points and thresholds in force on ``day``, by code."""
    return {row.code: row.points for row in in_force(load_rules(_DATA / "likeness.csv", Figure), day)}


@cache
def _forms() -> tuple[str, ...]:
    return tuple(sorted((row.form for row in load_rules(_DATA / "company_forms.csv", CompanyForm)), key=len, reverse=True))


@dataclass(frozen=True)
class Profile:
    """What is compared of a file. ``places``: names of its county and everything above it, which names and addresses begin with."""

    code: str
    name: str
    former_names: tuple[str, ...] = ()
    county: str = ""
    places: tuple[str, ...] = ()
    person: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class Reason:
    """One reason with its points and the facts of its sentence in :data:`REASONS`."""

    code: str
    points: int
    facts: tuple[tuple[str, str], ...] = ()

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {"code": self.code, "points": self.points, "facts": dict(self.facts)}


@dataclass(frozen=True)
class Likeness:
    """How alike two files are, 0 to 100, and why, what counts most first."""

    score: int
    reasons: tuple[Reason, ...]


def compare(one: Profile, other: Profile) -> Likeness:
    """How alike two files are; the same whichever comes first."""
    one, other = sorted((one, other), key=lambda profile: (profile.code, profile.name, repr(profile)))
    counts = figures()
    found = [
        Reason(code, counts[code], tuple((name, str(value)) for name, value in facts.items()))
        for code, facts in (*_codes(one, other), *_names(one, other), *_places(one, other, counts["near_m"]))
    ]
    total = max(0, min(100, sum(reason.points for reason in found)))
    return Likeness(total, tuple(sorted(found, key=lambda reason: (-reason.points, reason.code))))


def keys(profile: Profile) -> frozenset[int]:
    """Numbers under which an index finds this file and everybody it could be shown with."""
    return frozenset(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True) for text in _texts(profile))


def _texts(profile: Profile) -> Iterator[str]:
    body = profile.code[BODY]
    if body:
        yield f"c:{body}"
        # Two texts that differ in one place, or have two neighbours swapped, are the same after some character is left out of each.
        yield from (f"c:{rest}" for rest in _shorter(body))
    for name in (profile.name, *profile.former_names):
        if plain := folded(name):
            yield f"n:{plain}"
    if len(core := core_of(profile.name, profile.places)) >= LEAST_CORE:
        yield f"k:{core}"
        yield from (f"k:{rest}" for rest in _shorter(core))
    if profile.person.strip() and (address := address_of(profile)):
        yield f"p:{folded(profile.person)}|{address}"


def _shorter(text: str) -> set[str]:
    return {text[:at] + text[at + 1 :] for at in range(len(text))}


def folded(text: str) -> str:
    """A text without brackets, spaces and marks, of half width, in capitals."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())


def core_of(name: str, places: tuple[str, ...] = ()) -> str:
    """What is a name's own: without the places it begins with and the form of company it ends with (山东济南示范氯碱有限公司 → 示范氯碱)."""
    core = _without_places(folded(name), places)
    for form in _forms():
        if core.endswith(form) and len(core) - len(form) >= 2:
            return core[: -len(form)]
    return core


def address_of(profile: Profile) -> str:
    """The address without the places it begins with; empty where nothing but places is given."""
    return _without_places(folded(profile.address), profile.places)


def _without_places(text: str, places: tuple[str, ...]) -> str:
    words = sorted({word for place in places for word in (folded(place), folded(place).rstrip("省市区县")) if len(word) >= 2}, key=len)
    while (cut := next((word for word in reversed(words) if text.startswith(word)), "")) and len(text) - len(cut) >= 2:
        text = text[len(cut) :]
    return text


def body_holds(code: str) -> bool:
    """Whether the body of a credit code passes the check of the organisation code that it was (GB 11714-1997: weights, modulo 11)."""
    body = code[BODY]
    if len(body) != 9 or not all(letter in _VALUES for letter in body[:8]):
        return False
    rest = 11 - sum(_VALUES[letter] * weight for letter, weight in zip(body[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return body[8] == {10: "X", 11: "0"}.get(rest, str(rest))


_VALUES = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def is_filler(code: str) -> bool:
    """Whether the body of a code is mostly one character repeated, as people type when they have none."""
    body = code[BODY]
    return any(letter * _FILLER in body for letter in set(body))


def differ_once(one: str, other: str) -> bool:
    """Whether two texts differ in one character (another one, one more, one less) or in two neighbours that changed places."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    head = 0
    while head < len(short) and short[head] == long[head]:
        head += 1
    if len(short) < len(long):
        return short[head:] == long[head + 1 :]
    return short[head + 1 :] == long[head + 1 :] or (
        short[head : head + 2] == long[head : head + 2][::-1] and short[head + 2 :] == long[head + 2 :]
    )


def _codes(one: Profile, other: Profile) -> Iterator[tuple[str, dict[str, Any]]]:
    if one.code and one.code == other.code:
        yield "code_same", {}
        return
    if one.code[BODY] and one.code[BODY] == other.code[BODY]:
        yield "code_same_body", {"body": one.code[BODY]}
    # The last character follows from the others: who mistypes one is told the other.
    elif one.code and differ_once(one.code[:17], other.code[:17]) and len(one.code) == len(other.code):
        wrong = [profile.code for profile in (one, other) if not body_holds(profile.code)]
        # Both in order are two neighbours in the register, each with check characters of its own: that says nothing.
        if len(wrong) == 1:
            yield "code_typing_error", {"wrong": wrong[0]}
        elif wrong:
            yield "code_nearly", {}
    for code in [profile.code for profile in (one, other) if is_filler(profile.code)][:1]:
        yield "code_filler", {"code": code}


def _names(one: Profile, other: Profile) -> Iterator[tuple[str, dict[str, Any]]]:
    names = folded(one.name), folded(other.name)
    cores = core_of(one.name, one.places), core_of(other.name, other.places)
    former = {folded(name) for name in one.former_names}, {folded(name) for name in other.former_names}
    if names[0] and names[0] == names[1]:
        yield "name_same", {}
    elif shared := sorted((({names[0]} & former[1]) | ({names[1]} & former[0])) - {""}):
        yield "name_former", {"name": shared[0]}
    elif cores[0] == cores[1] and len(cores[0]) >= LEAST_CORE:
        yield "name_core", {"name": cores[0]}
    elif min(map(len, cores)) > LEAST_CORE and differ_once(*cores) and not _told_apart(*cores):
        yield "name_nearly", {"one": cores[0], "other": cores[1]}


def _told_apart(one: str, other: str) -> bool:
    """Whether what differs is a number or a word of order: 一厂 and 二厂 are two works, not one with a slip of the pen."""
    return [letter for letter in one if letter in _TELLING] != [letter for letter in other if letter in _TELLING]


def _places(one: Profile, other: Profile, near_m: int) -> Iterator[tuple[str, dict[str, Any]]]:
    person, address = folded(one.person), address_of(one)
    same_person = bool(person) and person == folded(other.person)
    same_address = bool(address) and address == address_of(other)
    if same_person and same_address:
        yield "person_and_address", {"person": one.person.strip(), "address": one.address.strip()}
    elif same_person:
        yield "person", {"person": one.person.strip()}
    elif same_address:
        yield "address", {"address": one.address.strip()}
    if (metres := _apart(one, other)) is not None and metres <= near_m:
        yield "near", {"metres": str(near_m)}
    if one.county != other.county:
        yield "other_county", {}


def _apart(one: Profile, other: Profile) -> float | None:
    """Metres between the points on a plane, which is close enough within a county."""
    if one.longitude is None or one.latitude is None or other.longitude is None or other.latitude is None:
        return None
    north = (one.latitude - other.latitude) * 111_320
    east = (one.longitude - other.longitude) * 111_320 * math.cos(math.radians((one.latitude + other.latitude) / 2))
    return math.hypot(north, east)
