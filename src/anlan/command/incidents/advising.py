"""Which response level the rules ask for, from what is known of an incident: level of accident, people in the zone, people missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from anlan.command.incidents import queries, rules
from anlan.command.incidents.models import Incident
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings

_ACCIDENT_LEVELS = {"I": 1, "II": 2, "III": 3, "IV": 4}
Counter = Callable[[UUID, datetime], int | None]
_counters: list[Counter] = []


def join(counter: Counter) -> None:
    """Let a room above count the people in the zone of its judgement; joining twice changes nothing."""
    if counter not in _counters:
        _counters.append(counter)


def recommended(incident: Incident, now: datetime) -> rules.Recommended:
    """The level that the rules of the day ask for, with the conditions met."""
    found = filings.filings(queries.linked(incident, "filing"), None)
    code = found[0].level_code if found else incident.level_code
    people = [count for counter in _counters if (count := counter(incident.pk, now)) is not None]
    facts = {
        "accident_level": _ACCIDENT_LEVELS.get(code),
        "people_in_zone": max(people, default=None),
        "missing": found[0].missing if found else None,
    }
    return rules.recommend_level(facts, law_day(now))


def reasons(advice: rules.Recommended) -> tuple[str, ...]:
    """The conditions met, in the reader's language, the gravest first."""
    english = get_language() == "en"
    return tuple(
        f"{row.label_en if english else row.label_zh}" + ("" if row.fact == "accident_level" else f" {value} ≥ {row.at_least}")
        for row, value in advice.reasons
    )


def told(incident: Incident, now: datetime) -> tuple[str, str]:
    """Level and reasons as a proposal keeps them."""
    advice = recommended(incident, now)
    return advice.level, "；".join(reasons(advice))
