"""The exercise: a chlorine release at the demonstration's plant, begun by a visitor, who then walks the whole chain."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.sense.devices import door as devices
from anlan.site.demo.cast import DEMONSTRATION, PLANT_COUNTY
from anlan.site.demo.models import DemoWorld, Drill
from anlan.warn.bulletins import door as bulletins

LONGEST = timedelta(minutes=60)
"""A drill that nobody ends is ended by the simulator after this time."""
ON_THE_WAY = timedelta(seconds=10)
"""So long after the drill its exercise still counts: what the devices sent until they hear of its end must not ring as real."""


class DrillRunning(Refusal):
    code: ClassVar[str] = "drill_running"
    sentence: ClassVar[str] = N_("演练正在进行，请先结束本次演练。")


class NoDrill(Refusal):
    code: ClassVar[str] = "drill_none"
    sentence: ClassVar[str] = N_("当前没有正在进行的演练。")


class NoWorld(Refusal):
    code: ClassVar[str] = "drill_no_world"
    sentence: ClassVar[str] = N_("演示数据尚未装载，不能开始演练。")


def running() -> Drill | None:
    """The drill under way, or ``None``."""
    return Drill.objects.filter(ended_at__isnull=True).first()


def plant_id() -> UUID:
    """The drilled plant. Raises :class:`NoWorld`."""
    world = DemoWorld.objects.filter(complete=True).first()
    if world is None:
        raise NoWorld
    return world.plant_id


def start(*, actor: Actor, now: datetime) -> Drill:
    """Begin: the exercise is announced for the plant's devices, and they send the release, marked as one.

    Raises :class:`DrillRunning`, :class:`NoWorld`.
    """
    plant = plant_id()
    try:
        with change(keeper(actor), "demo.drill", now=now, place_code=PLANT_COUNTY) as gathered, transaction.atomic():
            drill = Drill.objects.create(started_at=now, started_by=actor.name)
            gathered.subject = drill
            devices.announce_exercise(
                plant,
                since=now,
                until=now + LONGEST + ON_THE_WAY,
                reason=N_("氯气泄漏演练"),
                announcement=drill.pk,
                actor=DEMONSTRATION,
                now=now,
            )
    except IntegrityError as taken:
        raise DrillRunning from taken
    return drill


def cap(*, actor: Actor, now: datetime) -> Drill:
    """The valve is capped: the readings begin to fall. Raises :class:`NoDrill`."""
    drill = running()
    if drill is None:
        raise NoDrill
    with change(keeper(actor), "demo.drill", now=now, record=drill, place_code=PLANT_COUNTY):
        drill.capped_at = drill.capped_at or now
        drill.save(update_fields=["capped_at"])
    return drill


def end(*, actor: Actor, now: datetime) -> Drill:
    """End the drill; the instruments read normal values again. Raises :class:`NoDrill`."""
    drill = running()
    if drill is None:
        raise NoDrill
    with change(keeper(actor), "demo.drill", now=now, record=drill, place_code=PLANT_COUNTY):
        drill.capped_at, drill.ended_at = drill.capped_at or now, now
        drill.save(update_fields=["capped_at", "ended_at"])
        # Somebody may have ended the exercise on the page of the enterprise.
        with suppress(devices.WindowOver):
            devices.end_exercise(drill.pk, at=now + ON_THE_WAY, actor=DEMONSTRATION, now=now)
    return drill


def keeper(actor: Actor) -> Actor:
    """A visitor of the demonstration may drill whatever his role; the audit names him."""
    keeper = DEMONSTRATION
    return Actor(
        account_id=actor.account_id,
        name=actor.name,
        post=actor.post,
        level=keeper.level,
        place_code=keeper.place_code,
        grants=keeper.grants,
        kind=actor.kind,
    )


@dataclass(frozen=True)
class Step:
    """One step of the chain as the visitor's check-list shows it. ``role`` is the account that can do it."""

    code: str
    label: str
    hint: str
    role: str
    done: bool
    url: str


def steps(drill: Drill) -> list[Step]:
    """How far the chain has been walked since the drill began, read from the rooms themselves."""
    keeper, since, plant = DEMONSTRATION, drill.started_at, plant_id()
    raised = [a for a in alarms.alarms_for_enterprise(plant, keeper) if a.raised_at >= since]
    told = [f for f in filings.of_enterprise(plant, keeper) if f.opened_at >= since]
    events = [i for i in incidents.of_enterprise(plant, keeper) if i.opened_at >= since]
    issued = [b for event in events for b in bulletins.of_incident(event.id, keeper)]
    event_url = events[0].address if events else ""
    return [
        Step("alarm", N_("报警升起"), N_("十几秒内，液氯区域探测器越限，值班台出现红色报警"), "county.duty", bool(raised), reverse("duty:desk")),
        Step("acknowledge", N_("确认报警"), N_("中控员或值班员按 A 键或点“确认”"), "plant.operator",
             any(a.acknowledged_at for a in raised), reverse("duty:desk")),
        Step("filing", N_("报送信息"), N_("由报警一键生成报告，填写后提交，时限开始计时"), "plant.manager",
             any(f.state != "draft" for f in told), filings_url(raised, told)),
        Step("incident", N_("建立事件、启动响应"), N_("值班领导按预案启动响应，任务随之下达"), "county.leader",
             any(i.response_level or i.closed_at for i in events), event_url or reverse("duty:desk")),
        Step("bulletin", N_("发布预警"), N_("值班员起草、审批人批准，CAP 报文随即发布"), "county.approver",
             any(b.published_at for b in issued), event_url),
        Step("capped", N_("堵漏成功"), N_("点“阀门已关闭”，读数回落，报警恢复"), "county.duty", drill.capped_at is not None, ""),
        Step("closed", N_("办结任务、终止响应、关闭事件"), N_("时间线页面和 PDF 记录全过程"), "county.leader",
             any(i.closed_at for i in events), event_url),
    ]  # fmt: skip


def filings_url(raised: list[alarms.AlarmSummary], told: list[filings.FilingSummary]) -> str:
    """Where the report of the drill is written or read."""
    if told:
        return told[0].address
    return f"{reverse('filings:create')}?alarm={raised[0].id}" if raised else reverse("duty:desk")
