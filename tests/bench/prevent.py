"""``anlan bench prevent``: a million hidden dangers of 200,000 enterprises, asked over HTTP as officers of five levels, and a list taken over.

``overdue_list_ms``, ``map_layer_ms`` and ``regional_counts_ms`` are 95th percentiles of whole answers in milliseconds, none asked twice.
``import_100k_s`` is the check and the write of a spreadsheet of 100,000 dangers, one row in 500 bad, as the import page does them in its background
job, beside the million that are there. The database is kept where the server outlives the run.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from json import dumps
from pathlib import Path

DANGERS = int(os.environ.get("ANLAN_BENCH_DANGERS", "1000000"))
ENTERPRISES = int(os.environ.get("ANLAN_BENCH_ENTERPRISES", "200000"))
IMPORTED = int(os.environ.get("ANLAN_BENCH_IMPORTED", "100000"))
LIMIT_MS = 200.0
LIMIT_S = 60.0


def _prepare(say: Callable[[str], None]) -> None:
    """Enterprises, dangers, and the officers who ask."""
    from tests.bench import _dangers, desk

    desk.DATABASE, desk.ROWS = "anlan_bench_prevent", ENTERPRISES
    desk._prepare(say)
    desk._actors()
    for name, actor in desk.ACTORS.items():
        desk.ACTORS[name] = replace(actor, grants=tuple(replace(grant, action="*") for grant in actor.grants))
    from anlan.prevent.dangers.models import Danger

    # What an earlier run took over goes, so that each run finds the same table.
    if Danger.objects.filter(external_number="").count() != DANGERS:
        say(f"filling {DANGERS:,} synthetic dangers …")
        say(f"filled in {_dangers.fill(DANGERS, ENTERPRISES):.0f} s")
    else:
        Danger.objects.exclude(external_number="").delete()


def _inside(name: str) -> list[str]:
    """Counties of an officer's jurisdiction."""
    from tests.bench import desk
    from tests.bench._synthetic import counties

    prefix = desk.ACTORS[name].scopes("dangers.view")[0].place_prefix
    return [county.code for county in counties() if county.code.startswith(prefix)]


def _overdue(asker: object, dice: random.Random) -> Iterator[float]:
    """Overdue ones: first page, by deadline, by grade, by place, by sector, searched, far inside."""
    from tests.bench import desk

    for name in desk.ACTORS:
        places = _inside(name)
        for size in ("25", "50", "100"):
            yield asker.ask(name, {"overdue": "1", "size": size}, "/dangers/")[0]  # type: ignore[attr-defined]
        for more in (
            {"sort": "deadline"}, {"sort": "-deadline"}, {"sort": "found_at"}, {"grade": "major"}, {"grade": "general", "sort": "deadline"},
            {"grade": "major", "sort": "deadline"}, {"sector": "hazchem"}, {"sector": "coal", "sort": "deadline"}, {"listed_level": "3"},
            {"repeated": "1"}, {"state": "rectifying"}, {"q": "灭火器"}, {"q": "pdx"}, {"source": "inspection", "sort": "deadline"},
        ):  # fmt: skip
            yield asker.ask(name, {"overdue": "1", **more}, "/dangers/")[0]  # type: ignore[attr-defined]
        for code in dice.sample(places, min(4, len(places))):
            for place in {code, code[:4] + "00", code[:2] + "0000"} if name == "nation" else {code}:
                yield asker.ask(name, {"overdue": "1", "place": place, "sort": "deadline"}, "/dangers/")[0]  # type: ignore[attr-defined]


