"""Numbers and times as SL 651-2014 writes them: packed decimal digits (BCD), two to a byte, most significant first.

A negative number has FFH before its digits (6.6.3.3). FFH throughout means: no value. Times are Beijing time, years of this century.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

from anlan.wire.sl651.refusals import BadTime, CannotSay

BEIJING = timezone(timedelta(hours=8))
_TIME_FORMS = {4: "%y%m%d%H", 5: "%y%m%d%H%M", 6: "%y%m%d%H%M%S"}


def read_bcd(data: bytes, decimals: int) -> float | None:
    """The number that ``data`` says, with ``decimals`` digits behind the point. ``None``: no value. Raises ``ValueError``: no BCD."""
    if not data or data.count(0xFF) == len(data):
        return None
    negative = data[0] == 0xFF
    digits = (data[1:] if negative else data).hex()
    if not digits.isdigit():
        raise ValueError(data.hex())
    # Read as text: 1115 with two decimals is 11.15 and not 11.149999….
    number = float(f"{digits}e-{decimals}")
    return -number if negative else number


def write_bcd(number: float, size: int, decimals: int) -> bytes:
    """``number`` in ``size`` bytes with ``decimals`` digits behind the point. Raises :class:`CannotSay` if it does not fit."""
    room = size - (number < 0)
    if not math.isfinite(number) or room < 1 or not 0 <= decimals <= 7:
        raise CannotSay(reason=f"{number}")
    digits = f"{round(abs(number) * 10**decimals):0{room * 2}d}"
    if len(digits) > room * 2:
        raise CannotSay(reason=f"{number}")
    return b"\xff" * (number < 0) + bytes.fromhex(digits)


def read_time(data: bytes) -> int:
    """Milliseconds since 1970 UTC of YYMMDDHH, YYMMDDHHmm or YYMMDDHHmmSS in BCD, Beijing time. Raises :class:`BadTime`."""
    digits = data.hex()
    form = _TIME_FORMS.get(len(data))
    if form is None or not digits.isdigit():
        raise BadTime(value=digits[:24])
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    try:
        moment = datetime(2000 + pairs[0], *pairs[1:], tzinfo=BEIJING)
    except ValueError:
        raise BadTime(value=digits) from None
    return int(moment.timestamp()) * 1000


def write_time(time_ms: int, size: int) -> bytes:
    """The moment in ``size`` bytes (4: to the hour, 5: minute, 6: second). Raises :class:`CannotSay` outside 2000–2099."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC).astimezone(BEIJING)
    if not 2000 <= moment.year <= 2099:
        raise CannotSay(reason=str(moment.year))
    return bytes.fromhex(moment.strftime(_TIME_FORMS[size]))
