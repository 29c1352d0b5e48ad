"""The platform's own JSON batch of readings over MQTT: bytes to samples and back, with typed refusals.

Topic ``anlan/in/<credential>/<device code>``. Payload: one sample or a list of them::

    {"t": 1790000000000, "v": {"PT-101": 0.82, "TT-101": 24.6}}
    [{"t": "2026-09-21T08:00:00+08:00", "v": {...}}, ...]

``t`` is milliseconds since 1970-01-01 UTC, or ISO 8601 with an offset. ``v`` maps the point's code to a number in the point's unit.
``"exercise": true`` marks readings of an exercise. ``"doubtful": ["PT-101"]`` names points whose value the sender itself calls not valid; it
counts only in what a gateway of the node passed on (header :data:`GATEWAY`). RFC 8259 knows no NaN and no Infinity; equipment sends them all the same. They, and
anything else that is no finite number, are refused one by one: the good values beside them count.

The usual message is read by :mod:`msgspec` in one step; only a message that this strict reader turns down is looked at value by value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

TOPIC_PREFIX = "anlan/in"
GATEWAY = "Anlan-Gateway"
"""Header of a message that a gateway of the node stored for a device: the protocol that it came by. No device can set headers."""
MAX_PAYLOAD_BYTES = 1024 * 1024
MAX_SAMPLES = 100_000
_MAX_TIME_MS = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: what :class:`datetime.datetime` can still say."""


class MalformedJson(Refusal):
    code: ClassVar[str] = "reading_bad_json"
    sentence: ClassVar[str] = N_("报文不是有效的 JSON：{reason}。")
    status: ClassVar[int] = 422


class MalformedShape(Refusal):
    code: ClassVar[str] = "reading_bad_shape"
    sentence: ClassVar[str] = N_("报文结构不符：应为含“t”（时间）和“v”（测点与数值）的对象或其列表；{reason}。")
    status: ClassVar[int] = 422


class MalformedTime(Refusal):
    code: ClassVar[str] = "reading_bad_time"
    sentence: ClassVar[str] = N_("时间“{value}”无法识别：应为 1970 年以来的毫秒数，或带时区的 ISO 8601 时间。")
    status: ClassVar[int] = 422


class NotANumber(Refusal):
    code: ClassVar[str] = "reading_not_a_number"
    sentence: ClassVar[str] = N_("测点“{sensor}”的值“{value}”不是有限数，该值未采用。")
    status: ClassVar[int] = 422


class PayloadTooLarge(Refusal):
    code: ClassVar[str] = "reading_too_large"
    sentence: ClassVar[str] = N_("报文有 {size} 字节，超过上限 {limit} 字节，请分批发送。")
    status: ClassVar[int] = 413


