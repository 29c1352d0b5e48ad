"""What live risk grades announce, what other rooms may ask of them, and what rooms beside and above contribute."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.warn.riskpicture.refusals import FactorSilent
from anlan.warn.riskpicture.rules import ENTERPRISE, SOURCE, Observed, Subjects
from anlan.warn.riskpicture.rules import GRADES as GRADE_WORDS
from anlan.warn.riskpicture.rules import TONES as GRADE_TONES

if TYPE_CHECKING:
    from anlan.warn.riskpicture.factors import Reader
    from anlan.warn.riskpicture.replaying import Outcomes

__all__ = [
    "ENTERPRISE",
    "GRADE_TONES",
    "GRADE_WORDS",
    "SOURCE",
    "AreaGradeChanged",
    "AreaSummary",
    "FactorSilent",
    "GradeChanged",
    "GradeSummary",
    "IndexEnacted",
    "Observed",
    "Subjects",
    "area",
    "areas",
    "counts",
    "grade_of",
    "lately_worse",
    "note_enterprises",
    "note_places",
    "register_factor",
    "register_outcomes",
    "seen_areas",
    "worst",
]


@dataclass(frozen=True, kw_only=True)
class GradeChanged(Event):
    """A live risk grade changed; ``subject_id`` is the enterprise or the hazard source (``subject_kind``). Grades 1 (red) to 4 (blue).

    ``reasons``: codes of the factors that moved it, the strongest first. Not told for what a new index version alone changed.
    """

    kind: ClassVar[str] = "riskpicture.grade_changed"
    action: ClassVar[str] = "riskpicture.view"
    urgent: ClassVar[bool] = True
    subject_kind: str
    title: str
    before: int
    after: int
    score: str
    reasons: tuple[str, ...] = ()

    @property
    def worsened(self) -> bool:
        """Whether the risk rose."""
        return self.after < self.before


@dataclass(frozen=True, kw_only=True)
class AreaGradeChanged(Event):
    """The colour of an area changed: ``place_code`` is the area, ``level`` its level (``township`` to ``nation``), ``subject_id`` the line of its history.

    ``counts``: its enterprises by grade (red, orange, yellow, blue). Told neither for a first grade nor for what a new index version alone changed.
    """

    kind: ClassVar[str] = "riskpicture.area_grade_changed"
    action: ClassVar[str] = "riskpicture.view"
    level: str
    before: int
    after: int
    score: str
    counts: tuple[int, ...]

    @property
    def worsened(self) -> bool:
        """Whether the risk rose."""
        return self.after < self.before


@dataclass(frozen=True, kw_only=True)
class IndexEnacted(Event):
    """An index version was put in force: everybody is graded anew. ``subject_id`` is the version."""

    kind: ClassVar[str] = "riskpicture.index_enacted"
    action: ClassVar[str] = "riskpicture.view"
    version: str
    by_name: str


@dataclass(frozen=True)
class GradeSummary:
    """The live grade of one enterprise or hazard source, 1 (red) to 4 (blue). ``assessed``: whether its inherent risk was ever assessed; ``vetoed``:
    whether something forces the grade whatever the score.
    """

    kind: str
    subject_id: UUID
    enterprise_id: UUID
    title: str
    place_code: str
    grade: int
    before: int | None
    score: float
    since: datetime
    computed_at: datetime
    assessed: bool
    vetoed: bool
    url: str


@dataclass(frozen=True)
class AreaSummary:
    """The live grade of an area with its enterprises by grade (red, orange, yellow, blue)."""

    place_code: str
    level: str
    grade: int
    score: float
    since: datetime
    before: int | None
    counts: tuple[int, int, int, int]


def grade_of(enterprise_id: UUID, actor: Actor | None = None) -> GradeSummary | None:
    """The live grade of an enterprise that ``actor`` may see (``None``: no check); ``None`` before its first."""
    from anlan.warn.riskpicture import queries

    found = queries.of_enterprise(enterprise_id, actor)
    return None if found is None else queries.summary(found)


def worst(actor: Actor, *, limit: int = 10) -> tuple[GradeSummary, ...]:
    """The enterprises of the highest risk that ``actor`` may see, the worst first."""
    from anlan.warn.riskpicture import queries

    rows = queries.grades(actor, ENTERPRISE).order_by("grade", "-score", "pk")[:limit]
    return tuple(queries.summary(row) for row in rows)


def lately_worse(actor: Actor, since: datetime, *, limit: int = 10) -> tuple[GradeSummary, ...]:
    """Enterprises whose grade got worse since a moment and still is, the last one first."""
    from anlan.warn.riskpicture import queries

    return tuple(queries.summary(row) for row in queries.lately_worse(actor, since)[:limit])


def counts(actor: Actor) -> dict[int, int]:
    """How many enterprises of each grade ``actor`` may see: ``{1: 2, 2: 5, 3: 40, 4: 310}``."""
    from anlan.warn.riskpicture import queries

    return queries.counts(actor)


def seen_areas(actor: Actor, level: str, place_code: str = "", *, limit: int | None = None) -> tuple[AreaSummary, ...]:
    """Areas of a level (``township`` to ``nation``) that lie wholly within what ``actor`` may see, the worst first; at most ``limit``."""
    from anlan.warn.riskpicture import queries

    return tuple(queries.area_summary(row) for row in queries.seen_areas(actor, level, place_code)[:limit])


def area(place_code: str) -> AreaSummary | None:
    """The live grade of an area; no check: numbers only."""
    from anlan.warn.riskpicture import queries

    found = queries.area(place_code)
    return None if found is None else queries.area_summary(found)


def areas(level: str, within: str = "") -> tuple[AreaSummary, ...]:
    """Areas of a level (``township`` to ``province``) whose code begins with ``within``, the worst first; no check: numbers only."""
    from anlan.warn.riskpicture import queries

    return tuple(queries.area_summary(row) for row in queries.areas(level, within))


def register_factor(
    code: str, reader: Reader, *, codes: tuple[str, ...] = (), kinds: tuple[str, ...] = (ENTERPRISE,), past: bool = True
) -> None:
    """Let a room beside or above contribute a factor. Call it once, in ``ready()`` or in the wiring.

    ``reader(subjects, at)`` answers for many subjects at once: ``Observed(code, row, amount, since_s)`` for those of which there is something to tell.
    ``codes``: the factors it tells of, where these are several; what the live index version does not know is left out. ``past``: whether it can
    answer for a moment that is over. It raises ``FactorSilent`` where it cannot answer now: the last known part is kept and marked.
    The room calls :func:`note_enterprises` or :func:`note_places` when something of it changed.
    """
    from anlan.warn.riskpicture import factors

    factors.register(code, reader, codes, kinds, past=past)


def register_outcomes(code: str, reader: Outcomes) -> None:
    """Let a room tell what came true, for back-tests: ``reader(since, until)`` answers enterprises with the moment of each."""
    from anlan.warn.riskpicture import replaying

    replaying.outcomes[code] = reader


def note_enterprises(ids: Collection[UUID], *, now: datetime) -> None:
    """Something of these enterprises changed: they are graded again within seconds. Call it in the transaction of the change or of its hearer."""
    from anlan.warn.riskpicture import waiting

    waiting.note(ENTERPRISE, ids, now=now)


def note_places(place_codes: Iterable[str], *, now: datetime) -> None:
    """Something changed for all that lies in these places and below them (a hazard level): enterprises and hazard sources are graded again."""
    from anlan.warn.riskpicture import waiting

    waiting.note_places(place_codes, now=now)
