"""The index version in force, and the versions that come with the program."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.kernel.access import Classification, system_actor
from anlan.kernel.levels import NATION
from anlan.warn.riskpicture import indices, versions
from anlan.warn.riskpicture.models import IndexVersion
from anlan.warn.riskpicture.rules import Index

SYSTEM = system_actor("riskpicture")


def live_index(now: datetime) -> Index:
    """The index version in force. A node that has none yet starts with the first one delivered: it has no history to test it on."""
    row = IndexVersion.objects.filter(state=versions.LIVE).first()
    if row is None:
        take_delivered(now)
        row = IndexVersion.objects.get(state=versions.LIVE)
    return index_of(row)


def index_of(row: IndexVersion) -> Index:
    """The checked index of a version. Raises ``IndexUnsound``."""
    return indices.read(row.name, row.tables)


@transaction.atomic
def take_delivered(now: datetime) -> int:
    """Make rows of versions that came with the program and are not here yet; how many. The first of all is in force at once, later ones are drafts."""
    here = set(IndexVersion.objects.values_list("name", flat=True))
    count = 0
    for version in indices.delivered():
        if version in here:
            continue
        live = not IndexVersion.objects.exists()
        tables = indices.texts(version)
        IndexVersion.objects.bulk_create(
            [
                IndexVersion(
                    name=version,
                    title=version,
                    tables=tables,
                    digest=indices.digest(tables),
                    delivered=True,
                    state=versions.LIVE if live else versions.DRAFT,
                    enacted_at=now if live else None,
                    enacted_by_name=SYSTEM.name if live else "",
                    place_code=NATION,
                    classification=int(Classification.INTERNAL),
                    opened_at=now,
                    created_at=now,
                    updated_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        count += 1
    return count
