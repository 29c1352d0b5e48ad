"""The life of an import: stored, checked in the background, decided by its uploader, written in one transaction or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connections, transaction

from anlan.desk.models import RUNNING, SheetImport, SheetProblem, SheetState
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.importing import reading
from anlan.desk.resource.importing.checking import Problem, batches
from anlan.desk.resource.registry import find_resource
from anlan.kernel import clock
from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger import audit
from anlan.ledger.changes import change

log = structlog.get_logger()

Queue = Callable[[UUID], None]


class AlreadyDecided(Refusal):
    code = "import_already_decided"
    sentence = N_("这次导入当前为“{state}”，不能再作此决定。")


class NothingToWrite(Refusal):
    code = "import_nothing_to_write"
    sentence = N_("没有一行通过检查，没有可以写入的内容。")


class Cancelled(Exception):
    """The uploader stopped the job; everything it did is rolled back."""


class FoundNewProblems(Exception):
    """Between check and writing the store changed so that rows are bad now; nothing was written."""


def folder() -> Path:
    """Where uploaded sheets wait for their decision."""
    return Path(settings.ANLAN["HOME"]) / "imports"


def path_of(job: SheetImport) -> Path:
    """The stored file of an import."""
    return folder() / f"{job.id}{job.suffix}"


def frozen(actor: Actor) -> dict[str, Any]:
    """The actor as plain values, for the job that works in his name shortly after."""
    return {
        "account_id": str(actor.account_id),
        "name": actor.name,
        "post": actor.post,
        "level": int(actor.level),
        "place_code": actor.place_code,
        "organisation_id": str(actor.organisation_id) if actor.organisation_id else None,
        "enterprise_id": str(actor.enterprise_id) if actor.enterprise_id else None,
        "kind": actor.kind,
        "grants": [{**asdict(g), "enterprise_id": str(g.enterprise_id) if g.enterprise_id else None} for g in actor.grants],
    }


def thawed(kept: dict[str, Any]) -> Actor:
    """The actor that :func:`frozen` kept."""

    def uuid(text: str | None) -> UUID | None:
        return UUID(text) if text else None

    return Actor(
        account_id=UUID(kept["account_id"]),
        name=kept["name"],
        post=kept["post"],
        level=Level(kept["level"]),
        place_code=kept["place_code"],
        organisation_id=uuid(kept["organisation_id"]),
        enterprise_id=uuid(kept["enterprise_id"]),
        kind=kept["kind"],
        grants=tuple(
            Grant(g["action"], g["place_prefix"], uuid(g["enterprise_id"]), Classification(g["classification"])) for g in kept["grants"]
        ),
    )


def upload(resource: Resource, file: UploadedFile, *, actor: Actor, now: datetime, queue: Queue) -> SheetImport:
    """Store an uploaded sheet and queue its check. Raises the refusals of :mod:`reading` that can be told at once."""
    name = Path(file.name or "").name
    suffix = Path(name).suffix.lower()
    if suffix not in reading.SUFFIXES:
        raise reading.UnknownKindOfFile(name=name)
    if (file.size or 0) > reading.LARGEST_FILE:
        raise reading.FileTooLarge(size=(file.size or 0) // 2**20, limit=reading.LARGEST_FILE // 2**20)
    job = SheetImport(
        resource=resource.code,
        file_name=name[:200],
        suffix=suffix,
        size=file.size or 0,
        actor=frozen(actor),
        account_id=actor.account_id,
        place_code=actor.place_code,
        created_at=now,
        touched_at=now,
    )
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    try:
        with path_of(job).open("wb") as target:
            for chunk in file.chunks():
                digest.update(chunk)
                target.write(chunk)
    except OSError:
        # Half a sheet on a full disk helps nobody.
        path_of(job).unlink(missing_ok=True)
        raise
    job.sha256 = digest.hexdigest()
    with transaction.atomic():
        job.save(force_insert=True)
        queue(job.id)
    return job


def decide(job: SheetImport, choice: str, *, actor: Actor, now: datetime, queue: Queue) -> SheetImport:
    """The uploader's decision on a checked sheet: ``good`` writes the good rows, ``refuse`` none, ``cancel`` stops a running job,
    ``again`` queues a job that a fault interrupted.

    Raises :class:`AlreadyDecided`, :class:`NothingToWrite`.
    """
    resource = _resource(job)
    with transaction.atomic():
        job = SheetImport.objects.select_for_update().get(pk=job.pk)
        allowed = {
            "good": (SheetState.CHECKED,),
            "refuse": (SheetState.CHECKED,),
            "cancel": RUNNING,
            "again": RUNNING,
        }
        if job.state not in allowed.get(choice, ()):
            raise AlreadyDecided(state=str(job.get_state_display()))
        if choice == "good":
            if not job.good_rows:
                raise NothingToWrite
            job.state, job.actor, job.done_rows = SheetState.WRITE_WAITING, frozen(actor), 0
            queue(job.id)
        elif choice == "refuse":
            job.state = SheetState.REFUSED
            _audit(resource, job, actor, now, {"decision": "refused", "rows": 0})
        elif choice == "again":
            queue(job.id)
        elif job.state in (SheetState.WAITING, SheetState.WRITE_WAITING):
            job.state = SheetState.CANCELLED
        else:
            job.cancel_requested = True
        job.touched_at = now
        job.save()
    if job.state in (SheetState.REFUSED, SheetState.CANCELLED):
        path_of(job).unlink(missing_ok=True)
    return job


def work(import_id: UUID) -> None:
    """The background job: check what waits for its check, write what waits to be written. Harmless when run twice."""
    job = SheetImport.objects.filter(pk=import_id).first()
    if job is None or not job.is_running:
        return
    try:
        if job.state in (SheetState.WAITING, SheetState.CHECKING):
            _check(job)
        else:
            _write(job)
    except Cancelled:
        SheetImport.objects.filter(pk=job.pk).update(state=SheetState.CANCELLED, written_rows=0, touched_at=clock.now())
        path_of(job).unlink(missing_ok=True)
    except Refusal as refusal:
        SheetProblem.objects.filter(sheet=job).delete()
        _keep(job, [Problem(0, "", "", refusal.code, refusal.sentence, dict(refusal.facts))])
        SheetImport.objects.filter(pk=job.pk).update(state=SheetState.UNREADABLE, touched_at=clock.now())
        path_of(job).unlink(missing_ok=True)
        log.info("import.refused", sheet=str(job.pk), code=refusal.code)


def _check(job: SheetImport) -> None:
    resource = _resource(job)
    assert resource.sheet is not None
    SheetProblem.objects.filter(sheet=job).delete()
    contents = reading.read(path_of(job), resource.sheet)
    total = sum(1 for _ in contents.cells())
    if not total:
        raise reading.NoRows
    state = {"state": SheetState.CHECKING, "total_rows": total, "ignored_columns": contents.ignored, "bad_rows": 0, "done_rows": 0}
    SheetImport.objects.filter(pk=job.pk).update(**state, touched_at=clock.now())
    done = bad = 0
    for batch in batches(resource, contents, thawed(job.actor), clock.now()):
        done += batch.rows
        bad += batch.rows - len(batch.good)
        _keep(job, batch.problems)
        _progress(job, done, bad_rows=bad)
    SheetImport.objects.filter(pk=job.pk).update(state=SheetState.CHECKED, done_rows=done, bad_rows=bad, touched_at=clock.now())


def _keep(job: SheetImport, problems: Iterable[Problem]) -> None:
    SheetProblem.objects.bulk_create(
        [
            SheetProblem(sheet=job, row=p.row, column=p.column, value=p.value, code=p.code, sentence=p.sentence, facts=p.facts)
            for p in problems
        ],
        batch_size=1000,
    )


def _progress(job: SheetImport, done: int, **more: int) -> None:
    """Say how far the job is, and stop it when the uploader asked for that."""
    SheetImport.objects.filter(pk=job.pk).update(done_rows=done, touched_at=clock.now(), **more)
    if SheetImport.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise Cancelled


def _write(job: SheetImport) -> None:
    """Write the good rows as one change: one transaction, one audit entry with the count and the file's digest."""
    resource, actor, now = _resource(job), thawed(job.actor), clock.now()
    sheet = resource.sheet
    assert sheet is not None and resource.actions.import_ is not None
    SheetImport.objects.filter(pk=job.pk).update(state=SheetState.WRITING, done_rows=0, touched_at=now)
    contents = reading.read(path_of(job), sheet)
    known_bad = set(SheetProblem.objects.filter(sheet=job).values_list("row", flat=True))
    fresh: list[Problem] = []
    written = done = 0
    # A connection of its own: what it writes shows while the long transaction is still open.
    beside = connections.create_connection("default")
    try:
        with (
            transaction.atomic(),
            audit.at_the_end(),
            change(actor, resource.actions.import_, now=now, place_code=job.place_code, enterprise_id=actor.enterprise_id) as gathered,
        ):
            for batch in batches(resource, contents, actor, now):
                fresh += [problem for problem in batch.problems if problem.row not in known_bad]
                if not fresh and batch.good:
                    written += sheet.write([values for _row, values in batch.good], actor=actor, now=now)
                done += batch.rows
                _tell_beside(beside, job, done)
            if fresh:
                raise FoundNewProblems
            gathered.facts.update(_facts(job, "good", written))
            SheetImport.objects.filter(pk=job.pk).update(
                state=SheetState.WRITTEN, written_rows=written, done_rows=done, touched_at=clock.now()
            )
    except FoundNewProblems:
        _keep(job, fresh)
        bad = len(known_bad | {problem.row for problem in fresh})
        SheetImport.objects.filter(pk=job.pk).update(state=SheetState.CHECKED, bad_rows=bad, done_rows=0, touched_at=clock.now())
        return
    finally:
        beside.close()
    path_of(job).unlink(missing_ok=True)


