"""Accidents of an enterprise as the risk grading asks for them (应急〔2018〕19号, group 安全事故情况): proposals from what was reported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.urls import reverse

from anlan.ledger.sources import law_day
from anlan.prevent.standing import door as standing
from anlan.report.filings import queries, rules
from anlan.report.filings.models import Filing

PUBLIC_KINDS = frozenset({"explosion", "fire", "poisoning"})
"""Accidents that the guide names as having an effect on the public; others ("等") are for people to judge."""
NOT_OF_WORK = frozenset({"natural_disaster"})
_MAJOR, _LARGER, _ORDINARY = frozenset({"I", "II"}), "III", "IV"


def proposals(enterprise_id: UUID, day: date) -> dict[str, standing.Proposal]:
    """What the reports of the last three years say on the items of accidents, and whether there is none of five years; exercises, drafts and
    what was struck off do not count. Level and casualties are those of the newest version: an investigation may find others."""
    rows = (
        queries.filings(None)
        .filter(enterprise_id=enterprise_id, exercise=False)
        .exclude(state__in=[rules.DRAFT, rules.WITHDRAWN, rules.MERGED])
    )
    told = [row for row in rows.exclude(kind__in=NOT_OF_WORK).order_by("-occurred_at")[:200] if law_day(row.occurred_at) <= day]
    found = {code: _proposal(own, 1) for code, own in items(told, day).items() if own}
    five = _since(told, years_before(day, 5))
    # A bonus is for people to claim: that nothing was reported here does not prove that nothing happened.
    found["no_accident"] = _proposal(five, 0) if five else standing.Proposal(0, "no_accidents", "0")
    return found


def items(told: list[Filing], day: date) -> dict[str, list[Filing]]:
    """The accidents that each item speaks of, among those ``told`` until ``day``."""
    three = _since(told, years_before(day, 3))
    major = [row for row in three if row.level_code in _MAJOR]
    larger = [row for row in three if row.level_code == _LARGER]
    deadly = [row for row in three if row.level_code == _ORDINARY and (row.deaths or 0) in (1, 2)]
    newly = _since(deadly, years_before(day, 1))
    harmless = [row for row in three if row.kind in PUBLIC_KINDS and not (row.deaths or row.serious_injured or row.injured or row.missing)]
    return {
        "veto_accidents": [*major, *(larger if len(larger) > 1 else []), *(newly if len(newly) > 1 else [])],
        "accident_larger": larger,
        "accident_death": deadly,
        "accident_public": harmless,
    }


def _since(rows: Iterable[Filing], first: date) -> list[Filing]:
    return [row for row in rows if law_day(row.occurred_at) > first]


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; the last of February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _proposal(own: list[Filing], count: int) -> standing.Proposal:
    """Kind, day and level name an accident: its title is for those who may read the report."""
    kinds, levels = queries.every_kind(), queries.every_level()
    names = [
        f"{law_day(row.occurred_at).isoformat()} {kinds[row.kind].name_zh if row.kind in kinds else row.kind}"
        + (f"（{levels[row.level_code].name_zh}）" if row.level_code in levels else "")
        for row in own[:5]
    ]
    return standing.Proposal(count, "accidents", "、".join(names), url=reverse("filings:detail", args=[own[0].pk]))
