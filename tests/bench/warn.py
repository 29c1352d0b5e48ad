"""``anlan bench warn``: from an alarm to a stored risk grade, and everybody graded anew after an index change.

Each part is a module ``_warn_<name>`` with ``measure(say) -> dict`` of figures and limits; a further part adds its name to :data:`PARTS`. The parts share one
database with the synthetic enterprises of the other benches, kept where the server outlives the run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from json import dumps

SUBJECTS = int(os.environ.get("ANLAN_BENCH_SUBJECTS", "100000"))
"""Enterprises that are graded; a part of the synthetic ones is closed and is not."""
OPERATING = 0.92
PARTS = ("regrade", "fanout", "township_grid", "area")


def _prepare(say: Callable[[str], None]) -> None:
    from tests.bench import desk

    desk.DATABASE, desk.ROWS = "anlan_bench_warn", round(SUBJECTS / OPERATING * 1.02)
    desk._prepare(say)


def main(*, json: bool = False, arguments: Sequence[str] = ()) -> dict[str, float]:
    """Run every part (or those named) and return their figures together."""

    def say(text: str) -> None:
        if not json:
            print(text, flush=True)  # noqa: T201 - a bench talks to whoever runs it

    _prepare(say)
    figures: dict[str, float] = {}
    for part in arguments or PARTS:
        figures |= import_module(f"tests.bench._warn_{part}").measure(say)
    return figures


if __name__ == "__main__":
    from tests.bench import warn

    print(dumps(warn.main(json="--json" in sys.argv)))  # noqa: T201
