"""All kinds of detection together: rules come and go, readings and moments are taken in, transitions come out. No clock, no Django."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.colours import PondColours
from anlan.sense.detection.combined import CombinedRule
from anlan.sense.detection.configured import ConfiguredLimits
from anlan.sense.detection.drift import DriftAgainstTwin
from anlan.sense.detection.frozen import BlockedSensor, FrozenValue
from anlan.sense.detection.limits import Limits
from anlan.sense.detection.ordering import Rows
from anlan.sense.detection.outofrange import OutOfRange
from anlan.sense.detection.rate import RateOfChange
from anlan.sense.detection.repeated import RepeatedSequence
from anlan.sense.detection.silence import Silence
from anlan.sense.detection.telling import Telling
from anlan.sense.detection.topology import Topology
from anlan.sense.detection.virtual import VirtualPoints
from anlan.sense.detection.watching import Bound, Kind
from anlan.wire.blocks import Block
from anlan.wire.criteria import Criterion, Virtual
from anlan.wire.detections import Transition


class Engine:
    """Rules of every kind over the points of ``topology``. Feed readings in order of their arrival, and :meth:`tick` about once a second."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.telling = Telling(topology)
        self.silence = Silence(topology)
        self.configured = ConfiguredLimits(topology)
        self.virtual = VirtualPoints()
        self.kinds: tuple[Kind, ...] = (
            Limits(),
            OutOfRange(topology.range_of),
            RateOfChange(),
            FrozenValue(),
            BlockedSensor(),
            DriftAgainstTwin(),
            RepeatedSequence(),
            CombinedRule(),
            PondColours(),
            self.silence,
            self.configured,
        )
        self._criteria: dict[str, Criterion] = {}
        self._changed = False
        self._topology_seen = -1
        self._packed: Mapping[str, NDArray[Any]] | None = None

    def apply(self, criterion: Criterion) -> None:
        """Take over a rule in place of the one of the same code. It watches from the next :meth:`settle` on."""
        if criterion.in_force:
            self._criteria[criterion.code] = criterion
        else:
            self._criteria.pop(criterion.code, None)
        self._changed = True

    def settle(self) -> list[Transition]:
        """Bring the arrangement up to date with rules and registry; what stood on something that is gone is cleared."""
        if not self._changed and self._topology_seen == self.topology.version:
            return []
        self._changed, self._topology_seen = False, self.topology.version
        by_kind: dict[str, list[Bound]] = {}
        for criterion in sorted(self._criteria.values(), key=lambda each: each.code):
            kind = criterion.parameters.__struct_config__.tag
            channels = np.empty(0, np.int32) if isinstance(criterion.parameters, Virtual) else self.topology.channels(criterion.scope)
            by_kind.setdefault(str(kind), []).append(Bound(criterion, channels))
        found = [transition for kind in self.kinds for transition in kind.bind(by_kind.get(kind.kind, ()))]
        self.virtual.bind(by_kind.get("VIRTUAL", ()))
        self.telling.suppress(self._criteria.values())
        if self._packed is not None:
            packed, self._packed = self._packed, None
            self._unpack(packed)
        return self.telling.tell(found, {})

    @property
    def watches(self) -> bool:
        """Whether any rule is in force."""
        return bool(self._criteria)

    def derive(self, rows: Rows) -> Block:
        """Readings of virtual points that ``rows`` cause; to be fed like any other."""
        return self.virtual.derive(rows)

    def feed(self, rows: Rows) -> list[Transition]:
        """What ``rows`` cause, before anything is held back or grouped (see :meth:`tell`)."""
        return [transition for kind in self.kinds if len(kind) for transition in kind.feed(rows)] if len(rows) else []

    def hear(self, channel: NDArray[np.int32], at_ms: NDArray[np.int64]) -> list[Transition]:
        """Points that spoke, whatever they said, at ``at_ms``: when the node had it."""
        return self.silence.hear(channel, at_ms)

    def tick(self, now_ms: int) -> list[Transition]:
        """What time alone brings: silence, links, limits set wrongly, suppressions that ended."""
        found = self.tell([*self.silence.tick(now_ms), *self.configured.tick(now_ms)])
        return found + self.telling.release(now_ms, self.silence.lost_channels())

    def tell(self, found: list[Transition]) -> list[Transition]:
        """``found`` as it is to be said: in order of time, without what is suppressed, with causes."""
        return self.telling.tell(found, self.silence.lost_channels()) if found else []

    def pack(self) -> dict[str, NDArray[Any]]:
        """Everything remembered, as named arrays."""
        packed = {f"{kind.kind}.{name}": column for kind in self.kinds if len(kind) for name, column in kind.pack().items()}
        packed |= {f"VIRTUAL.{name}": column for name, column in self.virtual.pack().items()}
        packed["telling"] = np.frombuffer(self.telling.pack(), np.uint8)
        return packed

    def unpack(self, packed: Mapping[str, NDArray[Any]]) -> None:
        """Take over what was packed, as soon as rules and registry are known (at the next :meth:`settle`)."""
        self._packed = dict(packed)
        self._changed = True

    def _unpack(self, packed: Mapping[str, NDArray[Any]]) -> None:
        for kind in (*self.kinds, self.virtual):
            name = kind.kind if isinstance(kind, Kind) else "VIRTUAL"
            mine = {key.partition(".")[2]: column for key, column in packed.items() if key.startswith(f"{name}.")}
            if mine:
                kind.unpack(mine)
        if "telling" in packed:
            self.telling.unpack(packed["telling"].tobytes())
