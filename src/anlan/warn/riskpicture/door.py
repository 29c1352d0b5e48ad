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
from anlan.warn.riskpicture.rules import ENTERPRISE, SOURCE, Observed

if TYPE_CHECKING:
    from anlan.warn.riskpicture.factors import Reader

__all__ = [
    "ENTERPRISE",
    "SOURCE",
    "AreaSummary",
    "FactorSilent",
    "GradeChanged",
    "GradeSummary",
    "IndexEnacted",
    "Observed",
    "area",
    "areas",
    "grade_of",
    "note_enterprises",
    "note_places",
    "register_factor",
]


@dataclass(frozen=True, kw_only=True)
class GradeChanged(Event):
    """A live risk grade changed; ``subject_id`` is the enterprise or the hazard source (``subject_kind``). Grades 1 (red) to 4 (blue).

    ``reasons``: codes of the factors that moved it, the strongest first. Not told for what a new index version alone changed.
    """

    kind: ClassVar[str] = "riskpicture.grade_changed"
    action: ClassVar[str] = "riskpicture.view"
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
class IndexEnacted(Event):
    """An index version was put in force: everybody is graded anew. ``subject_id`` is the version."""

    kind: ClassVar[str] = "riskpicture.index_enacted"
    action: ClassVar[str] = "riskpicture.view"
    version: str
    by_name: str


@dataclass(frozen=True)
class GradeSummary:
    """The live grade of one enterprise or hazard source, 1 (red) to 4 (blue). ``assessed``: whether its inherent risk was ever assessed."""

    kind: str
    subject_id: UUID
    enterprise_id: UUID
    place_code: str
    grade: int
    score: float
    since: datetime
    computed_at: datetime
    assessed: bool
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


def note_enterprises(ids: Collection[UUID], *, now: datetime) -> None:
    """Something of these enterprises changed: they are graded again within seconds. Call it in the transaction of the change or of its hearer."""
    from anlan.warn.riskpicture import waiting

    waiting.note(ENTERPRISE, ids, now=now)


def note_places(place_codes: Iterable[str], *, now: datetime) -> None:
    """Something changed for all that lies in these places and below them (a hazard level): enterprises and hazard sources are graded again."""
    from anlan.warn.riskpicture import waiting

    waiting.note_places(place_codes, now=now)
