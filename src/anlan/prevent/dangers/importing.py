"""Hidden dangers from a spreadsheet: a thousand rows at a time, with one question to each room and one audit entry."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.utils.translation import gettext
from psycopg import sql

from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.changes import change, permit
from anlan.ledger.copying import Blank, copy_in
from anlan.ledger.flows import open_many
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import door, escalation, intake, queries, refusals, rules
from anlan.prevent.dangers.models import Danger
from anlan.prevent.dangers.services import level_of

FROM_A_LIST = N_("从台账导入")
_COPIED = (
    "title", "location", "description", "sector", "source", "found_at", "grade", "criterion", "grade_reason", "order_text", "order_basis",
    "deadline", "responsible_name", "outcome", "rectified_at", "rectified_by_name", "verdict", "verified_by_name",
)  # fmt: skip


def key_of(enterprise_id: UUID, number: str) -> UUID:
    """By what a danger of another system's list is known again: its enterprise and the number it has there."""
    return uuid5(enterprise_id, f"dangers:{number}")


def resolve(rows: Sequence[dict[str, Any]], *, actor: Actor, now: datetime) -> Mapping[int, tuple[str, Refusal]]:
    """Look up the enterprises that a batch names, fill in what follows from them, and judge each row by the law of its day.

    Into each good row go ``enterprise_id``, ``place_code``, ``state``, and under ``number`` the key of :func:`key_of`. Returns what is
    refused by index, with the column.
    """
    known = enterprises.by_credit_codes({row["uscc"] for row in rows}, None if actor.kind == "system" else actor)
    keys = [key_of(known[row["uscc"]].id, row["number"]) if row["uscc"] in known else None for row in rows]
    taken = set(Danger.objects.filter(source_id__among=[key for key in keys if key]).values_list("source_id", flat=True))
    refused: dict[int, tuple[str, Refusal]] = {}
    for index, (row, key) in enumerate(zip(rows, keys, strict=True)):
        enterprise = known.get(row["uscc"])
        if enterprise is None or key is None:
            refused[index] = ("uscc", refusals.EnterpriseUnknown(uscc=row["uscc"]))
            continue
        if key in taken:
            refused[index] = ("number", refusals.NumberTaken(number=row["number"]))
            continue
        row |= _of_enterprise(row, enterprise, actor)
        try:
            row["state"] = _judged(row, actor, now)
        except Invalid as refusal:
            name, why = next(iter(refusal.fields.items()))
            refused[index] = (name, why if isinstance(why, Refusal) else refusal)
        except Refusal as refusal:
            refused[index] = ("source", refusal)
        row |= {"external_number": row["number"], "number": key}
    return refused


def _of_enterprise(row: Mapping[str, Any], enterprise: enterprises.EnterpriseSummary, actor: Actor) -> dict[str, Any]:
    own = rules.SELF_CHECK if actor.enterprise_id is not None else rules.INSPECTION
    return {
        "enterprise_id": enterprise.id,
        "enterprise_name": enterprise.name,
        "place_code": enterprise.place_code,
        "classification": max(enterprise.classification, int(Classification.INTERNAL)),
        "longitude": enterprise.longitude,
        "latitude": enterprise.latitude,
        "sector": row.get("sector") or rules.SECTOR_OF.get(enterprise.sector_code, "other"),
        "source": row.get("source") or own,
    }


def _judged(row: dict[str, Any], actor: Actor, now: datetime) -> str:
    """The state in which the row stands. Raises ``Invalid``, ``SourceNotYours``."""
    if actor.enterprise_id is not None and row["source"] in rules.BUREAU_SOURCES:
        raise refusals.SourceNotYours(source=gettext(rules.SOURCES[row["source"]]))
    intake.check_times(row, now)
    state = intake.state_of(row)
    intake.check_people(row)
    day = law_day(row["found_at"])
    judged_by = queries.offered(row["sector"], row["found_at"])
    if row.get("criterion"):
        row["criterion"] = intake.criterion_of(row["criterion"], judged_by)
    intake.check_grade(row, judged_by, day=day, known=queries.every_criterion())
    return state


