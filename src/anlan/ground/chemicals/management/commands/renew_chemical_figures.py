"""``manage.py renew_chemical_figures``: ``data/figures.csv`` written anew from the library ``chemicals``, for maintainers after its new version."""

from __future__ import annotations

import csv
from typing import Any

from django.core.management.base import BaseCommand

from anlan.ground.chemicals import catalogue, library, rules

COLUMNS = ("chemical", "field", "value", "unit", "at_k", "source", "status")


class Command(BaseCommand):
    help = "Write the figures of all pure substances anew from the library; look at the difference before it is committed."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = 0
        with (catalogue.DATA / "figures.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for each in catalogue.entries():
                held = library.figures(each.cas) if each.form == rules.PURE else ()
                found = [one for one in held if (each.code, one.field) not in catalogue.left_out()]
                for one in found:
                    at = "" if one.at_k is None else f"{one.at_k:g}"
                    writer.writerow((each.code, one.field, f"{one.value:g}", one.unit, at, one.source, one.status))
                rows += len(found)
        self.stdout.write(f"figures: {rows} rows")
