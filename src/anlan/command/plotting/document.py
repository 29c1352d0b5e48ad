"""The board as a Yjs document: taking an update apart, and making one. The only module that knows the library (pycrdt),
which is loaded when the first board is: a node that starts does not wait for it. Pure.

An update comes from a browser and may hold anything. It is first merged into a throwaway copy; what that copy really took in is encoded anew,
merged into a second copy, and only the changes seen there are checked and kept. So what is stored is exactly what was checked: nothing waits
hidden for a later update to bring it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anlan.command.plotting import rules
from anlan.command.plotting.drawing import Effect, split

if TYPE_CHECKING:
    from pycrdt import Doc

ROOT = "objects"
EMPTY = b"\x00\x00"
"""The update that holds nothing; also a state of which nothing is known."""


@dataclass(frozen=True)
class Merged:
    """What an update did: ``update`` as stored, ``state`` the whole document after it, ``effect``, and the hands (client ids) that wrote."""

    update: bytes
    state: bytes
    effect: Effect
    hands: frozenset[int]

    @property
    def fresh(self) -> bool:
        """Whether there was anything in it that the board did not have."""
        return self.update != EMPTY


def merge(state: bytes, update: bytes) -> Merged:
    """Merge ``update`` into the document ``state``.

    Raises ``UpdateTooLarge``, ``UnreadableUpdate``, ``ForeignContent`` (other roots, nested content, unknown keys) and ``UpdateHasGap`` (it
    builds on something that is not here).
    """
    from pycrdt import Array

    if len(update) > rules.LARGEST_UPDATE:
        raise rules.UpdateTooLarge(size=-(-len(update) // 1024), most=rules.LARGEST_UPDATE // 1024)
    first = _document(state)
    taken, seen = _apply(first, update, readable=False)
    strange = sorted(set(first.keys()) - {ROOT})
    if strange:
        raise rules.ForeignContent(what=strange[0][:60])
    if len(first.get(ROOT, type=Array)) > 0:
        raise rules.ForeignContent(what=ROOT)
    if taken == EMPTY:
        if seen:
            raise rules.UpdateHasGap
        return Merged(EMPTY, state, {}, frozenset())
    second = _document(state)
    clocks = vector(second.get_state())
    _, effect = _apply(second, taken, readable=True)
    hands = frozenset(hand for hand, clock in vector(second.get_state()).items() if clock > clocks.get(hand, 0))
    return Merged(taken, second.get_update(), effect, hands)


def _document(state: bytes, hand: int | None = None) -> Doc[Any]:
    from pycrdt import Doc, Map

    document: Doc[Any] = Doc(client_id=hand)
    document.get(ROOT, type=Map)
    if state != EMPTY:
        document.apply_update(state)
    return document


def _apply(document: Doc[Any], update: bytes, *, readable: bool) -> tuple[bytes, dict[str, Any]]:
    """Apply; returns what was taken in and, by key, what changed. ``readable``: every value must be plain."""
    from pycrdt import Map

    taken: list[bytes] = []
    changed: dict[str, Any] = {}
    table = document.get(ROOT, type=Map)

    def note(event: Any) -> None:
        for key, change in event.keys.items():
            changed[key] = None if change["action"] == "delete" else change["newValue"]

    listening = table.observe(note), document.observe(lambda event: taken.append(event.update))
    try:
        document.apply_update(update)
    except ValueError as trouble:
        raise rules.UnreadableUpdate from trouble
    finally:
        table.unobserve(listening[0])
        document.unobserve(listening[1])
    if readable:
        changed = {key: _plain(key, value) for key, value in changed.items()}
    return (taken[0] if taken else EMPTY), changed


def _plain(key: str, value: Any) -> Any:
    """The value as JSON knows it; whole numbers as such, so that the same place reads the same whoever wrote it."""
    split(key)
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, list):
        return [_plain(key, each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(key, each) for name, each in value.items()}
    raise rules.ForeignContent(what=key[:60])


def vector(state: bytes) -> dict[int, int]:
    """A state vector as clock by client id."""
    from pycrdt import Decoder

    decoder = Decoder(state)
    count = decoder.read_var_uint()
    return {decoder.read_var_uint(): decoder.read_var_uint() for _ in range(count)}


def state_vector(state: bytes) -> bytes:
    """The state vector of a whole document, as a browser asks for what it lacks."""
    return bytes(_document(state).get_state())


def joined(state: bytes, updates: Sequence[bytes]) -> bytes:
    """The whole document after updates that were checked before."""
    if not updates:
        return state
    document = _document(state)
    for update in updates:
        document.apply_update(update)
    return bytes(document.get_update())


def contents(state: bytes) -> dict[str, Any]:
    """Every key with its value."""
    from pycrdt import Map

    return {key: _plain(key, value) for key, value in dict(_document(state).get(ROOT, type=Map)).items()}


def composed(state: bytes, effect: Mapping[str, Any], *, hand: int | None = None) -> bytes:
    """An update that sets (``None``: takes away) the keys of ``effect``, written on top of ``state`` by client ``hand`` (a new one if not named)."""
    from pycrdt import Map

    document = _document(state, hand)
    table = document.get(ROOT, type=Map)
    before = document.get_state()
    with document.transaction():
        for key, value in effect.items():
            if value is not None:
                table[key] = value
            elif key in table:
                del table[key]
    return bytes(document.get_update(before))
