"""Permits for special works, to be read by an enterprise's own system. They are written by people alone: a permit is a chain of signatures on the
spot (GB 30871-2022), and none of them is a system's.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.desk.sending import Sendable, register
from anlan.prevent.permits import queries
from anlan.prevent.permits.models import Permit

_TOLD = (
    "number", "kind", "grade_code", "title", "location", "valid_from", "valid_until", "leader_name", "supervisor_name", "approved_at",
    "approved_by_name", "started_at", "paused_at", "pause_kind", "finished_at", "accepted_at", "overrun", "exercise", "state",
)  # fmt: skip


def _told(row: Permit, _actor: object) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _TOLD}, "state_label": row.get_state_label()}


register(
    Sendable(
        code="permits",
        label=_("特殊作业票"),
        view=queries.VIEW,
        rows=lambda actor, enterprise_id: queries.permits(actor).filter(enterprise_id=enterprise_id),
        told=_told,
    )
)
