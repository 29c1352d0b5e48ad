"""A year of hidden dangers of every enterprise of the demonstration, taken over from lists as a bureau would: by the room's own import."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.prevent.dangers import importing, queries, rules
from anlan.site.demo import bulk
from anlan.site.demo.cast import DEMONSTRATION
from anlan.site.demo.names import person
from anlan.site.demo.profile import Seen

SEED = 2018
_BASIS = "安全生产法第四十一条"
_DAY = timedelta(days=1)
_BATCH = 1000
_MAJOR_SHARE = 0.14
"""How often a danger is a major one, in trades whose criteria are published."""


def build(_plant: UUID, *, now: datetime) -> int:
    """Write the lists of the year and take them over; returns how many dangers there are. Raises ``ValueError`` where a line is refused."""
    draw = random.Random(SEED)
    rows: list[dict[str, Any]] = []
    for owner in bulk.owners():
        most = 2 if owner.staff < 20 else 4 if owner.staff < 300 else 6
        for number, seen in enumerate(_chosen(owner.profile.dangers, owner.profile.every_danger, draw.randint(1, most), draw)):
            rows.append(_row(owner, number, seen, draw, now))
    written = 0
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        refused = importing.resolve(batch, actor=DEMONSTRATION, now=now)
        for index, (column, refusal) in refused.items():
            raise ValueError(f"{batch[index]['title']}: {column}: {refusal}")
        written += importing.import_dangers(batch, actor=DEMONSTRATION, now=now)
    return written


def _chosen(own: Sequence[Seen], every: Sequence[Seen], count: int, draw: random.Random) -> list[Seen]:
    """Different dangers, the first of the trade's own, now and then a major one."""
    majors = [seen for seen in own if seen.criteria]
    first = draw.choice(majors) if majors and draw.random() < _MAJOR_SHARE else draw.choice([seen for seen in own if not seen.criteria])
    others = [seen for seen in every if seen is not first and not seen.criteria]
    return [first, *draw.sample(others, min(count - 1, len(others)))]


def _row(owner: bulk.Owner, number: int, seen: Seen, draw: random.Random, now: datetime) -> dict[str, Any]:
    """One line of a list: three in four are closed, of the rest a few are late."""
    age = draw.randint(20, 330)
    closed = draw.random() < 0.76
    if not closed:
        age = draw.randint(1, 24)
    found = (now - age * _DAY).replace(minute=30, second=0, microsecond=0)
    deadline = found + draw.choice((5, 7, 10, 15, 30)) * _DAY
    row: dict[str, Any] = {
        "uscc": owner.file.uscc,
        "number": f"{found:%Y}-{number + 1:03d}",
        "title": seen.title,
        "location": seen.location,
        "found_at": found,
        "source": draw.choice((rules.SELF_CHECK, rules.SELF_CHECK, rules.INSPECTION)),
    }
    if not closed and draw.random() < 0.3:
        return row
    criterion = _in_force(seen, owner.trade.sector, found)
    row |= {
        "grade": rules.MAJOR if criterion else rules.GENERAL,
        "criterion": criterion,
        "order_text": f"立即整改：{seen.title}",
        "order_basis": _BASIS,
        "deadline": deadline,
    }
    if closed:
        removed = found + draw.randint(1, 12) * _DAY
        row |= {
            "outcome": seen.done,
            "rectified_at": removed,
            "rectified_by_name": person(draw),
            "verdict": "现场复核合格",
            "verified_by_name": f"{person(draw)}（复核）",
            "closed_at": removed + 2 * _DAY,
        }
    return row


def _in_force(seen: Seen, sector: str, found: datetime) -> str:
    """The item that makes it major on the day it was found. Raises ``StopIteration`` where none of those named is in force."""
    if not seen.criteria:
        return ""
    offered = {each.code for each in queries.offered(rules.SECTOR_OF[sector], found).criteria}
    return next(code for code in seen.criteria if code in offered)
