"""``anlan bench``: runs ``tests/bench/<name>.py``; its last line of output is one JSON object of figures."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from importlib import import_module
from types import ModuleType

from anlan.site.environment import PROJECT
from anlan.site.launcher.say import Trouble, line, progress
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
    if chosen.name is None:
        return _all(rest)
    result = _measure(chosen.name, as_json=chosen.json, arguments=rest)
    if isinstance(result, int):
        return result
    line(json.dumps(result, ensure_ascii=False))
    return 0


def _all(arguments: list[str]) -> int:
    """Every measurement in a process of its own (each sets Django up in its own way); the last line holds all figures by name."""
    figures: dict[str, object] = {}
    worst = 0
    for name in names():
        command = [sys.executable, "-m", "anlan.site.launcher.main", "bench", name, "--json", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        said = done.stdout.strip().splitlines()
        progress(f"{name}: {said[-1] if said else 'said nothing'}")
        worst = max(worst, done.returncode)
        figures[name] = json.loads(said[-1]) if done.returncode in {0, 1} and said and said[-1].startswith("{") else None
    line(json.dumps(figures, ensure_ascii=False))
    return worst


def _measure(name: str, *, as_json: bool, arguments: list[str]) -> dict[str, object] | int:
    """Run one: it returns its figures, or prints them itself as one JSON line and returns an exit code."""
    module = import_module(f"tests.bench.{name}")
    # With a database in the environment that one is used, and what a measurement leaves there is found again by the next run.
    borrowed = os.environ.get("ANLAN_DATABASE_URL") or getattr(module, "OWN_NODE", False)
    engines = nullcontext() if borrowed else scratch_node(durable=True, telemetry=_needs_telemetry(module))
    with engines:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
        return module.main(json=as_json, **({"arguments": arguments} if arguments else {}))


def _needs_telemetry(module: ModuleType) -> bool:
    return bool(getattr(module, "NEEDS_TELEMETRY", False))
