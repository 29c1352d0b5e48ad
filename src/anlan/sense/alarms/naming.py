"""What an alarm is called, who sent it, and how it is announced: from what was told to columns and events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from anlan.kernel.access import Classification
from anlan.sense.alarms.door import AlarmCleared, AlarmRaised
from anlan.sense.alarms.models import Alarm
from anlan.sense.criteria import door as criteria
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import SensorSummary
from anlan.wire.detections import Transition
from anlan.wire.happenings import Happening

_LONGEST_EPISODE = 200
_EXERCISE = "-exercise"
UNIT = "UNIT"
_MOST_CONTRIBUTORS = 10
_NAMED_SHARE = 0.05
"""A title names no point that contributes less, but the first (project default); the alarm's page lists all that were told."""


@dataclass(frozen=True)
class Sender:
    """The device an alarm comes from, with its place. Coordinates in degrees (CGCS2000), ``None`` when unknown."""

    device_id: UUID
    device_name: str
    enterprise_id: UUID
    risk_source_id: UUID | None
    place_code: str
    classification: int
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Units:
    """What titles of process units are made of: names of rules by code, points by channel."""

    rules: Mapping[str, str]
    sensors: Mapping[int, SensorSummary]


def sensors(channels: Iterable[int]) -> dict[int, SensorSummary]:
    """Measuring points by channel number."""
    wanted = set(channels)
    return devices.sensors_by_channel(wanted) if wanted else {}


def sender_of(sensor: SensorSummary) -> Sender:
    """The device of a measuring point."""
    return Sender(
        device_id=sensor.device_id,
        device_name=sensor.device_name,
        enterprise_id=sensor.enterprise_id,
        risk_source_id=sensor.risk_source_id,
        place_code=sensor.place_code,
        classification=sensor.classification,
        longitude=sensor.longitude,
        latitude=sensor.latitude,
    )


def senders(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Sender]:
    """Devices by credential and code, as equipment names itself; those that nobody registered are left out."""
    return {
        name: Sender(
            device_id=device.id,
            device_name=device.name,
            enterprise_id=device.enterprise_id,
            risk_source_id=device.risk_source_id,
            place_code=device.place_code,
            classification=device.classification,
            longitude=device.longitude,
            latitude=device.latitude,
        )
        for name, device in devices.devices_by_name(set(named)).items()
    }


def moment(ms: int) -> datetime:
    """A time in ms since 1970 UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def source_key(told: Happening, exercise: bool) -> str:
    """What beginning and end of one happening have in common, at one length. One of an exercise never goes on as a real one, nor ends it."""
    return sha256(f"{told.subject_key}{_EXERCISE if exercise else ''}".encode()).hexdigest()


def episode_of(told: Happening) -> str:
    """Name of the episode that begins with ``told``; a long one by its digest."""
    plain_name = f"{told.subject_key}-{told.time_ms}{_EXERCISE if told.exercise else ''}"
    clean_enough = len(plain_name) <= _LONGEST_EPISODE and "\0" not in plain_name
    return plain_name if clean_enough else f"{sha256(plain_name.encode()).hexdigest()}-{told.time_ms}"


def clean(text: str) -> str:
    """Without the one character that PostgreSQL keeps in no text."""
    return text.replace("\0", "").strip()


def plain(facts: Mapping[str, float | str]) -> dict[str, float | str]:
    """Facts as they can be kept: finite figures and clean words."""
    return {
        clean(name)[:60]: clean(value)[:200] if isinstance(value, str) else value
        for name, value in facts.items()
        if isinstance(value, str) or math.isfinite(value)
    }


def contributors(facts: Mapping[str, Any]) -> list[tuple[int, float]]:
    """Channels that contribute most to what a process unit shows, the largest share (0 to 1) first."""
    found = []
    for rank in range(1, _MOST_CONTRIBUTORS + 1):
        channel, share = facts.get(f"channel_{rank}"), facts.get(f"share_{rank}")
        if isinstance(channel, int | float) and isinstance(share, int | float) and 0 <= channel < 2**31:
            found.append((int(channel), float(share)))
    return found


def contributions(alarm: Alarm) -> list[tuple[SensorSummary, float]]:
    """Points that contribute most to an alarm of a process unit, with their share in per cent, the largest first."""
    told = contributors(alarm.facts) if alarm.kind == UNIT else []
    known = sensors(channel for channel, _share in told)
    return [(known[channel], round(100 * share, 1)) for channel, share in told if channel in known]


def shown_point(alarm: Alarm) -> SensorSummary | None:
    """The point that an alarm's page speaks of and draws: of a process unit the one that contributes most; ``None`` where there is none."""
    if blamed := contributions(alarm):
        return blamed[0][0]
    return devices.sensor(alarm.sensor_id) if alarm.sensor_id is not None else None


