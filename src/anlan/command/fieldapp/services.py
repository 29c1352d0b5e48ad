"""Verbs of the field app: a report is sent once however often it arrives, pictures follow it, an officer says what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.command.field import door as field
from anlan.command.fieldapp import queries, rules
from anlan.command.fieldapp.door import FieldReportChanged, FieldReported, FieldTold
from anlan.command.fieldapp.models import FieldReport, FieldStep
from anlan.command.incidents import door as incidents
from anlan.ground.evidence import door as evidence
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import change
from anlan.ledger.flows import advance, open_case
from anlan.report.filings import door as filings
from anlan.wire import cot

_KEEPER = people.system("field app")
_STALE = timedelta(minutes=10)
_PHONES = "手机"
"""The team under which phones stand among the field units."""


@dataclass(frozen=True)
class Sent:
    """What a phone sends first. Degrees, m; ``seconds_ago``: how long it waited; ``phone_at``: what the phone's clock said."""

    once: UUID
    kind: str = ""
    words: str = ""
    location: str = ""
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    seconds_ago: int = 0
    phone_at: datetime | None = None
    incident_id: UUID | None = None


def send(told: Sent, *, actor: Actor, now: datetime) -> FieldReport:
    """Keep a report; the same key again gives the report that is there.

    From an enterprise its own filing is opened, whose clock of one hour runs; from all others it is a lead that an officer verifies. Both
    ring at the county. Raises ``KindUnknown``, ``PlaceMissing``, ``PointWrong``, ``KeyTaken``, ``NotPermitted``.
    """
    kind = told.kind or rules.UNSAID
    if kind not in rules.KINDS:
        raise rules.KindUnknown(kind=kind[:24])
    known = _known(told.once, actor)
    if known is not None:
        return known
    spot = rules.point(told.longitude, told.latitude)
    if spot is None and not told.location.strip():
        raise rules.PlaceMissing
    values = _values(told, kind, spot, actor, now)
    with change(actor, "fieldapp.send", now=now, place_code=values["place_code"], enterprise_id=actor.enterprise_id) as gathered:
        report, made = FieldReport.objects.get_or_create(once=told.once, defaults=values)
        if report.sender_id != actor.account_id:
            raise rules.KeyTaken
        gathered.subject = report
        if made:
            open_case(report, actor=actor, now=now)
            _open_filing(report, actor, now)
            gathered.announce(FieldReported(**_about(report, now), title=report.title, source=report.source))
    return report


def _known(once: UUID, actor: Actor) -> FieldReport | None:
    found = FieldReport.objects.filter(once=once).first()
    if found is not None and found.sender_id != actor.account_id:
        raise rules.KeyTaken
    return found


def _values(told: Sent, kind: str, spot: tuple[float, float] | None, actor: Actor, now: datetime) -> dict[str, Any]:
    happened = rules.happened_at(now, told.seconds_ago)
    found = places.county_at(*spot) if spot is not None else None
    scope = {"enterprise_id": actor.enterprise_id, "classification": Classification.INTERNAL}
    place = rules.filed_place(
        found.code if found is not None else "", actor.place_code, lambda code: actor.may("fieldapp.send", place_code=code, **scope)
    )
    return {
        "state": rules.RECEIVED,
        "opened_at": now,
        "place_code": place,
        "source": rules.ENTERPRISE if actor.enterprise_id is not None else rules.FIELD,
        "kind": kind,
        "title": rules.title(kind, found.name if found is not None else places.place_name(place)),
        "words": told.words.strip()[: rules.WORDS_MOST],
        "location": " ".join(told.location.split())[:200],
        "longitude": spot[0] if spot else None,
        "latitude": spot[1] if spot else None,
        "accuracy_m": told.accuracy_m,
        "happened_at": happened,
        "phone_at": told.phone_at,
        "clock_off_s": rules.clock_off_s(told.phone_at, happened),
        "sender_id": actor.account_id,
        "sender_name": actor.name,
        "sender_post": actor.post,
        "enterprise_id": actor.enterprise_id,
        "incident_id": _incident(told.incident_id, actor),
    }


def _incident(incident_id: UUID | None, actor: Actor) -> UUID | None:
    """The incident that a report belongs to, if its sender may see it; a report is never lost for a wrong one."""
    if incident_id is None:
        return None
    try:
        return incidents.incident(incident_id, actor).id
    except NotFound:
        return None


def _open_filing(report: FieldReport, actor: Actor, now: datetime) -> None:
    """The enterprise's own filing, a draft that it completes and sends; a lead of anybody else becomes none by itself."""
    if report.source == rules.ENTERPRISE and actor.may_somewhere("filings.create"):
        report.filing_id = filings.intake(_filing_values(report), actor=actor, now=now).filing_id
        report.save(update_fields=["filing_id"])


def _filing_values(report: FieldReport) -> dict[str, Any]:
    spot = f"{report.longitude:.5f}, {report.latitude:.5f}" if report.longitude is not None else ""
    return {
        "kind": report.kind,
        "title": report.title,
        "occurred_at": report.happened_at,
        "known_at": report.happened_at,
        "place_code": report.place_code[:6],
        "location": report.location or spot,
        "longitude": report.longitude,
        "latitude": report.latitude,
        "enterprise_id": report.enterprise_id,
        "brief_course": report.words,
        "exercise": report.exercise,
    }


def _about(row: FieldReport | FieldStep, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "enterprise_id": getattr(row, "enterprise_id", None),
        "classification": Classification(row.classification),
        "at": now,
    }


