"""What the field app announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class FieldReported(Event):
    """Somebody reported from a phone; ``subject_id`` is the report. It rings at the county."""

    kind: ClassVar[str] = "fieldapp.reported"
    action: ClassVar[str] = "fieldapp.view"
    urgent: ClassVar[bool] = True
    title: str
    source: str


@dataclass(frozen=True, kw_only=True)
class FieldReportChanged(Event):
    """A report was verified, filed, dismissed, or a picture of it came; ``subject_id`` is the report."""

    kind: ClassVar[str] = "fieldapp.changed"
    action: ClassVar[str] = "fieldapp.view"
    title: str
    state: str


@dataclass(frozen=True, kw_only=True)
class FieldTold(Event):
    """Somebody told from the field that a task moved or that all is well; ``subject_id`` is the step."""

    kind: ClassVar[str] = "fieldapp.told"
    action: ClassVar[str] = "fieldapp.view"
    step: str
    who: str
