"""The command ``anlan``: one table of subcommands. Further rooms add theirs by a line."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module

from anlan import __version__
from anlan.site.launcher.say import Trouble, complain, explain, line


@dataclass(frozen=True)
class Command:
    """A subcommand: ``module:function`` taking the remaining arguments and returning the exit code.

    ``in_node``: it works on the node's engines; their addresses are put into the environment and Django is set up first.
    """

    says: str
    target: str
    in_node: bool = False


COMMANDS: dict[str, Command] = {
    "start": Command("set the node up if need be, and start it", "anlan.site.launcher.start:start"),
    "stop": Command("stop the node in order", "anlan.site.launcher.start:stop"),
    "status": Command("say what runs (--json)", "anlan.site.launcher.status:status"),
    "logs": Command("show the log of a service (-f follows)", "anlan.site.launcher.reading:logs"),
    "doctor": Command("say what is missing and how to mend it", "anlan.site.launcher.doctor:doctor"),
    "completeness": Command(
        "completeness verify FILE: reckon a proof anew from the readings", "anlan.site.launcher.proofs:completeness", in_node=True
    ),
    "audit": Command("audit verify: recompute the chain of the audit log", "anlan.site.launcher.inspection:audit", in_node=True),
    "replay": Command("play a CSV or Parquet series as a device", "anlan.sense.stream.replay:main", in_node=True),
    "load-telemetry": Command("let many devices speak to this node, well or badly", "anlan.site.load.main:load_telemetry", in_node=True),
    "wire": Command(
        "wire decode: say what frames of equipment say; wire check: hold samples against labels", "anlan.sense.gateways.inspecting:main"
    ),
    "model": Command(
        "model list: published models of accidents and hazards; model run NAME --json INPUTS: run one", "anlan.site.launcher.models:main"
    ),
    "roads": Command("roads import FILE: read a net of roads (OSM, shapefile, GeoJSON)", "anlan.ground.roads.command:main", in_node=True),
    "pack": Command(
        "pack load FOLDER, pack check FOLDER, pack list: sector packs as folders of tables", "anlan.ground.packs.command:main", in_node=True
    ),
    "manage": Command("run a Django management command on this node", "anlan.site.launcher.inspection:manage", in_node=True),
    "test": Command("run every check and test (arguments go to pytest)", "anlan.site.launcher.testing:test"),
    "bench": Command("measure (NAME, --json)", "anlan.site.launcher.measuring:bench"),
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit code. Troubles are one plain sentence, defects keep their traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in {"-h", "--help", "help"}:
        _usage()
        return 0
    if words[0] in {"-V", "--version", "version"}:
        line(f"anlan {__version__}")
        return 0
    command = COMMANDS.get(words[0])
    if command is None:
        complain(f"there is no command {words[0]!r}. ./anlan help lists them.")
        return 2
    try:
        if command.in_node:
            _enter_node()
        module, _, function = command.target.partition(":")
        return int(getattr(import_module(module), function)(words[1:]) or 0)
    except Trouble as trouble:
        complain(str(trouble))
        return trouble.exit_code
    except KeyboardInterrupt:
        complain("interrupted.")
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away, as `anlan logs | head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno is None or error.filename is None:
            raise
        complain(explain(error))
        return 1


def _usage() -> None:
    line("usage: ./anlan COMMAND [ARGUMENTS]   (./anlan COMMAND --help says more)\n")
    for name, command in COMMANDS.items():
        line(f"  {name:<14} {command.says}")
    line("\nData lies in ANLAN_HOME. ANLAN_DATABASE_URL, ANLAN_NATS_URL and ANLAN_TELEMETRY_URL replace the node's own engines.")


def _enter_node() -> None:
    """Give this process the environment of the node's services, and set Django up in it."""
    from anlan.site.launcher import node as nodes

    found = nodes.read(nodes.home_folder())
    if found is not None:
        os.environ.update(found.environment())
        os.environ.pop("ANLAN_LOGS")
    elif not os.environ.get("ANLAN_DATABASE_URL"):
        raise Trouble(f"No node was started in {nodes.home_folder()} yet. Start it first: ./anlan start")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
