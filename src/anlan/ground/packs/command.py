"""``anlan pack load|check FOLDER`` and ``anlan pack list``: sector packs from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from django.utils.translation import gettext

from anlan.ground.packs import queries, reading, rules, services
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal
from anlan.ledger.sources import law_day

SHOWN = 200


def main(arguments: list[str]) -> int:
    """Entry point; 0 when all is well, 1 when the pack is refused, 2 for a folder that is none."""
    parser = argparse.ArgumentParser(prog="anlan pack", description="Sector packs: folders of tables.")
    parser.add_argument("verb", choices=["load", "check", "list"])
    parser.add_argument("folder", type=Path, nargs="?", help="the folder that holds pack.toml")
    given = parser.parse_args(arguments)
    if given.verb == "list":
        return _list()
    if given.folder is None or not given.folder.is_dir():
        sys.stderr.write(f"{given.folder or 'FOLDER'}: not a folder.\n")
        return 2
    read = services.check_folder(given.folder)
    if read.content is None:
        return _refuse(read)
    if given.verb == "check":
        sys.stdout.write(f"{_told(read.content)}. Nothing is wrong; nothing was loaded.\n")
        return 0
    try:
        row, new = services.load(read.content, actor=system_actor("anlan pack load"), now=clock.now())
    except Refusal as refusal:
        sys.stderr.write(f"{refusal.message(gettext)}\n")
        return 1
    says = f"Loaded; it holds from {row.in_force_from}." if new else "Loaded before; nothing changed."
    sys.stdout.write(f"{_told(read.content)}. {says}\n")
    return 0


def _told(content: rules.Content) -> str:
    counts = ", ".join(f"{len(rows)} {name}" for name, rows in content.tables.items()) or "no tables"
    return f"{content.head.code} {content.head.version} ({content.head.name_zh}): {counts}"


def _refuse(read: reading.Read) -> int:
    for problem in read.problems[:SHOWN]:
        sys.stderr.write(f"{problem.told(gettext)}\n")
    if len(read.problems) > SHOWN:
        sys.stderr.write(f"… {len(read.problems) - SHOWN} more\n")
    sys.stderr.write(f"{len(read.problems)} problems; nothing was loaded.\n")
    return 1


def _list() -> int:
    today = law_day(clock.now())
    held = {row.pk for row in queries.of_day(today)}
    for row in queries.versions():
        mark = "*" if row.pk in held else " "
        counts = " ".join(f"{name}={count}" for name, count in sorted(row.counts.items()))
        sys.stdout.write(f"{mark} {row.code:<19} {row.edition:<12} {row.in_force_from} {row.name_zh}  {counts}\n")
    sys.stdout.write("* holds today\n")
    return 0
