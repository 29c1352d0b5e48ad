"""Telemetry as many gateways and boards send it: ``{"key": value}``, ``{"ts": ms, "values": {...}}``, or a list of either.

Keys are codes of points, values numbers; what is true or false counts as 1 and 0. Without ``ts`` the moment of receipt holds. What is no
finite number is refused one by one.
"""

from __future__ import annotations

from typing import Any

from anlan.kernel.errors import Refusal
from anlan.wire.readings import MAX_SAMPLES, Decoded, MalformedShape, NotANumber, Sample, finite, time_ms

TOPIC = "v1/devices/me/telemetry"
"""The topic that such equipment publishes on by habit. The stream server cannot tell there who sent: see ``docs/interfaces.md``."""

_SCALAR = (int, float, str, bool, type(None))


def is_telemetry(found: object) -> bool:
    """Whether loaded JSON has this shape: no sample of our own (``t``, ``v``) and nothing nested but ``values``."""
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, dict) or not first or {"t", "v"} & first.keys():
        return False
    if isinstance(first.get("values"), dict):
        return "ts" in first
    return all(isinstance(value, _SCALAR) for value in first.values())


def decode(found: object, received_ms: int) -> Decoded:
    """Samples of loaded JSON. ``received_ms``: moment of receipt, ms since 1970 UTC. Raises ``MalformedShape`` for an empty list."""
    raw = found if isinstance(found, list) else [found]
    if not 0 < len(raw) <= MAX_SAMPLES:
        raise MalformedShape(reason=f"[{len(raw)}]")
    samples: list[Sample] = []
    refused: list[Refusal] = []
    timeless = False
    for item in raw:
        try:
            moment, values = _item(item)
        except Refusal as refusal:
            refused.append(refusal)
            continue
        good: dict[str, float] = {}
        for name, value in values.items():
            number = float(value) if isinstance(value, bool) else finite(value)
            if number is None:
                refused.append(NotANumber(sensor=name[:64], value=str(value)[:40]))
            else:
                good[name] = number
        if good:
            timeless |= moment is None
            samples.append(Sample(received_ms if moment is None else moment, good))
    return Decoded(tuple(samples), tuple(refused), timeless)


def _item(item: Any) -> tuple[int | None, dict[str, Any]]:
    """Time and values of one item; ``None``: it tells no time."""
    if not isinstance(item, dict) or not item:
        raise MalformedShape(reason=type(item).__name__)
    if not isinstance(item.get("values"), dict):
        # A flat object whose key is "ts" names a point of that name no less than any other.
        return None, item
    if "ts" not in item:
        raise MalformedShape(reason="ts")
    return time_ms(item["ts"]), item["values"]
