"""``anlan bench``: runs ``tests/bench/<name>.py``; its last line of output is one JSON object of figures."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from anlan.site.environment import PROJECT
from anlan.site.launcher.say import Trouble, line
from anlan.site.launcher.scratch import scratch_node

BENCHES = PROJECT / "tests" / "bench"


def names() -> list[str]:
    """Every measurement there is."""
    return sorted(path.stem for path in BENCHES.glob("*.py") if not path.stem.startswith("_"))


def bench(arguments: list[str]) -> int:
    """Run one measurement on engines of its own, or all; with ``--json`` the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="anlan bench", description="Measure on this machine, on engines of its own.")
    parser.add_argument("name", nargs="?", help=f"one of: {', '.join(names()) or 'none in this checkout'}")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on the last line")
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.name is not None and chosen.name not in names():
        raise Trouble(f"There is no measurement {chosen.name!r}. There are: {', '.join(names())}.")
    sys.path.insert(0, str(PROJECT))
    figures: dict[str, object] = {}
    for name in [chosen.name] if chosen.name else names():
        module = import_module(f"tests.bench.{name}")
        with scratch_node(durable=True, telemetry=getattr(module, "NEEDS_TELEMETRY", False)):
            # A measurement returns its figures; its own further arguments are handed on.
            figures[name] = module.main(json=chosen.json, arguments=rest) if rest else module.main(json=chosen.json)
    line(json.dumps(figures[chosen.name] if chosen.name else figures, ensure_ascii=False))
    return 0


def folder() -> Path:
    """Where measurements may leave pictures and tables."""
    found = PROJECT / "build" / "bench"
    found.mkdir(parents=True, exist_ok=True)
    return found
