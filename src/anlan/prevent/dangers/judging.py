"""What judges one danger: the room's own lists, and beside them those that the sector packs of its enterprise hold.

Codes of a pack's lists and items carry their pack (``kites:wire``), so that neither hides the other.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from anlan.ground.packs import door as packs
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import criteria, queries
from anlan.prevent.dangers.models import Danger


def of(danger: Danger) -> criteria.Offered:
    """Lists and items by which a danger found on its day is major, of the room and of the packs in their versions of that day."""
    own = queries.offered(danger.sector, danger.found_at)
    held = packs.criteria_of(danger.enterprise_id, law_day(danger.found_at))
    return criteria.Offered(
        (*own.lists, *(_list(code, row, danger.sector) for code, row in held.lists)),
        (*own.criteria, *(_item(code, row) for code, row in held.criteria)),
    )


def item(code: str, found_at: datetime) -> criteria.Criterion | None:
    """The item of that code: of the room on any day, of a pack as it stood when the danger was found."""
    own = queries.criterion(code)
    held = packs.criterion(code, law_day(found_at)) if own is None else None
    return own if held is None else _item(code, held[1])


def list_of(found: criteria.Criterion | None, danger: Danger) -> criteria.CriteriaList | None:
    """The list that an item belongs to."""
    if found is None:
        return None
    own = next((row for row in queries.every_list() if row.code == found.list), None)
    held = packs.criterion(found.code, law_day(danger.found_at)) if own is None else None
    return own if held is None else _list(found.list, held[0], danger.sector)


def _list(code: str, row: packs.ListRow, sector: str) -> criteria.CriteriaList:
    told: dict[str, Any] = {each.name: getattr(row, each.name) for each in fields(row)}
    told |= {"code": code, "sector": sector, "judged_until": None}
    return criteria.CriteriaList(**told)


def _item(code: str, row: packs.CriterionRow) -> criteria.Criterion:
    told: dict[str, Any] = {each.name: getattr(row, each.name) for each in fields(row)}
    told |= {"code": code, "list": f"{code.partition(':')[0]}:{row.list}"}
    return criteria.Criterion(**told)
