"""What other rooms may ask of boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PlottingChanged(Event):
    """Something changed on a board (``subject_id``): it was opened, closed, or drawn on up to ``sequence``; ``objects`` names what was touched."""

    kind: ClassVar[str] = "plotting.changed"
    action: ClassVar[str] = "plotting.view"
    title: str
    sequence: int
    objects: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoardSummary:
    """One board as other rooms see it; ``objects`` counts what is on it now."""

    id: UUID
    title: str
    state: str
    state_label: str
    place_code: str
    classification: int
    incident_id: UUID | None
    exercise: bool
    opened_at: datetime
    opened_by_name: str
    closed_at: datetime | None
    drawn_at: datetime | None
    sequence: int
    objects: int
    address: str


@dataclass(frozen=True)
class DrawnFeature:
    """One object of a board.

    ``geometry`` is GeoJSON in degrees as it is to be drawn (a circle and a sector are polygons); ``fields`` is the object as kept (kind, symbol,
    radius in metres, bearings in degrees from north …). Who and when come from the log of the node, never from the drawing itself.
    """

    id: str
    board_id: UUID
    kind: str
    title: str
    geometry: Mapping[str, Any]
    fields: Mapping[str, Any]
    created_by: str
    created_post: str
    created_at: datetime
    changed_by: str
    changed_post: str
    changed_at: datetime
    sequence: int
    late: bool
    exercise: bool
    label: str = ""
    """Its title, else what its symbol or its kind is called (Chinese source text)."""
    group: str = ""
    """Of a symbol: ``force``, ``place``, ``supply``, ``hazard``, ``order``."""


def board(board_id: UUID, actor: Actor | None = None) -> BoardSummary:
    """One board. Raises ``NotFound``."""
    from anlan.command.plotting import queries

    return queries.summary(queries.board(board_id, actor))


def open_boards() -> tuple[tuple[UUID, int], ...]:
    """Boards open for drawing, for processes: their ids and how many updates each has taken; the newest 100."""
    from anlan.command.plotting import queries

    return queries.open_boards()


def boards(incident_id: UUID | None = None, actor: Actor | None = None, *, open_only: bool = False) -> tuple[BoardSummary, ...]:
    """Boards of an incident (``None``: all boards) that ``actor`` may see, newest first, at most 100."""
    from anlan.command.plotting import queries

    return queries.summaries(incident_id, actor, open_only=open_only)


def features_of(board_id: UUID, at: datetime | None = None, actor: Actor | None = None) -> tuple[DrawnFeature, ...]:
    """What is on a board, or was at the time ``at``. Raises ``NotFound``."""
    from anlan.command.plotting import queries

    return queries.features(queries.board(board_id, actor), at)


def open_board(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Open a board (see ``services.open_board``); returns its id."""
    from anlan.command.plotting import services

    return services.open_board(values, actor=actor, now=now).pk


def draw_objects(board_id: UUID, objects: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Put new objects (their fields, see ``drawing.FIELDS``) on a board, as one update; returns their ids. Raises what ``services.draw`` raises."""
    from anlan.command.plotting import services

    return services.draw_objects(board_id, objects, actor=actor, now=now)
