"""What the room of occupational health announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class HealthChanged(Event):
    """A factor, a result or an examination was written."""

    kind: ClassVar[str] = "health.changed"
    action: ClassVar[str] = "health.view"


@dataclass(frozen=True, kw_only=True)
class OverLimit(Event):
    """A result is over its limit; ``subject_id`` is the result."""

    kind: ClassVar[str] = "health.over_limit"
    action: ClassVar[str] = "health.view"
    factor: str
    workplace: str
    value: str
    limit: str


@dataclass(frozen=True, kw_only=True)
class ExaminationsOverdue(Event):
    """Examinations of an enterprise became overdue; ``subject_id`` is the enterprise, ``count`` how many were not told before."""

    kind: ClassVar[str] = "health.overdue"
    action: ClassVar[str] = "health.people"
    count: int
