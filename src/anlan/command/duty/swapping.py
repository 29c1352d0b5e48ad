"""Swaps 换班: asked by one, agreed by the other, decided by whoever plans, and then the shifts change hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from anlan.command.duty import door, queries, rules
from anlan.command.duty.models import DutyShift, Swap
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import EventOf, advance, open_case


def ask(shift_id: UUID, of: UUID, in_return_id: UUID | None, why: str, *, actor: Actor, now: datetime) -> Swap:
    """Ask somebody to take a shift of one's own, in return for one of his or for nothing.

    Raises ``NotYourShift``, ``ShiftBegun``, ``SwapWithOneself``, ``NotOnThePost``, ``DoubleBooked``.
    """
    with change(actor, "duty.swap", now=now, place_code=actor.place_code) as gathered:
        shift = _future(shift_id, actor.account_id, now)
        in_return = _future(in_return_id, of, now) if in_return_id is not None else None
        _check(shift, of, in_return, now)
        swap = Swap.objects.create(
            state=rules.ASKED,
            opened_at=now,
            place_code=shift.place_code,
            shift=shift,
            title=told(shift),
            in_return=in_return,
            in_return_title=told(in_return) if in_return is not None else "",
            asked_by_id=actor.account_id,
            asked_by_name=actor.name,
            asked_of_id=of,
            asked_of_name=people.account_name(of),
            why=why.strip(),
        )
        gathered.subject = swap
        open_case(swap, actor=actor, now=now)
        gathered.announce(_event(swap, now))
    return swap


def told(shift: DutyShift) -> str:
    """A shift in words that need no language: its moments."""
    return f"{rules.moment_words(shift.starts_at)} – {rules.moment_words(shift.ends_at)}"


def _future(shift_id: UUID | None, whose: UUID, now: datetime) -> DutyShift:
    """A shift of somebody that has not begun, locked. Raises ``NotYourShift``, ``ShiftBegun``."""
    shift = DutyShift.objects.select_for_update().filter(pk=shift_id, account_id=whose).first()
    if shift is None:
        raise rules.NotYourShift(who=people.account_name(whose))
    if shift.starts_at <= now:
        raise rules.ShiftBegun
    return shift


def _check(shift: DutyShift, of: UUID, in_return: DutyShift | None, now: datetime) -> None:
    """Whether both may take what they would get."""
    if of == shift.account_id:
        raise rules.SwapWithOneself
    moved = [shift.pk, *([in_return.pk] if in_return is not None else [])]
    _may_take(of, shift, moved, now)
    if in_return is not None:
        _may_take(shift.account_id, in_return, moved, now)


def _may_take(who: UUID, shift: DutyShift, moved: list[UUID], now: datetime) -> None:
    if who not in {each.account_id for each in queries.candidates(shift.kind, shift.place_code, now)}:
        raise rules.NotOnThePost(who=people.account_name(who), kind=rules.SHIFT_KINDS[shift.kind])
    clash = DutyShift.objects.filter(account_id=who, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at).exclude(pk__in=moved).first()
    if clash is not None:
        raise rules.DoubleBooked(
            who=people.account_name(who), start=rules.moment_words(clash.starts_at), end=rules.moment_words(clash.ends_at)
        )


def answer(swap: Swap, move: str, *, actor: Actor, now: datetime) -> Swap:
    """The one who was asked agrees or declines. Raises ``NotAskedOfYou`` for anybody else."""
    if actor.account_id != swap.asked_of_id:
        raise rules.NotAskedOfYou(who=swap.asked_of_name)
    return advance(swap, move, actor=actor, now=now, event=_told(now))


def withdraw(swap: Swap, *, actor: Actor, now: datetime) -> Swap:
    """The one who asked takes it back. Raises ``NotAskedOfYou`` for anybody else."""
    if actor.account_id != swap.asked_by_id:
        raise rules.NotAskedOfYou(who=swap.asked_by_name)
    return advance(swap, "withdraw", actor=actor, now=now, event=_told(now))


def decide(swap: Swap, approved: bool, reason: str, *, actor: Actor, now: datetime) -> Swap:
    """Approve, whereupon the shifts change hands, or refuse with a reason. Raises as :func:`ask`, and ``FourEyes``."""
    return advance(
        swap,
        "approve" if approved else "refuse",
        actor=actor,
        now=now,
        reason=reason,
        fields={"decided_by_name": actor.name},
        event=_told(now),
        after=_exchange(now) if approved else None,
    )


def _exchange(now: datetime) -> Callable[[Swap, Move, Change], None]:
    def write(swap: Swap, _move: Move, gathered: Change) -> None:
        shift = _future(swap.shift_id, swap.asked_by_id, now)
        in_return = _future(swap.in_return_id, swap.asked_of_id, now) if swap.in_return_title else None
        _check(shift, swap.asked_of_id, in_return, now)
        _hand_to(shift, swap.asked_of_id)
        if in_return is not None:
            _hand_to(in_return, swap.asked_by_id)
        gathered.facts["shifts"] = [str(each.pk) for each in (shift, in_return) if each is not None]

    return write


def _hand_to(shift: DutyShift, who: UUID) -> None:
    shift.account_id, shift.swapped = who, True
    shift.save(update_fields=["account_id", "swapped"])


def void_lost(place_code: str, *, actor: Actor, now: datetime) -> None:
    """Requests whose shift was planned away are void; call when a rota has changed shifts."""
    waiting = Swap.objects.filter(place_code=place_code, state__in=[rules.ASKED, rules.AGREED])
    for swap in waiting:
        if swap.shift_id is None or (swap.in_return_title and swap.in_return_id is None):
            advance(swap, "void", actor=actor, now=now, reason=rules.PLANNED_ANEW, event=_told(now))


def _told(now: datetime) -> EventOf:
    def event(swap: Swap, _move: Move, _gathered: Change) -> Event:
        return _event(swap, now)

    return event


def _event(swap: Swap, now: datetime) -> door.SwapChanged:
    return door.SwapChanged(subject_id=swap.pk, place_code=swap.place_code, at=now, state=swap.state)
