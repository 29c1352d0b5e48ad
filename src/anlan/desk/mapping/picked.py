"""One object picked on the map: its main facts and the address of its own page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from anlan.desk.resource import addresses, registry, values
from anlan.desk.resource.declare import Text
from anlan.desk.resource.detail import find
from anlan.kernel.access import Actor

FACTS_IN_PANEL = 10


@dataclass(frozen=True)
class Picked:
    """What the panel beside the map shows of an object."""

    kind: Text
    title: str
    url: str
    facts: tuple[values.Shown, ...]


def picked_object(layer: str, key: str, actor: Actor) -> Picked | None:
    """The object ``key`` of the resource ``layer``; ``None`` for another kind of layer or a malformed key.

    Raises ``NotFound`` when the actor may not see it or it is gone.
    """
    resource = registry.find_resource(layer)
    if resource is None or resource.map is None:
        return None
    try:
        record = find(resource, actor, UUID(key))
    except ValueError:
        return None
    columns = [column for column in resource.columns if not column.hidden and not column.link][:FACTS_IN_PANEL]
    return Picked(
        resource.label,
        str(getattr(record, resource.title)),
        addresses.record_url(resource, record.pk),
        tuple(values.shown(record, column) for column in columns),
    )
