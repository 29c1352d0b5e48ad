"""How long readings, minutes and hours are kept, by class of measuring point, and what there is to remove on a day. No store, no clock.

Readings that came late are kept longer than those that came in time (``late_days``): they may come years after their day, and by them alone a
reading that is sent once more is known for the same one and counted once. How long they are kept is how old a late reading may be.

Rows of ``data/retention.csv`` are dated and carry their source: what a law asks for is marked so, the rest are defaults of this project. Whole months that
no class keeps any more are dropped as partitions; of a month that some classes keep, the others' rows are removed. What completeness is proved by
(coverage, pauses, days) is not touched. A proof reckoned again over a month whose readings are gone differs from the one that was kept: it does not
name the row by which they went.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from anlan.ledger.sources import DatedRule, in_force, load_rules

RESOLUTIONS = ("raw", "minute", "hour")
_FILE = Path(__file__).parent / "data" / "retention.csv"
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True)
class RetentionRule(DatedRule):
    """How many days each resolution of a class is kept, and readings that came late; ``sensor_class`` ``*`` stands for every other class."""

    sensor_class: str
    raw_days: int
    late_days: int
    minute_days: int
    hour_days: int

    def days(self, resolution: str) -> int:
        """Days for ``raw``, ``late``, ``minute`` or ``hour``."""
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
    """One step: of ``resolution`` drop ``partition`` whole (``classes`` empty), or remove the rows of some classes from it.

    ``timely``: only what came in time goes; late readings stay.
    """

    resolution: str
    partition: str
    classes: tuple[str, ...] = ()
    timely: bool = False


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
            whole = {"raw": "late"}.get(resolution, resolution)
            over = {kind for kind, rule in of_class.items() if _last_day(name) < kept_since(rule, whole, day)}
            if len(over) == len(of_class):
                found.append(Removal(resolution, name))
                continue
            if gone := tuple(sorted(over - {"*"})):
                found.append(Removal(resolution, name, gone))
            timely = {kind for kind, rule in of_class.items() if _last_day(name) < kept_since(rule, resolution, day)}
            if len(timely) == len(of_class):
                found.append(Removal(resolution, name, timely=True))
            elif gone := tuple(sorted(timely - over - {"*"})):
                found.append(Removal(resolution, name, gone, timely=True))
    return found


@lru_cache(maxsize=4)
def _late_ms(day: date) -> dict[str, int]:
    return {name: rule.late_days * _DAY_MS for name, rule in rules_on(day).items()}


def late_from(sensor_class: str, now_ms: int) -> int:
    """The earliest time of a reading of ``sensor_class`` that is still kept when it comes at ``now_ms``; ms since 1970 UTC, 0 without any rule."""
    kept = _late_ms(date.fromordinal(_EPOCH + now_ms // _DAY_MS))
    days_ms = kept.get(sensor_class, kept.get("*", 0))
    return now_ms - days_ms if days_ms else 0
