"""Tokens for search in mixed Chinese, pinyin and code text. Pure: text in, tokens and query out.

PostgreSQL's trigrams find nothing in a two-character pattern, and most Chinese words have two characters. So every record keeps a list of
lexemes of its own:

* Chinese: every pair of neighbouring characters, and the last character of a run alone. One character is found as the beginning of a pair.
* Latin letters and digits: the whole run, found by its beginning (codes, model numbers).
* Pinyin of names: at every character its syllable joined to the next one, and the initials of up to three characters.

The lexemes only narrow the candidates through the index; the folded text decides (``LIKE``), so that ``化工有限`` finds nothing where the
pairs stand apart.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from anlan.desk.search.syllables import SYLLABLES

_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_WORD = re.compile(r"[^\W_]+")
_LONGEST_LEXEME = 64
_LONGEST_QUERY = 64
_LONGEST_SYLLABLE = 6


@dataclass(frozen=True)
class SearchFields:
    """What a record is found by: ``names`` also by pinyin and initials, ``texts`` by their characters, ``codes`` by their beginning."""

    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexeme:
    """One lexeme to ask for, whole or by its beginning."""

    text: str
    prefix: bool = False

    def __str__(self) -> str:
        return f"'{self.text}':*" if self.prefix else f"'{self.text}'"


@dataclass(frozen=True)
class Clause:
    """Must hold: at least one of the choices, each of them lexemes that must all be there."""

    choices: tuple[tuple[Lexeme, ...], ...]

    def __str__(self) -> str:
        choices = [" & ".join(map(str, choice)) for choice in self.choices]
        return choices[0] if len(choices) == 1 else "(" + " | ".join(f"({choice})" for choice in choices) + ")"


@dataclass(frozen=True)
class Query:
    """A search as the index understands it: every clause must hold, and every word must occur in the text."""

    clauses: tuple[Clause, ...]
    words: tuple[str, ...]

    @property
    def lexemes(self) -> str:
        """All clauses as PostgreSQL writes a ``tsquery``."""
        return " & ".join(map(str, self.clauses))


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """One form for what readers think is the same: compatibility forms, case, and anything that is no letter or digit to a space."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=4096)
def syllables(run: str) -> tuple[str, ...]:
    """Plain pinyin of a run of Chinese characters, one syllable per character; an unknown character stands for itself."""
    # Its dictionary takes 0.3 s to load, which no process should pay at its start.
    from pypinyin import lazy_pinyin

    return tuple(part.lower() for part in lazy_pinyin(run, errors=cast("Any", list), v_to_u=False))


def pinyin_key(text: str) -> str:
    """Sort key: syllables separated by spaces, other characters folded. At most 120 characters."""
    parts: list[str] = []
    for chinese, other in _RUN.findall(fold(text)):
        parts.extend(syllables(chinese) if chinese else (other,))
    return " ".join(parts)[:120]


def lexemes(fields: SearchFields) -> list[str]:
    """All lexemes of a record, without repetition, in no particular order."""
    found: set[str] = set()
    for text in (*fields.names, *fields.texts, *fields.codes):
        found |= _written_lexemes(text)
    for name in fields.names:
        found |= _spoken_lexemes(name)
    return sorted(found)


# Lists that come in by the thousand say the same titles and places again and again.
@lru_cache(maxsize=1024)
def _written_lexemes(text: str) -> frozenset[str]:
    """Pairs of characters, last characters and whole runs of one text."""
    found: set[str] = set()
    for chinese, other in _RUN.findall(fold(text)):
        if chinese:
            found.update(a + b for a, b in itertools.pairwise(chinese))
            found.add(chinese[-1])
        else:
            found.add(other[:_LONGEST_LEXEME])
            found.add("^" + other[0])
    return frozenset(found)


