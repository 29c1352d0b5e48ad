"""The process that runs models: one JSON line in, one JSON line out, until its input ends. Started by :mod:`.reckoning`; knows no Django.

It may be killed at any moment: it holds nothing, writes nothing and opens nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from collections.abc import Mapping
from typing import Any

MOST_MEMORY = 2 * 1024**3
"""Bytes of address space: a reckoning that wants more fails here and not on the node. Project default."""
NICENESS = 5
"""Pages come before reckonings."""


def answer_to(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What one request gives: ``answer``, or ``refused`` (class and facts, so that the asker can raise it), ``too_large``, or ``fault``."""
    from anlan.command.modelling.telling import untranslated
    from anlan.consequence.catalogue import model
    from anlan.kernel.errors import Refusal

    try:
        chosen = model(asked["model"])
        return {"answer": untranslated(chosen, chosen.answer(asked["inputs"]))}
    except Refusal as refused:
        kind = type(refused)
        facts = {name: str(fact) for name, fact in refused.facts.items()}
        return {"refused": {"module": kind.__module__, "name": kind.__qualname__, "facts": facts}}
    except MemoryError:
        return {"too_large": True}
    except (ArithmeticError, ValueError, TypeError) as fault:
        return {"fault": f"{type(fault).__name__}: {fault}"}


def main() -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    out = sys.stdout
    for line in sys.stdin:
        out.write(json.dumps(answer_to(json.loads(line)), ensure_ascii=False) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
