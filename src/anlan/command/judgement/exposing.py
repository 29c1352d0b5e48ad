"""What judgement asks of the rooms that know who lives and stands where, in one place.

Until a node has them loaded nothing is known, which is told as unknown and never as nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from anlan.command.judgement.geometry import Area
from anlan.command.judgement.reckoning import Place


def places_in(area: Area) -> Sequence[Place]:
    """Named places to be protected in an area."""
    del area
    return ()
