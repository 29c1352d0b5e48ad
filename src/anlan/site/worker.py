"""The processes that run background jobs and timers (procrastinate on the node's PostgreSQL), in two lanes.

What follows a change within seconds and the clocks of each minute never wait behind an import of a hundred thousand rows or a walk over every
enterprise of a province: four of those would hold every place of one worker for minutes, and an alarm would reach no risk grade meanwhile.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command

LANES: dict[str, tuple[str, ...]] = {
    "urgent": ("announcements", "timers", "judgement"),
    "patient": ("feeds", "replays", "roads", "sheets", "sweeps"),
}
"""Queues of each lane; every queue that a room names is in exactly one."""


def main(lane: str | None = None) -> int:
    """Work until told to stop, on the queues of one lane or of all; a job under way is finished first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    queues = [f"--queues={','.join(LANES[lane])}"] if lane else []
    call_command("procrastinate", "worker", "--concurrency=4", "--shutdown-graceful-timeout=15", "--delete-jobs=successful", *queues)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
