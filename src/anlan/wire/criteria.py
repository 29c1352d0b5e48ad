"""Rules of detection beyond a point's own limits, as they travel from the room of criteria to the detector.

One message per rule on ``criteria.<code>``; the last one holds. A message that is not in force withdraws the rule. What a rule of each kind
means, with its formula, stands in docs/detection.md.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]
Span = Annotated[float, Meta(gt=0, le=31_536_000)]
Finite = Annotated[float, Meta(ge=-1e300, le=1e300)]
Positive = Annotated[float, Meta(gt=0, le=1e300)]
NotNegative = Annotated[float, Meta(ge=0, le=1e300)]
Level = Annotated[int, Meta(ge=1, le=4)]
Channel = Annotated[int, Meta(ge=0, le=2_000_000_000)]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Direction = Literal["up", "down", "both"]


class MalformedCriterion(Refusal):
    code: ClassVar[str] = "criterion_malformed"
    sentence: ClassVar[str] = N_("检测规则无法识别：{reason}。")
    status: ClassVar[int] = 422


class Limit(msgspec.Struct, frozen=True, tag="LIMIT", tag_field="kind", forbid_unknown_fields=True):
    """Reached at ``limit`` (upward words at or above, downward at or below), left beyond ``restore`` (empty: the limit itself).

    ``word``: HH, H, L or LL. ``dwell_s``: reached that long before it rises; ``hold_s``: left that long before it clears.
    """

    word: Literal["HH", "H", "L", "LL"]
    limit: Finite
    restore: Finite | None = None
    dwell_s: Seconds = 0.0
    hold_s: Seconds = 0.0


class Rate(msgspec.Struct, frozen=True, tag="RATE", tag_field="kind", forbid_unknown_fields=True):
    """Change per minute, over ``window_s``, reaches ``per_minute``. ``window_s`` 0: between one reading and the next (a step)."""

    per_minute: Positive
    window_s: Seconds = 60.0
    direction: Direction = "both"
    dwell_s: Seconds = 0.0
    hold_s: Seconds = 0.0


class Frozen(msgspec.Struct, frozen=True, tag="FROZEN", tag_field="kind", forbid_unknown_fields=True):
    """Unchanged within ``tolerance`` for ``for_s`` while readings arrive, no two further apart than ``gap_s``."""

    for_s: Span
    tolerance: NotNegative = 0.0
    gap_s: Span = 900.0


class Blocked(msgspec.Struct, frozen=True, tag="BLOCKED", tag_field="kind", forbid_unknown_fields=True):
    """Frozen as above while at least one of ``neighbours`` ranged over more than ``moved`` (coal criteria 2026, 14(7): blocked sensor)."""

    for_s: Span
    neighbours: Annotated[tuple[Channel, ...], Meta(min_length=1, max_length=32)]
    moved: NotNegative
    tolerance: NotNegative = 0.0
    gap_s: Span = 900.0


class Range(msgspec.Struct, frozen=True, tag="RANGE", tag_field="kind", forbid_unknown_fields=True):
    """Outside the measuring range of the instrument, or outside ``low``–``high`` where given."""

    low: Finite | None = None
    high: Finite | None = None
    dwell_s: Seconds = 0.0
    hold_s: Seconds = 0.0


class Drift(msgspec.Struct, frozen=True, tag="DRIFT", tag_field="kind", forbid_unknown_fields=True):
    """The mean over ``window_s`` differs by ``difference`` or more from that of the point ``twin``."""

    twin: Channel
    difference: Positive
    window_s: Span = 3600.0


class Silent(msgspec.Struct, frozen=True, tag="SILENT", tag_field="kind", forbid_unknown_fields=True):
    """No reading for ``times`` expected intervals."""

    interval_s: Span
    times: Annotated[float, Meta(ge=1, le=1000)] = 3.0


class Repeated(msgspec.Struct, frozen=True, tag="REPEATED", tag_field="kind", forbid_unknown_fields=True):
    """The same sequence of up to :data:`LAGS` values comes again and again, ``readings`` times without a difference."""

    readings: Annotated[int, Meta(ge=8, le=30000)] = 96


class Configured(msgspec.Struct, frozen=True, tag="CONFIGURED", tag_field="kind", forbid_unknown_fields=True):
    """The point's own limits are missing or laxer than ``h`` and ``hh`` (coal criteria 2026, 14(5): wrong thresholds)."""

    h: Finite | None = None
    hh: Finite | None = None


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One point compared. ``age_s``: an older reading counts as unknown, which is not fulfilled."""

    channel: Channel
    compare: Literal[">=", ">", "<=", "<", "==", "!="]
    limit: Finite
    hysteresis: NotNegative = 0.0
    age_s: Span = 3600.0


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a rule watches: minutes of the local day (``until`` before ``since``: over midnight) and days of the week, Monday = 0.

    ``offset_minutes``: local time before UTC; 480 is the time of China.
    """

    since: Annotated[int, Meta(ge=0, lt=1440)] = 0
    until: Annotated[int, Meta(ge=0, le=1440)] = 1440
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4, 5, 6)
    offset_minutes: Annotated[int, Meta(ge=-720, le=840)] = 480


