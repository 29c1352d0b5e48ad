"""``anlan test``: style, contracts, types, migrations, then every test, in parallel, on engines of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from anlan.site.environment import PROJECT
from anlan.site.launcher import browser, pages, preparation
from anlan.site.launcher.say import line, progress, step
from anlan.site.launcher.scratch import scratch_node

BIN = Path(sys.executable).parent
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
    ("style", (str(BIN / "ruff"), "check", "src", "tests", "manage.py")),
    ("format", (str(BIN / "ruff"), "format", "--check", "src", "tests", "manage.py")),
    ("contracts", (str(BIN / "lint-imports"),)),
    ("types", (str(BIN / "pyrefly"), "check", "--output-format", "min-text")),
)
WORKERS = "3"
"""One more than the processors asked for: tests of whole processes wait more than they work."""


def test(arguments: list[str]) -> int:
    """Without arguments every check and every test; with arguments only pytest with them.

    Pytest's own last line is the last, unless a check failed.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    pages.build_web()
    pages.compile_translations()
    found = browser.ensure_chromium()
    if found:
        os.environ["ANLAN_CHROMIUM"] = found
    with scratch_node(telemetry=True) as node, ThreadPoolExecutor(max_workers=1) as beside:
        checks = {name: beside.submit(_passes, name, command) for name, command in (() if arguments else CHECKS)}
        with step("Preparing the database that tests copy"):
            preparation.manage(node, "migrate", "--no-input", "-v", "0")
        if "migrations" in checks:
            # It looks into the database, and one that somebody looks into cannot be copied. The other checks may go on beside the tests.
            checks["migrations"].result()
        os.environ["ANLAN_TEST_TEMPLATE"] = "anlan"
        progress("Tests")
        code = _pytest(arguments)
        failed = [name for name, check in checks.items() if not check.result()]
    if failed:
        line(f"failed checks: {', '.join(failed)}")
    return code or (1 if failed else 0)


def _passes(name: str, command: tuple[str, ...]) -> bool:
    done = subprocess.run(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    progress(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}")
    if done.returncode != 0:
        line(done.stdout)
    return done.returncode == 0


def _pytest(arguments: list[str]) -> int:
    alone = any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in arguments)
    parallel = [] if alone else ["-n", WORKERS, "--dist", "loadscope"]
    command = [sys.executable, "-m", "pytest", *parallel, *(arguments or ["-q"])]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached pytest too; a plain SIGTERM did not. Let it close its databases.
        process.send_signal(signal.SIGINT)
        return process.wait() or 130
