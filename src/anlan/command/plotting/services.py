"""Verbs of boards: open, set up, close, and draw.

Drawing is not written to the node's one audit log update by update: that log has a single head, and ten strokes a second would make everybody
wait for it. A board has an append-only, hash-chained log of its own with who, at which post and when; the node's audit log anchors it with the
board's digest at every checkpoint and when the board is closed.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from anlan.command.incidents import door as incidents
from anlan.command.plotting import document, drawing, queries, rules
from anlan.command.plotting.door import PlottingChanged
from anlan.command.plotting.models import Board, BoardCheckpoint, BoardEditor, BoardHand, BoardHead, BoardUpdate
from anlan.kernel import chain
from anlan.kernel.access import Actor, Classification
from anlan.kernel.flow import Move
from anlan.kernel.ids import new_id
from anlan.ledger import audit
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.events import announce
from anlan.ledger.flows import advance, open_case

CHANNEL = "anlan_plotting"
"""PostgreSQL channel that tells every web process what was drawn, in the order of its taking."""
NOTICE_LIMIT = 7_900
"""Bytes that PostgreSQL carries in a notice (8,000), with some to spare; a longer update is read from the log."""
_OWN = ("title", "remark", "place_code", "classification", "longitude", "latitude", "exercise", "restricted")


@dataclass(frozen=True)
class Taken:
    """Outcome of drawing: the board's sequence and state vector after it; ``fresh`` is false for what had been taken before."""

    sequence: int
    vector: bytes
    fresh: bool


