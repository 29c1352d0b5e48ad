"""Warnings of others: read from their feeds, kept once, shown with what is known of their signature; never issued again by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import structlog
from cryptography import x509
from django.db import transaction
from django.db.models import QuerySet

from anlan.desk import fetching, kept
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Conflict, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.warn.bulletins import message, rules
from anlan.warn.bulletins.door import ForeignWarningReceived
from anlan.warn.bulletins.models import Bulletin, ForeignWarning, SignatureState, Subscription
from anlan.wire import cap, cap_cn, feeds
from anlan.wire.cap import doubts, signature
from anlan.wire.feeds.inward import LinkRefused, refuse_inward
from anlan.wire.problems import Faulty

log = structlog.get_logger()
MOST_HOPS = 3
"""How many nodes a warning may have passed (project default)."""
MOST_FETCHED = 50
"""Messages fetched from one feed in one go; the rest comes the next time."""
KEPT_LINKS = 2000
_LEVELS = {cap.Severity.EXTREME: "red", cap.Severity.SEVERE: "orange", cap.Severity.MODERATE: "yellow", cap.Severity.MINOR: "blue"}
Fetch = Callable[..., fetching.Fetched]


class Looped(Refusal):
    code: ClassVar[str] = "foreign_warning_looped"
    sentence: ClassVar[str] = N_("报文“{identifier}”由本节点发出或已转过 {hops} 个节点，不再接收。")


class NoSuchInterval(Refusal):
    code: ClassVar[str] = "subscription_interval"
    sentence: ClassVar[str] = N_("读取间隔应为 1 至 1440 分钟。")
    status: ClassVar[int] = 422


class NoCertificate(Refusal):
    code: ClassVar[str] = "subscription_certificate"
    sentence: ClassVar[str] = N_("证书不是 PEM 格式：应以“-----BEGIN CERTIFICATE-----”开头。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Round:
    """What one reading of a feed brought."""

    taken: int = 0
    known: int = 0
    refused: int = 0
    unchanged: bool = False


def subscribe(*, actor: Actor, now: datetime, place_code: str = "", **values: Any) -> Subscription:
    """Register a feed. Raises ``LinkRefused`` for an address that leads inward, :class:`NoSuchInterval`, ``NotPermitted``."""
    row = Subscription(place_code=place_code or actor.place_code, created_at=now, **values)
    _check(row)
    with change(actor, "bulletins.subscribe", now=now, place_code=row.place_code) as gathered:
        row.save(force_insert=True)
        gathered.subject = row
    return row


def change_subscription(subscription_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> Subscription:
    """Change a feed; it is then read anew from its beginning. Raises as :func:`subscribe` does."""
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=subscription_id)
        with change(actor, "bulletins.subscribe", now=now, record=row):
            for name, value in values.items():
                setattr(row, name, value)
            _check(row)
            row.etag = row.last_modified = ""
            row.seen = []
            row.save()
    return row


def _check(row: Subscription) -> None:
    refuse_inward(row.url, _admitted(row))
    if not 1 <= row.every_minutes <= 1440:
        raise NoSuchInterval
    for pem in (*_pems(row.certificates), *_pems(row.authorities)):
        _check_certificate(pem)
    for text in (row.certificates, row.authorities):
        if text.strip() and not list(_pems(text)):
            raise NoCertificate


def _check_certificate(pem: bytes) -> None:
    try:
        x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise NoCertificate from None


def _admitted(row: Subscription) -> tuple[str, ...]:
    return tuple(row.admitted_hosts.replace(",", " ").split())


def trust_of(row: Subscription) -> signature.Trust | None:
    parts = [tuple(_pems(text)) for text in (row.certificates, row.authorities)]
    return signature.Trust(certificates=parts[0], authorities=parts[1]) if any(parts) else None


def _pems(text: str) -> Iterator[bytes]:
    end = "-----END CERTIFICATE-----"
    for part in text.split(end)[:-1]:
        yield f"{part[part.find('-----BEGIN') :]}{end}\n".encode()


def read_due(now: datetime, *, fetch: Fetch = fetching.fetch) -> int:
    """Read every active feed whose time has come; one that fails costs the others nothing. Returns how many messages were taken."""
    taken = 0
    for row in Subscription.objects.filter(active=True).order_by("asked_at"):
        if row.asked_at is None or now - row.asked_at >= timedelta(minutes=row.every_minutes):
            taken += read_feed(row, now, fetch=fetch).taken
    return taken


def read_feed(row: Subscription, now: datetime, *, fetch: Fetch = fetching.fetch) -> Round:
    """Read one feed now. What goes wrong is written at the feed, for its page."""
    told: dict[str, Any] = {"asked_at": now}
    try:
        answer = fetch(row.url, admitted=_admitted(row), etag=row.etag, last_modified=row.last_modified)
        found = Round(unchanged=True) if answer.unchanged else _read(row, answer, now, fetch)
        told |= {"answered_at": now, "trouble": _left_out(found)}
        # What was refused is asked for again only when the feed changes.
        told |= {} if answer.unchanged else {"etag": answer.etag, "last_modified": answer.last_modified, "seen": row.seen[-KEPT_LINKS:]}
    except (Refusal, Faulty) as refusal:
        found = Round()
        told["trouble"] = kept.of_refusal(refusal)
        log.warning("foreign_feed_unread", subscription=row.name, reason=str(refusal))
    Subscription.objects.filter(pk=row.pk).update(**told)
    return found


def _left_out(found: Round) -> list[kept.Sentence]:
    return [kept.sentence(N_("有 {count} 条未能接收"), {"count": found.refused})] if found.refused else []


def _read(row: Subscription, answer: fetching.Fetched, now: datetime, fetch: Fetch) -> Round:
    taken = known = refused = 0
    for data in _messages(row, answer, fetch):
        if data is None:
            refused += 1
            continue
        try:
            fresh = take_in(row, data, now)[1]
        except (Refusal, Faulty) as refusal:
            log.warning("foreign_warning_refused", subscription=row.name, reason=str(refusal))
            refused += not isinstance(refusal, Looped)
            continue
        taken, known = taken + fresh, known + (not fresh)
    return Round(taken, known, refused)


def _messages(row: Subscription, answer: fetching.Fetched, fetch: Fetch) -> Iterator[bytes | None]:
    """Messages of what came back: of a feed each entry, else the answer is one message itself. ``None`` for one that cannot be had."""
    try:
        feed = feeds.decode(answer.data, answer.url)
    except feeds.FeedRefused:
        alert_of(answer.data)
        yield answer.data
        return
    yield from [None] * len(feed.refused)
    fetched = 0
    for entry in feed.entries:
        if entry.message is not None:
            yield entry.message_bytes
            continue
        link = entry.message_link
        if not link or link in row.seen:
            continue
        fetched += 1
        if fetched > MOST_FETCHED:
            return
        try:
            yield fetch(link, admitted=_admitted(row), most_bytes=5_000_000).data
            row.seen.append(link)
        except (LinkRefused, fetching.FetchFailed) as refusal:
            log.warning("foreign_message_unread", subscription=row.name, link=link, reason=str(refusal))
            yield None


def alert_of(data: bytes) -> tuple[cap.Alert, bool]:
    """The message in CAP or in China's profile, and whether it carries a signature. Raises ``CapRefused``."""
    try:
        received = cap.read(data)
        return received.alert, received.signed
    except cap.CapRefused:
        try:
            return cap_cn.to_cap(cap_cn.decode(data)), False
        except Faulty:
            pass
        raise


