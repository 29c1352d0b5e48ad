"""Engines for an hour: a database and a message stream in a temporary folder, for tests and measurements; always stopped and removed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from anlan.site.launcher import engines
from anlan.site.launcher import node as nodes
from anlan.site.launcher.node import ENGINE_VARIABLES, Node

# Nothing of a test survives a power cut anyway.
CARELESS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def scratch_node(*, durable: bool = False, telemetry: bool = False) -> Iterator[Node]:
    """Run engines of one's own and point this process's environment at them.

    ``durable``: the database writes as in service (for measurements). ``telemetry``: the store of readings too.
    """
    home = Path(tempfile.mkdtemp(prefix="anlan-scratch-"))
    # Below a root node's folder PostgreSQL runs as another user, who must be able to enter.
    home.chmod(0o755)
    before = dict(os.environ)
    for variable in ENGINE_VARIABLES.values():
        os.environ.pop(variable, None)
    try:
        with ExitStack() as running:
            node = nodes.prepare(home, port=nodes.free_port(), host=None, empty=True, usual_ports=False)
            os.environ.update(node.environment())
            os.environ.pop("ANLAN_LOGS")
            _start(running, node, durable=durable, telemetry=telemetry)
            yield node
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(home, ignore_errors=True)


def _start(running: ExitStack, node: Node, *, durable: bool, telemetry: bool) -> None:
    addresses = node.environment()
    engines.prepare_postgres(node)
    command = [*engines.postgres_command(node), *(() if durable else CARELESS)]
    process = running.enter_context(_process(node, "postgres", command, signal.SIGINT))
    _wait(node, "postgres", process, lambda: engines.database_answers(addresses["ANLAN_DATABASE_URL"]))
    engines.make_database(addresses["ANLAN_DATABASE_URL"])
    engines.prepare_nats(node)
    process = running.enter_context(_process(node, "nats", engines.nats_command(node), signal.SIGTERM))
    _wait(node, "nats", process, lambda: engines.port_answers(addresses["ANLAN_NATS_URL"]))
    if telemetry:
        store = [sys.executable, "-m", "anlan.sense.stream.telemetry"]
        process = running.enter_context(_process(node, "telemetry", store, signal.SIGTERM))
        _wait(node, "telemetry", process, lambda: engines.port_answers(addresses["ANLAN_TELEMETRY_URL"]))


def _wait(node: Node, name: str, process: subprocess.Popen[bytes], answers: engines.Answers) -> None:
    engines.wait(name, answers, 60, lambda: process.poll() is None, node.logs / f"{name}.log")


@contextmanager
def _process(node: Node, name: str, command: list[str], end: signal.Signals) -> Iterator[subprocess.Popen[bytes]]:
    with (node.logs / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(end)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
