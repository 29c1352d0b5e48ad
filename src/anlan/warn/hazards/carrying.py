"""Orders on their way: handed to the channels with the estimate that makes them, followed by receipts until the plant has answered.

An order goes out in the transaction of its estimate; whatever did not go with it (a great many plants, a fault) goes by the event. Both name the same
occasion, so that nothing is carried twice. What is recalled before it left is stopped: a plant never gets the order after its recall.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day
from anlan.warn.channels import door as channels
from anlan.warn.hazards import door, rules
from anlan.warn.hazards.models import ActionOrder, PlantAction

log = structlog.get_logger()
ORDER = "hazards.order"
CARRIER = system_actor("hazards")
MOST_AT_ONCE = 50
"""So many orders leave in the transaction of their estimate, those that shake first; the others follow by their events. Project default."""
_ROLES = {PlantAction.INTRANET: "intranet", PlantAction.BROADCAST: "loudspeaker"}
"""Of an audience's roles the one that has the channel of its own."""
_DO = N_("地震预警自动处置：请立即执行“{verb}”（设备 {device}）。预计烈度 {intensity} 度，{seconds} 秒后强震动到达。第 {number} 报。")
_SHAKEN = N_("地震预警自动处置：请立即执行“{verb}”（设备 {device}）。预计烈度 {intensity} 度，强震动已到达。第 {number} 报。")
_RECALL = N_("地震预警有变化：设备 {device} 此前的“{verb}”不会自动恢复，请人工确认后处置。第 {number} 报。")


def message_of(order: ActionOrder) -> dict[str, object]:
    """What a plant's own system reads of an order (``docs/natural-hazards.md``)."""
    from django.urls import reverse

    action = order.plant_action
    return {
        "order": str(order.pk),
        "purpose": order.purpose,
        "verb": action.verb,
        "device": action.device,
        "intensity": order.intensity,
        "arrives_at": order.arrives_at.isoformat(),
        "quake": order.quake.number,
        "estimate": order.estimate_number,
        "exercise": order.exercise,
        "answer": reverse("hazards:api_answer", args=[order.pk]),
    }


def hand_over(orders: Iterable[ActionOrder], now: datetime) -> int:
    """Hand the first orders to the channels, those that shake first; how many. A refusal leaves the others, and this one to its event."""
    handed = 0
    for order in sorted(orders, key=lambda row: row.arrives_at)[:MOST_AT_ONCE]:
        try:
            with transaction.atomic():
                _send(order, now)
            handed += 1
        except Refusal as refusal:
            log.error("order_not_handed_over", order=str(order.pk), why=str(refusal))
    return handed


def carry(event: door.ActionOrdered) -> None:
    """Hearer of ``hazards.order``: what did not go out with its estimate goes now."""
    order = ActionOrder.objects.select_related("plant_action", "enterprise", "quake").filter(pk=event.subject_id, message_id=None).first()
    if order is not None and order.state == ActionOrder.SENT:
        with transaction.atomic():
            _send(order, event.at)


def _send(order: ActionOrder, now: datetime) -> None:
    action = order.plant_action
    if order.purpose == ActionOrder.RECALL:
        _stop_before(order, now)
    lasting = "eew_order_minutes" if order.purpose == ActionOrder.DO else "eew_recall_minutes"
    texts = {language: _words(order, now, language) for language in ("zh", "en")}
    saying = channels.Saying(
        once=f"{ORDER}:{order.pk}",
        source_kind=ORDER,
        source_id=order.pk,
        place_code=order.place_code,
        title=texts["zh"]["title"],
        texts=texts,
        expires=now + timedelta(minutes=rules.parameter(lasting, law_day(now))),
        level="red",
        exercise=order.exercise,
        reference=str(order.pk),
        data=message_of(order),
        confirm=True,
    )
    receiver = channels.Direct(order.enterprise.name[:60], order.place_code, device=action.address, role=_ROLES[action.channel])
    order.message_id = channels.send(saying, direct=[receiver], channels=[action.channel], actor=CARRIER, now=now)
    ActionOrder.objects.filter(pk=order.pk).update(message_id=order.message_id)


def _stop_before(recall: ActionOrder, now: datetime) -> None:
    """Stop what tells the plant to act and has not left yet."""
    earlier = ActionOrder.objects.filter(plant_action=recall.plant_action_id, quake=recall.quake_id, purpose=ActionOrder.DO)
    for order_id in earlier.exclude(message_id=None).values_list("pk", flat=True):
        channels.stop_of(order_id, by=CARRIER.name, now=now)


def _words(order: ActionOrder, now: datetime, language: str) -> dict[str, str]:
    seconds = round((order.arrives_at - now).total_seconds())
    sentence = _RECALL if order.purpose == ActionOrder.RECALL else _DO if seconds > 0 else _SHAKEN
    with translation.override("en" if language == "en" else "zh-hans"):
        mark = gettext("【演练】") if order.exercise else ""
        told = mark + gettext(sentence).format(
            verb=order.plant_action.get_verb_display(),
            device=order.plant_action.device,
            intensity=f"{order.intensity:.1f}",
            seconds=seconds,
            number=order.estimate_number,
        )
        return {"title": f"{mark}{order.plant_action.name}"[:200], "body": told, "short": told}


# --- what comes back --------------------------------------------------------------------------------------------------------------------

_NOT_REACHED = frozenset({"failed", "expired"})


def hear_settled(event: channels.DeliverySettled) -> None:
    """Hearer of ``channels.settled``: a receipt is kept, a confirmation of the device is the plant's answer, an order that did not arrive is told.

    Evidence only grows: what a person answered stands, and who is reached after all is waited for again.
    """
    if event.source_kind != ORDER:
        return
    with transaction.atomic():
        order = ActionOrder.objects.select_for_update(of=("self",)).select_related("plant_action").get(pk=UUID(event.reference))
        with change(CARRIER, "hazards.acknowledge", now=event.at, record=order) as made:
            before = order.state
            order.carriage, order.carried_at, order.carriage_reason = event.state, event.at, event.reason[:120]
            order.state = after(order, event.state, event.at)
            if order.state == ActionOrder.DONE and order.answered_at is None:
                order.answered_at, order.answered_by = event.at, order.plant_action.device[:100]
            order.updated_at = event.at
            order.save()
            if order.state != before:
                made.announce(answered(order, event.at))


def after(order: ActionOrder, heard: str, now: datetime) -> str:
    """The state of an order once its carriage is ``heard``."""
    if order.answered_at is not None:
        return order.state
    if heard == "confirmed":
        return ActionOrder.DONE
    if heard in _NOT_REACHED and order.state == ActionOrder.SENT:
        return ActionOrder.UNREACHED
    if heard == "cancelled" and order.state == ActionOrder.SENT:
        return ActionOrder.WITHDRAWN
    if heard == "delivered" and order.state == ActionOrder.UNREACHED:
        return ActionOrder.SENT if now < order.due_at else ActionOrder.MISSING
    return order.state


def answered(order: ActionOrder, now: datetime) -> door.OrderAnswered:
    """The news of what became of an order."""
    return door.OrderAnswered(
        subject_id=order.pk,
        place_code=order.place_code,
        enterprise_id=order.enterprise_id,
        at=now,
        exercise=order.exercise,
        title=order.plant_action.name,
        state=order.state,
    )
