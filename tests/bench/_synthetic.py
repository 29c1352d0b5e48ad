"""One million invented enterprises in a scratch database, written by COPY and kept between runs.

Names are put together from a place, an invented brand, a trade and a legal form, so that some search words are in almost every name and
others in a handful. Places are weighted unevenly, states and industries too, as real registers are. Nothing here is a real enterprise.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

BRANDS = "安宝昌晨诚川达大德丰福富光广国海翰昊和恒宏鸿华辉惠吉佳嘉建江金锦京晶景巨凯康科朗乐利联良龙隆茂美明铭宁鹏奇启千强勤庆荣瑞润森山胜盛世顺泰天通同万旺伟五先翔祥新鑫信兴星旭亚阳耀益银永友裕元远运泽展正志中众卓"
TRADES = (
    ("化工", "C26", 14), ("机械制造", "C34", 14), ("建材", "C30", 9), ("食品", "C14", 9), ("纺织", "C17", 7), ("金属制品", "C33", 8),
    ("物流", "G54", 7), ("置业", "K70", 5), ("矿业", "B06", 3), ("医药", "C27", 3), ("燃气", "D45", 2), ("烟花", "C26", 1),
    ("船舶修造", "C37", 1), ("气体", "C26", 2), ("涂料", "C26", 2), ("农药", "C26", 1), ("电镀", "C33", 2), ("木业", "C20", 4),
    ("纸业", "C22", 3), ("仓储", "G59", 3),
)  # fmt: skip
FORMS = (("有限公司", 70), ("有限责任公司", 12), ("股份有限公司", 5), ("厂", 8), ("加工厂", 3), ("合作社", 2))
STATES = (("operating", 84), ("suspended", 6), ("closed", 4), ("deregistered", 3), ("trial", 2), ("revoked", 1))
SCALES = (("micro", 55), ("small", 32), ("medium", 10), ("large", 3))
START = datetime(2019, 1, 1, tzinfo=UTC)
COLUMNS = (
    "id", "place_code", "classification", "created_at", "updated_at", "version", "uscc", "name", "name_key", "short_name",
    "former_names", "former_codes", "legal_representative", "industry_code", "industry_division", "sector_code", "scale", "state", "registered_address",
    "longitude", "latitude", "staff_count", "business_scope", "source", "source_note", "has_major_hazard", "major_level",
    "search_text", "search_tokens",
)  # fmt: skip


@dataclass(frozen=True)
class County:
    """A real county with an invented weight: code, short names of province and city, a point."""

    code: str
    province: str
    city: str
    weight: float
    longitude: float
    latitude: float


@lru_cache(maxsize=1)
def counties() -> tuple[County, ...]:
    """Every county in force, some with many more enterprises than others; always the same weights."""
    from anlan.ground.places import door

    dice = random.Random(20_260_101)
    found: list[County] = []
    for province in door.children("000000"):
        for city in door.children(province.code):
            size = dice.paretovariate(1.4)
            for county in door.children(city.code) or [city]:
                if len(county.code) != 6 or county.longitude is None or county.latitude is None:
                    continue
                weight = size * dice.paretovariate(1.8)
                found.append(County(county.code, province.short_name, city.short_name, weight, county.longitude, county.latitude))
    return tuple(found)


@lru_cache(maxsize=1)
def sectors() -> tuple[tuple[str, int], ...]:
    """The sectors' codes; three enterprises in five have none."""
    from anlan.ground.enterprises import wording

    codes = [str(code) for code, _label in wording.sector_choices()]
    return (("", 60 * len(codes)), *((code, 40) for code in codes))


def _pick(dice: random.Random, weighted: tuple[tuple, ...]) -> tuple:
    return dice.choices(weighted, weights=[entry[-1] for entry in weighted])[0]


