"""What kind of event a text is about, by dated words with weights; the longest word wins where several begin together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anlan.sense.opinion.extraction import clauses
from anlan.sense.opinion.extraction.casualties import HIGH, LOW, MEDIUM
from anlan.sense.opinion.extraction.clauses import Context

STRONG = 3
"""From this weight on a word says the kind by itself."""
_ENOUGH = 2
"""Weight below which nothing is guessed: a loud noise alone is no event."""


@dataclass(frozen=True)
class Vocabulary:
    """Words by kind with weights, and phrases in which such a word means something else (爆炸性新闻)."""

    weights: Mapping[str, tuple[tuple[str, int], ...]]
    pattern: re.Pattern[str]
    order: tuple[str, ...]

    @classmethod
    def of(cls, words: Sequence[tuple[str, str, int]], figurative: Sequence[str]) -> Vocabulary:
        """From (kind, word, weight); kinds count in the order in which they come first."""
        weights: dict[str, list[tuple[str, int]]] = {}
        for kind, word, weight in words:
            weights.setdefault(word, []).append((kind, weight))
        order = tuple(dict.fromkeys(kind for kind, _word, _weight in words))
        pattern = clauses.alternation([*weights, *figurative])
        return cls({word: tuple(kinds) for word, kinds in weights.items()}, pattern, order)


@dataclass(frozen=True)
class KindMention:
    """A word that speaks for kinds, and how it is meant."""

    word: str
    start: int
    end: int
    stance: str
    speaks_for: tuple[tuple[str, int], ...]

    def plain(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class KindGuess:
    """The kind that most words speak for. ``stance``: how they mean it; ``confidence``: see docs/opinion.md; ``runner_up``: the next kind or empty."""

    code: str
    stance: str
    confidence: str
    score: int
    runner_up: str
    words: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def mentions(context: Context, vocabulary: Vocabulary) -> list[KindMention]:
    """Every word of the vocabulary in the text, without those that stand in a figure of speech."""
    return [
        KindMention(
            match.group(), match.start(), match.end(), context.stance(match.start(), match.end()), vocabulary.weights[match.group()]
        )
        for match in vocabulary.pattern.finditer(context.text)
        if match.group() in vocabulary.weights
    ]


_PREFERENCE = (clauses.TOLD, clauses.UNSURE, clauses.DENIED, clauses.EXERCISE, clauses.PAST, clauses.NEGATED, clauses.MIGHT)


def guess(found: Sequence[KindMention], vocabulary: Vocabulary) -> KindGuess | None:
    """The kind of a text, by the words of the first stance of this order that say enough: told or doubted, denied, exercise, past, negated, might be."""
    told = _without_negated([each for each in found if each.stance in (clauses.TOLD, clauses.UNSURE)], found)
    sets = [told, *([each for each in found if each.stance == stance] for stance in _PREFERENCE[2:])]
    for chosen in sets:
        scores = _scores(chosen)
        if scores and max(scores.values()) >= _ENOUGH:
            return _best(chosen, scores, vocabulary)
    return None


def _without_negated(told: list[KindMention], found: Sequence[KindMention]) -> list[KindMention]:
    """A bang does not make an explosion where the text says that none was: weak words alone do not stand against a negated strong one."""
    negated = {kind for each in found if each.stance == clauses.NEGATED for kind, weight in each.speaks_for if weight >= STRONG}
    strong = {kind for each in told for kind, weight in each.speaks_for if weight >= STRONG}
    return [each for each in told if any(kind not in negated - strong for kind, _weight in each.speaks_for)]


def _scores(found: Sequence[KindMention]) -> dict[str, int]:
    words = {each.word: each.speaks_for for each in found}
    scores: dict[str, int] = {}
    for speaks_for in words.values():
        for kind, weight in speaks_for:
            scores[kind] = scores.get(kind, 0) + weight
    return scores


def _best(found: Sequence[KindMention], scores: Mapping[str, int], vocabulary: Vocabulary) -> KindGuess:
    ranked = sorted(scores, key=lambda kind: (-scores[kind], vocabulary.order.index(kind)))
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else ""
    speaking = [each for each in found if any(kind == best for kind, _weight in each.speaks_for)]
    words = tuple(dict.fromkeys(each.word for each in speaking))
    plain = [each for each in speaking if each.stance == clauses.TOLD]
    strong = any(weight >= STRONG for each in speaking for kind, weight in each.speaks_for if kind == best)
    close = bool(second) and scores[second] >= scores[best]
    stance = max(speaking, key=lambda each: (dict(each.speaks_for)[best], each.stance == clauses.TOLD)).stance
    if stance == clauses.UNSURE or not strong or close:
        confidence = LOW
    else:
        confidence = HIGH if len(words) > 1 and len(plain) == len(speaking) else MEDIUM
    return KindGuess(best, stance, confidence, scores[best], second, words)
