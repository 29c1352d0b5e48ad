"""What other rooms may know of the pages that watch points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PlanArranged(Event):
    """Something on an enterprise's plan was put elsewhere; ``subject_id`` is the enterprise."""

    kind: ClassVar[str] = "monitor.plan_arranged"
    action: ClassVar[str] = "devices.view"
