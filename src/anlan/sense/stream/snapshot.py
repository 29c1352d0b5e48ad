"""The detector's memory on disk: packed at one moment, written a little later beside the old one and moved into place.

Between packing and writing the stream has written through to the disk what the detector had said until then (docs/adr/0027): a power cut
never leaves a memory that believes to have told an alarm which the stream lost.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog

from anlan.sense.stream.detection import NORMAL, State

log = structlog.get_logger()

VERSION = 1


def pack(state: State, made: str = "") -> dict[str, Any]:
    """A copy of what of ``state`` must be kept, and which making of the stream its position counts in.

    Limits in their normal state are left out: most are.
    """
    kind, channel = np.nonzero(state.state != NORMAL)
    heard = np.flatnonzero(state.last_time >= 0)
    return {
        "version": VERSION,
        "position": state.position,
        "made": made,
        "size": len(state.last_time),
        "kind": kind.astype(np.int8),
        "channel": channel.astype(np.int32),
        "state": state.state[kind, channel],
        "since": state.since[kind, channel],
        "peak": state.peak[kind, channel],
        "heard": heard.astype(np.int32),
        "last_time": state.last_time[heard],
        "last_value": state.last_value[heard],
    }


def write(path: Path, packed: Mapping[str, Any]) -> None:
    """Put a packed state on the disk. May run in a thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        np.savez(file, **packed)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path) -> tuple[State, str] | None:
    """The state last written and the making of the stream that it counts in.

    ``None`` when there is none that can be read; then the stream is read from its beginning.
    """
    try:
        with np.load(path) as kept:
            if int(kept["version"]) != VERSION:
                log.warning("snapshot of another version, reading the stream anew", path=str(path))
                return None
            state = State.fresh(int(kept["size"]))
            state.position = int(kept["position"])
            at = (kept["kind"], kept["channel"])
            state.state[at], state.since[at], state.peak[at] = kept["state"], kept["since"], kept["peak"]
            state.last_time[kept["heard"]], state.last_value[kept["heard"]] = kept["last_time"], kept["last_value"]
            return state, str(kept["made"]) if "made" in kept else ""
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, BadZipFile) as damage:
        log.error("snapshot damaged, reading the stream anew", path=str(path), reason=str(damage))
        return None
