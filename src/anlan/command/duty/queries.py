"""Reads of duty: who is on, the log, handovers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from anlan.command.duty import rules
from anlan.command.duty.door import OnDuty
from anlan.command.duty.models import DutyLogEntry, DutyShift, Handover
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

_ORDER = list(rules.SHIFT_KINDS)


def shifts(actor: Actor | None) -> QuerySet[DutyShift]:
    """Shifts that ``actor`` may see."""
    rows = DutyShift.objects.select_related("account", "organisation")
    return rows if actor is None else visible(rows, actor, "duty.view")


def on_duty(place_code: str, now: datetime, *, kind: str = "") -> tuple[OnDuty, ...]:
    """Who is on duty at exactly this place now; leader first."""
    rows = shifts(None).filter(place_code=place_code, starts_at__lte=now, ends_at__gt=now)
    if kind:
        rows = rows.filter(kind=kind)
    return tuple(_on_duty(row) for row in sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.starts_at)))


def _on_duty(row: DutyShift) -> OnDuty:
    return OnDuty(
        account_id=row.account_id,
        name=row.account.display_name,
        kind=row.kind,
        kind_label=_(rules.SHIFT_KINDS[row.kind]),
        post=row.post,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        phone=row.account.phone,
    )


def log(actor: Actor) -> QuerySet[DutyLogEntry]:
    """Lines of the duty log that ``actor`` may see, newest first."""
    return visible(DutyLogEntry.objects.all(), actor, "duty.view")


def handovers(actor: Actor | None) -> QuerySet[Handover]:
    """Handovers that ``actor`` may see, newest first."""
    rows = Handover.objects.select_related("organisation")
    return rows if actor is None else visible(rows, actor, "duty.view")


def handover(handover_id: UUID | str, actor: Actor | None) -> Handover:
    """One handover. Raises ``NotFound``."""
    found = handovers(actor).filter(pk=handover_id).first()
    if found is None:
        raise NotFound(what=str(handover_id))
    return found


def waiting_handover(place_code: str) -> Handover | None:
    """The handover of a place that is not finished yet."""
    return handovers(None).filter(place_code=place_code, state__in=[rules.PREPARED, rules.HANDED]).first()
