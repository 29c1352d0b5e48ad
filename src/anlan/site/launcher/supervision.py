"""The supervisor (PyPI ``supervisor``): its configuration, the talk with it over a Unix socket, and the order of start and stop.

It restarts whatever falls, with growing pauses; :mod:`.watch` sees to it that it never gives up and that it comes back itself.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from anlan.site.launcher.engines import wait
from anlan.site.launcher.node import Node
from anlan.site.launcher.processes import Service, services, stages
from anlan.site.launcher.say import Trouble

WATCH = "watch"
# Pauses of 1, 2, … 8 s; then the supervisor gives up and the watch takes over (a try every WATCH_PAUSE seconds).
QUICK_RETRIES = 8
LOG_BYTES, LOG_COPIES = 20 * 2**20, 5
OPEN_FILES = 65536


def socket_path(node: Node) -> Path:
    """The supervisor's Unix socket."""
    return node.sockets / "supervisor.sock"


def configuration(node: Node) -> str:
    """The text of ``run/supervisor.conf``."""
    parts = [
        f"""\
[unix_http_server]
file={_plain(socket_path(node))}
chmod=0700

[supervisord]
nodaemon=true
silent=true
logfile={_plain(node.logs / "supervisor.log")}
logfile_maxbytes={LOG_BYTES}
logfile_backups={LOG_COPIES}
pidfile={_plain(node.run / "supervisor.pid")}
childlogdir={_plain(node.logs)}
directory={_plain(node.home)}
minfds=256
{"user=root" if os.geteuid() == 0 else ""}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    ]
    watch = Service(WATCH, "", 0, module="anlan.site.launcher.watch", stop_seconds=5)
    parts += [_program(node, service) for service in services(node)]
    parts.append(_program(node, watch, autostart=True))
    return "\n".join(parts)


def _plain(value: object) -> str:
    return str(value).replace("%", "%%")


def _program(node: Node, service: Service, *, autostart: bool = False) -> str:
    group = "true" if service.whole_group else "false"
    return f"""\
[program:{service.name}]
command={_plain(shlex.join(service.arguments(node)))}
autostart={"true" if autostart else "false"}
autorestart=true
startsecs={service.start_seconds}
startretries={QUICK_RETRIES}
stopsignal={service.stop_signal}
stopwaitsecs={service.stop_seconds}
stopasgroup={group}
killasgroup={group}
redirect_stderr=true
stdout_logfile={_plain(node.logs / service.name)}.log
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups={LOG_COPIES}
"""


class Supervisor:
    """A talk with the supervisor of a node; every method raises ``ConnectionError`` when none answers."""

    def __init__(self, node: Node) -> None:
        self._path = socket_path(node)

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._path}")
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except xmlrpc.client.ProtocolError as error:
            raise ConnectionError(error.errmsg) from error
        except OSError as error:
            raise ConnectionError(str(error)) from error
        finally:
            transport.close()

    def answers(self) -> bool:
        """Whether a supervisor is there and in service."""
        try:
            return self._call("getState")["statename"] == "RUNNING"
        except OSError:
            return False

    def processes(self) -> dict[str, dict[str, Any]]:
        """State of every program as the supervisor sees it."""
        return {entry["name"]: entry for entry in self._call("getAllProcessInfo")}

    def start(self, name: str) -> None:
        """Begin to start a program; harmless when it runs."""
        self._forgiving("startProcess", name, False)

    def stop(self, name: str) -> None:
        """Begin to stop a program; harmless when it does not run."""
        self._forgiving("stopProcess", name, False)

    def _forgiving(self, method: str, *arguments: object) -> None:
        try:
            self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            # 10 BAD_NAME: not configured on this node; 60 ALREADY_STARTED; 70 NOT_RUNNING; 50 SPAWN_ERROR is retried by the supervisor.
            if fault.faultCode not in {10, 50, 60, 70}:
                raise

    def end(self) -> None:
        """Ask the supervisor to end."""
        self._call("shutdown")


def launch(node: Node) -> None:
    """Start a supervisor for the node, detached from this terminal, and wait until it answers."""
    config = node.run / "supervisor.conf"
    config.touch(mode=0o600)
    config.write_text(configuration(node))
    environment = {**os.environ, **node.environment()}
    _raise_file_limit()
    with (node.logs / "supervisor.out").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(config)],
            env=environment,
            cwd=node.home,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    wait("supervisor", Supervisor(node).answers, 20, lambda: process.poll() is None, node.logs / "supervisor.out")


def _raise_file_limit() -> None:
    """Two thousand devices and their streams need more open files than the usual 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def start_stage(node: Node, stage: int) -> None:
    """Begin to start every service of a stage."""
    supervisor = Supervisor(node)
    for service in stages(node).get(stage, []):
        supervisor.start(service.name)


def given_up(node: Node, names: Iterable[str]) -> list[str]:
    """Which of the services fell so often that the supervisor pauses or gave up."""
    states = Supervisor(node).processes()
    return [name for name in names if states.get(name, {}).get("statename") in {"BACKOFF", "FATAL", "EXITED"}]


def stop_all(node: Node, *, seconds: float = 120) -> None:
    """Stop stage after stage, highest first, then the supervisor. What a dead supervisor left behind is ended too."""
    supervisor = Supervisor(node)
    if not supervisor.answers():
        end_left_behind(node)
        return
    # Not from the supervisor's present list: the table may have changed since it was started.
    running = supervisor.processes()
    supervisor.stop(WATCH)
    order = sorted(stages(node).items(), reverse=True)
    known = {service.name for _, found in order for service in found}
    for names in ([name for name in running if name not in known], *([service.name for service in found] for _, found in order)):
        for name in names:
            supervisor.stop(name)
        _wait_stopped(supervisor, names, seconds)
    pid = supervisor_pid(node)
    supervisor.end()
    if pid is not None:
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=30)
    _state_file(node).unlink(missing_ok=True)
    if node.sockets != node.run:
        shutil.rmtree(node.sockets, ignore_errors=True)


