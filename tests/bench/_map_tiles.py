"""Vector tiles of a layer of one million enterprises, as officers of five levels ask for them: part of ``anlan bench judgement``.

Tiles lie where enterprises lie, at every zoom from 3 to 14, none asked twice. The pass that counts a whole jurisdiction is in the figure where it
falls: in the first tile of each officer, and again when its time is over.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

TILES = 400
ZOOMS = range(3, 15)
LAYER = "enterprises"


def features_tile_ms(say: Callable[[str], None]) -> float:
    """95th percentile of a tile in milliseconds, from the question to the finished bytes, over the database that is connected."""
    from tests.bench import desk

    desk._prepare(say)
    desk._actors()
    import django.urls

    django.urls.get_resolver().url_patterns  # noqa: B018 - rooms declare their resources when the addresses are built
    from anlan.desk.mapping import mercator, tiles
    from anlan.ground.enterprises.models import Enterprise

    dice = random.Random(46)
    tiles.forget_counts()
    asked: set[tuple[str, int, int, int]] = set()
    took: list[float] = []
    places = {}
    for name, actor in desk.ACTORS.items():
        prefix = actor.scopes("enterprises.view")[0].place_prefix
        inside = Enterprise.objects.filter(place_code__startswith=prefix, longitude__isnull=False)
        places[name] = list(inside.order_by("id").values_list("longitude", "latitude")[:: max(1, inside.count() // 500)][:500])
    while len(took) < TILES:
        name = dice.choice(list(desk.ACTORS))
        (longitude, latitude), z = dice.choice(places[name]), dice.choice(ZOOMS)
        where = (name, z, int(mercator.world_x(longitude) * 2**z), int(mercator.world_y(latitude) * 2**z))
        if where in asked and z > 8:
            continue
        asked.add(where)
        began = time.perf_counter()
        tiles.tile(LAYER, *where[1:], desk.ACTORS[name])
        took.append((time.perf_counter() - began) * 1000)
    say(f"tiles: {len(took)}, median {sorted(took)[len(took) // 2]:.1f} ms, p95 {desk.p95(took)} ms, worst {max(took):.0f} ms")
    return desk.p95(took)
