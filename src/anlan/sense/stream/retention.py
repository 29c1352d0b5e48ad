"""How long readings, minutes and hours are kept, by class of measuring point, and what there is to remove on a day. No store, no clock.

Rows of ``data/retention.csv`` are dated and carry their source: what a law asks for is marked so, the rest are defaults of this project. Whole months that
no class keeps any more are dropped as partitions; of a month that some classes keep, the others' rows are removed. What completeness is proved by
(coverage, pauses, days) is not touched. A proof reckoned again over a month whose readings are gone differs from the one that was kept: it does not
name the row by which they went.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from anlan.ledger.sources import DatedRule, in_force, load_rules

RESOLUTIONS = ("raw", "minute", "hour")
_FILE = Path(__file__).parent / "data" / "retention.csv"


@dataclass(frozen=True, kw_only=True)
class RetentionRule(DatedRule):
    """How many days each resolution of a class is kept; ``sensor_class`` ``*`` stands for every other class."""

    sensor_class: str
    raw_days: int
    minute_days: int
    hour_days: int

    def days(self, resolution: str) -> int:
        """Days for ``raw``, ``minute`` or ``hour``."""
        return int(getattr(self, f"{resolution}_days"))


@cache
def table() -> tuple[RetentionRule, ...]:
    """Every row, in the order of the file."""
    return load_rules(_FILE, RetentionRule)


def rules_on(day: date) -> dict[str, RetentionRule]:
    """The rule of each class in force on ``day``; of several rows of a class the one that keeps the readings longest."""
    found: dict[str, RetentionRule] = {}
    for rule in in_force(table(), day):
        known = found.get(rule.sensor_class)
        if known is None or rule.raw_days > known.raw_days:
            found[rule.sensor_class] = rule
    return found


def kept_since(rule: RetentionRule, resolution: str, day: date) -> date:
    """The first day whose rows are still kept on ``day``."""
    return day - timedelta(days=rule.days(resolution))


@dataclass(frozen=True, slots=True)
class Removal:
    """One step: of ``resolution`` drop ``partition`` whole (``classes`` empty), or remove the rows of some classes from it."""

    resolution: str
    partition: str
    classes: tuple[str, ...] = ()


def _last_day(partition: str) -> date:
    """The last day of a partition named by year and month, or by year."""
    year, month = int(partition[:4]), int(partition[4:6] or 12)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def plan(partitions: Mapping[str, Iterable[str]], classes: Iterable[str], day: date) -> list[Removal]:
    """What to remove on ``day``. ``partitions`` by resolution; ``classes``: those that measuring points have."""
    rules = rules_on(day)
    of_class = {name: rules.get(name, rules["*"]) for name in {*classes, "*"}}
    found = []
    for resolution, names in partitions.items():
        for name in sorted(names):
            over = sorted(kind for kind, rule in of_class.items() if _last_day(name) < kept_since(rule, resolution, day))
            if len(over) == len(of_class):
                found.append(Removal(resolution, name))
            elif gone := tuple(kind for kind in over if kind != "*"):
                found.append(Removal(resolution, name, gone))
    return found
