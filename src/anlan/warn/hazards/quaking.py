"""Earthquakes: every estimate kept, plants told what to do when shaking is expected, and afterwards what the warning was worth.

Orders are never taken back silently: when an estimate falls or is cancelled, a plant that was told to act gets a second message that says so, and a
person there decides. What was sent stays as it was sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max

from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.levels import NATION
from anlan.ledger.changes import change
from anlan.ledger.events import announce_all
from anlan.ledger.sources import law_day
from anlan.warn.hazards import carrying, door, eew, reading, refusals, rules, shaking
from anlan.warn.hazards.models import ActionOrder, Outcome, PlantAction, Quake, QuakeEstimate

GOOD, TWICE = "good", "twice"
EARLY, CATALOGUE, CANCEL = QuakeEstimate.EARLY, QuakeEstimate.CATALOGUE, QuakeEstimate.CANCEL
_CHANGES = {EARLY: "update", CATALOGUE: "catalogue", CANCEL: "cancel"}


@transaction.atomic
def take_quake(
    report: reading.QuakeReport, *, exercise: bool, actor: Actor, now: datetime, action: str = "hazards.intake", orders: bool = True
) -> str:
    """Keep a solution: the first makes the earthquake, later ones its next estimates; :data:`TWICE` when it is known.

    After a catalogue's solution early estimates are refused; a catalogue may correct itself. An estimate older than the newest is kept in the
    record and changes nothing. Orders (unless ``orders`` is false: a source that may not give any) and outcomes follow. Raises ``SentAhead``, ``QuakeOver``, ``NotPermitted``.
    """
    if QuakeEstimate.objects.filter(identifier=report.identifier).exists():
        return TWICE
    if rules.is_ahead(report.origin, now):
        raise refusals.SentAhead(sent=f"{report.origin.astimezone(rules.CHINA):%Y-%m-%d %H:%M}")
    kind = CANCEL if report.cancelled else CATALOGUE if report.reviewed else EARLY
    with change(actor, action, now=now, place_code=actor.place_code) as made:
        quake = Quake.objects.select_for_update().filter(number=report.event).first()
        if quake is not None and quake.catalogued and kind == EARLY:
            raise refusals.QuakeOver()
        newest = quake.estimates.aggregate(at=Max("issued_at"))["at"] if quake is not None else None
        first = quake is None
        if quake is None:
            quake = Quake(number=report.event, estimates_count=0, created_at=now, received_at=now, exercise=exercise)
            quake.classification = int(Classification.PUBLIC)
            quake.late = rules.is_late(report.issued, now)
        quake.estimates_count += 1
        current = newest is None or report.issued >= newest
        if current:
            _follow(quake, report, kind, now)
        quake.save()
        QuakeEstimate.objects.create(
            quake=quake,
            identifier=report.identifier[:200],
            number=quake.estimates_count,
            kind=kind,
            issued_at=report.issued,
            received_at=now,
            **_figures(report),
        )
        made.subject = quake
        made.announce(
            door.EstimateTaken(
                subject_id=quake.pk,
                place_code=quake.place_code,
                at=now,
                exercise=quake.exercise,
                classification=Classification.PUBLIC,
                title=str(quake),
                number=quake.estimates_count,
                change="new" if first else _CHANGES[kind],
                magnitude=quake.magnitude,
            )
        )
        if current:
            made_orders = _orders(quake, now) if orders else []
            carrying.hand_over(made_orders, now)
            for order in made_orders:
                made.announce(_told(order))
            if kind == CATALOGUE:
                judge(quake, now)
    return GOOD


def _figures(report: reading.QuakeReport) -> dict[str, object]:
    return {
        "origin_at": report.origin,
        "longitude": report.longitude,
        "latitude": report.latitude,
        "depth_km": report.depth_km,
        "magnitude": report.magnitude,
        "magnitude_kind": report.magnitude_kind,
        "agency": report.agency,
    }


def _follow(quake: Quake, report: reading.QuakeReport, kind: str, now: datetime) -> None:
    """Make the newest solution the earthquake's own."""
    for name, value in _figures(report).items():
        setattr(quake, name, value)
    county = places.county_at(report.longitude, report.latitude)
    quake.place_code = county.code if county is not None else NATION
    quake.place_name = report.place or (places.full_name(county.code) if county is not None else "")
    quake.cancelled, quake.updated_at = kind == CANCEL, now
    quake.catalogued = quake.catalogued or kind == CATALOGUE


