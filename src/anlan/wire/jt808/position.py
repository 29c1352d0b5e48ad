"""Positions: message 0x0200, and batches of them in 0x0704.

Source: JT/T 808-2013 8.18 (tables 23-27) and 8.49; JT/T 808-2019 8.12 and 8.39. Coordinates are degrees times 10⁶, altitude in m, speed in
0.1 km/h, direction in degrees clockwise from north, time BCD ``YYMMDDhhmmss`` of Beijing (GMT+8).

Datum: the standard demands the coordinates of the satellite receiver without offset, that is WGS 84 or CGCS 2000 (apart by centimetres).
They must not be drawn on a map in GCJ-02 without conversion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.jt808 import bits

BEIJING = timezone(timedelta(hours=8))
_BASE_BYTES = 28

MILEAGE, FUEL, RECORDER_SPEED, ALARM_EVENT, TYRE_PRESSURE, CARRIAGE_TEMPERATURE = range(1, 7)
_ITEM_SIZES = {MILEAGE: 4, FUEL: 2, RECORDER_SPEED: 2, ALARM_EVENT: 2, CARRIAGE_TEMPERATURE: 2}


class PositionTooShort(Refusal):
    code: ClassVar[str] = "jt808_position_too_short"
    sentence: ClassVar[str] = N_("位置信息只有 {size} 字节，不足 {least} 字节。")
    status: ClassVar[int] = 422


class BadTime(Refusal):
    code: ClassVar[str] = "jt808_time"
    sentence: ClassVar[str] = N_("位置时间“{value}”不是 BCD 码的年月日时分秒。")
    status: ClassVar[int] = 422


class BadValue(Refusal):
    code: ClassVar[str] = "jt808_value"
    sentence: ClassVar[str] = N_("“{point}”的值 {value} 超出协议允许的范围，该值未采用。")
    status: ClassVar[int] = 422


class BadItem(Refusal):
    code: ClassVar[str] = "jt808_item"
    sentence: ClassVar[str] = N_("位置附加信息项 {item} 应有 {expected} 字节，实有 {found} 字节，该项未采用。")
    status: ClassVar[int] = 422


class BadBatch(Refusal):
    code: ClassVar[str] = "jt808_batch"
    sentence: ClassVar[str] = N_("批量位置标明 {announced} 条，实际只能读出 {found} 条。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Position:
    """One position. ``alarms`` and ``state``: 32 bits each (:mod:`anlan.wire.jt808.bits`); ``time_ms``: ms since 1970 UTC.

    ``latitude`` and ``longitude``: degrees, south and west negative; ``altitude``: m; ``speed``: km/h; ``direction``: degrees from north;
    ``items``: additional information as sent, by its identifier. What was refused of it stands in ``refused``; such a value is ``None``.
    """

    alarms: int
    state: int
    latitude: float | None
    longitude: float | None
    altitude: int
    speed: float
    direction: int | None
    time_ms: int
    items: tuple[tuple[int, bytes], ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def positioned(self) -> bool:
        """Whether the receiver had a fix."""
        return bool(self.state & bits.POSITIONED)

    @property
    def encrypted(self) -> bool:
        """Whether the coordinates went through the secrecy plug-in and mean nothing here."""
        return bool(self.state & bits.COORDINATES_ENCRYPTED)

    @property
    def mileage(self) -> float | None:
        """Odometer in km."""
        return self._tenths(MILEAGE)

    @property
    def fuel(self) -> float | None:
        """Fuel in l."""
        return self._tenths(FUEL)

    @property
    def recorder_speed(self) -> float | None:
        """Speed of the driving recorder in km/h."""
        return self._tenths(RECORDER_SPEED)

    @property
    def carriage_temperature(self) -> int | None:
        """Temperature of the carriage in °C (2019): the highest bit is the sign, the others the amount."""
        raw = dict(self.items).get(CARRIAGE_TEMPERATURE)
        if raw is None:
            return None
        amount = int.from_bytes(raw)
        return -(amount & 0x7FFF) if amount & 0x8000 else amount

    def _tenths(self, item: int) -> float | None:
        raw = dict(self.items).get(item)
        return None if raw is None else int.from_bytes(raw) / 10


@dataclass(frozen=True, slots=True)
class Batch:
    """Positions of one 0x0704. ``resent``: sent from memory after the terminal had no reception (type 1).

    ``refused``: each position of which something was refused, with the first reason and its bytes; what of it was good is in ``positions``.
    """

    positions: tuple[Position, ...]
    resent: bool
    refused: tuple[tuple[Refusal, bytes], ...] = ()


def decode_position(body: bytes) -> Position:
    """Body of 0x0200. Raises :class:`PositionTooShort`, :class:`BadTime`; a bad value beside them stands in ``Position.refused``."""
    if len(body) < _BASE_BYTES:
        raise PositionTooShort(size=len(body), least=_BASE_BYTES)
    time_ms = decode_time(body[22:28])
    refused: list[Refusal] = []
    state = int.from_bytes(body[4:8])
    latitude = _degrees("latitude", body[8:12], 90, state & bits.SOUTH, refused)
    longitude = _degrees("longitude", body[12:16], 180, state & bits.WEST, refused)
    if latitude is None or longitude is None:
        # Half a place is none.
        latitude = longitude = None
    angle = int.from_bytes(body[20:22])
    # 2013 and 2019 say 0-359; receivers that round up send 360 for north.
    if angle > 360:
        refused.append(BadValue(point="direction", value=angle))
    return Position(
        alarms=int.from_bytes(body[:4]),
        state=state,
        latitude=latitude,
        longitude=longitude,
        altitude=int.from_bytes(body[16:18]),
        speed=int.from_bytes(body[18:20]) / 10,
        direction=angle if angle <= 360 else None,
        time_ms=time_ms,
        items=_items(body[_BASE_BYTES:], refused),
        refused=tuple(refused),
    )


def _degrees(point: str, raw: bytes, most: int, negative: int, refused: list[Refusal]) -> float | None:
    amount = int.from_bytes(raw)
    if amount > most * 1_000_000:
        refused.append(BadValue(point=point, value=amount))
        return None
    return (-amount if negative else amount) / 1_000_000


def _items(data: bytes, refused: list[Refusal]) -> tuple[tuple[int, bytes], ...]:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        item = data[at]
        size = data[at + 1] if at + 1 < len(data) else 0
        content = data[at + 2 : at + 2 + size]
        if at + 2 > len(data) or len(content) < size:
            # Where the next item would begin cannot be known.
            refused.append(BadItem(item=f"0x{item:02X}", expected=max(size, 1), found=len(content)))
            break
        if _ITEM_SIZES.get(item, size) != size:
            refused.append(BadItem(item=f"0x{item:02X}", expected=_ITEM_SIZES[item], found=size))
        else:
            found.append((item, content))
        at += 2 + size
    return tuple(found)


def encode_position(position: Position) -> bytes:
    """Body of 0x0200 that says ``position``. Raises :class:`BadValue` when a value has no place in the message."""
    if position.latitude is None or position.longitude is None or position.direction is None:
        raise BadValue(point="latitude, longitude, direction", value=None)
    signs = (bits.SOUTH if position.latitude < 0 else 0) | (bits.WEST if position.longitude < 0 else 0)
    state = position.state | signs
    try:
        return (
            position.alarms.to_bytes(4)
            + state.to_bytes(4)
            + round(abs(position.latitude) * 1_000_000).to_bytes(4)
            + round(abs(position.longitude) * 1_000_000).to_bytes(4)
            + position.altitude.to_bytes(2)
            + round(position.speed * 10).to_bytes(2)
            + position.direction.to_bytes(2)
            + encode_time(position.time_ms)
            + b"".join(bytes((item, len(content))) + content for item, content in position.items)
        )
    except (OverflowError, ValueError):
        raise BadValue(point="0x0200", value=str(position)[:80]) from None


def decode_batch(body: bytes) -> Batch:
    """Body of 0x0704: the positions that can be read, each bad one refused by itself. Raises :class:`PositionTooShort` without a head."""
    if len(body) < 3:
        raise PositionTooShort(size=len(body), least=3)
    announced = int.from_bytes(body[:2])
    positions: list[Position] = []
    refused: list[tuple[Refusal, bytes]] = []
    at = read = 0
    data = body[3:]
    while at + 2 <= len(data) and read < announced:
        size = int.from_bytes(data[at : at + 2])
        content = data[at + 2 : at + 2 + size]
        if len(content) < size:
            break
        try:
            position = decode_position(content)
        except Refusal as refusal:
            refused.append((refusal, content))
        else:
            positions.append(position)
            refused += [(reason, content) for reason in position.refused[:1]]
        at += 2 + size
        read += 1
    if read != announced or at != len(data):
        refused.append((BadBatch(announced=announced, found=read), data[at:]))
    return Batch(tuple(positions), resent=body[2] == 1, refused=tuple(refused))


def encode_batch(batch: Batch) -> bytes:
    """Body of 0x0704 that says ``batch``."""
    bodies = [encode_position(position) for position in batch.positions]
    return len(bodies).to_bytes(2) + bytes((int(batch.resent),)) + b"".join(len(body).to_bytes(2) + body for body in bodies)


def decode_time(raw: bytes) -> int:
    """Milliseconds since 1970 UTC of six bytes BCD ``YYMMDDhhmmss`` of Beijing, years from 2000. Raises :class:`BadTime`."""
    digits = raw.hex()
    if len(digits) != 12 or not digits.isdecimal():
        raise BadTime(value=digits[:24])
    year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        raise BadTime(value=digits) from None
    return round(moment.timestamp() * 1000)


def encode_time(time_ms: int) -> bytes:
    """Six bytes BCD that say ``time_ms`` (whole seconds, years 2000 to 2099). Raises :class:`BadTime`."""
    try:
        moment = datetime.fromtimestamp(time_ms // 1000, UTC).astimezone(BEIJING)
    except (OverflowError, ValueError, OSError):
        raise BadTime(value=time_ms) from None
    if not 2000 <= moment.year <= 2099:
        raise BadTime(value=moment.isoformat())
    return bytes.fromhex(moment.strftime("%y%m%d%H%M%S"))
