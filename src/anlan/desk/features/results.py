"""Results of models for other systems: layers of zones that rooms above register, told as picture tiles (WMTS) and as features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.desk.features.declare import Box
from anlan.desk.features.painting import Area
from anlan.desk.features.refusals import NoSuchResult
from anlan.kernel.access import Actor

MOST_LISTED = 200
"""Layers in one capabilities document: the newest."""


@dataclass(frozen=True)
class ResultZone:
    """One zone of a result. ``severity`` 1 is the worst; ``area`` in degrees."""

    code: str
    label: str
    severity: int
    area: Area


@dataclass(frozen=True)
class ResultLayer:
    """One layer: ``run`` and ``layer`` are its address and never mean another content. ``box`` in degrees; ``exercise``: of an exercise (演练).

    ``zones`` mildest first, so that the worst is painted last; a list of layers may leave them out.
    """

    run: str
    layer: str
    title: str
    about: str
    at: datetime
    box: Box
    exercise: bool = False
    zones: tuple[ResultZone, ...] = ()


@dataclass(frozen=True)
class ResultsProvider:
    """Where a room's results come from. Both answer within the actor's jurisdiction for ``action``.

    ``newest(actor, limit)``: the newest layers; ``one(actor, run, layer)``: one with its zones, or ``None``.
    """

    code: str
    action: str
    newest: Callable[[Actor, int], Sequence[ResultLayer]]
    one: Callable[[Actor, str, str], ResultLayer | None]


_providers: dict[str, ResultsProvider] = {}


def register_results(provider: ResultsProvider) -> ResultsProvider:
    """Add a room's results (the same code again takes its place)."""
    _providers[provider.code] = provider
    return provider


def layers_for(actor: Actor) -> tuple[ResultLayer, ...]:
    """The newest layers the actor may read, newest first."""
    found = [layer for each in _providers.values() if actor.may_somewhere(each.action) for layer in each.newest(actor, MOST_LISTED)]
    return tuple(sorted(found, key=lambda layer: layer.at, reverse=True)[:MOST_LISTED])


def layer_for(actor: Actor, run: str, layer: str) -> ResultLayer:
    """One layer with its zones. Raises :class:`NoSuchResult`, also for one the actor may not read."""
    for each in _providers.values():
        if actor.may_somewhere(each.action) and (found := each.one(actor, run, layer)) is not None:
            return found
    raise NoSuchResult(run=run[:64], layer=layer[:64])
