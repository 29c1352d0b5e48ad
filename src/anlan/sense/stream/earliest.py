"""How old a reading may be when it comes. One law for every way in: the intake, HTTPS, SensorThings. No Django, no clock.

Late data are welcome years later: from an enterprise that was cut off, or one that brings its history. A device whose clock fell back to 1970 must
not pour readings into the past unseen. So a reading older than :data:`~anlan.sense.stream.rules.BEHIND_LIMIT_S` is taken when two things hold: the
device existed then (its *beginning*, which the registry tells: the day it was put into use, else its registration less a month), and a reading of
its class is still kept that long (:mod:`anlan.sense.stream.retention`), for one that is removed at once would be answered for in vain.
"""

from __future__ import annotations

from anlan.sense.stream import retention, rules

BEHIND, NOT_KEPT = "reading_clock_behind", "reading_not_kept"
_BEHIND_MS = round(rules.BEHIND_LIMIT_S * 1000)


def too_old(at_ms: int, since_ms: int, sensor_class: str, now_ms: int) -> str:
    """Why a reading of ``at_ms`` that comes at ``now_ms`` is too old; empty when it is not.

    ``since_ms``: the device's beginning, 0 where it is not known; all in ms since 1970 UTC. The last month is taken of any device, whatever is
    entered as its beginning: a wrong date must not silence it.
    """
    if at_ms >= now_ms - _BEHIND_MS:
        return ""
    if not 0 < since_ms <= at_ms:
        return BEHIND
    return "" if at_ms >= retention.late_from(sensor_class, now_ms) else NOT_KEPT
