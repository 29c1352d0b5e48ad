"""What a client sends as an entity, read into plain values of the registry. Refuses what the registry cannot keep. No Django."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from anlan.kernel.geo import Point, in_china
from anlan.sense.devices.door import SensorClass
from anlan.sense.things.rules import MalformedEntity, NotSupported, UnknownObservedProperty
from anlan.sense.things.wording import DEFINITION

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
Body = Mapping[str, Any]

THING_COLUMNS = {
    "deviceClass": "device_class",
    "manufacturer": "manufacturer",
    "modelNumber": "model_number",
    "locationNote": "location_note",
    "state": "state",
}
POINT_COLUMNS = {"decimals": "decimals", "rangeLow": "range_low", "rangeHigh": "range_high", "inUse": "in_use"}
_KINDS: dict[str, tuple[type, ...]] = {
    "decimals": (int,),
    "rangeLow": (int, float, type(None)),
    "rangeHigh": (int, float, type(None)),
    "inUse": (bool,),
}
TOLD_BY_REGISTRY = frozenset({*THING_COLUMNS, *POINT_COLUMNS, "code", "enterprise", "placeCode", "place"})
MOST_PROPERTIES = 100


def checked(found: object) -> Body:
    """The body itself when it is an object. Raises ``MalformedEntity``."""
    if not isinstance(found, Mapping):
        raise MalformedEntity(reason=type(found).__name__)
    return found


def text(body: Body, name: str, most: int, *, needed: bool = False) -> str:
    """A text. Raises ``MalformedEntity``."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > most or (needed and not value.strip()) or "\x00" in value:
        raise MalformedEntity(reason=name)
    return value


def properties(body: Body) -> dict[str, Any]:
    """``properties``, all of them. Raises ``MalformedEntity``."""
    found = body.get("properties") or {}
    if not isinstance(found, Mapping) or len(found) > MOST_PROPERTIES or "\x00" in str(found):
        raise MalformedEntity(reason="properties")
    return dict(found)


def own_properties(body: Body) -> dict[str, Any]:
    """Properties that the registry has no column for: they are kept as they were sent."""
    return {name: value for name, value in properties(body).items() if name not in TOLD_BY_REGISTRY}


def columns(body: Body, names: Mapping[str, str]) -> dict[str, Any]:
    """Properties that have a column in the registry, by column. Raises ``MalformedEntity``."""
    found: dict[str, Any] = {}
    for name, value in properties(body).items():
        if name in names:
            kinds = _KINDS.get(name, (str,))
            if (
                not isinstance(value, kinds)
                or (isinstance(value, bool) and bool not in kinds)
                or (isinstance(value, str) and len(value) > 120)
            ):
                raise MalformedEntity(reason=f"properties/{name}")
            found[names[name]] = value
    return found


def code(body: Body, prefix: str) -> str:
    """The code of a device or point: told in ``properties/code``, the name itself when it can be one, or drawn."""
    told = properties(body).get("code")
    if told is not None:
        if not isinstance(told, str) or not told:
            raise MalformedEntity(reason="properties/code")
        return told
    name = text(body, "name", 120, needed=True)
    return name if _CODE.fullmatch(name) else f"{prefix}{secrets.token_hex(4)}"


def position(body: Body) -> tuple[float, float]:
    """Longitude and latitude of a Location. Raises ``MalformedEntity``, ``NotSupported``, ``ImpossibleCoordinates``."""
    told = body.get("location", body.get("feature"))
    if isinstance(told, Mapping) and told.get("type") == "Feature":
        told = told.get("geometry")
    if not isinstance(told, Mapping) or not isinstance(told.get("coordinates"), list):
        raise MalformedEntity(reason="location")
    if told.get("type") != "Point":
        raise NotSupported(what=f"Location: {str(told.get('type'))[:20]}")
    numbers = told["coordinates"][:2]
    if len(numbers) != 2 or any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        raise MalformedEntity(reason="coordinates")
    found = in_china(Point(float(numbers[0]), float(numbers[1])))
    return found.longitude, found.latitude


def observed_property(found: object, known: tuple[SensorClass, ...]) -> SensorClass:
    """The class of measuring points that is meant: by identifier, definition or name. Raises ``UnknownObservedProperty``, ``MalformedEntity``."""
    body = checked(found)
    key = body.get("@iot.id")
    definition, name = text(body, "definition", 400), text(body, "name", 200)
    for one in known:
        if key is not None:
            if key == one.code:
                return one
        elif definition == f"{DEFINITION}{one.code}" or name in {one.code, one.name_zh, one.name_en, one.quantity}:
            return one
    raise UnknownObservedProperty(name=str(key if key is not None else name or definition)[:80])


def symbol(body: Body, known: SensorClass) -> str:
    """The unit of a Datastream; that of its class when none is told. Raises ``MalformedEntity``."""
    told = body.get("unitOfMeasurement")
    if told is None:
        return known.unit
    found = text(checked(told), "symbol", 24)
    return found or known.unit


def reference(found: object) -> Any:
    """The identifier of an entity that is referred to (``{"@iot.id": …}``). Raises ``MalformedEntity``."""
    body = checked(found)
    if "@iot.id" not in body:
        raise MalformedEntity(reason="@iot.id")
    return body["@iot.id"]


def enterprise(body: Body) -> UUID | None:
    """The enterprise a Thing is to belong to, where it is told. Raises ``MalformedEntity``."""
    told = properties(body).get("enterprise")
    if told is None:
        return None
    try:
        return UUID(str(told))
    except ValueError:
        raise MalformedEntity(reason="properties/enterprise") from None


def patched(operations: object) -> dict[str, Any]:
    """The changed members of a JSON Patch (RFC 6902): ``add`` and ``replace`` of members and of members of ``properties``.

    Raises ``MalformedEntity``, ``NotSupported``.
    """
    if not isinstance(operations, list):
        raise MalformedEntity(reason="JSON Patch")
    changed: dict[str, Any] = {}
    for operation in map(checked, operations):
        if operation.get("op") not in {"add", "replace"} or "value" not in operation:
            raise NotSupported(what=f"JSON Patch {str(operation.get('op'))[:20]}")
        steps = [part.replace("~1", "/").replace("~0", "~") for part in text(operation, "path", 400, needed=True).strip("/").split("/")]
        if len(steps) == 1:
            changed[steps[0]] = operation["value"]
        elif len(steps) == 2 and steps[0] in {"properties", "unitOfMeasurement"}:
            members = changed.setdefault(steps[0], {})
            if not isinstance(members, dict):
                raise MalformedEntity(reason="JSON Patch")
            members[steps[1]] = operation["value"]
        else:
            raise NotSupported(what=f"JSON Patch {'/'.join(steps)[:40]}")
    return changed