def _wait_stopped(supervisor: Supervisor, names: Iterable[str], seconds: float) -> None:
    until = time.monotonic() + seconds
    waiting = set(names)
    while waiting:
        states = supervisor.processes()
        waiting = {name for name in waiting if states.get(name, {}).get("statename") in {"STOPPING", "RUNNING", "STARTING"}}
        if waiting and time.monotonic() > until:
            raise Trouble(
                f"{', '.join(sorted(waiting))} did not stop within {seconds:.0f} s. Try again, or look at: ./anlan logs supervisor"
            )
        if waiting:
            time.sleep(0.1)


def supervisor_pid(node: Node) -> int | None:
    """The supervisor's process id, when it wrote one that still lives."""
    try:
        pid = int((node.run / "supervisor.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if psutil.pid_exists(pid) else None


@dataclass(frozen=True)
class Seen:
    """A service as the watch last saw it: enough to know its process again after the supervisor is gone."""

    pid: int
    began: float
    restarts: int


def _state_file(node: Node) -> Path:
    return node.run / "processes.json"


def remember(node: Node, seen: Mapping[str, Seen]) -> None:
    """Keep what the watch saw."""
    draft = _state_file(node).with_suffix(".new")
    draft.write_text(json.dumps({name: [one.pid, one.began, one.restarts] for name, one in seen.items()}))
    draft.replace(_state_file(node))


def recall(node: Node) -> dict[str, Seen]:
    """What the watch last saw; empty when it saw nothing."""
    try:
        return {name: Seen(*values) for name, values in json.loads(_state_file(node).read_text()).items()}
    except (OSError, ValueError, TypeError):
        return {}


def alive(seen: Seen) -> psutil.Process | None:
    """The very process that was seen, or ``None`` when it has ended (its number may belong to another by now)."""
    try:
        process = psutil.Process(seen.pid)
        same = abs(process.create_time() - seen.began) < 2 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if same else None


def end_group(leader: int) -> None:
    """Kill what is left of a service's process group after its leader was killed (a web server's workers hold its port)."""
    for process in psutil.process_iter():
        try:
            if process.pid != leader and os.getpgid(process.pid) == leader and process.ppid() in {1, leader}:
                process.kill()
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue


def end_left_behind(node: Node) -> list[str]:
    """End services whose supervisor was killed, highest stage first; returns their names."""
    seen = recall(node)
    ended: list[str] = []
    for _, found in sorted(stages(node).items(), reverse=True):
        left = {service: process for service in found if service.name in seen and (process := alive(seen[service.name]))}
        for service, process in left.items():
            process.send_signal({"INT": 2, "TERM": 15}[service.stop_signal])
            ended.append(service.name)
        _, stubborn = psutil.wait_procs(list(left.values()), timeout=30)
        for process in stubborn:
            process.kill()
        for service in found:
            if service.name in seen and service.whole_group:
                end_group(seen[service.name].pid)
    _state_file(node).unlink(missing_ok=True)
    socket_path(node).unlink(missing_ok=True)
    return ended
