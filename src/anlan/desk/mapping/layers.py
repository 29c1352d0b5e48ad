"""Layers of the map. Every resource with ``map=`` is one by itself; rooms register further ones in their ``screens.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from anlan.desk.resource import registry
from anlan.kernel.access import Actor

Text = str | Promise
Shape = Literal["square", "diamond", "triangle", "circle", "arrow"]
"""Mark of a point. An ``arrow`` is turned by the feature's ``rotate`` (degrees clockwise from north, where it points to)."""
Geometry = Literal["points", "lines", "areas"]
Group = Literal["risk", "sense", "force", "judgement", "base"]

GROUPS: dict[Group, Text] = {
    "risk": gettext_lazy("风险"),
    "sense": gettext_lazy("感知"),
    "force": gettext_lazy("力量"),
    "judgement": gettext_lazy("研判"),
    "base": gettext_lazy("基础"),
}
"""Groups of the layer cards, in order."""


@dataclass(frozen=True)
class MapLayer:
    """One switchable layer.

    ``url`` answers ``?bbox=west,south,east,north`` with GeoJSON in degrees; every feature has an ``id`` and the properties ``title`` and, where
    it has a state, ``tone`` (red, orange, yellow, blue, green, grey; unknown is grey). ``tones`` says what each tone means and is the layer's
    legend. ``live`` names event kinds after which the layer is read again. Lines and areas may lie over one another: ``severity`` (1 worst) puts
    the worst on top. The answer may say ``truncated`` (more than it tells lies in the box), ``at`` (ISO time of the data, when it is not now)
    and ``moments`` (ISO times ahead for which there is something to show).
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
    geometry: Geometry = "points"
    group: Group | None = None
    """The group of its card; by default that of the resource of the same code (:data:`_groups`), else ``base``."""
    time: bool = False
    """The layer answers ``?at=`` (ISO time) with what held at that moment. Other layers show the present only and say so."""
    tiles: str = ""
    """Vector tiles (``…/{z}/{x}/{y}.mvt``, one layer named by ``code``) that are drawn in place of ``url`` where much lies in view."""
    minzoom: float = 0
    """Zoom from which the layer is read."""
    empty: Text = ""
    """Why nothing may be there, and the next step."""
    steps: tuple[str, ...] = ()
    """Classes of a quantity, least first, as the legend writes them. Areas tell theirs as ``step`` (from 0) and are coloured by one ramp in place
    of tones; one without a ``step`` is hatched: unknown, which is never the lowest class. ``value`` says the quantity in words."""


_layers: dict[str, MapLayer] = {}
_legends: dict[str, tuple[Text, Mapping[str, Text]]] = {}
_looks: dict[str, tuple[Shape, bool, int]] = {
    "alarms": ("triangle", True, 10),
    "enterprises": ("square", True, 20),
    "risksources": ("diamond", False, 30),
    "devices": ("circle", False, 40),
}
"""How the map draws a resource's layer when the room says nothing: shape, switched on at first, order."""
_groups: dict[str, Group] = {
    "alarms": "risk",
    "enterprises": "risk",
    "risksources": "risk",
    "devices": "sense",
    "cameras": "sense",
    "sensors": "sense",
    "weather": "sense",
    "facilities": "force",
    "field-units": "force",
    "plotting": "judgement",
    "judgement": "judgement",
    "judgements": "judgement",
    "road-closures": "judgement",
    "closures": "judgement",
}
"""Where the card of a layer stands that names no group itself."""


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
            resource.code, resource.label, url, resource.actions.view, shape, on, order, tones, resource.live, legend, empty=resource.empty
        )
    return found


def _whole(layer: MapLayer) -> MapLayer:
    """The layer with its group, and with the desk's own tiles where it shows records of a resource."""
    resource = registry.find_resource(layer.code)
    group = layer.group or _groups.get(layer.code, "base")
    if layer.tiles or resource is None or resource.map is None or not layer.url.startswith(reverse(f"desk:api-{resource.code}-features")):
        return replace(layer, group=group)
    _, mark, query = layer.url.partition("?")
    return replace(layer, group=group, tiles=f"/tiles/{layer.code}/{{z}}/{{x}}/{{y}}.mvt{mark}{query}", empty=layer.empty or resource.empty)


def every_layer() -> tuple[MapLayer, ...]:
    """Every layer of this node, by group and order."""
    found = (_whole(layer) for layer in {**_of_resources(), **_layers}.values())
    places = list(GROUPS)
    return tuple(sorted(found, key=lambda item: (places.index(item.group or "base"), item.order, item.code)))


def layers_for(actor: Actor) -> tuple[MapLayer, ...]:
    """The layers that ``actor`` may see, by group and order."""
    return tuple(layer for layer in every_layer() if actor.may_somewhere(layer.action))


def find_layer(code: str, actor: Actor) -> MapLayer | None:
    """The layer of that code; ``None`` also for one that the actor may not see."""
    return next((layer for layer in layers_for(actor) if layer.code == code), None)
