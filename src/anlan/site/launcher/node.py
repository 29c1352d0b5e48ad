"""This node on this machine: its data folder, ports, secrets and engine addresses.

Everything that must survive lies below ``ANLAN_HOME`` and carries no absolute path, so that the folder may be copied while the node is
stopped. What holds only while the node runs (sockets, generated configuration) lies in ``run`` and is written anew at every start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import nkeys

from anlan.kernel.ids import new_id
from anlan.site import environment
from anlan.site.launcher.say import Trouble, explain, progress

DEFAULT_PORT = 8120
# Ports of the engines: the usual one when it is free at the first start, else any free one; kept afterwards.
ENGINE_PORTS = {"nats": 4222, "mqtt": 1883, "telemetry": 8126, "sip": 5060, "cot": 8087}
# Heard by datagrams as well as by connections.
_DATAGRAMS = {"sip"}
# Ports on which equipment calls in a field protocol. The standards name none: these are project defaults, kept in node.json ("field"), where
# the operator may change them; ANLAN_FIELD_PORTS does the same for good, and 0 closes a protocol.
FIELD_PORTS = {"hj212": 6212, "sl651": 6651, "gb26875": 6875, "jt808": 6808}
# A Unix socket path is at most 107 bytes; PostgreSQL and the supervisor add up to 25 to the folder's.
LONGEST_SOCKET_FOLDER = 80
ENGINE_VARIABLES = {"postgres": "ANLAN_DATABASE_URL", "nats": "ANLAN_NATS_URL", "telemetry": "ANLAN_TELEMETRY_URL"}
NATS_USER = "anlan"


@dataclass(frozen=True)
class Node:
    """One node: where its data lies, which ports it holds, whether it is a demonstration, which engines others run for it."""

    home: Path
    code: str
    demo: bool
    host: str
    ports: Mapping[str, int]
    external: Mapping[str, str]
    wanted_field_ports: Mapping[str, int] = field(default_factory=dict)
    """Port of each field protocol as the operator wants it; 0: closed. ``ports`` holds what was free at the last start."""
    field_host: str = "127.0.0.1"

    @property
    def field_ports(self) -> dict[str, int]:
        """Ports on which the gateway listens, by field protocol."""
        return {protocol: self.ports[protocol] for protocol, wanted in self.wanted_field_ports.items() if wanted and protocol in self.ports}

    @property
    def run(self) -> Path:
        """Folder of what holds only while the node runs."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """Folder of every service's log."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Folder of keys and passwords, readable by the owner only."""
        return self.home / "secrets"

    @property
    def sockets(self) -> Path:
        """Folder of the Unix sockets: ``run``, or a short one named after ``ANLAN_HOME`` when that path is too long."""
        if len(str(self.run).encode()) <= LONGEST_SOCKET_FOLDER:
            return self.run
        digest = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path("/tmp") / f"anlan-{os.geteuid()}-{digest}"

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{_bracketed(host)}:{self.ports['web']}/"

    def runs(self, engine: str) -> bool:
        """Whether this node runs the engine itself (no address in the environment replaces it)."""
        return engine not in self.external

    def environment(self) -> dict[str, str]:
        """The variables that every process of the node gets."""
        database = f"postgres:///anlan?host={quote(str(self.sockets / 'postgres'))}&user=anlan"
        stream = f"nats://{NATS_USER}:{self.secret('nats-password')}@127.0.0.1:{self.ports['nats']}"
        return {
            "ANLAN_HOME": str(self.home),
            "ANLAN_DEMO": "1" if self.demo else "0",
            "ANLAN_PORT": str(self.ports["web"]),
            "ANLAN_SECRET_KEY": self.secret("secret-key"),
            "ANLAN_DATABASE_URL": self.external.get("postgres", database),
            "ANLAN_NATS_URL": self.external.get("nats", stream),
            "ANLAN_MQTT_URL": os.environ.get("ANLAN_MQTT_URL") or f"mqtt://127.0.0.1:{self.ports['mqtt']}",
            "ANLAN_GATEWAY_LISTEN": ",".join(f"{name}={_bracketed(self.field_host)}:{port}" for name, port in self.field_ports.items()),
            "ANLAN_SIP_HOST": os.environ.get("ANLAN_SIP_HOST") or self.field_host,
            "ANLAN_SIP_PORT": os.environ.get("ANLAN_SIP_PORT") or str(self.ports.get("sip", 5060)),
            "ANLAN_COT_HOST": os.environ.get("ANLAN_COT_HOST") or self.field_host,
            "ANLAN_COT_PORT": os.environ.get("ANLAN_COT_PORT") or str(self.ports.get("cot", 8087)),
            "ANLAN_TELEMETRY_URL": self.external.get("telemetry", f"http://127.0.0.1:{self.ports['telemetry']}"),
            "DJANGO_SETTINGS_MODULE": "anlan.site.settings",
            "ANLAN_LOGS": "json",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            # Matrices here are small; threads that wait for one another on a busy machine made detection a hundred times slower.
            "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
        }

    def secret(self, name: str) -> str:
        """The stored secret ``name``."""
        return (self.secrets / name).read_text().strip()


