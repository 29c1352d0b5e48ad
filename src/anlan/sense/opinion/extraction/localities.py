"""Where a text says that something happened: names of the gazetteer in it, with every place that bears them, and why one is likelier than another.

Three districts are called 朝阳区. All stay candidates; they are ranked by what stands beside the name, by the node's own jurisdiction, by other places in
the text and by where the source sits. Nothing is thrown away, and no candidate is ever the answer by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import rjieba

from anlan.kernel.levels import Level, code_of, covers, level_of, prefix_of
from anlan.sense.opinion.extraction.casualties import HIGH, LOW, MEDIUM

PATH, NEAR, HOME, SOURCE, ONLY = "path", "near", "home", "source", "only"
WEIGHTS = {PATH: 4, HOME: 3, NEAR: 2, SOURCE: 2, ONLY: 1}
"""What each reason counts when candidates are put in order. Project default."""
MOST_CANDIDATES = 12
_STREET = re.compile(
    r"[东西南北中]?[一二三四]?(?:路|街|大道|道(?!路)|胡同|大桥|大厦|大酒店|饭店|宾馆|小学|中学|大学|学院|医院|银行|机场|火车站|籍|菜|队|牌|话)"
)
"""After a short name they make another name of it: 北京路, 四川籍. 历下区医院 still lies in 历下区."""
_AUTHORITY = re.compile(
    r"(?:省|市|区|县)?(?:委|政府|应急|消防|公安|警方|交警|卫健|网信|环保|生态|气象|地震台|日报|晚报|早报|晨报|都市报|新闻|发布|网警|广播|电视|融媒|人民政府|安委)"
)
"""After a name they make it the one who speaks."""
_SPOT = re.compile(
    r"[\u4e00-\u9fff]{2,8}(?:路|街|大道|村|社区|小区|广场|大桥|隧道|工业园|产业园|园区|开发区|码头|高速|立交)(?:与[\u4e00-\u9fff]{2,6}[路街])?"
)


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place of the gazetteer with the names it goes by."""

    code: str
    name: str
    short_name: str


