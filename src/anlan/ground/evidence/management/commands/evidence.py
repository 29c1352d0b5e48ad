"""``manage.py evidence verify`` re-hashes every file; ``evidence sweep`` removes uploads whose record was never written."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from anlan.ground.evidence import services
from anlan.ground.evidence.models import Exhibit
from anlan.kernel import clock


class Command(BaseCommand):
    help = "Check or clean the evidence store."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("verify", "sweep"))

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        """Exit with an error when a file is missing or changed."""
        if what == "sweep":
            self.stdout.write(f"removed {services.sweep(now=clock.now())} files that no exhibit names")
            return
        bad = list(services.damaged())
        for sha256, exhibits in bad:
            self.stdout.write(f"damaged or missing: {sha256} ({exhibits} exhibits)")
        if bad:
            raise CommandError(f"{len(bad)} of the evidence files are damaged or missing")
        self.stdout.write(f"all files of {Exhibit.objects.count()} exhibits are whole")
