"""``anlan logs``: the end of one service's log, or of all, and what is added while one watches."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from anlan.site.launcher import node as nodes
from anlan.site.launcher.say import Trouble, line

TAIL_BYTES = 200_000


def logs(arguments: list[str]) -> int:
    """Print the last lines of a log; with ``-f`` go on until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="anlan logs", description="Show the log of a service.")
    parser.add_argument("service", nargs="?", help="name as in ./anlan status; without it: the last lines of every service")
    parser.add_argument("-f", "--follow", action="store_true", help="go on showing what is added")
    parser.add_argument("-n", "--lines", type=int, default=None, help="how many lines (default 100, or 5 of every service)")
    chosen = parser.parse_args(arguments)
    folder = nodes.home_folder() / "logs"
    found = sorted(folder.glob("*.log"))
    if chosen.service:
        found = [path for path in found if path.stem == chosen.service]
    if not found:
        names = ", ".join(path.stem for path in sorted(folder.glob("*.log"))) or "none yet"
        raise Trouble(f"There is no such log in {folder}. Logs: {names}.")
    for path in found:
        if len(found) > 1:
            line(f"== {path.stem}")
        for text in tail(path, chosen.lines or (100 if len(found) == 1 else 5)):
            line(text)
    if chosen.follow:
        _follow(found)
    return 0


def tail(path: Path, count: int) -> list[str]:
    """The last lines of a file that may be large."""
    with path.open("rb") as handle:
        handle.seek(0, 2)
        handle.seek(max(0, handle.tell() - TAIL_BYTES))
        return handle.read().decode(errors="replace").splitlines()[-count:]


def _follow(paths: list[Path]) -> None:
    ends = {path: path.stat().st_size for path in paths}
    while True:
        for path, end in ends.items():
            size = path.stat().st_size if path.exists() else 0
            # A rotated log begins anew.
            start = end if size >= end else 0
            if size > start:
                with path.open("rb") as handle:
                    handle.seek(start)
                    for text in handle.read(size - start).decode(errors="replace").splitlines():
                        line(f"{path.stem}: {text}" if len(paths) > 1 else text)
            ends[path] = size
        time.sleep(0.5)
