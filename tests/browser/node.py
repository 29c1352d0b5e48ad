"""A node of the browser suite: a database of its own, the demonstration's world in it, and the real web server before it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def own_database(settings: dict[str, Any]) -> Iterator[str]:
    """A database made for this run and dropped after it; copied from the migrated template where the test run has one."""
    name = f"browser_{os.getpid()}_{secrets.token_hex(3)}"
    maintenance = psycopg.connect(
        dbname="postgres",
        user=settings.get("USER") or None,
        password=settings.get("PASSWORD") or None,
        host=settings.get("HOST") or None,
        port=settings.get("PORT") or None,
        autocommit=True,
    )
    template = os.environ.get("ANLAN_TEST_TEMPLATE") or "template1"
    maintenance.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield _database_url(settings, name)
    finally:
        maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        maintenance.close()


def _run(*arguments: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def running_node(home: Path, settings: dict[str, Any]) -> Iterator[Node]:
    """Build the world and serve it until the block ends."""
    compile_translations()
    with own_database(settings) as database:
        port = free_port()
        environment = {
            **os.environ,
            "ANLAN_DATABASE_URL": database,
            "ANLAN_HOME": str(home),
            "ANLAN_DEMO": "1",
            "ANLAN_DEBUG": "0",
            "ANLAN_PORT": str(port),
            "ANLAN_SECRET_KEY": secrets.token_urlsafe(48),
            "DJANGO_SETTINGS_MODULE": "anlan.site.settings",
        }
        environment.pop("ANLAN_TEST_DB", None)
        _run("manage.py", "migrate", "-v", "0", environment=environment)
        told = json.loads(_run("-m", "tests.browser.seed", environment=environment).splitlines()[-1])
        _run("manage.py", "collectstatic", "--no-input", "-v", "0", environment=environment)
        node = Node(f"http://127.0.0.1:{port}", home, told["accounts"], told["records"], environment)
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
