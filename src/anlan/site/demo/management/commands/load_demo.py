"""``manage.py load_demo``: build the demonstration's world once, with progress."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from anlan.kernel import clock
from anlan.site.demo import world

_WIDTH = 30


class Command(BaseCommand):
    help = "Builds the demonstration (invented enterprises, people and devices). Only in demo mode."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, or say that it stands already."""
        if not settings.ANLAN["DEMO"]:
            raise CommandError("This node is not in demo mode (ANLAN_DEMO=1): invented enterprises never enter a node with real records.")

        def progress(what: str, done: int, total: int) -> None:
            if done == total or done % 50 == 0:
                filled = _WIDTH * done // total
                self.stdout.write(f"{what} {'█' * filled}{'░' * (_WIDTH - filled)} {done:,}/{total:,}")
                self.stdout.flush()

        built = world.build(progress, now=clock.now())
        self.stdout.write("demonstration built" if built else "demonstration stands already")
