"""What this room tells the record of a shelter: how many are there now. Runs in a transaction of its own and may run twice without harm."""

from __future__ import annotations

from anlan.command.evacuation import door
from anlan.ground.facilities import door as facilities
from anlan.kernel.access import system_actor

_KEEPER = system_actor("evacuation")


def fill_shelter(event: door.ShelterFilled) -> None:
    """The shelter's own record shows who is there, so that nobody else is sent to beds that are taken. An exercise fills no bed."""
    if not event.exercise:
        facilities.set_shelter(event.facility_id, occupied=event.people, actor=_KEEPER, now=event.at)
