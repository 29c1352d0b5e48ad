"""``manage.py load_chemicals``: the mirror of the chemicals' data files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from anlan.ground.chemicals import services
from anlan.kernel import clock
from anlan.kernel.access import system_actor


class Command(BaseCommand):
    help = "Bring the table of chemicals up to the data files; nothing is written when it is."

    def handle(self, *args: Any, **options: Any) -> None:
        count = services.mirror(actor=system_actor("reference-data"), now=clock.now())
        if options["verbosity"] > 0:
            self.stdout.write(f"chemicals: {count} changed")
