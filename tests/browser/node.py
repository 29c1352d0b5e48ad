"""A node of the browser suite: a database of its own, the demonstration's world in it, and the real web server before it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import psycopg
from psycopg import sql

from anlan.site.launcher.node import free_port
from anlan.site.launcher.pages import compile_translations

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 180


@dataclass
class Node:
    """Where the node answers, the demonstration's accounts, and an id for every kind of record."""

    url: str
    home: Path
    accounts: dict[str, str] = field(default_factory=dict)
    """User names by role: ``duty``, ``leader``, ``approver``, ``clerk``, ``plant``, ``wall``, ``system``, ``security``, ``audit``."""
    records: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """In which the node's own programs run."""


def _database_url(settings: dict[str, Any], name: str) -> str:
    user, password = quote(str(settings.get("USER") or "")), quote(str(settings.get("PASSWORD") or ""))
    host, port = str(settings.get("HOST") or ""), str(settings.get("PORT") or "")
    query = urlencode({key: value for key, value in (("host", host), ("port", port), ("user", user)) if value})
    login = f"{user}:{password}@" if password else ""
    return f"postgres://{login}/{name}?{query}"


def _maintenance(settings: dict[str, Any]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        dbname="postgres",
        user=settings.get("USER") or None,
        password=settings.get("PASSWORD") or None,
        host=settings.get("HOST") or None,
        port=settings.get("PORT") or None,
        autocommit=True,
    )


def _copy(maintenance: psycopg.Connection[Any], template: str, name: str) -> None:
    maintenance.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


@contextmanager
def own_database(settings: dict[str, Any], template: str) -> Iterator[str]:
    """A copy of a database, made for this run and dropped after it: its address."""
    name = f"browser_{os.getpid()}_{secrets.token_hex(3)}"
    with closing(_maintenance(settings)) as maintenance:
        _copy(maintenance, template, name)
        try:
            yield _database_url(settings, name)
        finally:
            maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@dataclass(frozen=True)
class World:
    """The demonstration's world as it was filled once, for nodes to start from a copy of it."""

    database: str
    home: Path
    told: dict[str, Any]
    secret: str


def filled_world(folder: Path, settings: dict[str, Any]) -> World:
    """The world in a folder that the workers of one run share: whoever comes first fills it, the others wait and copy.

    The database stays behind for them; ``./anlan test`` throws the whole server away at its end.
    """
    with (folder / "world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = folder / "world.json"
        if marker.exists():
            known = json.loads(marker.read_text(encoding="utf-8"))
            return World(known["database"], folder / "world", known["told"], known["secret"])
        compile_translations()
        name, secret = f"world_{os.getpid()}_{secrets.token_hex(3)}", secrets.token_urlsafe(48)
        home = folder / "world"
        home.mkdir()
        migrated = os.environ.get("ANLAN_TEST_TEMPLATE")
        with closing(_maintenance(settings)) as maintenance:
            _copy(maintenance, migrated or "template1", name)
        environment = _environment(_database_url(settings, name), home, secret)
        if not migrated:
            _run("manage.py", "migrate", "-v", "0", environment=environment)
        told = json.loads(_run("-m", "tests.browser.seed", environment=environment).splitlines()[-1])
        _run("manage.py", "collectstatic", "--no-input", "-v", "0", environment=environment)
        marker.write_text(json.dumps({"database": name, "told": told, "secret": secret}), encoding="utf-8")
        return World(name, home, told, secret)


def _environment(database: str, home: Path, secret: str) -> dict[str, str]:
    environment = {
        **os.environ,
        "ANLAN_DATABASE_URL": database,
        "ANLAN_HOME": str(home),
        "ANLAN_DEMO": "1",
        "ANLAN_DEBUG": "0",
        "ANLAN_SECRET_KEY": secret,
        "DJANGO_SETTINGS_MODULE": "anlan.site.settings",
    }
    environment.pop("ANLAN_TEST_DB", None)
    return environment


def _run(*arguments: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def running_node(home: Path, settings: dict[str, Any], folder: Path) -> Iterator[Node]:
    """Serve a copy of the world (:func:`filled_world`) from a home that is not there yet, until the block ends."""
    world = filled_world(folder, settings)
    shutil.copytree(world.home, home)
    with own_database(settings, world.database) as database:
        port = free_port()
        environment = {**_environment(database, home, world.secret), "ANLAN_PORT": str(port)}
        node = Node(f"http://127.0.0.1:{port}", home, world.told["accounts"], world.told["records"], environment)
        with _server(node, port, environment, home / "server.log"):
            yield node


@contextmanager
def _server(node: Node, port: int, environment: dict[str, str], log: Path) -> Iterator[None]:
    granian = str(Path(sys.executable).parent / "granian")
    command = [granian, "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "anlan.site.asgi:application"], cwd=PROJECT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait(node, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(node: Node, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-4000:]
        with suppress(httpx.HTTPError):
            if httpx.get(f"{node.url}/healthz", timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"the node did not answer within {START_SECONDS} s\n{log.read_text()[-4000:]}")
