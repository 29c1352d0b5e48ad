"""A fault is told as what it is: a database that comes back by itself, a full disk, or something that the operators must look at."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory

from anlan.desk import errors, faults
from anlan.desk.resource.importing import jobs
from anlan.desk.resource.registry import find_resource
from anlan.kernel import clock


def chained(outer: Exception, cause: Exception) -> Exception:
    outer.__cause__ = cause
    return outer


def coded(kind: type[psycopg.Error]) -> Exception:
    return chained(OperationalError("…"), kind("…"))


@pytest.mark.parametrize(
    ("exception", "fault"),
    [
        (chained(OperationalError("…"), psycopg.OperationalError("connection refused")), faults.DATABASE_AWAY),
        (chained(InterfaceError("…"), psycopg.OperationalError("the connection is closed")), faults.DATABASE_AWAY),
        (coded(psycopg.errors.AdminShutdown), faults.DATABASE_AWAY),
        (coded(psycopg.errors.CannotConnectNow), faults.DATABASE_AWAY),
        (coded(psycopg.errors.TooManyConnections), faults.DATABASE_AWAY),
        (coded(psycopg.errors.DiskFull), faults.DISK_FULL),
        (OSError(errno.ENOSPC, "No space left on device"), faults.DISK_FULL),
        (chained(ValueError("…"), OSError(errno.EDQUOT, "…")), faults.DISK_FULL),
        (coded(psycopg.errors.QueryCanceled), faults.UNKNOWN),
        (OSError(errno.EACCES, "Permission denied"), faults.UNKNOWN),
        (ZeroDivisionError(), faults.UNKNOWN),
        (None, faults.UNKNOWN),
    ],
)
def test_a_fault_is_told_apart_by_its_causes(exception: Exception | None, fault: faults.Fault) -> None:
    assert faults.fault_of(exception) == fault


def test_causes_that_lead_in_a_circle_end() -> None:
    one, other = ValueError(), KeyError()
    one.__context__, other.__context__ = other, one
    assert faults.fault_of(one) is faults.UNKNOWN


def shown(method: str, exception: Exception, **headers: str):
    request = getattr(RequestFactory(), method)("/dangers/", headers=headers)
    try:
        raise exception
    except type(exception):
        return errors.server_error(request)


def test_a_page_that_was_asked_for_comes_back_by_itself_and_a_submit_never_does() -> None:
    away = coded(psycopg.errors.AdminShutdown)
    page = shown("get", away)
    assert (page.status_code, page["X-Anlan-Refusal"], page["Retry-After"], page["Refresh"]) == (503, "database_away", "5", "5")
    assert "数据库暂时连不上" in page.content.decode()
    assert "Refresh" not in shown("post", away) and "Refresh" not in shown("get", away, **{"HX-Request": "true"})
    full = shown("get", OSError(errno.ENOSPC, "…"))
    assert full.status_code == 507 and "磁盘已满" in full.content.decode() and "Refresh" not in full


@pytest.mark.django_db
def test_half_a_sheet_does_not_stay_on_a_full_disk(lixia, monkeypatch) -> None:
    class Breaking(SimpleUploadedFile):
        def chunks(self, chunk_size: int | None = None):
            yield b"half"
            raise OSError(errno.ENOSPC, "No space left on device")

    resource = find_resource("enterprises")
    assert resource is not None
    before = set(jobs.folder().glob("*"))
    with pytest.raises(OSError, match="No space"):
        jobs.upload(resource, Breaking("厂.csv", b"x" * 10), actor=lixia, now=clock.now(), queue=lambda _id: None)
    assert set(jobs.folder().glob("*")) == before
