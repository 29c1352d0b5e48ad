"""``manage.py load_ground``: reference data of places into the tables."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from anlan.ground.places import loading
from anlan.ground.places.packages import DataPackageMissing

_WIDTH = 30


class Command(BaseCommand):
    help = "Load the code list, its changes, outlines and figures of places from the installed data packages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="load even if these versions are loaded")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        started = monotonic()
        try:
            silent = options["quiet"] or options["verbosity"] == 0
            result = loading.load(self._nothing if silent else self._bar, force=options["force"])
        except DataPackageMissing as missing:
            raise CommandError(missing.message(_)) from missing
        if options["verbosity"] == 0:
            return
        if result.skipped:
            self.stdout.write(f"places: already loaded ({result.version})")
            return
        counted = ", ".join(f"{count:,} {kind}" for kind, count in result.counts.items())
        self.stdout.write(self.style.SUCCESS(f"places: {counted} in {monotonic() - started:.1f} s"))

    def _bar(self, what: str, done: int, total: int) -> None:
        """One line for each stage: redrawn in place on a terminal, written once when finished elsewhere."""
        terminal = self.stdout.isatty()
        if not terminal and done < total:
            return
        filled = _WIDTH if total == 0 else _WIDTH * done // total
        bar = "█" * filled + "░" * (_WIDTH - filled)
        line = f"{_(what)} {bar} {done:,}/{total:,}"
        self.stdout.write(("\r" if terminal else "") + line, ending="\n" if done == total else "")
        self.stdout.flush()

    def _nothing(self, what: str, done: int, total: int) -> None:
        pass
