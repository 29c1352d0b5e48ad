"""Several nodes in one process, on the story's clock: each with a database, a folder and a key of its own, joined by links that can be cut.

Django speaks to one database at a time here; whose it is is changed by putting another connection in its place. Between nodes goes nothing but what
the real courier sends: the signed bytes of a request, answered by the real address with everything that guards it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from tests.rooms.jinan import PLACES, actor, furnish

from anlan.federation import link, outbox
from anlan.federation.models import InboxEnvelope, OutboxEnvelope
from anlan.federation.refusals import LinkFailed
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.levels import Level, level_of
from anlan.ledger import clocks, events
from anlan.report.relays import admission, queries, services


class SimulatedNode:
    """One node: ``at()`` makes this process be it."""

    def __init__(self, place_code: str, name: str, home: Path, connection: Any) -> None:
        self.place_code, self.name, self.home, self.connection = place_code, name, home, connection
        self.level = level_of(place_code)
        self.address = f"http://node-{place_code}.test"
        self.link_is_up = True
        self._answers: list[outbox.Answer] = []

    @contextmanager
    def at(self) -> Iterator[SimulatedNode]:
        """Inside, everything that is asked or done is asked of and done on this node."""
        before, folder = connections["default"], settings.ANLAN["HOME"]
        connections["default"], settings.ANLAN["HOME"] = self.connection, self.home
        try:
            yield self
        finally:
            connections["default"], settings.ANLAN["HOME"] = before, folder

    def post(self, kind: str) -> Actor:
        """Somebody at a post of this node."""
        return actor(kind, self.place_code)

    def answer(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """What this node's address answers."""
        with self.at():
            host = urlsplit(self.address).hostname
            if body is None:
                told = Client().get(path, headers={"accept": "application/json", "host": host})
            else:
                told = Client().post(path, body, content_type="application/jose", headers={"accept": "application/json", "host": host})
            return told.status_code, told.content

    def settle(self) -> int:
        """What was announced on this node is heard, and deadlines pass."""
        with self.at():
            done = events.deliver_pending()
            with transaction.atomic():
                clocks.sweep(clock.now())
            return done + events.deliver_pending()


class Network:
    """The nodes from the county up, each joined to the one above it."""

    def __init__(self, nodes: list[SimulatedNode]) -> None:
        self.nodes = nodes

    def __getitem__(self, level: Level) -> SimulatedNode:
        return next(node for node in self.nodes if node.level == level)

    def above(self, node: SimulatedNode) -> SimulatedNode:
        """The next node up."""
        return next(each for each in self.nodes if each.level < node.level)

    def carry(self, node: SimulatedNode) -> int:
        """One exchange of a node with the one above it, as its courier makes it; returns how many envelopes passed."""
        up = self.above(node)

        def post(url: str, body: bytes) -> tuple[int, bytes]:
            if not node.link_is_up:
                raise LinkFailed(node=up.name, why="ConnectError")
            return up.answer(urlsplit(url).path, body)

        with node.at():
            row = queries.links(clock.now())[0].node
            try:
                done, node._answers = link.call(row, post, now=clock.now, answers=node._answers)
            except LinkFailed as refusal:
                link.failed(row, refusal.message(), clock.now())
                return 0
        return done.sent + done.fetched

    def run(self) -> None:
        """Until nothing moves any more: what was announced is heard, what waits is carried, as far as links are up."""
        while True:
            moved = sum(node.settle() for node in self.nodes)
            moved += sum(self.carry(node) for node in self.nodes[:-1] if self._busy(node))
            if not moved:
                return

    def _busy(self, node: SimulatedNode) -> bool:
        """Whether anything waits at one end of a link; calls that only ask are left out here."""
        with node.at():
            if node._answers or outbox.waiting().exclude(peer=None).exists():
                return True
        with self.above(node).at():
            return outbox.waiting().filter(peer__place_code=node.place_code).exists()

    def join(self, now: datetime) -> None:
        """Each node says who it is and joins the one above, and its leader there lets it in after comparing the fingerprint."""
        for brake in (admission.calls, admission.asks):
            brake.set_pace(1e6, 1e6)
        for node in reversed(self.nodes):
            with node.at():
                leader = node.post("duty_leader")
                services.call_oneself(node.name, node.level, node.place_code, [node.level], actor=leader, now=now)
            if node.level == Level.NATION:
                continue
            up = self.above(node)
            with node.at():
                seen = services.look_up(up.address, lambda url, up=up: up.answer(urlsplit(url).path))
                services.join_above(
                    up.address,
                    seen.pk,
                    actor=leader,
                    now=now,
                    fetch=lambda url, up=up: up.answer(urlsplit(url).path),
                    post=lambda url, body, up=up: up.answer(urlsplit(url).path, body),
                )
            with up.at():
                (asks,) = [each.node for each in queries.links(now) if each.state == queries.ASKING]
                services.accept(asks, actor=up.post("duty_leader"), now=now)
                services.let_exercises(asks, True, actor=up.post("duty_leader"), now=now)
            with node.at():
                (row,) = [each.node for each in queries.links(now) if each.node.relation == "above"]
                services.let_exercises(row, True, actor=leader, now=now)
        for _round in range(len(self.nodes)):  # so far does the word of a new node travel
            for node in self.nodes[:-1]:
                self.carry(node)
        self.run()


def waiting(node: SimulatedNode) -> list[OutboxEnvelope]:
    """What waits on a node, in the order in which it goes."""
    with node.at():
        return list(outbox.waiting())


def came(node: SimulatedNode) -> list[InboxEnvelope]:
    """What came to a node, in the order in which it came."""
    with node.at():
        return list(InboxEnvelope.objects.order_by("pk"))


@contextmanager
def network(folder: Path, places: tuple[str, ...]) -> Iterator[Network]:
    """Nodes at ``places`` (from below upward), each with every place and its own bureau only, not joined yet."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    with ExitStack() as stack:
        nodes = [stack.enter_context(_node(code, folder / code, f"anlan_node_{worker}_{code}")) for code in places]
        yield Network(nodes)


@contextmanager
def _node(place_code: str, home: Path, database: str) -> Iterator[SimulatedNode]:
    default = connections["default"]
    template = os.environ.get("ANLAN_TEST_TEMPLATE")
    _administer(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    _administer(f'CREATE DATABASE "{database}"' + (f' TEMPLATE "{template}"' if template else ""))
    own = type(default)({**default.settings_dict, "NAME": database}, "default")
    home.mkdir(parents=True)
    node = SimulatedNode(place_code, f"{PLACES[place_code]}节点", home, own)
    try:
        with node.at():
            if not template:
                call_command("migrate", "--no-input", verbosity=0)
            furnish([place_code])
        yield node
    finally:
        own.close()
        _administer(f'DROP DATABASE "{database}" WITH (FORCE)')


def _administer(statement: str) -> None:
    """A statement that no transaction may hold, on a connection of its own."""
    default = connections["default"]
    with type(default)({**default.settings_dict, "NAME": "postgres"}, "default")._nodb_cursor() as cursor:
        cursor.execute(statement)
