"""The verb of the uplink: what a device sent is judged, stored on the stream, and answered for."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings

from anlan.kernel.errors import Refusal
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import SendingDevice
from anlan.sense.stream import door as stream
from anlan.sense.uplink import columns, rules
from anlan.sense.uplink.door import Receipt, RefusedReason
from anlan.sense.uplink.publishing import SUBJECT_PREFIX, Outgoing, line
from anlan.wire import payloads, readings
from anlan.wire.readings import Decoded, Sample

Reader = Callable[[bytes, SendingDevice, int], Decoded]
MOST_EXAMPLES = 5


def _json(body: bytes, device: SendingDevice, now_ms: int) -> Decoded:
    return payloads.decode(body, now_ms, lambda: device.points, most_bytes=rules.MAX_UNPACKED_BYTES)


READERS: dict[str, Reader] = {
    "application/json": _json,
    "application/senml+json": _json,
    "text/csv": lambda body, _device, _now_ms: columns.from_csv(body),
    "application/vnd.apache.arrow.stream": lambda body, _device, _now_ms: columns.from_arrow(body),
}


def take(
    body: bytes, *, content: str, encoding: str, username: str, device_code: str, key: str = "", exercise: bool = False, now: datetime
) -> Receipt:
    """Take in one request of a device.

    ``content``: media type without parameters; ``encoding``: ``gzip`` or empty; ``key``: the sender's own name for this request, by which
    its repetition is known; ``exercise``: all of it belongs to an exercise. Raises ``UnknownDevice``, ``DeviceNotInUse``, ``UnknownContent``, ``BodyTooLarge``, ``MalformedBody``,
    ``NotStored``, and what the readers of the content refuse as a whole.
    """
    device = sending(username, device_code)
    read = READERS.get(content)
    if read is None or encoding not in {"", "gzip", "identity"}:
        raise rules.UnknownContent(content=f"{content} {encoding}".strip()[:80])
    plain = unpacked(body) if encoding == "gzip" else body
    decoded = read(plain, device, _ms(now))
    if sum(len(sample.values) for sample in decoded.samples) > rules.MOST_VALUES:
        raise rules.BodyTooLarge(limit=f"{rules.MOST_VALUES:,}")
    if exercise:
        samples = tuple(replace(sample, exercise=True) for sample in decoded.samples)
        decoded = replace(decoded, samples=samples)
    if read is _json and not exercise and len(plain) <= readings.MAX_PAYLOAD_BYTES:
        # The stream's own intake reads it as it is, and keeps count of what it refuses.
        parts: list[bytes] = [plain]
    else:
        parts = [readings.encode(part) for part in cut(decoded.samples)]
    token = key or ("" if decoded.timeless else hashlib.sha256(plain + (b"\0exercise" if exercise else b"")).hexdigest())
    return _store(device, decoded, parts, token, now)


def observe(username: str, device_code: str, samples: Sequence[Sample], *, now: datetime) -> Receipt:
    """Store samples of a device behind a credential. Raises ``UnknownDevice``, ``DeviceNotInUse``, ``NotStored``."""
    device = sending(username, device_code)
    parts = [readings.encode(part) for part in cut(samples)]
    return _store(device, Decoded(tuple(samples)), parts, hashlib.sha256(b"\0".join(parts)).hexdigest(), now)


def sending(username: str, device_code: str) -> SendingDevice:
    """The device that sends. Raises ``UnknownDevice``, ``DeviceNotInUse``."""
    device = devices.sending_device(username, device_code)
    if device is None:
        raise rules.UnknownDevice(username=username, device=device_code[:64])
    if not device.in_use:
        raise rules.DeviceNotInUse(device=device.code)
    return device


def unpacked(body: bytes) -> bytes:
    """What ``body`` holds under gzip. Raises ``BodyTooLarge``, ``MalformedBody``."""
    unpacking = zlib.decompressobj(31)
    try:
        plain = unpacking.decompress(body, rules.MAX_UNPACKED_BYTES)
    except zlib.error as wrong:
        raise rules.MalformedBody(reason=str(wrong)[:120]) from None
    if unpacking.unconsumed_tail:
        raise rules.BodyTooLarge(limit=f"{rules.MAX_UNPACKED_BYTES // 2**20} MiB")
    if not unpacking.eof:
        raise rules.MalformedBody(reason="gzip")
    return plain


def cut(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    """``samples`` in order in groups small enough for one message; a sample too large for that is cut itself."""
    group: list[Sample] = []
    held = 0
    for sample in samples:
        items = list(sample.values.items())
        for start in range(0, len(items), rules.MOST_VALUES_A_MESSAGE):
            piece = Sample(sample.time_ms, dict(items[start : start + rules.MOST_VALUES_A_MESSAGE]), sample.exercise)
            if group and held + len(piece.values) > rules.MOST_VALUES_A_MESSAGE:
                yield group
                group, held = [], 0
            group.append(piece)
            held += len(piece.values)
    if group:
        yield group


def _store(device: SendingDevice, decoded: Decoded, parts: Sequence[bytes], token: str, now: datetime) -> Receipt:
    subject = f"{SUBJECT_PREFIX}{device.username}.{device.code}"
    names = [hashlib.sha256(f"{subject}\0{token}\0{at}".encode()).hexdigest()[:32] if token else "" for at in range(len(parts))]
    messages = [Outgoing(subject, part, name and f"u-{name}") for part, name in zip(parts, names, strict=True)]
    stream_line = line(settings.ANLAN["NATS_URL"])
    if now - device.changed_at < rules.FRESH:
        # What was registered a moment ago is on its way to the intake; readings that overtook it would be set apart.
        stream_line.await_known(device)
    known = stream_line.store(messages)
    accepted, refused = judged(decoded, device, _ms(now))
    return Receipt(accepted, sum(reason.count for reason in refused), known, refused)


def check_time(at_ms: int, beginning: datetime, sensor_class: str, now_ms: int) -> None:
    """Raise ``ClockAhead``, ``ClockBehind`` or ``NotKept`` when the stream takes no reading of this moment (ms since 1970 UTC).

    ``beginning``: that of the device; ``sensor_class``: of the point.
    """
    if at_ms - now_ms > stream.AHEAD_LIMIT_S * 1000:
        raise rules.ClockAhead(time=_told(at_ms))
    if reason := stream.too_old(at_ms, _ms(beginning), sensor_class, now_ms):
        raise (rules.ClockBehind if reason == stream.BEHIND else rules.NotKept)(time=_told(at_ms))


def _told(at_ms: int) -> str:
    """A moment in words; what lies outside of every calendar as its number."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return str(at_ms)