def take_in(row: Subscription, data: bytes, now: datetime) -> tuple[ForeignWarning, bool]:
    """Keep one message; whether it is new. The same sender, identifier and time is kept once, whichever feed brings it.

    Raises ``CapRefused``, :class:`Looped`.
    """
    alert, signed = alert_of(data)
    check_loop(alert)
    signed_as = _signature(row, data, alert, signed, now)
    alert = signed_as.alert
    fields = _fields(row, alert, now)
    fields |= {"signature": signed_as.state, "signer": signed_as.signer[:500], "message": data}
    fields["doubts"] = [*signed_as.doubts, *fields["doubts"]]
    with transaction.atomic():
        warning, fresh = ForeignWarning.objects.get_or_create(
            sender=alert.sender[:300], identifier=alert.identifier[:300], sent=alert.sent, defaults=fields
        )
        if fresh:
            _end_earlier(warning)
            with change(system_actor("bulletins"), "bulletins.subscribe", now=now, record=warning) as gathered:
                gathered.announce(
                    ForeignWarningReceived(
                        subject_id=warning.pk,
                        place_code=warning.place_code,
                        at=now,
                        exercise=warning.exercise,
                        headline=warning.headline,
                        sender=warning.sender,
                    )
                )
    return warning, fresh


def check_loop(alert: cap.Alert) -> None:
    """Refuse what this node said itself, what refers to it by another's mouth, and what has gone through too many nodes. Raises :class:`Looped`."""
    hops = hops_of(alert)
    named = [alert.identifier, *(reference.split(",")[1] for reference in alert.references if reference.count(",") >= 1)]
    own = Bulletin.objects.filter(identifier__in=named).exists() or _is_own(alert.sender)
    if own or hops > MOST_HOPS:
        raise Looped(identifier=alert.identifier, hops=hops)


