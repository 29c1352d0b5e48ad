"""What this room hears: warnings of others come in as signals, signals change the grid, counties that rise are told to those on duty and to plants.

Hearers run in a transaction of their own and may run twice; each occasion is told once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import system_actor
from anlan.kernel.words import N_
from anlan.warn.bulletins import door as bulletins
from anlan.warn.bulletins.door import ForeignWarningReceived
from anlan.warn.hazards import door, reckoning, rules, services
from anlan.warn.hazards.models import ActionOrder, GridRun, Quake

_ON_DUTY = ("duty_officer", "duty_leader")
_OF_PLANT = ("enterprise_manager", "enterprise_principal", "enterprise_shift_leader")
MOST_PLANTS = 500
"""So many hazard sources or works of one county are looked through at most; project default."""


def take_foreign(event: ForeignWarningReceived) -> None:
    """A warning that a feed of others brought is a signal like any that is sent here; whoever registered the feed sees what was taken of it."""
    message = bulletins.foreign_message(event.subject_id)
    if message is None:
        return
    reader = replace(system_actor("warning-feeds"), place_code=message.place_code)
    services.take(message.data, name=message.identifier, via=message.feed, exercise=message.exercise, actor=reader, now=event.at)


def reckon_again(event: door.SignalTaken) -> None:
    """The grid follows each signal; one that a reckoning since then has seen already asks for no other."""
    if not GridRun.objects.filter(at__gt=event.at).exists():
        reckoning.reckon_grid(event.at)


def reckon_shaken(event: door.EstimateTaken) -> None:
    """The grid follows each estimate, after the count-down has its orders out; one reckoning serves several that came meanwhile."""
    if not GridRun.objects.filter(at__gt=event.at).exists():
        reckoning.reckon_grid(event.at)


def tell_order(event: door.ActionOrdered) -> None:
    """People of the plant are told what their device was told, also where no carrier takes messages to it."""
    doing = event.purpose == "do"
    sentence = (
        N_("地震预警：已向“{title}”发出自动处置指令，请确认执行情况。")
        if doing
        else N_("地震预警有变化：“{title}”此前的动作不会自动恢复，请人工确认后处置。")
    )
    quake = Quake.objects.filter(orders=event.subject_id).first()
    url = reverse("hazards:quake", args=[quake.pk]) if quake is not None else reverse("hazards:latest")
    for kind in _OF_PLANT if event.enterprise_id is not None else ():
        for holder in people.holders_in_enterprise(kind, event.enterprise_id, now=event.at):  # type: ignore[arg-type]
            notify(
                holder.account_id,
                event=event.kind,
                once=f"{event.kind}:{event.subject_id}",
                sentence=sentence,
                facts={"title": event.title},
                url=url,
                tone="red" if doing else "orange",
                exercise=event.exercise,
                now=event.at,
            )


_UNANSWERED = {
    ActionOrder.MISSING: N_("{enterprise}“{title}”没有确认自动处置指令，请电话核实。"),
    ActionOrder.FAILED: N_("{enterprise}“{title}”回报自动处置未执行，请电话核实。"),
    ActionOrder.UNREACHED: N_("{enterprise}“{title}”的自动处置指令没有送达，请立即电话通知企业。"),
}


def tell_unanswered(event: door.OrderAnswered) -> None:
    """Those on duty at the place are told of an order that did not arrive, that nobody acknowledged, or that was not carried out."""
    sentence = _UNANSWERED.get(event.state)
    if sentence is None:
        return
    order = ActionOrder.objects.select_related("enterprise").filter(pk=event.subject_id).first()
    if order is None:
        return
    for kind in _ON_DUTY:
        for holder in people.holders_of(kind, event.place_code[:6], now=event.at):
            notify(
                holder.account_id,
                event=event.kind,
                once=f"{event.kind}:{event.subject_id}:{event.state}",
                sentence=sentence,
                facts={"enterprise": order.enterprise.name, "title": event.title},
                url=reverse("hazards:quake", args=[order.quake_id]),
                tone="red",
                exercise=event.exercise,
                now=event.at,
            )


def tell_feed(event: door.FeedMoved) -> None:
    """Those on duty where a feed was registered are told that it fell silent, and that it speaks again."""
    sentence = (
        N_("灾害数据源“{title}”已连续 {count} 次读取失败，请查看原因。期间没有新数据不等于没有灾害。")
        if event.failing
        else N_("灾害数据源“{title}”已恢复读取。")
    )
    for kind in _ON_DUTY:
        for holder in people.holders_of(kind, event.place_code, now=event.at):
            notify(
                holder.account_id,
                event=event.kind,
                once=f"{event.kind}:{event.subject_id}:{event.at.isoformat()}",
                sentence=sentence,
                facts={"title": event.title, "count": event.failures},
                url=reverse("desk:hazard-feeds-detail", args=[event.subject_id]),
                tone="orange" if event.failing else "green",
                exercise=event.exercise,
                now=event.at,
            )


def tell_risen(event: door.CountyRisen) -> None:
    """Those on duty at the county, city and province are told, and plants whose hazard sources a chain names."""
    sentence = (
        N_("{place}有 {count} 个乡镇自然灾害风险升至{level}，{since}起。请核实危险源并采取措施。")
        if event.count
        else N_("{place}有危险源未登记所在乡镇，自然灾害风险升至{level}，{since}起。请核实是哪些危险源，并补登所在乡镇。")
    )
    told = set()
    for code in (event.place_code, *(each.code for each in reversed(places.ancestors(event.place_code)))):
        for kind in _ON_DUTY:
            told |= {holder.account_id for holder in people.holders_of(kind, code, now=event.at)}
    nowcast = f"{reverse('hazards:nowcast')}?place={event.place_code}"
    url = nowcast if event.count else reverse("hazards:township", args=[event.place_code])
    for account_id in told:
        _tell(account_id, event, sentence, url)
    for account_id, source in _plants(event).items():
        _tell(
            account_id,
            event,
            N_("您单位“{source}”所在地自然灾害风险升至{level}，{since}起：请立即检查并按预案处置。"),
            reverse("hazards:township", args=[event.townships[0] if event.townships else event.place_code]),
            source=source,
        )


def _plants(event: door.CountyRisen) -> dict[UUID, str]:
    """Accounts of plants with a hazard source, or works, that a chain of the event names, with that source or the plant's name."""
    named = {row.object for row in rules.table("chains", rules.ChainRule) if row.code in event.chains}
    found: dict[UUID, str] = {}
    for enterprise_id, name in _concerned(named, event):
        for kind in _OF_PLANT:
            for holder in people.holders_in_enterprise(kind, enterprise_id, now=event.at):
                found.setdefault(holder.account_id, name)
    return found


