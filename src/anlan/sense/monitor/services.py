"""Verbs of the plan: put something somewhere, and let it go back to its registered coordinates."""

from __future__ import annotations

from datetime import datetime
from math import hypot, isfinite
from typing import cast
from uuid import UUID

from django.db.models import F

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change
from anlan.sense.devices import door as devices
from anlan.sense.monitor import plan, rules
from anlan.sense.monitor.door import PlanArranged
from anlan.sense.monitor.models import Placement

ARRANGE = "devices.change"
"""Whoever may correct devices arranges the plan they stand on."""


def place(enterprise_id: UUID, kind: str, subject_id: UUID, east_m: float, north_m: float, *, actor: Actor, now: datetime) -> Placement:
    """Put a hazard source or a device of an enterprise on its plan, metres east and north of the reference point.

    Raises ``NotFound`` (also for what belongs to another enterprise), ``NotPermitted``, ``OffThePlan``.
    """
    owner = enterprises.enterprise(enterprise_id, actor)
    if not (isfinite(east_m) and isfinite(north_m)) or hypot(east_m, north_m) > rules.FARTHEST_M:
        raise rules.OffThePlan(most=round(rules.FARTHEST_M))
    _check(kind, subject_id, owner.id, actor)
    found = Placement.objects.filter(enterprise_id=owner.id, kind=kind, subject_id=subject_id).first()
    facts = {"east_m": round(east_m, 2), "north_m": round(north_m, 2), "placed_by": actor.name}
    with change(actor, ARRANGE, now=now, record=found, place_code=owner.place_code, enterprise_id=owner.id) as made:
        if found is None:
            found = Placement(enterprise_id=owner.id, kind=kind, subject_id=subject_id, place_code=owner.place_code, **facts)
            found.created_at = now
        for name, value in facts.items():
            setattr(found, name, value)
        found.updated_at = now
        found.save()
        made.subject = found
        made.announce(PlanArranged(subject_id=owner.id, enterprise_id=owner.id, place_code=owner.place_code, at=now))
    return found


def release(enterprise_id: UUID, kind: str, subject_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take away a chosen place: the thing stands at its registered coordinates again, or in the tray.

    Raises ``NotFound``, ``NotPermitted``.
    """
    owner = enterprises.enterprise(enterprise_id, actor)
    found = Placement.objects.filter(enterprise_id=owner.id, kind=kind, subject_id=subject_id).first()
    if found is None:
        raise NotFound(what=str(subject_id))
    with change(actor, ARRANGE, now=now, place_code=owner.place_code, enterprise_id=owner.id) as made:
        made.facts.update(released=f"{kind} {subject_id}", east_m=found.east_m, north_m=found.north_m)
        found.delete()
        made.announce(PlanArranged(subject_id=owner.id, enterprise_id=owner.id, place_code=owner.place_code, at=now))


def _check(kind: str, subject_id: UUID, enterprise_id: UUID, actor: Actor) -> None:
    if kind == rules.SOURCE:
        belongs = risksources.risk_source(subject_id, actor).enterprise_id == enterprise_id
    elif kind == rules.DEVICE:
        belongs = devices.device(subject_id, actor).enterprise_id == enterprise_id
    else:
        raise rules.MalformedChoice(value=kind[:60])
    if not belongs:
        raise NotFound(what=str(subject_id))


def shift(survivor_id: UUID, loser_id: UUID) -> int:
    """Put what was placed on the plan of one enterprise where it belongs on another's, before that one takes it over. Returns how many.

    Places are metres from the enterprise's own point; where one of the two has none they stay as they are.
    """
    points = enterprises.enterprises([survivor_id, loser_id])
    here, there = points.get(survivor_id), points.get(loser_id)
    if here is None or there is None or None in (here.longitude, here.latitude, there.longitude, there.latitude):
        return 0
    offset = plan.Reference(cast(float, here.longitude), cast(float, here.latitude)).metres(
        cast(float, there.longitude), cast(float, there.latitude)
    )
    if offset is None:
        return 0
    return Placement.objects.filter(enterprise_id=loser_id).update(east_m=F("east_m") + offset[0], north_m=F("north_m") + offset[1])
