"""What evacuation tells in the timeline of an incident: the order, each hour's arrivals summed, places found empty, waves of return, the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import Trunc
from django.utils.translation import gettext as _

from anlan.command.evacuation import queries, rules
from anlan.command.evacuation.models import Evacuation
from anlan.command.incidents.door import TimelineLine
from anlan.kernel.access import Actor
from anlan.ledger.flows import steps


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """Lines of every evacuation of an incident that ``actor`` may see. Nobody is named."""
    for row in queries.evacuations(actor).filter(incident_id=incident_id):
        yield from _life(row)
        yield from _arrivals(row)
        yield from _waves(row)


def _line(row: Evacuation, at: datetime, code: str, title: str, text: str = "", who: str = "") -> TimelineLine:
    told = {"subject_id": row.pk, "address": queries.address(row.pk), "code": f"evacuation.{code}"}
    return TimelineLine(at, "evacuation", title, text, who, **told)


def _life(row: Evacuation) -> Iterator[TimelineLine]:
    total = queries.account(row).total
    for step in steps(row):
        label = _("编制疏散方案") if step.move == "open" else _(rules.FLOW.move(step.move).label)
        text = {
            "order": _("{people} 人；依据：{grounds}").format(people=total, grounds=row.grounds),
            "empty": _account_in_words(row),
            "close": row.closing_note,
        }.get(step.move, step.reason)
        yield _line(row, step.at, step.move, f"{label}：{row.title}", text, step.actor_name)


def _account_in_words(row: Evacuation) -> str:
    found = queries.account(row)
    told = [f"{_(label)} {found.where[code]}" for code, label in rules.WHERE.items() if found.where[code]]
    return "，".join(told)


def _arrivals(row: Evacuation) -> Iterator[TimelineLine]:
    """Arrivals summed by quarter of an hour and shelter: a thousand slips are not a thousand lines."""
    sums: dict[tuple[datetime, str], int] = {}
    came = row.movements.filter(target=rules.SHELTERED).annotate(minute=Trunc("at", "minute"))
    for minute, shelter, people in came.values_list("minute", "shelter__name").annotate(people=Sum("people")).order_by("minute"):
        quarter = minute.replace(minute=minute.minute - minute.minute % 15)
        key = (quarter, shelter or "")
        sums[key] = sums.get(key, 0) + people
    for (quarter, shelter), people in sums.items():
        until = _("{people} 人到达 {shelter}（15 分钟内）").format(people=people, shelter=shelter)
        yield _line(row, quarter, "arrive", until)


def _waves(row: Evacuation) -> Iterator[TimelineLine]:
    for wave in row.waves.prefetch_related("places"):
        names = "、".join(place.name for place in wave.places.all())
        yield _line(
            row,
            wave.opened_at,
            "propose_return",
            _("提请第 {n} 批返回").format(n=wave.number),
            f"{names}：{wave.grounds}",
            wave.proposed_by_name,
        )
        if wave.decided_at is not None:
            label = _("{move}（第 {n} 批）").format(move=wave.get_state_label(), n=wave.number)
            yield _line(row, wave.decided_at, wave.state, label, names, wave.decided_by_name)
