"""Occupational health of the demonstration's enterprises besides its plant: factors of their trade, the newest results, examinations due."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from anlan.ledger.sources import law_day
from anlan.prevent.health import queries, rules
from anlan.prevent.health.models import Examination, Exposure, Result
from anlan.site.demo import bulk
from anlan.site.demo.cast import DEMONSTRATION
from anlan.site.demo.profile import Factor

SEED = 188
FEWEST_STAFF = 15
"""Smaller works have no list yet."""
_LATE_SHARE = 0.08
"""How often somebody has not been examined in time."""
_AGENCY = "示范职业卫生检测公司"
_DAY = timedelta(days=1)


def build(plant: UUID, *, now: datetime) -> int:
    """Write factors, results and examinations; returns how many enterprises have them."""
    draw = random.Random(SEED)
    tables: tuple[list[Any], ...] = ([], [], [])
    count = 0
    for owner in bulk.owners(but=plant):
        if not owner.profile.factors or owner.staff < FEWEST_STAFF:
            continue
        count += 1
        for factor in owner.profile.factors:
            _factor(tables, owner, factor, draw, now)
    bulk.keep("health.register", tables, now=now)
    return count


def _factor(tables: tuple[list[Any], ...], owner: bulk.Owner, factor: Factor, draw: random.Random, now: datetime) -> None:
    """One factor with its newest result, repeated on it as the room does, and the examination of those whom it reaches."""
    exposures, results, examinations = tables
    today = law_day(now)
    exposure = Exposure(
        **owner.base(now - 400 * _DAY),
        workplace=factor.place,
        category=factor.category,
        factor=factor.name,
        chemical_code=factor.chemical,
        people=max(1, round(owner.staff * factor.share)),
    )
    exposures.append(exposure)
    limit = _limit(factor)
    if limit is not None:
        measured = today - draw.randint(20, 340) * _DAY
        value = Decimal(
            str(round(factor.usual * draw.uniform(0.94, 1.04) if factor.unit == "dB(A)" else factor.usual * draw.uniform(0.4, 1.5), 1))
        )
        exposure.last_measured, exposure.last_over = measured, rules.over(value, limit["limit_value"])
        results.append(
            Result(
                **owner.base(now - 15 * _DAY),
                exposure=exposure,
                measured_on=measured,
                limit_kind=factor.kind,
                value=value,
                unit=factor.unit,
                over=exposure.last_over,
                agency=_AGENCY,
                by_name=DEMONSTRATION.name,
                **limit,
            )
        )
    whole = {"worker": f"{factor.place}班组", "people": exposure.people, "kind": rules.ON_JOB}
    due = today + draw.randint(10, 340) * _DAY
    examinations.append(Examination(**owner.base(now - 30 * _DAY), exposure=exposure, due_on=due, **whole))
    if draw.random() < _LATE_SHARE:
        few = {"worker": f"{factor.place}新入职人员", "people": draw.randint(1, 6), "kind": rules.PRE_JOB}
        late = today - draw.randint(1, 20) * _DAY
        examinations.append(Examination(**owner.base(now - 30 * _DAY), exposure=exposure, due_on=late, **few))


def _limit(factor: Factor) -> dict[str, Any] | None:
    """The limit as the catalogue of chemicals has it, else as the enterprise types it; ``None``: not measured."""
    known = queries.known_limit(factor.chemical, factor.kind, factor.unit) if factor.kind else None
    if known is not None:
        value, basis, status = known
        return {"limit_value": value, "limit_basis": basis[:300], "limit_source": rules.FROM_DATA, "limit_status": status}
    if factor.limit is None:
        return None
    typed = {"limit_basis": factor.basis, "limit_source": rules.ENTERED, "limit_status": "unverified"}
    return {"limit_value": Decimal(str(factor.limit)), **typed}
