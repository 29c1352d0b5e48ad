"""Signals kept: once, in whatever order they come; an update or lifting ends what it names."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db import transaction

from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day
from anlan.warn.hazards import door, gridding, queries, reading, refusals, rules
from anlan.warn.hazards.models import LIFTED, LIVE, REPLACED, HazardSignal, HotSpot

GOOD, TWICE = "good", "twice"


@transaction.atomic
def take_signal(message: reading.Message, *, raw: bytes, via: str, exercise: bool = False, actor: Actor, now: datetime) -> str:
    """Keep a signal and end those that it replaces or lifts; :data:`TWICE` when its identifier is known already.

    Order does not matter: what an update or a lifting names ends also when it comes in after it. Raises ``SentAhead``, ``AlreadyOver``,
    ``NotPermitted``.
    """
    if HazardSignal.objects.filter(source=rules.SIGNAL, identifier=message.identifier).exists():
        return TWICE
    ends = _checked_end(message, now)
    codes = sorted({code for code in message.codes if places.place(code) is not None})
    place_code, known_area = _where(codes, message)
    with change(actor, "hazards.intake", now=now, place_code=actor.place_code) as made:
        row = HazardSignal(
            place_code=place_code,
            classification=int(Classification.PUBLIC),
            created_at=now,
            updated_at=now,
            source=rules.SIGNAL,
            form=message.form,
            identifier=message.identifier[:200],
            sender=message.sender[:200],
            kind=message.kind,
            references=[each[:200] for each in message.references],
            hazard=message.hazard[:20] or rules.OTHER,
            title=message.title[:300] or queries.hazard_name(message.hazard),
            description=message.description,
            instruction=message.instruction,
            level=message.level,
            sent_at=message.sent,
            received_at=now,
            starts_at=message.starts,
            ends_at=ends,
            end_assumed=message.ends is None,
            area_description=message.area[:500],
            area_codes=codes,
            polygons=[list(map(list, ring)) for ring in message.polygons],
            circles=[list(each) for each in message.circles],
            unknown_area=not known_area,
            late=rules.is_late(message.sent, now),
            exercise=exercise or message.exercise,
            via=via[:200],
            raw=raw,
        )
        if message.kind == reading.CANCEL:
            row.state, row.ended_at = LIFTED, message.sent
        _end_by_later(row)
        row.save(force_insert=True)
        for earlier in HazardSignal.objects.select_for_update().filter(source=rules.SIGNAL, identifier__in=message.references, state=LIVE):
            _end(earlier, row)
            earlier.save(update_fields=["state", "ended_at", "ended_by", "updated_at"])
        made.subject = row
        made.announce(taken(row, now))
    return GOOD


def _checked_end(message: reading.Message, now: datetime) -> datetime:
    if rules.is_ahead(message.sent, now):
        raise refusals.SentAhead(sent=f"{message.sent.astimezone(rules.CHINA):%Y-%m-%d %H:%M}")
    ends = message.ends or rules.ends_at(message.hazard, message.level, message.starts)
    if message.kind != reading.CANCEL and ends <= message.starts:
        raise refusals.AlreadyOver(
            ends=f"{ends.astimezone(rules.CHINA):%Y-%m-%d %H:%M}", starts=f"{message.starts.astimezone(rules.CHINA):%Y-%m-%d %H:%M}"
        )
    return ends


def _where(codes: list[str], message: reading.Message) -> tuple[str, bool]:
    """The lowest division that holds the signal's area, and whether anything is known of it."""
    if codes:
        return rules.common_place(codes), True
    hit = gridding.Ground().of_area(message.polygons, message.circles) if message.polygons or message.circles else np.empty(0, np.intp)
    counties = sorted({str(code)[:6] for code in places.townships().codes[hit]})
    return rules.common_place(counties), bool(counties)


def _end(earlier: HazardSignal, by: HazardSignal) -> None:
    earlier.state = LIFTED if by.kind == reading.CANCEL else REPLACED
    earlier.ended_at = max(earlier.starts_at, by.sent_at)
    earlier.ended_by, earlier.updated_at = by.identifier, by.received_at


def _end_by_later(row: HazardSignal) -> None:
    """What came in before and names this one has ended it already."""
    later = HazardSignal.objects.filter(source=rules.SIGNAL, references__contains=[row.identifier]).order_by("sent_at").first()
    if later is not None and row.state == LIVE:
        _end(row, later)


def taken(row: HazardSignal, now: datetime, change: str = "") -> door.SignalTaken:
    """The news of a signal; ``change`` where its kind does not say it."""
    return door.SignalTaken(
        subject_id=row.pk,
        place_code=row.place_code,
        at=now,
        classification=Classification.PUBLIC,
        exercise=row.exercise,
        title=row.title,
        level=row.level,
        hazard=row.hazard,
        change=change or {reading.ALERT: "new", reading.UPDATE: "update"}.get(row.kind, "lift"),
        areas=tuple(row.area_codes),
    )


@transaction.atomic
def take_spot(spot: reading.Spot, *, exercise: bool, actor: Actor, now: datetime) -> str:
    """Keep a hot spot; :data:`TWICE` when it is known. Raises ``SpotOutside``, ``SentAhead``, ``NotPermitted``."""
    if HotSpot.objects.filter(key=spot.key).exists():
        return TWICE
    if rules.is_ahead(spot.seen, now):
        raise refusals.SentAhead(sent=f"{spot.seen.astimezone(rules.CHINA):%Y-%m-%d %H:%M}")
    county = places.county_at(spot.longitude, spot.latitude)
    if county is None:
        raise refusals.SpotOutside(longitude=f"{spot.longitude:.4f}", latitude=f"{spot.latitude:.4f}")
    with change(actor, "hazards.intake", now=now, place_code=actor.place_code) as made:
        row = HotSpot(
            place_code=county.code,
            classification=int(Classification.PUBLIC),
            created_at=now,
            updated_at=now,
            key=spot.key,
            satellite=spot.satellite[:40],
            instrument=spot.instrument[:40],
            seen_at=spot.seen,
            longitude=spot.longitude,
            latitude=spot.latitude,
            confidence=spot.confidence,
            confidence_told=spot.told[:20],
            power_mw=spot.power_mw,
            level=rules.confidence_of(spot.confidence, law_day(now)).level,
            received_at=now,
            late=rules.is_late(spot.seen, now),
            exercise=exercise,
        )
        row.save(force_insert=True)
        made.subject = row
    return GOOD
