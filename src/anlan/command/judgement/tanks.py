"""How much is in a tank by its level. Geometry alone; lengths in metres, volumes in m³, the level as height of the liquid above the bottom."""

from __future__ import annotations

import math

VERTICAL, SPHERE, HORIZONTAL = "vertical", "sphere", "horizontal"
SHAPES = {
    "vertical_fixed": VERTICAL,
    "floating": VERTICAL,
    "cryogenic": VERTICAL,
    "sphere": SPHERE,
    "horizontal": HORIZONTAL,
}
"""Forms of the register of hazard sources, by how they fill; ``other`` is none of them."""


def share(shape: str, height_share: float) -> float:
    """Share of the volume below that share of the height, both 0 to 1 (flat ends)."""
    h = min(max(height_share, 0.0), 1.0)
    if shape == SPHERE:
        return h * h * (3 - 2 * h)
    if shape == HORIZONTAL:
        return (math.acos(1 - 2 * h) - (1 - 2 * h) * 2 * math.sqrt(h * (1 - h))) / math.pi
    return h


def height(shape: str, volume_m3: float, diameter_m: float | None, height_m: float | None) -> float | None:
    """Inner height: as registered, of a sphere by its volume, of a lying tank its diameter; ``None`` when it does not follow."""
    if shape == SPHERE:
        return (6 * volume_m3 / math.pi) ** (1 / 3)
    if shape == HORIZONTAL:
        return diameter_m
    if height_m:
        return height_m
    return volume_m3 / (math.pi * diameter_m**2 / 4) if diameter_m else None


def mass_kg(
    shape: str,
    volume_m3: float,
    density_kg_m3: float,
    *,
    level_m: float | None = None,
    level_share: float | None = None,
    diameter_m: float | None = None,
    height_m: float | None = None,
) -> float | None:
    """Liquid in a tank by its level, in metres or as a share of its height; ``None`` when the register does not say enough."""
    if level_share is None and level_m is not None:
        whole = height(shape, volume_m3, diameter_m, height_m)
        level_share = level_m / whole if whole else None
    if level_share is None or not 0 <= level_share <= 1.05:
        return None
    return volume_m3 * share(shape, level_share) * density_kg_m3
