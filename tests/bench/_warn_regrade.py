"""Risk grades: one after an alarm through the worker's own process, and all of them after an index change.

``regrade_one_ms`` is the 99th percentile of milliseconds from the commit of an alarm to the commit of its enterprise's new grade: announcement, delivery,
hearer, job and grading in a worker process, the grade looked for every few milliseconds. ``regrade_100k_s`` is a whole run over every enterprise and hazard
source, with something told of every factor (:mod:`._risk_facts`), the history of what moved and all areas, as the worker does it after a new index
version was put in force. It is told for 100,000 subjects.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

ALARMS = int(os.environ.get("ANLAN_BENCH_ALARMS", "200"))
DANGERS_EACH = 1
PAUSE_S = 0.05
POLL_S = 0.004
GIVE_UP_S = 20.0


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Both figures with their limits."""
    from tests.bench import _dangers, _risk_facts, warn

    from anlan.kernel import clock
    from anlan.prevent.dangers.models import Danger

    enterprises = round(warn.SUBJECTS / warn.OPERATING * 1.02)
    if Danger.objects.count() != enterprises * DANGERS_EACH:
        say(f"filled dangers in {_dangers.fill(enterprises * DANGERS_EACH, enterprises):.0f} s")
    say(f"filled what grades are made from in {_risk_facts.fill():.0f} s")
    from anlan.warn.riskpicture import living
    from anlan.warn.riskpicture.models import Grade, Run

    Run.objects.filter(state=Run.RUNNING).update(state=Run.CANCELLED)
    if Grade.objects.filter(computed_at__isnull=False).count() < warn.SUBJECTS:
        began = time.perf_counter()
        living.live_index(clock.now())
        _run(0)
        say(f"graded for the first time in {time.perf_counter() - began:.1f} s")
    took, subjects = _all(say)
    one = _one(say)
    return {
        "regrade_100k_s": round(took, 1),
        "regrade_subjects": subjects,
        "regrade_one_ms": one,
        "regrade_alarms": ALARMS,
        "regrade_100k_limit_s": 60.0,
        "regrade_one_limit_ms": 2000.0,
    }


def _run(number: int) -> Any:
    """A version whose weights differ, so that a tenth of all scores move, and the run that grades everybody by it."""
    from anlan.kernel import clock
    from anlan.warn.riskpicture import indices, living, running
    from anlan.warn.riskpicture.models import IndexVersion, Run

    now = clock.now()
    base = IndexVersion.objects.get(state="live")
    delivered = indices.texts("2026-1")
    heavier = {("danger_open", "points"): "3", ("certificate_person", "points"): "3", ("permit_other", "points"): "3"}
    tables = indices.changed(delivered, "factors", heavier) if dict(base.tables)["factors"] == delivered["factors"] else delivered
    name = f"bench-{now:%m%d%H%M%S}-{number}"
    IndexVersion.objects.filter(state="live").update(state="retired")
    version = IndexVersion.objects.create(
        name=name, title=name, tables=tables, digest=indices.digest(tables), state="live", place_code="000000", enacted_at=now
    )
    run = running.start(version, Run.REGRADE, by_name="bench", now=now)
    assert living.live_index(now).version == name
    return running.regrade(run.pk, now=now)


def _all(say: Callable[[str], None]) -> tuple[float, int]:
    from django.db import connection
    from tests.bench import warn

    from anlan.warn.riskpicture.models import AreaGrade, Grade, GradeMove

    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {Grade._meta.db_table}")
        cursor.execute(f"VACUUM ANALYZE {GradeMove._meta.db_table}")
    began = time.perf_counter()
    run = _run(1)
    took = time.perf_counter() - began
    graded = Grade.objects.filter(index_version=run.index.name).count()
    if run.state != "done" or run.done < warn.SUBJECTS or graded != run.done:
        raise RuntimeError(f"the run is {run.state}: {run.done} graded, {graded} of this version")
    say(f"regrade_100k_s: {run.done:,} subjects in {took:.1f} s, {run.result}, {AreaGrade.objects.count():,} areas")
    return took * 100_000 / run.done, run.done


def _one(say: Callable[[str], None]) -> float:
    """Alarms one after the other in one plant, through the worker processes of a node, timers and all."""
    from tests.rooms.sense.plant import Plant

    from anlan.ground.enterprises.models import Enterprise
    from anlan.kernel import clock
    from anlan.kernel.access import system_actor
    from anlan.ledger.models import Announcement
    from anlan.sense.alarms import services
    from anlan.site.worker import LANES
    from anlan.warn.riskpicture.models import Grade, Waiting

    actor = system_actor("bench")
    number = Enterprise.objects.filter(name__startswith="示范氯碱").count() + 1
    plant = Plant(number, "370102", now=clock.now())
    Announcement.objects.filter(delivered_at__isnull=True).update(delivered_at=clock.now())
    Waiting.objects.all().delete()
    # The clerk reckons the township grid by itself, what was invented of it goes, and a third of the land is graded beside the alarms.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "anlan.site.worker", lane], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for lane in LANES
    ]
    took: list[float] = []
    try:
        for turn in range(ALARMS + 3):
            now = clock.now()
            told = _transition(plant, turn, now)
            services.raise_alarm(told, plant.pressure, actor=actor, now=now)
            began = time.perf_counter()
            _wait(plant.enterprise.pk, turn + 1, began, 90.0 if turn == 0 else GIVE_UP_S)
            # The first ones start the worker and its connections.
            if turn >= 3:
                took.append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE_S)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(300)
    took.sort()
    p99 = round(took[min(len(took) - 1, int(len(took) * 0.99))], 1)
    assert Grade.objects.get(enterprise=plant.enterprise, kind="enterprise").score > 0
    say(f"regrade_one_ms: {len(took)} alarms, median {took[len(took) // 2]:.0f} ms, p99 {p99} ms, worst {took[-1]:.0f} ms")
    return p99


def _wait(enterprise_id: object, alarms: int, began: float, give_up_s: float) -> None:
    from anlan.warn.riskpicture.models import Grade

    while time.perf_counter() - began < give_up_s:
        seen = Grade.objects.filter(enterprise_id=enterprise_id, kind="enterprise").values_list("factors", flat=True).first()
        if seen and sum(entry[1] for entry in seen if entry[0].startswith("alarm_")) >= alarms:
            return
        time.sleep(POLL_S)
    raise RuntimeError(f"alarm {alarms} is in no grade after {give_up_s:.0f} s")


def _transition(plant: Any, turn: int, now: Any) -> Any:
    from anlan.wire.detections import RAISE, Transition

    raised = round((now - timedelta(milliseconds=500)).timestamp() * 1000)
    values = {"kind": "RATE", "level": 2, "limit": 1.0, "value": 2.0, "peak": 2.0, "rule": f"bench-{turn}"}
    return Transition(change=RAISE, raised_ms=raised, time_ms=raised, channel=plant.pressure.channel, **values)
