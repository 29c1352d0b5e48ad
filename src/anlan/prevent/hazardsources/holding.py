"""What every verb of this room begins with: the unit held, and what its events say."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import NotFound
from anlan.prevent.hazardsources.models import HazardUnit

SYSTEM = system_actor("hazardsources")


def about(unit: HazardUnit, actor: Actor, now: datetime) -> dict[str, Any]:
    """What every event says of a unit."""
    return {
        "subject_id": unit.pk,
        "place_code": unit.place_code,
        "enterprise_id": unit.enterprise_id,
        "classification": Classification(unit.classification),
        "at": now,
        "name": unit.name,
        "by_name": actor.name,
    }


def locked(unit_id: UUID | str) -> HazardUnit:
    """The unit, held until the transaction ends. Raises ``NotFound``."""
    found = HazardUnit.objects.select_for_update().filter(pk=unit_id).first()
    if found is None:
        raise NotFound(what=str(unit_id))
    return found
