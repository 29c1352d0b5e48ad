"""What a station said, free of its writing."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.kernel.errors import Refusal

FIVE_MINUTES_MS = 300_000


@dataclass(frozen=True, slots=True)
class Value:
    """One number. ``time_ms``: ms since 1970 UTC; ``element``: the standard's letters (``Z``, ``PT`` …) or digits (``76H``).

    ``definition``: the second byte of its identifier, with which it can be asked for again; ``None`` where it has none of its own.
    """

    time_ms: int
    element: str
    number: float
    definition: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The body of one telegram. ``kind``: the station's code of appendix A; ``status``: element 45H; ``text``: entered by hand (F2H)."""

    serial: int
    sent_ms: int | None
    station: str
    kind: int | None = None
    values: tuple[Value, ...] = ()
    status: int | None = None
    text: str = ""
    refused: tuple[Refusal, ...] = ()
