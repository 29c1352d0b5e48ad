"""``anlan bench sheets``: a spreadsheet of 100,000 enterprises, some of its rows bad, checked and then written.

Seconds for the check and for the write, rows a second for each, the processor time of the profile with ``--profile``. A county officer's
answers while the write is under way are not part of it; ``tests/faults`` kills the worker in the middle.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

ROWS = 100_000
HEAD = ("统一社会信用代码", "企业名称", "归属地代码", "行业代码", "企业规模", "经度", "纬度", "从业人数", "主要负责人", "主要负责人电话")


def sheet(path: Path, rows: int = ROWS) -> int:
    """Write the workbook; returns how many of its rows are bad: every 1,000th has a wrong check digit, every 1,500th an impossible point."""
    import xlsxwriter
    from stdnum.cn.uscc import calc_check_digit
    from tests.bench import _synthetic as synthetic

    from anlan.ground.places import door

    dice = random.Random(11)
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEAD)
    found = ((county, door.county_at(county.longitude, county.latitude)) for county in synthetic.counties())
    places = [county for county, at in found if at is not None and at.code == county.code and not county.code.endswith("00")]
    bad = 0
    for number in range(rows):
        county = places[dice.randrange(len(places))]
        head = f"91{county.code}MA{number:07X}".replace("I", "1")[:17]
        code = head + calc_check_digit(head)
        wrong_digit, nowhere = number % 1000 == 7, number % 1500 == 11
        bad += wrong_digit or nowhere
        if wrong_digit:
            code = code[:-1] + ("A" if code[-1] != "A" else "B")
        trade, division, _ = dice.choice(synthetic.TRADES)
        name = f"{county.city}{''.join(dice.sample(synthetic.BRANDS, 3))}{trade}有限公司"
        longitude = 512.0 if nowhere else round(county.longitude, 4)
        page.write_row(
            number + 1, 0, (code, name, county.code, division + "10", "小型", longitude, round(county.latitude, 4), dice.randint(1, 900), "示例", "13800000000"),
        )  # fmt: skip
    book.close()
    return bad


def main(*, json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Run it on the connected scratch database."""
    import django

    parser = argparse.ArgumentParser(prog="anlan bench sheets")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args(arguments or [])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command

    from anlan.desk.models import SheetImport, SheetProblem
    from anlan.desk.resource.importing import jobs
    from anlan.desk.resource.registry import find_resource
    from anlan.kernel import clock
    from anlan.kernel.access import Actor, Classification, Grant
    from anlan.kernel.levels import Level

    call_command("migrate", verbosity=0)
    call_command("load_ground", verbosity=0)
    resource = find_resource("enterprises")
    assert resource is not None
    actor = Actor(
        UUID(int=1), "bench", "bench", Level.NATION, "000000", grants=(Grant("enterprises.*", "", None, Classification.INTERNAL),)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "enterprises.xlsx"
        bad = sheet(path, chosen.rows)
        file = SimpleUploadedFile(path.name, path.read_bytes())
    job = jobs.upload(resource, file, actor=actor, now=clock.now(), queue=lambda _id: None)
    figures: dict[str, object] = {"rows": chosen.rows, "bad_rows": bad}
    for step in ("check", "write"):
        profile = cProfile.Profile() if chosen.profile else None
        began = time.perf_counter()
        with profile or nullcontext():
            jobs.work(job.pk)
        took = time.perf_counter() - began
        figures[f"{step}_s"] = round(took, 1)
        figures[f"{step}_rows_per_s"] = round(chosen.rows / took)
        if profile is not None:
            pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
        job = SheetImport.objects.get(pk=job.pk)
        if step == "check":
            if (job.state, job.bad_rows) != ("checked", bad):
                reasons = Counter(SheetProblem.objects.filter(sheet=job).values_list("code", flat=True))
                raise RuntimeError(f"after the check: {job.state}, {job.bad_rows} bad rows instead of {bad}: {reasons}")
            job = jobs.decide(job, "good", actor=actor, now=clock.now(), queue=lambda _id: None)
    if (job.state, job.written_rows) != ("written", chosen.rows - bad):
        raise RuntimeError(f"after the write: {job.state}, {job.written_rows} rows")
    return figures
