"""Events: what a room tells the rooms above it, as frozen dataclasses.

A room declares its events in its ``door``; ``site/wiring.py`` joins them to their hearers; :mod:`anlan.ledger.events` keeps them in
the transactional outbox.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from anlan.kernel.access import Classification

_KINDS: dict[str, type[Event]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. ``kind`` names the event for ever; ``action`` is the permission needed to hear it live.

    ``urgent``: people may be in danger, and hearing it does not wait behind what was announced before it.
    """

    kind: ClassVar[str] = ""
    action: ClassVar[str] = ""
    urgent: ClassVar[bool] = False

    subject_id: UUID
    place_code: str
    at: datetime
    enterprise_id: UUID | None = None
    classification: Classification = Classification.INTERNAL
    exercise: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            other = _KINDS.get(cls.kind)
            if other is not None and other.__qualname__ != cls.__qualname__:
                raise TypeError(f"event kind {cls.kind} is declared twice: {other.__qualname__}, {cls.__qualname__}")
            _KINDS[cls.kind] = cls

    def payload(self) -> dict[str, Any]:
        """Plain JSON values of every field."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def restore(cls, payload: dict[str, Any]) -> Self:
        """Rebuild an event from :meth:`payload`; unknown keys of newer versions are left out."""
        known = {f.name for f in fields(cls)}
        values = {key: value for key, value in payload.items() if key in known}
        for name in ("subject_id", "enterprise_id"):
            if isinstance(values.get(name), str):
                values[name] = UUID(values[name])
        values["at"] = datetime.fromisoformat(values["at"])
        values["classification"] = Classification(values.get("classification", Classification.INTERNAL))
        return cls(**values)


def event_class(kind: str) -> type[Event]:
    """The class declared for ``kind``. Raises ``KeyError`` when no loaded room declares it."""
    return _KINDS[kind]


def event_kinds() -> dict[str, type[Event]]:
    """Every declared event by kind."""
    return dict(_KINDS)


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Classification):
        return int(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
