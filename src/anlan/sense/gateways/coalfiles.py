"""Exchange files of coal mines: from a dropped file to what is stored, without a folder and without a clock.

The address of a mine is its code as its file names give it. The watcher of the folder reads a file, calls :func:`take` and carries the actions
out; it keeps what :class:`Taken` says of the states and hands it in with the next file of the mine, so that a state is told when it begins
and when it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from anlan.kernel.errors import Refusal
from anlan.sense.gateways.session import Action, Deliver, Happened, Heard, Measured, SetApart
from anlan.wire import coalfiles
from anlan.wire.coalfiles import CoalFile, NotEnded, PointReading, Profile, State

INCOMPLETE = "records_refused"
"""Mark of a number of people that was counted while some records could not be read: there may be more."""

_SHOWN_BYTES = 1024

States = Mapping[str, tuple[State, ...]]
"""What is out of the ordinary, by point."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from a file. ``later``: it is still being written, nothing follows and it is to be read again. ``states``: for the next."""

    actions: tuple[Action, ...] = ()
    later: bool = False
    states: States = field(default_factory=dict)


def take(
    name: str, data: bytes, profile: Profile, *, settled: bool = False, states: States | None = None, areas: Collection[str] = ()
) -> Taken:
    """What follows from the file ``name`` with the bytes ``data``.

    ``settled``: its size has not changed for as long as the watcher waits. ``states``: as the file before left them (empty after a start).
    ``areas``: every area known of the mine; where nobody is, the number is 0 and not the last one.
    """
    before = states or {}
    try:
        found = coalfiles.read(name, data, profile, settled=settled)
    except NotEnded:
        return Taken(later=True, states=before)
    except Refusal as refusal:
        return Taken((SetApart("", refusal, data[:_SHOWN_BYTES]),), states=before)
    apart = tuple(SetApart(found.mine, refusal, f"{name} {refusal}".encode()[:_SHOWN_BYTES]) for refusal in found.refused)
    match profile.content:
        case "readings":
            measured = _measured(found.readings)
            happened, now = _changes(found.readings, before)
        case "people":
            measured, happened, now = (_people(found, areas),), (), dict(before)
        case _:
            measured, happened, now = (), (), dict(before)
    if not measured and not happened:
        return Taken((Heard(found.mine), *apart), states=now)
    return Taken((Heard(found.mine), *apart, Deliver(found.mine, measured, happened)), states=now)


def _measured(readings: Iterable[PointReading]) -> tuple[Measured, ...]:
    values: dict[int, dict[str, float]] = {}
    marked: dict[int, dict[str, str]] = {}
    for reading in readings:
        if reading.value is None:
            continue
        values.setdefault(reading.time_ms, {})[reading.point] = reading.value
        if not reading.valid:
            marked.setdefault(reading.time_ms, {})[reading.point] = "+".join(state.word for state in reading.states if not state.valid)
    return tuple(Measured(time_ms, found, marked.get(time_ms, {})) for time_ms, found in sorted(values.items()))


def _changes(readings: Iterable[PointReading], before: States) -> tuple[tuple[Happened, ...], States]:
    """Points whose state is another than in the file before. A point that the file does not mention keeps its state."""
    now = dict(before)
    told: list[Happened] = []
    for reading in sorted(readings, key=lambda one: one.time_ms):
        was = {state.word: state for state in now.get(reading.point, ())}
        is_now = {state.word: state for state in reading.states if not state.normal}
        values = {} if reading.value is None else {reading.point: reading.value}
        told += [_happened(reading, state, values, active=True) for word, state in is_now.items() if word not in was]
        told += [_happened(reading, state, values, active=False) for word, state in was.items() if word not in is_now]
        now[reading.point] = tuple(is_now.values())
        if not is_now:
            del now[reading.point]
    return tuple(told), now


def _happened(reading: PointReading, state: State, values: dict[str, float], *, active: bool) -> Happened:
    return Happened(reading.time_ms, f"coalfile.{state.word}", reading.point, state.name, active, values)


def _people(found: CoalFile, areas: Collection[str]) -> Measured:
    assert found.people is not None
    values: dict[str, float] = dict.fromkeys(areas, 0.0)
    values |= {area: float(count) for area, count in found.people.areas.items()}
    values[found.profile.total] = float(found.people.total)
    return Measured(found.time_ms, values, dict.fromkeys(values, INCOMPLETE) if found.refused else {})
