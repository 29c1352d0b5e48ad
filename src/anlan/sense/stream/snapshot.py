"""The detector's memory on disk: packed at one moment, written a little later beside the old one and moved into place.

Between packing and writing the stream has written through to the disk what the detector had said until then (docs/adr/0027): a power cut
never leaves a memory that believes to have told an alarm which the stream lost. Limits of points, rules of every kind and the position in the
stream are one memory, written in one piece.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog
from numpy.typing import NDArray

from anlan.sense.stream.detection import NORMAL, State

log = structlog.get_logger()

VERSION = 2
_RULES, _EXERCISE = "rules:", "exercise:"


@dataclass(frozen=True)
class Memory:
    """What was kept: the limits' state with its position, the making of the stream it counts in, and what the rules' engine packed."""

    state: State
    made: str = ""
    rules: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def pack(state: State, made: str = "", rules: Mapping[str, NDArray[Any]] | None = None) -> dict[str, Any]:
    """A copy of what of ``state`` must be kept, which making of the stream its position counts in, and the packed ``rules``.

    Limits in their normal state are left out: most are.
    """
    return {
        "version": VERSION,
        "position": state.position,
        "made": made,
        **_packed(state),
        **({f"{_EXERCISE}{name}": column for name, column in _packed(state.exercise).items()} if state.exercise is not None else {}),
        **{f"{_RULES}{name}": column for name, column in (rules or {}).items()},
    }


def _packed(state: State) -> dict[str, Any]:
    kind, channel = np.nonzero(state.state != NORMAL)
    heard = np.flatnonzero(state.last_time >= 0)
    return {
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


def _unpacked(kept: Mapping[str, Any], prefix: str = "") -> State:
    state = State.fresh(int(kept[f"{prefix}size"]))
    at = (kept[f"{prefix}kind"], kept[f"{prefix}channel"])
    state.state[at], state.since[at], state.peak[at] = (kept[f"{prefix}{name}"] for name in ("state", "since", "peak"))
    heard = kept[f"{prefix}heard"]
    state.last_time[heard], state.last_value[heard] = kept[f"{prefix}last_time"], kept[f"{prefix}last_value"]
    return state


def write(path: Path, packed: Mapping[str, Any]) -> None:
    """Put a packed state on the disk. May run in a thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        np.savez(file, **packed)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path) -> Memory | None:
    """The memory last written.

    ``None`` when there is none that can be read; then the stream is read from its beginning.
    """
    try:
        with np.load(path) as kept:
            if int(kept["version"]) not in (1, VERSION):
                log.warning("snapshot of another version, reading the stream anew", path=str(path))
                return None
            state = _unpacked(kept)
            state.position = int(kept["position"])
            # A memory from before exercises were judged apart has nothing of them.
            state.exercise = _unpacked(kept, _EXERCISE) if f"{_EXERCISE}size" in kept else None
            rules = {name.removeprefix(_RULES): kept[name] for name in kept.files if name.startswith(_RULES)}
            return Memory(state, str(kept["made"]) if "made" in kept else "", rules)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, BadZipFile) as damage:
        log.error("snapshot damaged, reading the stream anew", path=str(path), reason=str(damage))
        return None
