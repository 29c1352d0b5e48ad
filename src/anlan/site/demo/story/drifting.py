"""T−20: the pressure of tank A leaves its temperature, 0.4 % a minute. No limit is near; the unit as a whole is no longer what it was.

The readings are invented; that they are told, and which points they blame, is what the detector itself finds in them (``ProcessUnit``, by a model learnt
from the normal hours before).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection import multivariate
from anlan.sense.detection.ordering import fresh_rows
from anlan.sense.detection.units import ProcessUnit
from anlan.sense.detection.watching import Bound
from anlan.wire.blocks import EXERCISE, Block
from anlan.wire.criteria import Criterion, Unit
from anlan.wire.detections import Transition

POINTS = ("PT-A", "TT-A", "LT-A")
RULE, HINT_LEVEL = "CL-1-A", 4
STEP_MS = 60_000
HOURS_BEFORE = 12
PRESSURE_KPA, TEMPERATURE_C, LEVEL_M = 620.0, 17.0, 1.7
KPA_A_DEGREE = 20.0
"""How the vapour pressure of chlorine follows its temperature about 17 °C, rounded; invented like the rest."""
DRIFT_A_MINUTE = 0.004
_DIGEST = "0" * 64
"""The model stays in this process: nobody asks for it by its digest."""


def hint(points: Mapping[str, int], begins: datetime, until: datetime) -> Transition | None:
    """What the detector tells of the tank while its pressure drifts in [begins, until); ``None`` where it finds nothing.

    ``points``: channel by code, :data:`POINTS` among them. The facts name the points that contribute most.
    """
    rows = HOURS_BEFORE * 60
    drifting = int((until - begins).total_seconds() // 60)
    readings = _readings(rows + drifting)
    readings[rows:, 0] *= 1 + DRIFT_A_MINUTE * np.arange(1, drifting + 1)
    channels = tuple(points[code] for code in POINTS)
    first_ms = round(begins.timestamp() * 1000) - rows * STEP_MS
    watching = _watching(readings[:rows], channels, first_ms)
    said = watching.feed(fresh_rows(_block(readings, channels, first_ms), np.full(max(channels) + 1, -1, np.int64)))
    began_ms = first_ms + rows * STEP_MS
    return next((each for each in said if each.change == "raise" and each.raised_ms >= began_ms), None)


def _readings(rows: int) -> NDArray[np.float64]:
    """A tank as it usually stands, minute by minute: the pressure follows the temperature, the level stays."""
    chance = np.random.default_rng(214)
    warmth = np.cumsum(chance.normal(0, 0.01, rows))
    temperature = TEMPERATURE_C + warmth + chance.normal(0, 0.04, rows)
    pressure = PRESSURE_KPA + KPA_A_DEGREE * warmth + chance.normal(0, 1.5, rows)
    return np.column_stack([pressure, temperature, LEVEL_M + chance.normal(0, 0.004, rows)])


def _watching(normal: NDArray[np.float64], channels: Sequence[int], since_ms: int) -> ProcessUnit:
    watching = ProcessUnit()
    watching.learn(_DIGEST, multivariate.trained(normal, multivariate.principal_components))
    unit = Unit(tuple(channels), STEP_MS / 1000, _DIGEST)
    watching.bind([Bound(Criterion(RULE, HINT_LEVEL, unit), np.array([channels[0]], np.int32), since_ms)])
    return watching


def _block(readings: NDArray[np.float64], channels: Sequence[int], first_ms: int) -> Block:
    moments = first_ms + np.arange(len(readings), dtype=np.int64) * STEP_MS
    many = len(channels)
    return Block(
        np.tile(np.array(channels, np.int32), len(readings)),
        np.repeat(moments, many),
        readings.ravel(),
        np.full(readings.size, EXERCISE, np.uint8),
    )
