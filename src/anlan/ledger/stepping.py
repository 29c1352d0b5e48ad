"""What processes have in common that work in threads with Django: how they begin, and how they outlive a database that is away."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import structlog

from anlan.ledger.process import configure_logging

log: Any = structlog.get_logger()


def serve(process: str, work: Callable[[threading.Event], None]) -> int:
    """Set Django up and do ``work(stop)`` until it returns; SIGTERM and SIGINT set ``stop``. Returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    import django

    django.setup()
    configure_logging(process)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(stop)
    return 0


def keep_on(stop: threading.Event, step: Callable[[], bool], idle_s: Callable[[], float]) -> None:
    """Do ``step`` again and again until ``stop`` is set; it says whether there is more to do at once, else there is a pause of ``idle_s()``.

    A database that is away is waited for.
    """
    from django.db import Error, close_old_connections

    while not stop.is_set():
        try:
            busy = step()
        except Error as away:
            log.warning("database_away", trouble=str(away)[:200])
            close_old_connections()
            busy = False
            stop.wait(1.0)
        if not busy:
            stop.wait(idle_s())