@dataclass(frozen=True)
class Candidate:
    """One place that a name may mean, with the reasons that speak for it and their sum."""

    code: str
    rank: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PlaceGuess:
    """A name in the text. ``authority``: it names who speaks rather than where. ``candidates``: best first, at most :data:`MOST_CANDIDATES`."""

    start: int
    end: int
    words: str
    rule: str
    authority: bool
    confidence: str
    candidates: tuple[Candidate, ...]

    def plain(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    name: str
    codes: tuple[str, ...]
    full: bool
    authority: bool


class Gazetteer:
    """Names of places. ``home``: the jurisdiction's place code. Townships go by their full names alone, and only those that are handed in.

    ``common``: short names that are everyday words as well (和平, 新华); they count only right behind an upper place.
    """

    def __init__(self, places: Iterable[NamedPlace], home: str, common: frozenset[str] = frozenset()) -> None:
        self.home = home
        self._prefix = prefix_of(home)
        self._common = common
        full: dict[str, list[str]] = defaultdict(list)
        short: dict[str, list[str]] = defaultdict(list)
        for place in places:
            full[place.name].append(place.code)
            if place.short_name != place.name and len(place.short_name) > 1 and level_of(place.code) is not Level.TOWNSHIP:
                short[place.short_name].append(place.code)
        self._full = {name: tuple(codes) for name, codes in full.items() if len(name) > 1}
        self._short = {name: tuple(codes) for name, codes in short.items() if name not in self._full}
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in (*self._full, *self._short):
            lengths[name[:2]].add(len(name))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def mentions(self, text: str) -> list[_Mention]:
        """Names in the text, the longest at each place. A short name, or one of two characters, must be words of their own: 西安全 is not 西安."""
        starts, ends = _boundaries(text)
        found: list[_Mention] = []
        at = 0
        while at < len(text) - 1:
            mention = self._at(text, at, starts, ends, found[-1] if found else None)
            if mention is None:
                at += 1
                continue
            found.append(mention)
            at = mention.end
        return found

    def _at(self, text: str, at: int, starts: set[int], ends: set[int], before: _Mention | None) -> _Mention | None:
        for length in self._lengths.get(text[at : at + 2], ()):
            name, end = text[at : at + length], at + length
            if len(name) < length:
                continue
            codes, full = self._full.get(name, ()), name in self._full
            own_words = at in starts and end in ends
            if not full and own_words:
                codes = self._spoken(name, before if before is not None and before.end == at else None)
            if not codes or ((not full or length == 2) and not own_words) or (not full and _STREET.match(text, end)):
                continue
            return _Mention(at, end, name, codes, full, _AUTHORITY.match(text, end) is not None)
        return None

    def _spoken(self, name: str, before: _Mention | None) -> tuple[str, ...]:
        """What a short name may mean: provinces and cities always, counties behind an upper place or, unless it is an everyday word, at home."""
        codes = self._short.get(name, ())
        behind = before is not None and any(_under(code, upper) for code in codes for upper in before.codes)
        if behind or (name not in self._common and any(level_of(code) < Level.COUNTY for code in codes)):
            return codes
        return tuple(code for code in codes if covers(self._prefix, code)) if name not in self._common else ()

    def read(self, text: str, source_place: str = "") -> list[PlaceGuess]:
        """Guesses in the order of the text; names that stand together (山东省济南市历下区) make one guess of the last."""
        chains = _chains(self.mentions(text))
        every = [mention for chain in chains for mention in chain]
        return [self._guess(chain, every, source_place, text) for chain in chains]

    def _guess(self, chain: Sequence[_Mention], every: Sequence[_Mention], source_place: str, text: str) -> PlaceGuess:
        last = chain[-1]
        others = [mention for mention in every if mention not in chain]
        ranked = sorted(
            (self._candidate(code, chain[:-1], others, source_place, last.codes) for code in last.codes), key=lambda c: (-c.rank, c.code)
        )
        by_path = [candidate for candidate in ranked if PATH in candidate.reasons]
        ranked = by_path if by_path and len(chain) > 1 else ranked
        words = text[chain[0].start : last.end]
        rule = "path" if len(chain) > 1 else "full_name" if last.full else "short_name"
        return PlaceGuess(chain[0].start, last.end, words, rule, last.authority, _sure(ranked, last), tuple(ranked[:MOST_CANDIDATES]))

    def _candidate(
        self, code: str, uppers: Sequence[_Mention], others: Sequence[_Mention], source_place: str, namesakes: Sequence[str]
    ) -> Candidate:
        reasons = []
        if any(_under(code, upper) for mention in uppers for upper in mention.codes):
            reasons.append(PATH)
        if any(_related(code, other) for mention in others for other in mention.codes if other != code):
            reasons.append(NEAR)
        if self._prefix and covers(self._prefix, code):
            reasons.append(HOME)
        if source_place and source_place != code_of("") and _related(code, source_place):
            reasons.append(SOURCE)
        if len(namesakes) == 1:
            reasons.append(ONLY)
        return Candidate(code, sum(WEIGHTS[reason] for reason in reasons), tuple(reasons))


def _boundaries(text: str) -> tuple[set[int], set[int]]:
    starts, ends, at = set(), set(), 0
    for word in rjieba.cut(text):
        starts.add(at)
        at += len(word)
        ends.add(at)
    return starts, ends


def _under(code: str, upper: str) -> bool:
    return code != upper and covers(prefix_of(upper), code)


def _related(code: str, other: str) -> bool:
    """One holds the other, or both lie in one city."""
    return _under(code, other) or _under(other, code) or (level_of(other) > Level.PROVINCE and code[:4] == other[:4])


def _chains(found: Sequence[_Mention]) -> list[list[_Mention]]:
    chains: list[list[_Mention]] = []
    for mention in found:
        before = chains[-1][-1] if chains else None
        joined = (
            before is not None
            and before.end == mention.start
            and any(_under(code, upper) for code in mention.codes for upper in before.codes)
        )
        if joined:
            chains[-1].append(mention)
        else:
            chains.append([mention])
    return chains


def _sure(ranked: Sequence[Candidate], last: _Mention) -> str:
    """High: one place, named in full or with its upper place. Medium: one that has more reasons than its namesakes. Low: undecided, or who speaks."""
    first = ranked[0]
    if last.authority:
        return LOW
    if len(ranked) == 1:
        return HIGH if last.full or PATH in first.reasons else MEDIUM
    return MEDIUM if first.rank > ranked[1].rank else LOW


def best(found: Sequence[PlaceGuess]) -> PlaceGuess | None:
    """The place of a text: where rather than who speaks, the finest of these, the surest, the first."""
    order = (HIGH, MEDIUM, LOW)
    return min(
        found,
        key=lambda each: (each.authority, -int(level_of(each.candidates[0].code)), order.index(each.confidence), each.start),
        default=None,
    )


def spot(text: str) -> str:
    """The first street, village or park that the text names, as written; empty when none."""
    found = _SPOT.search(text)
    return found.group()[:60] if found else ""
