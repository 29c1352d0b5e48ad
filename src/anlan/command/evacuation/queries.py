"""Reads of evacuations and their books."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from anlan.command.evacuation import rules
from anlan.command.evacuation.door import EvacuationSummary
from anlan.command.evacuation.models import Evacuation, Group, LeftPlace, Movement, OpenedShelter, ReturnWave
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible


def evacuations(actor: Actor | None) -> QuerySet[Evacuation]:
    """Evacuations that ``actor`` may see, newest first."""
    rows = Evacuation.objects.all()
    return rows if actor is None else visible(rows, actor, "evacuation.view")


def evacuation(evacuation_id: UUID | str, actor: Actor | None) -> Evacuation:
    """One evacuation. Raises ``NotFound``."""
    found = evacuations(actor).filter(pk=evacuation_id).first()
    if found is None:
        raise NotFound(what=str(evacuation_id))
    return found


def place(row: Evacuation, place_id: UUID | str) -> LeftPlace:
    """One place of an evacuation. Raises ``NotFound``."""
    found = row.places.filter(pk=place_id).first()
    if found is None:
        raise NotFound(what=str(place_id))
    return found


def group(row: Evacuation, group_id: UUID | str) -> Group:
    """One group of an evacuation. Raises ``NotFound``."""
    found = Group.objects.select_related("place").filter(pk=group_id, place__evacuation=row).first()
    if found is None:
        raise NotFound(what=str(group_id))
    return found


def shelter(row: Evacuation, shelter_id: UUID | str) -> OpenedShelter:
    """One opened shelter of an evacuation. Raises ``NotFound``."""
    found = row.shelters.filter(pk=shelter_id).first()
    if found is None:
        raise NotFound(what=str(shelter_id))
    return found


def wave(row: Evacuation, wave_id: UUID | str) -> ReturnWave:
    """One wave of return. Raises ``NotFound``."""
    found = row.waves.filter(pk=wave_id).first()
    if found is None:
        raise NotFound(what=str(wave_id))
    return found


def account(row: Evacuation) -> rules.Account:
    """The books of an evacuation."""
    return rules.Account(_where(Group.objects.filter(place__evacuation=row)))


def _where(groups: QuerySet[Group]) -> dict[str, int]:
    sums = groups.aggregate(**{f"n_{each}": Sum(each) for each in rules.WHERE})
    return {each: sums[f"n_{each}"] or 0 for each in rules.WHERE}


@dataclass(frozen=True)
class PlaceLine:
    """A place with its books and how many groups were told."""

    place: LeftPlace
    account: rules.Account
    groups: int
    told: int


def place_lines(row: Evacuation) -> list[PlaceLine]:
    """Every place of an evacuation with its books, in one query."""
    sums = {f"n_{each}": Sum(f"groups__{each}") for each in rules.WHERE}
    rows = row.places.annotate(
        **sums,
        all_groups=Count("groups", filter=Q(groups__counted=False)),
        told_groups=Count("groups", filter=Q(groups__counted=False) & ~Q(groups__call__in=("waiting", "unreached"))),
    )
    return [
        PlaceLine(
            each,
            rules.Account({name: getattr(each, f"n_{name}") or 0 for name in rules.WHERE}),
            each.all_groups,  # type: ignore[attr-defined]
            each.told_groups,  # type: ignore[attr-defined]
        )
        for each in rows
    ]


def urgent_groups(row: Evacuation, *, limit: int = 50) -> list[Group]:
    """Groups with people nobody has accounted for: those with needs first, then those who could not be reached or refuse."""
    rows = Group.objects.select_related("place").filter(place__evacuation=row, counted=False)
    open_rows = rows.filter(Q(home__gt=0) | Q(moving__gt=0) | Q(missing__gt=0) | Q(staying__gt=0))
    order = {"unreached": 1, "refused": 2, "waiting": 3}
    found = sorted(open_rows, key=lambda each: (not each.needs, order.get(each.call, 4), each.place.number, each.name))
    return found[:limit]


def movements(row: Evacuation) -> QuerySet[Movement]:
    """The book, newest first."""
    return row.movements.select_related("group", "group__place", "shelter", "left_shelter").order_by("-at", "-id")


def address(evacuation_id: UUID) -> str:
    """Address of the evacuation's page."""
    return reverse("evacuation:detail", args=[evacuation_id])


def summary(row: Evacuation) -> EvacuationSummary:
    """An evacuation as other rooms see it."""
    return EvacuationSummary(
        row.pk,
        row.title,
        row.state,
        row.get_state_label(),
        row.place_code,
        row.incident_id,
        row.ordered_at,
        row.emptied_at,
        row.closed_at,
        account(row),
        row.exercise,
        address(row.pk),
    )
