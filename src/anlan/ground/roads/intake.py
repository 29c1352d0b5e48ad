"""The life of an import: stored, read in the background with progress, kept beside its record, or told why not. The net in force is never touched."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from anlan.ground.roads import keeping, queries, rules, services
from anlan.ground.roads.models import RoadNetwork
from anlan.kernel import clock
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.ledger.changes import change, permit
from anlan.routing import importing
from anlan.routing.importing import Imported, Trouble
from anlan.routing.refusals import ImportCancelled

Queue = Callable[[UUID], None]
TELL_EVERY_S = 0.5
STALLED_AFTER = timedelta(minutes=2)
"""An import that said nothing for so long has lost its worker. Project default."""
IMPORTER = system_actor("roads.import")


def ask(
    file: UploadedFile | None, *, name: str, source: str, licence: str, place_code: str, actor: Actor, now: datetime, queue: Queue
) -> RoadNetwork:
    """Store an uploaded road file and queue its import. Needs ``roads.import`` there.

    Raises ``Invalid`` naming every wrong input, ``RoadFileUnknown``, ``FileTooLarge``, ``NotPermitted``.
    """
    permit(actor, "roads.import", place_code=place_code)
    wrong: dict[str, Refusal | str] = {}
    if not name.strip():
        wrong["name"] = rules.NameMissing()
    if file is None:
        wrong["file"] = rules.NoFile()
    else:
        size = (file.size or 0) // 2**20
        try:
            importing.check_name(file.name or "")
        except Refusal as refusal:
            wrong["file"] = refusal
        if size > rules.MOST_UPLOAD_MB:
            wrong["file"] = rules.FileTooLarge(size=size, limit=rules.MOST_UPLOAD_MB)
    if wrong or file is None:
        raise Invalid(wrong)
    row = _new(name, source, licence, place_code, Path(file.name or "").name, actor, now)
    target = keeping.upload_of(row.pk, row.file_name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with target.open("wb") as stored:
        for chunk in file.chunks():
            digest.update(chunk)
            stored.write(chunk)
    row.file_size, row.file_sha256 = file.size or 0, digest.hexdigest()
    try:
        with change(actor, "roads.import", now=now, place_code=place_code) as made:
            row.save(force_insert=True)
            made.subject = row
            queue(row.pk)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return row


def _new(name: str, source: str, licence: str, place_code: str, file_name: str, actor: Actor, now: datetime) -> RoadNetwork:
    return RoadNetwork(
        place_code=place_code,
        classification=int(Classification.PUBLIC),
        created_at=now,
        updated_at=now,
        touched_at=now,
        name=name.strip()[:120],
        source=source.strip()[:200],
        licence=licence.strip()[:200],
        file_name=file_name[-200:],
        imported_by_name=actor.name,
    )


def stalled(row: RoadNetwork, now: datetime) -> bool:
    """Whether an import should be running and says nothing."""
    return row.is_running and row.touched_at is not None and now - row.touched_at > STALLED_AFTER


def cancel(network_id: UUID | str, *, actor: Actor, now: datetime) -> RoadNetwork:
    """Call an import off: at once when it waits or is stalled, else within the second in which it next looks. Needs ``roads.import``.

    Raises ``NotFound``, ``NotRunning``, ``NotPermitted``.
    """
    row = queries.one_network(network_id, actor)
    with change(actor, "roads.import", now=now, record=row) as made:
        row = RoadNetwork.objects.select_for_update().get(pk=row.pk)
        if not row.is_running:
            raise rules.NotRunning(what=row.name, state=rules.NETWORK_STATES[row.state])
        row.cancel_asked = True
        if row.state == rules.WAITING or stalled(row, now):
            row.state = rules.CANCELLED
        row.save()
        made.subject = row
        made.facts["cancel_asked"] = True
    if row.state == rules.CANCELLED:
        keeping.upload_of(row.pk, row.file_name).unlink(missing_ok=True)
    return row


def again(network_id: UUID | str, *, actor: Actor, now: datetime, queue: Queue) -> RoadNetwork:
    """Queue a stalled import anew. Needs ``roads.import``. Raises ``NotFound``, ``NotRunning``, ``NotPermitted``."""
    row = queries.one_network(network_id, actor)
    if not stalled(row, now):
        raise rules.NotRunning(what=row.name, state=rules.NETWORK_STATES[row.state])
    with change(actor, "roads.import", now=now, record=row) as made:
        row.state, row.progress, row.touched_at, row.cancel_asked = rules.WAITING, 0, now, False
        row.save()
        made.facts["again"] = True
        queue(row.pk)
    return row


class _Teller:
    """Writes the progress of an import into its record twice a second, and finds out whether it was called off."""

    def __init__(self, network_id: UUID) -> None:
        self._id, self._last, self._stop = network_id, 0.0, False

    def progress(self, done: int, total: int) -> None:
        """Say how far it is."""
        if time.monotonic() - self._last >= TELL_EVERY_S:
            self._last = time.monotonic()
            rows = RoadNetwork.objects.filter(pk=self._id)
            rows.update(touched_at=clock.now(), features_read=done, progress=min(99, 100 * done // total) if total else 0)
            self._stop = rows.filter(cancel_asked=False, state=rules.READING).first() is None

    def should_stop(self) -> bool:
        """Whether it was called off when last looked."""
        return self._stop


def work(network_id: UUID) -> None:
    """The job: read the file, keep the net, write the report. Done twice it does no harm: a record that is not running is left alone."""
    row = RoadNetwork.objects.filter(pk=network_id).first()
    if row is None or not row.is_running:
        return
    RoadNetwork.objects.filter(pk=row.pk).update(state=rules.READING, touched_at=clock.now())
    upload, teller = keeping.upload_of(row.pk, row.file_name), _Teller(row.pk)
    try:
        found = importing.read(upload, name=row.file_name, progress=teller.progress, should_stop=teller.should_stop)
        _finish(row.pk, found)
    except ImportCancelled:
        _end(row.pk, rules.CANCELLED, None)
    except Refusal as refusal:
        _end(row.pk, rules.FAILED, refusal)
    upload.unlink(missing_ok=True)


def _finish(network_id: UUID, found: Imported) -> None:
    keeping.keep(network_id, found.network)
    now = clock.now()
    with transaction.atomic():
        row = RoadNetwork.objects.select_for_update().get(pk=network_id)
        if row.cancel_asked or row.state != rules.READING:
            keeping.path_of(network_id).unlink(missing_ok=True)
            raise ImportCancelled()
        with change(IMPORTER, "roads.import", now=now, record=row):
            report(row, found)
            row.state, row.progress, row.touched_at = rules.READY, 100, now
            row.save()


def report(row: RoadNetwork, found: Imported) -> None:
    """Write what an import told into its record (unsaved)."""
    services.describe(row, found.network)
    row.features_read, row.features_kept, row.features_bad = found.read, found.kept, found.bad
    row.complaints = [_stored(trouble) for trouble in found.troubles]


def _stored(trouble: Trouble) -> dict[str, Any]:
    return {"code": trouble.code, "sentence": trouble.sentence, "facts": _plain(trouble.facts), "kept": trouble.kept}


def _plain(facts: dict[str, object]) -> dict[str, object]:
    return {key: value if isinstance(value, int | float | str) else str(value) for key, value in facts.items()}


def _end(network_id: UUID, state: str, refusal: Refusal | None) -> None:
    now = clock.now()
    row = RoadNetwork.objects.get(pk=network_id)
    with change(IMPORTER, "roads.import", now=now, record=row):
        row.state, row.touched_at = state, now
        if refusal is not None:
            row.failure = {"code": refusal.code, "sentence": refusal.sentence, "facts": _plain(refusal.facts)}
        row.save()


def import_file(
    path: Path, *, name: str, source: str, licence: str, place_code: str, actor: Actor, now: datetime, **hooks: Any
) -> RoadNetwork:
    """Import a file of this machine at once, for the command. ``hooks``: ``progress`` and ``should_stop`` of :func:`importing.read`.

    Raises ``NotPermitted``, ``NameMissing`` and the refusals of :func:`importing.read`.
    """
    permit(actor, "roads.import", place_code=place_code)
    if not name.strip():
        raise rules.NameMissing()
    found = importing.read(path, **hooks)
    row = _new(name, source, licence, place_code, path.name, actor, now)
    row.file_size, row.file_sha256 = path.stat().st_size, _sha256(path)
    with change(actor, "roads.import", now=now, place_code=place_code) as made:
        keeping.keep(row.pk, found.network)
        report(row, found)
        row.state, row.progress = rules.READY, 100
        row.save(force_insert=True)
        made.subject = row
    return row


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
