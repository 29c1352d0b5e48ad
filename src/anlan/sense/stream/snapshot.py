"""The detector's memory on disk: written beside and moved into place, so that there is always one whole snapshot."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import structlog

from anlan.sense.stream.detection import NORMAL, State

log = structlog.get_logger()

VERSION = 1


def save(path: Path, state: State) -> None:
    """Write ``state``. Only limits out of their normal state are written; most are normal."""
    kind, channel = np.nonzero(state.state != NORMAL)
    heard = np.flatnonzero(state.last_time >= 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        np.savez(
            file,
            version=VERSION,
            position=state.position,
            size=len(state.last_time),
            kind=kind.astype(np.int8),
            channel=channel.astype(np.int32),
            state=state.state[kind, channel],
            since=state.since[kind, channel],
            peak=state.peak[kind, channel],
            heard=heard.astype(np.int32),
            last_time=state.last_time[heard],
            last_value=state.last_value[heard],
        )
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path) -> State | None:
    """The state last written, ``None`` when there is none that can be read (then the stream is read from its beginning)."""
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
            return state
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, BadZipFile) as damage:
        log.error("snapshot damaged, reading the stream anew", path=str(path), reason=str(damage))
        return None
