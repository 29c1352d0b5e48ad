"""Stamps: what a step was done for, so that it is skipped until its inputs change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def digest(paths: Iterable[Path], *also: str) -> str:
    """One hash over names and contents of files (folders are walked) and over further words."""
    total = hashlib.sha256("\0".join(also).encode())
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or not file.exists():
                continue
            total.update(f"\0{file.relative_to(path.parent)}\0".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


class Stamps:
    """The stamps of one place, kept in one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path.read_text()))
        except (OSError, ValueError):
            return {}

    def done(self, step: str, stamp: str) -> bool:
        """Whether the step was done for exactly this."""
        return self._read().get(step) == stamp

    def mark(self, step: str, stamp: str) -> None:
        """The step is done for this."""
        marks = {**self._read(), step: stamp}
        draft = self._path.with_name(self._path.name + ".new")
        draft.write_text(json.dumps(marks, indent=1))
        draft.replace(self._path)