def home_folder() -> Path:
    """``ANLAN_HOME``, or the default for this user."""
    return environment.read().home.expanduser().absolute()


def read(home: Path) -> Node | None:
    """The node kept in ``home``, or ``None`` when none was started there yet."""
    try:
        kept = json.loads((home / "node.json").read_text())
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise Trouble(
            f"No permission to read {error.filename}: it belongs to another user. Run as that user, or set ANLAN_HOME."
        ) from error
    except ValueError as error:
        raise Trouble(f"{home / 'node.json'} is damaged ({error}). Restore it from a copy, or remove it to choose new ports.") from error
    return Node(
        home,
        kept["code"],
        kept["demo"],
        kept["host"],
        kept["ports"],
        _external(home),
        kept.get("field", {}),
        kept.get("field_host", "127.0.0.1"),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _external(home: Path) -> dict[str, str]:
    """Engines that others run: as the node was last started, or, while it is being started, as the environment says."""
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads((home / "run" / "external.json").read_text()))
    return {engine: os.environ[variable] for engine, variable in ENGINE_VARIABLES.items() if os.environ.get(variable)}


def prepare(home: Path, *, port: int | None, host: str | None, empty: bool, usual_ports: bool = True) -> Node:
    """Make or renew the node's folder: ports that are free, secrets, mode.

    ``usual_ports``: prefer the ports that everybody expects (a passing test run takes any others).
    The mode (demonstration or empty) is chosen at the first start and kept: invented enterprises never enter a node with real records.
    """
    _make_folders(home)
    (home / "run" / "external.json").unlink(missing_ok=True)
    kept = read(home)
    if kept is not None and empty and kept.demo:
        raise Trouble(
            f"{home} holds the demonstration. Choose another folder for an empty node: ANLAN_HOME=/some/folder ./anlan start --empty"
        )
    ports = {**(kept.ports if kept else {})}
    ports["web"] = port or ports.get("web") or DEFAULT_PORT
    for name, usual in ENGINE_PORTS.items():
        ports[name] = ports.get(name) or (usual if usual_ports else free_port(set(ports.values())))
        datagrams = name not in _DATAGRAMS or is_free("127.0.0.1", ports[name], socket.SOCK_DGRAM)
        if not (datagrams and is_free("127.0.0.1", ports[name])):
            ports[name] = free_port(set(ports.values()))
    wanted = {**FIELD_PORTS, **(kept.wanted_field_ports if kept else {}), **_told_field_ports()}
    field_host = os.environ.get("ANLAN_FIELD_HOST") or (kept.field_host if kept else "127.0.0.1")
    _choose_field_ports(ports, wanted, field_host, usual_ports=usual_ports)
    node = Node(
        home,
        kept.code if kept else str(new_id()),
        kept.demo if kept else not empty,
        host or (kept.host if kept else "127.0.0.1"),
        ports,
        _external(home),
        wanted,
        field_host,
    )
    kept_facts = {"code": node.code, "demo": node.demo, "host": node.host, "ports": ports, "field": wanted, "field_host": field_host}
    _write_private(home / "node.json", json.dumps(kept_facts, indent=1))
    _make_secrets(node)
    _write_private(node.run / "external.json", json.dumps(dict(node.external)))
    _make_socket_folder(node.sockets)
    return node


