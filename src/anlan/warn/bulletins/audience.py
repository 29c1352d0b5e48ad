"""Whom a bulletin would be said to: how many in which role; over which channels and at what cost is added by the room that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from anlan.desk import panels
from anlan.ground.audiences import door as audiences
from anlan.kernel.errors import Refusal
from anlan.warn.bulletins import door, queries
from anlan.warn.bulletins.models import Bulletin

NAMED_ROLES = 6


@dataclass(frozen=True)
class Who:
    """People and devices of the register in an area: ``roles`` by name and number; ``not_told``: there is no ground for telling them at the level;
    ``without_point``: counted by their township alone. ``refusal``: why nobody was counted, in words."""

    people: int = 0
    roles: tuple[tuple[str, int], ...] = ()
    not_told: int = 0
    without_point: int = 0
    refusal: str = ""


@dataclass(frozen=True)
class Words:
    """What of a bulletin decides what telling it costs."""

    level: str
    exercise: bool
    issuer_name: str
    headline: str
    instruction: str


def of_area(area: audiences.Area, words: Words, place_code: str, request: HttpRequest) -> dict[str, Any]:
    """Context of ``bulletins/_audience.html``: ``who``, and the ``panels`` of rooms that carry the message; empty where no area is given."""
    if area.empty:
        return {}
    try:
        counted = audiences.count(area, level=words.level)
    except Refusal as refusal:
        return {"who": Who(refusal=refusal.message(_))}
    subject = door.Addressed(place_code, area, words.level, words.exercise, counted, words.issuer_name, words.headline, words.instruction)
    return {"who": _who(counted), "ways": panels.render(door.AUDIENCE_PAGE, subject, request)}


def _who(counted: audiences.Audience) -> Who:
    roles = tuple((audiences.role_name(code), number) for code, number in counted.by_role.items())
    return Who(counted.people, roles[:NAMED_ROLES], counted.not_told, counted.without_point)


def of_bulletin(bulletin: Bulletin, request: HttpRequest) -> dict[str, Any]:
    """As :func:`of_area`, of a bulletin as it stands."""
    area = audiences.Area(tuple(bulletin.area_codes), queries.polygons_of(bulletin), (bulletin.circle,) if bulletin.circle else ())
    words = Words(bulletin.level, bulletin.exercise, bulletin.issuer_name, bulletin.headline, bulletin.instruction)
    return of_area(area, words, bulletin.place_code, request)
