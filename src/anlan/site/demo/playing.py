"""The whole exercise played by the node itself, in the background: asked for, told how far it is, called off, kept beside earlier ones.

It is one transaction, as an import is: nobody sees half a night, and what is called off leaves nothing but its record. Played is a night of the past;
the clock, the carriers and the announcements are the story's own, so that nothing else on the node moves (see ADR 0067).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import IntegrityError, connections, transaction

from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger import audit
from anlan.ledger.changes import change
from anlan.site.demo.cast import PLANT_COUNTY
from anlan.site.demo.drill import keeper
from anlan.site.demo.models import Playing
from anlan.site.demo.story import people, places
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.acts import ACTS
from anlan.site.demo.story.ending import LASTS
from anlan.site.demo.story.stage import Stage

log = structlog.get_logger()
BEIJING = ZoneInfo("Asia/Shanghai")
BEGINS = {"hour": 2, "minute": 14, "second": 0, "microsecond": 0}
GIVEN_UP_AFTER = timedelta(minutes=10)
"""A playing that told nothing for so long is not being worked on. Project default."""

Tell = Callable[[int], bool]
"""Told how many acts were played; whether it is to go on."""


class PlayingUnderWay(Refusal):
    code: ClassVar[str] = "playing_under_way"
    sentence: ClassVar[str] = N_("演习正在播放，请等它完成，或先取消。")


class NotUnderWay(Refusal):
    code: ClassVar[str] = "playing_not_under_way"
    sentence: ClassVar[str] = N_("这次播放已经结束，不能再取消。")


class Cancelled(Exception):
    """Somebody called the playing off; everything it did is rolled back."""


def queue_playing(playing_id: UUID) -> None:
    """Queue :func:`work` inside the present transaction."""
    from procrastinate.contrib.django import app

    app.configure_task("demo.play", queue="replays").defer(playing_id=str(playing_id))


def free_night(now: datetime) -> datetime:
    """The latest 02:14 in China from which day 30 is over by now and the report closed, and of which nothing was played yet."""
    taken = set(Playing.objects.values_list("began", flat=True))
    night = (now - LASTS).astimezone(BEIJING).replace(**BEGINS)
    while night + LASTS > now or night.astimezone(UTC) in taken:
        night -= timedelta(days=1)
    return night.astimezone(UTC)


def start(*, actor: Actor, now: datetime, queue: Callable[[UUID], None] = queue_playing) -> Playing:
    """Ask for a playing. Raises :class:`PlayingUnderWay`, ``people.NobodyThere``."""
    if any(row.is_running for row in Playing.objects.filter(state__in=(Playing.WAITING, Playing.RUNNING))):
        raise PlayingUnderWay
    people.gather(now)
    try:
        with change(keeper(actor), "demo.drill", now=now, place_code=PLANT_COUNTY) as gathered, transaction.atomic():
            row = Playing.objects.create(began=free_night(now), by_name=actor.name, created_at=now, touched_at=now)
            gathered.subject = row
            queue(row.pk)
    except IntegrityError as taken:
        raise PlayingUnderWay from taken
    return row


def cancel(playing_id: UUID, *, actor: Actor, now: datetime) -> Playing:
    """Call a playing off; one that only waits, or that nobody works on, ends at once. Raises :class:`NotUnderWay`, ``NotFound``."""
    found = one(playing_id)
    with change(keeper(actor), "demo.drill", now=now, record=found, place_code=PLANT_COUNTY):
        row = Playing.objects.select_for_update().get(pk=playing_id)
        if not row.is_running:
            raise NotUnderWay
        row.cancel_requested = True
        if row.state == Playing.WAITING or now - row.touched_at > GIVEN_UP_AFTER:
            row.state = Playing.CANCELLED
        row.save(update_fields=["cancel_requested", "state"])
    return row


def one(playing_id: UUID) -> Playing:
    """A playing. Raises ``NotFound``."""
    row = Playing.objects.filter(pk=playing_id).first()
    if row is None:
        raise NotFound(what=str(playing_id))
    return row


def work(playing_id: UUID, acts: Sequence[Act] = ACTS) -> None:
    """The background job. Harmless when run twice: after a fault it begins from the beginning, for nothing of it was kept."""
    row = Playing.objects.filter(pk=playing_id).first()
    if row is None or not row.is_running:
        return
    mine = Playing.objects.filter(pk=row.pk)
    mine.update(state=Playing.RUNNING, played=0, touched_at=clock.now())
    # A connection of its own: what it writes shows while the long transaction is still open.
    beside = connections.create_connection("default")
    try:
        perform(row, acts, lambda done: _tell_beside(beside, row, done))
    except Cancelled:
        mine.update(state=Playing.CANCELLED, touched_at=clock.now())
    except Refusal as refusal:
        facts = {name: str(value) for name, value in refusal.facts.items()}
        mine.update(state=Playing.FAILED, problem=refusal.sentence[:300], problem_facts=facts, touched_at=clock.now())
        log.warning("exercise not played", playing=str(row.pk), reason=str(refusal))
    except Exception:
        mine.update(state=Playing.FAILED, touched_at=clock.now())
        raise
    finally:
        beside.close()


def perform(row: Playing, acts: Sequence[Act], tell: Tell) -> Stage:
    """Play ``acts`` as one change and keep where they can be looked at. Raises :class:`Cancelled`, and what an act raises."""
    with transaction.atomic(), audit.at_the_end(), audit.played(row.pk, clock.of_the_node):
        stage = Stage(people.gather(clock.now()), row.began)
        with stage.open():
            for number, act in enumerate(acts, 1):
                stage.at(act.minutes)
                act.play(stage)
                if not tell(number):
                    raise Cancelled
        Playing.objects.filter(pk=row.pk).update(
            state=Playing.DONE,
            played=len(acts),
            incident_id=stage.made.incident,
            addresses=places.addresses(stage.made),
            touched_at=clock.now(),
        )
    return stage


def _tell_beside(beside: Any, row: Playing, done: int) -> bool:
    with beside.cursor() as cursor:
        cursor.execute("UPDATE demo_playing SET played = %s, touched_at = now() WHERE id = %s RETURNING cancel_requested", [done, row.pk])
        found = cursor.fetchone()
    return found is None or not found[0]


@dataclass(frozen=True)
class Line:
    """One act as the page tells it: when, what, who could do it, where it can be seen (empty: not yet, or nowhere)."""

    moment: datetime
    minutes: float
    told: str
    role: str
    address: str
    played: bool


def lines(row: Playing) -> list[Line]:
    """The acts that have a sentence, with what was made of them."""
    return [
        Line(
            row.began + timedelta(minutes=act.minutes),
            act.minutes,
            act.told,
            act.role,
            row.addresses.get(act.seen, ""),
            number <= row.played,
        )
        for number, act in enumerate(ACTS, 1)
        if act.told
    ]
