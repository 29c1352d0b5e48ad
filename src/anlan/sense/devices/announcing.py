"""Tells the processes of the stream that the registry of an enterprise is to be read again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.ledger.changes import Change
from anlan.sense.devices.door import DevicesChanged


def announce(gathered: Change, enterprise_id: UUID, place_code: str, now: datetime) -> None:
    """Add to a change that devices, points, limits, names or credentials of an enterprise are others now."""
    gathered.announce(DevicesChanged(subject_id=enterprise_id, enterprise_id=enterprise_id, place_code=place_code, at=now))
