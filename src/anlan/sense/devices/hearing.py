"""What the room of devices hears of rooms below."""

from __future__ import annotations

from anlan.ground.enterprises.door import EnterprisesMerged
from anlan.ledger.events import announce
from anlan.sense.devices.door import DevicesChanged


def tell_registry(event: EnterprisesMerged) -> None:
    """Devices that came with a merged file belong to another enterprise now: whoever keeps the registry reads it again."""
    if event.enterprise_id is not None:
        announce(
            DevicesChanged(subject_id=event.enterprise_id, enterprise_id=event.enterprise_id, place_code=event.place_code, at=event.at)
        )
