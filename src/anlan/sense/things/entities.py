"""The entity types of the Sensing part, their names, links and properties, and resource paths (OGC 18-088, 8 and 9.2). No Django.

Where each comes from: a Thing is a device of the registry, its Location the device's position; a Datastream and its Sensor are a measuring
point (its channel is their number for ever); an ObservedProperty is a class of measuring points; an Observation is a stored reading, called
``<channel>-<ms since 1970>``; a FeatureOfInterest is what the device stands in: its own position, or the place that is answerable for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.sense.things.rules import UnknownAddress


@dataclass(frozen=True)
class Link:
    """A navigation property: the type it leads to, and whether to many."""

    target: str
    many: bool


@dataclass(frozen=True)
class EntityType:
    """``numbered``: identifiers are numbers, written without quotes."""

    name: str
    plural: str
    properties: tuple[str, ...]
    links: dict[str, Link]
    numbered: bool = False


def _links(*told: str) -> dict[str, Link]:
    return {word: Link(_SINGULAR.get(word, word), word in _SINGULAR) for word in told}


_SINGULAR = {
    "Things": "Thing",
    "Locations": "Location",
    "HistoricalLocations": "HistoricalLocation",
    "Datastreams": "Datastream",
    "Sensors": "Sensor",
    "ObservedProperties": "ObservedProperty",
    "Observations": "Observation",
    "FeaturesOfInterest": "FeatureOfInterest",
}
_DESCRIBED = ("name", "description")
TYPES: dict[str, EntityType] = {
    kind.name: kind
    for kind in (
        EntityType("Thing", "Things", (*_DESCRIBED, "properties"), _links("Locations", "HistoricalLocations", "Datastreams")),
        EntityType(
            "Location", "Locations", (*_DESCRIBED, "encodingType", "location", "properties"), _links("Things", "HistoricalLocations")
        ),
        EntityType("HistoricalLocation", "HistoricalLocations", ("time",), _links("Thing", "Locations")),
        EntityType(
            "Datastream",
            "Datastreams",
            (*_DESCRIBED, "unitOfMeasurement", "observationType", "observedArea", "phenomenonTime", "properties"),
            _links("Thing", "Sensor", "ObservedProperty", "Observations"),
            numbered=True,
        ),
        EntityType("Sensor", "Sensors", (*_DESCRIBED, "encodingType", "metadata", "properties"), _links("Datastreams"), numbered=True),
        EntityType("ObservedProperty", "ObservedProperties", ("name", "definition", "description", "properties"), _links("Datastreams")),
        EntityType(
            "Observation",
            "Observations",
            ("phenomenonTime", "result", "resultTime", "resultQuality", "parameters"),
            _links("Datastream", "FeatureOfInterest"),
        ),
        EntityType(
            "FeatureOfInterest", "FeaturesOfInterest", (*_DESCRIBED, "encodingType", "feature", "properties"), _links("Observations")
        ),
    )
}
SETS: dict[str, EntityType] = {kind.plural: kind for kind in TYPES.values()}

REF, VALUE = "$ref", "$value"
_STEP = re.compile(r"([A-Za-z]+)(?:\((.*)\))?")


@dataclass(frozen=True)
class Step:
    """One level of a path: an entity set or link, and the identifier given for it (``None``: none)."""

    name: str
    key: str | None


@dataclass(frozen=True)
class Address:
    """A parsed path. ``property``: the property asked for, with the members below it; ``tail``: ``$ref``, ``$value`` or empty."""

    steps: tuple[Step, ...]
    property: tuple[str, ...] = ()
    tail: str = ""


def read_address(path: str) -> Address:
    """The address of a decoded path below the service root. Raises ``UnknownAddress``."""
    parts = _segments(path.strip("/"))
    tail = parts.pop() if parts and parts[-1] in {REF, VALUE} else ""
    steps: list[Step] = []
    kind: EntityType | None = None
    many = True
    while parts:
        found = _STEP.fullmatch(parts[0])
        known = found is not None and (found.group(1) in SETS if kind is None else found.group(1) in kind.links)
        if found is None or not known or (kind is not None and many and steps[-1].key is None):
            break
        key = _key(found.group(2))
        link = Link(SETS[found.group(1)].name, True) if kind is None else kind.links[found.group(1)]
        if key is not None and not link.many:
            raise UnknownAddress(address=path[:200])
        kind, many = TYPES[link.target], link.many
        steps.append(Step(found.group(1), key))
        parts.pop(0)
    if not steps or (parts and ((many and steps[-1].key is None) or kind is None or parts[0] not in (*kind.properties, "@iot.id"))):
        raise UnknownAddress(address=path[:200])
    if (tail == VALUE and not parts) or (tail == REF and parts):
        raise UnknownAddress(address=path[:200])
    return Address(tuple(steps), tuple(parts), tail)


def kind_of(address: Address) -> tuple[EntityType, bool]:
    """The type that an address leads to, and whether to a collection of it."""
    kind, many = SETS[address.steps[0].name], address.steps[0].key is None
    for step in address.steps[1:]:
        link = kind.links[step.name]
        kind, many = TYPES[link.target], link.many and step.key is None
    return kind, many


def _segments(path: str) -> list[str]:
    """Cut at slashes outside brackets and quotes."""
    parts, begun, depth, quoted = [], 0, 0, False
    for at, character in enumerate(path):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
        elif character == "/" and not quoted and depth == 0:
            parts.append(path[begun:at])
            begun = at + 1
    return [part for part in (*parts, path[begun:]) if part]


def _key(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def written(kind: EntityType, key: object) -> str:
    """An identifier as it stands in an address."""
    return str(key) if kind.numbered else f"'{key}'"
