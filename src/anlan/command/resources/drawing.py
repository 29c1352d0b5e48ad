"""A drawing to scale of who can help: the place in the middle, rings of distance, each choice by its number. No map is needed to read it."""

from __future__ import annotations

import math
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from anlan.command.resources.door import Choice, Recommendation

SIZE: Final = 360
MARGIN: Final = 26
STEPS_KM: Final = (1, 2, 5, 10, 20, 50, 100, 200)
KM_PER_DEGREE: Final = 111.195


def picture(found: Recommendation) -> SafeString:
    """An SVG of the choices about the place of the need, north up; empty when there are none."""
    if not found.choices:
        return SafeString("")
    offsets = [_offset(found, each) for each in found.choices]
    widest = max(max(math.hypot(*each) for each in offsets), 0.5)
    scale = (SIZE / 2 - MARGIN) / widest
    rings = [km for km in STEPS_KM if km <= widest * 1.02][-3:]
    middle = SIZE / 2
    circles = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="{}" class="reach-ring"/><text x="{}" y="{}" class="reach-km">{} km</text>',
        ((middle, middle, round(km * scale, 1), middle, round(middle - km * scale - 3, 1), km) for km in rings),
    )
    marks = format_html_join(
        "",
        '<g><title>{}</title><circle cx="{}" cy="{}" r="10" class="reach-mark{}"/><text x="{}" y="{}" class="reach-number">{}</text></g>',
        _marks(found, offsets, scale, middle),
    )
    label = _("资源方位图：上为北，中心为现场，数字与表格序号一致")
    return format_html(
        '<svg class="reach" viewBox="0 0 {s} {s}" role="img" aria-label="{label}">{circles}<path d="M{m} {a}V{b}M{a} {m}H{b}" class="reach-need"/>{marks}</svg>',
        s=SIZE,
        m=middle,
        a=middle - 8,
        b=middle + 8,
        label=label,
        circles=circles,
        marks=marks,
    )


def _offset(found: Recommendation, each: Choice) -> tuple[float, float]:
    """Kilometres east and north of the need."""
    north = (each.resource.latitude - found.need.latitude) * KM_PER_DEGREE
    east = (each.resource.longitude - found.need.longitude) * KM_PER_DEGREE * math.cos(math.radians(found.need.latitude))
    return east, north


def _marks(found: Recommendation, offsets: list[tuple[float, float]], scale: float, middle: float) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    # The best are drawn last, so that they lie on top.
    for number, (each, (east, north)) in reversed(list(enumerate(zip(found.choices, offsets, strict=True), 1))):
        x, y = round(middle + east * scale, 1), round(middle - north * scale, 1)
        rows.append((each.resource.name, x, y, " reach-aid" if each.needs_aid else "", x, y + 4, number))
    return rows