def _told_field_ports() -> dict[str, int]:
    """``ANLAN_FIELD_PORTS`` as ``jt808=7611,hj212=0``. Raises :class:`Trouble` for anything else."""
    found: dict[str, int] = {}
    for part in filter(None, (each.strip() for each in os.environ.get("ANLAN_FIELD_PORTS", "").split(","))):
        protocol, _equals, number = part.partition("=")
        if protocol not in FIELD_PORTS or not number.isdigit() or int(number) > 65535:
            raise Trouble(
                f"ANLAN_FIELD_PORTS holds {part!r}; write PROTOCOL=PORT, with 0 to close it. Protocols: {', '.join(FIELD_PORTS)}."
            )
        found[protocol] = int(number)
    return found


def _choose_field_ports(ports: dict[str, int], wanted: Mapping[str, int], host: str, *, usual_ports: bool) -> None:
    """Settle on which ports field equipment is heard: the wanted one, or any free one while another program holds that, and say so."""
    for protocol, number in wanted.items():
        ports.pop(protocol, None)
        if number and usual_ports and number not in ports.values() and is_free(host, number):
            ports[protocol] = number
            continue
        ports[protocol] = free_port(set(ports.values()))
        if number and usual_ports:
            progress(
                f"Port {number} for {protocol} on {host} is held by another program. This time it is {ports[protocol]}: free the port and "
                f"start again, or name another: ANLAN_FIELD_PORTS={protocol}=PORT"
            )


def _make_folders(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o750)
        for name, mode in (("run", 0o700), ("logs", 0o750), ("secrets", 0o700)):
            (home / name).mkdir(exist_ok=True, mode=mode)
        probe = home / "run" / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise Trouble(f"The data folder {home} cannot be used. {explain(error)}") from error


def _make_socket_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise Trouble(f"{folder} belongs to another user; remove it or set ANLAN_HOME to a shorter path.")


def _make_secrets(node: Node) -> None:
    makers = {
        "secret-key": lambda: secrets.token_urlsafe(50),
        "nats-password": lambda: secrets.token_urlsafe(32),
        "nats-issuer.seed": lambda: nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_ACCOUNT).decode(),
    }
    for name, make in makers.items():
        if not (node.secrets / name).exists():
            _write_private(node.secrets / name, make() + "\n")


def _write_private(path: Path, text: str) -> None:
    """Write whole or not at all, readable by the owner only."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def is_free(host: str, port: int, kind: int = socket.SOCK_STREAM) -> bool:
    """Whether nobody listens at this address and this user may."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(taken: Collection[int] = ()) -> int:
    """A port on the loopback address that nobody holds now."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


def check_web_port(node: Node) -> None:
    """Refuse with a plain sentence when somebody else holds the public port."""
    port = node.ports["web"]
    if not 1 <= port <= 65535:
        raise Trouble(f"{port} is not a port number; choose one from 1024 to 65535.")
    if port < 1024 and sys.platform.startswith("linux") and os.geteuid() != 0:
        raise Trouble(f"Port {port} needs root. Choose one from 1024 up: ./anlan start --port {DEFAULT_PORT}")
    if not is_free(node.host, port):
        raise Trouble(
            f"Port {port} on {node.host} is already in use by another program. Stop that one, or choose another port: ./anlan start --port {port + 1}"
        )
