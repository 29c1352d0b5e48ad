"""The parts of a shapefile, alone beside each other, in a ZIP or in a tar archive. Nothing is ever unpacked to disk."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from anlan.routing.refusals import RoadFileBroken, RoadFileUnknown

KINDS: Final = ("shp", "shx", "dbf", "prj", "cpg")
LARGEST_UNPACKED: Final = 2 * 1024**3
"""Archives that unpack to more are refused before they do. Project default."""


@dataclass(frozen=True)
class Members:
    """The bytes of a shapefile's parts by ending; ``shp`` is always there."""

    name: str
    files: dict[str, bytes]

    @property
    def shp(self) -> bytes:
        """The main file."""
        return self.files["shp"]

    def text(self, kind: str) -> str:
        """A small text part (``prj``, ``cpg``); empty when it is not there."""
        return self.files.get(kind, b"")[:10_000].decode("utf-8", "replace")


def members(path: Path, name: str) -> Members:
    """The shapefile in ``path``: of several the one with the largest main file that holds lines (the roads and not their nodes).

    Raises :class:`RoadFileUnknown`, :class:`RoadFileBroken`.
    """
    lowered = name.lower()
    try:
        if lowered.endswith(".zip"):
            found = _chosen(_of_zip(path, name))
        elif lowered.endswith((".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")):
            found = _chosen(_of_tar(path, name))
        else:
            found = _chosen((str(part), part.read_bytes()) for part in sorted(path.parent.glob(f"{path.stem}.*")))
    except (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, EOFError, OSError) as broken:
        raise RoadFileBroken(file=name, where="?", reason=str(broken)[:160]) from broken
    if found is None:
        raise RoadFileUnknown(file=name)
    return Members(name, found)


def _of_zip(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        wanted = [entry for entry in archive.infolist() if _kind(entry.filename)]
        if sum(entry.file_size for entry in wanted) > LARGEST_UNPACKED:
            raise RoadFileBroken(file=name, where="?", reason=f"> {LARGEST_UNPACKED >> 30} GiB")
        for entry in wanted:
            yield entry.filename, archive.read(entry)


def _of_tar(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        total = 0
        for entry in archive:
            if not entry.isfile() or not _kind(entry.name):
                continue
            total += entry.size
            if total > LARGEST_UNPACKED:
                raise RoadFileBroken(file=name, where="?", reason=f"> {LARGEST_UNPACKED >> 30} GiB")
            opened = archive.extractfile(entry)
            if opened is not None:
                yield entry.name, opened.read()


def _kind(filename: str) -> str:
    kind = PurePosixPath(filename.replace("\\", "/")).suffix.lower().lstrip(".")
    return kind if kind in KINDS else ""


def _chosen(parts: Iterator[tuple[str, bytes]]) -> dict[str, bytes] | None:
    sets: dict[str, dict[str, bytes]] = {}
    for filename, data in parts:
        if kind := _kind(filename):
            sets.setdefault(filename[: -len(kind) - 1].lower(), {})[kind] = data
    with_lines = [each for each in sets.values() if "shp" in each]
    return max(with_lines, key=lambda each: (_holds_lines(each["shp"]), len(each["shp"])), default=None)


def _holds_lines(shp: bytes) -> bool:
    return len(shp) >= 36 and int.from_bytes(shp[32:36], "little") in (3, 13, 23)