def _tell_beside(beside: Any, job: SheetImport, done: int) -> None:
    with beside.cursor() as cursor:
        cursor.execute(
            "UPDATE desk_sheetimport SET done_rows = %s, touched_at = now() WHERE id = %s RETURNING cancel_requested", [done, job.pk]
        )
        row = cursor.fetchone()
    if row is not None and row[0]:
        raise Cancelled


def _facts(job: SheetImport, decision: str, rows: int) -> dict[str, object]:
    return {
        "decision": decision,
        "import": str(job.pk),
        "resource": job.resource,
        "file": job.file_name,
        "sha256": job.sha256,
        "total_rows": job.total_rows,
        "bad_rows": job.bad_rows,
        "rows": rows,
    }


def _audit(resource: Resource, job: SheetImport, actor: Actor, now: datetime, facts: dict[str, object]) -> None:
    assert resource.actions.import_ is not None
    with change(actor, resource.actions.import_, now=now, place_code=job.place_code, enterprise_id=actor.enterprise_id) as gathered:
        gathered.facts.update({**_facts(job, str(facts["decision"]), 0), **facts})


def _resource(job: SheetImport) -> Resource:
    resource = find_resource(job.resource)
    if resource is None or resource.sheet is None:
        raise NotFound(what=job.resource)
    return resource
