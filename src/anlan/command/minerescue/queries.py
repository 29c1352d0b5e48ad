"""Reads of mine rescue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from anlan.command.minerescue import rules
from anlan.command.minerescue.door import MineRescueSummary
from anlan.command.minerescue.models import Entry, Hold, MinePlace, Operation, Report, Squad
from anlan.command.minerescue.network import Spot, Way
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day


def operations(actor: Actor | None) -> QuerySet[Operation]:
    """Operations that ``actor`` may see, newest first."""
    rows = Operation.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, "minerescue.view")


def operation(operation_id: UUID | str, actor: Actor | None) -> Operation:
    """One operation. Raises ``NotFound``."""
    return _one(operations(actor), operation_id)


def place(row: Operation, place_id: UUID | str) -> MinePlace:
    """One place of an operation. Raises ``NotFound``."""
    return _one(row.places.all(), place_id)


def squad(row: Operation, squad_id: UUID | str) -> Squad:
    """One squad of an operation. Raises ``NotFound``."""
    return _one(row.squads.all(), squad_id)


def entry(row: Operation, entry_id: UUID | str) -> Entry:
    """One entry of an operation. Raises ``NotFound``."""
    return _one(entries(row), entry_id)


def report(row: Operation, report_id: UUID | str) -> Report:
    """One report of an operation. Raises ``NotFound``."""
    return _one(reports(row), report_id)


def hold(row: Operation, hold_id: UUID | str) -> Hold:
    """One hold of an operation. Raises ``NotFound``."""
    return _one(row.holds.all(), hold_id)


def _one(rows: QuerySet, key: UUID | str):  # type: ignore[no-untyped-def,type-arg]
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(what=str(key))
    return found


def entries(row: Operation) -> QuerySet[Entry]:
    """Entries of an operation in order."""
    return row.entries.select_related("squad", "place", "operation")


def underground(row: Operation) -> list[Entry]:
    """Who is inside, whoever must be out first before the others."""
    return list(entries(row).filter(state__in=rules.UNDERGROUND).order_by("out_by", "id"))


def reports(row: Operation) -> QuerySet[Report]:
    """Reports that hold, newest first: what another one replaces is left out."""
    return row.reports.filter(replaced_by=None).select_related("place", "entry__squad").order_by("-at", "-id")


def holds(row: Operation, now: datetime) -> list[Hold]:
    """What forbids entry now, the longest first."""
    return list(row.holds.filter(lifted_at=None, until__gt=now).order_by("-until"))


def hold_name(kind: str, at: datetime) -> str:
    """What happened, in the reader's language."""
    row = rules.hold_rules(law_day(at)).get(kind)
    return kind if row is None else row.label_en if get_language() == "en" else row.label_zh


def standby(row: Operation, going: Squad) -> Squad | None:
    """A squad that stands by at the base while ``going`` goes in."""
    waiting = row.squads.filter(duty=rules.STANDBY).exclude(pk=going.pk)
    return waiting.exclude(entries__state__in=rules.UNDERGROUND).first()


def network(row: Operation) -> tuple[list[Spot], list[Way]]:
    """The network as it is written; sensors by their ids."""
    spots = [Spot(each.name, each.kind, each.x, each.y, each.minutes, tuple(each.sensor_ids)) for each in row.places.all()]
    ways = [Way(each.start.name, each.end.name, each.metres) for each in row.airways.select_related("start", "end")]
    return spots, ways


def summary(row: Operation, now: datetime) -> MineRescueSummary:
    """An operation as other rooms see it."""
    inside = underground(row)
    return MineRescueSummary(
        row.pk,
        row.title,
        row.get_state_label(),
        row.closed_at,
        len(inside),
        sum(len(each.pressures) for each in inside),
        sum(each.must_turn(now) for each in inside),
        next((each.until for each in holds(row, now)), None),
        row.exercise,
        address(row.pk),
    )


def address(operation_id: UUID) -> str:
    """Address of the operation's page."""
    return reverse("minerescue:detail", args=[operation_id])
