"""What rooms above tell the reader of packs: which sensor rules they understand, which lists and groups of rules they hold themselves."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.ground.packs.reading import Names, SensorCheck


@dataclass
class Joints:
    """Set once by each room above, in its ``ready()``; ``None`` where that room is not installed."""

    sensor_check: SensorCheck | None = None
    criteria_lists: Names | None = None
    rule_groups: Names | None = None


joints = Joints()
