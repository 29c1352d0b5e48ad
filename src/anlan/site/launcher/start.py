"""``anlan start`` and ``anlan stop``."""

from __future__ import annotations

import argparse
import fcntl
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from anlan.site.launcher import node as nodes
from anlan.site.launcher import ordered, pages, preparation, supervision
from anlan.site.launcher.node import Node
from anlan.site.launcher.say import Trouble, line, progress, step

NEEDED_BYTES = 1_000_000_000


def start(arguments: list[str]) -> int:
    """Bring the node up; in the foreground, stay until Ctrl-C and stop it again."""
    parser = argparse.ArgumentParser(prog="anlan start", description="Set the node up if need be, and start it.")
    parser.add_argument("--empty", action="store_true", help="no demonstration data (chosen at the first start and kept)")
    parser.add_argument("--port", type=int, help=f"public port (default {nodes.DEFAULT_PORT}; kept for the next start)")
    parser.add_argument("--host", help="address to serve on (default 127.0.0.1; 0.0.0.0 for every network; kept)")
    parser.add_argument("--background", action="store_true", help="return as soon as the node is ready")
    chosen = parser.parse_args(arguments)
    home = nodes.home_folder()
    known = nodes.read(home)
    if known is not None and supervision.Supervisor(known).answers():
        if chosen.port not in {None, known.ports["web"]}:
            raise Trouble(f"The node runs already, at {known.url}. Stop it first: ./anlan stop")
        progress(f"The node runs already: {known.url}")
        return 0 if chosen.background else _follow(known)
    found = nodes.prepare(home, port=chosen.port, host=chosen.host, empty=chosen.empty)
    with _starting(found):
        _start(found)
    return 0 if chosen.background else _follow(found)


@contextmanager
def _starting(node: Node) -> Iterator[None]:
    """One start at a time for a data folder; whatever goes wrong, nothing is left half running."""
    with (node.run / "start.lock").open("w") as handle:
        if not _locked(handle):
            raise Trouble(f"Another start of {node.home} is under way. Wait for it, or look at: ./anlan status")
        previous = signal.signal(signal.SIGTERM, _interrupt)
        try:
            yield
        except BaseException:
            if supervision.Supervisor(node).answers():
                progress("Stopping what was started …")
                supervision.stop_all(node)
            raise
        finally:
            signal.signal(signal.SIGTERM, previous)


def _locked(handle: TextIO) -> bool:
    """Take the lock; try a few times, because a status asked at the same moment looks at it too."""
    for _ in range(5):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return True
    return False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(node: Node) -> None:
    free = shutil.disk_usage(node.home).free
    if free < NEEDED_BYTES:
        raise Trouble(
            f"Only {free / 1e6:.0f} MB are free on the disk of {node.home}; the node needs {NEEDED_BYTES / 1e9:.0f} GB. Free some space."
        )
    supervision.end_left_behind(node)
    nodes.check_web_port(node)
    pages.build_web()
    written = pages.compile_translations()
    if written:
        progress(f"Compiled {written} translations")
    with step("Starting the engines"):
        ordered.prepare_engines(node)
        supervision.launch(node)
        ordered.start_engines(node)
    preparation.prepare(node)
    with step("Starting the services"):
        ordered.start_services(node)
    _announce(node)


def _announce(node: Node) -> None:
    progress("Ready.")
    line()
    line(f"    Anlan 安澜   {node.url}")
    if node.runs("nats"):
        line(f"    devices      mqtt://{node.host}:{node.ports['mqtt']}")
    if node.field_ports:
        line("    field        " + ", ".join(f"{name} {node.field_host}:{port}" for name, port in node.field_ports.items()))
    line(f"    data         {node.home}")
    if node.demo:
        line()
        for text in preparation.demonstration_accounts(node):
            line(f"    {text}")
    line()


def _follow(node: Node) -> int:
    """Stay in the foreground; tell what falls and comes back; stop everything on Ctrl-C."""
    line("Press Ctrl-C to stop.")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    restarts = {name: seen.restarts for name, seen in supervision.recall(node).items()}
    missing_since: float | None = None
    try:
        while missing_since is None or time.monotonic() - missing_since < 60:
            time.sleep(1)
            missing_since = None if supervision.Supervisor(node).answers() else missing_since or time.monotonic()
            if missing_since is not None and not supervision.recall(node):
                progress("The node was stopped from elsewhere.")
                return 0
            for name, seen in supervision.recall(node).items():
                if seen.restarts > restarts.get(name, 0):
                    progress(f"{name} fell and was restarted (process {seen.pid}); ./anlan logs {name} says why")
                restarts[name] = seen.restarts
    except KeyboardInterrupt:
        line()
    progress("Stopping …")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    supervision.stop_all(node)
    progress("Stopped.")
    return 0


def stop(arguments: list[str]) -> int:
    """Stop the node in order; harmless when it does not run."""
    argparse.ArgumentParser(prog="anlan stop", description="Stop the node: web and intakes first, the database last.").parse_args(arguments)
    home = nodes.home_folder()
    found = nodes.read(home)
    running = found is not None and (supervision.Supervisor(found).answers() or bool(supervision.recall(found)))
    if found is None or not running:
        line(f"No node is running in {home}.")
        return 0
    progress("Stopping …")
    supervision.stop_all(found)
    progress("Stopped.")
    sys.stdout.flush()
    return 0
