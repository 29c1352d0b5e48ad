"""Nodes as they run: each with a database, a folder and a key of its own, a web server, the courier and the worker as processes, and between them
a line on loopback that can be cut or can swallow answers.

What a person does on a node is done in the test's own process, which becomes that node for a moment (:meth:`RunningNode.at`).
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from django.conf import settings
from django.db import connections
from tests.browser.node import PROJECT, own_database
from tests.rooms.federation.cradle import LOADED
from tests.rooms.jinan import actor, furnish

from anlan.federation.models import Node
from anlan.ground.places import index
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.levels import level_of
from anlan.report.filings import services as filings
from anlan.report.filings.models import Filing
from anlan.report.relays import services
from anlan.site.environment import django_database
from anlan.site.launcher.node import free_port

OPERATOR = system_actor("operator")
SECONDS = 60.0


def until(what: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait for something that comes by itself."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.05)


class Line:
    """The way to a node's web server. ``up``: bytes pass; ``down``: nobody answers; ``deaf``: requests arrive, answers do not come back."""

    def __init__(self, target: int) -> None:
        self.target, self.state = target, "up"
        self.swallowed = 0
        self._pairs: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def be(self, state: str) -> None:
        """Change the line; what is open ends."""
        self.state = state
        for each in self._pairs:
            _end(each)
        self._pairs.clear()

    def close(self) -> None:
        """End it for good."""
        self.be("down")
        _end(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                caller, _address = self._listener.accept()
            except OSError:
                return
            try:
                called = socket.create_connection(("127.0.0.1", self.target), 5) if self.state != "down" else None
            except OSError:
                called = None
            if called is None:
                caller.close()
                continue
            called.settimeout(None)
            self._pairs += [caller, called]
            for one, other, answers in ((caller, called, False), (called, caller, True)):
                threading.Thread(target=self._carry, args=(one, other, answers), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while part := one.recv(65_536):
                if answers and self.state == "deaf":
                    self.swallowed += 1
                    break
                other.sendall(part)
        _end(one)
        _end(other)


def _reached(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


class Cradle:
    """What lets processes of nodes live; see :mod:`tests.rooms.federation.cradle`."""

    def __init__(self, database: str) -> None:
        environment = {
            **os.environ,
            "ANLAN_DATABASE_URL": database,
            "ANLAN_DEMO": "0",
            "ANLAN_DEBUG": "0",
            "ANLAN_SECRET_KEY": secrets.token_urlsafe(48),
            "DJANGO_SETTINGS_MODULE": "anlan.site.settings",
        }
        environment.pop("ANLAN_TEST_DB", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.rooms.federation.cradle"],
            cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._loaded = False

    def begin(self, kind: str, node: RunningNode) -> int:
        """Let a process of a node live; its id."""
        if not self._loaded:
            self._loaded = self._answer() == LOADED
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"kind": kind, "database": node.database, "home": str(node.home), "port": node.port}) + "\n")
        self._process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, "the program could not be loaded"
        return json.loads(said)

    def close(self) -> None:
        """End it, and with it all that it began."""
        self._process.communicate(timeout=20)


class RunningNode:
    """One node. ``line`` leads to its web server."""

    def __init__(self, place_code: str, name: str, home: Path, database: str, cradle: Cradle) -> None:
        self.place_code, self.name, self.home, self.database = place_code, name, home, database
        self.level = level_of(place_code)
        self.port = free_port()
        self.line = Line(self.port)
        self._cradle, self._running = cradle, dict[str, int]()
        default = connections["default"]
        wanted = {name: value for name, value in django_database(database).items() if name != "OPTIONS"}
        self._connection = type(default)({**default.settings_dict, **wanted}, "default")
        self._reader: psycopg.Connection[Any] | None = None

    @property
    def address(self) -> str:
        """Where a node below calls."""
        return f"http://127.0.0.1:{self.line.port}"

    @contextmanager
    def at(self) -> Iterator[None]:
        """Inside, what the test's process does is done on this node."""
        before, folder = connections["default"], settings.ANLAN["HOME"]
        connections["default"], settings.ANLAN["HOME"] = self._connection, self.home
        index.forget()
        try:
            yield
        finally:
            connections["default"], settings.ANLAN["HOME"] = before, folder
            index.forget()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the node's database holds, read past all of the program."""
        if self._reader is None:
            self._reader = psycopg.connect(self.database, autocommit=True)
        return self._reader.execute(statement, values).fetchall()

    # --- its processes ---

    def start(self, *kinds: str) -> None:
        """Start processes of the node: ``web``, ``courier``, ``worker``."""
        for kind in kinds:
            self._running[kind] = self._cradle.begin(kind, self)

    def kill(self, kind: str) -> None:
        """End a process as a power cut would."""
        pid = self._running.pop(kind)
        while _reached(pid, signal.SIGKILL):
            time.sleep(0.01)

    def wait_for_web(self) -> None:
        """Until its web server answers."""
        end = time.monotonic() + SECONDS
        while True:
            assert time.monotonic() < end, (self.home / "web.log").read_text()[-4000:]
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{self.port}/relay/identity/", timeout=2, trust_env=False).status_code in (200, 409):
                    return
            time.sleep(0.1)

    def close(self) -> None:
        """End everything of it that runs."""
        for kind in list(self._running):
            self.kill(kind)
        self.line.close()
        self._connection.close()
        if self._reader is not None:
            self._reader.close()

    # --- what a person does ---

    def call_oneself(self) -> None:
        """Give the node its name among nodes."""
        with self.at():
            services.call_oneself(self.name, self.level, self.place_code, [self.level], actor=OPERATOR, now=clock.now())

    def ask(self, upper: RunningNode) -> None:
        """Look up the node above and ask it to let this one in."""
        with self.at():
            seen = services.look_up(upper.address)
            services.join_above(upper.address, seen.pk, actor=OPERATOR, now=clock.now())

    def accept(self, lower: RunningNode) -> None:
        """Let in the node that asked."""
        with self.at():
            services.accept(Node.objects.get(name=lower.name, state="asked"), actor=OPERATOR, now=clock.now())


@contextmanager
def nodes(folder: Path, places: dict[str, str]) -> Iterator[list[RunningNode]]:
    """Nodes at places by their names, from below upward; none of their processes runs yet. Whatever was started is ended with the block."""
    held = settings.DATABASES["default"]
    with ExitStack() as stack:
        template = os.environ.get("ANLAN_TEST_TEMPLATE") or _migrated(stack, held)
        databases = [stack.enter_context(own_database(held, template)) for _ in places]
        cradle = stack.enter_context(closing(Cradle(databases[0])))
        made = []
        for database, (code, name) in zip(databases, places.items(), strict=True):
            home = folder / code
            home.mkdir(parents=True)
            node = RunningNode(code, name, home, database, cradle)
            stack.enter_context(closing(node))
            with node.at():
                furnish([code])
            made.append(node)
        yield made


def _migrated(stack: ExitStack, held: dict[str, Any]) -> str:
    """A database to copy where nobody made one: ``./anlan test`` does."""
    url = stack.enter_context(own_database(held, "template1"))
    environment = {**os.environ, "ANLAN_DATABASE_URL": url}
    environment.pop("ANLAN_TEST_DB", None)
    subprocess.run([sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"], cwd=PROJECT, env=environment, check=True, timeout=280)
    return str(django_database(url)["NAME"])


def states(node: RunningNode) -> dict[str, str]:
    """The nodes that a node knows, by their names: relation and state."""
    return dict(node.rows("SELECT name, relation || ' ' || state FROM federation_node"))


def join(lower: RunningNode, upper: RunningNode) -> None:
    """Join a node to the one above it, as two persons do it; what was done already stays."""
    if upper.name in states(lower):
        return
    upper.wait_for_web()
    lower.ask(upper)
    upper.accept(lower)
    until(lambda: bool(lower.rows("SELECT 1 FROM federation_node WHERE relation = 'above' AND last_contact_at IS NOT NULL")))


def reported(county: RunningNode) -> Filing:
    """A report that an officer of the county wrote down from a call, not sent anywhere yet."""
    with county.at():
        officer, now = actor("duty_officer", county.place_code), clock.now()
        values = {
            "kind": "hazchem_leak", "title": "示范氯碱有限公司氯气泄漏", "occurred_at": now, "known_at": now, "place_code": county.place_code,
            "location": "液氯储存区", "unit_profile": "氯碱生产企业", "scene": "G3报警", "brief_course": "V-102 泄漏", "deaths": 0,
            "serious_injured": 0, "injured": 2, "missing": 0, "direct_loss": None, "unknown": ["direct_loss"],
            "measures_taken": "水幕已开", "source": "phone", "exercise": False,
        }  # fmt: skip
        filing = filings.create_filing(values, actor=officer, now=now)
        return filings.submit(filing, actor=officer, now=clock.now())
