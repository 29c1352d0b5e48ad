"""What other rooms may ask of the links: cutting and mending one for an exercise."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.levels import Level


def cut(level: Level, place_code: str, reason: str, *, actor: Actor, now: datetime) -> UUID:
    """Hold a bureau's link upward cut for exercises (see ``services.cut``); returns the cut."""
    from anlan.report.relays import services

    return services.cut(level, place_code, reason, actor=actor, now=now).pk


def mend(cut_id: UUID, *, actor: Actor, now: datetime) -> int:
    """The link is back (see ``services.mend``); returns how many envelopes went over it."""
    from anlan.federation.models import LinkCut
    from anlan.report.relays import refusals, services

    row = LinkCut.objects.filter(pk=cut_id).first()
    if row is None:
        raise refusals.NothingHeld
    return services.mend(row, actor=actor, now=now)
