"""Quality of duty 值守质量 by place and month: faults, answer times, deadlines missed. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anlan.command.duty import rules
from anlan.command.duty.models import Fault, Ring
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.ledger.sources import CHINA


@dataclass(frozen=True)
class Quality:
    """Figures of one place in one month: numbers of faults by kind, things that rang, how many were answered in time, median and longest seconds."""

    place_code: str
    handovers: int
    gaps: int
    unanswered: int
    missed_clocks: int
    rang: int
    in_time: int
    median_seconds: int | None
    longest_seconds: int | None


def month_span(month: date) -> tuple[datetime, datetime]:
    """From when to when a calendar month lasts in China."""
    first = month.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return datetime.combine(first, datetime.min.time(), CHINA), datetime.combine(after, datetime.min.time(), CHINA)


def of_month(month: date, actor: Actor) -> list[Quality]:
    """Figures of every place that ``actor`` may see and that has any, by place; exercises are left out."""
    since, until = month_span(month)
    limit = rules.TABLES.parameter("answer_seconds", month)
    faults: Counter[tuple[str, str]] = Counter(
        visible(Fault.objects.filter(happened_at__gte=since, happened_at__lt=until, exercise=False), actor, "duty.view").values_list(
            "place_code", "kind"
        )
    )
    rang = visible(Ring.objects.filter(since__gte=since, since__lt=until, exercise=False), actor, "duty.view")
    seconds: dict[str, list[int | None]] = {}
    missed: Counter[str] = Counter()
    for row in rang:
        seconds.setdefault(row.place_code, []).append(row.answer_seconds)
        missed[row.place_code] += row.kind == "clock"
    return [
        _figures(place_code, faults, missed, seconds.get(place_code, []), limit)
        for place_code in sorted({code for code, _kind in faults} | seconds.keys())
    ]


def _figures(place_code: str, faults: Counter[tuple[str, str]], missed: Counter[str], seconds: Sequence[int | None], limit: int) -> Quality:
    answered = sorted(each for each in seconds if each is not None)
    return Quality(
        place_code=place_code,
        handovers=faults[place_code, "handover"],
        gaps=faults[place_code, "gap"],
        unanswered=faults[place_code, "unanswered"],
        missed_clocks=missed[place_code],
        rang=len(seconds),
        in_time=sum(each <= limit for each in answered),
        median_seconds=answered[len(answered) // 2] if answered else None,
        longest_seconds=answered[-1] if answered else None,
    )
