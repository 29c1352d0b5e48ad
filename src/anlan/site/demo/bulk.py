"""What all enterprises of the demonstration get at once: who they are, and rows written by COPY under one entry of the audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from anlan.ground.enterprises import door as enterprises
from anlan.ledger.changes import change
from anlan.ledger.copying import copy_in
from anlan.site.demo.cast import CITY, DEMONSTRATION
from anlan.site.demo.profile import Profile
from anlan.site.demo.profiles import profile_of
from anlan.site.demo.trades import Trade, trade_of


@dataclass(frozen=True)
class Owner:
    """One enterprise with its trade and what the trade keeps."""

    file: enterprises.EnterpriseSummary
    trade: Trade
    profile: Profile

    @property
    def staff(self) -> int:
        """How many people it has."""
        return self.file.staff_count or 0

    def base(self, at: datetime) -> dict[str, Any]:
        """The columns that every record of the enterprise has."""
        return {
            "enterprise_id": self.file.id,
            "place_code": self.file.place_code,
            "classification": self.file.classification,
            "created_at": at,
            "updated_at": at,
        }


def owners(but: UUID | None = None) -> list[Owner]:
    """Every enterprise of the demonstration but one, in the order of their credit codes: the same at each build."""
    found = []
    for file in sorted(enterprises.of_place(CITY, None, limit=1000), key=lambda each: each.uscc):
        trade = trade_of(file.sector_code, file.industry_code, file.name)
        if file.id != but:
            found.append(Owner(file, trade, profile_of(trade.code)))
    return found


def keep(action: str, tables: Iterable[Sequence[models.Model]], *, now: datetime) -> int:
    """Write rows of several tables, each of one model, those first to which others point; returns how many.

    One entry of the audit says how many of each there are. No announcements: nobody waits for the demonstration's past.
    """
    count = 0
    with change(DEMONSTRATION, action, now=now, place_code=CITY) as made:
        for rows in tables:
            if rows:
                made.facts[type(rows[0])._meta.label_lower] = copy_in(rows)
                count += len(rows)
    return count