def _concerned(named: Collection[str], event: door.CountyRisen) -> Iterator[tuple[UUID, str]]:
    """Enterprises that have one of the objects named there, or somewhere in the county, with what it is called."""
    kinds, sectors = (
        {code for code, thing in rules.sought_in(register).items() if thing.code in named} for register in ("risksources", "enterprises")
    )

    def there(place_code: str) -> bool:
        return len(place_code) != 9 or place_code in event.townships

    for source in risksources.at_places(kinds, event.place_code, None, limit=MOST_PLANTS) if kinds else ():
        if there(source.place_code):
            yield source.enterprise_id, source.name
    for works in enterprises.working_at(sectors, event.place_code, None, limit=MOST_PLANTS) if sectors else ():
        if any(there(code) for code in works.place_codes if code.startswith(event.place_code)):
            yield works.id, works.name


def _tell(account_id: UUID, event: door.CountyRisen, sentence: str, url: str, **facts: str) -> None:
    since = datetime.fromisoformat(event.since)
    notify(
        account_id,
        event=event.kind,
        once=f"{event.kind}:{event.subject_id}",
        sentence=sentence,
        facts={
            "place": places.full_name(event.place_code),
            "count": event.count,
            "level": rules.LEVELS[event.level],
            "since": f"{since.astimezone(rules.CHINA):%m-%d %H:%M}",
            **facts,
        },
        url=url,
        tone=rules.COLOURS[event.level],
        exercise=event.exercise,
        now=event.at,
    )
