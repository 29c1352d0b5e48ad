"""Show the certificates that sign warnings, or make the next one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from anlan.kernel import clock
from anlan.warn.bulletins import signing


class Command(BaseCommand):
    """``manage.py warning_key [--rotate]``."""

    help = "Certificates that sign warnings; --rotate makes the next one and takes it into use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--rotate", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        if options["rotate"]:
            signing.rotate(clock.now())
        current = signing.ensure(clock.now())
        for pair in sorted(signing.pairs(), key=lambda pair: pair.begins):
            mark = "*" if pair.fingerprint == current.fingerprint else " "
            self.stdout.write(f"{mark} {pair.name} {pair.begins:%Y-%m-%d}..{pair.ends:%Y-%m-%d} sha256:{pair.fingerprint}")
