"""Every process of a node, in one table: what it does, how it is started and stopped, and in which stage.

Stages start upward and stop downward: what takes in work stops before what keeps it. What may come seconds after the pages starts last (LATER):
a dozen programs that load at once on two processors would keep the pages waiting for each other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anlan.site.launcher import engines
from anlan.site.launcher.node import Node

DATABASE, STREAM, TELEMETRY, SERVICES, LATER = range(5)
WEB_WORKERS = 2


@dataclass(frozen=True)
class Service:
    """One supervised process.

    ``start_seconds``: it counts as running after staying up so long, before that a fall is retried with growing pauses.
    ``yields``: how far it stands back (nice 0 to 19) for what warns: the store may be seconds behind, an alarm may not.
    ``field_only``: it runs where a port for field equipment is open. ``whole_group``: signals go to its whole process group (PostgreSQL must get them alone: to its children they mean something else).
    """

    name: str
    does: str
    stage: int
    module: str = ""
    command: Callable[[Node], list[str]] | None = None
    demo_only: bool = False
    field_only: bool = False
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    start_seconds: int = 2
    whole_group: bool = True
    yields: int = 0

    def arguments(self, node: Node) -> list[str]:
        """The command line on this node."""
        command = self.command(node) if self.command is not None else [sys.executable, "-m", self.module]
        return ["nice", "-n", str(self.yields), *command] if self.yields else command


def _web_command(node: Node) -> list[str]:
    return [
        str(Path(sys.executable).parent / "granian"),
        *("--interface", "asgi", "--host", node.host, "--port", str(node.ports["web"])),
        *("--workers", str(WEB_WORKERS), "--workers-kill-timeout", "5", "--respawn-failed-workers", "--no-ws"),
        "anlan.site.asgi:application",
    ]


def _worker_command(lane: str) -> Callable[[Node], list[str]]:
    return lambda _node: [sys.executable, "-m", "anlan.site.worker", lane]


SERVICES_TABLE: tuple[Service, ...] = (
    Service(
        "postgres",
        "records (PostgreSQL)",
        DATABASE,
        command=engines.postgres_command,
        stop_signal="INT",
        stop_seconds=60,
        start_seconds=1,
        whole_group=False,
    ),
    Service("nats", "message stream, device MQTT (NATS)", STREAM, command=engines.nats_command, start_seconds=1, stop_seconds=30),
    Service(
        "telemetry", "store of readings (ClickHouse engine)", TELEMETRY, module="anlan.sense.stream.telemetry", stop_seconds=60, yields=5
    ),
    Service("gatekeeper", "admits devices to the stream", SERVICES, module="anlan.sense.devices.gatekeeper"),
    Service("intake", "turns device messages into readings", SERVICES, module="anlan.sense.stream.intake", stop_seconds=30),
    Service("detector", "compares readings with limits", SERVICES, module="anlan.sense.stream.detector", stop_seconds=30),
    Service("alarms", "turns detections into alarms", SERVICES, module="anlan.sense.alarms.intake"),
    Service("feed", "tells MQTT subscribers of observations", LATER, module="anlan.sense.things.feed", yields=5),
    Service("gateway", "field protocols: equipment that calls", SERVICES, module="anlan.sense.gateways.gateway", field_only=True),
    Service("fetcher", "field protocols: equipment that is asked, dropped files", LATER, module="anlan.sense.gateways.fetcher"),
    Service("sip", "video platforms (GB/T 28181 signalling)", LATER, module="anlan.sense.video.sip.process"),
    Service("cot", "field units (Cursor-on-Target)", LATER, module="anlan.command.field.port", yields=5),
    Service("dispatcher", "hands warnings to carriers, follows receipts", LATER, module="anlan.warn.channels.dispatcher", stop_seconds=30),
    Service("courier", "keeps the link to the node above", LATER, module="anlan.federation.courier", stop_seconds=40),
    Service("worker", "jobs that follow a change, legal clocks", LATER, command=_worker_command("urgent")),
    Service("clerk", "long jobs: imports, sweeps, replays, feeds", LATER, command=_worker_command("patient"), yields=5),
    Service("web", "pages, API, live stream", SERVICES, command=_web_command),
    Service("simulator", "demonstration devices", LATER, module="anlan.site.demo.simulator", demo_only=True),
)


def services(node: Node) -> tuple[Service, ...]:
    """What runs on this node: without engines that others run for it, and without demonstration devices when it is no demonstration."""
    return tuple(
        service
        for service in SERVICES_TABLE
        if node.runs(service.name) and (node.demo or not service.demo_only) and (node.field_ports or not service.field_only)
    )


def stages(node: Node) -> dict[int, list[Service]]:
    """The node's services by stage, lowest first."""
    found: dict[int, list[Service]] = {}
    for service in sorted(services(node), key=lambda service: service.stage):
        found.setdefault(service.stage, []).append(service)
    return found
