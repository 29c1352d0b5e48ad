"""Gas analysis of special works: what a sample must show, and for how long it holds. Pure.

Sources: GB 30871-2022 5.3 (hot work), 6.3 to 6.5 (confined space); toxic limits by GBZ 2.1 as rows of ``data/toxic_limits.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule
from anlan.prevent.permits import refusals, rules
from anlan.prevent.permits.rules import CHINA, Grade

COMBUSTIBLE, OXYGEN, OXYGEN_RICH = "combustible", "oxygen", "oxygen_rich"
QUANTITIES: dict[str, str] = {COMBUSTIBLE: N_("可燃气体"), OXYGEN: N_("氧含量")}


@dataclass(frozen=True, kw_only=True)
class GasLimit(DatedRule):
    """Within which bounds a quantity passes; for combustible gas by its lower explosive limit (% vol)."""

    code: str
    quantity: str
    lel_from_percent: float | None
    lel_below_percent: float | None
    minimum: float | None
    maximum: float | None
    unit: str
    name_zh: str
    name_en: str
    article: str


@dataclass(frozen=True, kw_only=True)
class ToxicLimit(DatedRule):
    """Up to how much of a toxic gas (mg/m³) people may work in."""

    code: str
    name_zh: str
    limit_mg_m3: float
    basis: str
    article: str


@dataclass(frozen=True)
class Toxic:
    """One toxic gas as it was read, mg/m³, with the limit it was judged by."""

    name: str
    value: float
    limit: float


@dataclass(frozen=True)
class Reading:
    """One sample. Per cent by volume; ``lel``: lower explosive limit of the gas (``None``: unknown, judged by the stricter limit);
    ``rich``: surroundings rich in oxygen by the process."""

    sampled_at: datetime
    combustible: float | None = None
    lel: float | None = None
    oxygen: float | None = None
    rich: bool = False
    toxics: tuple[Toxic, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why a sample does not pass: ``value`` ``None`` means it was not read. ``quantity`` is a name to show."""

    quantity: str
    value: float | None
    minimum: float | None
    maximum: float | None
    unit: str


def wanted(row: Grade) -> tuple[str, ...]:
    """Quantities without which a sample says nothing: combustible gas for fire, oxygen too where people go inside."""
    if not row.gas:
        return ()
    return (COMBUSTIBLE, OXYGEN) if row.kind == rules.CONFINED_SPACE else (COMBUSTIBLE,)


def check_possible(reading: Reading) -> None:
    """Refuse what no instrument shows: beyond 0 to 100 % by volume, negative, not a number. Raises ``ImpossibleReading``."""
    percents = ((QUANTITIES[COMBUSTIBLE], reading.combustible), (QUANTITIES[OXYGEN], reading.oxygen), (N_("爆炸下限"), reading.lel))
    for name, value in percents:
        if value is not None and not (isfinite(value) and 0 <= value <= 100):
            raise refusals.ImpossibleReading(quantity=name, value=value)
    if reading.lel == 0:
        raise refusals.ImpossibleReading(quantity=N_("爆炸下限"), value=0)
    for toxic in reading.toxics:
        if not (isfinite(toxic.value) and toxic.value >= 0 and isfinite(toxic.limit) and toxic.limit > 0):
            raise refusals.ImpossibleReading(quantity=toxic.name, value=toxic.value)


def limit_for(limits: Iterable[GasLimit], reading: Reading, quantity: str) -> GasLimit | None:
    """The row that judges a quantity of this sample. An unknown explosive limit is judged as the lower one."""
    if quantity == OXYGEN and reading.rich:
        quantity = OXYGEN_RICH
    lel = reading.lel if reading.lel is not None else 0.0
    for row in limits:
        if row.quantity != quantity:
            continue
        if (row.lel_from_percent is None or lel >= row.lel_from_percent) and (row.lel_below_percent is None or lel < row.lel_below_percent):
            return row
    return None


