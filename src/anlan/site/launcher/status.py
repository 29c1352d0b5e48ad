"""``anlan status``: what runs, since when, how often it fell; asked of the supervisor and of the operating system, never remembered."""

from __future__ import annotations

import argparse
import fcntl
import json
import time
from typing import Any

import httpx
import psutil

from anlan import __version__
from anlan.site.launcher import node as nodes
from anlan.site.launcher import ordered, supervision
from anlan.site.launcher.node import ENGINE_VARIABLES, Node
from anlan.site.launcher.processes import SERVICES_TABLE, services
from anlan.site.launcher.say import line

ASK_SECONDS = 2.0
EXIT_CODES = {"running": 0, "degraded": 1, "starting": 1, "stopped": 3}


def status(arguments: list[str]) -> int:
    """Print the state of the node; exit code 0 running, 1 degraded or starting, 3 stopped."""
    parser = argparse.ArgumentParser(prog="anlan status", description="Say how the node is.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    chosen = parser.parse_args(arguments)
    home = nodes.home_folder()
    found = nodes.read(home)
    report = (
        of(found) if found else {"url": None, "version": __version__, "home": str(home), "mode": None, "overall": "stopped", "services": []}
    )
    if chosen.json:
        line(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return EXIT_CODES[report["overall"]]


def of(node: Node) -> dict[str, Any]:
    """The report as ``status --json`` prints it."""
    supervisor = supervision.Supervisor(node)
    try:
        states = supervisor.processes()
    except OSError:
        states = {}
    seen = supervision.recall(node)
    rows = [_row(service.name, service.does, states.get(service.name), seen.get(service.name)) for service in services(node)]
    rows += [
        {"name": service.name, "does": service.does, "state": "external", "pid": None, "uptime_s": None, "restarts": 0}
        for service in SERVICES_TABLE
        if service.name in ENGINE_VARIABLES and not node.runs(service.name)
    ]
    disk = _disk(node) if states else None
    return {
        "url": node.url,
        "version": __version__,
        "home": str(node.home),
        "mode": "demo" if node.demo else "empty",
        "overall": _overall(node, rows, supervised=bool(states), refusing=bool(disk and disk["refusing"])),
        "supervisor": {"state": "running" if states else "stopped", "pid": supervision.supervisor_pid(node)},
        "disk": disk,
        "services": rows,
        "field": {protocol: f"{node.field_host}:{port}" for protocol, port in node.field_ports.items()},
    }


def _disk(node: Node) -> dict[str, Any] | None:
    """What the telemetry process says of the disk; ``None`` when it does not answer."""
    try:
        answer = httpx.get(f"{node.environment()['ANLAN_TELEMETRY_URL']}/disk", timeout=ASK_SECONDS, trust_env=False)
        return answer.raise_for_status().json()  # type: ignore[no-any-return]
    except (httpx.HTTPError, ValueError):
        return None


def _row(name: str, does: str, state: dict[str, Any] | None, seen: supervision.Seen | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "does": does,
        "state": "stopped",
        "pid": None,
        "uptime_s": None,
        "restarts": seen.restarts if seen else 0,
    }
    if state is None:
        # Without a supervisor: a process that it left behind still runs, but nobody would restart it.
        left = supervision.alive(seen) if seen else None
        return row if left is None else {**row, "state": "unsupervised", "pid": left.pid, "uptime_s": _age(left)}
    row["state"] = state["statename"].lower()
    try:
        process = psutil.Process(state["pid"]) if state["pid"] else None
        gone = process is None or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        process, gone = None, True
    if process is None or gone:
        # The supervisor looks once a second: a process killed this moment may still be "running" to it.
        return {**row, "state": "killed" if row["state"] in {"running", "starting"} else row["state"]}
    if seen is not None and seen.pid != process.pid:
        row["restarts"] += 1
    return {**row, "pid": process.pid, "uptime_s": _age(process)}


def _age(process: psutil.Process) -> int:
    return max(0, int(time.time() - process.create_time()))


def _overall(node: Node, rows: list[dict[str, Any]], *, supervised: bool, refusing: bool) -> str:
    states = {row["state"] for row in rows if row["state"] != "external"}
    if not supervised:
        return "degraded" if "unsupervised" in states else "starting" if start_under_way(node) else "stopped"
    if states <= {"running"}:
        return "running" if ordered.ready(node) and not refusing else "degraded"
    return "starting" if start_under_way(node) else "degraded"


def start_under_way(node: Node) -> bool:
    """Whether ``anlan start`` is at work on this node now."""
    with (node.run / "start.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _print(report: dict[str, Any]) -> None:
    line(f"Anlan {report['version']}: {report['overall']}" + (f", {report['mode']}, {report['url']}" if report["mode"] else ""))
    line(f"data in {report['home']}")
    if report.get("field"):
        line("field equipment: " + ", ".join(f"{protocol} {place}" for protocol, place in report["field"].items()))
    disk = report.get("disk")
    if disk and disk["refusing"]:
        line(
            f"disk {disk['used']}% used: NO READINGS ARE TAKEN IN, devices keep theirs and send them again. Make room below "
            f"{disk['resume_at']}%; the node then recovers by itself."
        )
    for row in report["services"]:
        age = "" if row["uptime_s"] is None else f"up {row['uptime_s'] // 3600}:{row['uptime_s'] // 60 % 60:02}:{row['uptime_s'] % 60:02}"
        fell = f"restarted {row['restarts']}×" if row["restarts"] else ""
        line(f"  {row['name']:<11} {row['state']:<12} {row['pid'] or '':>8}  {age:<12} {fell:<14} {row['does']}")
