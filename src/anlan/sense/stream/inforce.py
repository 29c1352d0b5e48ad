"""What the detector follows beside readings and the registry: rules in force, models of process units, what is reported of links."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from hashlib import sha256

import structlog
from nats.aio.client import Client

from anlan.ledger import broker
from anlan.ledger.broker import Cursor, Message
from anlan.sense.detection import multivariate
from anlan.sense.detection.engine import Engine
from anlan.wire import criteria, links
from anlan.wire.criteria import Criterion
from anlan.wire.detections import Transition

log = structlog.get_logger()

MODELS = "models."
"""Prefix of the subjects of models; the rest is the SHA-256 of the message."""
COMPLETE = "criteria._complete"
"""Subject of the message that says: every rule was published once; what was not published is no rule."""


class InForce:
    """Hands rules and reports of links to ``engine``. :meth:`load` before the first reading, :meth:`take` between readings."""

    def __init__(self, nc: Client, stop: asyncio.Event, engine: Engine) -> None:
        self._stop, self._engine = stop, engine
        self._rules = Cursor(nc, broker.CRITERIA, ("criteria.>",), last_only=True)
        self._models = Cursor(nc, broker.CRITERIA, (f"{MODELS}>",), last_only=True)
        self._links = Cursor(nc, broker.LINKS, ("links.>",), last_only=True)
        self._known: set[str] = set()
        self._complete = False
        self.models = self.refused_models = 0

    async def load(self, remembered: Iterable[tuple[Criterion, int]]) -> list[Transition]:
        """Read every model and every rule published so far; what stood on rules that are gone is cleared.

        Nobody is waited for: until the rules were published as a whole, those remembered hold.
        """
        while not self._stop.is_set():
            self._learn(await self._models.next(0.5))
            if self._models.opened and self._models.pending == 0:
                break
        while not self._stop.is_set():
            self._apply(await self._rules.next(0.5))
            if self._rules.opened and self._rules.pending == 0:
                break
        for criterion, at_ms in remembered:
            if criterion.code not in self._known and not self._complete:
                self._engine.apply(criterion, at_ms)
        log.info("rules of detection loaded", rules=len(self._known), complete=self._complete, models=self.models)
        return self._engine.settle()

    async def take(self) -> list[Transition]:
        """Apply what has come meanwhile, without waiting; links reported to stand again are told of."""
        self._learn(await self._models.next(0.0))
        self._apply(await self._rules.next(0.0))
        found: list[Transition] = []
        for message in await self._links.next(0.0):
            try:
                link = links.decode(message.data)
            except links.MalformedLink as refusal:
                log.error("state of a link not understood", subject=message.subject, reason=str(refusal))
                continue
            if link.state == links.DOWN:
                self._engine.silence.link_down(link.credential, link.since_ms, link.device)
            else:
                found += self._engine.silence.link_up(link.credential, link.since_ms, link.device)
        return self._engine.tell(found)

    def _apply(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if message.subject == COMPLETE:
                if not self._complete:
                    self._complete = True
                    self._engine.drop_all_but(self._known)
                continue
            try:
                criterion = criteria.decode(message.data)
            except criteria.MalformedCriterion as refusal:
                log.error("rule of detection not understood, the one before stays", subject=message.subject, reason=str(refusal))
                self._known.add(message.subject.removeprefix("criteria."))
                continue
            self._known.add(criterion.code)
            self._engine.apply(criterion, message.at_ms)

    def _learn(self, messages: Iterable[Message]) -> None:
        """Hand models to the engine; one whose bytes are not what its name says is none."""
        for message in messages:
            digest = message.subject.removeprefix(MODELS)
            try:
                if sha256(message.data).hexdigest() != digest:
                    raise multivariate.MalformedModel(reason="SHA-256")
                self._engine.units.learn(digest, multivariate.unpack(message.data))
                self.models += 1
            except multivariate.MalformedModel as refusal:
                self.refused_models += 1
                log.error("model of a process unit refused", subject=message.subject, reason=str(refusal), refused=self.refused_models)

    async def close(self) -> None:
        """Stop following."""
        await self._models.close()
        await self._rules.close()
        await self._links.close()