# --- what plants do by themselves -------------------------------------------------------------------------------------------------------


def expected(quake: Quake, longitudes: Iterable[float], latitudes: Iterable[float], at: datetime) -> eew.Countdown:
    """What an earthquake's newest estimate tells places at ``at``."""
    return eew.countdown(shaking.origin_of(quake), list(longitudes), list(latitudes), at=at, layers=shaking.crust(), felt=1.0)


def _orders(quake: Quake, now: datetime) -> list[ActionOrder]:
    """Orders that follow from the newest estimate: do, to plants that reach their intensity for the first time; recall, to those told that no
    longer do. A plant that was recalled and reaches it again is told again. After the S wave everybody is still told: aftermath is dangerous."""
    day = law_day(now)
    if now - quake.origin_at > timedelta(hours=rules.parameter("quake_hours", day)):
        return []
    actions = list(PlantAction.objects.filter(active=True).select_related("enterprise"))
    if not actions:
        return []
    told = expected(quake, (each.longitude for each in actions), (each.latitude for each in actions), now)
    last: dict[UUID, ActionOrder] = {}
    for order in ActionOrder.objects.filter(quake=quake).order_by("sent_at", "estimate_number"):
        last[order.plant_action_id] = order
    found = []
    for number, action in enumerate(actions):
        reached = not quake.cancelled and told.intensity[number] >= action.intensity
        before = last.get(action.pk)
        stands = before is not None and before.purpose == ActionOrder.DO
        if reached == stands or (before is None and not reached):
            continue
        found.append(
            ActionOrder(
                plant_action=action,
                enterprise=action.enterprise,
                place_code=action.place_code,
                classification=action.classification,
                created_at=now,
                updated_at=now,
                quake=quake,
                purpose=ActionOrder.DO if reached else ActionOrder.RECALL,
                estimate_number=quake.estimates_count,
                intensity=round(float(told.intensity[number]), 2),
                arrives_at=now + timedelta(seconds=float(told.seconds[number])),
                sent_at=now,
                due_at=now + timedelta(seconds=rules.parameter("eew_ack_seconds", day)),
                exercise=quake.exercise,
            )
        )
    return ActionOrder.objects.bulk_create(found)


def _told(order: ActionOrder) -> door.ActionOrdered:
    action = order.plant_action
    return door.ActionOrdered(
        subject_id=order.pk,
        place_code=order.place_code,
        enterprise_id=order.enterprise_id,
        at=order.sent_at,
        exercise=order.exercise,
        title=action.name,
        purpose=order.purpose,
        address=action.address,
        message=carrying.message_of(order),
    )


@transaction.atomic
def answer(order_id: UUID, *, done: bool, remark: str, actor: Actor, now: datetime) -> ActionOrder:
    """Keep what a plant says of an order. Late is better than never: a missing acknowledgement may still come. Raises ``NotFound``,
    ``AlreadyAnswered``, ``NotPermitted``."""
    from anlan.warn.hazards import queries

    order = queries.one_order(order_id, actor)
    order = ActionOrder.objects.select_for_update().get(pk=order.pk)
    if order.answered_at is not None:
        raise refusals.AlreadyAnswered(name=order.answered_by, at=f"{order.answered_at.astimezone(rules.CHINA):%m-%d %H:%M:%S}")
    with change(actor, "hazards.acknowledge", now=now, record=order) as made:
        order.state = ActionOrder.DONE if done else ActionOrder.FAILED
        order.answered_at, order.answered_by, order.remark = now, actor.name[:100], remark.strip()[:300]
        order.save()
        made.announce(carrying.answered(order, now))
    return order


