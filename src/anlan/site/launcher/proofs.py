"""``anlan completeness verify FILE``: reckon the figures of an exported proof anew from the readings of this node."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from anlan.kernel.errors import Refusal
from anlan.site.launcher.say import Trouble, line

SHOWN = 20


def completeness(arguments: list[str]) -> int:
    """Verify a proof; 0 when the readings say the same, 1 with the differences when they do not."""
    parser = argparse.ArgumentParser(prog="anlan completeness", description="Check what a proof of completeness says.")
    parser.add_argument("verb", choices=["verify"], help="reckon every figure of the proof anew from the stored readings")
    parser.add_argument("file", type=Path, help="the proof as exported from the page of a day")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    chosen = parser.parse_args(arguments)
    from anlan.sense.completeness import door

    try:
        told, differences = door.verify(chosen.file.read_bytes())
    except Refusal as refusal:
        raise Trouble(str(refusal.message())) from refusal
    if chosen.json:
        rows = [{"channel": each.channel, "name": each.name, "proved": each.proved, "found": each.found} for each in differences]
        line(json.dumps({"agrees": not rows, "points": len(told["points"]), "sums": told["sums"], "differences": rows}))
        return 1 if rows else 0
    line(f"{told['enterprise']}, {told['day']}: {len(told['points'])} points, proof of {told['made_at']}, SHA-256 {told['sha256']}")
    line("  " + ", ".join(f"{name} {value}" for name, value in told["sums"].items()))
    if not differences:
        line("The proof holds: the stored readings give the same figures for every point.")
        return 0
    line(f"The stored readings give other figures ({len(differences)}). Late data after the proof makes more received and fewer missing.")
    for each in differences[:SHOWN]:
        line(f"  channel {each.channel}: {each.name} {each.proved} in the proof, {each.found} now")
    return 1
