"""Questions about completeness, the disk and retention to the telemetry process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from anlan.sense.stream.door import DeviceDay, DiskState, Gap, PointProof
from anlan.sense.stream.expected import BASES
from anlan.sense.stream.queries import ask
from anlan.wire.asking import Asking

_BEIJING = timezone(timedelta(hours=8))
_LONG_SECONDS = 60.0


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _day(day: date) -> int:
    return _ms(datetime.combine(day, time(), _BEIJING))


def completeness_day(day: date) -> tuple[DeviceDay, ...]:
    """See :func:`anlan.sense.stream.door.completeness_day`."""
    told = ask("/completeness", params={"day": _day(day)}, seconds=_LONG_SECONDS)
    return tuple(DeviceDay(**dict(zip(told["columns"], row, strict=True))) for row in told["devices"])


def gaps(since: datetime, until: datetime) -> tuple[Gap, ...]:
    """See :func:`anlan.sense.stream.door.gaps`."""
    rows = ask("/completeness/gaps", params={"since": _ms(since), "until": _ms(until)}, seconds=_LONG_SECONDS)
    return tuple(_gap(row) for row in rows)


def _gap(row: dict[str, Any]) -> Gap:
    ask = row["ask"]
    return Gap(
        credential=row["credential"],
        device_code=row["device"],
        since=_time(row["since"]),
        until=_time(row["until"]) if row["until"] is not None else None,
        points=row["points"],
        missing_first=row["missing_first"],
        missing=row["missing"],
        filled_at=_time(row["filled"]) if row["filled"] is not None else None,
        ask=(_time(ask[0]), _time(ask[1])) if ask else None,
        channels=tuple(row["channels"]),
    )


def proof(channels: Sequence[int], day: date) -> tuple[PointProof, ...]:
    """See :func:`anlan.sense.stream.door.completeness_proof`."""
    rows = ask("/completeness/verify", params={"day": _day(day)}, body=list(channels), seconds=_LONG_SECONDS)
    return tuple(
        PointProof(
            channel=row["channel"],
            interval_s=row["interval_ms"] / 1000,
            basis=BASES[row["basis"]],
            since=_time(row["since"]),
            until=_time(row["until"]),
            recorded=row["recorded"],
            recomputed=row["recomputed"],
        )
        for row in rows
    )


def declare(intervals: Iterable[tuple[int, float]]) -> None:
    """See :func:`anlan.sense.stream.door.declare_intervals`."""
    ask("/completeness/declare", body=[(channel, round(seconds * 1000)) for channel, seconds in intervals])


def ask_again(credential: str, device_code: str, since: datetime, until: datetime) -> bool:
    """See :func:`anlan.sense.stream.door.ask_again`."""
    asked = Asking(credential, device_code, _ms(since), _ms(until))
    body = {name: getattr(asked, name) for name in ("credential", "device", "since_ms", "until_ms")}
    return bool(ask("/ask", body=body)["heard"])


def disk_state() -> DiskState:
    """See :func:`anlan.sense.stream.door.disk_state`."""
    told = ask("/disk")
    return DiskState(told["used"], told["free_bytes"], told["refusing"], _time(told["since_ms"]), told["refuse_at"], told["resume_at"])


def removed() -> tuple[tuple[str, str, tuple[str, ...], datetime], ...]:
    """See :func:`anlan.sense.stream.door.removed_readings`."""
    return tuple((row["table"], row["partition"], tuple(row["classes"]), _time(row["at"])) for row in ask("/retention")["removed"])
