"""``anlan model``: the published models of the consequence library, what they ask for, and one of them run.

``anlan model list [NAME] [--json]`` tells inputs with units, ranges and defaults; ``anlan model run NAME --json INPUTS`` runs one and prints JSON. INPUTS is
a JSON object, ``@file`` or ``-`` for standard input. A refusal is one sentence on standard error and exit code 2. Neither needs a node.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anlan.command.modelling.telling import answered, described
from anlan.consequence.catalogue import Input, Model, model, models
from anlan.kernel.errors import Refusal
from anlan.site.launcher.say import Trouble, line

REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command; returns the exit code. Raises :class:`Trouble` with the sentence of a refusal."""
    given = _arguments(arguments)
    try:
        if given.action == "list":
            _list([model(given.name)] if given.name else list(models().values()), as_json=given.json)
        else:
            _run(model(given.name), inputs(given.json))
    except Refusal as refusal:
        raise Trouble(refusal.message(), exit_code=REFUSED) from None
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="anlan model", description="Published models of accidents and natural hazards.")
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="inputs with units, ranges and defaults, outputs, sources")
    listing.add_argument("name", nargs="?", help="one model only")
    listing.add_argument("--json", action="store_true", help="as JSON")
    run = actions.add_parser("run", help="run one model")
    run.add_argument("name")
    run.add_argument("--json", required=True, metavar="INPUTS", help="inputs by name: a JSON object, @file, or - for standard input")
    return parser.parse_args(arguments)


def inputs(text: str) -> Mapping[str, Any]:
    """The inputs: JSON itself, ``@file`` or ``-``. Raises :class:`Trouble` with one sentence when it is no JSON object."""
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise Trouble(f"{text[1:]} cannot be read ({wrong}). Name a file of JSON.", exit_code=REFUSED) from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Trouble(f"The inputs are no JSON: {wrong}.", exit_code=REFUSED) from None
    if not isinstance(found, dict):
        raise Trouble("The inputs must be one JSON object of names and figures.", exit_code=REFUSED)
    return found


def _run(chosen: Model, given: Mapping[str, Any]) -> None:
    line(json.dumps(answered(chosen, chosen.answer(given)), ensure_ascii=False, indent=2))


# --- list ------------------------------------------------------------------------------------------------------------------------------


def _list(chosen: Sequence[Model], *, as_json: bool) -> None:
    if as_json:
        line(json.dumps([described(each) for each in chosen], ensure_ascii=False, indent=2))
        return
    for each in chosen:
        line(f"{each.code}  {each.title}  (version {each.version})")
        line(f"   {each.citation}")
        for asked in each.inputs:
            line(f"   → {asked.name:<18} {_unit(asked.unit):<10} {_range(asked):<28} {_default(asked):<16} {asked.meaning}")
        for told in each.outputs:
            line(f"   ← {told.name:<18} {_unit(told.unit):<10} {told.meaning}")
        line()


def _unit(unit: str) -> str:
    return unit or "-"


def _range(asked: Input) -> str:
    if asked.choices:
        shown = "|".join(asked.choices[:4])
        return f"{shown}|… ({len(asked.choices)})" if len(asked.choices) > 4 else shown
    if not math.isfinite(asked.low) and not math.isfinite(asked.high):
        return "any figure"
    below = "(" if asked.open_low else "["
    return f"{below}{asked.low:g}, {asked.high:g}]" + (" each" if asked.many else "")


def _default(asked: Input) -> str:
    return "required" if asked.default is None else f"default {asked.default}"
