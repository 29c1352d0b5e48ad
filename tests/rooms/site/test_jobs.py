"""Jobs whose worker died are taken up again, and given up when worker after worker dies under them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from anlan.site import jobs, worker

pytestmark = pytest.mark.django_db(transaction=True)


def left_behind(attempts: int) -> int:
    """A job as a worker leaves it that was killed in the middle: under way, and nobody at it."""
    job_id = app.configure_task("announcements.deliver", queue="announcements").defer(announcement_id=str(uuid4()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = NULL WHERE id = %s", [attempts, job_id])
    return job_id


def state(job_id: int) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, attempts FROM procrastinate_jobs WHERE id = %s", [job_id])
        return cast("tuple[str, int]", cursor.fetchone())


def sweep() -> None:
    async_to_sync(jobs.take_up)(cast("Any", SimpleNamespace(app=app)), 0)


def test_a_job_whose_worker_died_waits_for_a_worker_again() -> None:
    job_id = left_behind(attempts=0)
    sweep()
    assert state(job_id) == ("todo", 1)


def test_a_job_that_took_one_worker_after_another_with_it_is_given_up() -> None:
    job_id = left_behind(attempts=jobs.MOST_DEATHS - 1)
    sweep()
    assert state(job_id)[0] == "failed"


def test_a_job_that_waits_is_left_alone() -> None:
    job_id = app.configure_task("announcements.deliver", queue="announcements").defer(announcement_id=str(uuid4()))
    sweep()
    assert state(job_id) == ("todo", 0)


def test_every_queue_is_in_one_lane_so_that_no_job_waits_for_ever_and_alarms_wait_for_no_import() -> None:
    queues = {task.queue for task in app.tasks.values() if not task.name.startswith("builtin:")}
    assert sorted(queue for lane in worker.LANES.values() for queue in lane) == sorted(queues)
    assert {"announcements", "timers"} <= set(worker.LANES["urgent"])
    urgent = {"announcements.deliver", "clocks.sweep", "alarms.sweep", "hazards.mark_missing", "riskpicture.grade", "judgement.run"}
    assert {app.tasks[name].queue for name in urgent} <= set(worker.LANES["urgent"])


def test_what_may_cost_lives_is_delivered_before_what_a_sweep_told_thousands_of() -> None:
    many, first = [uuid4() for _ in range(3)], uuid4()
    jobs.queue_delivery(*many)
    jobs.queue_delivery(first, urgent=True)
    with connection.cursor() as cursor:
        asked = "SELECT args->>'announcement_id' FROM procrastinate_jobs WHERE args->>'announcement_id' = ANY(%s) ORDER BY priority DESC, id LIMIT 1"
        cursor.execute(asked, [[str(each) for each in (*many, first)]])
        assert cursor.fetchone() == (str(first),)
