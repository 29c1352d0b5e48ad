"""Reads of resources, agreements and stock, scoped to what a person's post may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from anlan.command.resources import rules
from anlan.command.resources.door import Held, ResourceSummary
from anlan.command.resources.models import Agreement, Commitment, Qualification, RescueResource, StockItem
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import covers, prefix_of
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day

VIEW = "resources.view"


def resources(actor: Actor | None) -> QuerySet[RescueResource]:
    """Resources that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = RescueResource.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(resource_id: UUID | str, actor: Actor | None) -> RescueResource:
    """One resource. Raises ``NotFound``."""
    found = resources(actor).filter(pk=resource_id).first()
    if found is None:
        raise NotFound(what=str(resource_id))
    return found


def some(
    actor: Actor | None, *, ids: Collection[UUID] | None = None, place_code: str = "", capability: str = ""
) -> QuerySet[RescueResource]:
    """Resources by id, place or capability, by name."""
    rows = resources(actor)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if place_code:
        rows = rows.filter(place_code__startswith=prefix_of(place_code))
    if capability:
        rows = rows.filter(offered__has_any_keys=list(rules.covering(capability)))
    return rows.order_by("name_key", "pk")


def held_by(subject_type: str, subject_id: UUID, actor: Actor | None) -> QuerySet[RescueResource]:
    """Resources that a task holds now, by name."""
    held = Commitment.objects.filter(subject_type=subject_type, subject_id=subject_id, released_at__isnull=True)
    return resources(actor).filter(pk__in=held.values("resource_id")).order_by("name_key", "pk")


def fresh_since(now: datetime) -> datetime:
    """From when on a terminal's position counts at ``now``."""
    return now - timedelta(minutes=rules.TABLES.parameter(rules.FRESH_MINUTES, law_day(now)))


def holders(ids: Collection[UUID]) -> dict[UUID, Commitment]:
    """The open commitment of each of these resources that has one."""
    return {row.resource_id: row for row in Commitment.objects.filter(resource_id__in=list(ids), released_at__isnull=True)}


def blocked(rows: Sequence[RescueResource]) -> set[UUID]:
    """Those of ``rows`` that cannot be taken now: their team, or one of their units, is on a task."""
    teams = {row.parent_id or row.pk for row in rows}
    held = Commitment.objects.filter(released_at__isnull=True)
    near = held.filter(Q(resource__in=teams) | Q(resource__parent__in=teams))
    on_task = set(near.values_list("resource_id", "resource__parent_id"))
    whole = {resource for resource, _parent in on_task}
    split = {parent for _resource, parent in on_task}
    return {row.pk for row in rows if row.pk in whole | split or row.parent_id in whole}


def summaries(rows: Iterable[RescueResource], actor: Actor | None, now: datetime) -> tuple[ResourceSummary, ...]:
    """Resources as other rooms see them, with one more question for all of them together."""
    found = list(rows)
    keys = [row.pk for row in found]
    held, over, since = holders(keys), lapsed(keys, now), fresh_since(now)
    return tuple(_summary(row, held.get(row.pk), over.get(row.pk, ()), actor, now, since) for row in found)


def summary(row: RescueResource, actor: Actor | None, now: datetime) -> ResourceSummary:
    """One resource as other rooms see it."""
    return summaries([row], actor, now)[0]


def lapsed(ids: Collection[UUID], now: datetime) -> dict[UUID, tuple[str, ...]]:
    """Names of the certificates that have run out, by resource."""
    found: dict[UUID, tuple[str, ...]] = {}
    for key, name in Qualification.objects.filter(resource__in=ids, valid_until__lt=law_day(now)).values_list("resource_id", "name"):
        found[key] = (*found.get(key, ()), name)
    return found


def unconfirmed(actor: Actor, now: datetime) -> QuerySet[RescueResource]:
    """Resources whose year is over, the longest overdue first."""
    return resources(actor).filter(confirm_by__lte=now).order_by("confirm_by", "pk")


def _summary(
    row: RescueResource, held: Commitment | None, over: tuple[str, ...], actor: Actor | None, now: datetime, since: datetime
) -> ResourceSummary:
    longitude, latitude, at = row.position(since)
    reads = may_read_contacts(row, actor)
    kind = rules.kinds()[row.kind]
    return ResourceSummary(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        owner_name=row.owner_name,
        place_code=row.place_code,
        classification=row.classification,
        organisation_id=row.organisation_id,
        facility_id=row.facility_id,
        parent_id=row.parent_id,
        longitude=longitude,
        latitude=latitude,
        position_at=at,
        vehicle=row.vehicle or kind.vehicle,
        turnout_min=kind.turnout_min if row.turnout_min is None else row.turnout_min,
        people=row.people,
        offers=row.amounts,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone if reads else "",
        duty_phone=row.duty_phone,
        readiness=row.readiness,
        readiness_reason=row.readiness_reason,
        confirmed=row.confirmed(now),
        held=None if held is None else held_of(held),
        address=address(row.pk),
        lapsed=over,
    )


def held_of(row: Commitment) -> Held:
    """The task of a commitment."""
    return Held(row.subject_type, row.subject_id, row.title, row.exercise, row.committed_at, row.committed_by_name, row.arrived_at)


def may_read_contacts(row: RescueResource, actor: Actor | None) -> bool:
    """Whether ``actor`` reads the telephone of whoever is in charge; the duty telephone is read by everybody who sees the resource."""
    return actor is None or actor.may("resources.contacts", place_code=row.place_code, enterprise_id=row.enterprise_id)


def address(resource_id: UUID) -> str:
    """Address of a resource's page."""
    return reverse("resources:detail", args=[resource_id])


# --- agreements ------------------------------------------------------------------------------------------------------------------


def agreements(actor: Actor | None) -> QuerySet[Agreement]:
    """Agreements that ``actor`` may see."""
    rows = Agreement.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def aid_for(place_code: str, now: datetime) -> list[Agreement]:
    """Agreements of mutual aid in force by which help may be asked for a place: those of the place itself and of the places above it."""
    on = law_day(now)
    rows = (
        Agreement.objects.filter(kind=Agreement.AID, valid_from__lte=on)
        .exclude(giver_place="")
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    )
    above = {place_code[:2].ljust(6, "0"), place_code[:4].ljust(6, "0"), place_code[:6], place_code}
    return [row for row in rows.filter(place_code__in=above) if covers(prefix_of(row.place_code), place_code)]


def lent(agreed: Iterable[Agreement]) -> Q:
    """The resources that these agreements reach, up to internal information."""
    found = Q(pk__in=[])
    for each in agreed:
        found |= Q(place_code__startswith=prefix_of(each.giver_place), classification__lte=1)
    return found


# --- stock -----------------------------------------------------------------------------------------------------------------------


def items(actor: Actor | None) -> QuerySet[StockItem]:
    """Items of supplies that ``actor`` may see."""
    rows = StockItem.objects.select_related("depot")
    return rows if actor is None else visible(rows, actor, VIEW)


def item(item_id: UUID | str, actor: Actor | None) -> StockItem:
    """One item. Raises ``NotFound``."""
    found = items(actor).filter(pk=item_id).first()
    if found is None:
        raise NotFound(what=str(item_id))
    return found
