"""The guard of the disk: before it is full the stream takes in nothing more, and takes it in again by itself when there is room.

What is refused was never acknowledged: a device that speaks MQTT keeps its message and sends it again, a gateway gives no answer. What lies on the
stream already is worked off. So a full disk costs delay, never a reading, and no store is cut off in the middle of a write.

Shares are of the file system below ``ANLAN_HOME``. ``ANLAN_DISK_REFUSE`` and ``ANLAN_DISK_RESUME`` (per cent used) replace the project's defaults; two
figures in the file ``disk-limits`` below ``ANLAN_HOME`` replace both while the node runs (an operator who makes room, an exercise).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError

from anlan.ledger import broker
from anlan.ledger.process import pause

log = structlog.get_logger()

REFUSE_PERCENT, RESUME_PERCENT = 95.0, 93.0
"""Project defaults. Between the two nothing changes, so that the node does not waver."""
_LOOK_SECONDS = 2.0
_LEAST_BYTES = 1024


@dataclass(frozen=True, slots=True)
class DiskState:
    """How the disk stands. ``used``: per cent of the file system; ``refusing``: nothing is taken in; ``since_ms``: since when."""

    used: float = 0.0
    free_bytes: int = 0
    refusing: bool = False
    since_ms: int = 0
    refuse_at: float = REFUSE_PERCENT
    resume_at: float = RESUME_PERCENT


def limits(home: Path) -> tuple[float, float]:
    """Shares at which the node refuses and takes in again. Raises ``ValueError`` when they make no sense together."""
    try:
        told = (home / "disk-limits").read_text().split()
    except FileNotFoundError:
        told = []
    if told:
        refuse, resume = float(told[0]), float(told[1] if len(told) > 1 else told[0])
    else:
        refuse = float(os.environ.get("ANLAN_DISK_REFUSE") or REFUSE_PERCENT)
        resume = float(os.environ.get("ANLAN_DISK_RESUME") or min(RESUME_PERCENT, refuse))
    if not 0 <= resume <= refuse <= 100:
        raise ValueError(f"the disk's lower limit ({resume}) must not be above the upper one ({refuse}), both from 0 to 100")
    return refuse, resume


def judged(state: DiskState, used: float, free_bytes: int, now_ms: int) -> DiskState:
    """The state after the disk was found to be used to ``used`` per cent."""
    refusing = used >= state.refuse_at or (state.refusing and used > state.resume_at)
    since = state.since_ms if refusing == state.refusing and state.since_ms else now_ms
    return replace(state, used=round(used, 1), free_bytes=free_bytes, refusing=refusing, since_ms=since)


class DiskGuard:
    """Looks at the disk and closes or opens the stream of device messages."""

    def __init__(self, home: Path) -> None:
        refuse, resume = limits(home)
        self._home = home
        self.state = DiskState(refuse_at=refuse, resume_at=resume)

    def look(self, now_ms: int) -> bool:
        """Look at the disk; whether what is to be done changed."""
        before = self.state
        try:
            refuse, resume = limits(self._home)
        except ValueError as wrong:
            # An operator's slip of the pen must not end the process; the limits before hold.
            log.error("limits of the disk not understood", reason=str(wrong))
            refuse, resume = before.refuse_at, before.resume_at
        usage = shutil.disk_usage(self._home)
        # What the file system keeps for its administrator is no room for us.
        used = 100.0 * (1 - usage.free / max(1, usage.used + usage.free))
        self.state = judged(replace(before, refuse_at=refuse, resume_at=resume), used, usage.free, now_ms)
        return before.refusing != self.state.refusing

    async def watch(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Look every few seconds until ``stop`` is set."""
        while not stop.is_set():
            if self.look(time.time_ns() // 1_000_000):
                told = {"used": self.state.used, "free_bytes": self.state.free_bytes}
                if self.state.refusing:
                    log.error("the disk is nearly full: nothing more is taken in until there is room", **told)
                else:
                    log.warning("there is room on the disk again: readings are taken in", **told)
            try:
                await self._hold(js)
            except (NatsError, APIError, TimeoutError) as trouble:
                log.warning("the stream does not answer the guard of the disk", reason=str(trouble))
            await pause(stop, _LOOK_SECONDS)

    async def _hold(self, js: JetStreamContext) -> None:
        """Bring the stream of device messages into the state that the disk asks for; asking again changes nothing."""
        info = await js.stream_info(broker.RAW)
        config = info.config
        closed = config.discard == api.DiscardPolicy.NEW
        # What grew too old leaves the stream; the room it leaves is not for new messages while the disk is full.
        if closed == self.state.refusing and not (closed and (config.max_msgs or 0) > max(1, info.state.messages)):
            return
        if self.state.refusing:
            # Full as it is: whatever comes is refused, not stored at the cost of what came before.
            config.discard, config.max_bytes = api.DiscardPolicy.NEW, max(_LEAST_BYTES, int(info.state.bytes))
            config.max_msgs = max(1, int(info.state.messages))
        else:
            planned = broker.STREAMS[broker.RAW]
            config.discard, config.max_bytes, config.max_msgs = api.DiscardPolicy.OLD, planned["max_bytes"], -1
        await js.update_stream(config)
