"""Questions to the telemetry process, from pages and other rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import httpx
import msgspec
from django.conf import settings

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.sense.stream import drawing, sampled
from anlan.sense.stream.curves import Curve
from anlan.sense.stream.door import Bucket, Figures, Latest, Observed, PipelineState, QuarantineCount, Series
from anlan.sense.stream.drawing import Drawing, Reading, Rule
from anlan.sense.stream.following import Board
from anlan.sense.stream.observed import Question, checked
from anlan.sense.stream.rules import StoreSilent
from anlan.sense.stream.sampled import Sampling
from anlan.wire import blocks
from anlan.wire.blocks import Block

_FAR_MS = 4_102_444_800_000
"""2100-01-01: after every reading."""


@cache
def _client(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=httpx.Timeout(5.0, connect=1.0), trust_env=False)


def ask(path: str, *, params: dict[str, Any] | None = None, body: object = None, seconds: float = 5.0) -> Any:
    """What the telemetry process answers. Raises ``StoreSilent``."""
    client = _client(settings.ANLAN["TELEMETRY_URL"])
    try:
        answer = (
            client.get(path, params=params, timeout=seconds)
            if body is None
            else client.post(path, params=params, json=body, timeout=seconds)
        )
        answer.raise_for_status()
        return answer.json()
    except (httpx.HTTPError, ValueError) as trouble:
        raise StoreSilent(reason=str(trouble)) from trouble


def series(sensor_id: UUID | str, since: datetime, until: datetime, points: int, actor: Actor | None) -> Series:
    """See :func:`anlan.sense.stream.door.series`."""
    sensor = devices.sensor(sensor_id, actor)
    asked = {"channel": sensor.channel, "since": _ms(since), "until": _ms(until), "points": points}
    found = ask("/series", params=asked)
    columns = zip(found["time"], found["lowest"], found["highest"], found["mean"], found["count"], strict=True)
    buckets = tuple(Bucket(_time(at), lowest, highest, mean, count) for at, lowest, highest, mean, count in columns)
    return Series(sensor.id, sensor.unit, since, until, buckets)


def curves(channels: Sequence[int], since: datetime, until: datetime, most: int) -> dict[int, Curve]:
    """See :func:`anlan.sense.stream.door.curves`."""
    if not channels:
        return {}
    asked = {"since": _ms(since), "until": _ms(until), "most": most}
    found = ask("/curves", params=asked, body=list(channels))
    return {int(channel): msgspec.convert(told, Curve) for channel, told in found.items()}


def figures(channels: Sequence[int], since: datetime, until: datetime) -> dict[int, Figures]:
    """See :func:`anlan.sense.stream.door.figures`."""
    if not channels:
        return {}
    found = ask("/figures", params={"since": _ms(since), "until": _ms(until)}, body=list(channels))
    return {int(channel): Figures(*told) for channel, told in found.items() if told[0]}


@cache
def board() -> Board:
    """See :func:`anlan.sense.stream.door.board`."""
    return Board(lambda: settings.ANLAN["TELEMETRY_URL"])


def observations(question: Question) -> list[Observed]:
    """See :func:`anlan.sense.stream.door.observations`."""
    return [Observed(channel, at_ms, value, quality) for channel, at_ms, value, quality in _observe("/observations", question)]


def observation_count(question: Question) -> int:
    """See :func:`anlan.sense.stream.door.observation_count`."""
    (channel, *others) = question.channels
    if others or question.where is not None:
        return int(_observe("/observations/count", question))
    # The roll-ups know it without reading what they are made of.
    until = question.until if question.until is not None else _FAR_MS
    found = ask("/series", params={"channel": channel, "since": question.since or 0, "until": until, "points": 1})
    return sum(found["count"])


def _observe(path: str, question: Question) -> Any:
    return ask(path, body=msgspec.to_builtins(checked(question)), seconds=15.0)


def samples(
    channels: Sequence[int], since: datetime, until: datetime, interval_s: float, *, total: bool = False, without: int = 0
) -> Block:
    """See :func:`anlan.sense.stream.door.samples`."""
    found = []
    if channels and until > since:
        asked = Sampling(list(channels), _ms(since), _ms(until), max(1, round(interval_s * 1000)), total, without)
        for piece in sampled.pieces(asked):
            found.append(_block("/samples", msgspec.to_builtins(piece)))
    return blocks.concatenate(found) if found else blocks.empty()


def _block(path: str, body: object) -> Block:
    try:
        answer = _client(settings.ANLAN["TELEMETRY_URL"]).post(path, json=body, timeout=60.0)
        answer.raise_for_status()
        return blocks.decode(answer.content)
    except (httpx.HTTPError, blocks.MalformedBlock) as trouble:
        raise StoreSilent(reason=str(trouble)) from trouble


def latest(sensor_ids: Sequence[UUID]) -> dict[UUID, Latest]:
    """See :func:`anlan.sense.stream.door.latest`."""
    points = devices.sensors(sensor_ids)
    by_channel = latest_by_channel([point.channel for point in points.values()])
    return {pk: Latest(pk, *by_channel[point.channel]) for pk, point in points.items() if point.channel in by_channel}


def latest_by_channel(channels: Sequence[int]) -> dict[int, tuple[datetime, float, int]]:
    """See :func:`anlan.sense.stream.door.latest_by_channel`."""
    if not channels:
        return {}
    found = ask("/latest", body=list(channels))
    return {int(channel): (_time(at), value, quality) for channel, (at, value, quality) in found.items()}


def heard_since(channels: Sequence[int], since: datetime) -> int:
    """See :func:`anlan.sense.stream.door.heard_since`."""
    return int(ask("/heard", params={"since": _ms(since)}, body=list(channels))["count"]) if channels else 0


def quarantine_counts(actor: Actor) -> tuple[QuarantineCount, ...]:
    """See :func:`anlan.sense.stream.door.quarantine_counts`.

    What no known credential sent belongs to no enterprise: it is shown to those who run the node (``stream.view_unknown``).
    """
    records = ask("/quarantine")
    owners = devices.credentials_by_username({record["credential"] for record in records}, actor)
    names = enterprises.names({credential.enterprise_id for credential in owners.values()})
    runs_the_node = actor.may_somewhere("stream.view_unknown")
    found = []
    for record in records:
        owner = owners.get(record["credential"])
        if owner is None and not (runs_the_node and record["credential"].startswith("_")):
            continue
        found.append(
            QuarantineCount(
                credential=record["credential"],
                device_code=record["device"],
                reason=record["reason"],
                count=record["count"],
                last_at=_time(record["last_ms"]),
                samples=tuple({**sample, "at": _time(sample["received_ms"])} for sample in reversed(record["samples"])),
                enterprise_id=owner.enterprise_id if owner else None,
                enterprise_name=names.get(owner.enterprise_id, "") if owner else "",
            )
        )
    return tuple(sorted(found, key=lambda count: count.last_at, reverse=True))


def pipeline_state() -> PipelineState:
    """See :func:`anlan.sense.stream.door.pipeline_state`."""
    try:
        counts = ask("/counts")
    except StoreSilent:
        return PipelineState(known=False)
    return PipelineState(known=True, stored=counts["rows"], lag=counts["lag"], facts={"bytes": counts["bytes"]})


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def chart(
    sensor_id: UUID | str, since: datetime, until: datetime, *, rules: Sequence[Rule], marks: Sequence[datetime], actor: Actor | None
) -> Drawing | None:
    """See :func:`anlan.sense.stream.door.chart`."""
    try:
        found = series(sensor_id, since, until, drawing.WIDTH // 2, actor)
    except StoreSilent:
        return None
    readings = [Reading(bucket.at, bucket.lowest, bucket.highest, bucket.mean) for bucket in found.buckets]
    return drawing.draw(readings, since, until, rules=rules, marks=marks)
