"""Machine feeds of earthquakes and hot spots, read on a schedule by the guarded fetching that all feeds share. What goes wrong is kept and told.

A feed brings the same events again and again: bytes that were read are not read twice, events that are known change nothing, and an intake is kept only
where something was new or newly refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from anlan.desk import fetching, kept
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import change
from anlan.ledger.events import announce_all
from anlan.ledger.sources import law_day
from anlan.warn.hazards import door, reading, refusals, rules, services
from anlan.warn.hazards.models import HazardFeed
from anlan.wire.feeds.inward import refuse_inward
from anlan.wire.problems import Faulty

log = structlog.get_logger()
READER = system_actor("hazards")
KEY = "{key}"
Fetch = Callable[..., fetching.Fetched]


def register_feed(*, actor: Actor, now: datetime, place_code: str = "", **values: Any) -> HazardFeed:
    """Register a feed. Raises ``LinkRefused`` for an address that leads inward, ``FeedInterval``, ``FeedKeyMissing``, ``NotPermitted``."""
    row = HazardFeed(
        place_code=place_code or actor.place_code, classification=int(Classification.INTERNAL), created_at=now, updated_at=now, **values
    )
    _check(row)
    with change(actor, "hazards.configure", now=now, place_code=row.place_code) as made:
        row.save(force_insert=True)
        made.subject = row
    return row


@transaction.atomic
def change_feed(feed_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> HazardFeed:
    """Change a feed; it is read anew from its beginning. Raises as :func:`register_feed` does."""
    row = HazardFeed.objects.select_for_update(of=("self",)).get(pk=feed_id)
    with change(actor, "hazards.configure", now=now, record=row):
        for name, value in values.items():
            setattr(row, name, value)
        _check(row)
        row.etag = row.last_modified = row.digest = ""
        row.failures, row.trouble, row.updated_at = 0, [], now
        row.save()
    return row


def _check(row: HazardFeed) -> None:
    refuse_inward(row.url.replace(KEY, "key"), _admitted(row))
    if not 1 <= row.every_minutes <= 1440:
        raise refusals.FeedInterval
    if (KEY in row.url) != bool(row.secret):
        raise refusals.FeedKeyMissing


def _admitted(row: HazardFeed) -> tuple[str, ...]:
    return tuple(row.admitted_hosts.replace(",", " ").split())


def address_of(row: HazardFeed) -> str:
    """The address with its key from ``secrets/feeds/<name>`` of the node's home. Raises ``FeedKeyMissing``."""
    if not row.secret:
        return row.url
    file = Path(settings.ANLAN["HOME"]) / "secrets" / "feeds" / Path(row.secret).name
    if not file.is_file():
        raise refusals.FeedKeyMissing
    return row.url.replace(KEY, file.read_text(encoding="utf-8").strip())


def read_due(now: datetime, *, fetch: Fetch = fetching.fetch) -> int:
    """Read every feed whose time has come; how many items were new. One that fails costs the others nothing."""
    taken = 0
    for row in HazardFeed.objects.filter(active=True).order_by("asked_at"):
        if row.asked_at is None or now - row.asked_at >= timedelta(minutes=row.every_minutes):
            taken += read_feed(row, now, fetch=fetch)
    return taken


def read_now(feed_id: UUID, *, actor: Actor, now: datetime, fetch: Fetch = fetching.fetch) -> int:
    """Read a feed at somebody's wish. Raises ``NotFound``, ``NotPermitted``."""
    from anlan.warn.hazards import queries

    row = queries.one_feed(feed_id, actor)
    with change(actor, "hazards.configure", now=now, record=row) as made:
        made.facts["read_by_hand"] = True
    return read_feed(row, now, fetch=fetch)


def read_feed(row: HazardFeed, now: datetime, *, fetch: Fetch = fetching.fetch) -> int:
    """Read one feed; how many items were new. What goes wrong is written at the feed, for its page, and told after some failures in a row."""
    told: dict[str, Any] = {"asked_at": now}
    taken = 0
    try:
        answer = fetch(
            address_of(row), admitted=_admitted(row), etag=row.etag, last_modified=row.last_modified, most_bytes=reading.MOST_BYTES
        )
        digest = row.digest if answer.unchanged else hashlib.sha256(answer.data).hexdigest()
        if digest != row.digest:
            taken = _take(row, answer.data, now, told)
            told |= {"etag": answer.etag, "last_modified": answer.last_modified, "digest": digest}
        told |= {"answered_at": now, "failures": 0, "trouble": []}
    except (Refusal, Faulty) as refusal:
        told |= {"failures": row.failures + 1, "trouble": _without_key(row, kept.of_refusal(refusal))}
        log.warning("hazard_feed_unread", feed=row.name, reason=refusal.code)
    _keep(row, told, now)
    return taken


def _take(row: HazardFeed, data: bytes, now: datetime, told: dict[str, Any]) -> int:
    """Take what came in. Raises ``FeedOfOtherKind`` for what is no feed of the kind that was registered."""
    if reading.kind_of(data) != row.kind:
        raise refusals.FeedOfOtherKind(kind=HazardFeed.KINDS[row.kind])
    actor = replace(READER, place_code=row.place_code)
    faults = row.last_intake.faults if row.last_intake is not None else []
    feed = services.FeedTerms(row.least_magnitude, row.may_order, faults)
    intake = services.take(data, name=row.name, via=row.name, actor=actor, now=now, feed=feed)
    if not intake._state.adding:
        told["last_intake"] = intake
    if intake.good:
        told["news_at"] = now
    return intake.good


def _without_key(row: HazardFeed, sentences: list[kept.Sentence]) -> list[kept.Sentence]:
    """What is told of trouble names the address as it was registered, never with its key."""
    return [
        {**each, "facts": {name: row.url if name == "url" and row.secret else value for name, value in each["facts"].items()}}
        for each in sentences
    ]


@transaction.atomic
def _keep(row: HazardFeed, told: dict[str, Any], now: datetime) -> None:
    """Write the outcome down; the failure that is one too many, and the first success after it, are announced."""
    limit = rules.parameter("feed_failures", law_day(now))
    before = row.failures
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=list(told))
    failing, restored = before < limit <= row.failures, before >= limit and row.failures == 0
    if failing or restored:
        announce_all(
            [
                door.FeedMoved(
                    subject_id=row.pk, place_code=row.place_code, at=now, title=row.name, failing=failing, failures=row.failures or before
                )
            ]
        )
