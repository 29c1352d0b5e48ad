"""Which states of which parts last, beyond the connection that told of them.

Equipment tells states as bits of a word that holds now. A station that sleeps between its reports comes with a new connection each time, a
transmitter comes back after its line was cut; so what lasts is kept for the process, and only changes are told. Of a part that this process
never heard of, whatever is not active is told as ended: it may have begun before the process did.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_PARTS = 50_000
"""So many parts are remembered (some 10 MB); one beyond is taken for one never heard of, which tells too much rather than too little."""


@dataclass(frozen=True, slots=True)
class Change:
    """Bits whose state began and ended. ``first``: nothing was known of the part before."""

    began: int
    ended: int
    first: bool


class OpenStates:
    """The words of state that were heard last, by sender and part."""

    def __init__(self, most: int = MOST_PARTS) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()
        self._parts: dict[str, set[str]] = {}

    def of(self, sender: str) -> Changes:
        """Begin to take what a sender tells."""
        return Changes(self, sender)

    def parts(self, sender: str) -> frozenset[str]:
        """The parts of a sender that are remembered."""
        return frozenset(self._parts.get(sender, ()))

    def held(self, sender: str, part: str) -> tuple[int, int] | None:
        """Word and time (ms since 1970 UTC) that were heard last of a part."""
        return self._held.get((sender, part))

    def keep(self, sender: str, part: str, word: tuple[int, int]) -> None:
        """Remember a word of a part; the parts not heard of for longest are forgotten when there are too many."""
        self._held[sender, part] = word
        self._held.move_to_end((sender, part))
        self._parts.setdefault(sender, set()).add(part)
        while len(self._held) > self._most:
            (other, its_part), _word = self._held.popitem(last=False)
            self._parts[other].discard(its_part)
            if not self._parts[other]:
                del self._parts[other]


class Changes:
    """What one sender tells in one delivery. It is remembered by :meth:`keep`, which is called when the delivery is durable: before, a fault of
    the store would let the sender tell it again and nobody would hear of it."""

    def __init__(self, states: OpenStates, sender: str) -> None:
        self._states, self._sender = states, sender
        self._new: dict[str, tuple[int, int]] = {}

    def take(self, part: str, active: int, every: int, time_ms: int, now_ms: int) -> Change:
        """What changed with ``active`` at ``time_ms`` by the sender's clock; ``every``: the bits that a part of this kind has.

        What comes late, older than what is known, may still begin something; it ends nothing. A clock that ran ahead counts as ``now_ms``.
        """
        time_ms = min(time_ms, now_ms)
        held = self.held(part)
        if held is None:
            change = Change(active, every & ~active, first=True)
        elif time_ms < held[1]:
            change = Change(active & ~held[0], 0, first=False)
            active, time_ms = held[0] | active, held[1]
        else:
            change = Change(active & ~held[0], held[0] & ~active, first=False)
        self._new[part] = (active, time_ms)
        return change

    def held(self, part: str) -> tuple[int, int] | None:
        """Word and time (ms since 1970 UTC) that hold of a part, with what was just told."""
        return self._new.get(part) or self._states.held(self._sender, part)

    def keep(self) -> None:
        """Remember all of it."""
        for part, word in self._new.items():
            self._states.keep(self._sender, part, word)
        self._new.clear()


OPEN_STATES = OpenStates()
"""Those of this process."""
