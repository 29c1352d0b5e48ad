"""Sentences that jobs keep in the tables: the Chinese source text and its facts, said in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypedDict

from anlan.kernel.errors import Refusal
from anlan.wire.problems import Problem

MOST = 40
"""So many sentences are kept of one message; a hostile one may have thousands of problems."""
Translate = Callable[[str], str]


class Sentence(TypedDict):
    """A sentence to be filled; ``where``: the place in the terms of the format, empty for the whole."""

    sentence: str
    facts: dict[str, str]
    where: str


def sentence(text: str, facts: Mapping[str, object], where: str = "") -> Sentence:
    """One sentence with its facts."""
    return {"sentence": text, "facts": {name: str(value) for name, value in facts.items()}, "where": where}


def of_problems(problems: Iterable[Problem]) -> list[Sentence]:
    """Every problem of a message, the first of them."""
    return [sentence(each.sentence, dict(each.facts), each.where) for each in list(problems)[:MOST]]


def of_refusal(refusal: Refusal) -> list[Sentence]:
    """Why something was refused: its problems where it has several."""
    problems: Iterable[Problem] = getattr(refusal, "problems", ())
    return of_problems(problems) or [sentence(refusal.sentence, refusal.facts)]


def said(told: Sentence | str, translate: Translate) -> str:
    """The sentence in the reader's language. Facts may be sentences of their own; a row of an older version is text already."""
    if isinstance(told, str):
        return told
    facts = {name: translate(value) if value else "" for name, value in told["facts"].items()}
    try:
        text = translate(told["sentence"]).format_map(facts)
    except (KeyError, IndexError, ValueError):
        text = translate(told["sentence"])
    return f"{told['where']}：{text}" if told["where"] else text
