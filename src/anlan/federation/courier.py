"""The process that keeps the link to the node above: hands over what waits, what is urgent first, and fetches what waits there.

Everything it knows is in the database. Killed at any moment and started again it goes on; what was under way goes again and is kept once.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import Any

import structlog

from anlan.ledger import stepping

log: Any = structlog.get_logger()
IDLE_S = 0.2
"""How long it looks away when nothing waits: also how long a report may wait for its call."""
BETWEEN_S = 0.1
"""Never less from one call to the next: where much comes one by one, more of it goes at once, and the node above need not hold anybody back."""
FETCH_S = 2.0
"""How often the node above is asked whether anything waits there, when nothing is to be told."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 15.0
"""Pause after a call that failed: doubling, never longer than a person would wait before trying again. Project defaults."""


def main() -> int:
    """Work until told to stop; a call under way ends within its time-out."""
    # Each call would be a line, one every two seconds for ever; those that fail are told by the courier itself.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return stepping.serve("courier", lambda stop: Courier(stop).run())


class Courier:
    """The caller of one node's link upward."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.answers: list[Any] = []
        self._client: Any = None
        self._called = float("-inf")
        self._pause = 0.0

    def run(self) -> None:
        """Go on until ``stop`` is set; a database that is away is waited for."""
        stepping.keep_on(self.stop, self.step, lambda: max(IDLE_S, self._pause))

    def step(self) -> bool:
        """Call when something waits or the time has come; whether there is more to do at once."""
        from anlan.federation import addressing, outbox
        from anlan.kernel import clock

        node = addressing.above()
        if node is None:
            self.stop.wait(FETCH_S)
            return False
        if not self.answers and time.monotonic() - self._called < FETCH_S and not outbox.waits(node, clock.now()):
            return False
        return self._call(node)

    def _call(self, node: Any) -> bool:
        from anlan.federation import link
        from anlan.kernel import clock
        from anlan.kernel.errors import Refusal

        self.stop.wait(max(0.0, self._called + BETWEEN_S - time.monotonic()))
        try:
            done, self.answers = link.call(node, link.by_http(self._line()), now=clock.now, answers=self.answers)
        except Refusal as refusal:
            self._pause = min(max(FIRST_PAUSE_S, self._pause * 2), LONGEST_PAUSE_S)
            log.warning("link_failed", node=node.name, code=refusal.code, why=refusal.message(), pause_s=self._pause)
            link.failed(node, refusal.message(), clock.now())
            return False
        self._called, self._pause = time.monotonic(), 0.0
        return done.more

    def _line(self) -> Any:
        """One connection that is kept: opening it anew costs more than an envelope. A proxy of the surroundings is not used."""
        import httpx

        from anlan.federation import link

        if self._client is None:
            self._client = httpx.Client(timeout=httpx.Timeout(link.SECONDS, connect=link.CONNECT_SECONDS), trust_env=False)
        return self._client


if __name__ == "__main__":
    sys.exit(main())
