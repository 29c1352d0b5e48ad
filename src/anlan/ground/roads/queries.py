"""Reads of roads: nets and closures, scoped to what the actor may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.ground.roads import rules
from anlan.ground.roads.models import RoadClosure, RoadNetwork
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import code_of
from anlan.ledger.scope import scope_condition, visible

VIEW = "roads.view"


def networks(actor: Actor | None) -> QuerySet[RoadNetwork]:
    """Nets that ``actor`` may see the record of: those of his places, and those once in force of the places above, by which he reckons too."""
    rows = RoadNetwork.objects.all()
    if actor is None:
        return rows
    above = {
        code_of(grant.place_prefix[:digits]) for grant in actor.scopes(VIEW) for digits in (0, 2, 4, 6) if digits <= len(grant.place_prefix)
    }
    seen = scope_condition(actor, VIEW, enterprise=None)
    if seen is None:
        return rows.none()
    if not seen:
        return rows  # an unrestricted grant: nothing may be added to it, or it would be narrowed
    return rows.filter(seen | Q(in_force_from__isnull=False, place_code__in=above))


def one_network(network_id: UUID | str, actor: Actor | None) -> RoadNetwork:
    """One net's record. Raises :class:`NotFound`."""
    found = networks(actor).filter(pk=network_id).first()
    if found is None:
        raise NotFound(what=str(network_id))
    return found


def in_force(at: datetime) -> RoadNetwork | None:
    """The net by which the whole node reckons at ``at``; a node has one."""
    rows = RoadNetwork.objects.filter(state=rules.READY, in_force_from__lte=at)
    return rows.filter(Q(in_force_until__isnull=True) | Q(in_force_until__gt=at)).order_by("-in_force_from").first()


def closures(actor: Actor | None) -> QuerySet[RoadClosure]:
    """Closures that ``actor`` may see."""
    rows = RoadClosure.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one_closure(closure_id: UUID | str, actor: Actor | None) -> RoadClosure:
    """One closure. Raises :class:`NotFound`."""
    found = closures(actor).filter(pk=closure_id).first()
    if found is None:
        raise NotFound(what=str(closure_id))
    return found


def closed_at(at: datetime, actor: Actor | None, *, exercise: bool | None = None) -> QuerySet[RoadClosure]:
    """Closures that hold at ``at``. ``exercise``: ``False`` leaves out those of exercises, ``None`` and ``True`` take all."""
    rows = closures(actor).filter(from_at__lte=at)
    rows = rows.filter(Q(until_at__isnull=True) | Q(until_at__gt=at)).filter(Q(opened_at__isnull=True) | Q(opened_at__gt=at))
    return rows if exercise is not False else rows.filter(exercise=False)