def _is_own(sender: str) -> bool:
    places = Bulletin.objects.filter(published_at__isnull=False, place_code__startswith=sender[:6]).values_list("place_code", flat=True)
    return len(sender) == 14 and any(rules.sender_code(place) == sender for place in places.distinct())


def hops_of(alert: cap.Alert) -> int:
    """Through how many nodes a message says that it has gone."""
    told = [pair.value for info in alert.infos for pair in info.parameters if pair.value_name == message.HOPS]
    return max((int(value) for value in told if value.isdecimal()), default=0)


@dataclass(frozen=True)
class _Signed:
    """What is known of a message's signature; ``alert`` is what it covers where it holds."""

    state: SignatureState
    alert: cap.Alert
    signer: str = ""
    doubts: tuple[kept.Sentence, ...] = ()


def _signature(row: Subscription, data: bytes, alert: cap.Alert, signed: bool, now: datetime) -> _Signed:
    trust = trust_of(row)
    if not signed:
        return _Signed(SignatureState.NONE, alert)
    if trust is None:
        return _Signed(SignatureState.UNVERIFIED, alert)
    try:
        verified = signature.verify(data, trust, now=now)
    except signature.SignatureRefused as refusal:
        return _Signed(SignatureState.BROKEN, alert, doubts=tuple(kept.of_refusal(refusal)))
    # What was signed is what counts, not what stood around it.
    return _Signed(SignatureState.VERIFIED, verified.alert, verified.subject)


def _fields(row: Subscription, alert: cap.Alert, now: datetime) -> dict[str, Any]:
    chosen = next((info for info in alert.infos if info.language.lower().startswith("zh")), alert.infos[0] if alert.infos else None)
    shape = _area(chosen)
    middle = _middle(shape)
    return {
        "subscription": row,
        "place_code": row.place_code,
        "received_at": now,
        "status": str(alert.status),
        "exercise": alert.status is not cap.Status.ACTUAL,
        "message_kind": str(alert.msg_type),
        "headline": ((chosen.headline or chosen.event) if chosen else alert.identifier)[:300],
        "event": (chosen.event if chosen else "")[:200],
        "severity": str(chosen.severity) if chosen else "",
        "level": _level(chosen),
        "description": chosen.description if chosen else "",
        "instruction": chosen.instruction if chosen else "",
        "area_description": "；".join(area.area_desc for area in chosen.areas) if chosen else "",
        "area": shape,
        "longitude": middle[0] if middle else None,
        "latitude": middle[1] if middle else None,
        "expires": chosen.expires if chosen else None,
        "references": list(alert.references),
        "doubts": kept.of_problems(doubts.doubts(alert, now)),
    }


