"""How long the oxygen of a squad lasts: when it must turn back, at what pressure, and by when it must be out.

The squad is as strong as its weakest: it turns when the first of its members must. What is used a minute is the greater of what the maker rates and what was
measured on the way in, so that somebody who breathes hard shortens the time and nobody lengthens it beyond rating.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Apparatus:
    """A breathing apparatus with oxygen: full pressure (MPa), and the minutes for which its maker rates it."""

    full: float
    minutes: float

    @property
    def rate(self) -> float:
        """MPa used a minute by rating."""
        return self.full / self.minutes


@dataclass(frozen=True)
class Figures:
    """What rules ask: MPa kept back untouched, and the share of the rest that the way in may use (0 to 1)."""

    reserve: float
    outward: float


@dataclass(frozen=True)
class Limits:
    """For a squad that is in: MPa at which it turns, the moment at which it reaches that, and the moment by which it must be out."""

    turn_pressure: float
    turn_at: datetime
    out_by: datetime


def turn_pressure(pressure: float, figures: Figures) -> float:
    """MPa at which whoever went in with ``pressure`` turns back."""
    return pressure - figures.outward * max(pressure - figures.reserve, 0.0)


def at_entry(pressures: Sequence[float], apparatus: Apparatus, figures: Figures, entered: datetime) -> Limits:
    """Limits of a squad that goes in now, by rating; ``pressures`` of its members in order."""
    return _limits([(each, turn_pressure(each, figures), apparatus.rate) for each in pressures], figures.reserve, entered)


def on_the_way(
    pressures: Sequence[float], entered: datetime, told: Sequence[float], at: datetime, apparatus: Apparatus, figures: Figures
) -> Limits:
    """Limits once the squad that went in with ``pressures`` has told its pressures: everybody's in the same order, or the lowest alone."""
    minutes = (at - entered).total_seconds() / 60
    turns = [turn_pressure(each, figures) for each in pressures]
    # Of the lowest alone nobody knows whose it is: it is held against the highest at which anybody turns.
    unnamed = [(min(pressures), min(told), max(turns))]
    pairs = list(zip(pressures, told, turns, strict=True)) if len(told) == len(pressures) else unnamed
    # Within the first minute a gauge tells nothing of what is used a minute.
    members = [(now, turn, max(apparatus.rate, (before - now) / minutes if minutes >= 1 else 0.0)) for before, now, turn in pairs]
    return _limits(members, figures.reserve, at)


def _limits(members: Sequence[tuple[float, float, float]], reserve: float, at: datetime) -> Limits:
    """``members``: present pressure, pressure at which to turn, MPa a minute."""

    def first(pressures: Sequence[float]) -> datetime:
        minutes = min(max(now - until, 0.0) / rate for (now, _turn, rate), until in zip(members, pressures, strict=True))
        return at + timedelta(minutes=minutes)

    turns = [max(turn, reserve) for _now, turn, _rate in members]
    return Limits(max(turns), first(turns), first([reserve] * len(members)))
