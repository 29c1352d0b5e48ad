"""Layers of the map. Every resource with ``map=`` is one by itself; rooms register further ones in their ``screens.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.functional import Promise

from anlan.desk.resource import registry
from anlan.kernel.access import Actor

Text = str | Promise
Shape = Literal["square", "diamond", "triangle", "circle"]


@dataclass(frozen=True)
class MapLayer:
    """One switchable layer.

    ``url`` answers ``?bbox=west,south,east,north`` with GeoJSON points in degrees; every feature has an ``id`` and the properties
    ``title`` and, where it has a state, ``tone`` (red, orange, yellow, blue, green, grey; unknown is grey). ``tones`` says what each
    tone means and is the layer's legend. ``live`` names event kinds after which the layer is read again.
    """

    code: str
    label: Text
    url: str
    action: str
    shape: Shape = "circle"
    on: bool = False
    order: int = 50
    tones: Mapping[str, Text] | None = None
    live: tuple[str, ...] = ()
    legend: Text = ""
    """What the tones tell of: the same colours mean alarm levels here and grades of hazard sources there."""


_layers: dict[str, MapLayer] = {}
_legends: dict[str, tuple[Text, Mapping[str, Text]]] = {}
_looks: dict[str, tuple[Shape, bool, int]] = {
    "alarms": ("triangle", True, 10),
    "enterprises": ("square", True, 20),
    "risksources": ("diamond", False, 30),
    "devices": ("circle", False, 40),
}
"""How the map draws a resource's layer when the room says nothing: shape, switched on at first, order."""


def register(layer: MapLayer) -> MapLayer:
    """Add a layer, or say more about a resource's own layer by using the resource's code."""
    _layers[layer.code] = layer
    return layer


def describe(code: str, legend: Text, tones: Mapping[str, Text]) -> None:
    """Say what the tones of a resource's own layer mean; its legend on the map."""
    _legends[code] = (legend, tones)


def _of_resources() -> dict[str, MapLayer]:
    found: dict[str, MapLayer] = {}
    for resource in registry.all_resources():
        if resource.map is None:
            continue
        url = reverse(f"desk:api-{resource.code}-features")
        legend, tones = _legends.get(resource.code, ("", None))
        shape, on, order = _looks.get(resource.code, ("circle", False, 60))
        found[resource.code] = MapLayer(
            resource.code, resource.label, url, resource.actions.view, shape, on, order, tones, resource.live, legend
        )
    return found


def layers_for(actor: Actor) -> tuple[MapLayer, ...]:
    """The layers that ``actor`` may see, in order."""
    every = {**_of_resources(), **_layers}
    return tuple(sorted((layer for layer in every.values() if actor.may_somewhere(layer.action)), key=lambda item: (item.order, item.code)))