def import_dangers(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows, up to a thousand at once, with one audit entry and one announcement for all. Returns how many.

    Deadlines run from now; what is overdue already is told to those above by the next sweep. Raises ``NotPermitted``.
    """
    if not rows:
        return 0
    for row in rows:
        permit(actor, "dangers.import", place_code=row["place_code"], enterprise_id=row["enterprise_id"])
    late_hours = queries.parameter("late_hours", now)
    blank = Blank(Danger)
    made = [_danger(blank, row, actor, now, late_hours) for row in rows]
    _mark_repeated(made, now)
    with change(
        actor, "dangers.import", now=now, place_code=made[0].place_code, enterprise_id=actor.enterprise_id or made[0].enterprise_id
    ) as gathered:
        copy_in(made)
        open_many(made, actor=actor, now=now, reason=FROM_A_LIST)
        clocks.start_many(_clocks(made, rows, now))
        gathered.facts["imported"] = {row["external_number"]: str(danger.pk) for row, danger in zip(rows, made, strict=True)}
        gathered.announce(door.DangersImported(subject_id=made[0].pk, place_code=made[0].place_code, at=now, count=len(made)))
    return len(made)


def _danger(blank: Blank[Danger], row: Mapping[str, Any], actor: Actor, now: datetime, late_hours: int) -> Danger:
    state, ordered = row["state"], row["state"] == rules.ORDERED
    over = state == rules.CLOSED
    danger = blank(
        enterprise_id=row["enterprise_id"],
        place_code=row["place_code"],
        classification=row["classification"],
        created_at=now,
        updated_at=now,
        opened_at=now,
        state=state,
        source_id=row["number"],
        external_number=row["external_number"],
        location_key=rules.object_key(row["location"]),
        longitude=row["longitude"],
        latitude=row["latitude"],
        found_by_id=actor.account_id,
        found_by_name=actor.name,
        found_by_bureau=actor.enterprise_id is None and row["source"] != rules.SELF_CHECK,
        late=rules.is_late(row["found_at"], now, late_hours),
        closed_at=row["closed_at"] if over else None,
        **{name: row[name] for name in _COPIED if row.get(name) is not None},
    )
    if not over:
        danger.open_longitude, danger.open_latitude = danger.longitude, danger.latitude
    if danger.grade:
        danger.graded_at, danger.graded_by_name = now, actor.name
    if over:
        danger.verified_at = row["closed_at"]
        danger.was_overdue = danger.deadline is not None and row["rectified_at"] > danger.deadline
    if ordered:
        danger.first_deadline = danger.deadline
        danger.ordered_at, danger.ordered_by_id, danger.ordered_by_name = now, actor.account_id, actor.name
        danger.ordered_level, danger.supervisor_id = level_of(actor), actor.organisation_id
        danger.overdue = rules.is_overdue(state, danger.deadline, now)
        danger.next_step_at = _first_look(danger, now)
    return danger


def _first_look(danger: Danger, now: datetime) -> datetime | None:
    """When the sweep looks first at a danger that nobody was told of yet."""
    assert danger.deadline is not None
    steps = escalation.steps_for(queries.escalation_steps(danger.deadline), grade=danger.grade, place_code=danger.place_code)
    moments = [step.due_at(danger.deadline) for step in steps if not (step.is_reminder and step.due_at(danger.deadline) < now)]
    return min([*moments, danger.deadline])


def _mark_repeated(made: Sequence[Danger], now: datetime) -> None:
    """Flag dangers whose like was found within the time that counts as repeated, in the store or earlier in this batch.

    The store is asked once for all; see :func:`queries.like` for what is like.
    """
    months = queries.parameter("repeat_months", now)
    # By enterprise and item or place: when the newest was found, and its key where it stands in the store already. One of this batch is
    # written in the same statement and cannot be pointed at before; the flag says it all the same.
    newest: dict[tuple[UUID, str, str], tuple[float, UUID | None]] = {}
    stored = [
        (found_at, enterprise, criterion, location, pk, None) for pk, enterprise, criterion, location, found_at in _stored(made, months)
    ]
    fresh = [(each.found_at.timestamp(), each.enterprise_id, each.criterion, each.location_key, None, each) for each in made]
    for found_at, enterprise, criterion, location, pk, danger in sorted([*stored, *fresh], key=itemgetter(0)):
        keys = [key for key in ((enterprise, "criterion", criterion), (enterprise, "location", location)) if key[2]]
        if danger is not None:
            before = max((newest[key] for key in keys if key in newest), key=itemgetter(0), default=None)
            if before is not None and before[0] >= rules.add_months(danger.found_at, -months).timestamp():
                danger.repeated, danger.repeat_of_id = True, before[1]
        for key in keys:
            newest[key] = (found_at, pk)


def _stored(made: Sequence[Danger], months: int) -> Iterable[tuple[UUID, UUID, str, str, float]]:
    """What the store holds at these enterprises of the same items or places: key, enterprise, item, place, when found (seconds since 1970)."""
    since = rules.add_months(min(danger.found_at for danger in made), -months)
    items = {(danger.enterprise_id, danger.criterion) for danger in made if danger.criterion}
    places = {(danger.enterprise_id, danger.location_key) for danger in made if danger.location_key}
    found = [_stored_of(column, pairs, since) for column, pairs in (("criterion", items), ("location_key", places)) if pairs]
    return {row[0]: row for row in itertools.chain.from_iterable(found)}.values()


def _stored_of(column: str, pairs: Collection[tuple[UUID, str]], since: datetime) -> list[tuple[UUID, UUID, str, str, float]]:
    """Dangers of these pairs of enterprise and ``column``, each pair read from the index that begins with it."""
    pair_of = sql.SQL(
        "SELECT d.id, d.enterprise_id, d.criterion, d.location_key, extract(epoch FROM d.found_at)::float8 "
        "FROM unnest(%s::uuid[], %s::text[]) AS asked (enterprise, value) JOIN {table} AS d ON d.enterprise_id = asked.enterprise "
        "AND d.{column} = asked.value AND d.{column} <> '' "
        "WHERE d.found_at >= %s AND NOT d.exercise AND d.state <> %s"
    ).format(table=sql.Identifier(Danger._meta.db_table), column=sql.Identifier(column))
    with connection.cursor() as cursor:
        cursor.execute(pair_of, [[enterprise for enterprise, _ in pairs], [value for _, value in pairs], since, rules.CANCELLED])
        return cursor.fetchall()


def _clocks(made: Sequence[Danger], rows: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[clocks.Started]:
    """What each danger owes now: its grading, or its removal, and the report of a major one."""
    bureaus = organisations.bureaus_of({danger.place_code for danger in made})
    for danger, row in zip(made, rows, strict=True):
        owner = row["enterprise_name"]
        if danger.state == rules.FOUND:
            yield _clock(danger, "grade", now, None, owner)
        elif danger.state == rules.ORDERED:
            yield _clock(danger, "rectify", now, danger.deadline, owner, danger.ordered_by_name)
        if danger.grade == rules.MAJOR and danger.state != rules.CLOSED:
            bureau = bureaus.get(danger.place_code)
            yield _clock(danger, "report_major", now, None, owner, bureau.name if bureau is not None else "")


def _clock(danger: Danger, code: str, since: datetime, until: datetime | None, owed_by: str, owed_to: str = "") -> clocks.Started:
    row = queries.clock_row(code, since)
    return clocks.Started(danger, queries.clock_rule(row), since, until or row.until(since), owed_by, owed_to)
