"""First step of ``./anlan``: make the checkout's own Python environment from the lock files, then hand over to ``main`` inside it.

Runs on any Python 3.11 with nothing installed. When nothing changed since the last time it costs some hundredths of a second.
"""

from __future__ import annotations

import os
import sys
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


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    from anlan.site.launcher.say import hand_over

    found = prepare(sys.argv[1:])
    if isinstance(found, int):
        sys.exit(found)
    sys.stdout.flush()
    hand_over()
    os.execv(found, [str(found), "-m", "anlan.site.launcher.main", *sys.argv[1:]])
