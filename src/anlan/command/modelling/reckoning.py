"""Runs a model in a process of its own, so that a run that takes too long is called off by ending that process and nothing else.

The models are plain functions of numpy and cannot be interrupted from within; a thread could not be ended at all. One process is kept for
each web worker, started at the first run (half a second) and again after one was ended.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import structlog

from anlan.command.modelling import rules
from anlan.consequence.catalogue import model
from anlan.kernel.errors import Refusal

log = structlog.get_logger()
PIECE = 1 << 16


class Reckoner:
    """One process and the line to it. Not for two threads at once: :func:`run` sees to that."""

    def __init__(self) -> None:
        # Nothing of the node's environment: it holds secrets that a reckoning has no use for.
        environment = {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1", "PATH": os.environ.get("PATH", "")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "anlan.command.modelling.reckoner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None

    def ask(self, asked: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """Its answer, or ``None`` when it has none within ``seconds`` or has ended; it is ended then."""
        until = time.monotonic() + seconds
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            self.process.stdin.flush()
            line = self._line(until)
        except BrokenPipeError:
            line = None
        if line is None:
            self.end()
            return None
        return dict(json.loads(line))

    def _line(self, until: float) -> bytes | None:
        assert self.process.stdout is not None
        gathered = b""
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while not gathered.endswith(b"\n"):
                left = until - time.monotonic()
                if left <= 0 or not ready.select(left):
                    return None
                piece = os.read(self.process.stdout.fileno(), PIECE)
                if not piece:
                    return None
                gathered += piece
        return gathered

    def end(self) -> None:
        """End the process and close the lines to it."""
        self.process.kill()
        self.process.wait()
        for line in (self.process.stdin, self.process.stdout):
            if line is not None:
                line.close()


_one = threading.Lock()
_kept: list[Reckoner] = []


def run(code: str, inputs: Mapping[str, Any], *, seconds: float = rules.SECONDS) -> dict[str, Any]:
    """The answer of a model to ``inputs``, as :func:`anlan.command.modelling.telling.untranslated` gives it.

    Raises what the model raises (``UnknownModel``, ``UnknownInput``, ``NoFigure``, ``OutOfRange``, …), ``TooMany``, ``TooLarge``,
    ``TookTooLong``, ``Busy``.
    """
    model(code)
    rules.check_size(inputs)
    if not _one.acquire(timeout=rules.WAITING_SECONDS):
        raise rules.Busy()
    try:
        reckoner = _reckoner()
        began = time.monotonic()
        found = reckoner.ask({"model": code, "inputs": dict(inputs)}, seconds)
    finally:
        _one.release()
    if found is None and time.monotonic() - began < seconds:
        # It ended by itself: the system takes memory back from who asks for too much.
        log.warning("model.process_ended", model=code)
        raise rules.TooLarge()
    if found is None:
        log.warning("model.called_off", model=code, seconds=seconds)
        raise rules.TookTooLong(seconds=f"{seconds:g}")
    if "refused" in found:
        raise _refusal(found["refused"])
    if "too_large" in found:
        raise rules.TooLarge()
    if "fault" in found:
        raise RuntimeError(f"{code}: {found['fault']}")
    return dict(found["answer"])


def _reckoner() -> Reckoner:
    if _kept and not _kept[0].alive:
        _kept.pop().end()
    if not _kept:
        _kept.append(Reckoner())
    return _kept[0]


def close() -> None:
    """End the kept process; the next run starts another."""
    while _kept:
        _kept.pop().end()


atexit.register(close)


def _refusal(told: Mapping[str, Any]) -> Refusal:
    """The refusal that the model raised, of its own class. Only classes of refusals in this program are made."""
    module = str(told["module"])
    if not module.startswith("anlan."):
        raise RuntimeError(f"{module} is no module of this program")
    kind = getattr(import_module(module), str(told["name"]))
    if not (isinstance(kind, type) and issubclass(kind, Refusal)):
        raise RuntimeError(f"{told['name']} is no refusal")
    return kind(**told["facts"])
