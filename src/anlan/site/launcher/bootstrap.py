"""First step of ``./anlan``: make the checkout's own Python environment from the lock files, then hand over to ``main`` inside it.

Runs on any Python 3.11 with nothing installed. When nothing changed since the last time it costs some hundredths of a second.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
NEEDS_DEVELOPMENT_TOOLS = {"test", "bench"}


def prepare(arguments: list[str]) -> Path | int:
    """The environment's Python, ready; on trouble an exit code, after a plain sentence."""
    from anlan.site.launcher import python_packages, say

    try:
        return python_packages.ensure(ROOT, development=bool(arguments) and arguments[0] in NEEDS_DEVELOPMENT_TOOLS)
    except say.Trouble as trouble:
        say.complain(str(trouble))
        return trouble.exit_code
    except OSError as error:
        say.complain(say.explain(error))
        return 1
    except KeyboardInterrupt:
        say.complain("interrupted; run the same command again to go on.")
        return 130


def keep_bytecode(environment: MutableMapping[str, str], root: Path) -> None:
    """Let every process started from here keep what it compiled; who wants no bytecode beside the sources gets it below ``.anlan``.

    Without it each of a node's processes, and each one that a test starts, compiles some three thousand modules anew: two to five seconds of
    processor before it does anything.
    """
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        environment.setdefault("PYTHONPYCACHEPREFIX", str(root / ".anlan" / "bytecode"))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    from anlan.site.launcher.say import hand_over

    found = prepare(sys.argv[1:])
    if isinstance(found, int):
        sys.exit(found)
    sys.stdout.flush()
    hand_over()
    keep_bytecode(os.environ, ROOT)
    os.execv(found, [str(found), "-m", "anlan.site.launcher.main", *sys.argv[1:]])
