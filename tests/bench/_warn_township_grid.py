"""The township grid of the nation: every township for 24 hours, from signals over every county and province, chains and what is exposed, until it is kept.

``township_grid_s`` is the first reckoning, which writes every stretch; ``township_grid_again_s`` the next one, an hour later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

SIGNALS_EACH = 2
"""Signals of every county: more than the nation has at once on its worst days."""


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Both figures with their limit. What it writes is rolled back."""
    from django.db import transaction

    from anlan.ground.places import door as places
    from anlan.kernel import clock
    from anlan.kernel.levels import Level
    from anlan.warn.hazards import reckoning
    from anlan.warn.hazards.models import HazardSignal

    now = clock.now()
    counties = sorted({str(code)[:6] for code in places.townships().codes})
    provinces = sorted({code[:2] + "0000" for code in counties})
    kinds = ("11B03", "11B06", "11B05", "11B14", "11A00")
    with transaction.atomic():
        HazardSignal.objects.bulk_create(
            HazardSignal(
                source="signal",
                identifier=f"bench-{number}",
                place_code=code,
                hazard=kinds[number % len(kinds)],
                title="bench",
                level=number % 4 + 1,
                sent_at=now,
                received_at=now,
                starts_at=now + timedelta(hours=number % 5),
                ends_at=now + timedelta(hours=6 + number % 20),
                area_codes=[code],
            )
            for number, code in enumerate([*counties * SIGNALS_EACH, *provinces])
        )
        began = time.perf_counter()
        run = reckoning.reckon_grid(now)
        first = time.perf_counter() - began
        began = time.perf_counter()
        reckoning.reckon_grid(now + timedelta(hours=1))
        again = time.perf_counter() - began
        transaction.set_rollback(True)
    say(f"{run.townships} townships, {run.hazards} hazards, {run.spans} stretches: {first:.1f} s, again {again:.1f} s")
    assert run.townships >= 38_000, Level.TOWNSHIP
    return {
        "township_grid_s": round(first, 1),
        "township_grid_again_s": round(again, 1),
        "township_grid_townships": run.townships,
        "township_grid_hazards": run.hazards,
        "township_grid_limit_s": 30.0,
    }