def judged(decoded: Decoded, device: SendingDevice, now_ms: int) -> tuple[int, tuple[RefusedReason, ...]]:
    """How many values the intake will use, and what it will not and why, by the law of the stream."""
    counts: dict[str, int] = {}
    examples: dict[str, list[Refusal]] = {}

    def refuse(refusal: Refusal, count: int) -> None:
        counts[refusal.code] = counts.get(refusal.code, 0) + count
        kept = examples.setdefault(refusal.code, [])
        if len(kept) < MOST_EXAMPLES and refusal.facts not in [known.facts for known in kept]:
            kept.append(refusal)

    for refusal in decoded.refused:
        refuse(refusal, 1)
    accepted = 0
    for sample in decoded.samples:
        in_time: list[str] = []
        for sensor_class, codes in _by_class(sample, device).items():
            try:
                check_time(sample.time_ms, device.beginning, sensor_class, now_ms)
            except (rules.ClockAhead, rules.ClockBehind, rules.NotKept) as refusal:
                refuse(refusal, len(codes))
            else:
                in_time += codes
        unknown = set(in_time) - device.points.keys()
        for code in unknown:
            refuse(rules.UnknownPoint(sensor=code[:64]), 1)
        accepted += len(in_time) - len(unknown)
    return accepted, tuple(RefusedReason(code, count, tuple(examples[code])) for code, count in counts.items())


def _by_class(sample: Sample, device: SendingDevice) -> dict[str, list[str]]:
    """Codes of a sample by the class of their point; empty for points that are not registered."""
    found: dict[str, list[str]] = {}
    for code in sample.values:
        found.setdefault(device.classes.get(code, ""), []).append(code)
    return found


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
