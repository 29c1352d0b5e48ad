"""Removes from the store what is older than it must be kept; the rules are in :mod:`anlan.sense.stream.retention`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import structlog

from anlan.ledger.process import pause
from anlan.sense.stream.expected import Expected
from anlan.sense.stream.retention import Removal, plan
from anlan.sense.stream.store import HOURS, MINUTES, TABLE, Store

log = structlog.get_logger()

TABLES: Mapping[str, str] = {"raw": TABLE, "minute": MINUTES, "hour": HOURS}
_TURN_SECONDS = 3600.0


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
            remove = partial(self._store.remove, timely=step.timely)
            await loop.run_in_executor(self._thread, remove, TABLES[step.resolution], step.partition, channels if step.classes else None)
            # A month's late readings may come after its rows were removed; then the next start removes them.
            self._done.add(step)
            self._removed.append((step, time.time_ns() // 1_000_000))
            log.info(
                "readings older than they must be kept were removed",
                resolution=step.resolution,
                partition=step.partition,
                classes=step.classes,
                late_readings_stay=step.timely,
            )
        return steps

    def told(self) -> dict[str, Any]:
        """What is in force and what was removed since this process began."""
        return {
            "removed": [
                {"table": step.resolution, "partition": step.partition, "classes": step.classes, "at": at}
                for step, at in self._removed[-50:]
            ]
        }