def _tiles(dice: random.Random) -> Iterator[tuple[float, str, str]]:
    """Tiles of the layer where dangers lie, at every zoom from 3 to 14."""
    from tests.bench import desk

    from anlan.desk.mapping import mercator, tiles
    from anlan.prevent.dangers.models import Danger

    tiles.forget_counts()
    asked: set[tuple[str, int, int, int]] = set()
    for name, actor in desk.ACTORS.items():
        prefix = actor.scopes("dangers.view")[0].place_prefix
        rows = Danger.objects.filter(place_code__startswith=prefix, open_longitude__isnull=False).order_by("id")
        points = list(rows.values_list("open_longitude", "open_latitude")[:: max(1, rows.count() // 300)][:300])
        for _ in range(80 if points else 0):
            (longitude, latitude), z = dice.choice(points), dice.randrange(3, 15)
            where = (name, z, int(mercator.world_x(longitude) * 2**z), int(mercator.world_y(latitude) * 2**z))
            if where in asked and z > 8:
                continue
            asked.add(where)
            began = time.perf_counter()
            tiles.tile("dangers", *where[1:], actor)
            yield (time.perf_counter() - began) * 1000, name, f"{where[1:]}"


def _counts(asker: object, dice: random.Random) -> Iterator[float]:
    """Counts by province, city and county, whole and of one place."""
    from tests.bench import desk

    for name in desk.ACTORS:
        places = _inside(name)
        for by in ("province", "city", "county"):
            yield asker.ask(name, {"by": by}, "/dangers/regions/")[0]  # type: ignore[attr-defined]
            for code in dice.sample(places, min(4, len(places))):
                yield asker.ask(name, {"by": by, "place": code[:4] + "00" if name != "county" else code}, "/dangers/regions/")[0]  # type: ignore[attr-defined]


def sheet(path: Path, rows: int) -> int:
    """Write a workbook of ``rows`` dangers of enterprises that are there; returns how many are bad: every 500th names none."""
    import xlsxwriter

    from anlan.ground.enterprises.models import Enterprise
    from anlan.prevent.dangers import intake, rules

    dice = random.Random(12)
    codes = list(Enterprise.objects.filter(classification=1).order_by("id").values_list("uscc", flat=True)[: max(1, rows // 5)])
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, list(intake.LABELS.values()))
    bad = 0
    for number in range(rows):
        wrong = number % 500 == 7
        bad += wrong
        found = 1 + number % 27
        told: dict[str, str] = {
            "uscc": "91000000MA000000XX" if wrong else codes[number % len(codes)],
            "number": f"2026-{number:06d}",
            "title": dice.choice(("配电箱门未关闭", "灭火器压力不足", "安全阀未按期校验", "疏散通道堆放物料")),
            "location": f"{1 + number % 9}号车间",
            "found_at": f"2026-0{1 + number % 8}-{found:02d} 09:30",
            "source": rules.SOURCES[rules.INSPECTION],
        }
        if number % 4:
            told |= {"grade": "一般隐患", "order_text": "立即整改", "order_basis": "安全生产法第四十一条", "deadline": "2026-10-15"}
        if number % 4 == 3:
            told |= {
                "outcome": "已整改", "rectified_at": "2026-09-01", "rectified_by_name": "王强", "verdict": "合格", "verified_by_name": "李明",
                "closed_at": "2026-09-05",
            }  # fmt: skip
        page.write_row(number + 1, 0, [told.get(name, "") for name in intake.LABELS])
    book.close()
    return bad


def _import(say: Callable[[str], None]) -> float:
    """Seconds of the check and the write together."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from tests.bench import desk

    from anlan.desk.models import SheetImport, SheetProblem
    from anlan.desk.resource.importing import jobs
    from anlan.desk.resource.registry import find_resource
    from anlan.kernel import clock

    resource, actor = find_resource("dangers"), desk.ACTORS["nation"]
    assert resource is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dangers.xlsx"
        bad = sheet(path, IMPORTED)
        file = SimpleUploadedFile(path.name, path.read_bytes())
    job = jobs.upload(resource, file, actor=actor, now=clock.now(), queue=lambda _id: None)
    took = []
    for step in ("check", "write"):
        began = time.perf_counter()
        jobs.work(job.pk)
        took.append(time.perf_counter() - began)
        say(f"import, {step}: {took[-1]:.1f} s, {IMPORTED / took[-1]:,.0f} rows/s")
        job = SheetImport.objects.get(pk=job.pk)
        if step == "check":
            if (job.state, job.bad_rows) != ("checked", bad):
                reasons = Counter(SheetProblem.objects.filter(sheet=job).values_list("code", flat=True))
                raise RuntimeError(f"after the check: {job.state}, {job.bad_rows} bad rows instead of {bad}: {reasons}")
            job = jobs.decide(job, "good", actor=actor, now=clock.now() + timedelta(seconds=1), queue=lambda _id: None)
    if (job.state, job.written_rows) != ("written", IMPORTED - bad):
        raise RuntimeError(f"after the write: {job.state}, {job.written_rows} rows")
    return round(sum(took), 1)


def main(*, json: bool = False, arguments: Sequence[str] = ()) -> dict[str, float]:
    """Run the bench and return its figures."""
    from tests.bench import desk

    def say(text: str) -> None:
        if not json:
            print(text, flush=True)  # noqa: T201 - a bench talks to whoever runs it

    _prepare(say)
    dice, asker = random.Random(7), desk.Asker()
    for name in desk.ACTORS:  # first use compiles templates and opens the connection
        asker.ask(name, {}, "/dangers/")
        asker.ask(name, {}, "/dangers/regions/")
    figures: dict[str, float] = {}
    for code, measured in (("overdue_list_ms", _overdue), ("regional_counts_ms", _counts)):
        asker.slow.clear()
        kept = list(measured(asker, dice))
        figures[code] = desk.p95(kept)
        say(f"{code}: {len(kept)} answers, median {sorted(kept)[len(kept) // 2]:.0f} ms, p95 {desk.p95(kept)} ms, worst:")
        for took, name, url in sorted(asker.slow, reverse=True)[:6]:
            say(f"    {took:7.1f} ms  {name:15} {url}")
    drawn = list(_tiles(dice))
    figures["map_layer_ms"] = desk.p95([took for took, _, _ in drawn])
    say(f"map_layer_ms: {len(drawn)} tiles, p95 {figures['map_layer_ms']} ms, worst:")
    for took, name, where in sorted(drawn, reverse=True)[:6]:
        say(f"    {took:7.1f} ms  {name:15} {where}")
    figures["import_100k_s"] = _import(say)
    return {**figures, "dangers": DANGERS, "enterprises": ENTERPRISES, "imported": IMPORTED, "limit_ms": LIMIT_MS, "limit_s": LIMIT_S}


if __name__ == "__main__":
    from tests.bench import prevent

    print(dumps(prevent.main(json="--json" in sys.argv)))  # noqa: T201
