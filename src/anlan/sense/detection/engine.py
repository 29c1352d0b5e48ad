"""All kinds of detection together: rules come and go, readings and moments are taken in, transitions come out. No clock, no Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.colours import PondColours
from anlan.sense.detection.combined import CombinedRule
from anlan.sense.detection.configured import ConfiguredLimits
from anlan.sense.detection.drift import DriftAgainstTwin
from anlan.sense.detection.exercise import Exercises
from anlan.sense.detection.frozen import BlockedSensor, FrozenValue
from anlan.sense.detection.limits import Limits
from anlan.sense.detection.ordering import Rows, fresh_rows
from anlan.sense.detection.outofrange import OutOfRange
from anlan.sense.detection.rate import RateOfChange
from anlan.sense.detection.repeated import RepeatedSequence
from anlan.sense.detection.silence import Silence
from anlan.sense.detection.telling import Telling
from anlan.sense.detection.topology import Topology
from anlan.sense.detection.units import ProcessUnit
from anlan.sense.detection.virtual import VirtualPoints
from anlan.sense.detection.watching import Bound, Kind
from anlan.wire.blocks import EXERCISE, MAINTENANCE, Block, concatenate, empty
from anlan.wire.criteria import Criterion, Virtual
from anlan.wire.detections import Transition

BLIND_MS = 10_000
"""A longer pause between two moments means that nobody listened meanwhile (restart, a stream that was away). Project default."""
TICK_MS = 1000
"""How often time alone is looked at."""
_EXERCISE = "EXERCISE."


def _by_reading(topology: Topology, units: ProcessUnit) -> tuple[Kind, ...]:
    return (
        Limits(),
        OutOfRange(topology.range_of),
        RateOfChange(),
        FrozenValue(),
        BlockedSensor(),
        DriftAgainstTwin(),
        RepeatedSequence(),
        CombinedRule(),
        PondColours(),
        units,
    )


class Engine:
    """Rules of every kind over the points of ``topology``. Feed readings in order of their arrival, and :meth:`tick` about once a second."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.telling = Telling(topology)
        self.silence = Silence(topology)
        self.configured = ConfiguredLimits(topology)
        self.virtual = VirtualPoints()
        self.units = ProcessUnit()
        self._by_reading = _by_reading(topology, self.units)
        self.exercises = Exercises(lambda: _by_reading(topology, ProcessUnit()))
        self.kinds: tuple[Kind, ...] = (*self._by_reading, self.silence, self.configured)
        self.ticked_ms = 0
        self._criteria: dict[str, tuple[Criterion, int]] = {}
        self._encoded: NDArray[np.uint8] | None = None
        self._changed = False
        self._topology_seen = -1
        self._packed: Mapping[str, NDArray[Any]] | None = None

    def apply(self, criterion: Criterion, at_ms: int = 0) -> None:
        """Take over a rule, said at ``at_ms``, in place of the one of the same code. It watches from the next :meth:`settle` on."""
        if criterion.in_force:
            self._criteria[criterion.code] = (criterion, at_ms)
        else:
            self._criteria.pop(criterion.code, None)
        self._changed, self._encoded = True, None

    def drop_all_but(self, codes: Iterable[str]) -> None:
        """Take back every rule that is not among ``codes``."""
        kept = set(codes)
        for code in [code for code in self._criteria if code not in kept]:
            self.apply(msgspec.structs.replace(self._criteria[code][0], in_force=False))

    def settle(self) -> list[Transition]:
        """Bring the arrangement up to date with rules and registry; what stood on something that is gone is cleared."""
        if not self._changed and self._topology_seen == self.topology.version:
            return []
        self._changed, self._topology_seen = False, self.topology.version
        by_kind: dict[str, list[Bound]] = {}
        for code in sorted(self._criteria):
            criterion, since_ms = self._criteria[code]
            kind = criterion.parameters.__struct_config__.tag
            channels = np.empty(0, np.int32) if isinstance(criterion.parameters, Virtual) else self.topology.channels(criterion.scope)
            by_kind.setdefault(str(kind), []).append(Bound(criterion, channels, since_ms))
        found = [transition for kind in self.kinds for transition in kind.bind(by_kind.get(kind.kind, ()))]
        self.virtual.bind(by_kind.get("VIRTUAL", ()))
        found += self.exercises.settle(by_kind, self._by_reading, self.virtual)
        self.telling.suppress(criterion for criterion, _since in self._criteria.values())
        if self._packed is not None:
            packed, self._packed = self._packed, None
            found += self._unpack(packed)
        return self.telling.tell(found, {})

    @property
    def watches(self) -> bool:
        """Whether any rule is in force."""
        return bool(self._criteria)

    def judge(self, block: Block, last_time: NDArray[np.int64], at_ms: int) -> tuple[list[Transition], Block]:
        """What ``block``, which the node had at ``at_ms``, causes, before anything is held back (:meth:`tell`), and what is reckoned from it.

        ``last_time``: by channel, the time of the newest reading before ``block``; every channel of ``block`` lies below its length.
        Readings under maintenance count as heard and are passed over otherwise; those of exercises are judged apart.
        """
        if not self.watches or not len(block):
            return [], empty()
        found = self.silence.hear(block.channel, at_ms)
        usable = (block.quality & MAINTENANCE) == 0
        if not usable.all():
            block = block.where(usable)
        marked = (block.quality & EXERCISE) != 0
        if not self.exercises.stand and not marked.any():
            rows = fresh_rows(block, last_time)
            return found + self.feed(rows), self.virtual.derive(rows)
        drilled, reckoned = self.exercises.judge(block, last_time, self._by_reading, self.virtual)
        rows = fresh_rows(block.where(~marked), last_time)
        # Of an exercise first: what ends with a real reading is cleared before what that reading raises.
        return [*found, *drilled, *self.feed(rows)], concatenate([reckoned, self.virtual.derive(rows)])

    def feed(self, rows: Rows) -> list[Transition]:
        """What ``rows`` cause, before anything is held back or grouped (see :meth:`tell`)."""
        return [transition for kind in self._by_reading if len(kind) for transition in kind.feed(rows)] if len(rows) else []

    def tick(self, now_ms: int) -> list[Transition]:
        """What time alone brings, told: silence, links, limits set wrongly, suppressions that ended. More often than wanted does no harm."""
        if now_ms - self.ticked_ms < TICK_MS:
            return []
        gap, self.ticked_ms = now_ms - self.ticked_ms if self.ticked_ms else 0, now_ms
        told = self.settle()
        if gap > BLIND_MS:
            self.silence.pass_over(gap)
        told += self.tell([*self.silence.tick(now_ms), *self.configured.tick(now_ms)])
        return told + self.telling.release(now_ms, self.silence.lost_channels())

    def tell(self, found: list[Transition]) -> list[Transition]:
        """``found`` as it is to be said: in order of time, without what is suppressed, with causes."""
        return self.telling.tell(found, self.silence.lost_channels()) if found else []

    def pack(self) -> dict[str, NDArray[Any]]:
        """Everything remembered and the rules themselves, as named arrays."""
        if self._encoded is None:
            self._encoded = np.frombuffer(msgspec.json.encode(list(self._criteria.values())), np.uint8)
        packed = {"criteria": self._encoded, "ticked": np.array(self.ticked_ms)}
        if self._packed is not None:
            # Not settled since it was unpacked: nothing was taken in either.
            return {**self._packed, **packed}
        packed |= {f"{kind.kind}.{name}": column for kind in self.kinds if len(kind) for name, column in kind.pack().items()}
        packed |= {f"VIRTUAL.{name}": column for name, column in self.virtual.pack().items()}
        packed |= {f"{_EXERCISE}{name}": column for name, column in self.exercises.pack().items()}
        packed["telling"] = np.frombuffer(self.telling.pack(), np.uint8)
        return packed

    def unpack(self, packed: Mapping[str, NDArray[Any]]) -> None:
        """Take over what was packed, as soon as rules and registry are known (at the next :meth:`settle`)."""
        self._packed = dict(packed)
        self.ticked_ms = int(packed["ticked"]) if "ticked" in packed else 0
        self._changed = True

    def _unpack(self, packed: Mapping[str, NDArray[Any]]) -> list[Transition]:
        found: list[Transition] = []
        for kind in self.kinds:
            if mine := _of(kind.kind, packed):
                found += kind.unpack(mine)
        if mine := _of("VIRTUAL", packed):
            self.virtual.unpack(mine)
        mine = {name.removeprefix(_EXERCISE): column for name, column in packed.items() if name.startswith(_EXERCISE)}
        found += self.exercises.unpack(mine, self._by_reading, self.virtual)
        if "telling" in packed:
            self.telling.unpack(packed["telling"].tobytes())
        return found


def _of(kind: str, packed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name.partition(".")[2]: column for name, column in packed.items() if name.startswith(f"{kind}.")}


def remembered(packed: Mapping[str, NDArray[Any]]) -> list[tuple[Criterion, int]]:
    """The rules that were in force when ``packed`` was packed, with when they were said."""
    return msgspec.json.decode(packed["criteria"].tobytes(), type=list[tuple[Criterion, int]]) if "criteria" in packed else []