def failures(reading: Reading, row: Grade, limits: Iterable[GasLimit]) -> tuple[Failure, ...]:
    """What of a sample does not pass for a permit of this grade; empty: it passes.

    What was read is judged even where the grade does not ask for it: bad air near hot work stops it too.
    """
    limits = tuple(limits)
    found: list[Failure] = []
    needed = wanted(row)
    for quantity, value in ((COMBUSTIBLE, reading.combustible), (OXYGEN, reading.oxygen)):
        if value is None and quantity not in needed:
            continue
        limit = limit_for(limits, reading, quantity)
        low = limit.minimum if limit is not None else None
        high = limit.maximum if limit is not None else None
        if value is None or limit is None or (low is not None and value < low) or (high is not None and value > high):
            found.append(Failure(QUANTITIES[quantity], value, low, high, limit.unit if limit is not None else "%vol"))
    found += [Failure(toxic.name, toxic.value, None, toxic.limit, "mg/m³") for toxic in reading.toxics if toxic.value > toxic.limit]
    return tuple(found)


def newest(readings: Iterable[Reading], now: datetime) -> Reading | None:
    """The sample taken last until ``now``; records that came late count by when they were taken."""
    past = [reading for reading in readings if reading.sampled_at <= now]
    return max(past, key=lambda reading: reading.sampled_at, default=None)


def check(
    row: Grade,
    readings: Iterable[Reading],
    limits: Iterable[GasLimit],
    *,
    now: datetime,
    starting: bool = False,
    paused_at: datetime | None = None,
    say: Mapping[str, str] | None = None,
) -> None:
    """Whether the air allows work of this grade at ``now``: beginning (``starting``), going on after a break (``paused_at``), or going on.

    Raises ``GasMissing``, ``GasFailed``, ``GasTooOld`` (sampled more than 30 min before start), ``GasAfterBreak`` (a break longer than
    30 or 60 min without a new sample), ``GasOtherDay`` (hot work: a sample each day before start). ``say`` translates names of quantities.
    """
    if not row.gas:
        return
    before = row.sample_before_minutes or 0
    last = newest(readings, now)
    if last is None:
        raise refusals.GasMissing(minutes=before)
    wrong = failures(last, row, limits)
    if wrong:
        raise refusals.GasFailed(at=_told(last.sampled_at), failures=describe(wrong, say or {}))
    too_old = now - last.sampled_at > timedelta(minutes=before)
    if starting and too_old:
        raise refusals.GasTooOld(at=_told(last.sampled_at), minutes=before)
    if paused_at is not None:
        longest = row.retest_after_minutes or 0
        if now - paused_at > timedelta(minutes=longest) and (last.sampled_at < paused_at or too_old):
            raise refusals.GasAfterBreak(minutes=longest)
        if row.kind == rules.HOT_WORK and last.sampled_at.astimezone(CHINA).date() != now.astimezone(CHINA).date():
            raise refusals.GasOtherDay(at=_told(last.sampled_at))


def record_overdue(row: Grade, readings: Iterable[Reading], *, now: datetime, since: datetime, every_minutes: int) -> bool:
    """Whether a continuous watch owes its next record (6.5): the last one, or the beginning, lies longer back than that."""
    if row.kind != rules.CONFINED_SPACE:
        return False
    last = newest(readings, now)
    marked = max(since, last.sampled_at) if last is not None else since
    return now - marked > timedelta(minutes=every_minutes)


def describe(wrong: Iterable[Failure], say: Mapping[str, str]) -> str:
    """Failures in one line: name, value, bounds."""
    parts = []
    for each in wrong:
        name = say.get(each.quantity, each.quantity)
        bounds = "–".join(f"{bound:g}" for bound in (each.minimum, each.maximum) if bound is not None)
        value = "—" if each.value is None else f"{each.value:g}"
        sign = "≤" if each.minimum is None and bounds else ""
        parts.append(f"{name} {value} {each.unit}（{sign}{bounds}）" if bounds else f"{name} {value}")
    return "；".join(parts)


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%m-%d %H:%M}"