def units(told: Iterable[Transition]) -> Units:
    """Names of the rules and of the points that alarms of process units speak of."""
    wanted = [each for each in told if each.kind == UNIT]
    rules = {code: rule.name for code, rule in criteria.by_code({each.rule for each in wanted}).items()} if wanted else {}
    return Units(rules, sensors(channel for each in wanted for channel, _share in contributors(each.facts)))


def title(told: Transition, sensor: SensorSummary, units: Units | None = None) -> str:
    """What is where and how much, in the words of the plant: the same in every language."""
    if told.kind == UNIT:
        known = units or Units({}, {})
        blamed = [
            known.sensors[channel].name
            for rank, (channel, share) in enumerate(contributors(told.facts))
            if channel in known.sensors and (rank == 0 or share >= _NAMED_SHARE)
        ]
        return f"{known.rules.get(told.rule, sensor.name)} {told.kind} {'、'.join(blamed)}".strip()[:200]
    if told.kind == "LINK":
        return f"{sensor.device_name} LINK ({told.value:.0f})"[:200]
    if told.kind == "COLOURS" or "colour" in told.facts:
        return f"{sensor.name} {told.kind} {told.facts.get('colour', '')}".strip()[:200]
    if told.kind == "RATE" and isinstance(told.facts.get("per_minute"), float):
        return f"{sensor.name} RATE {told.facts['per_minute']:.{sensor.decimals}f} {sensor.unit}/min".strip()[:200]
    if told.kind in ("SILENT", "FROZEN", "BLOCKED", "REPEATED", "CONFIGURED", "COMBINED"):
        return f"{sensor.name} {told.kind}"[:200]
    return f"{sensor.name} {told.kind} {told.value:.{sensor.decimals}f} {sensor.unit}".strip()[:200]


def title_of_happening(told: Happening, sender: Sender) -> str:
    """The device, what it said and where."""
    words = (sender.device_name, clean(told.text) or told.kind, clean(told.part))
    return " ".join(word for word in words if word)[:200]


def common(alarm: Alarm, now: datetime) -> dict[str, Any]:
    """What every event of an alarm carries."""
    return {
        "subject_id": alarm.pk,
        "place_code": alarm.place_code,
        "enterprise_id": alarm.enterprise_id,
        "classification": Classification(alarm.classification),
        "exercise": alarm.exercise,
        "at": now,
    }


def raised_event(alarm: Alarm, now: datetime, *, others: int = 0) -> AlarmRaised:
    """The alarm rings."""
    return AlarmRaised(
        **common(alarm, now),
        title=alarm.title,
        level=alarm.level,
        sensor_id=alarm.sensor_id,
        event_key=alarm.event_key,
        alarm_kind=alarm.kind,
        told=alarm.told,
        again=alarm.rings - 1,
        others=others,
    )


def cleared_event(alarm: Alarm, now: datetime) -> AlarmCleared:
    """The alarm's condition is over."""
    return AlarmCleared(**common(alarm, now), title=alarm.title, level=alarm.level)
