"""``anlan bench places``: the load, point look-up, place search and vector tiles over the whole country.

Tiles are asked over HTTP as a signed-in officer: first every tile once with an empty disk cache, then the same tiles again. Points are
spread evenly over the land box, a third of them at sea or abroad. Times are of whole answers; p95 unless said otherwise.
"""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

LIMIT_TILE_MS = 200.0
LIMIT_LOAD_S = 60.0
POINTS = 20_000
TILES_PER_ZOOM = 24
WORDS = (
    "历下", "济南 历下", "山东省济南市历下区", "lixia", "jinan lx", "jn", "3701", "370102001000", "街道", "解放路", "jiedao", "城关镇", "chengguan",
    "新", "x", "自治县", "没有这个地方", "zhen", "西藏 那曲", "wulumuqi",
)  # fmt: skip
ACTOR: Any = None


class PostedActor:
    """Stands where sign-in stands; everything else of the stack is the product's own."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        from django.contrib.auth.models import AnonymousUser

        request.user, request.actor = AnonymousUser(), ACTOR
        return self.get_response(request)


def p95(times: Sequence[float]) -> float:
    """95th percentile of seconds as milliseconds."""
    return round(sorted(times)[math.ceil(len(times) * 0.95) - 1] * 1000, 2)


def timed(call: Callable[[], object]) -> float:
    """Seconds that ``call`` takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    import django
    from django.conf import settings

    settings.MIDDLEWARE = [
        "tests.bench.places.PostedActor" if name.endswith("ActorMiddleware") else name
        for name in settings.MIDDLEWARE
        if not name.startswith("axes.")
    ]
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.PROCRASTINATE_ON_APP_READY = None
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _tile_addresses(dice: random.Random) -> list[str]:
    """Tiles around counties of all provinces, as many for each zoom, none twice."""
    import numpy as np

    from anlan.ground.places import tiles
    from anlan.ground.places.models import Place

    points = list(Place.objects.filter(level=3, valid_to=None).order_by("code").values_list("longitude", "latitude"))
    found: dict[str, None] = {}
    for zoom in range(2, tiles.DEEPEST_ZOOM + 1):
        for x, y in tiles.world(np.array(dice.sample(points, TILES_PER_ZOOM))) * 2**zoom:
            found.setdefault(f"/tiles/places/{zoom}/{int(x)}/{int(y)}.mvt")
    return list(found)


def _tiles(dice: random.Random) -> dict[str, object]:
    from django.conf import settings
    from django.test import Client

    client = Client(headers={"Accept-Encoding": "gzip"})
    addresses = _tile_addresses(dice)
    dice.shuffle(addresses)
    with tempfile.TemporaryDirectory() as folder:
        from pathlib import Path

        settings.ANLAN = {**settings.ANLAN, "HOME": Path(folder)}
        # Outlines are read into memory by the first tile of each zoom band; that is told apart.
        first = max(timed(lambda z=zoom: client.get(f"/tiles/places/{z}/0/0.mvt")) for zoom in (3, 5, 6, 7, 9))
        cold = [timed(lambda a=address: client.get(a)) for address in addresses]
        warm = [timed(lambda a=address: client.get(a)) for address in addresses]
        sizes = [path.stat().st_size for path in Path(folder).rglob("*.mvt.gz")]
    return {
        "tiles": len(addresses),
        "tile_first_ms": round(first * 1000, 1),
        "tile_cold_ms": p95(cold),
        "tile_cold_max_ms": round(max(cold) * 1000, 1),
        "tile_cached_ms": p95(warm),
        "tile_bytes_max": max(sizes),
    }


def main(json: bool = False, arguments: Sequence[str] = ()) -> dict[str, object]:
    """Measure and return the figures; complain on standard error about a limit that does not hold."""
    global ACTOR
    _prepare()
    from anlan.ground.places import door, index, loading
    from anlan.kernel.access import system_actor

    ACTOR = system_actor("bench")
    dice = random.Random(20_261_122)
    figures: dict[str, object] = {"load_s": round(timed(lambda: loading.load(force=True)), 1)}
    figures["load_again_s"] = round(timed(loading.load), 2)
    index.forget()
    figures["names_first_ms"] = round(timed(lambda: door.full_name("370102001")) * 1000, 1)
    figures["lookup_first_ms"] = round(timed(lambda: door.county_at(117.05, 36.66)) * 1000, 1)
    points = [(dice.uniform(73.5, 135.0), dice.uniform(18.0, 53.5)) for _ in range(POINTS)]
    times = [timed(lambda at=point: door.county_at(*at)) for point in points]
    figures["lookup_ms"] = p95(times)
    figures["lookups_per_s"] = round(len(times) / sum(times))
    figures["full_name_us"] = round(sum(timed(lambda: door.full_name("370102001")) for _ in range(5000)) / 5000 * 1e6, 1)
    figures["search_ms"] = p95([timed(lambda w=words: door.search(w, 20)) for words in WORDS for _ in range(5)])
    figures |= _tiles(dice)
    for name, limit in (("tile_cold_ms", LIMIT_TILE_MS), ("tile_first_ms", 5 * LIMIT_TILE_MS), ("load_s", LIMIT_LOAD_S)):
        if float(str(figures[name])) > limit:
            sys.stderr.write(f"{name} is {figures[name]}, more than {limit}\n")
    if not json:
        for name, value in figures.items():
            sys.stdout.write(f"{name:20} {value}\n")
    return figures
