"""``anlan bench command``: the duty desk under load, a change seen on other desks, resources recommended, a long incident looked back upon.

Each part is a module ``_command_<name>`` with ``measure(say) -> dict`` of figures and limits; a further part adds its name to :data:`PARTS`. The parts share
one database, kept where the server outlives the run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from json import dumps

ENTERPRISES = 20_000
PARTS = ("recommend", "aftermath", "desk", "live")


def _prepare(say: Callable[[str], None]) -> None:
    from tests.bench import desk

    desk.DATABASE, desk.ROWS = "anlan_bench_command", ENTERPRISES
    desk._prepare(say)


def main(*, json: bool = False, arguments: Sequence[str] = ()) -> dict[str, float]:
    """Run every part (or those named) and return their figures together."""

    def say(text: str) -> None:
        if not json:
            print(text, flush=True)  # noqa: T201 - a bench talks to whoever runs it

    _prepare(say)
    figures: dict[str, float] = {}
    for part in arguments or PARTS:
        figures |= import_module(f"tests.bench._command_{part}").measure(say)
    return figures


if __name__ == "__main__":
    from tests.bench import command

    print(dumps(command.main(json="--json" in sys.argv)))  # noqa: T201
