"""Who is on duty, as whoever wants to reach the post needs it: officers first, for they pick up the telephone."""

from __future__ import annotations

from datetime import datetime

from anlan.command.contact.door import Reachable
from anlan.command.duty import door


def on_duty(place_code: str, now: datetime) -> list[Reachable]:
    """Everybody on duty at exactly a place."""
    found = sorted(door.on_duty(place_code, now), key=lambda each: each.kind == "leader")
    return [
        Reachable(
            f"duty:{place_code}", each.name, place_code, f"{each.kind_label} {each.post}".strip(), each.phone, account_id=each.account_id
        )
        for each in found
    ]