def _level(info: cap.Info | None) -> str:
    if info is None:
        return ""
    told = next((pair.value.lower() for pair in info.parameters if pair.value_name == "CN-level"), "")
    return told if told in {row.code for row in rules.levels()} else _LEVELS.get(info.severity, "")


def _area(info: cap.Info | None) -> dict[str, Any] | None:
    rings = [[[[longitude, latitude] for latitude, longitude in ring]] for area in (info.areas if info else ()) for ring in area.polygons]
    return {"type": "MultiPolygon", "coordinates": rings, "circles": _circles(info)} if rings or _circles(info) else None


def _circles(info: cap.Info | None) -> list[list[float]]:
    return [[longitude, latitude, km] for area in (info.areas if info else ()) for latitude, longitude, km in area.circles]


def _middle(shape: dict[str, Any] | None) -> tuple[float, float] | None:
    if shape is None:
        return None
    points = [at for rings in shape["coordinates"] for at in rings[0]] or [circle[:2] for circle in shape["circles"]]
    longitudes, latitudes = [at[0] for at in points], [at[1] for at in points]
    return (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2


def _end_earlier(fresh: ForeignWarning) -> None:
    """An update or cancellation ends what it refers to: of the same sender, and never a verified message by one that is not."""
    if fresh.message_kind not in ("Update", "Cancel") or fresh.signature == SignatureState.BROKEN:
        return
    earlier = named_by(fresh).filter(ended_at__isnull=True)
    if fresh.signature != SignatureState.VERIFIED:
        earlier = earlier.exclude(signature=SignatureState.VERIFIED)
    earlier.update(ended_at=fresh.received_at)


def named_by(row: ForeignWarning) -> QuerySet[ForeignWarning]:
    """The messages of the same sender that a message refers to."""
    named = [reference.split(",")[1] for reference in row.references if reference.count(",") >= 1]
    return ForeignWarning.objects.filter(sender=row.sender, identifier__in=named).exclude(pk=row.pk)


def taken_over(foreign_id: UUID, bulletin: Bulletin, *, actor: Actor, now: datetime) -> None:
    """Say that a bulletin was drafted after a foreign warning. Raises ``Conflict`` when another one was before."""
    with transaction.atomic():
        row = ForeignWarning.objects.select_for_update(of=("self",)).get(pk=foreign_id)
        with change(actor, "bulletins.draft", now=now, record=row):
            if row.taken_over_id is not None:  # type: ignore[attr-defined]
                raise Conflict(what=row.headline)
            row.taken_over = bulletin
            row.save(update_fields=["taken_over"])
        alert, _signed = alert_of(bytes(row.message))
        Bulletin.objects.filter(pk=bulletin.pk).update(hops=hops_of(alert) + 1)


def as_draft(row: ForeignWarning) -> dict[str, Any]:
    """What the editor starts with when an officer takes a foreign warning over as a draft of his own."""
    alert, _signed = alert_of(bytes(row.message))
    codes = [pair.value for info in alert.infos for pair in info.event_codes if pair.value_name == "CN-eventType"]
    known = {kind.code for kind in rules.event_types()}
    start: dict[str, Any] = {
        "headline": row.headline[:200],
        "description": row.description,
        "instruction": row.instruction,
        "level": row.level,
        "area_origin": f"{row.sender} {row.identifier}"[:200],
        "exercise": row.exercise,
        "event_code": next((code for code in codes if code in known), ""),
    }
    if row.area and row.area["coordinates"]:
        start["area"] = {"type": "MultiPolygon", "coordinates": row.area["coordinates"]}
    elif row.area:
        start |= dict(zip(("circle_longitude", "circle_latitude", "circle_radius_km"), row.area["circles"][0], strict=True))
    return {name: value for name, value in start.items() if value not in ("", None)}