@transaction.atomic
def add_picture(once: UUID, file: evidence.File, *, actor: Actor, now: datetime) -> FieldReport:
    """Keep a picture of a report, the small one first and the full one when the link is good; the same bytes twice count once.

    Raises ``NotFound`` for a key that the actor sent nothing under, ``PicturesFull``, and what evidence refuses.
    """
    found = FieldReport.objects.select_for_update().filter(pk=queries.sent(once, actor).pk).get()
    if found.pictures >= rules.PICTURES_MOST:
        raise rules.PicturesFull(most=rules.PICTURES_MOST)
    evidence.attach(
        found,
        file,
        actor=actor,
        now=now,
        origin="upload",
        taken_at=found.happened_at,
        longitude=found.longitude,
        latitude=found.latitude,
    )
    with change(actor, "fieldapp.send", now=now, record=found) as gathered:
        found.pictures = evidence.count_for("fieldapp.fieldreport", found.pk, _KEEPER)
        found.save(update_fields=["pictures"])
        gathered.announce(FieldReportChanged(**_about(found, now), title=found.title, state=found.state))
    return found


# --- what becomes of it ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def file(report: FieldReport, *, actor: Actor, now: datetime) -> FieldReport:
    """Make a filing of a lead, as a draft of the officer's; an enterprise's report has its own already."""
    filing = report.filing_id or filings.intake(_filing_values(report), actor=actor, now=now).filing_id
    return advance(report, "file", actor=actor, now=now, fields={"filing_id": filing}, event=_changed(now))


def settle(report: FieldReport, move: str, reason: str, *, actor: Actor, now: datetime) -> FieldReport:
    """``verify`` a report that is known otherwise, or ``dismiss`` one that is not true; both with a sentence. Raises ``NotFound``."""
    if move not in ("verify", "dismiss"):
        raise NotFound(what=move)
    return advance(report, move, actor=actor, now=now, reason=reason, event=_changed(now))


def _changed(now: datetime) -> Any:
    return lambda row, _move, _gathered: FieldReportChanged(**_about(row, now), title=row.title, state=row.state)


# --- tasks and check-ins -----------------------------------------------------------------------------------------------------------


def tell(
    once: UUID, kind: str, *, task_id: UUID | None = None, words: str = "", spot: Mapping[str, float | None], seconds_ago: int = 0,
    actor: Actor, now: datetime,
) -> FieldStep:  # fmt: skip
    """Move a task of one's own, or say that all is well; the same key again changes nothing.

    Raises ``WordsMissing``, ``KeyTaken``, ``NotFound``, and what the task refuses.
    """
    found = FieldStep.objects.filter(once=once).first()
    if found is not None:
        if found.account_id != actor.account_id:
            raise rules.KeyTaken
        return found
    if kind not in rules.STEPS or (kind != rules.CHECK_IN and task_id is None):
        raise NotFound(what=kind)
    if kind in rules.SPOKEN and not words.strip():
        raise rules.WordsMissing
    point = rules.point(spot.get("longitude"), spot.get("latitude"))
    with transaction.atomic():
        task = incidents.task(task_id, actor, now) if task_id is not None else None
        if task is not None and kind != rules.CHECK_IN:
            incidents.move_task(task.id, kind, words.strip(), actor=actor, now=now)
        place = task.place_code if task is not None and task.place_code else actor.place_code
        with change(actor, "fieldapp.send", now=now, place_code=place) as gathered:
            step = FieldStep.objects.create(
                once=once,
                kind=kind,
                incident_id=task.incident_id if task else None,
                task_id=task.id if task else None,
                subject=task.title[:200] if task else "",
                words=words.strip()[: rules.WORDS_MOST],
                longitude=point[0] if point else None,
                latitude=point[1] if point else None,
                happened_at=rules.happened_at(now, seconds_ago),
                received_at=now,
                account_id=actor.account_id,
                who=actor.name,
                place_code=place,
            )
            gathered.subject = step
            gathered.announce(FieldTold(**_about(step, now), step=kind, who=actor.name))
    return step


@dataclass(frozen=True)
class Fix:
    """Where a phone is: degrees, m; ``battery``: per cent."""

    longitude: float
    latitude: float
    accuracy_m: float
    battery: float | None = None


def locate(fix: Fix, *, actor: Actor, now: datetime) -> UUID:
    """Put the phone of somebody who agreed to it into the picture of field units; returns the unit's id. Raises ``PointWrong``, ``NotPermitted``.

    The phone is a unit of its own, enrolled when it first tells a position.
    """
    spot = rules.point(fix.longitude, fix.latitude)
    if spot is None:
        raise rules.PointWrong
    uid = f"phone-{actor.account_id}"
    unit_id = field.unit_of(uid)
    if unit_id is None:
        with change(actor, "fieldapp.send", now=now, place_code=actor.place_code, enterprise_id=actor.enterprise_id) as gathered:
            gathered.facts["consent"] = uid
            values = {"uid": uid, "callsign": actor.name, "place_code": actor.place_code, "team": _PHONES}
            unit_id = field.enrol(values, actor=_KEEPER, now=now)
    point = cot.Point(latitude=spot[1], longitude=spot[0], ce=fix.accuracy_m)
    event = cot.Event(uid, "a-f-G", now, now, now + _STALE, "m-g", point, cot.Detail(battery=fix.battery))
    field.hear(unit_id, [event], now=now)
    return unit_id
