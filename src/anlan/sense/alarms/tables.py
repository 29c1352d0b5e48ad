"""Figures of the life of alarms as dated data: how long an acknowledgement holds, who is told when, which happenings are alarms, what an
alarm turned out to be, and benchmarks. Files in ``data/``; a row without a standard behind it says so. No Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from anlan.ledger.sources import DatedRule, in_force, load_rules

_DATA = Path(__file__).parent / "data"

ACKNOWLEDGEMENT, SHELVING = "acknowledgement", "shelving"
ENTERPRISE, BUREAU = "enterprise", "bureau"
EVERY_OTHER = "*"


@dataclass(frozen=True, kw_only=True)
class Span(DatedRule):
    """A length of time by level: how long an acknowledgement holds without a measure, how long an alarm may be shelved (0: never)."""

    code: str
    level: int
    minutes: int

    @property
    def name(self) -> str:
        """What a node's own value for it is kept under."""
        return f"{self.code}.{self.level}"


@dataclass(frozen=True, kw_only=True)
class Step(DatedRule):
    """One rung of the ladder: ``after_minutes`` without acknowledgement the holders of ``post_kind`` are told.

    ``side``: posts of the enterprise, or of the bureau at ``place_level`` (county, city) above it.
    """

    level: int
    step: int
    side: str
    post_kind: str
    place_level: str
    after_minutes: int

    @property
    def name(self) -> str:
        """What a node's own value for it is kept under."""
        return f"escalation.{self.level}.{self.step}"

    @property
    def after(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(minutes=self.after_minutes)


@dataclass(frozen=True, kw_only=True)
class HappeningRule(DatedRule):
    """Of which level an alarm a happening of ``kind`` is; ``None``: it is none. ``*`` stands for every kind that has no row of its own."""

    kind: str
    level: int | None


@dataclass(frozen=True, kw_only=True)
class Finding(DatedRule):
    """What an alarm turned out to be. ``genuine``: there was something to be alarmed about."""

    code: str
    name_zh: str
    name_en: str
    genuine: bool


@dataclass(frozen=True, kw_only=True)
class Benchmark(DatedRule):
    """A figure of good alarm systems: up to ``acceptable`` it is good, up to ``manageable`` bearable, beyond it too much."""

    code: str
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    acceptable: float
    manageable: float

    def verdict(self, value: float | None) -> str:
        """``good``, ``bearable``, ``too_much``, or ``unknown`` where nothing was measured."""
        if value is None:
            return "unknown"
        return "good" if value <= self.acceptable else "bearable" if value <= self.manageable else "too_much"


@cache
def _spans() -> tuple[Span, ...]:
    return load_rules(_DATA / "life.csv", Span)


@cache
def _steps() -> tuple[Step, ...]:
    return load_rules(_DATA / "escalation.csv", Step)


@cache
def _happenings() -> tuple[HappeningRule, ...]:
    return load_rules(_DATA / "happenings.csv", HappeningRule)


@cache
def _findings() -> tuple[Finding, ...]:
    return load_rules(_DATA / "findings.csv", Finding)


@cache
def _benchmarks() -> tuple[Benchmark, ...]:
    return load_rules(_DATA / "benchmarks.csv", Benchmark)


def spans(on: date) -> tuple[Span, ...]:
    """Lengths of time in force on ``on``."""
    return in_force(_spans(), on)


def ladder(on: date, level: int | None = None) -> tuple[Step, ...]:
    """Rungs in force on ``on``, in their order, of one level or of all."""
    found = (step for step in in_force(_steps(), on) if level in (None, step.level))
    return tuple(sorted(found, key=lambda step: (step.level, step.step)))


def happening_rules(on: date) -> tuple[HappeningRule, ...]:
    """Which happenings are alarms on ``on``."""
    return in_force(_happenings(), on)


@lru_cache(4096)
def level_of_happening(kind: str, on: date) -> int | None:
    """The level of an alarm that a happening of ``kind`` is on ``on``, ``None`` when it is none. A kind without a row is never passed over."""
    rows = {rule.kind: rule.level for rule in happening_rules(on)}
    return rows[kind] if kind in rows else rows.get(EVERY_OTHER)


def findings(on: date) -> tuple[Finding, ...]:
    """What an alarm may be found to have been."""
    return in_force(_findings(), on)


def finding(code: str) -> Finding | None:
    """The finding named ``code``, whenever it was in force."""
    return next((row for row in _findings() if row.code == code), None)


def benchmarks(on: date) -> tuple[Benchmark, ...]:
    """Benchmarks in force on ``on``."""
    return in_force(_benchmarks(), on)