class MalformedTopic(Refusal):
    code: ClassVar[str] = "reading_bad_topic"
    sentence: ClassVar[str] = N_("主题“{topic}”不符：应为 anlan/in/<接入用户名>/<设备编号>。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings of one device at one moment. ``time_ms``: milliseconds since 1970 UTC; ``values`` by point code, finite; ``doubtful``: codes
    of values that the sender itself calls not valid."""

    time_ms: int
    values: dict[str, float]
    exercise: bool = False
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a payload said: the samples that can be used, and what of it was refused.

    ``timeless``: some time in it was reckoned from the moment of receipt, so that the same bytes sent again say something new.
    """

    samples: tuple[Sample, ...]
    refused: tuple[Refusal, ...] = ()
    timeless: bool = False


class _Strict(msgspec.Struct):
    t: int | float | str
    v: dict[str, float]
    exercise: bool = False
    doubtful: tuple[str, ...] = ()


_strict = msgspec.json.Decoder(list[_Strict] | _Strict)


def decode(payload: bytes) -> Decoded:
    """Read a payload. Raises :class:`PayloadTooLarge`, :class:`MalformedJson`, :class:`MalformedShape` when nothing in it can be used."""
    found = decode_quickly(payload)
    return found if found is not None else decode_patiently(loaded(payload))


def decode_quickly(payload: bytes, most_bytes: int = MAX_PAYLOAD_BYTES) -> Decoded | None:
    """The payload in one step when all of it can be used; ``None`` when it must be looked at value by value, or is of another shape.

    Raises :class:`PayloadTooLarge`, :class:`MalformedShape` for an empty list.
    """
    if len(payload) > most_bytes:
        raise PayloadTooLarge(size=len(payload), limit=most_bytes)
    try:
        found = _strict.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    raw = found if isinstance(found, list) else [found]
    samples: list[Sample] = []
    for sample in raw:
        if not sample.v or len(raw) > MAX_SAMPLES:
            return None
        moment = sample.t
        if type(moment) is not int or not 0 <= moment <= _MAX_TIME_MS:
            try:
                moment = time_ms(moment)
            except MalformedTime:
                return None
        samples.append(Sample(moment, sample.v, sample.exercise, sample.doubtful))
    if not samples:
        raise MalformedShape(reason="[]")
    return Decoded(tuple(samples))


def loaded(payload: bytes) -> object:
    """The JSON in ``payload``, NaN, Infinity and numbers beyond a double included, so that they can be refused one by one.

    Raises :class:`MalformedJson`.
    """
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as wrong:
        raise MalformedJson(reason=str(wrong)[:120]) from None


def decode_patiently(found: object) -> Decoded:
    """Samples in loaded JSON, looked at value by value. Raises :class:`MalformedShape` when nothing in it can be used."""
    raw = found if isinstance(found, list) else [found]
    if not raw:
        raise MalformedShape(reason="[]")
    if len(raw) > MAX_SAMPLES:
        raise MalformedShape(reason=f"{len(raw)} > {MAX_SAMPLES}")
    samples: list[Sample] = []
    refused: list[Refusal] = []
    for item in raw:
        try:
            sample, bad = _sample(item)
        except Refusal as refusal:
            refused.append(refusal)
            continue
        refused += bad
        if sample.values:
            samples.append(sample)
    return Decoded(tuple(samples), tuple(refused))


def _sample(item: Any) -> tuple[Sample, list[Refusal]]:
    if not isinstance(item, dict):
        raise MalformedShape(reason=type(item).__name__)
    if "t" not in item or "v" not in item:
        raise MalformedShape(reason="t, v")
    values, exercise = item["v"], item.get("exercise", False)
    if not isinstance(values, dict) or not values:
        raise MalformedShape(reason="v")
    if not isinstance(exercise, bool):
        raise MalformedShape(reason="exercise")
    doubtful = item.get("doubtful")
    moment = time_ms(item["t"])
    good: dict[str, float] = {}
    bad: list[Refusal] = []
    for name, value in values.items():
        number = finite(value)
        if number is None:
            bad.append(NotANumber(sensor=name[:64], value=str(value)[:40]))
        else:
            good[name] = number
    marked = tuple(code for code in doubtful if isinstance(code, str)) if isinstance(doubtful, list) else ()
    return Sample(moment, good, exercise, marked), bad


def finite(value: object) -> float | None:
    """``value`` as a number; ``None`` when it is none, or not finite. Truth values are no numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def time_ms(value: object) -> int:
    """Milliseconds since 1970 UTC of ``t``. Raises :class:`MalformedTime`."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise MalformedTime(value=value[:40]) from None
        if moment.tzinfo is None:
            raise MalformedTime(value=value[:40])
        found = round(moment.timestamp() * 1000)
    elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedTime(value=str(value)[:40])
    else:
        found = round(value)
    if not 0 <= found <= _MAX_TIME_MS:
        raise MalformedTime(value=str(value)[:40])
    return found


def encode(samples: Iterable[Sample]) -> bytes:
    """The payload that says ``samples`` (a list, even for one)."""
    return msgspec.json.encode(
        [
            {
                "t": s.time_ms,
                "v": s.values,
                **({"exercise": True} if s.exercise else {}),
                **({"doubtful": s.doubtful} if s.doubtful else {}),
            }
            for s in samples
        ]
    )


def topic(credential: str, device_code: str) -> str:
    """The topic that a device publishes on."""
    return f"{TOPIC_PREFIX}/{credential}/{device_code}"


def read_topic(text: str) -> tuple[str, str]:
    """Credential and device code of a topic. Raises :class:`MalformedTopic`."""
    parts = text.split("/")
    if len(parts) != 4 or "/".join(parts[:2]) != TOPIC_PREFIX or not all(parts):
        raise MalformedTopic(topic=text[:120])
    return parts[2], parts[3]
