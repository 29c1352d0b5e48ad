"""``anlan roads import FILE``: a road file of any size, read on the server, with its report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from django.utils.translation import gettext

from anlan.ground.places import door as places
from anlan.ground.roads import intake, services
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal
from anlan.kernel.levels import NATION

SHOWN = 20


def main(arguments: list[str]) -> int:
    """Entry point; 0 when the net was imported (and put in force), 1 with the reason when not."""
    parser = argparse.ArgumentParser(prog="anlan roads", description="Roads of this node.")
    parser.add_argument("verb", choices=["import"])
    parser.add_argument("file", type=Path, help=".osm, .osm.pbf, .zip or .shp (shapefile), .geojson; longitude and latitude")
    parser.add_argument("--name", default="", help="what the net is called (default: the file's name)")
    parser.add_argument("--source", default="", help="where it comes from and of when")
    parser.add_argument("--licence", default="", help="what its licence asks for")
    parser.add_argument("--place", default=NATION, help="place code it belongs to")
    parser.add_argument("--enact", action="store_true", help="put it in force at once")
    given = parser.parse_args(arguments)
    say = sys.stdout.write
    if not places.exists(given.place):
        sys.stderr.write(f"There is no place {given.place}.\n")
        return 2
    actor = system_actor("anlan roads import")
    try:
        row = intake.import_file(
            given.file,
            name=given.name or given.file.name,
            source=given.source or given.file.name,
            licence=given.licence,
            place_code=given.place,
            actor=actor,
            now=clock.now(),
            progress=lambda done, total: say(f"\r{done} features{f' of {total}' if total else ''} …") and None,
        )
        say(
            f"\r{row.features_kept} roads of {row.features_read} features: {row.nodes} nodes, {row.edges} edges, {row.length_km} km; "
            f"{row.strong_nodes} nodes reach each other; {row.features_bad} troubles.\n"
        )
        for trouble in row.complaints[:SHOWN]:
            say(f"  {gettext(trouble['sentence']).format_map(trouble['facts'])}\n")
        if row.features_bad > SHOWN:
            say(f"  … {row.features_bad - SHOWN} more; see the page of the net.\n")
        if given.enact:
            services.enact(row.pk, actor=actor, now=clock.now())
            say("It is in force now.\n")
    except Refusal as refusal:
        sys.stderr.write(f"\n{refusal.message(gettext)}\n")
        return 1
    return 0