@lru_cache(maxsize=1024)
def _spoken_lexemes(name: str) -> frozenset[str]:
    """What one name is found by in pinyin."""
    found: set[str] = set()
    for chinese, _ in _RUN.findall(fold(name)):
        if chinese:
            found |= _pinyin_lexemes(syllables(chinese))
    return frozenset(found)


def _pinyin_lexemes(parts: tuple[str, ...]) -> set[str]:
    """Syllable pairs, groups of three initials, and the first letter of one run."""
    initials = "".join(part[0] for part in parts)
    found = {"^" + initials[0]}
    for position, part in enumerate(parts):
        found.add(part + (parts[position + 1] if position + 1 < len(parts) else ""))
        found.add(initials[position : position + 3])
    return found


def searchable_text(fields: SearchFields) -> str:
    """The folded text that a match is confirmed against: words, then the names' pinyin and initials."""
    words = [fold(text) for text in (*fields.names, *fields.texts, *fields.codes)]
    sounds: list[str] = []
    for name in fields.names:
        for word in fold(name).split():
            spoken, initials = _sound(word)
            if spoken != word:
                sounds += [spoken, initials]
    return " ".join(part for part in (*words, *sounds) if part)


@lru_cache(maxsize=1024)
def _sound(word: str) -> tuple[str, str]:
    """A word with its Chinese characters replaced by pinyin, and the same by initials."""
    spoken: list[str] = []
    initials: list[str] = []
    for chinese, other in _RUN.findall(word):
        parts = syllables(chinese) if chinese else (other,)
        spoken.extend(parts)
        initials.extend((part[0] for part in parts) if chinese else parts)
    return "".join(spoken), "".join(initials)


def query(text: str) -> Query | None:
    """What to ask the index for a typed text; every word must be found. ``None`` when nothing in it can be searched for."""
    words = tuple(dict.fromkeys(fold(text[:_LONGEST_QUERY]).split()))
    clauses = dict.fromkeys(clause for word in words for clause in _word_clauses(word))
    return Query(tuple(clauses), words) if clauses else None


def _word_clauses(word: str) -> list[Clause]:
    clauses: list[Clause] = []
    for chinese, other in _RUN.findall(word):
        if not chinese:
            clauses.append(_latin_clause(other))
        elif len(chinese) == 1:
            clauses.append(Clause(((Lexeme(chinese, prefix=True),),)))
        else:
            clauses += [Clause(((Lexeme(a + b),),)) for a, b in itertools.pairwise(chinese)]
    return clauses


def _latin_clause(run: str) -> Clause:
    """A run of letters may begin a code or latin word, be initials, or be pinyin: any of them will do."""
    if len(run) == 1 or (run.isdigit() and len(run) <= 3):
        # Two or three digits begin a great many codes, all of them different: their first digit is asked for instead.
        return Clause(((Lexeme("^" + run[0]),),))
    choices: list[tuple[Lexeme, ...]] = [(Lexeme(run[:_LONGEST_LEXEME], prefix=True),)]
    if run.isascii() and run.isalpha():
        # No syllable begins with i, u or v.
        if len(run) > 3 and not set(run) & set("iuv"):
            choices.append(tuple(Lexeme(run[i : i + 3]) for i in range(len(run) - 2)))
        choices += [(Lexeme(first + second), Lexeme(second + rest[0], prefix=True)) for first, second, rest in _beginnings(run)]
    return Clause(tuple(choices))


def _beginnings(run: str) -> list[tuple[str, str, str]]:
    """Every way to read the first two syllables of a run with something left: ``xianan`` begins xi·an, xi·a, xia·nan or xian·an.

    All of a long run has too many readings to ask for; two syllables narrow enough, and the text decides.
    """
    return [
        (run[:one], run[one:two], run[two:])
        for one in range(1, min(_LONGEST_SYLLABLE, len(run) - 2) + 1)
        if run[:one] in SYLLABLES
        for two in range(one + 1, min(one + _LONGEST_SYLLABLE, len(run) - 1) + 1)
        if run[one:two] in SYLLABLES
    ]
