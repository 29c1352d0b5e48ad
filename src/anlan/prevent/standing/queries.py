"""Reads of gradings, and the tables of the guide as they hold on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import get_language

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import prefix_of
from anlan.ledger import sources
from anlan.ledger.scope import visible
from anlan.prevent.standing import rules
from anlan.prevent.standing.models import Grading

VIEW = "standing.view"
CHINA = ZoneInfo("Asia/Shanghai")
DIGITS = {"province": 2, "city": 4, "county": 6}
_DATA = Path(__file__).parent / "data"
R = TypeVar("R", bound=sources.DatedRule)


@cache
def _table(name: str, row_type: type[R]) -> tuple[R, ...]:
    return sources.load_rules(_DATA / f"{name}.csv", row_type)


def items(on: date) -> tuple[rules.Item, ...]:
    """The items in force on a day, in the order of the guide."""
    return sources.in_force(_table("items", rules.Item), on)


def parameter(code: str, on: date) -> rules.Parameter:
    """A figure in force on a day. Raises ``NotFound``."""
    for row in sources.in_force(_table("parameters", rules.Parameter), on):
        if row.code == code:
            return row
    raise NotFound(what=code)


def grade(counts: Mapping[str, int], on: date) -> rules.Result:
    """Grade by the items, bands and full score of a day."""
    bands = sources.in_force(_table("bands", rules.Band), on)
    return rules.grade(items(on), bands, counts, parameter("full_score", on).value)


def counts_of(entries: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
    """The counts alone of answers or of a review."""
    return {code: int(str(entry.get("count", 0))) for code, entry in entries.items()}


def worded(row: object, name: str) -> str:
    """A column that stands in two languages, in the reader's."""
    return str(getattr(row, f"{name}_en" if get_language() == "en" else f"{name}_zh"))


def gradings(actor: Actor | None) -> QuerySet[Grading]:
    """Gradings that ``actor`` may see; all for ``None``."""
    rows = Grading.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def grading(grading_id: UUID | str, actor: Actor | None) -> Grading:
    """One grading. Raises ``NotFound``."""
    found = gradings(actor).filter(pk=grading_id).first()
    if found is None:
        raise NotFound(what=str(grading_id))
    return found


def of_enterprise(enterprise_id: UUID, actor: Actor | None) -> list[Grading]:
    """Gradings of an enterprise, the newest year first."""
    return list(gradings(actor).filter(enterprise_id=enterprise_id).order_by("-year"))


def address(grading_id: UUID) -> str:
    """The page of a grading."""
    return reverse("standing:grading", args=[grading_id])


@dataclass(frozen=True)
class Region:
    """Accepted gradings of one region and year by colour; ``waiting``: sent in and not decided."""

    key: str
    red: int
    orange: int
    yellow: int
    blue: int
    waiting: int


def regions(actor: Actor, year: int, by: str = "county", place_code: str = "") -> tuple[Region, ...]:
    """Colours by province, city or county, worst first. Exercises are left out."""
    rows = visible(Grading.objects.filter(year=year, exercise=False), actor, VIEW)
    if place_code:
        rows = rows.filter(place_code__startswith=prefix_of(place_code))
    told = {colour: Count("pk", filter=Q(colour=colour)) for colour in rules.COLOURS}
    waiting = Count("pk", filter=Q(state=rules.SUBMITTED))
    counted = rows.order_by().annotate(region=Left("place_code", DIGITS[by])).values("region").annotate(**told, waiting=waiting)
    found = [Region(row.pop("region").ljust(6, "0"), **row) for row in counted]
    return tuple(sorted(found, key=lambda row: (-row.red, -row.orange, -row.yellow, row.key)))


def held_at(at: datetime, enterprise_ids: Collection[UUID] | None) -> QuerySet[Grading, Any]:
    """Enterprise, score and colour of the newest grading accepted by a moment. Exercises are left out."""
    rows = Grading.objects.filter(state=rules.ACCEPTED, exercise=False, review_score__isnull=False, reviewed_at__lte=at)
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    return rows.order_by("enterprise_id", "-year").distinct("enterprise_id").values_list("enterprise_id", "review_score", "colour")
