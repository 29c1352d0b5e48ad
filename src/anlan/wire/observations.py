"""One Observation of the SensorThings API 1.1 as JSON (18-088, 8.2.7), to a sample and back; and the topics it travels on by MQTT.

A Datastream's number is the channel of its measuring point. Results are numbers: the platform keeps measurements (``OM_Measurement``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire import blocks
from anlan.wire.readings import NotANumber, finite, time_ms

TOPIC_SUBJECTS = "$MQTT.msgs.v1//1.>"
"""Where the stream keeps what is published on ``v1.1/…``: a point in a topic is written ``//`` in a subject."""
_SUBJECT = re.compile(r"\$MQTT\.msgs\.v1//1\.Datastreams\(([0-9]{1,10})\)\.Observations")


class MalformedObservation(Refusal):
    code: ClassVar[str] = "reading_bad_observation"
    sentence: ClassVar[str] = N_("观测值（Observation）结构不符：{reason}。")
    status: ClassVar[int] = 422


def topic(channel: int) -> str:
    """The topic on which Observations of a Datastream are created."""
    return f"v1.1/Datastreams({channel})/Observations"


def publish_subject(channel: int) -> str:
    """The subject that the stream server checks a publisher's permission for."""
    return f"v1//1.Datastreams({channel}).Observations"


def channel_of(subject: str) -> int | None:
    """The channel that a stored message's subject names; ``None`` when it names none."""
    found = _SUBJECT.fullmatch(subject)
    return int(found.group(1)) if found else None


def read(found: object) -> tuple[int | None, float, bool]:
    """Time (ms since 1970 UTC; ``None``: it tells none, the moment of receipt holds), result and mark of exercise of a loaded Observation.

    Of an interval the end is taken: then its result was known. An exercise is told by ``parameters`` (``{"exercise": true}``). Raises :class:`MalformedObservation`, ``NotANumber``, ``MalformedTime``.
    """
    if not isinstance(found, Mapping) or "result" not in found:
        raise MalformedObservation(reason="result")
    value = result(found["result"])
    time = found.get("phenomenonTime") or found.get("resultTime")
    parameters = found.get("parameters") or {}
    if not isinstance(parameters, Mapping) or not isinstance(exercise := parameters.get("exercise", False), bool):
        raise MalformedObservation(reason="parameters")
    return (None if time is None else moment(time)), value, exercise


QUALITIES: Mapping[int, str] = {
    blocks.OUT_OF_RANGE: "outOfRange",
    blocks.MAINTENANCE: "maintenance",
    blocks.LATE: "late",
    blocks.EXERCISE: "exercise",
    blocks.DOUBTFUL: "doubtful",
}
"""What an Observation's ``resultQuality`` says, by bit of the stored quality."""


def identifier(channel: int, at_ms: int) -> str:
    """The identifier of an Observation, for ever: a point has one reading at one moment."""
    return f"{channel}-{at_ms}"


def told(at_ms: int, value: float, quality: int) -> dict[str, Any]:
    """The properties of a stored reading as an Observation. ``at_ms``: ms since 1970 UTC; ``quality``: bits of :mod:`anlan.wire.blocks`."""
    moment = instant(at_ms)
    found: dict[str, Any] = {"phenomenonTime": moment, "result": value, "resultTime": moment}
    marks = [word for bit, word in QUALITIES.items() if quality & bit]
    return found | ({"resultQuality": marks} if marks else {})


def instant(at_ms: int) -> str:
    """A moment (ms since 1970 UTC) in ISO 8601."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def result(value: Any) -> float:
    """A result as a number; true and false are 1 and 0. Raises ``NotANumber``."""
    number = float(value) if isinstance(value, bool) else finite(value)
    if number is None:
        raise NotANumber(sensor="result", value=str(value)[:40])
    return number


def moment(value: object) -> int:
    """An instant or the end of an interval in ISO 8601, in ms since 1970 UTC. Raises ``MalformedTime``, :class:`MalformedObservation`."""
    if not isinstance(value, str):
        raise MalformedObservation(reason="phenomenonTime")
    return time_ms(value.rpartition("/")[2])