def rows(first: int, count: int) -> Iterator[tuple[str, ...]]:
    """Rows number ``first`` and following as text for COPY, in the order of :data:`COLUMNS`."""
    from anlan.desk.search import SearchFields, pinyin_key
    from anlan.desk.search.tokens import lexemes, searchable_text

    dice = random.Random(first)
    places = dice.choices(counties(), weights=[county.weight for county in counties()], k=count)
    for number, county in enumerate(places, start=first):
        trade, division, _ = _pick(dice, TRADES)
        form = _pick(dice, FORMS)[0]
        brand = "".join(dice.sample(BRANDS, dice.choice((2, 2, 3))))
        name = f"{dice.choice((county.province, ''))}{county.city}{brand}{trade}{form}"
        code = f"91{county.code}MA{number:08X}"
        address = f"{county.city}市{dice.choice('一二三四五六七八九')}号工业园{dice.randint(1, 400)}号"
        boss = dice.choice("王李张刘陈杨赵黄周吴") + dice.choice(BRANDS) + dice.choice(BRANDS)
        fields = SearchFields(names=(name, brand), texts=(address, boss), codes=(code,))
        hazard = dice.random() < 0.015
        created = START + timedelta(seconds=number * 200)
        updated = created + timedelta(hours=dice.expovariate(1 / 4000))
        yield (
            str(UUID(int=(int(created.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | number)),
            county.code, "1" if dice.random() < 0.97 else "2", created.isoformat(), updated.isoformat(), "1", code, name,
            pinyin_key(name), brand, "[]", "[]", boss, division + "10", division, _pick(dice, sectors())[0], _pick(dice, SCALES)[0],
            _pick(dice, STATES)[0], address, f"{county.longitude + dice.gauss(0, 0.1):.5f}", f"{county.latitude + dice.gauss(0, 0.1):.5f}",
            str(int(dice.paretovariate(1.1) * 5) % 50_000), "危险化学品以外的生产和销售", "import", "合成", "t" if hazard else "f",
            str(dice.randint(1, 4)) if hazard else r"\N",
            searchable_text(fields), " ".join(f"'{lexeme}'" for lexeme in lexemes(fields)),
        )  # fmt: skip


def block(first: int, count: int) -> bytes:
    """A block of rows in PostgreSQL's text format. Runs in a worker process.

    Pinyin is put together character by character, each asked once: a million names at the dictionary's own pace take minutes.
    """
    import django
    from pypinyin import lazy_pinyin

    django.setup()
    from anlan.desk.search import tokens

    sound = lru_cache(maxsize=None)(lambda character: lazy_pinyin(character)[0].lower())
    tokens.syllables = lambda run: tuple(map(sound, run))  # type: ignore[assignment]
    return "".join("\t".join(row) + "\n" for row in rows(first, count)).encode()


def _blocks(total: int) -> Iterator[bytes]:
    """All blocks, made by two processes the first time and read from ``build/bench`` from then on."""
    from anlan.desk.search import tokens
    from anlan.ground.places import loading

    source = Path(__file__).read_bytes() + Path(tokens.__file__).read_bytes() + loading.loaded_version().encode()
    folder = Path(__file__).parents[2] / "build" / "bench"
    kept = folder / f"enterprises-{total}-{hashlib.sha256(source).hexdigest()[:12]}.gz"
    step = 20_000
    starts = range(0, total, step)
    if kept.exists():
        with gzip.open(kept, "rb") as file:
            while lines := file.readlines(16 * 1024 * 1024):
                yield b"".join(lines)
        return
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part")
    # Read before the workers are forked: they must not share this process's database connection.
    counties(), sectors()
    with ProcessPoolExecutor(2) as pool, gzip.open(unfinished, "wb", compresslevel=1) as file:
        for text in pool.map(block, starts, [min(step, total - start) for start in starts]):
            file.write(text)
            yield text
    unfinished.rename(kept)


def fill(total: int, say: object = None) -> float:
    """Fill the enterprise table of the connected database with ``total`` rows; returns the seconds it took.

    Indexes are taken down and built again afterwards, which is much faster than keeping them.
    """
    from django.db import connection

    began = time.perf_counter()
    table = "enterprises_enterprise"
    with connection.cursor() as db:
        db.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
                   "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)", [table, table])  # fmt: skip
        definitions = [row[0] for row in db.fetchall()]
        for definition in definitions:
            db.execute(f"DROP INDEX {definition.split(' INDEX ')[1].split(' ON ')[0]}")
        db.execute(f"TRUNCATE {table} CASCADE")
        for text in _blocks(total):
            with db.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                copy.write(text)
        db.execute("SET maintenance_work_mem = '1GB'")
        for definition in definitions:
            db.execute(definition)
        db.execute(f"VACUUM ANALYZE {table}")
    return time.perf_counter() - began
