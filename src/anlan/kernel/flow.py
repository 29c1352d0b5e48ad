"""The life of a case as one table: states, moves, who may, what must be filled, which clock starts or stops, what is announced.

The engine here is pure. :mod:`anlan.ledger.flows` runs it against the database; buttons, to-do list, statistics and the diagram
read the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_


class WrongState(Refusal):
    code: ClassVar[str] = "flow_wrong_state"
    sentence: ClassVar[str] = N_("当前状态为“{state}”，不能执行“{move}”。请刷新页面查看最新状态。")


class MissingFields(Refusal):
    code: ClassVar[str] = "flow_missing_fields"
    sentence: ClassVar[str] = N_("执行“{move}”前还须填写：{fields}。")
    status: ClassVar[int] = 422


class FourEyes(Refusal):
    code: ClassVar[str] = "flow_four_eyes"
    sentence: ClassVar[str] = N_("“{move}”须由另一人办理：起草、提交该事项的人不能自己批准。")
    status: ClassVar[int] = 403


class ReasonRequired(Refusal):
    code: ClassVar[str] = "flow_reason_required"
    sentence: ClassVar[str] = N_("执行“{move}”必须写明理由。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class State:
    """One state of a case. ``final`` states have no way out."""

    code: str
    label: str
    final: bool = False


@dataclass(frozen=True)
class Move:
    """One permitted change of state.

    ``requires`` names fields that must be filled; ``not_by`` names fields of the case that hold an account which must not be the
    one who moves (four eyes); ``starts`` and ``stops`` name clock rules; ``announces`` is the kind of event that follows;
    ``optional``: may happen, and nobody is waited for because of it (a case in which only such moves are left is no thing to do).
    """

    code: str
    label: str
    sources: tuple[str, ...]
    target: str
    action: str
    requires: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    announces: str | None = None
    reason_required: bool = False
    danger: bool = False
    optional: bool = False


STAYS = ""
"""Target of an act: it is guarded like a move and leaves the state as it is."""


@dataclass(frozen=True)
class Flow:
    """The whole table of one kind of case.

    ``acts`` are done upon the case without changing its state (an extension, a publication), in final states too; nobody is waited
    for because of them, so that they stand beside the moves and not among them.
    """

    code: str
    label: str
    initial: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    field_labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    acts: tuple[Move, ...] = ()

    def state(self, code: str) -> State:
        """The state named ``code``. Raises :class:`NotFound`."""
        for state in self.states:
            if state.code == code:
                return state
        raise NotFound(what=code)

    def move(self, code: str) -> Move:
        """The move or act named ``code``. Raises :class:`NotFound`."""
        for move in (*self.moves, *self.acts):
            if move.code == code:
                return move
        raise NotFound(what=code)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Moves that leave ``state``, in the order of the table."""
        return tuple(move for move in self.moves if state in move.sources)

    def acts_in(self, state: str) -> tuple[Move, ...]:
        """Acts that may be done in ``state``, in the order of the table."""
        return tuple(act for act in self.acts if state in act.sources)

    def check(
        self,
        move_code: str,
        state: str,
        filled: Mapping[str, object],
        actor_id: UUID,
        holders: Mapping[str, UUID | None],
        reason: str = "",
    ) -> Move:
        """Return the move if it may happen now.

        ``filled`` holds the values of the case after the move's own fields were applied; ``holders`` the accounts named by
        ``not_by``. Raises :class:`WrongState`, :class:`MissingFields`, :class:`FourEyes`, :class:`ReasonRequired`.
        """
        move = self.move(move_code)
        if state not in move.sources:
            raise WrongState(state=self.state(state).label, move=move.label)
        if any(holders.get(name) == actor_id for name in move.not_by):
            raise FourEyes(move=move.label)
        missing = [name for name in move.requires if filled.get(name) in (None, "", [], {})]
        if missing:
            raise MissingFields(move=move.label, fields="、".join(self.field_labels.get(n, n) for n in missing), names=missing)
        if move.reason_required and not reason.strip():
            raise ReasonRequired(move=move.label)
        return move

    def problems(self) -> list[str]:
        """What is wrong with the table: unknown states, states that cannot be reached or left, doubled codes."""
        codes = [state.code for state in self.states]
        found = [f"state {code} stands twice" for code in {c for c in codes if codes.count(c) > 1}]
        moves = [move.code for move in (*self.moves, *self.acts)]
        found += [f"move {code} stands twice" for code in {c for c in moves if moves.count(c) > 1}]
        if self.initial not in codes:
            return [*found, f"initial state {self.initial} is unknown"]
        for move in self.moves:
            found += [f"{move.code}: unknown state {s}" for s in (*move.sources, move.target) if s not in codes]
            if not move.action:
                found.append(f"{move.code}: names no permission")
            found += [f"{move.code}: leaves final state {s.code}" for s in self.states if s.final and s.code in move.sources]
        for act in self.acts:
            found += [f"{act.code}: unknown state {s}" for s in act.sources if s not in codes]
            if act.target != STAYS:
                found.append(f"{act.code}: an act leaves the state as it is")
            if not act.action:
                found.append(f"{act.code}: names no permission")
        reached = {self.initial}
        while grown := {m.target for m in self.moves if reached & {*m.sources}} - reached:
            reached |= grown
        found += [f"state {code} cannot be reached" for code in codes if code not in reached]
        found += [f"state {s.code} is a dead end" for s in self.states if not s.final and not self.moves_from(s.code)]
        if not any(state.final for state in self.states):
            found.append("no final state")
        return found

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {state.code}: {state.label}" for state in self.states]
        lines += [f"    {source} --> {move.target}: {move.label}" for move in self.moves for source in move.sources]
        lines += [f"    {state.code} --> [*]" for state in self.states if state.final]
        return "\n".join(lines) + "\n"
