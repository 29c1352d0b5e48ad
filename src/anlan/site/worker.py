"""The process that runs background jobs and timers (procrastinate on the node's PostgreSQL)."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command


def main() -> int:
    """Work until told to stop; a job under way is finished first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    call_command("procrastinate", "worker", "--concurrency=4", "--shutdown-graceful-timeout=15", "--delete-jobs=successful")
    return 0


if __name__ == "__main__":
    sys.exit(main())