@transaction.atomic
def mark_missing(now: datetime) -> int:
    """Mark orders that nobody acknowledged in time, and say so; how many. Running twice tells nothing twice."""
    rows = list(ActionOrder.objects.select_for_update().filter(state=ActionOrder.SENT, due_at__lte=now).select_related("plant_action"))
    for order in rows:
        order.state, order.updated_at = ActionOrder.MISSING, now
    ActionOrder.objects.bulk_update(rows, ["state", "updated_at"])
    announce_all([carrying.answered(order, now) for order in rows])
    return len(rows)


# --- afterwards -------------------------------------------------------------------------------------------------------------------------


def judge(quake: Quake, now: datetime) -> int:
    """Hold what was warned against the catalogue, township by township and order by order; how many places were told wrongly.

    Warned is the highest degree of any early estimate before it. Places where nothing strong was told nor found have no row.
    """
    strong = float(rules.parameter("eew_strong", law_day(now))) - 0.5
    ground = places.townships()
    early = list(quake.estimates.filter(kind=EARLY))
    if not early:
        return 0
    warned = np.max([eew.intensities(shaking.origin_of(each), ground.longitudes, ground.latitudes) for each in early], axis=0)
    found = eew.intensities(shaking.origin_of(quake), ground.longitudes, ground.latitudes)
    hit = np.flatnonzero((warned >= strong) | (found >= strong))
    rows = []
    for number in hit.tolist():
        kind = eew.outcome(float(warned[number]), float(found[number]), strong)
        rows.append(
            Outcome(
                quake=quake,
                place_code=str(ground.codes[number]),
                kind=kind or Outcome.HIT,
                warned=round(float(warned[number]), 2),
                found=round(float(found[number]), 2),
                recorded_at=now,
            )
        )
    quake.outcomes.all().delete()
    Outcome.objects.bulk_create(rows, batch_size=5000)
    for order in quake.orders.filter(purpose=ActionOrder.DO).select_related("plant_action"):
        action = order.plant_action
        real = float(eew.intensities(shaking.origin_of(quake), [action.longitude], [action.latitude])[0])
        order.outcome = Outcome.HIT if real >= action.intensity else Outcome.FALSE
        order.save(update_fields=["outcome"])
    return sum(row.kind != Outcome.HIT for row in rows)


@transaction.atomic
def subscribe(
    enterprise_id: UUID,
    *,
    name: str,
    device: str,
    address: str,
    channel: str = PlantAction.INTRANET,
    verb: str,
    intensity: float,
    longitude: float,
    latitude: float,
    actor: Actor,
    now: datetime,
) -> PlantAction:
    """Register what a plant's device does when shaking of ``intensity`` is expected at its place. Raises ``NotFound``, ``NotPermitted``."""
    from anlan.ground.enterprises import door as enterprises

    plant = enterprises.enterprise(enterprise_id, actor)
    with change(actor, "hazards.subscribe", now=now, place_code=plant.place_code, enterprise_id=plant.id) as made:
        row = PlantAction(
            enterprise_id=plant.id,
            place_code=plant.place_code,
            classification=int(Classification.INTERNAL),
            created_at=now,
            updated_at=now,
            name=name[:120],
            device=device[:120],
            channel=channel,
            address=address[:200],
            verb=verb,
            intensity=intensity,
            longitude=longitude,
            latitude=latitude,
        )
        row.save(force_insert=True)
        made.subject = row
    return row


@transaction.atomic
def switch(action_id: UUID, *, active: bool, actor: Actor, now: datetime) -> PlantAction:
    """Put an automatic action in or out of use. Raises ``NotFound``, ``NotPermitted``."""
    from anlan.warn.hazards import queries

    row = queries.one_action(action_id, actor)
    with change(actor, "hazards.subscribe", now=now, record=row) as made:
        row.active = active
        row.save(update_fields=["active"])
        made.facts["active"] = active
    return row
