"""Reads of boards: who may see and draw, what is on a board now and at any time, the log and its verification."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet
from django.urls import reverse

from anlan.command.plotting import rules, shapes
from anlan.command.plotting.document import EMPTY, joined
from anlan.command.plotting.door import BoardSummary, DrawnFeature
from anlan.command.plotting.drawing import KINDS, Drawn, Mark, Objects, fold
from anlan.command.plotting.models import Board, BoardCheckpoint, BoardUpdate
from anlan.command.plotting.symbols import symbols
from anlan.kernel import chain
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

SUMMARIES_AT_MOST = 100


def boards(actor: Actor | None) -> QuerySet[Board]:
    """Boards that ``actor`` may see, newest first."""
    rows = Board.objects.select_related("head")
    return rows if actor is None else visible(rows, actor, "plotting.view")


def open_then(rows: QuerySet[Board], at: datetime) -> QuerySet[Board]:
    """Those of ``rows`` that were open for drawing at the time ``at``."""
    return rows.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=at), opened_at__lte=at)


def board(board_id: UUID | str, actor: Actor | None) -> Board:
    """One board. Raises ``NotFound``."""
    found = boards(actor).filter(pk=board_id).first()
    if found is None:
        raise NotFound(what=str(board_id))
    return found


def sequence_of(row: Board) -> int:
    """How many updates the board has taken."""
    head = getattr(row, "head", None)
    return head.sequence if head is not None else 0


def why_not_draw(row: Board, actor: Actor) -> rules.BoardClosed | rules.NotAnEditor | None:
    """The refusal that somebody who may draw here in general would meet on this board; ``None`` when he may."""
    if row.is_closed:
        return rules.BoardClosed()
    unnamed = row.restricted and row.opened_by_id != actor.account_id and not may_manage(row, actor)
    if unnamed and not row.editors.filter(account_id=actor.account_id).exists():
        return rules.NotAnEditor(name=row.opened_by_name)
    return None


def may_draw(row: Board, actor: Actor) -> bool:
    """Whether ``actor`` may draw on this board now."""
    named = actor.may("plotting.draw", place_code=row.place_code, classification=row.classification)
    return named and why_not_draw(row, actor) is None


def may_manage(row: Board, actor: Actor) -> bool:
    """Whether ``actor`` may close the board, name its editors and pass over locks."""
    return actor.may("plotting.manage", place_code=row.place_code, classification=row.classification)


# --- state -------------------------------------------------------------------------------------------------------------------------


def mark_of(row: BoardUpdate) -> Mark:
    """Who and when of one update."""
    return Mark(str(row.actor_id), row.actor_name, row.post, row.at.astimezone(UTC).isoformat(), row.sequence, row.late)


def _checkpoint(board_id: UUID, sequence: int | None) -> BoardCheckpoint | None:
    rows = BoardCheckpoint.objects.filter(board_id=board_id)
    return (rows if sequence is None else rows.filter(sequence__lte=sequence)).order_by("-sequence").first()


def updates(board_id: UUID, after: int, until: int | None = None) -> QuerySet[BoardUpdate]:
    """Updates with a sequence above ``after`` and up to ``until``, in order."""
    rows = BoardUpdate.objects.filter(board_id=board_id, sequence__gt=after).order_by("sequence")
    return rows if until is None else rows.filter(sequence__lte=until)


def objects_at(board_id: UUID, sequence: int | None = None) -> Objects:
    """Every object after ``sequence`` updates (``None``: now) with who drew it, the deleted ones too."""
    start = _checkpoint(board_id, sequence)
    objects = restored(start.objects_then) if start is not None else {}
    for row in updates(board_id, start.sequence if start is not None else 0, sequence).defer("content"):
        objects = fold(objects, row.effect, mark_of(row))
    return objects


def state_at(board_id: UUID, sequence: int | None = None) -> bytes:
    """The document after ``sequence`` updates (``None``: now)."""
    start = _checkpoint(board_id, sequence)
    since = updates(board_id, start.sequence if start is not None else 0, sequence).values_list("content", flat=True)
    return joined(bytes(start.state) if start is not None else EMPTY, [bytes(each) for each in since])


def restored(stored: Mapping[str, Any]) -> Objects:
    """Objects of a checkpoint."""
    return msgspec.convert(stored, dict[str, Drawn])


def sequence_at(board_id: UUID, at: datetime) -> int:
    """How many updates had been taken by the time ``at``."""
    last = BoardUpdate.objects.filter(board_id=board_id, at__lte=at).order_by("-sequence").values_list("sequence", flat=True).first()
    return last or 0


def features(row: Board, at: datetime | None = None) -> tuple[DrawnFeature, ...]:
    """What is seen on a board now, or was at the time ``at``."""
    objects = objects_at(row.pk, None if at is None else sequence_at(row.pk, at))
    return tuple(feature(row, drawn) for drawn in objects.values() if drawn.there)


def open_boards() -> tuple[tuple[UUID, int], ...]:
    """The newest open boards, with how many updates each has taken."""
    rows = boards(None).filter(state=rules.OPEN).order_by("-opened_at", "-id")[:SUMMARIES_AT_MOST]
    return tuple((row.pk, sequence_of(row)) for row in rows)


def feature(row: Board, drawn: Drawn) -> DrawnFeature:
    """One object as other rooms see it."""
    symbol = symbols().get(str(drawn.fields.get("symbol", "")))
    return DrawnFeature(
        id=drawn.id,
        board_id=row.pk,
        kind=drawn.kind,
        title=drawn.title,
        geometry=shapes.geometry_of(drawn),
        fields=drawn.fields,
        created_by=drawn.created.name,
        created_post=drawn.created.post,
        created_at=datetime.fromisoformat(drawn.created.at),
        changed_by=drawn.changed.name,
        changed_post=drawn.changed.post,
        changed_at=datetime.fromisoformat(drawn.changed.at),
        sequence=drawn.changed.sequence,
        late=drawn.changed.late,
        exercise=row.exercise,
        label=drawn.title or (symbol.name_zh if symbol is not None else KINDS[drawn.kind]),
        group=symbol.group if symbol is not None else "",
    )


def summaries(incident_id: UUID | None, actor: Actor | None, *, open_only: bool = False) -> tuple[BoardSummary, ...]:
    """Boards of an incident, or all, newest first."""
    rows = boards(actor)
    if incident_id is not None:
        rows = rows.filter(incident_id=incident_id)
    if open_only:
        rows = rows.filter(state=rules.OPEN)
    return tuple(summary(row) for row in rows.order_by("-opened_at", "-id")[:SUMMARIES_AT_MOST])


def summary(row: Board) -> BoardSummary:
    """A board as other rooms see it."""
    head = getattr(row, "head", None)
    plain = {name: getattr(row, name) for name in ("title", "state", "place_code", "classification", "incident_id", "exercise")}
    return BoardSummary(
        id=row.pk,
        **plain,
        state_label=row.get_state_label(),
        opened_at=row.opened_at,
        opened_by_name=row.opened_by_name,
        closed_at=row.closed_at,
        drawn_at=head.drawn_at if head is not None else None,
        sequence=head.sequence if head is not None else 0,
        objects=sum(drawn.there for drawn in objects_at(row.pk).values()),
        address=reverse("plotting:board", args=[row.pk]),
    )


# --- the log -----------------------------------------------------------------------------------------------------------------------


def link_of(row: BoardUpdate) -> dict[str, object]:
    """What the hash of one row of the log covers."""
    return {
        "board": str(row.board_id),
        "sequence": row.sequence,
        "at": row.at.astimezone(UTC).isoformat(),
        "actor_id": str(row.actor_id),
        "actor_name": row.actor_name,
        "post": row.post,
        "drawn_at": row.drawn_at.astimezone(UTC).isoformat() if row.drawn_at is not None else "",
        "late": row.late,
        "content": hashlib.sha256(bytes(row.content)).hexdigest(),
        "effect": row.effect,
    }


def verify(board_id: UUID) -> chain.Verdict:
    """Recompute a board's chain from its first update to its head."""

    def rows() -> Iterator[tuple[int, str, Mapping[str, object], str]]:
        for row in updates(board_id, 0).iterator(chunk_size=500):
            yield row.sequence, row.previous, link_of(row), row.digest

    row = board(board_id, None)
    head = getattr(row, "head", None)
    return chain.verify(rows(), (head.sequence, head.digest) if head is not None and head.sequence else None)
