"""The order in which a node comes up: each engine answers before the next part starts."""

from __future__ import annotations

import urllib.error
import urllib.request

from anlan.site.launcher import engines, supervision
from anlan.site.launcher.node import Node
from anlan.site.launcher.processes import DATABASE, LATER, SERVICES, STREAM, TELEMETRY
from anlan.site.launcher.supervision import Supervisor

ENGINE_SECONDS = 90.0
READY_SECONDS = 240.0


def prepare_engines(node: Node) -> None:
    """Write what the node's own engines need before they start."""
    if node.runs("postgres"):
        engines.prepare_postgres(node)
    if node.runs("nats"):
        engines.prepare_nats(node)


def start_engines(node: Node) -> None:
    """Start the engines one after the other and wait until each answers; addresses of others are only tried."""
    addresses = node.environment()
    database, stream, telemetry = (addresses[name] for name in ("ANLAN_DATABASE_URL", "ANLAN_NATS_URL", "ANLAN_TELEMETRY_URL"))
    supervision.start_stage(node, DATABASE)
    _wait(node, "postgres", lambda: engines.database_answers(database))
    engines.make_database(database)
    supervision.start_stage(node, STREAM)
    _wait(node, "nats", lambda: engines.port_answers(stream))
    supervision.start_stage(node, TELEMETRY)
    _wait(node, "telemetry", lambda: engines.port_answers(telemetry))


def _wait(node: Node, name: str, answers: engines.Answers) -> None:
    alive = (lambda: Supervisor(node).processes()[name]["statename"] != "FATAL") if node.runs(name) else (lambda: True)
    engines.wait(name, answers, ENGINE_SECONDS if node.runs(name) else 10, alive, node.logs / f"{name}.log")


def start_services(node: Node) -> None:
    """Start everything that works on the engines, wait until the node is ready, then let the demonstration's visitors in."""
    supervision.start_stage(node, SERVICES)
    engines.wait("web", lambda: ready(node), READY_SECONDS, lambda: not _fatal(node), node.logs / "web.log")
    supervision.start_stage(node, LATER)
    engines.wait("supervisor", lambda: _all_running(node), READY_SECONDS, lambda: not _fatal(node), node.logs / "supervisor.log")


def _all_running(node: Node) -> bool:
    return all(state["statename"] == "RUNNING" for state in Supervisor(node).processes().values())


def _fatal(node: Node) -> bool:
    return any(state["statename"] == "FATAL" for state in Supervisor(node).processes().values())


def ready(node: Node) -> bool:
    """Whether the node says of itself that it is ready for work."""
    return asked(node, "readyz") == 200


def asked(node: Node, path: str, seconds: float = 10) -> int | None:
    """HTTP status of one of the node's own addresses, or ``None`` when nobody answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(node.url + path, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None


def launch_again(node: Node) -> None:
    """Bring supervisor, engines and services up on data that is prepared already."""
    prepare_engines(node)
    supervision.launch(node)
    start_engines(node)
    start_services(node)
