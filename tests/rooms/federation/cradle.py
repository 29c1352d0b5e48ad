"""Loads the program once and lets copies of it live as processes of nodes: loading it for each of them would cost more than all that they do.

``python -m tests.rooms.federation.cradle`` reads one JSON object a line (``kind``, ``database``, ``home``, ``port``) and answers each with the
new process's id. When its input ends, whatever it began ends too: with the tests, however they end.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

LOADED = "loaded"


def main() -> None:
    """Until the input ends."""
    import django

    django.setup()
    from anlan.federation import courier  # noqa: F401 - loaded here, it is loaded in every copy
    from anlan.site import asgi  # noqa: F401

    # Nobody waits for those that ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    begun: list[int] = []
    _tell(LOADED)
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(wanted)
        begun.append(pid)
        _tell(pid)
    for pid in begun:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _tell(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def _live(wanted: dict[str, Any]) -> NoReturn:
    """Be one process of a node until it is over."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(Path(wanted["home"]) / f"{wanted['kind']}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, handle in enumerate((nothing, log, log)):
            os.dup2(handle, number)
        _move(wanted["database"], Path(wanted["home"]))
        lives: dict[str, Callable[[], object]] = {"web": lambda: asyncio.run(_serve(wanted["port"])), "courier": _carry, "worker": _work}
        lives[wanted["kind"]]()
        code = 0
    except BaseException:  # noqa: BLE001 - a copy never goes on as the original
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _move(database: str, home: Path) -> None:
    """Work on another database and folder than those that were there when the program was loaded."""
    from django.conf import settings
    from django.db import connections

    from anlan.site.environment import django_database

    connections.settings["default"].update(django_database(database))
    settings.ANLAN["HOME"] = home


async def _serve(port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from anlan.site import asgi

    await Server(asgi.application, "127.0.0.1", port, interface=Interfaces.ASGINL, websockets=False).serve()


def _carry() -> None:
    from anlan.federation import courier

    courier.main()


def _work() -> None:
    from anlan.site import worker

    worker.main("urgent")


if __name__ == "__main__":
    main()
