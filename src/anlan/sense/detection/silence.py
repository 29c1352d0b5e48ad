"""A point that says nothing any more, as distinct from the loss of the link over which it and its neighbours speak.

One dead sensor is one alarm SILENT. A dead link is one alarm LINK that counts its points, and none of them is said to be silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.topology import Topology
from anlan.sense.detection.watching import ACTIVE, NORMAL, UNHEARD, Bound, Column, Kept, Kind, milliseconds
from anlan.wire.criteria import Silent
from anlan.wire.detections import CLEAR, RAISE, Transition

LINKED = 5
"""State of a slot that says nothing because its link is lost."""
GRACE_MS = 30_000
"""So long a link reported lost may take to come back before it is told. Project default."""


class Silence(Kind):
    """A point is *due* when it was not heard for ``times × interval``. Whether it or its link is dead is judged by its group.

    The group is the device, where at least two of its points are watched, else the credential. Of the group the *fast* points are those that
    speak at least as often as the second most frequent one; *slack* is the longest of their intervals.

    - The link is lost when all fast points are due and none of the group was heard later than ``slack`` after the last fast one.
    - A due point is silent when another of its group was heard more than the point's own interval after it (the link lives).
    - A due point alone in its device and credential is silent. Otherwise the judgement waits; one of the three comes true in the end.

    The credential is asked before the device: a lost gateway is one loss. Points that were silent before take no part.
    Time in which nobody listened (:meth:`pass_over`) counts for nobody; the names of alarms are those of what was heard, without it.
    """

    kind = "SILENT"
    word = "SILENT"
    keeps = {
        "heard": Kept(np.int64, UNHEARD),
        "blind": Kept(np.int64),
        "link_channel": Kept(np.int32, -1),
        "link_raised": Kept(np.int64),
        "link_points": Kept(np.int32),
        "link_level": Kept(np.int8),
    }

    def __init__(self, topology: Topology) -> None:
        super().__init__()
        self._topology = topology
        self._credential = self._device = np.empty(0, np.int64)
        # Not packed: the stream of links is read anew at every start.
        self._reported: dict[tuple[str, str], int] = {}
        self._lost_behind: dict[int, str] | None = None

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Silent)]
        return {
            "limit": [each.interval_s * each.times for each in given],
            "interval": [milliseconds(each.interval_s) for each in given],
            "patience": [milliseconds(each.interval_s * each.times) for each in given],
            "level": [each.criterion.level for each in rules],
        }

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """As :meth:`Kind.bind`. Links whose points are all gone are cleared as well."""
        before, self._lost_behind = _links(self.columns), None
        # A point behind a lost link raised nothing of its own.
        found = [transition for transition in super().bind(rules) if transition.raised_ms]
        self._credential = self._topology.column("credential", self.channel).astype(np.int64)
        self._device = self._topology.column("device", self.channel).astype(np.int64)
        return found + self._links_gone(before)

    def unpack(self, packed: Mapping[str, Column]) -> list[Transition]:
        """As :meth:`Kind.unpack`; links as in :meth:`bind`."""
        self._lost_behind = None
        found = [transition for transition in super().unpack(packed) if transition.raised_ms]
        return found + self._links_gone(_links(packed) if "link_raised" in packed and "state" in packed else {})

    def _links_gone(self, before: Mapping[tuple[int, int], tuple[int, int, int]]) -> list[Transition]:
        after = _links(self.columns)
        return [self._link(CLEAR, *before[key], key[1], withdrawn=True) for key in before if key not in after]

    def hear(self, channel: NDArray[np.int32], at_ms: int) -> list[Transition]:
        """Points that spoke at ``at_ms`` (when the node had it, not when it was measured). Whatever they said counts, also under work."""
        row, slot = self.index.expand(channel)
        if not len(row):
            return []
        kept = self.columns
        kept["heard"][slot] = np.maximum(kept["heard"][slot], at_ms)
        kept["blind"][slot] = 0
        calm = kept["state"][slot] == NORMAL
        if calm.all():
            return []
        slot = np.unique(slot[~calm])
        silent = slot[kept["state"][slot] == ACTIVE]
        found = [self._point(CLEAR, int(one), at_ms) for one in silent]
        kept["state"][silent] = NORMAL
        return found + self._return(slot, at_ms)

    def pass_over(self, gap_ms: int) -> None:
        """Nobody listened for ``gap_ms``: what was not heard meanwhile may have been said."""
        waiting = self.columns["state"] == NORMAL
        self.columns["blind"][waiting] += gap_ms

    def tick(self, now_ms: int) -> list[Transition]:
        """What is due at ``now_ms``. Points never heard are waited for from their first tick on."""
        kept, figures = self.columns, self.figures
        if not len(self):
            return []
        state, heard = kept["state"], kept["heard"]
        idle = ~self._topology.column("in_use", self.channel, 0).astype(np.bool_)
        at_work = self._topology.under_work(now_ms)
        known = self.channel < len(at_work)
        idle[known] |= at_work[self.channel[known]]
        lost_by_report = self._reported_lost(now_ms)
        normal = state == NORMAL
        anew = normal & (idle | (heard == UNHEARD))
        heard[anew], kept["blind"][anew] = now_ms, 0
        due = normal & (now_ms - heard - kept["blind"] > figures["patience"])
        found = lost_by_report
        if not due.any():
            return found
        for group in (self._credential, self._device):
            lost = self._lost(group, normal & (state == NORMAL) & ~idle, due)
            for number in np.unique(group[lost]):
                found.append(self._lose(np.flatnonzero(lost & (group == number))))
        due &= state == NORMAL
        silent = due & self._alive_without(due, (state == NORMAL) | (state == ACTIVE))
        for slot in np.flatnonzero(silent):
            kept["raised"][slot] = heard[slot] + figures["patience"][slot]
            state[slot] = ACTIVE
            found.append(self._point(RAISE, int(slot), int(kept["raised"][slot])))
        return found

    def link_down(self, credential: str, at_ms: int, device: str = "") -> None:
        """The link of a credential, or of one device behind it, was reported lost.

        It is told once it stayed lost for :data:`GRACE_MS` and none of its points spoke meanwhile: equipment that hangs up after every message
        is no loss. Silence alone would tell it too, later.
        """
        self._reported[credential, device] = at_ms

    def link_up(self, credential: str, at_ms: int, device: str = "") -> list[Transition]:
        """The link was reported to stand again: its points get their full time from ``at_ms`` on."""
        self._reported.pop((credential, device), None)
        slots = self._behind(credential, device)
        return self._return(slots[self.columns["link_raised"][slots] < at_ms], at_ms)

    def _reported_lost(self, now_ms: int) -> list[Transition]:
        found = []
        for (credential, device), at_ms in [entry for entry in self._reported.items() if now_ms - entry[1] >= GRACE_MS]:
            del self._reported[credential, device]
            slots = self._behind(credential, device)
            slots = slots[(self.columns["state"][slots] == NORMAL) & (self.columns["heard"][slots] <= at_ms)]
            if len(slots):
                found.append(self._lose(slots, at_ms))
        return found

    def _behind(self, credential: str, device: str) -> Column:
        if device:
            return np.flatnonzero(self._device == self._topology.devices.number(f"{credential}/{device}"))
        return np.flatnonzero(self._credential == self._topology.credentials.number(credential))

    def lost_channels(self) -> dict[int, str]:
        """Channels behind a lost link, with the episode of the loss."""
        if self._lost_behind is not None:
            return self._lost_behind
        linked = np.flatnonzero(self.columns["state"] == LINKED)
        episodes = {key: self._link(RAISE, *told, key[1]).episode for key, told in _links(self.columns).items()}
        kept = self.columns
        self._lost_behind = {int(self.channel[at]): episodes[int(kept["link_channel"][at]), int(kept["link_raised"][at])] for at in linked}
        return self._lost_behind

    def _lost(self, group: Column, takes_part: Column, due: Column) -> Column:
        """Slots of groups whose link is lost."""
        size = int(group.max(initial=-1)) + 1
        wanted = np.zeros(size, np.bool_)
        wanted[group[due & (group >= 0)]] = True
        here = np.flatnonzero(takes_part & (group >= 0) & np.append(wanted, False)[group])
        if not len(here):
            return np.zeros(len(group), np.bool_)
        order = here[np.lexsort((self.figures["interval"][here], group[here]))]
        starts = np.flatnonzero(np.concatenate([[True], group[order][1:] != group[order][:-1]]))
        count = np.diff(np.append(starts, len(order)))
        interval, heard = self.figures["interval"][order], self.columns["heard"][order]
        slack = interval[np.minimum(starts + 1, len(order) - 1)]
        fast = interval <= np.repeat(slack, count)
        all_due = np.minimum.reduceat(due[order] | ~fast, starts)
        last_fast = np.maximum.reduceat(np.where(fast, heard, UNHEARD), starts)
        last = np.maximum.reduceat(heard, starts)
        lost = (count >= 2) & all_due & (last <= last_fast + slack)
        found = np.zeros(len(group), np.bool_)
        found[order[np.repeat(lost, count)]] = True
        return found

    def _alive_without(self, due: Column, counted: Column) -> Column:
        """Slots of whose group another point was heard more than an interval later, or that are alone."""
        heard, interval = self.columns["heard"], self.figures["interval"]
        verdict = np.zeros(len(due), np.bool_)
        decided = np.zeros(len(due), np.bool_)
        for group in (self._device, self._credential):
            size = int(group.max(initial=-1)) + 2
            count = np.bincount(group[counted] + 1, minlength=size)
            last = np.full(size, UNHEARD, np.int64)
            np.maximum.at(last, group[counted] + 1, heard[counted])
            several = (group >= 0) & (count[group + 1] >= 2)
            mine = several & ~decided
            verdict[mine] = (last[group + 1] > heard + interval)[mine]
            decided |= several
        return verdict | ~decided

    def _lose(self, slots: Column, at_ms: int | None = None) -> Transition:
        kept = self.columns
        channel = int(self.channel[slots].min())
        since = int(kept["heard"][slots].max() + self.figures["patience"][slots].min()) if at_ms is None else at_ms
        points, level = len(np.unique(self.channel[slots])), int(self.figures["level"][slots].min())
        kept["state"][slots], kept["link_channel"][slots], kept["link_raised"][slots] = LINKED, channel, since
        kept["link_points"][slots], kept["link_level"][slots] = points, level
        kept["raised"][slots], self._lost_behind = 0, None
        return self._link(RAISE, channel, points, level, since)

    def _return(self, slots: Column, at_ms: int) -> list[Transition]:
        """The lost links of some of ``slots`` speak again: their other points get their full time anew."""
        kept, found = self.columns, []
        for slot in slots:
            if kept["state"][slot] != LINKED:
                continue
            channel, raised = int(kept["link_channel"][slot]), int(kept["link_raised"][slot])
            behind = (kept["state"] == LINKED) & (kept["link_channel"] == channel) & (kept["link_raised"] == raised)
            kept["state"][behind], self._lost_behind = NORMAL, None
            kept["heard"][behind], kept["blind"][behind] = np.maximum(kept["heard"][behind], at_ms), 0
            points, level = int(kept["link_points"][slot]), int(kept["link_level"][slot])
            found.append(self._link(CLEAR, channel, points, level, raised, time_ms=at_ms))
        return found

    def _link(
        self, change: str, channel: int, points: int, level: int, raised_ms: int, *, time_ms: int | None = None, withdrawn: bool = False
    ) -> Transition:
        at = np.array([channel], np.int32)
        credential, device = int(self._topology.column("credential", at)[0]), int(self._topology.column("device", at)[0])
        facts: dict[str, float | str] = {"points": float(points)}
        if credential >= 0:
            facts["credential"] = self._topology.credentials.names[credential]
        if device >= 0:
            facts["device"] = self._topology.devices.names[device].partition("/")[2]
        return Transition(
            change=change,
            channel=channel,
            kind="LINK",
            level=level,
            limit=0.0,
            raised_ms=raised_ms,
            time_ms=raised_ms if time_ms is None else time_ms,
            value=float(points),
            peak=float(points),
            facts=facts,
            withdrawn=withdrawn,
        )

    def _point(self, change: str, slot: int, time_ms: int) -> Transition:
        criterion = self.rules[self.rule[slot]].criterion
        heard, raised = int(self.columns["heard"][slot]), int(self.columns["raised"][slot])
        silent_s = (time_ms - (raised - int(self.figures["patience"][slot]))) / 1000.0
        self.columns["moment"][slot] = heard
        return Transition(
            change=change,
            channel=int(self.channel[slot]),
            kind="SILENT",
            level=criterion.level,
            limit=float(self.figures["limit"][slot]),
            raised_ms=raised,
            time_ms=time_ms,
            value=silent_s,
            peak=silent_s,
            rule=criterion.code,
            facts={"interval_s": float(self.figures["interval"][slot]) / 1000.0},
        )


def _links(kept: Mapping[str, Column]) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Lost links by channel and beginning: channel, points, level."""
    return {
        (int(kept["link_channel"][at]), int(kept["link_raised"][at])): (
            int(kept["link_channel"][at]),
            int(kept["link_points"][at]),
            int(kept["link_level"][at]),
        )
        for at in np.flatnonzero(kept["state"] == LINKED)
    }
