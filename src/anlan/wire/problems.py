"""What is wrong with a message, told all at once: each problem is a place, a sentence in Chinese and the facts that fill it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

MOST_SHOWN = 12
"""A message may have thousands of problems; a sentence names this many and says how many more there are."""
LONGEST_FACT = 80
MORE = N_("另有 {count} 处")


@dataclass(frozen=True)
class Problem:
    """One thing wrong. ``where`` is a path in the terms of the format (``info[1]/area[2]``), empty for the whole message."""

    code: str
    sentence: str
    where: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    def message(self, translate: object = None) -> str:
        """The sentence, translated by ``translate`` (``str -> str``), filled, and preceded by where it is."""
        template = translate(self.sentence) if callable(translate) else self.sentence
        text = str(template).format_map(dict(self.facts))
        return f"{self.where}：{text}" if self.where else text

    def __str__(self) -> str:
        return f"[{self.code}] {self.message()}"


@dataclass(frozen=True)
class Kind:
    """A sort of problem: a permanent code and its sentence."""

    code: str
    sentence: str

    def at(self, where: str = "", **facts: object) -> Problem:
        """The problem at a place; facts are cut to a length that can be shown."""
        return Problem(self.code, self.sentence, where, tuple((name, str(value)[:LONGEST_FACT]) for name, value in facts.items()))


class Faulty(Refusal):
    """A message that is refused for any number of problems; ``problems`` holds all of them."""

    code: ClassVar[str] = "message_faulty"
    sentence: ClassVar[str] = N_("报文不符合要求：{why}")
    status: ClassVar[int] = 422

    def __init__(self, problems: Iterable[Problem], **facts: object) -> None:
        self.problems = tuple(problems)
        super().__init__(**facts, problems=[str(problem) for problem in self.problems])

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all problems."""
        return frozenset(problem.code for problem in self.problems)

    def message(self, translate: object = None) -> str:
        """The sentence with every problem in it, as far as a reader can take them in."""
        parts = [problem.message(translate) for problem in self.problems[:MOST_SHOWN]]
        left = len(self.problems) - MOST_SHOWN
        if left > 0:
            more = translate(MORE) if callable(translate) else MORE
            parts.append(str(more).format(count=left))
        template = translate(self.sentence) if callable(translate) else self.sentence
        return str(template).format(**{**self.facts, "why": "；".join(parts)})
