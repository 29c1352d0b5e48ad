"""How good an index version would have been: warnings held against what came true. Pure.

A warning is a span in which a subject's grade was orange or red. It was right when something came true while it stood or within ``horizon`` hours after it began or
ended; what came true was warned of when a span had begun before it and had not ended more than ``horizon`` before. A span is not judged before its horizon is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from anlan.warn.riskpicture import rules

WARNED = rules.ORANGE
"""Grades up to this one are warnings. Project default."""


@dataclass(frozen=True)
class Span:
    """A subject was warned of from ``since`` until ``until`` (seconds; ``None``: it still was at the end)."""

    subject: str
    since: float
    until: float | None


@dataclass(frozen=True)
class Outcome:
    """Something came true at a subject (seconds)."""

    subject: str
    at: float


@dataclass(frozen=True)
class Verdict:
    """``hit_rate`` of what came true, ``false_rate`` of the warnings that could be judged, per cent; ``lead_h`` median hours from warning to what
    came true; ``warned_share`` per cent of all subject-hours. ``None`` where there is nothing to divide by."""

    outcomes: int
    hits: int
    hit_rate: float | None
    lead_h: float | None
    warnings: int
    judged: int
    false_alarms: int
    false_rate: float | None
    warned_share: float | None


class Watch:
    """Turns grades, moment by moment, into spans. Moments come in order."""

    def __init__(self, opened: dict[str, float] | None = None) -> None:
        self.opened = dict(opened or {})
        self.spans: list[Span] = []

    def see(self, at: float, grades: Iterable[tuple[str, int]]) -> None:
        """Grades of all subjects at a moment."""
        for subject, grade in grades:
            if grade <= WARNED:
                self.opened.setdefault(subject, at)
            elif subject in self.opened:
                self.spans.append(Span(subject, self.opened.pop(subject), at))

    def closed(self) -> list[Span]:
        """Every span, those that still stand without an end."""
        return [*self.spans, *(Span(subject, since, None) for subject, since in self.opened.items())]


def judge(spans: Sequence[Span], outcomes: Sequence[Outcome], *, horizon_h: float, subjects: int, since: float, until: float) -> Verdict:
    """Hold warnings against what came true between ``since`` and ``until`` (seconds)."""
    horizon = horizon_h * 3600
    by_subject: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_subject[span.subject].append(span)
    leads = []
    true: set[Span] = set()
    for outcome in outcomes:
        warned = [
            span
            for span in by_subject.get(outcome.subject, ())
            if span.since < outcome.at and (span.until is None or outcome.at <= span.until + horizon)
        ]
        if warned:
            leads.append((outcome.at - max(span.since for span in warned)) / 3600)
            true.update(warned)
    judged = [span for span in spans if span in true or (span.until if span.until is not None else until) + horizon <= until]
    false = sum(span not in true for span in judged)
    warned_s = sum((until if span.until is None else span.until) - span.since for span in spans)
    whole = subjects * (until - since)
    return Verdict(
        outcomes=len(outcomes),
        hits=len(leads),
        hit_rate=_share(len(leads), len(outcomes)),
        lead_h=round(median(leads), 1) if leads else None,
        warnings=len(spans),
        judged=len(judged),
        false_alarms=false,
        false_rate=_share(false, len(judged)),
        warned_share=_share(warned_s, whole),
    )


def _share(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 1) if whole else None
