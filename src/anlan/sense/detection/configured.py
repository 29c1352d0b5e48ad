"""A point's own limits compared with those the law wants (coal criteria of 2026, 14(5): wrong thresholds). No reading is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from anlan.sense.detection.topology import Topology
from anlan.sense.detection.watching import ACTIVE, NORMAL, Bound, Column, Kind
from anlan.wire.criteria import Configured
from anlan.wire.detections import CLEAR, RAISE, Transition


class ConfiguredLimits(Kind):
    """Reached while the point's H limit is missing or higher than ``h``, or its HH limit than ``hh``. Judged when the registry changes.

    It begins with the later of the messages that said the rule and the point: told again by a detector started anew, it has the same name.
    """

    kind = "CONFIGURED"
    word = "CONFIGURED"

    def __init__(self, topology: Topology) -> None:
        super().__init__()
        self._topology = topology

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Configured)]
        return {name: [np.nan if (limit := getattr(each, name)) is None else limit for each in given] for name in ("h", "hh")}

    def tick(self, now_ms: int) -> list[Transition]:
        """What the registry now says."""
        if not len(self):
            return []
        wrong = np.zeros(len(self), np.bool_)
        own: dict[str, Column] = {}
        for name in ("h", "hh"):
            wanted, own[name] = self.figures[name], self._topology.column(name, self.channel, np.nan)
            wrong |= ~np.isnan(wanted) & ~(own[name] <= wanted)
        state = self.columns["state"]
        found = []
        for slot in np.flatnonzero(wrong != (state == ACTIVE)):
            state[slot] = ACTIVE if wrong[slot] else NORMAL
            if wrong[slot]:
                said = max(int(self._topology.column("said", self.channel[[slot]], 0)[0]), self.rules[self.rule[slot]].since_ms)
                self.columns["raised"][slot] = said or now_ms
            self.columns["moment"][slot] = now_ms
            found.append(self._say(int(slot), now_ms, RAISE if wrong[slot] else CLEAR, own))
        return found

    def _say(self, slot: int, now_ms: int, change: str, own: Mapping[str, Column]) -> Transition:
        criterion = self.rules[self.rule[slot]].criterion
        said = {
            "set_h": own["h"][slot],
            "wanted_h": self.figures["h"][slot],
            "set_hh": own["hh"][slot],
            "wanted_hh": self.figures["hh"][slot],
        }
        limit = said["wanted_h"] if said["wanted_h"] == said["wanted_h"] else said["wanted_hh"]
        return Transition(
            change=change,
            channel=int(self.channel[slot]),
            kind=self.word,
            level=criterion.level,
            limit=float(limit),
            raised_ms=int(self.columns["raised"][slot]),
            time_ms=now_ms,
            value=0.0,
            peak=0.0,
            rule=criterion.code,
            facts={name: float(value) for name, value in said.items() if value == value},
        )
