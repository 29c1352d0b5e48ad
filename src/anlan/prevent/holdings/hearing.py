"""What this room hears: its own news, for those who act next. Hearers run in a transaction of their own and may run twice."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.access import system_actor
from anlan.kernel.events import Event
from anlan.kernel.words import N_
from anlan.prevent.hazardsources import door as hazardsources
from anlan.prevent.holdings import door, quantities, queries, rules

_LISTENER = system_actor("holdings")
_ENTERPRISE = ("enterprise_manager", "enterprise_principal")
_BUREAU = ("inspector", "duty_leader")
_OVER_DESIGN = N_("{product}现存 {held}，超过危险源“{where}”的设计最大量 {most}，请立即核实。")
_OVER_CRITICAL = N_("{product}全企业现存 {held}，超过临界量 {most}，须按 GB 18218 辨识重大危险源。")
HELD_MORE = N_("台账现存 {held}，超过设计最大量 {most}")
_LOAD_TEXTS = {
    rules.ON_ROAD: N_("{plate}运来{product}，到货请签收。"),
    rules.ARRIVED: N_("{plate}的{product}已到货，收发差 {difference}，超过允许差，请双方核对。"),
}
_OVERDUE = N_("{plate}运输的{product}逾期未到，请联系驾驶员核实位置和安全。")


def tell_limit(event: door.LimitExceeded) -> None:
    """Enterprise and bureau are told of a limit that was come over; a unit whose design maximum is exceeded is to be assessed anew."""
    held, most = quantities.told(Decimal(event.held_kg)), quantities.told(Decimal(event.limit_kg))
    sentence = _OVER_DESIGN if event.limit == rules.DESIGN_MAX else _OVER_CRITICAL
    facts = {"product": event.product, "where": event.where, "held": held, "most": most}
    once = f"{event.kind}:{event.limit}:{event.subject_id}"
    holders = [*_of_enterprise(event.enterprise_id, event), *_of_bureau(event.place_code, event)]
    _tell(event, holders, sentence, facts, "red", once, queries.book_address(event.enterprise_id) if event.enterprise_id else "")
    if event.limit == rules.DESIGN_MAX and event.source_id:
        hazardsources.note_held(UUID(event.source_id), HELD_MORE, {"held": held, "most": most}, actor=_LISTENER, now=event.at)


def tell_count(event: door.CountDiffers) -> None:
    """The enterprise is asked to explain a count that differs from the book."""
    difference = quantities.told(Decimal(event.difference_kg))
    sentence = N_("“{where}”的{product}盘点与账面相差 {difference}，请说明原因。")
    facts = {"where": event.where, "product": event.product, "difference": difference}
    url = queries.movement_address(event.subject_id)
    _tell(event, _of_enterprise(event.enterprise_id, event), sentence, facts, "orange", f"{event.kind}:{event.subject_id}", url)


def tell_load(event: door.LoadMoved) -> None:
    """The receiver is told of what comes; both and their bureaus of a load that is overdue, and of a difference beyond the tolerance."""
    receiver = UUID(event.receiver_id) if event.receiver_id else None
    facts = {"plate": event.plate, "product": event.product, "difference": ""}
    if event.difference_kg:
        facts["difference"] = quantities.told(Decimal(event.difference_kg))
    both = [*_of_enterprise(event.enterprise_id, event), *_of_enterprise(receiver, event), *_of_bureau(event.place_code, event)]
    both += _of_bureau(event.receiver_place_code, event) if event.receiver_place_code else []
    url = queries.load_address(event.subject_id)
    if event.state == rules.ON_ROAD and event.overdue:
        _tell(event, both, _OVERDUE, facts, "red", f"{event.kind}:overdue:{event.subject_id}", url)
    elif event.state == rules.ON_ROAD:
        holders = _of_enterprise(receiver, event)
        _tell(
            event, holders, _LOAD_TEXTS[rules.ON_ROAD], facts, "blue", f"{event.kind}:sent:{event.subject_id}:{event.at.isoformat()}", url
        )
    elif event.state == rules.ARRIVED and event.beyond:
        once = f"{event.kind}:beyond:{event.subject_id}:{event.at.isoformat()}"
        _tell(event, both, _LOAD_TEXTS[rules.ARRIVED], facts, "orange", once, url)


def _of_enterprise(enterprise_id: UUID | None, event: Event) -> list[people.Holder]:
    if enterprise_id is None:
        return []
    return [holder for kind in _ENTERPRISE for holder in people.holders_in_enterprise(kind, enterprise_id, now=event.at)]


def _of_bureau(place_code: str, event: Event) -> list[people.Holder]:
    return [holder for kind in _BUREAU for holder in people.holders_of(kind, place_code[:6], now=event.at)]


def _tell(event: Event, holders: list[people.Holder], sentence: str, facts: dict[str, str], tone: str, once: str, url: str) -> None:
    for account_id in {holder.account_id for holder in holders}:
        notify(account_id, event=event.kind, once=once, sentence=sentence, facts=facts, url=url, tone=tone, now=event.at)
