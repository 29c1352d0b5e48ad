"""Clauses and how each is meant: told, doubted, denied, an exercise, the past, a warning of what might be.

Chinese puts what it denies and what it imagines near the word, but what makes a whole text an exercise or a denial may stand in another sentence;
so cues have a reach: the word's own clause, the rest of its sentence, or the text.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping
from dataclasses import dataclass

TOLD, UNSURE, NEGATED, DENIED, EXERCISE, PAST, MIGHT = "told", "unsure", "negated", "denied", "exercise", "past", "might"
OF_AN_EVENT = (TOLD, UNSURE, DENIED)
"""Stances of words about something that is said to happen now, be it true or not."""

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_CLAUSE = re.compile(r"[^，,、：:。！？!?；;\n]+[，,、：:。！？!?；;\n]*")
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})年")
_YEARS_AGO = re.compile(r"(?:[0-9]{1,3}|[一二两三四五六七八九十几多]{1,3})(?:多)?年前")
_REACH = 8
"""Characters between a denial and the word it denies."""
_BREAKS = ("导致", "造成", "引起", "引发", "致使", "及时", "戴", "佩戴", "按", "经")
"""Between a denial and a word they say that something else was not done: 没有及时报警导致爆炸."""


@dataclass(frozen=True)
class Cues:
    """Words by what they do (``data/cues.csv``); each a compiled alternation, longest first."""

    exercise: re.Pattern[str]
    exercise_not: re.Pattern[str]
    denial: re.Pattern[str]
    denial_not: re.Pattern[str]
    contrast: re.Pattern[str]
    past: re.Pattern[str]
    might: re.Pattern[str]
    unsure: re.Pattern[str]
    negation: re.Pattern[str]

    @classmethod
    def of(cls, words: Mapping[str, list[str]]) -> Cues:
        """Build from words by cue; a cue without words never matches."""
        return cls(**{name: alternation(words.get(name, [])) for name in cls.__dataclass_fields__})


def alternation(words: list[str]) -> re.Pattern[str]:
    """A pattern that finds any of ``words``, the longest where several begin together; without words one that finds nothing."""
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)")


@dataclass(frozen=True)
class Clause:
    """A stretch of the text and how it is meant before any word of it is looked at."""

    start: int
    end: int
    stance: str


class Context:
    """How each place of a text is meant."""

    def __init__(self, text: str, cues: Cues, year: int) -> None:
        self.text, self._cues, self._year = text, cues, year
        self.clauses = self._read()
        self._starts = [clause.start for clause in self.clauses]

    def at(self, position: int) -> Clause:
        """The clause that holds a position."""
        return self.clauses[max(0, bisect.bisect_right(self._starts, position) - 1)]

    def stance(self, start: int, end: int) -> str:
        """How the words from ``start`` to ``end`` are meant."""
        clause = self.at(start)
        if clause.stance == TOLD and self._is_negated(clause, start):
            return NEGATED
        if clause.stance == TOLD and self._asks(end):
            return UNSURE
        return clause.stance

    def _is_negated(self, clause: Clause, start: int) -> bool:
        before = self.text[max(clause.start, start - _REACH) : start]
        found = [match.end() for match in self._cues.negation.finditer(before)]
        return bool(found) and not any(word in before[found[-1] :] for word in _BREAKS)

    def _asks(self, end: int) -> bool:
        mark = re.search(r"[。！!；;\n？?]", self.text[end : end + 40])
        return mark is not None and mark.group() in "？?"

    def _read(self) -> list[Clause]:
        sentences = [(match.start(), match.end()) for match in _SENTENCE.finditer(self.text)] or [(0, len(self.text))]
        exercise_from = self._exercise_from()
        denied_until = self._denied_until(sentences)
        found = []
        for start, end in sentences:
            past_from = start + self._past_from(self.text[start:end])
            for match in _CLAUSE.finditer(self.text, start, end):
                past = match.end() > past_from
                found.append(
                    Clause(match.start(), match.end(), self._stance_of(match.group(), match.start(), past, exercise_from, denied_until))
                )
        return found or [Clause(0, len(self.text), TOLD)]

    def _stance_of(self, clause: str, start: int, past: bool, exercise_from: int | None, denied_until: list[tuple[int, int]]) -> str:
        if exercise_from is not None and start >= exercise_from:
            return EXERCISE
        if any(a <= start < b for a, b in denied_until):
            return DENIED
        if past:
            return PAST
        if self._cues.might.search(clause):
            return MIGHT
        return UNSURE if self._cues.unsure.search(clause) else TOLD

    def _exercise_from(self) -> int | None:
        """From the sentence with the first exercise word on everything belongs to it, unless the text says that it is none."""
        if self._cues.exercise_not.search(self.text):
            return None
        found = self._cues.exercise.search(self.text)
        if found is None:
            return None
        return max(self.text.rfind(mark, 0, found.start()) for mark in "。！？!?；;\n") + 1

    def _denied_until(self, sentences: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Stretches that the text calls untrue: in its sentence from the hearsay on to the denial, or the sentences before one that says nothing else."""
        spans: list[tuple[int, int]] = []
        for number, (start, end) in enumerate(sentences):
            sentence = self.text[start:end]
            if self._cues.denial_not.search(sentence):
                continue
            for match in self._cues.denial.finditer(sentence):
                at = start + match.start()
                if match.start() <= 4:
                    spans.append((start, self._until_contrast(at, len(self.text))))
                elif match.start() <= 14 and number:
                    spans.append((sentences[0][0], start + match.end()))
                else:
                    hearsay = self._cues.unsure.search(self.text, start, at)
                    spans.append((hearsay.start() if hearsay else start, at + 1))
        return spans

    def _until_contrast(self, start: int, end: int) -> int:
        found = self._cues.contrast.search(self.text, start, end)
        return found.start() if found else end

    def _past_from(self, sentence: str) -> int:
        """Where in a sentence it begins to speak of the past; behind its end when nowhere."""
        begins = [match.start() for match in _YEAR.finditer(sentence) if int(match[1]) < self._year]
        begins += [match.start() for pattern in (_YEARS_AGO, self._cues.past) if (match := pattern.search(sentence))]
        return min(begins, default=len(sentence))
