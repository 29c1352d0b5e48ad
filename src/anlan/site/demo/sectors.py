"""Sector packs of the demonstration: those of the platform are loaded, and nearly every enterprise that one concerns has answered."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.ground.packs import queries, rules, services
from anlan.ground.packs.models import Pack, PackMark, SectorFacts
from anlan.ledger.sources import law_day
from anlan.site.demo import bulk
from anlan.site.demo.cast import DEMONSTRATION

SEED = 51
_SILENT = 0.1
"""Share of enterprises that have not answered yet."""
_SIZES = (0.5, 0.7, 0.85, 1.0, 1.0, 1.2)


def build(plant: UUID, *, now: datetime) -> int:
    """Load the packs, mark those that a person must mark, and answer; the plant always does. Returns how many enterprises have answered.

    Raises ``Invalid`` for an answer that a pack would refuse, ``ValueError`` for one to a pack that does not concern the trade.
    """
    services.load_built_in(actor=DEMONSTRATION, now=now)
    draw, day = random.Random(SEED), law_day(now)
    packs = {pack.code: (pack, queries.rows_of(pack, "fields", rules.FieldRow, day)) for pack in queries.of_day(day)}
    marks: list[PackMark] = []
    answers: list[SectorFacts] = []
    for owner in bulk.owners():
        marks += [
            PackMark(**owner.base(now), pack_code=code, applies=True, reason=reason, by_name=DEMONSTRATION.name)
            for code, reason in owner.profile.marked.items()
        ]
        silent = draw.random() < _SILENT and owner.file.id != plant
        for code, given in ({} if silent else owner.profile.answers).items():
            answers.append(_answered(owner, *packs[code], given, draw, now))
    bulk.keep("packs.fill", (marks, answers), now=now)
    return len({row.enterprise_id for row in answers})


def _answered(owner: bulk.Owner, pack: Pack, fields: Any, given: dict[str, object], draw: random.Random, now: datetime) -> SectorFacts:
    """The answers of one enterprise to one pack; quantities differ from works to works."""
    mark = True if pack.code in owner.profile.marked else None
    if not rules.concerns(queries.head(pack), sector=owner.trade.sector, industry=owner.trade.industry, mark=mark):
        raise ValueError(f"{pack.code} does not concern {owner.trade.code}")
    size = draw.choice(_SIZES)
    numbers = {row.code for row in fields if row.type == rules.NUMBER}
    told = {code: round(value * size, 1) if code in numbers and isinstance(value, int | float) else value for code, value in given.items()}
    values = rules.answers(fields, told)
    about = {"pack_code": pack.code, "edition": pack.edition, "number": 1, "by_name": DEMONSTRATION.name}
    return SectorFacts(**owner.base(now), **about, values=values, changed=sorted(values))
