"""Reads of duty: who is on, the log, handovers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.duty import rota, rules
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


PATTERN = "around_the_clock"
"""What a place's roster is held against: 24 hours, a leader and an officer (生产安全事故应急条例 第十四条), two of each on public holidays."""


def gaps(place_code: str, starts: datetime, ends: datetime) -> list[rota.Gap]:
    """Stretches between two moments in which fewer people are on duty at a place than :data:`PATTERN` asks for."""
    pattern = [turn for turn in rota.turns() if turn.pattern == PATTERN]
    first = timezone.localtime(starts).date() - timedelta(days=1)
    wanted = rota.needs([first + timedelta(days=n) for n in range((ends - starts).days + 3)], pattern)
    held = [replace(need, starts=max(need.starts, starts), ends=min(need.ends, ends)) for need in wanted]
    return rota.gaps(_planned(place_code, starts, ends), [need for need in held if need.starts < need.ends])


def _planned(place_code: str, starts: datetime, ends: datetime) -> list[rota.Shift]:
    rows = DutyShift.objects.filter(place_code=place_code, starts_at__lt=ends, ends_at__gt=starts)
    return [rota.Shift(row.kind, row.starts_at, row.ends_at, row.account_id) for row in rows]


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
