"""``first_administrators PLACE``: the three administrators of a new node, with passwords shown this once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from anlan.ground.people.services import make_first_administrators
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal


class Command(BaseCommand):
    help = "Make the first system, security and audit administrator of a new node; their passwords are shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", help="code of the place that the node serves, e.g. 370100")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            passwords = make_first_administrators(options["place"], actor=system_actor("first administrators"), now=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message(_)) from refusal
        for username, password in passwords.items():
            self.stdout.write(f"{username:12} {password}")
