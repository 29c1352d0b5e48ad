"""What patrols announce to the rooms above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PatrolPointFailed(Event):
    """Something was wrong at a drawn point; ``subject_id`` is the point, ``finding`` a code of ``rules.FINDINGS``, ``note`` what was seen.

    ``checked_by_id`` is the account (as text) of who recorded it. Recorded anew, it is announced again.
    """

    kind: ClassVar[str] = "patrol.point_failed"
    action: ClassVar[str] = "patrol.view"
    title: str
    point: str
    finding: str
    note: str
    checked_by_id: str
    checked_by_name: str
