"""Limits of concentration of a chemical, as thresholds of zones: toxic ones for a time of exposure, then flammable, then occupational."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from anlan.consequence.toxic_levels import toxic_levels
from anlan.ground.chemicals import catalogue, rules
from anlan.ground.chemicals.catalogue import LimitRow

PPM_OF_PERCENT = 10_000.0
_ORDER = {code: number for number, code in enumerate(rules.SCHEMES)}
_OCCUPATIONAL = ("MAC", "PC-TWA", "PC-STEL")


@dataclass(frozen=True)
class Endpoint:
    """One limit: ``value`` in ``unit`` (``ppm`` or ``mg/m³``), breathed for ``minutes`` (0: no time belongs to it).

    ``label``: what it means, Chinese source text. ``kind``: ``toxic``, ``flammable`` or ``occupational``.
    """

    code: str
    label: str
    value: float
    unit: str
    minutes: int
    source: str
    status: str
    kind: str = rules.TOXIC


def endpoints(code: str, minutes: float = 60.0, *, on: date | None = None) -> tuple[Endpoint, ...]:
    """Limits for people who breathe for ``minutes``, worst level first; empty when none is known.

    Of AEGL the shortest tabulated time that is not shorter (20 minutes take 30, which is lower); none beyond 8 hours. ERPG only up to its
    60 minutes. IDLH and limits of work are told with the time of their own. ``on``: rows in force that day (``None``: any).
    Raises :class:`~anlan.ground.chemicals.rules.UnknownChemical`.
    """
    catalogue.entry(code)
    rows = [row for row in all_limits(code) if on is None or row.holds_on(on)]
    chosen = (*_timed(rows, minutes), *(row for row in rows if row.scheme not in ("AEGL", "ERPG")))
    toxic = sorted((_endpoint(row) for row in chosen), key=lambda each: _ORDER[each.code])
    return (
        *(each for each in toxic if each.kind == rules.TOXIC),
        *_flammable(code),
        *(each for each in toxic if each.kind == rules.OCCUPATIONAL),
    )


def all_limits(code: str) -> tuple[LimitRow, ...]:
    """Every limit held for a chemical, for every time of exposure, worst level first."""
    shared = (
        LimitRow(
            chemical=code,
            scheme=row.scheme,
            level=row.level,
            minutes=int(row.duration_min),
            value=row.value,
            unit=row.unit,
            source=row.source,
            status=row.status,
            effective_from=row.effective_from,
            effective_to=row.effective_to,
        )
        for row in toxic_levels()
        if row.substance == code and row.value is not None
    )
    return tuple(sorted((*shared, *catalogue.limits(code)), key=lambda row: (_ORDER[row.code], row.minutes)))


def _timed(rows: list[LimitRow], minutes: float) -> Iterator[LimitRow]:
    """Of each level of AEGL and ERPG the row for that time."""
    best: dict[str, LimitRow] = {}
    for row in rows:
        if row.scheme in ("AEGL", "ERPG") and row.minutes >= minutes and (row.code not in best or row.minutes < best[row.code].minutes):
            best[row.code] = row
    yield from best.values()


def _endpoint(row: LimitRow) -> Endpoint:
    kind = rules.OCCUPATIONAL if row.scheme in _OCCUPATIONAL else rules.TOXIC
    return Endpoint(row.code, rules.SCHEMES[row.code], row.value, row.unit, row.minutes, row.source, row.status, kind)


def _flammable(code: str) -> Iterator[Endpoint]:
    for row in catalogue.figures(code):
        if row.field == "lower_flammability_percent":
            whole = row.value * PPM_OF_PERCENT
            yield Endpoint("LFL", rules.SCHEMES["LFL"], whole, "ppm", 0, row.source, row.status, rules.FLAMMABLE)
            half = f"{row.source}; share {rules.LFL_SHARE:g}: project default"
            yield Endpoint("LFL-50", rules.SCHEMES["LFL-50"], whole * rules.LFL_SHARE, "ppm", 0, half, "unverified", rules.FLAMMABLE)
            return
