"""Everything that is read from one post, with the words it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.sense.opinion.extraction import casualties, clauses, kinds, localities, moments
from anlan.sense.opinion.extraction.casualties import Casualty
from anlan.sense.opinion.extraction.clauses import Context, Cues
from anlan.sense.opinion.extraction.companies import EnterpriseGuess, Register
from anlan.sense.opinion.extraction.kinds import KindGuess, KindMention, Vocabulary
from anlan.sense.opinion.extraction.localities import Gazetteer, PlaceGuess
from anlan.sense.opinion.extraction.moments import SaidTime


@dataclass(frozen=True)
class Reading:
    """What a text seems to say. Offsets count characters of the text handed in."""

    kind: KindGuess | None
    kind_words: tuple[KindMention, ...]
    places: tuple[PlaceGuess, ...]
    casualties: tuple[Casualty, ...]
    times: tuple[SaidTime, ...]
    enterprises: tuple[EnterpriseGuess, ...]
    spot: str

    @property
    def place(self) -> PlaceGuess | None:
        """The place that the text is about."""
        return localities.best(self.places)

    @property
    def time(self) -> SaidTime | None:
        """When what it tells happened."""
        return moments.best(list(self.times))

    @property
    def counted(self) -> dict[str, Casualty]:
        """Casualties by class as the text tells them now."""
        return casualties.counted(list(self.casualties))

    @property
    def of_an_event(self) -> bool:
        """Whether the text is about something said to happen now (also to deny it), or an exercise of it."""
        return self.kind is not None and self.kind.stance in (*clauses.OF_AN_EVENT, clauses.EXERCISE)

    def plain(self) -> dict[str, Any]:
        """Plain JSON values, as they are kept with the post."""
        return {
            "kind": self.kind.plain() if self.kind else None,
            "kind_words": [each.plain() for each in self.kind_words],
            "places": [each.plain() for each in self.places],
            "casualties": [each.plain() for each in self.casualties],
            "times": [each.plain() for each in self.times],
            "enterprises": [each.plain() for each in self.enterprises],
            "spot": self.spot,
        }


@dataclass(frozen=True)
class Reader:
    """Reads posts with one set of words and names."""

    vocabulary: Vocabulary
    cues: Cues
    gazetteer: Gazetteer
    register: Register

    def read(self, text: str, published: datetime, source_place: str = "") -> Reading:
        """``published`` tells what 昨晚 means; ``source_place`` is the place code of who wrote, empty when not known."""
        context = Context(text, self.cues, published.astimezone(moments.CHINA).year)
        found = kinds.mentions(context, self.vocabulary)
        return Reading(
            kind=kinds.guess(found, self.vocabulary),
            kind_words=tuple(found),
            places=tuple(self.gazetteer.read(text, source_place)),
            casualties=tuple(casualties.read(context)),
            times=tuple(moments.read(context, published)),
            enterprises=tuple(self.register.read(text)),
            spot=localities.spot(text),
        )
