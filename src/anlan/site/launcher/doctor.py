"""``anlan doctor``: looks at everything a node needs of its machine, and says how to mend what is missing."""

from __future__ import annotations

import argparse
import errno
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from anlan.site.environment import PROJECT
from anlan.site.launcher import browser, engines, pages, supervision
from anlan.site.launcher import node as nodes
from anlan.site.launcher.node import Node
from anlan.site.launcher.say import Trouble, explain, line

LEAST_DISK_BYTES = 5_000_000_000
LEAST_MEMORY_BYTES = 3_500_000_000
LEAST_SHARED_MEMORY_BYTES = 60_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``mend`` is empty when it is in order; ``needed``: the node does not work without it."""

    what: str
    found: str
    mend: str = ""
    needed: bool = True


def doctor(arguments: list[str]) -> int:
    """Print every finding; exit code 1 when something that the node needs is missing."""
    argparse.ArgumentParser(prog="anlan doctor", description="Say what is missing and how to mend it.").parse_args(arguments)
    findings = look()
    for one in findings:
        mark = "ok  " if not one.mend else "MISS" if one.needed else "note"
        line(f"  {mark}  {one.what:<20} {one.found}")
        if one.mend:
            line(f"        {'':<20} → {one.mend}")
    missing = [one for one in findings if one.mend and one.needed]
    line("Everything that the node needs is there." if not missing else f"{len(missing)} to mend, see above.")
    return 1 if missing else 0


def look() -> list[Finding]:
    """Look at everything once."""
    home = nodes.home_folder()
    found = nodes.read(home)
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _node_js,
        lambda: _disk(home),
        _memory,
        lambda: _writable("checkout", PROJECT, "Run as the owner of the checkout; set-up, page build and translations are written there."),
        lambda: _writable("data folder", home, "Set ANLAN_HOME to a folder that this user may write."),
        _shared_memory,
        lambda: _sockets(home),
        lambda: _postgres_user(found),
        lambda: _port(found),
        _open_files,
        _chromium,
        _chinese_font,
    )
    return [check() for check in checks]


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} in {sys.prefix}")


def _node_js() -> Finding:
    program = pages.node_folder() / "node"
    version = pages.node_version(program)
    if version is None or version < pages.OLDEST_NODE:
        return Finding("Node.js", f"{program} does not run", f"Install Node.js {pages.OLDEST_NODE} or newer; it builds the pages.")
    return Finding("Node.js", f"{version} at {program}")


def _existing(path: Path) -> Path:
    """The nearest folder above that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(_existing(home)).free
    mend = f"Free some space: {LEAST_DISK_BYTES / 1e9:.0f} GB let a node begin comfortably." if free < LEAST_DISK_BYTES else ""
    return Finding("disk", f"{free / 1e9:.1f} GB free for {home}", mend, needed=free < 1_000_000_000)


def _memory() -> Finding:
    total = psutil.virtual_memory().total
    mend = "A node with the demonstration wants 4 GB." if total < LEAST_MEMORY_BYTES else ""
    return Finding("memory", f"{total / 1e9:.1f} GB", mend, needed=False)


def _writable(what: str, folder: Path, mend: str) -> Finding:
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Finding(what, str(folder))
    except OSError as error:
        return Finding(what, f"{folder}: {explain(error)}", mend)


def _shared_memory() -> Finding:
    place = Path("/dev/shm")
    if not place.is_dir() or not os.access(place, os.W_OK):
        return Finding("shared memory", "/dev/shm is missing; PostgreSQL uses files instead", "Mount a tmpfs at /dev/shm.", needed=False)
    free = shutil.disk_usage(place).free
    mend = "Give it 256 MB (containers: --shm-size=256m); large queries fail without." if free < LEAST_SHARED_MEMORY_BYTES else ""
    return Finding("shared memory", f"{free / 1e6:.0f} MB free in /dev/shm", mend, needed=False)


def _sockets(home: Path) -> Finding:
    place = _existing(home)
    if len(str(home / "run")) > nodes.LONGEST_SOCKET_FOLDER:
        place = Path("/tmp")
    path = place / f".anlan-doctor-{os.getpid()}"
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(path))
    except OSError as error:
        return Finding(
            "Unix sockets",
            f"not possible in {place} ({errno.errorcode.get(error.errno or 0, error)})",
            "Set ANLAN_HOME to a local disk; some network and shared folders have no sockets.",
        )
    finally:
        path.unlink(missing_ok=True)
    return Finding("Unix sockets", f"work in {place}")


def _postgres_user(node: Node | None) -> Finding:
    if node is not None and not node.runs("postgres"):
        return Finding("PostgreSQL", "runs elsewhere (ANLAN_DATABASE_URL)")
    try:
        with tempfile.TemporaryDirectory(dir=_existing(nodes.home_folder())) as folder:
            prefix = engines.probe_user(Path(folder))
    except Trouble as trouble:
        return Finding("PostgreSQL", "cannot run here", str(trouble))
    except OSError as error:
        return Finding("PostgreSQL", explain(error), "Set ANLAN_HOME to a folder that this user may write.")
    done = subprocess.run([*prefix, engines.POSTGRES / "postgres", "--version"], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        return Finding("PostgreSQL", done.stderr.strip()[:200], "Set the node up again: remove .venv in the checkout and run ./anlan start")
    return Finding("PostgreSQL", done.stdout.strip() + (f", as user {engines.UNPRIVILEGED}" if prefix else ""))


def _port(node: Node | None) -> Finding:
    port = node.ports["web"] if node else nodes.DEFAULT_PORT
    if node is not None and supervision.Supervisor(node).answers():
        return Finding("port", f"{port}, held by the running node")
    if nodes.is_free(node.host if node else "127.0.0.1", port):
        return Finding("port", f"{port} is free")
    return Finding("port", f"{port} is taken by another program", f"Choose another one: ./anlan start --port {port + 1}")


def _open_files() -> Finding:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= 8192
    mend = "" if enough else "Raise it (ulimit -Hn 65536, or LimitNOFILE of the service) when thousands of devices connect."
    return Finding("open files", "unlimited" if hard == resource.RLIM_INFINITY else f"up to {hard}", mend, needed=False)


def _chromium() -> Finding:
    found = browser.chromium()
    return Finding("Chromium", found or "not found", "" if found else browser.MISSING, needed=False)


def _chinese_font() -> Finding:
    lister = shutil.which("fc-list")
    if lister is None:
        return Finding("Chinese font", "fontconfig is not installed", "", needed=False)
    done = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True, check=False)
    families = sorted({text.split(",")[0] for text in done.stdout.splitlines() if text.strip()})
    if not families:
        return Finding(
            "Chinese font",
            "none",
            "For screenshots and own documents: apt install fonts-noto-cjk. The pages bring their own.",
            needed=False,
        )
    return Finding("Chinese font", families[0])
