"""What is said of what was found: nothing while a rule is suppressed, and a flood under its cause. Exercise and reality explain nothing of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from anlan.sense.detection.topology import NONE, Topology
from anlan.wire.criteria import Criterion, Suppression
from anlan.wire.detections import CLEAR, RAISE, Transition, decode, encode

WINDOW_MS = 60_000
"""How long after the first alarm of a device or hazard source further ones count as its consequences."""
MOST_WITHHELD = 100_000
"""More than so many at a time are told although they are suppressed: memory ends somewhere, and an alarm must not."""


class Telling:
    """Between the kinds and the room of alarms. Pure given its state: what it keeps is packed with the rest."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._suppressed: dict[str, tuple[Suppression, ...]] = {}
        self._withheld: dict[str, Transition] = {}
        self._first: dict[str, tuple[str, int]] = {}

    def suppress(self, criteria: Iterable[Criterion]) -> None:
        """Suppressions in force from now on, by rule."""
        self._suppressed = {each.code: each.suppressions for each in criteria if each.suppressions}

    def tell(self, found: Sequence[Transition], lost: Mapping[int, str]) -> list[Transition]:
        """``found`` in order of time, without what is suppressed, raised ones with their cause. ``lost``: channels behind lost links."""
        said: list[Transition] = []
        for transition in sorted(found, key=lambda each: (each.time_ms, each.channel)):
            if transition.change == CLEAR:
                if self._withheld.pop(transition.episode, None) is None:
                    said.append(transition)
            elif self._holds_back(transition, transition.time_ms) and len(self._withheld) < MOST_WITHHELD:
                self._withheld[transition.episode] = transition
            else:
                said.append(self._with_cause(transition, lost))
        return said

    def release(self, now_ms: int, lost: Mapping[int, str]) -> list[Transition]:
        """What was held back, still stands, and is suppressed no more. It keeps the time at which it rose."""
        free = [each for each in self._withheld.values() if not self._holds_back(each, now_ms)]
        for each in free:
            del self._withheld[each.episode]
        for name in [name for name, (_episode, since) in self._first.items() if now_ms - since > 2 * WINDOW_MS]:
            del self._first[name]
        return [self._with_cause(each, lost) for each in free]

    def _holds_back(self, transition: Transition, at_ms: int) -> bool:
        return any(
            each.since_ms <= at_ms < each.until_ms and (not each.channels or transition.channel in each.channels)
            for each in self._suppressed.get(transition.rule, ())
        )

    def _with_cause(self, transition: Transition, lost: Mapping[int, str]) -> Transition:
        """A lost link explains what rises behind it; else the first alarm of the device, else that of the hazard source, within the window."""
        explained = transition.channel in lost and transition.kind != "LINK" and not transition.exercise
        causes = [lost[transition.channel]] if explained else []
        for name in self._groups(transition.channel):
            if transition.exercise:
                name = f"exercise/{name}"
            episode, since = self._first.get(name, ("", 0))
            if episode and episode != transition.episode and 0 <= transition.time_ms - since <= WINDOW_MS:
                causes.append(episode)
            elif not episode or transition.time_ms - since > WINDOW_MS:
                self._first[name] = (transition.episode, transition.time_ms)
        return msgspec.structs.replace(transition, cause=causes[0]) if causes else transition

    def _groups(self, channel: int) -> list[str]:
        topology = self._topology
        if channel >= topology.size:
            return []
        device, source = int(topology.device[channel]), int(topology.risk_source[channel])
        named = [f"d/{topology.devices.names[device]}"] if device != NONE else []
        return named + ([f"s/{topology.risk_sources.names[source]}"] if source != NONE else [])

    def pack(self) -> bytes:
        """Everything remembered, for :meth:`unpack`."""
        return msgspec.json.encode(([encode(each).decode() for each in self._withheld.values()], self._first))

    def unpack(self, packed: bytes) -> None:
        """Take over what was packed."""
        withheld, first = msgspec.json.decode(packed, type=tuple[list[str], dict[str, tuple[str, int]]])
        self._withheld = {each.episode: each for each in (decode(one.encode()) for one in withheld) if each.change == RAISE}
        self._first = first
