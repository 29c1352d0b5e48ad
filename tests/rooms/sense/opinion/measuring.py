"""Precision and recall of what is read, on the invented sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from tests.rooms.sense.opinion.sentences import AMBIGUOUS, HOME, PLACES, Sentence

from anlan.sense.opinion import rules
from anlan.sense.opinion.extraction.companies import Register
from anlan.sense.opinion.extraction.localities import Gazetteer
from anlan.sense.opinion.extraction.reading import Reader, Reading

PUBLISHED = datetime(2026, 11, 26, 20, 0, tzinfo=rules.CHINA)
DAY = PUBLISHED.date()
READER = Reader(rules.vocabulary(DAY), rules.cues(DAY), Gazetteer(PLACES, HOME, rules.common_names(DAY)), Register(()))
NOW_TOLD = ("told", "unsure", "denied", "exercise", "past", "might")


def found_in(reading: Reading) -> dict[str, set[object]]:
    """What was read, by field, in the terms of the sentences."""
    kind = reading.kind if reading.kind and reading.kind.stance in NOW_TOLD else None
    place = reading.place
    decided = place is not None and (len(place.candidates) == 1 or place.candidates[0].rank > place.candidates[1].rank)
    return {
        "kind": {kind.code} if kind else set(),
        "stance": {(kind.code, kind.stance)} if kind else set(),
        "place": {place.candidates[0].code if decided else AMBIGUOUS} if place else set(),
        "harm": {(code, each.low, each.high) for code, each in reading.counted.items()},
    }


def said_in(sentence: Sentence) -> dict[str, set[object]]:
    """What a reader finds, by field."""
    return {
        "kind": {sentence.kind} if sentence.kind else set(),
        "stance": {(sentence.kind, sentence.stance)} if sentence.kind else set(),
        "place": {sentence.place} if sentence.place else set(),
        "harm": {(code, low, high) for code, (low, high) in sentence.harm.items()},
    }


def measure(sentences: Iterable[Sentence]) -> tuple[dict[str, Counter[str]], list[str]]:
    """Hits, extra and missing findings by field; and each difference in words."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "stance", "place", "harm")}
    wrong = []
    for sentence in sentences:
        found, said = found_in(READER.read(sentence.text, PUBLISHED)), said_in(sentence)
        for name, count in counts.items():
            count["hit"] += len(found[name] & said[name])
            count["extra"] += len(found[name] - said[name])
            count["missing"] += len(said[name] - found[name])
            if found[name] != said[name]:
                wrong.append(f"{name}: {sentence.text}\n    read {sorted(map(str, found[name]))}, said {sorted(map(str, said[name]))}")
    return counts, wrong


def precision(count: Counter[str]) -> float:
    """Share of what was read that is right."""
    return count["hit"] / max(count["hit"] + count["extra"], 1)


def recall(count: Counter[str]) -> float:
    """Share of what is said that was read."""
    return count["hit"] / max(count["hit"] + count["missing"], 1)
