"""The ledger as readers see it: what is wrong first, then what is held, then what moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext

from anlan.desk.resource.declare import Tone
from anlan.ground.chemicals import door as chemicals
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day
from anlan.prevent.holdings import entering, parameters, positions, quantities, queries, recording, rules, searching
from anlan.prevent.holdings.models import Holding, Load, Movement, Product
from anlan.sense.stream.door import StoreSilent

NEWEST = 30
STATE_TONES: dict[str, Tone] = {rules.ON_ROAD: "blue", rules.ARRIVED: "green", rules.CANCELLED: "grey"}


@dataclass(frozen=True)
class Warning:
    """Something that is wrong, and what to do about it."""

    text: str
    tone: str = "orange"


def english() -> bool:
    """Whether the reader's language is English."""
    return (get_language() or "").startswith("en")


def papers(product: Product, now: datetime) -> list[Warning]:
    """What is missing or over of registration and licence of a product."""
    today = law_day(now)
    soon = parameters.span("remind_days", now)
    found = []
    if not product.certificate_number:
        found.append(Warning(gettext("没有填写危险化学品登记证编号。生产、进口企业应办理登记；不需要登记的请在品种中注明。"), "yellow"))
    for until, words_over, words_soon in (
        (product.certificate_until, N_("登记证已于 {day} 到期，请尽快换证。"), N_("登记证将于 {day} 到期。")),
        (product.licence_until, N_("许可证已于 {day} 到期，请尽快换证。"), N_("许可证将于 {day} 到期。")),
    ):
        found += _until(until, today, soon, gettext(words_over), gettext(words_soon))
    return found


def _until(until: date | None, today: date, soon: timedelta, over: str, near: str) -> list[Warning]:
    if until is None or until > today + soon:
        return []
    return [Warning(over.format(day=until), "red")] if until < today else [Warning(near.format(day=until), "yellow")]


def limit_warnings(rows: Iterable[Holding]) -> list[Warning]:
    """Limits that are exceeded now."""
    pairs = [(row.store, row.product) for row in rows]
    return [Warning(limit_told(each), "red") for each in entering.limits(pairs) if each.exceeded]


def limit_told(limit: entering.Limit) -> str:
    """A limit that is exceeded, in a sentence."""
    held, most = quantities.told(limit.held_kg), quantities.told(limit.limit_kg)
    if limit.code == rules.DESIGN_MAX:
        return gettext("危险源“{where}”现存 {held}，超过设计最大量 {most}，请立即核实并降低存量。").format(
            where=limit.where, held=held, most=most
        )
    return gettext("{where}全企业现存 {held}，超过临界量 {most}，须按 GB 18218 辨识重大危险源。").format(
        where=limit.where, held=held, most=most
    )


@dataclass(frozen=True)
class MovementLine:
    """One entry ready for a page."""

    row: Movement
    kind: str
    sign: str
    mass: str
    typed: str
    url: str
    warning: str = ""


def line(row: Movement) -> MovementLine:
    """One entry: what it did, how much, and whether it still counts."""
    kind = gettext(rules.KINDS[row.kind].label)
    sign = {1: "+", -1: "−", 0: "="}[rules.legs(row.kind)[0]] if row.kind != rules.MOVED else "→"
    warning = ""
    if row.reverses_id is not None:
        kind = gettext("冲销：{kind}").format(kind=kind)
        sign = {"+": "−", "−": "+"}.get(sign, sign)
    elif row.reversed_at is not None:
        warning = gettext("已冲销")
    elif row.to_explain:
        warning = gettext("差异待说明")
    return MovementLine(row, kind, sign, quantities.told(row.mass_kg), typed(row), queries.movement_address(row.pk), warning)


def typed(row: Movement) -> str:
    """The quantity as it was typed, with the density where it was reckoned with one."""
    unit = "m³" if row.unit == quantities.CUBIC_METRE else row.unit
    text = f"{row.quantity.normalize():f} {unit}"
    if row.density_kg_m3 is not None:
        text += f" × {row.density_kg_m3.normalize():f} kg/m³"
    return text


def signed(mass_kg: Decimal | None) -> str:
    """A difference with its sign."""
    if mass_kg is None:
        return "—"
    return f"{'+' if mass_kg > 0 else ''}{quantities.told(mass_kg)}"


