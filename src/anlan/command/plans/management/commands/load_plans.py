"""``manage.py load_plans``: the example plans that come with the platform."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from anlan.command.plans import door
from anlan.kernel import clock
from anlan.kernel.access import system_actor


class Command(BaseCommand):
    help = "Load the example plans that come with the platform; those already there are left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        count = door.load_examples(actor=system_actor("loader"), now=clock.now())
        if options["verbosity"] > 0:
            self.stdout.write(f"plans: {count} new")