class Combined(msgspec.Struct, frozen=True, tag="COMBINED", tag_field="kind", forbid_unknown_fields=True):
    """At least ``least`` of ``conditions`` (0: all) while every one of ``states`` holds and the calendar is open."""

    conditions: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=64)]
    least: Annotated[int, Meta(ge=0, le=64)] = 0
    states: Annotated[tuple[Condition, ...], Meta(max_length=16)] = ()
    hours: Hours | None = None
    dwell_s: Seconds = 0.0
    hold_s: Seconds = 0.0


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One point of a monitoring item with its four limits, as the design gives them (empty: that colour is not used)."""

    channel: Channel
    item: Annotated[str, Meta(min_length=1, max_length=40)]
    blue: Finite | None = None
    yellow: Finite | None = None
    orange: Finite | None = None
    red: Finite | None = None
    downward: bool = False


class Colours(msgspec.Struct, frozen=True, tag="COLOURS", tag_field="kind", forbid_unknown_fields=True):
    """Four colours of a tailings pond from its indicators. ``hold_s``: the colour falls only after so long.

    ``blue_points`` blue points of one item count as yellow, ``yellow_points`` as orange, ``orange_points`` as red, ``blue_items`` blue items
    as yellow; 0: no such step.
    """

    indicators: Annotated[tuple[Indicator, ...], Meta(min_length=1, max_length=2000)]
    blue_points: Annotated[int, Meta(ge=0)] = 4
    yellow_points: Annotated[int, Meta(ge=0)] = 3
    orange_points: Annotated[int, Meta(ge=0)] = 2
    blue_items: Annotated[int, Meta(ge=0)] = 4
    hold_s: Seconds = 0.0


class Virtual(msgspec.Struct, frozen=True, tag="VIRTUAL", tag_field="kind", forbid_unknown_fields=True):
    """A point reckoned from others: ``formula`` over the names in ``inputs``, told as readings of ``channel``."""

    channel: Channel
    formula: Annotated[str, Meta(min_length=1, max_length=500)]
    inputs: dict[Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")], Channel]
    age_s: Span = 3600.0


class Unit(msgspec.Struct, frozen=True, tag="UNIT", tag_field="kind", forbid_unknown_fields=True):
    """A process unit judged as a whole: ``channels`` in the order of the model's variables, one row every ``interval_s``.

    ``model``: SHA-256 of a model of its normal operation, which travels on ``models.<digest>``. Reached while a statistic passes its threshold,
    raised after ``in_a_row`` rows; a row wants a reading of every point that is at most ``age_s`` old.
    """

    channels: Annotated[tuple[Channel, ...], Meta(min_length=2, max_length=500)]
    interval_s: Span
    model: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    in_a_row: Annotated[int, Meta(ge=1, le=100)] = 3
    age_s: Span = 3600.0


Parameters = Limit | Rate | Frozen | Blocked | Range | Drift | Silent | Repeated | Configured | Combined | Colours | Virtual | Unit

LAGS = 32
"""Longest sequence, in readings, whose repetition is noticed."""

BY_KIND: dict[str, type[msgspec.Struct]] = {
    "LIMIT": Limit,
    "RATE": Rate,
    "FROZEN": Frozen,
    "BLOCKED": Blocked,
    "RANGE": Range,
    "DRIFT": Drift,
    "SILENT": Silent,
    "REPEATED": Repeated,
    "CONFIGURED": Configured,
    "COMBINED": Combined,
    "COLOURS": Colours,
    "VIRTUAL": Virtual,
    "UNIT": Unit,
}


class Scope(msgspec.Struct, frozen=True):
    """Which points a rule watches: those named and those of the named classes and risk sources, taken together."""

    channels: tuple[Channel, ...] = ()
    sensor_classes: tuple[str, ...] = ()
    device_classes: tuple[str, ...] = ()
    risk_sources: tuple[str, ...] = ()


class Suppression(msgspec.Struct, frozen=True):
    """From ``since_ms`` until ``until_ms`` nothing is raised; on ``channels`` alone where some are named."""

    since_ms: int
    until_ms: int
    channels: tuple[Channel, ...] = ()


class Criterion(msgspec.Struct, frozen=True):
    """One rule. ``in_force`` false withdraws it. ``code`` ends every name of an episode that the rule raises."""

    code: Code
    level: Level
    parameters: Parameters
    scope: Scope = Scope()
    suppressions: tuple[Suppression, ...] = ()
    in_force: bool = True


_decoder = msgspec.json.Decoder(Criterion)


def encode(criterion: Criterion) -> bytes:
    """The message that says ``criterion``; equal rules give equal bytes."""
    return msgspec.json.encode(criterion)


def decode(data: bytes) -> Criterion:
    """The rule in ``data``. Raises :class:`MalformedCriterion`."""
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedCriterion(reason=str(wrong)[:160]) from None


def parameters(kind: str, given: object) -> Parameters:
    """Plain values, as a form or a JSON column holds them, as parameters of ``kind``. Raises :class:`MalformedCriterion`."""
    if kind not in BY_KIND:
        raise MalformedCriterion(reason=kind)
    try:
        return msgspec.convert({**given, "kind": kind} if isinstance(given, dict) else given, Parameters)
    except msgspec.MsgspecError as wrong:
        raise MalformedCriterion(reason=str(wrong)[:160]) from None
