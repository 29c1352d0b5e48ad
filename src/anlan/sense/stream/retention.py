"""How long readings, minutes and hours are kept, by class of measuring point, and the removing of what is older.

Rows of ``data/retention.csv`` are dated and carry their source: what a law asks for is marked so, the rest are defaults of this project. Whole months that
no class keeps any more are dropped as partitions; of a month that some classes keep, the others' rows are removed. What completeness is proved by
(coverage, pauses, days) is not touched: a proof of a month whose readings are gone says that they are gone, and by which row.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from anlan.ledger.process import pause
from anlan.ledger.sources import DatedRule, in_force, load_rules
from anlan.sense.stream.expected import Expected
from anlan.sense.stream.store import HOURS, MINUTES, TABLE, Store

log = structlog.get_logger()

TABLES: Mapping[str, str] = {"raw": TABLE, "minute": MINUTES, "hour": HOURS}
_FILE = Path(__file__).parent / "data" / "retention.csv"
_TURN_SECONDS = 3600.0


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
    """One step: of ``table`` drop ``partition`` whole (``classes`` empty), or remove the rows of some classes from it."""

    table: str
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
                found.append(Removal(TABLES[resolution], name))
            elif gone := tuple(kind for kind in over if kind != "*"):
                found.append(Removal(TABLES[resolution], name, gone))
    return found


class Retention:
    """Removes what is older than it must be, once an hour; each step is done once."""

    def __init__(self, store: Store, expected: Expected, thread: ThreadPoolExecutor) -> None:
        self._store, self._expected, self._thread = store, expected, thread
        self._done: set[Removal] = set()
        self._removed: list[tuple[Removal, int]] = []

    async def watch(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            await self.turn(datetime.now(UTC).date())
            await pause(stop, _TURN_SECONDS)

    async def turn(self, day: date) -> list[Removal]:
        """Remove what is too old on ``day``; returns what was done."""
        loop = asyncio.get_running_loop()
        present = await loop.run_in_executor(self._thread, self._store.partitions)
        named = {resolution: present.get(name, ()) for resolution, name in TABLES.items()}
        classes = self._expected.classes
        steps = [step for step in plan(named, classes, day) if step not in self._done]
        for step in steps:
            channels = sorted(channel for name in step.classes for channel in classes.get(name, ()))
            await loop.run_in_executor(self._thread, self._store.remove, step.table, step.partition, channels if step.classes else None)
            # A month's late readings may come after its rows were removed; then the next start removes them.
            self._done.add(step)
            self._removed.append((step, time.time_ns() // 1_000_000))
            log.info("readings older than they must be kept were removed", table=step.table, partition=step.partition, classes=step.classes)
        return steps

    def told(self) -> dict[str, Any]:
        """What is in force and what was removed since this process began."""
        return {
            "removed": [
                {"table": step.table, "partition": step.partition, "classes": step.classes, "at": at} for step, at in self._removed[-50:]
            ]
        }
