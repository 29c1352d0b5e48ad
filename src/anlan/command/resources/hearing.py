"""What this room hears: facilities that change, field units that move; and its own news for those who act next. Hearers may run twice."""

from __future__ import annotations

from django.urls import reverse

from anlan.command.resources import door, services
from anlan.command.resources.models import RescueResource
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.events import Event
from anlan.kernel.words import N_


def follow_facility(event: Event) -> None:
    """A hospital or shelter that is a resource follows its facility."""
    services.follow_facility(event.subject_id, event.at)


def follow_units(event: Event) -> None:
    """Resources with a terminal are where their field unit is."""
    rows = RescueResource.objects.filter(unit_id__isnull=False, place_code__startswith=event.place_code[:2])
    services.follow(door.told_positions(list(rows.values_list("unit_id", flat=True))), "unit_id", event.at)


def tell_confirmation(event: door.ConfirmationDue) -> None:
    """Whoever keeps the records of the place, or of the enterprise, is told of those whose year is over."""
    if event.enterprise_id is not None:
        holders = people.holders_in_enterprise("enterprise_manager", event.enterprise_id, now=event.at)
    else:
        holders = people.holders_of("bureau_clerk", event.place_code, now=event.at)
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.at.date()}",
            sentence=N_("有 {count} 项应急资源一年内没有核查，请核对后确认或更正。"),
            facts={"count": event.count},
            url=f"{reverse('desk:rescue-resources-list')}?sort=confirm_by",
            tone="yellow",
            now=event.at,
        )


def tell_low(event: door.StockMoved) -> None:
    """Leaders and clerks of the place are told, once a fall, that an item is below its reserve."""
    if not event.below:
        return
    holders = [each for kind in ("duty_leader", "bureau_clerk") for each in people.holders_of(kind, event.place_code[:6], now=event.at)]
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.at.isoformat()}",
            sentence=N_("{depot}的“{name}”剩 {quantity} {unit}，低于储备下限 {minimum} {unit}，请补充。"),
            facts={
                "depot": event.depot,
                "name": event.name,
                "quantity": event.quantity,
                "minimum": event.minimum,
                "unit": event.unit,
            },
            url=reverse("resources:stock", args=[event.subject_id]),
            tone="orange",
            now=event.at,
        )
