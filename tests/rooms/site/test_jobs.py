"""Jobs whose worker died are taken up again, and given up when worker after worker dies under them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from anlan.site import jobs

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
