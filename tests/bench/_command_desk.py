"""The duty desk with 10,000 open items: alarms, reports with their deadlines, tasks and things that ring, asked as whole pages by an officer of the county.

``desk_10k_ms``: the 95th percentile of the page; ``desk_part_ms``: of its slowest part, which is what a live event asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

ALARMS, FILINGS, TASKS, RINGS = 6_000, 2_000, 1_500, 500
RUNS = 40
LIMIT_MS = 300.0
COUNTY = "370102"
PARTS = ("rings", "alarms", "owed", "ongoing", "log")


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Fill once for each run of the bench, then ask for the page and its parts."""
    from django.test import Client
    from tests.accounts import actor_of, make_account
    from tests.bench import desk

    from anlan.kernel.ids import new_id

    actor = actor_of(make_account(f"desk-{new_id().hex[-10:]}", "duty_officer", COUNTY))
    _fill(actor, say)
    desk.ACTORS["duty"] = actor
    client = Client(headers={"X-Bench-Actor": "duty"})
    page = _p95(lambda: client.get("/duty/"))
    parts = {name: _p95(lambda name=name: client.get(f"/duty/part/{name}/")) for name in PARTS}
    say(f"page {page:.0f} ms; parts " + ", ".join(f"{name} {took:.0f}" for name, took in parts.items()))
    return {
        "desk_10k_ms": round(page, 1),
        "desk_part_ms": round(max(parts.values()), 1),
        "desk_items": ALARMS + FILINGS + TASKS + RINGS,
        "desk_limit_ms": LIMIT_MS,
    }


def _p95(ask: Callable[[], Any]) -> float:
    """The 95th percentile of answers in milliseconds; each must be a page."""
    ask()
    took = []
    for _run in range(RUNS):
        began = time.perf_counter()
        answer = ask()
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.content[:400]
    return sorted(took)[int(RUNS * 0.95) - 1]


def _fill(actor: Any, say: Callable[[str], None]) -> None:
    from django.db import connection

    from anlan.command.duty.models import Ring
    from anlan.kernel import clock
    from anlan.kernel.ids import new_id

    now = clock.now()
    _alarms(now)
    _filings(actor, now)
    _tasks(actor, now)
    Ring.objects.bulk_create(
        Ring(
            kind="filing",
            subject_id=(key := new_id()),
            occasion=f"bench:{key}",
            title=f"待签收信息 {number}",
            url="/duty/",
            place_code=COUNTY,
            since=now - timedelta(minutes=number),
            told=[{"whom": "officer", "at": now.isoformat(), "names": ["王某"]}],
        )
        for number in range(RINGS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    say(f"filled: {ALARMS:,} alarms, {FILINGS:,} reports, {TASKS:,} tasks, {RINGS:,} rings")


def _alarms(now: Any) -> None:
    from anlan.ground.enterprises.models import Enterprise
    from anlan.kernel.ids import new_id
    from anlan.sense.alarms.models import Alarm
    from anlan.sense.devices.models import Device, Sensor

    plant = Enterprise.objects.filter(place_code__startswith=COUNTY).first() or Enterprise.objects.all()[0]
    mark = new_id().hex[-12:]
    device = Device.objects.create(enterprise=plant, code=f"bench-{mark}", name="台架设备", place_code=COUNTY)
    sensor = Sensor.objects.create(
        enterprise=plant, device=device, code="G1", name="氯气 G1", sensor_class="toxic_gas", unit="ppm", place_code=COUNTY
    )
    told = {"enterprise": plant, "device": device, "sensor": sensor, "kind": "HH", "unit": "ppm", "limit": 1.0, "value": 9.0, "peak": 9.0}
    rows = []
    for number in range(ALARMS):
        at, key = now - timedelta(seconds=20 * number), new_id()
        rows.append(
            Alarm(
                state="raised",
                place_code=COUNTY,
                episode=number + 1,
                event_key=key,
                group_key=key,
                level=1 + number % 4,
                title=f"氯气 {number}",
                raised_at=at,
                received_at=at,
                opened_at=at,
                **told,
            )
        )
    Alarm.objects.bulk_create(rows, batch_size=1000)


def _filings(actor: Any, now: Any) -> None:
    from anlan.ledger.models import Clock
    from anlan.report.filings.models import Filing

    rows = [
        Filing(
            state="submitted",
            place_code=COUNTY,
            kind="hazchem_leak",
            title=f"泄漏信息 {number}",
            location="化工路",
            occurred_at=now - timedelta(minutes=number),
            known_at=now - timedelta(minutes=number),
            opened_at=now,
            source="phone",
            reporter_id=actor.account_id,
            reporter_name=actor.name,
            holder_level=3,
        )
        for number in range(FILINGS)
    ]
    Filing.objects.bulk_create(rows, batch_size=1000)
    Clock.objects.bulk_create(
        (
            Clock(
                subject_type=Filing._meta.label_lower,
                subject_id=row.pk,
                rule_code="R02",
                label="向上一级报告",
                since=now,
                until=now + timedelta(seconds=number),
                place_code=COUNTY,
                state="running",
            )
            for number, row in enumerate(rows)
        ),
        batch_size=1000,
    )


def _tasks(actor: Any, now: Any) -> None:
    from anlan.command.incidents.models import Incident, ResponseTask

    incident = Incident.objects.create(
        state="open",
        opened_at=now,
        title="台架事件",
        kind="hazchem_leak",
        occurred_at=now,
        place_code=COUNTY,
        opened_by_id=actor.account_id,
        opened_by_name=actor.name,
    )
    ResponseTask.objects.bulk_create(
        (
            ResponseTask(
                incident=incident,
                state="ordered",
                opened_at=now,
                place_code=COUNTY,
                number=number + 1,
                title=f"任务 {number}",
                assignee="救援队",
                due=now + timedelta(minutes=number),
                ordered_by_name=actor.name,
            )
            for number in range(TASKS)
        ),
        batch_size=1000,
    )
