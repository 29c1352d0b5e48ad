"""``anlan bench desk``: the list of one million synthetic enterprises, asked over HTTP as officers of three levels.

Every figure is the 95th percentile in milliseconds of whole answers (middleware, query, template), each query asked once and none
repeated, so that no answer comes from a warm result. The rows are kept in ``build/bench`` between runs, and so is the scratch database
(``anlan_bench_desk``) where the server outlives the run.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from json import dumps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

DATABASE = "anlan_bench_desk"
ROWS = int(os.environ.get("ANLAN_BENCH_ROWS", "1000000"))
LIMIT_MS = 200.0
ACTORS: dict[str, Any] = {}
LIST = "/enterprises/"
# Trades and legal forms stand in most names, brands in some thousands, whole names in one: common and rare words alike.
WORDS = (
    "有限公司", "公司", "化工", "机械制造", "化", "有", "厂", "烟花", "气体有限", "临江", "济", "盛世", "鑫", "安宁 化工", "工业园", "海 纸业",
    "山东", "山东 涂料", "91", "9137", "hg", "h", "yxgs", "huagong", "jixiezhizao", "youxian", "shandong", "sd", "鸿运达", "不存在的名字",
    "王", "船舶修造厂", "嘉鹏泽", "长城江", "号工业园12号", "fudahuagong", "xxhg", "电镀 厂", "内蒙古 矿业", "新疆 仓储 有限责任公司",
)  # fmt: skip


class PostedActor:
    """Stands where sign-in stands: the actor is named by a header. Everything else of the stack is the product's own."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        from django.contrib.auth.models import AnonymousUser

        request.user = AnonymousUser()
        request.actor = ACTORS[request.headers["X-Bench-Actor"]]
        return self.get_response(request)


