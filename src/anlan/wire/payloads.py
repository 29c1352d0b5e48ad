"""What a device may send: the platform's own batch, SenML or telemetry, told apart by their shape. The own batch is tried first, in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from anlan.wire import readings, senml, telemetry
from anlan.wire.readings import MAX_PAYLOAD_BYTES, Decoded


def _no_units() -> Mapping[str, str]:
    return {}


def decode(
    payload: bytes,
    received_ms: int,
    units: Callable[[], Mapping[str, str]] = _no_units,
    *,
    most_bytes: int = MAX_PAYLOAD_BYTES,
) -> Decoded:
    """Read a payload of any shape.

    ``received_ms``: moment of receipt (ms since 1970 UTC), for times that count from it; ``units``: gives the unit of each point of the
    device by code, asked only for what names units. Raises ``PayloadTooLarge``, ``MalformedJson``, ``MalformedShape``, ``MalformedPack``
    when nothing in it can be used.
    """
    found = readings.decode_quickly(payload, most_bytes)
    if found is not None:
        return found
    raw = readings.loaded(payload)
    if senml.is_pack(raw):
        return senml.decode(raw, received_ms, units())
    if telemetry.is_telemetry(raw):
        return telemetry.decode(raw, received_ms)
    return readings.decode_patiently(raw)
