"""Watches the supervisor from inside: counts restarts, retries what was given up, and brings the supervisor back when it is killed.

The supervisor restarts this process, this process restarts the supervisor: whichever one is killed, the node comes back.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import psutil
import structlog

from anlan.kernel import logs
from anlan.site.launcher import node as nodes
from anlan.site.launcher import ordered
from anlan.site.launcher.node import Node
from anlan.site.launcher.processes import Service, services
from anlan.site.launcher.supervision import Seen, Supervisor, end_group, end_left_behind, recall, remember

POLL_SECONDS = 1.0
WATCH_PAUSE = 20.0

log = structlog.get_logger()


class Watch:
    """What is known of the services between two looks at the supervisor."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.seen = recall(node)
        self.given_up: dict[str, float] = {}

    def look(self, states: dict[str, dict[str, Any]], at: float) -> None:
        """Note new processes as restarts; try again what the supervisor gave up, after a pause."""
        table = {service.name: service for service in services(self.node)}
        for name, state in states.items():
            if name not in table:
                continue
            if state["pid"]:
                self._note(table[name], state["pid"])
            if state["statename"] == "FATAL":
                since = self.given_up.setdefault(name, at)
                if at - since >= WATCH_PAUSE:
                    log.warning("service.retried", service=name, said=state.get("spawnerr", ""))
                    Supervisor(self.node).start(name)
                    del self.given_up[name]
            else:
                self.given_up.pop(name, None)
        remember(self.node, self.seen)

    def _note(self, service: Service, pid: int) -> None:
        name = service.name
        before = self.seen.get(name)
        if before is not None and before.pid == pid:
            return
        try:
            began = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        restarts = 0 if before is None else before.restarts + 1
        self.seen[name] = Seen(pid, began, restarts)
        if before is not None:
            if service.whole_group:
                end_group(before.pid)
            log.warning("service.restarted", service=name, pid=pid, restarts=restarts)


def bring_back(node: Node) -> None:
    """The supervisor was killed: end what it left behind in order, then start everything anew."""
    restarts = recall(node)
    log.error("supervisor.killed", left=end_left_behind(node))
    # The new watch goes on counting.
    remember(node, restarts)
    ordered.launch_again(node)
    log.warning("supervisor.restarted")


def main() -> int:
    """Watch until told to stop (0) or until the supervisor had to be brought back (then a new watch runs below it)."""
    logs.configure()
    found = nodes.read(nodes.home_folder())
    if found is None:
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    supervisor_process = os.getppid()
    watch = Watch(found)
    while True:
        if os.getppid() != supervisor_process:
            bring_back(found)
            return 0
        try:
            states = Supervisor(found).processes()
        except OSError:
            states = {}
        watch.look(states, time.monotonic())
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
