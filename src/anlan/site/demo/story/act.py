"""What an act is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anlan.site.demo.story.stage import Stage


@dataclass(frozen=True)
class Act:
    """One thing done at T0 and so many ``minutes`` by somebody of the cast (``role``), told in one sentence.

    ``seen``: the kind of page on which it can be looked at (see ``places``). An act without a sentence is a piece of another: of no line of its own.
    """

    code: str
    minutes: float
    play: Callable[[Stage], object]
    told: str = ""
    role: str = ""
    seen: str = ""
