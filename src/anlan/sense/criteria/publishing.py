"""Puts the rules in force on the stream: whatever differs from what stands there, in one go, as often as one likes.

The stream keeps the last message per rule. Everything is compared, so that a job repeated, late or missed does no harm; the detector is told
once the whole set was said (``criteria._complete``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import structlog
from django.conf import settings
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from anlan.ledger import broker
from anlan.sense.criteria import queries
from anlan.wire import criteria

log = structlog.get_logger()

COMPLETE = "_complete"
MODELS = "models."
"""Prefix of the subjects of models of process units; the rest is the SHA-256 of the message."""
_OURS = re.compile(r"R[0-9]+\Z")
PATIENCE_S = 15.0
"""A stream that does not answer for so long is tried again by the next job."""


class StreamAway(ConnectionError):
    """The stream did not answer; nothing is lost, the next job says it all."""


def publish(now: datetime) -> int:
    """Bring the stream up to date with the rules as they stand at ``now``; how many messages that took. Raises :class:`StreamAway`."""
    messages = queries.messages(now)
    wanted = {code: criteria.encode(message) for code, message in messages.items()}
    named = {each.parameters.model for each in messages.values() if each.in_force and isinstance(each.parameters, criteria.Unit)}
    models = {digest: data for digest in sorted(named) if (data := queries.unit_model(digest)) is not None}
    try:
        said = asyncio.run(_in_time(str(settings.ANLAN["NATS_URL"]), wanted, models))
    except (TimeoutError, NatsError, OSError) as trouble:
        raise StreamAway(str(trouble)) from trouble
    if said:
        log.info("rules of detection published", messages=said, rules=len(wanted))
    return said


async def _in_time(url: str, wanted: Mapping[str, bytes], models: Mapping[str, bytes]) -> int:
    """A job must not wait for a stream that is away: its first connection would be tried for ever."""
    return await asyncio.wait_for(_publish(url, wanted, models), PATIENCE_S)


async def _publish(url: str, wanted: Mapping[str, bytes], models: Mapping[str, bytes]) -> int:
    stop = asyncio.Event()
    nc = await broker.connect(url, stop, name="criteria")
    try:
        js = nc.jetstream()
        await broker.ensure_streams(js, stop)
        # A rule never stands on the stream before its model.
        taught = await _publish_models(js, stop, models)
        there = await _there(broker.Cursor(nc, broker.CRITERIA, ("criteria.>",), last_only=True))
        differing = {code: data for code, data in wanted.items() if there.get(code) != data}
        # Only rules of this room: others may put theirs on the same stream.
        differing |= {code: _gone(data) for code, data in there.items() if _OURS.match(code) and code not in wanted and not _is_gone(data)}
        for code, data in differing.items():
            await broker.publish(js, stop, f"criteria.{code}", data)
        if COMPLETE not in there:
            await broker.publish(js, stop, f"criteria.{COMPLETE}", b"{}")
        await _remove_models(js, set(models))
        return len(differing) + taught
    finally:
        with suppress(NatsError):
            await nc.close()


async def _models_there(js: JetStreamContext) -> set[str]:
    """Digests of the models on the stream, without their bytes."""
    state = (await js.stream_info(broker.CRITERIA, subjects_filter=f"{MODELS}>")).state
    return {subject.removeprefix(MODELS) for subject in state.subjects or ()}


async def _publish_models(js: JetStreamContext, stop: asyncio.Event, models: Mapping[str, bytes]) -> int:
    there = await _models_there(js)
    missing = {digest: data for digest, data in models.items() if digest not in there}
    for digest, data in missing.items():
        await broker.publish(js, stop, f"{MODELS}{digest}", data)
    return len(missing)


async def _remove_models(js: JetStreamContext, wanted: set[str]) -> None:
    """Models that no rule in force names any more leave the stream, so that the detector does not load them for ever."""
    for digest in await _models_there(js) - wanted:
        await js.purge_stream(broker.CRITERIA, subject=f"{MODELS}{digest}")


async def _there(cursor: broker.Cursor) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    while True:
        for message in await cursor.next(0.2):
            found[message.subject.removeprefix("criteria.")] = message.data
        if cursor.opened and cursor.pending == 0:
            await cursor.close()
            return found


def _is_gone(data: bytes) -> bool:
    try:
        return not criteria.decode(data).in_force
    except criteria.MalformedCriterion as refusal:
        log.error("rule on the stream not understood", reason=str(refusal))
        return True


def _gone(data: bytes) -> bytes:
    held = criteria.decode(data)
    return criteria.encode(criteria.Criterion(held.code, held.level, held.parameters, in_force=False))
