"""Reads of duty: who is on, the log, handovers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.duty import rota, rules
from anlan.command.duty.door import OnDuty
from anlan.command.duty.models import Absence, Call, DutyLogEntry, DutyReport, DutyShift, Handover, Ring, Rota, Swap
from anlan.ground.people import door as people
from anlan.ground.people.door import Holder
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

_ORDER = list(rules.SHIFT_KINDS)


def shifts(actor: Actor | None) -> QuerySet[DutyShift]:
    """Shifts that ``actor`` may see."""
    rows = DutyShift.objects.select_related("account", "organisation")
    return rows if actor is None else visible(rows, actor, "duty.view")


def on_duty(place_code: str, now: datetime, *, kind: str = "") -> tuple[OnDuty, ...]:
    """Who is on duty at exactly this place now; leader first."""
    rows = shifts(None).filter(place_code=place_code, starts_at__lte=now, ends_at__gt=now)
    if kind:
        rows = rows.filter(kind=kind)
    return tuple(_on_duty(row) for row in sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.starts_at)))


def _on_duty(row: DutyShift) -> OnDuty:
    return OnDuty(
        account_id=row.account_id,
        name=row.account.display_name,
        kind=row.kind,
        kind_label=_(rules.SHIFT_KINDS[row.kind]),
        post=row.post,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        phone=row.account.phone,
    )


PATTERN = "around_the_clock"
"""What a place's roster is held against: 24 hours, a leader and an officer (生产安全事故应急条例 第十四条), two of each on public holidays."""


def gaps(place_code: str, starts: datetime, ends: datetime) -> list[rota.Gap]:
    """Stretches between two moments in which fewer people are on duty at a place than :data:`PATTERN` asks for, whatever turns its rota has."""
    pattern = [turn for turn in rota.turns() if turn.pattern == PATTERN]
    first = timezone.localtime(starts).date() - timedelta(days=1)
    wanted = rota.needs([first + timedelta(days=n) for n in range((ends - starts).days + 3)], pattern)
    held = [replace(need, starts=max(need.starts, starts), ends=min(need.ends, ends)) for need in wanted]
    return rota.gaps(_planned(place_code, starts, ends), [need for need in held if need.starts < need.ends])


def _planned(place_code: str, starts: datetime, ends: datetime) -> list[rota.Shift]:
    rows = DutyShift.objects.filter(place_code=place_code, starts_at__lt=ends, ends_at__gt=starts)
    return [rota.Shift(row.kind, row.starts_at, row.ends_at, row.account_id) for row in rows]


def candidates(kind: str, place_code: str, now: datetime) -> tuple[Holder, ...]:
    """Who may take a shift of ``kind`` at a place, by the posts held there; each person once."""
    holders = [each for post in rules.POSTS_OF[kind] for each in people.holders_of(post, place_code, now=now)]
    return tuple({each.account_id: each for each in reversed(holders)}.values())[::-1]


def next_shift(account_id: UUID, now: datetime) -> DutyShift | None:
    """The next shift of somebody that has not begun."""
    return DutyShift.objects.filter(account_id=account_id, starts_at__gt=now).order_by("starts_at").first()


def shifts_of(account_id: UUID, now: datetime) -> QuerySet[DutyShift]:
    """Shifts of somebody that are not over, the next first."""
    return shifts(None).filter(account_id=account_id, ends_at__gt=now).order_by("starts_at")


def rotas(actor: Actor) -> QuerySet[Rota]:
    """Rotas that ``actor`` may see."""
    return visible(Rota.objects.select_related("organisation"), actor, "duty.view")


def rota_of(rota_id: UUID, actor: Actor) -> Rota:
    """One rota. Raises ``NotFound``."""
    found = rotas(actor).filter(pk=rota_id).first()
    if found is None:
        raise NotFound(what=str(rota_id))
    return found


def absence(absence_id: UUID, actor: Actor) -> Absence:
    """One absence. Raises ``NotFound``."""
    found = visible(Absence.objects.all(), actor, "duty.view").filter(pk=absence_id).first()
    if found is None:
        raise NotFound(what=str(absence_id))
    return found


def swap(swap_id: UUID, actor: Actor) -> Swap:
    """One request for a swap. Raises ``NotFound``."""
    found = visible(Swap.objects.select_related("shift", "in_return"), actor, "duty.view").filter(pk=swap_id).first()
    if found is None:
        raise NotFound(what=str(swap_id))
    return found


def swaps_about(account_id: UUID) -> QuerySet[Swap]:
    """Requests that somebody made or that were made of him, newest first."""
    return Swap.objects.filter(Q(asked_by_id=account_id) | Q(asked_of_id=account_id)).select_related("shift", "in_return")


def ringing_at(place_code: str) -> QuerySet[Ring]:
    """What rings on the desk of exactly this place, the longest first."""
    return Ring.objects.filter(place_code=place_code, answered_at__isnull=True).order_by("since")


def ring(ring_id: UUID, actor: Actor) -> Ring:
    """One thing that rings or rang. Raises ``NotFound``."""
    found = visible(Ring.objects.all(), actor, "duty.view").filter(pk=ring_id).first()
    if found is None:
        raise NotFound(what=str(ring_id))
    return found


def call(call_id: UUID, actor: Actor) -> Call:
    """One call. Raises ``NotFound``."""
    found = visible(Call.objects.all(), actor, "duty.view").filter(pk=call_id).first()
    if found is None:
        raise NotFound(what=str(call_id))
    return found


def open_calls(place_code: str) -> QuerySet[Call]:
    """Calls of a place that are still being answered, the oldest first."""
    return Call.objects.filter(place_code=place_code, state=rules.ANSWERING).order_by("opened_at")


def calls_beside(row: Call, now: datetime) -> QuerySet[Call]:
    """Other calls that colleagues answer at this moment: two callers may tell of one event."""
    return open_calls(row.place_code).filter(opened_at__gt=now - timedelta(hours=2)).exclude(pk=row.pk)[:5]


def log(actor: Actor) -> QuerySet[DutyLogEntry]:
    """Lines of the duty log that ``actor`` may see, newest first."""
    return visible(DutyLogEntry.objects.all(), actor, "duty.view")


def searched_log(actor: Actor, words: str, kind: str = "") -> QuerySet[DutyLogEntry]:
    """Lines of the log that hold every one of some words in text, caller or writer, newest first."""
    rows = log(actor)
    if kind in rules.ENTRY_KINDS:
        rows = rows.filter(kind=kind)
    for word in words.split():
        rows = rows.filter(Q(text__icontains=word) | Q(caller__icontains=word) | Q(author_name__icontains=word))
    return rows


def report(report_id: UUID, actor: Actor) -> DutyReport:
    """One daily report or brief. Raises ``NotFound``."""
    found = visible(DutyReport.objects.all(), actor, "duty.view").filter(pk=report_id).first()
    if found is None:
        raise NotFound(what=str(report_id))
    return found


def handovers(actor: Actor | None) -> QuerySet[Handover]:
    """Handovers that ``actor`` may see, newest first."""
    rows = Handover.objects.select_related("organisation")
    return rows if actor is None else visible(rows, actor, "duty.view")


def handover(handover_id: UUID | str, actor: Actor | None) -> Handover:
    """One handover. Raises ``NotFound``."""
    found = handovers(actor).filter(pk=handover_id).first()
    if found is None:
        raise NotFound(what=str(handover_id))
    return found


def waiting_handover(place_code: str) -> Handover | None:
    """The handover of a place that is not finished yet."""
    return handovers(None).filter(place_code=place_code, state__in=[rules.PREPARED, rules.HANDED]).first()
