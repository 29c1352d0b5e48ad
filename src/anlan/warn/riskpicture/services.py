"""Verbs of index versions: copy, change, put in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import NATION
from anlan.ledger import flows
from anlan.ledger.changes import change, permit
from anlan.warn.riskpicture import door, indices, refusals, versions
from anlan.warn.riskpicture.living import SYSTEM
from anlan.warn.riskpicture.models import Grade, IndexVersion, Run

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,39}")


def one(version_id: object) -> IndexVersion:
    """An index version. Raises ``NotFound``."""
    row = IndexVersion.objects.filter(pk=version_id).first()
    if row is None:
        raise NotFound(what=str(version_id))
    return row


def copy(version_id: object, name: str, *, note: str = "", actor: Actor, now: datetime) -> IndexVersion:
    """A new version with the tables of another one, to be changed. Raises ``VersionUnnamed``, ``VersionTaken``, ``NotPermitted``."""
    source = one(version_id)
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise refusals.VersionUnnamed()
    try:
        with transaction.atomic(), change(actor, "riskpicture.draft", now=now, place_code=actor.place_code) as made:
            row = IndexVersion(
                name=name,
                title=name,
                tables=dict(source.tables),
                digest=source.digest,
                based_on=source.name,
                state=versions.DRAFT,
                drafted_by_id=actor.account_id,
                drafted_by_name=actor.name,
                note=note.strip()[:2000],
                place_code=actor.place_code,
                opened_at=now,
                created_at=now,
                updated_at=now,
            )
            row.save(force_insert=True)
            flows.open_case(row, actor=actor, now=now)
            made.subject = row
    except IntegrityError as taken:
        raise refusals.VersionTaken(version=name) from taken
    return row


@transaction.atomic
def alter(version_id: object, table: str, values: Mapping[tuple[str, str], str], *, actor: Actor, now: datetime) -> IndexVersion:
    """Set cells of one table of a draft. What was back-tested is a draft again. Raises ``NotDraft``, ``IndexUnsound``, ``NotPermitted``."""
    row = _locked(version_id)
    permit(actor, "riskpicture.draft", record=row)
    if row.state not in (versions.DRAFT, versions.TESTED):
        raise refusals.NotDraft(version=row.name)
    tables = indices.changed(row.tables, table, values)
    indices.read(row.name, tables)
    if tables == row.tables:
        return row
    if row.state == versions.TESTED:
        flows.advance(row, "change", actor=actor, now=now)
    with change(actor, "riskpicture.draft", now=now, record=row):
        row.tables, row.digest = tables, indices.digest(tables)
        # Whoever changed it is among those who may not put it in force.
        row.drafted_by_id, row.drafted_by_name = actor.account_id, actor.name
        row.save()
    return row


@transaction.atomic
def enact(version_id: object, *, actor: Actor, now: datetime) -> IndexVersion:
    """Put a back-tested version in force, by somebody else than who drafted it; the one before goes out of force, and everybody is graded anew.

    Raises ``NotTested``, ``AlreadyRunning`` and the refusals of the flow (``FourEyes``, ``NotPermitted``).
    """
    from anlan.warn.riskpicture import running

    row = _locked(version_id)
    # It grades everybody on the node: whoever puts it in force answers for all of these places.
    permit(actor, "riskpicture.enact", place_code=whole_place())
    if row.state != versions.TESTED or row.tested_digest != row.digest:
        raise refusals.NotTested(version=row.name)
    running.refuse_second(Run.REGRADE)
    for old in IndexVersion.objects.select_for_update().filter(state=versions.LIVE):
        flows.advance(old, "retire", actor=SYSTEM, now=now, fields={"retired_at": now})
    flows.advance(
        row,
        "enact",
        actor=actor,
        now=now,
        fields={"enacted_at": now, "enacted_by_name": actor.name},
        event=lambda stored, _move, _made: door.IndexEnacted(
            subject_id=stored.pk, place_code=stored.place_code, at=now, version=stored.name, by_name=actor.name
        ),
    )
    running.start(row, Run.REGRADE, by_name=actor.name, now=now)
    return row


def whole_place() -> str:
    """The smallest place that holds every graded enterprise: its code padded to six digits."""
    ends = Grade.objects.aggregate(first=Min("place_code"), last=Max("place_code"))
    first, last = cast("str | None", ends["first"]), cast("str | None", ends["last"])
    if first is None or last is None:
        return NATION
    return next((first[:width].ljust(6, "0") for width in (6, 4, 2) if first[:width] == last[:width]), NATION)


def _locked(version_id: object) -> IndexVersion:
    row = IndexVersion.objects.select_for_update().filter(pk=version_id).first()
    if row is None:
        raise NotFound(what=str(version_id))
    return row
