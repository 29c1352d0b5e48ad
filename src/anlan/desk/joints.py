"""What the shell shows but does not know: seams that the assembly fills from rooms above the desk (``site/face.py``).

Every joint is optional. An empty joint shows nothing or "unknown", never an invented figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from anlan.kernel.access import Actor


@dataclass(frozen=True)
class LinkState:
    """State of the link to the upper node: ``tone`` is ``healthy``, ``orange``, ``red`` or empty (unknown)."""

    label: str
    tone: str = ""


@dataclass(frozen=True)
class AlarmLine:
    """One open alarm as the map and the wallboard list it. ``level`` 1 (red) to 4 (blue); coordinates in degrees or ``None``."""

    key: str
    title: str
    level: int
    active: bool
    acknowledged: bool
    exercise: bool
    place_code: str
    where: str
    since: datetime
    longitude: float | None
    latitude: float | None
    url: str


@dataclass
class Joints:
    """The filled seams of this process."""

    unacknowledged_count: Callable[[Actor], int] | None = None
    open_counts_by_county: Callable[[Actor], Mapping[str, Mapping[int, int]]] | None = None
    """Open alarms the actor may see: county code → level 1 (red) to 4 (blue) → number."""
    open_alarms: Callable[[Actor, int, str], Sequence[AlarmLine]] | None = None
    """At most so many open alarms, worst first, below a place code (empty: everywhere the actor sees)."""
    place_name: Callable[[str], str] | None = None
    place_bounds: Callable[[str], tuple[float, float, float, float] | None] | None = None
    place_children: Callable[[str], Sequence[Any]] | None = None
    """Places one step below, each with ``code`` and ``name``."""
    place_ancestors: Callable[[str], Sequence[Any]] | None = None
    place_exists: Callable[[str], bool] | None = None
    actor_of_session: Callable[[str], Actor | None] | None = None
    """Who acts behind a session key now; asked by the live stream, which stands outside Django's middleware."""
    actor_of_key: Callable[[HttpRequest], Actor | None] | None = None
    """Which other system asks, by the interface key in its request; ``None`` when it carries none. Raises what refuses it."""
    link_state: Callable[[], LinkState | None] | None = None
    node_name: Callable[[], str] | None = None
    exercise_running: Callable[[Actor], bool] | None = None
    alarms_url: str = ""
    """Route name of the list of open alarms."""
    alarms_action: str = "alarms.view"
    alarm_kinds: tuple[str, ...] = ()
    """Kinds of live events after which counts of alarms are asked for again."""


joints = Joints()