def open_board(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Board:
    """Open a board from ``title``, ``place_code`` and as wished ``remark``, ``longitude``, ``latitude``, ``exercise``, ``restricted`` and
    ``editors`` (account id → name); with ``incident_id`` place, exercise, class and position come from the incident.

    Raises ``NotFound``, ``NotPermitted``.
    """
    taken: dict[str, Any] = {}
    if values.get("incident_id"):
        incident = incidents.incident(values["incident_id"], actor)
        taken = {name: getattr(incident, name) for name in ("place_code", "classification", "longitude", "latitude", "exercise")}
        taken["incident_id"] = incident.id
    content = {name: value for name, value in values.items() if name in _OWN and value not in (None, "")} | taken
    board = Board(state=rules.OPEN, opened_at=now, opened_by_id=actor.account_id, opened_by_name=actor.name[:100], **content)
    with change(actor, "plotting.open", now=now, place_code=board.place_code) as gathered:
        board.save(force_insert=True)
        gathered.subject = board
        BoardHead.objects.create(board=board)
        _name_editors(board, values.get("editors") or {})
        open_case(board, actor=actor, now=now)
        gathered.announce(_changed(board, now))
    return board


def set_up(board: Board, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Board:
    """Change ``title``, ``remark``, ``restricted`` and ``editors`` of a board. Raises ``NotPermitted``, ``BoardClosed``."""
    if board.is_closed:
        raise rules.BoardClosed
    with change(actor, "plotting.manage", now=now, record=board) as gathered:
        for name in ("title", "remark", "restricted"):
            if name in values:
                setattr(board, name, values[name])
        board.save(update_fields=["title", "remark", "restricted"])
        if "editors" in values:
            _name_editors(board, values["editors"])
            gathered.facts["editors"] = sorted(values["editors"].values())
        gathered.announce(_changed(board, now))
    return board


def close(board: Board, *, actor: Actor, now: datetime) -> Board:
    """Close a board: it stays to be seen and replayed. Raises what ``ledger.flows.advance`` raises."""

    def anchor(locked: Board, _move: Move, gathered: Change) -> None:
        head = _head(locked.pk)
        gathered.facts.update({"sequence": head.sequence, "digest": head.digest})

    return advance(board, "close", actor=actor, now=now, after=anchor, event=lambda locked, *_: _changed(locked, now))


def draw(board_id: UUID, update: bytes, *, actor: Actor, now: datetime, drawn_at: datetime | None = None) -> Taken:
    """Take one Yjs update: check it, keep it with who and when, tell everybody. Sending it twice is harmless.

    ``drawn_at`` is when the post says that it was drawn, for what was drawn without connection. Raises ``NotFound``, ``NotPermitted``,
    ``BoardClosed``, ``NotAnEditor`` and the refusals of ``document.merge`` and ``drawing.check``; the board stays as it was.
    """
    with transaction.atomic():
        # The board is read when its head is locked: closing it waits for the same lock.
        head = BoardHead.objects.select_for_update().filter(pk=board_id).first()
        board = queries.board(board_id, actor)
        permit(actor, "plotting.draw", record=board)
        head = head or _head(board.pk)
        refusal = queries.why_not_draw(board, actor)
        if refusal is not None:
            raise refusal
        state, objects = _known(board.pk, head.sequence)
        merged = document.merge(state, update)
        if not merged.fresh:
            return Taken(head.sequence, document.state_vector(state), fresh=False)
        _own_hands(board, merged.hands, actor)
        row = _row(head, merged, actor=actor, now=now, drawn_at=drawn_at)
        after = drawing.fold(objects, row.effect, queries.mark_of(row))
        drawing.check(objects, after, row.effect, account_id=str(actor.account_id), over_locks=queries.may_manage(board, actor))
        row.save(force_insert=True)
        head.sequence, head.digest, head.drawn_at = row.sequence, row.digest, now
        head.save()
        if row.sequence % rules.CHECKPOINT_EVERY == 0:
            _checkpoint(board, row, merged.state, after, actor, now)
        _tell(row)
        if row.effect:
            announce(_changed(board, now, row.sequence, drawing.touched(row.effect)))
        transaction.on_commit(lambda: _remember(board.pk, row.sequence, merged.state, after))
    return Taken(row.sequence, document.state_vector(merged.state), fresh=True)


def draw_objects(board_id: UUID, objects: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Put new objects on a board as one update; returns their ids."""
    names = [new_id().hex for _ in objects]
    effect = {f"{name}:{field}": value for name, fields in zip(names, objects, strict=True) for field, value in fields.items()}
    draw(board_id, document.composed(document.EMPTY, effect), actor=actor, now=now)
    return tuple(names)


def tell_presence(board: Board, where: Mapping[str, Any], *, actor: Actor) -> None:
    """Tell everybody at the board who is here and where he points. Nothing of it is kept, so there is nothing to audit."""
    told = {**where, "account": str(actor.account_id), "name": actor.name, "post": actor.post}
    _notify({"board": str(board.pk), "presence": told})


# --- parts -------------------------------------------------------------------------------------------------------------------------


def _head(board_id: UUID) -> BoardHead:
    """The board's head, locked until the transaction ends."""
    head = BoardHead.objects.select_for_update().filter(pk=board_id).first()
    if head is None:
        BoardHead.objects.bulk_create([BoardHead(board_id=board_id)], ignore_conflicts=True)
        head = BoardHead.objects.select_for_update().get(pk=board_id)
    return head


def _changed(board: Board, now: datetime, sequence: int | None = None, objects: tuple[str, ...] = ()) -> PlottingChanged:
    return PlottingChanged(
        subject_id=board.pk,
        place_code=board.place_code,
        classification=Classification(board.classification),
        at=now,
        exercise=board.exercise,
        title=board.title,
        sequence=queries.sequence_of(board) if sequence is None else sequence,
        objects=objects,
    )


def _name_editors(board: Board, editors: Mapping[UUID, str]) -> None:
    board.editors.exclude(account_id__in=list(editors)).delete()
    rows = [BoardEditor(board=board, account_id=account_id, name=name[:100]) for account_id, name in editors.items()]
    BoardEditor.objects.bulk_create(rows, ignore_conflicts=True)


def _own_hands(board: Board, hands: frozenset[int], actor: Actor) -> None:
    """Take new client ids for the actor's own. Raises ``ForeignHand`` when one belongs to another account."""
    known = dict(BoardHand.objects.filter(board=board, hand__in=hands).values_list("hand", "account_id"))
    if any(account_id != actor.account_id for account_id in known.values()):
        raise rules.ForeignHand
    BoardHand.objects.bulk_create([BoardHand(board=board, hand=hand, account_id=actor.account_id) for hand in hands - known.keys()])


def _row(head: BoardHead, merged: document.Merged, *, actor: Actor, now: datetime, drawn_at: datetime | None) -> BoardUpdate:
    row = BoardUpdate(
        board_id=head.pk,
        sequence=head.sequence + 1,
        content=merged.update,
        # The round trip gives the very values that PostgreSQL will hand back, so that the digest can be computed again.
        effect=json.loads(json.dumps(merged.effect, cls=DjangoJSONEncoder)),
        actor_id=actor.account_id,
        actor_name=actor.name[:100],
        post=actor.post[:100],
        at=now,
        drawn_at=min(drawn_at, now) if drawn_at is not None else None,
        late=rules.is_late(drawn_at, now),
        previous=head.digest,
    )
    row.digest = chain.link(row.previous, queries.link_of(row))
    return row


def _checkpoint(board: Board, row: BoardUpdate, state: bytes, objects: drawing.Objects, actor: Actor, now: datetime) -> None:
    """Keep the whole board, and anchor its log in the node's audit log."""
    told = msgspec.to_builtins(objects)
    BoardCheckpoint.objects.create(board=board, sequence=row.sequence, state=state, objects_then=told)
    audit.append(
        actor=actor,
        action="plotting.draw",
        subject_type=board._meta.label_lower,
        subject_id=board.pk,
        place_code=board.place_code,
        content={"facts": {"sequence": row.sequence, "digest": row.digest}},
        at=now,
    )


def message_of(row: BoardUpdate) -> dict[str, Any]:
    """What a browser is told of one update."""
    return {
        "board": str(row.board_id),
        "sequence": row.sequence,
        "update": b64encode(bytes(row.content)).decode(),
        "mark": msgspec.to_builtins(queries.mark_of(row)),
        "objects": drawing.touched(row.effect),
    }


def _tell(row: BoardUpdate) -> None:
    told = message_of(row)
    if not _notify(told):
        _notify({"board": told["board"], "sequence": row.sequence})


def _notify(told: Mapping[str, Any]) -> bool:
    """Hand a message to every web process when the transaction commits; false when it is too long for a notice."""
    text = json.dumps(told, ensure_ascii=False)
    if len(text.encode()) > NOTICE_LIMIT:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, text])
    return True


# --- what this process knows of boards: only to save reading, compared with the locked head before it is used -------------------------

_BOARDS_KNOWN = 32
_boards: OrderedDict[UUID, tuple[int, bytes, drawing.Objects]] = OrderedDict()
_boards_lock = Lock()


def _known(board_id: UUID, sequence: int) -> tuple[bytes, drawing.Objects]:
    with _boards_lock:
        known = _boards.get(board_id)
    if known is not None and known[0] == sequence:
        return known[1], known[2]
    return queries.state_at(board_id, sequence), queries.objects_at(board_id, sequence)


def _remember(board_id: UUID, sequence: int, state: bytes, objects: drawing.Objects) -> None:
    with _boards_lock:
        _boards[board_id] = (sequence, state, objects)
        _boards.move_to_end(board_id)
        while len(_boards) > _BOARDS_KNOWN:
            _boards.popitem(last=False)
