"""``manage.py load_packs``: the sector packs that come with the platform."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from anlan.ground.packs import services
from anlan.kernel import clock
from anlan.kernel.access import system_actor


class Command(BaseCommand):
    help = "Load the sector packs that come with the platform; nothing is written when they are loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        count, new = services.load_built_in(actor=system_actor("reference-data"), now=clock.now())
        if options["verbosity"] > 0:
            self.stdout.write(f"packs: {count}, {new} new")
