"""Reads of the mirrored table: reference data for the whole nation, seen by everybody who may look at chemicals at all."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from anlan.ground.chemicals.models import Chemical
from anlan.kernel.access import Actor, Classification
from anlan.kernel.levels import NATION
from anlan.ledger.scope import scope_condition

VIEW = "chemicals.view"


def chemicals(actor: Actor) -> QuerySet[Chemical]:
    """Chemicals that ``actor`` may see: the public ones of the nation, and what lies in his own jurisdiction; none without the action."""
    own = scope_condition(actor, VIEW, enterprise=None)
    if not actor.may_somewhere(VIEW):
        return Chemical.objects.none()
    if own is not None and not own:
        return Chemical.objects.all()  # an unrestricted grant: nothing may be added to it, or it would be narrowed
    shared = Q(place_code=NATION, classification=int(Classification.PUBLIC))
    return Chemical.objects.filter(shared if own is None else own | shared)
