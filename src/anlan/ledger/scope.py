"""What an actor may see of a list: the one queryset filter of jurisdiction."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from anlan.kernel.access import Actor

M = TypeVar("M", bound=Model)


def scope_condition(
    actor: Actor,
    action: str,
    *,
    place: str = "place_code",
    enterprise: str | None = "enterprise_id",
    classification: str | None = "classification",
) -> Q | None:
    """The condition for ``action``; ``None`` when no grant names it. An unrestricted grant yields an empty ``Q``.

    ``place``, ``enterprise`` and ``classification`` are look-up paths, so that a list may be scoped through a related record
    (``device__place_code``). ``enterprise=None``: the model has no enterprise, enterprise grants reach nothing of it.
    """
    grants = actor.scopes(action)
    if not grants:
        return None
    condition: Q | None = None
    for grant in grants:
        part = Q()
        if grant.enterprise_id is not None:
            if enterprise is None:
                continue
            part &= Q(**{enterprise: grant.enterprise_id})
        elif grant.place_prefix:
            part &= Q(**{f"{place}__startswith": grant.place_prefix})
        if classification is not None and grant.classification < 2:
            part &= Q(**{f"{classification}__lte": int(grant.classification)})
        if not part:
            return Q()
        condition = part if condition is None else condition | part
    return condition


def visible(
    queryset: QuerySet[M],
    actor: Actor,
    action: str,
    *,
    place: str = "place_code",
    enterprise: str | None = None,
    classification: str | None = "classification",
) -> QuerySet[M]:
    """Rows of ``queryset`` on which ``actor`` may do ``action``; none when no grant names it.

    The enterprise column is found by itself: ``id`` for the enterprise model, ``enterprise_id`` where the model has one.
    """
    model = queryset.model
    if enterprise is None:
        if model._meta.label_lower == "enterprises.enterprise":
            enterprise = "id"
        elif any(f.attname == "enterprise_id" for f in model._meta.concrete_fields):
            enterprise = "enterprise_id"
    if classification == "classification" and not any(f.attname == "classification" for f in model._meta.concrete_fields):
        classification = None
    condition = scope_condition(actor, action, place=place, enterprise=enterprise, classification=classification)
    return queryset.none() if condition is None else queryset.filter(condition)
