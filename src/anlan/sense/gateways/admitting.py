"""Who was let in on one connection, for protocols whose every frame names its sender and carries his secret (or has none).

Several senders may share a connection. Each is asked about once; one that was turned away is asked about again after a while, not with each of
its frames, so that it costs the others beside it nothing.
"""

from __future__ import annotations

from collections.abc import Generator

from anlan.sense.gateways.rules import NotIdentified
from anlan.sense.gateways.session import Action, Identify, SetApart

ASK_AFRESH_MS = 60_000
"""A sender that was turned away is asked about again after so long."""
MOST_TURNED_AWAY = 64
_SHOWN_BYTES = 1024


class Admissions:
    """The senders of one connection. ``protocol``: its name in refusals."""

    def __init__(self, protocol: str) -> None:
        self._protocol = protocol
        self._secrets: dict[str, str] = {}
        self._turned_away: dict[tuple[str, str], int] = {}
        self._asking: tuple[str, str] | None = None

    def __contains__(self, address: str) -> bool:
        return address in self._secrets

    @property
    def only(self) -> str:
        """The only sender that was let in; empty if there is none or more than one."""
        return next(iter(self._secrets)) if len(self._secrets) == 1 else ""

    def let_in(self, address: str, secret: str, now_ms: int, frame: bytes) -> Generator[Action, None, bool]:
        """Whether the sender of ``frame`` may be heard (the generator's value), asking the gateway where that is not known."""
        if self._secrets.get(address) == secret:
            return True
        again_ms = self._turned_away.get((address, secret))
        if again_ms is not None and now_ms < again_ms:
            known = address if address in self else ""
            yield SetApart(known, NotIdentified(protocol=self._protocol, address=address), frame[:_SHOWN_BYTES])
            return False
        self._turned_away.pop((address, secret), None)
        self._asking = (address, secret)
        yield Identify(address, secret)
        return self._secrets.get(address) == secret

    def identified(self, address: str, admitted: bool, now_ms: int) -> bool:
        """Take the gateway's answer; whether the sender was let in by it."""
        asked, self._asking = self._asking, None
        if asked is None or asked[0] != address:
            return False
        if admitted:
            self._secrets[address] = asked[1]
            return True
        while len(self._turned_away) >= MOST_TURNED_AWAY:
            del self._turned_away[next(iter(self._turned_away))]
        self._turned_away[asked] = now_ms + ASK_AFRESH_MS
        return False
