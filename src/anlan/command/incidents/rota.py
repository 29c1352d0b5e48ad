"""Who is on duty, asked of whoever keeps the rota: duty stands above incidents and joins itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people

LEADER = "duty_leader"


class OnDuty(Protocol):
    """Somebody on duty, as far as command needs it."""

    @property
    def account_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Asker(Protocol):
    """The keeper of a rota: place, moment and kind of shift (``leader``, ``officer``, ``deputy``) → who is on duty."""

    def __call__(self, place_code: str, now: datetime, *, kind: str = "") -> Iterable[OnDuty]: ...


_askers: list[Asker] = []


def join(asker: Asker) -> None:
    """Let the keeper of a rota answer; joining twice changes nothing."""
    if asker not in _askers:
        _askers.append(asker)


@dataclass(frozen=True)
class Reachable:
    """Somebody who may be asked, with his telephone (may be empty); ``by_rota``: because he is on duty now."""

    account_id: UUID
    name: str
    phone: str
    by_rota: bool
    organisation_id: UUID | None = None


def on_duty(place_code: str, now: datetime, kind: str) -> tuple[Reachable, ...]:
    """Who is on duty at exactly a place."""
    return tuple(Reachable(each.account_id, each.name, each.phone, True) for ask in _askers for each in ask(place_code, now, kind=kind))


def leaders(place_code: str, now: datetime) -> tuple[tuple[Reachable, ...], ...]:
    """Leaders to ask, one group after the other: on duty at the place, the others who hold the post there, those of the bureau above."""
    first = on_duty(place_code, now, "leader")
    known = {each.account_id for each in first}
    others = tuple(each for each in _holders(place_code, now) if each.account_id not in known)
    bureau = organisations.bureau_of(place_code)
    upper = organisations.upper_of(bureau.id) if bureau is not None else None
    above = (on_duty(upper.place_code, now, "leader") or _holders(upper.place_code, now)) if upper is not None else ()
    return tuple(group for group in (first, others, above) if group)


def _holders(place_code: str, now: datetime, kind: str = LEADER) -> tuple[Reachable, ...]:
    return tuple(
        Reachable(each.account_id, each.name, each.phone, False, each.organisation_id)
        for each in people.holders_of(kind, place_code, now=now)
    )
