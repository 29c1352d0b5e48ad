"""A whole demonstration node of one's own for a measurement: started by the launcher, watched by process, stopped and removed at the end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from anlan.site.environment import PROJECT
from anlan.site.launcher import node as nodes
from anlan.site.launcher.node import ENGINE_VARIABLES
from anlan.site.launcher.say import progress
from anlan.site.launcher.supervision import Supervisor

FLEET = "secrets/load-fleet.json"
_LAUNCHER = (sys.executable, "-m", "anlan.site.launcher.main")


@dataclass
class WholeNode:
    """The running node. ``environment``: of a command that works on it."""

    home: Path
    environment: dict[str, str]
    url: str
    addresses: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str, seconds: float = 3600, allowed: tuple[int, ...] = (0,)) -> str:
        """What ``anlan …`` prints on this node. Raises ``RuntimeError`` when it ended with a code that is not ``allowed``."""
        done = subprocess.run(
            (*_LAUNCHER, *arguments), env=self.environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True, timeout=seconds, check=False
        )
        if done.returncode not in allowed:
            raise RuntimeError(f"anlan {' '.join(arguments)} ended with {done.returncode}: {done.stdout[-800:]}")
        return done.stdout

    def beside(self, *arguments: str) -> subprocess.Popen[str]:
        """``anlan …`` going on beside the measurement."""
        return subprocess.Popen((*_LAUNCHER, *arguments), env=self.environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True)

    def ask(self, path: str, **parameters: object) -> Any:
        """What the telemetry process answers."""
        answer = httpx.get(f"{self.addresses['ANLAN_TELEMETRY_URL']}{path}", params=parameters, timeout=600)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer.json()

    def processes(self) -> dict[str, psutil.Process]:
        """The processes of the node by service."""
        # With its simulator at rest the node calls itself degraded, and the command says so by its exit code.
        done = subprocess.run(
            (*_LAUNCHER, "status", "--json"), env=self.environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True, timeout=60, check=False
        )
        told = json.loads(done.stdout)
        return {row["name"]: psutil.Process(row["pid"]) for row in told["services"] if row["pid"]}


@contextmanager
def whole_node() -> Iterator[WholeNode]:
    """A demonstration node on free ports, without its simulator, whose readings would mix with what is measured."""
    home = Path(tempfile.mkdtemp(prefix="anlan-bench-"))
    home.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name not in ENGINE_VARIABLES.values()}
    environment |= {"ANLAN_HOME": str(home)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    try:
        subprocess.run(
            (*_LAUNCHER, "start", "--background", "--port", str(nodes.free_port())),
            env=environment,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        found = nodes.read(home)
        assert found is not None
        Supervisor(found).stop("simulator")
        progress("a demonstration node runs, its simulator rests")
        yield WholeNode(home, environment, found.url.rstrip("/"), found.environment())
    finally:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run((*_LAUNCHER, "stop"), env=environment, cwd=PROJECT, stdout=subprocess.DEVNULL, timeout=180, check=False)
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time and megabytes by service, children included."""

    seconds: dict[str, float]
    megabytes: dict[str, int]


def usage(processes: dict[str, psutil.Process]) -> Usage:
    """What the services have used so far."""
    seconds: dict[str, float] = {}
    megabytes: dict[str, int] = {}
    for name, process in processes.items():
        with suppress(psutil.NoSuchProcess):
            family = [process, *process.children(recursive=True)]
            seconds[name] = sum(sum(one.cpu_times()[:2]) for one in family)
            megabytes[name] = round(sum(one.memory_info().rss for one in family) / 2**20)
    return Usage(seconds, megabytes)


def wait_until(true: Callable[[], bool], what: str, seconds: float) -> float:
    """Seconds until ``true``. Raises ``RuntimeError`` after ``seconds``."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.2)
    return time.monotonic() - began
