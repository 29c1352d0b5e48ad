"""What risks announce, and what other rooms may ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RiskChanged(Event):
    """The register of risks changed; ``subject_id`` is the object, ``residual_grade`` its gravest one afterwards (1 to 4, 0: none)."""

    kind: ClassVar[str] = "risks.changed"
    action: ClassVar[str] = "risks.view"
    title: str
    residual_grade: int = 0
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ChecksOpened(Event):
    """Checks of one enterprise fell due to be done; ``subject_id`` is the enterprise."""

    kind: ClassVar[str] = "risks.checks_opened"
    action: ClassVar[str] = "risks.view"
    count: int


@dataclass(frozen=True, kw_only=True)
class CheckDone(Event):
    """A result of a check was received; ``outcome`` normal, abnormal or not_applicable; ``second``: it had been done before."""

    kind: ClassVar[str] = "risks.check_done"
    action: ClassVar[str] = "risks.view"
    title: str
    outcome: str
    second: bool = False
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckOverdue(Event):
    """A check was not done in its window; ``post_kind`` and ``person_id`` (or empty) say whose it was."""

    kind: ClassVar[str] = "risks.check_overdue"
    action: ClassVar[str] = "risks.view"
    title: str
    where: str
    post_kind: str
    person_id: str = ""
    due_at: str


@dataclass(frozen=True)
class RiskObjectSummary:
    """One object as other rooms see it. Grades 1 (gravest) to 4, ``None`` while nothing is assessed; coordinates in degrees (CGCS2000)."""

    id: UUID
    enterprise_id: UUID
    code: str
    name: str
    location: str
    initial_grade: int | None
    residual_grade: int | None
    grade_label: str
    tone: str
    events: int
    responsible_name: str
    longitude: float | None
    latitude: float | None
    url: str


@dataclass(frozen=True)
class CheckCounts:
    """Checks of an enterprise: waiting, past their time, done today."""

    open: int
    overdue: int
    done_today: int


def objects_of(enterprise_id: UUID, actor: Actor | None = None) -> tuple[RiskObjectSummary, ...]:
    """Objects in use of an enterprise that ``actor`` may see, the gravest first."""
    from anlan.prevent.risks import queries

    rows = queries.objects(actor).filter(enterprise_id=enterprise_id, in_use=True).order_by("residual_grade", "initial_grade", "name_key")
    return tuple(queries.summary(row) for row in rows)


def objects_of_source(source_id: UUID, actor: Actor | None = None) -> tuple[RiskObjectSummary, ...]:
    """Objects that stand for a hazard source."""
    from anlan.prevent.risks import queries

    return tuple(queries.summary(row) for row in queries.objects(actor).filter(source_id=source_id, in_use=True))


def grade_counts(enterprise_id: UUID) -> dict[int, int]:
    """Events of an enterprise by residual grade: ``{1: 2, 2: 5, 3: 20, 4: 13}``."""
    from anlan.prevent.risks import queries

    return queries.counts(enterprise_id)


def check_counts(enterprise_id: UUID) -> CheckCounts:
    """How the checks of an enterprise stand now."""
    from anlan.kernel import clock
    from anlan.prevent.risks import queries, rules

    rows, now = queries.tasks(None).filter(enterprise_id=enterprise_id), clock.now()
    waiting = rows.filter(state=rules.OPEN)
    return CheckCounts(
        open=waiting.filter(window_from__lte=now).count(),
        overdue=waiting.filter(overdue=True).count(),
        done_today=rows.filter(done_at__gte=rules.window("day", now)[0]).count(),
    )
