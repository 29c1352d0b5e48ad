"""The bytes of exhibits on disk, named by their hash: ``ANLAN_HOME/evidence/ab/cd/<sha256>``.

A file appears under its name complete or not at all: it is written beside, flushed to the disk and renamed. The same bytes are kept
once. Files are read-only and never changed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from anlan.ground.evidence import content, rules

_BLOCK = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT}
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Source(Protocol):
    """Where bytes come from."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class Kept:
    """What the store knows of a file: hash in hex, size in bytes, type by content."""

    sha256: str
    size: int
    row: rules.TypeRow


def root() -> Path:
    """The folder of the store."""
    return Path(settings.ANLAN["HOME"]) / "evidence"


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash lie. Raises ``ValueError`` for anything that is not a hash."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return root() / sha256[:2] / sha256[2:4] / sha256


def keep(source: Source, filename: str) -> Kept:
    """Write ``source`` to the store and say what it is.

    Raises ``Empty``, ``TooLarge``, ``NameDoesNotFit``, the refusals of :func:`anlan.ground.evidence.content.media_type`, ``DiskFull``
    and ``StoreNotWritable``; after any of them nothing is left behind.
    """
    with _plain_refusals(filename), _temporary() as (file, temporary):
        digest, size = _copy(source, file, filename)
        if size == 0:
            raise rules.Empty(filename=filename)
        row = rules.type_row(content.media_type(temporary, filename))
        rules.check_name(filename, row)
        rules.check_size(filename, size, row)
        file.flush()
        os.fsync(file.fileno())
        _settle(temporary, digest)
    return Kept(digest, size, row)


def _copy(source: Source, file: BinaryIO, filename: str) -> tuple[str, int]:
    """Copy at most the largest size that any type may have."""
    most = max(row.limit for row in rules.types().values())
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        size += len(block)
        if size > most:
            raise rules.TooLarge(filename=filename, size=f"> {rules.megabytes(most)}", limit=rules.megabytes(most), type="")
        digest.update(block)
        file.write(block)
    file.flush()
    return digest.hexdigest(), size


def _settle(temporary: Path, sha256: str) -> None:
    """Give the finished file its name, unless the same bytes are there whole; a damaged copy is replaced by the good one."""
    if is_whole(sha256):
        return
    target = path_of(sha256)
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(mode=0o750, exist_ok=True)
    temporary.chmod(0o440)
    os.replace(temporary, target)
    for folder in (target.parent, target.parent.parent, root()):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _temporary() -> Iterator[tuple[BinaryIO, Path]]:
    incoming = root() / "incoming"
    incoming.mkdir(mode=0o750, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=incoming)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _plain_refusals(filename: str) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if failure.errno in _FULL:
            raise rules.DiskFull(filename=filename) from failure
        if failure.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise rules.StoreNotWritable(filename=filename, folder=str(root())) from failure
        raise


def open_bytes(sha256: str) -> BinaryIO:
    """The bytes with this hash, opened for reading. Raises ``Damaged`` when they are gone."""
    try:
        return path_of(sha256).open("rb")
    except FileNotFoundError:
        raise rules.Damaged(sha256=sha256) from None


def is_whole(sha256: str) -> bool:
    """Whether the bytes are there and still have this hash; reads the whole file."""
    try:
        with path_of(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def names() -> Iterator[tuple[str, float]]:
    """Hash and time of last change (seconds since 1970) of every file in the store."""
    for path in root().glob("??/??/*"):
        if _SHA256.fullmatch(path.name):
            yield path.name, path.stat().st_mtime


def remove_unowned(sha256: str) -> None:
    """Delete bytes that no exhibit names (an upload whose record was never written). For the sweep only."""
    path_of(sha256).unlink(missing_ok=True)
