"""What other rooms may ask of the uplink: who a machine is that comes by HTTP, and storing readings on behalf of its devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.wire.readings import Sample

__all__ = ["MACHINE", "Receipt", "RefusedReason", "by_credential", "check_time", "observe"]

MACHINE = "device"
"""Kind of the actor that stands for a device credential."""


@dataclass(frozen=True)
class RefusedReason:
    """``count`` values were refused for one reason; a few ``examples`` of the refusals themselves."""

    code: str
    count: int
    examples: tuple[Refusal, ...]


@dataclass(frozen=True)
class Receipt:
    """What became of a request: values accepted and refused. ``duplicate``: the stream had all of it already."""

    accepted: int
    refused: int
    duplicate: bool
    reasons: tuple[RefusedReason, ...] = ()


def by_credential(request: HttpRequest) -> Actor | None:
    """The machine named by the request's device credential (HTTP Basic); ``None`` when it carries none. Raises what refuses it."""
    from anlan.sense.uplink import admission

    return admission.by_credential(request)


def check_time(at_ms: int, beginning: datetime, sensor_class: str, now_ms: int) -> None:
    """Raise a refusal when the stream takes no reading of the moment ``at_ms`` (ms since 1970 UTC) from a point of ``sensor_class`` of a device
    that measured nothing before ``beginning``."""
    from anlan.sense.uplink import services

    services.check_time(at_ms, beginning, sensor_class, now_ms)


def observe(username: str, device_code: str, samples: Sequence[Sample], *, now: datetime) -> Receipt:
    """Store samples of a device behind the credential ``username``; durable when this returns.

    Raises ``UnknownDevice``, ``DeviceNotInUse``, ``NotStored``.
    """
    from anlan.sense.uplink import services

    return services.observe(username, device_code, samples, now=now)