def _prepare(say: Callable[[str], None]) -> None:
    """A scratch database beside the node's own, migrated, filled once."""
    import psycopg
    from psycopg import sql

    url = os.environ["ANLAN_DATABASE_URL"]
    scheme, _, rest = url.partition("://")
    head, _, query = rest.partition("?")
    server, _, _name = head.rpartition("/")
    tail = f"?{query}" if query else ""
    with psycopg.connect(f"postgresql://{server}/postgres{tail}", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    os.environ["ANLAN_DATABASE_URL"] = f"{scheme}://{server}/{DATABASE}{tail}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    import django
    from django.conf import settings

    settings.MIDDLEWARE = [
        "tests.bench.desk.PostedActor" if name.endswith("ActorMiddleware") else name
        for name in settings.MIDDLEWARE
        if not name.startswith("axes.")
    ]
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.PROCRASTINATE_ON_APP_READY = None
    django.setup()
    from django.core.management import call_command
    from django.db import connection as db
    from tests.bench import _synthetic as synthetic

    call_command("migrate", verbosity=0)
    call_command("load_ground", verbosity=0)
    with db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enterprises_enterprise")
        if cursor.fetchone()[0] != ROWS:
            say(f"filling {ROWS:,} synthetic enterprises …")
            say(f"filled in {synthetic.fill(ROWS):.0f} s")


def _actors() -> None:
    """Officers of the nation, of the largest province, the largest city, a large and an average county."""
    from tests.bench._synthetic import counties

    from anlan.kernel.access import Actor, Classification, Grant
    from anlan.kernel.levels import code_of, level_of

    by_weight = sorted(counties(), key=lambda county: county.weight)
    weight: dict[str, float] = {}
    for county in counties():
        for width in (2, 4):
            weight[county.code[:width]] = weight.get(county.code[:width], 0) + county.weight
    provinces = sorted((code for code in weight if len(code) == 2), key=weight.__getitem__)
    cities = sorted((code for code in weight if len(code) == 4), key=weight.__getitem__)
    prefixes = {
        "nation": "", "province": provinces[-1], "city": cities[-1], "county-large": by_weight[-1].code, "county": by_weight[1200].code,
    }  # fmt: skip
    for number, (name, prefix) in enumerate(prefixes.items()):
        place = code_of(prefix)
        grants = (Grant("enterprises.*", prefix, None, Classification.INTERNAL),)
        ACTORS[name] = Actor(UUID(int=number + 1), name, name, level_of(place), place, grants=grants)


def _filters(dice: random.Random) -> list[dict[str, str]]:
    from tests.bench._synthetic import SCALES, STATES, TRADES, counties, sectors

    found = [{"state": state} for state, _ in STATES]
    found += [{"scale": scale} for scale, _ in SCALES]
    found += [{"sector": sector} for sector, _ in sectors()[1::6]]
    found += [{"industry": code} for code in sorted({division for _, division, _ in TRADES})]
    found += [{"major": "1"}, {"major": "0"}, {"major_level": "1"}, {"major_level": "3"}]
    places = [county.code for county in dice.sample(counties(), 12)]
    found += [{"place": code} for code in (*places[:4], *(c[:4] + "00" for c in places[4:8]), *(c[:2] + "0000" for c in places[8:]))]
    found += [{**dice.choice(found), **dice.choice(found)} for _ in range(10)]
    return found


SORTS = ("name_key", "-name_key", "uscc", "-uscc", "updated_at", "-updated_at")


class Asker:
    """Asks addresses one after another and keeps the times."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(raise_request_exception=True)
        self.slow: list[tuple[float, str, str]] = []

    def ask(self, actor: str, params: dict[str, str], address: str = LIST) -> tuple[float, Any]:
        url = f"{address}?{urlencode(params)}" if params else address
        began = time.perf_counter()
        response = self.client.get(url, headers={"X-Bench-Actor": actor, "HX-Target": "" if not params else "list"})
        took = (time.perf_counter() - began) * 1000
        if response.status_code != 200:
            raise RuntimeError(f"{url} as {actor}: {response.status_code}\n{response.content[:600].decode(errors='replace')}")
        self.slow.append((took, actor, url))
        return took, response


def p95(times: list[float]) -> float:
    """Nearest-rank 95th percentile."""
    return round(sorted(times)[max(0, math.ceil(len(times) * 0.95) - 1)], 1)


def _lists(asker: Asker, dice: random.Random) -> Iterator[float]:
    """First pages, last pages and pages deep inside, whole and as htmx asks them."""
    from anlan.desk.resource.listing import Cursor
    from anlan.ground.enterprises.models import Enterprise

    deep = list(Enterprise.objects.filter(pk__gte=_middle(dice)).order_by("pk")[:200])
    for actor in ACTORS:
        yield asker.ask(actor, {})[0]
        for size in ("25", "100"):
            yield asker.ask(actor, {"size": size})[0]
        yield asker.ask(actor, {"at": Cursor(backwards=True).encode()})[0]
        for row in dice.sample(deep, 8):
            yield asker.ask(actor, {"at": Cursor(row.name_key, row.pk, dice.random() < 0.3).encode()})[0]


def _middle(dice: random.Random) -> UUID:
    from django.db.models import Max, Min

    from anlan.ground.enterprises.models import Enterprise

    ends = Enterprise.objects.aggregate(low=Min("created_at"), high=Max("created_at"))
    at = ends["low"] + (ends["high"] - ends["low"]) * dice.uniform(0.3, 0.6)
    return Enterprise.objects.filter(created_at__gte=at).values_list("pk", flat=True).first()


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """All five figures."""
    from tests.bench._synthetic import counties

    dice = random.Random(7)
    asker = Asker()
    figures: dict[str, float] = {}
    for actor in ACTORS:  # first use compiles templates and opens the connection
        asker.ask(actor, {})
    asker.slow.clear()

    def take(name: str, times: Iterator[float]) -> None:
        asker.slow.clear()
        kept = list(times)
        figures[f"{name}_ms"] = p95(kept)
        say(f"{name}: {len(kept)} answers, median {sorted(kept)[len(kept) // 2]:.0f} ms, p95 {p95(kept)} ms, worst:")
        for took, actor, url in sorted(asker.slow, reverse=True)[:8]:
            say(f"    {took:7.1f} ms  {actor:15} {url}")

    def own_filters(actor: str) -> list[dict[str, str]]:
        """Places are chosen within the jurisdiction, as the page offers no others."""
        prefix = ACTORS[actor].scopes("enterprises.view")[0].place_prefix
        inside = [county.code for county in counties() if county.code.startswith(prefix)]
        return [{**f, "place": dice.choice(inside)} if "place" in f and prefix else f for f in _filters(dice)]

    take("list", _lists(asker, dice))
    take("filter", (asker.ask(a, f)[0] for a in ACTORS for f in own_filters(a)))
    levels = ("nation", "province", "city", "county")
    every = ((a, f, s) for a in levels for f, s in itertools.product([{}, *own_filters(a)], SORTS))
    take("sort", (asker.ask(a, {**f, "sort": s})[0] for a, f, s in every))
    search = ((a, {"q": w}) for a, w in itertools.product(ACTORS, WORDS))
    mixed = ((a, {"q": dice.choice(WORDS), **dice.choice(own_filters(a)), "sort": dice.choice(SORTS)}) for a in ACTORS for _ in range(30))
    take("search", (asker.ask(a, f)[0] for a, f in itertools.chain(search, mixed)))
    take("detail", _details(asker, dice))
    return figures


def _details(asker: Asker, dice: random.Random) -> Iterator[float]:
    """Enterprise files picked anywhere."""
    from anlan.ground.enterprises.models import Enterprise

    keys = [row.pk for _ in range(6) for row in Enterprise.objects.filter(pk__gte=_middle(dice), classification=1).order_by("pk")[:20]]
    for key in keys:
        yield asker.ask("nation", {}, f"{LIST}{key}/")[0]


def main(*, json: bool = False, arguments: Sequence[str] = ()) -> dict[str, float]:
    """Run the bench and return its figures: 95th percentiles in milliseconds, rows, and the limit."""

    def say(text: str) -> None:
        if not json:
            print(text, flush=True)  # noqa: T201 - a bench talks to whoever runs it

    _prepare(say)
    _actors()
    return {**measure(say), "rows": ROWS, "limit_ms": LIMIT_MS}


if __name__ == "__main__":
    # Under its own name, because the middleware above is found by that name.
    from tests.bench import desk

    print(dumps(desk.main(json="--json" in sys.argv)))  # noqa: T201