@dataclass(frozen=True)
class LoadLine:
    """One load ready for a page."""

    row: Load
    mass: str
    received: str
    difference: str
    state: str
    tone: str
    url: str


def load_tone(row: Load) -> Tone:
    """The colour of a load: overdue red, a difference beyond the tolerance orange, else by its state."""
    return "red" if row.overdue and row.state == rules.ON_ROAD else "orange" if row.beyond else STATE_TONES[row.state]


def load_line(row: Load) -> LoadLine:
    """One load: what, how much, where it stands."""
    tone = load_tone(row)
    state = gettext("逾期未到") if tone == "red" else gettext(rules.LOAD_STATES[row.state])
    received = "—" if row.received_kg is None else quantities.told(row.received_kg)
    return LoadLine(row, quantities.told(row.mass_kg), received, signed(row.difference_kg), state, tone, queries.load_address(row.pk))


@dataclass(frozen=True)
class Seen:
    """The position of a truck for its page. ``words`` says why there is none; ``old``: longer ago than it should be."""

    position: positions.Position | None
    words: str = ""
    old: bool = False


def truck(row: Load, now: datetime) -> Seen:
    """Where the truck of a load is now."""
    if row.device_id is None:
        return Seen(None, gettext("没有登记车载终端，位置不明，请电话联系驾驶员。"))
    try:
        found = positions.newest([row.device_id]).get(row.device_id)
    except StoreSilent:
        return Seen(None, gettext("读不到定位数据，位置不明（不是没有问题），请电话联系驾驶员。"))
    if found is None or found.at < row.departed_at:
        return Seen(None, gettext("发车后还没有收到车辆位置，请电话联系驾驶员。"))
    return Seen(found, old=now - found.at > parameters.span("position_minutes", now))


@dataclass(frozen=True)
class HoldingLine:
    """What one place holds of one product, ready for a page."""

    row: Holding
    mass: str


def holding_lines(rows: Iterable[Holding]) -> list[HoldingLine]:
    """Balances ready for a page."""
    return [HoldingLine(row, quantities.told(row.mass_kg)) for row in rows]


def public_card(product: Product) -> dict[str, Any]:
    """What anybody may read who scans the code: what it is, what it does, what to do first. No quantity, no address."""
    told: dict[str, Any] = {"parts": [], "distances": [], "source": ""}
    if not product.chemical_code:
        return told
    try:
        card = chemicals.card(product.chemical_code)
    except Refusal:
        return told
    told["parts"] = [
        (gettext(label), [each.en if english() else each.zh for each in card.advice[part]])
        for part, label in chemicals.PARTS.items()
        if card.advice.get(part)
    ]
    told["isolation"] = max((row.isolation_m for row in card.isolation if row.isolation_m is not None), default=None)
    told["source"] = card.source
    return told


def count_facts(row: Movement) -> dict[str, str]:
    """A count: what was found, what the book says, and what is open now."""
    return {
        "found": quantities.told(row.mass_kg),
        "book": "—" if row.book_kg is None else quantities.told(row.book_kg),
        "difference": signed(row.difference_kg),
        "now": signed(recording.difference_now(row)),
    }


def may(actor: Actor, action: str, record: Any) -> bool:
    """Whether ``actor`` may do ``action`` on a record of this room."""
    return actor.may(action, place_code=record.place_code, enterprise_id=record.enterprise_id, classification=record.classification)


def meant(entries: Iterable[chemicals.Chemical]) -> str:
    """Names of the entries that a search meant, in the reader's language."""
    return (", " if english() else "、").join(row.name_en if english() else row.name_zh for row in entries)


def kilometres(metres: float | None) -> str:
    """A distance for readers."""
    return "" if metres is None else f"{metres / 1000.0:.1f} km"


def holders(found: Iterable[searching.Holder]) -> list[dict[str, Any]]:
    """Enterprises that hold something, with their places."""
    return [
        {
            "row": each,
            "mass": quantities.told(each.mass_kg),
            "distance": kilometres(each.nearest.distance_m),
            "places": [(place, quantities.told(place.mass_kg), kilometres(place.distance_m)) for place in each.places],
        }
        for each in found
    ]


def on_road(found: Iterable[searching.OnRoad]) -> list[tuple[LoadLine, str]]:
    """Loads on the road with how far away they are."""
    return [(load_line(each.load), kilometres(each.distance_m)) for each in found]
