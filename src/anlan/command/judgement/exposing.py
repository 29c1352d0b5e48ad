"""What judgement asks of the rooms that know who lives and stands where, in one place.

Until a node has them loaded nothing is known, which is told as unknown and never as nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anlan.command.judgement.geometry import Area
from anlan.command.judgement.reckoning import Place


def places_in(area: Area) -> Sequence[Place]:
    """Named places to be protected in an area."""
    del area
    return ()


def people_in(area: Area, at: datetime) -> int | None:
    """How many people are in an area at that moment; ``None``: not known."""
    del area, at
    return None


def counted(result: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A result with the people in each zone and under each option."""
    for each in (*result["zones"], *result["options"]):
        each["people"] = people_in(each["area"], at) if each["area"] else 0
    return result
