"""Long reckonings can be called off: they ask between members and pieces whether they should stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ShouldStop = Callable[[], bool]


class Cancelled(Refusal):
    code: ClassVar[str] = "reckoning_cancelled"
    sentence: ClassVar[str] = N_("计算已取消，没有结果。需要时请重新开始计算。")
    status: ClassVar[int] = 409


def never() -> bool:
    """Go on to the end."""
    return False


def proceed(should_stop: ShouldStop) -> None:
    """Go on, or raise :class:`Cancelled`."""
    if should_stop():
        raise Cancelled()
