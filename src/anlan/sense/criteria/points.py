"""Points as people write them, ``设备编号/测点编号``, to channel numbers and back; within one enterprise, as the reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.sense.criteria import rules
from anlan.sense.devices import door as devices

MOST_SUGGESTED = 1000


class PointBook:
    """The points of an enterprise. Without one, points are named by their channel number as ``#123``."""

    def __init__(self, enterprise_id: UUID | None, actor: Actor) -> None:
        self._actor, self._enterprise_id = actor, enterprise_id
        listed = devices.sensors_of(enterprise_id, actor) if enterprise_id is not None else ()
        self._by_name = {f"{point.device_code}/{point.code}": point for point in listed}
        self._by_channel = {point.channel: name for name, point in self._by_name.items()}

    def channel(self, text: str) -> int:
        """The channel of a point. Raises :class:`rules.UnknownPoint`."""
        name = text.strip()
        if name in self._by_name:
            return self._by_name[name].channel
        if name.startswith("#") and name[1:].isdigit() and len(name) < 11:
            channel = int(name[1:])
            point = devices.sensors_by_channel([channel]).get(channel)
            if point is not None and devices.sensors([point.id], self._actor) and self._enterprise_id in (None, point.enterprise_id):
                return channel
        raise rules.UnknownPoint(point=name[:80])

    def name(self, channel: int) -> str:
        """How the point is written."""
        return self._by_channel.get(channel, f"#{channel}")

    def suggestions(self) -> list[tuple[str, str]]:
        """Writings with names, to choose from."""
        return [(name, f"{point.name} {point.unit}".strip()) for name, point in list(self._by_name.items())[:MOST_SUGGESTED]]


def names(channels: Iterable[int]) -> dict[int, str]:
    """Names of points for showing: device, point."""
    return {channel: f"{point.device_name} · {point.name}" for channel, point in devices.sensors_by_channel(channels).items()}


def units(channels: Iterable[int]) -> dict[int, str]:
    """Units of points."""
    return {channel: point.unit for channel, point in devices.sensors_by_channel(channels).items()}
