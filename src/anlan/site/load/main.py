"""``anlan load-telemetry``: let a great number of devices speak to this node and say what became of every message.

Only ever against loopback: it is made to bring a node to its limits.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from anlan.kernel.errors import Refusal
from anlan.site.launcher.say import Trouble, line, progress
from anlan.site.load import sending
from anlan.site.load.faults import Fault
from anlan.site.load.fleet import Fleet, read, write
from anlan.wire.addresses import MQTT

FIELD = ("hj212", "jt808")
POINTS = 60
"""Readings in a message as an enterprise sends them."""


def load_telemetry(arguments: list[str]) -> int:
    """Entry of the command; 1 when messages stayed without acknowledgement or a device was turned away."""
    asked = _parser().parse_args(arguments)
    where = _where(asked.url or _usual(asked.protocol))
    fleet = _fleet(asked)
    if asked.only_fleet:
        return 0
    if len(fleet.links) < asked.devices:
        raise Trouble(f"The fleet has {len(fleet.links)} links, {asked.devices} were asked for. Make a larger one: --make {asked.devices}")
    if asked.protocol != MQTT and any(asked.protocol not in link.addresses for link in fleet.links[: asked.devices]):
        raise Trouble(f"The fleet has no {asked.protocol} addresses. Make one: --protocol {asked.protocol} --make {asked.devices}")
    faults = frozenset(Fault(word) for word in asked.faults)
    if asked.protocol != MQTT and faults - {Fault.DROP}:
        raise Trouble(f"Of the faults only {Fault.DROP} is known to {asked.protocol}.")
    plan = sending.Plan(where, asked.rate, asked.seconds, asked.samples, asked.spacing_ms, asked.window, faults, protocol=asked.protocol)
    tally, seconds = asyncio.run(sending.run(fleet.links[: asked.devices], plan, _tell))
    unanswered = tally.sent - tally.acknowledged
    figures = {
        "protocol": asked.protocol,
        "devices": asked.devices,
        "seconds": round(seconds, 1),
        "readings_acknowledged": tally.readings,
        "readings_per_s": round(tally.readings / seconds),
        "messages_sent": tally.sent,
        "messages_acknowledged": tally.acknowledged,
        "messages_unacknowledged": unanswered,
        "messages_sent_again": tally.again,
        "garbage_sent": tally.garbage,
        "held_back": tally.held_back,
        "links_lost": tally.lost_links,
        "turned_away": tally.refused,
        "p50_acknowledged_ms": tally.percentile(0.5),
        "p99_acknowledged_ms": tally.percentile(0.99),
    }
    if asked.json:
        line(json.dumps(figures))
    else:
        for name, value in figures.items():
            line(f"{name:<26} {value}")
    return 1 if unanswered or tally.refused else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anlan load-telemetry", description="Devices in great number, speaking to this node.")
    parser.add_argument("--protocol", choices=(MQTT, *FIELD), default=MQTT, help="what the devices speak (mqtt)")
    parser.add_argument("--devices", type=int, default=200, help="connections, each a device of the fleet (200)")
    parser.add_argument(
        "--rate", type=float, default=10_000, help="readings per second over all devices; 0: as fast as acknowledged (10,000)"
    )
    parser.add_argument("--seconds", type=float, default=30, help="how long (30)")
    parser.add_argument("--samples", type=int, default=1, help="moments in a message, as a device sends that buffered them (1)")
    parser.add_argument("--spacing-ms", type=int, default=1, help="milliseconds between those moments (1)")
    parser.add_argument("--window", type=int, default=4, help="messages on the way per device where --rate is 0 (4)")
    parser.add_argument("--faults", type=_faults, default=[], metavar="A,B", help=f"misbehave in: {', '.join(Fault)}; one message in 200")
    parser.add_argument("--fleet", type=Path, help="file of the fleet (default: secrets/load-fleet.json of the node)")
    parser.add_argument(
        "--make", type=int, default=0, metavar="N", help="first register a new fleet of N invented devices (demonstration nodes only)"
    )
    parser.add_argument(
        "--also",
        type=_protocols,
        default=[],
        metavar="A,B",
        help=f"field protocols in which the devices made get names: {', '.join(FIELD)}",
    )
    parser.add_argument("--points", type=int, default=POINTS, help=f"points of each device made ({POINTS})")
    parser.add_argument("--only-fleet", action="store_true", help="stop after making the fleet")
    parser.add_argument("--url", help="where to send to, on this machine (default: the node's own port of the protocol)")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object")
    return parser


def _faults(words: str) -> list[str]:
    wrong = [word for word in words.split(",") if word not in set(Fault)]
    if wrong:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(wrong)}; there are: {', '.join(Fault)}")
    return words.split(",")


def _protocols(words: str) -> list[str]:
    wrong = [word for word in words.split(",") if word not in FIELD]
    if wrong:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(wrong)}; there are: {', '.join(FIELD)}")
    return words.split(",")


def _usual(protocol: str) -> str:
    """The node's own port of a protocol. Raises ``Trouble`` when it is closed."""
    if protocol == MQTT:
        return os.environ.get("ANLAN_MQTT_URL", "mqtt://127.0.0.1:1883")
    ports = dict(part.split("=", 1) for part in os.environ.get("ANLAN_GATEWAY_LISTEN", "").split(",") if "=" in part)
    if protocol not in ports:
        raise Trouble(f"This node does not listen for {protocol}. Open its port: ANLAN_FIELD_PORTS={protocol}=PORT ./anlan start")
    return f"{protocol}://{ports[protocol].replace('0.0.0.0', '127.0.0.1')}"


def _where(url: str) -> tuple[str, int]:
    """Host and port of an address on this machine. Raises ``Trouble`` for any other machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost"
    if not near:
        raise Trouble(f"{host or url} is not this machine. The load tool sends to loopback only.")
    return host, parts.port or 1883


def _fleet(asked: argparse.Namespace) -> Fleet:
    path = asked.fleet or Path(os.environ["ANLAN_HOME"]) / "secrets" / "load-fleet.json"
    if asked.make:
        from anlan.site.load.making import make

        try:
            fleet = make(
                asked.make,
                asked.points,
                protocols=asked.also or [asked.protocol][: asked.protocol != MQTT],
                now=datetime.now(UTC),
                tell=lambda done, total: progress(f"devices registered: {done:,} of {total:,}"),
            )
        except Refusal as refusal:
            raise Trouble(str(refusal)) from None
        write(fleet, path)
        return fleet
    try:
        return read(path)
    except FileNotFoundError:
        raise Trouble(f"There is no fleet in {path}. Make one: ./anlan load-telemetry --make {asked.devices}") from None
    except Refusal as refusal:
        raise Trouble(str(refusal)) from None


def _tell(elapsed: float, tally: sending.Tally) -> None:
    progress(
        f"{elapsed:5.0f} s  {tally.readings:>12,} readings acknowledged ({tally.readings / elapsed:,.0f}/s), "
        f"p99 {tally.percentile(0.99)} ms, {tally.sent - tally.acknowledged} messages on the way"
    )


if __name__ == "__main__":
    sys.exit(load_telemetry(sys.argv[1:]))
