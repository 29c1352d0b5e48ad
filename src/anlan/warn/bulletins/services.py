"""Verbs of bulletins. Publishing is one act: the second person's approval fixes the words, the identifier and the bytes."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

from anlan.ground.places import door as places
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.levels import level_of
from anlan.kernel.words import N_
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.warn.bulletins import door, message, rules
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.wire import cap

CONTENT_FIELDS = (
    "event_code",
    "level",
    "headline",
    "description",
    "instruction",
    "headline_en",
    "description_en",
    "instruction_en",
    "area_codes",
    "circle_longitude",
    "circle_latitude",
    "circle_radius_km",
    "onset",
    "expires",
    "issuer_name",
    "contact",
    "incident_id",
)


def draft(
    *,
    actor: Actor,
    now: datetime,
    exercise: bool = False,
    place_code: str = "",
    message_kind: str = MessageKind.ALERT,
    changes: Bulletin | None = None,
    **content: Any,
) -> Bulletin:
    """Draft a bulletin of the actor's place (or of ``place_code`` within his grants).

    ``content``: the fields of :data:`CONTENT_FIELDS`; ``area_codes`` a list of place codes; the circle in degrees and km.
    Raises ``Invalid`` naming each wrong field, :class:`rules.MayNotIssue`, ``NotPermitted``.
    """
    place_code = place_code or actor.place_code
    unknown = set(content) - set(CONTENT_FIELDS)
    if unknown:
        raise TypeError(f"unknown content: {sorted(unknown)}")
    bulletin = Bulletin(
        place_code=place_code,
        state=Bulletin.flow.initial,
        exercise=exercise,
        message_kind=message_kind,
        changes=changes,
        opened_at=now,
        issuer_id=actor.organisation_id,
        drafted_by_id=actor.account_id if actor.kind == "person" else None,
        drafted_by_name=actor.name,
        **content,
    )
    _complete(bulletin, now)
    with change(actor, "bulletins.draft", now=now, place_code=place_code) as gathered:
        bulletin.save(force_insert=True)
        gathered.subject = bulletin
        open_case(bulletin, actor=actor, now=now)
    return bulletin


def edit(bulletin: Bulletin, *, actor: Actor, now: datetime, **content: Any) -> Bulletin:
    """Change a draft. Raises ``WrongState`` once it was submitted; the refusals of :func:`draft`."""
    with change(actor, "bulletins.edit", now=now, record=bulletin):
        locked = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
        Bulletin.flow.check("submit", locked.state, dict.fromkeys(rules.CONTENT, "."), actor.account_id, {})
        for name, value in content.items():
            if name not in CONTENT_FIELDS:
                raise TypeError(f"unknown content: {name}")
            setattr(bulletin, name, value)
        _complete(bulletin, now)
        bulletin.save()
    return bulletin


def submit(bulletin: Bulletin, *, actor: Actor, now: datetime) -> Bulletin:
    """Send a draft to approval. What it says is checked once more, since time has passed."""
    _complete(bulletin, now)
    fields = {
        "area_description": bulletin.area_description,
        "submitted_by_id": actor.account_id,
        "submitted_by_name": actor.name,
        "submitted_at": now,
    }
    return advance(bulletin, "submit", actor=actor, now=now, fields=fields, event=_event(door.BulletinSubmitted))


def approve(bulletin: Bulletin, *, actor: Actor, now: datetime) -> Bulletin:
    """Approve and publish. The actor must be neither the writer nor the submitter, and his level must carry the authority.

    Raises ``FourEyes``, ``WrongState``, :class:`rules.MayNotIssue`, :class:`rules.ImpossibleTimes`.
    """
    rules.check_authority(bulletin.event_code, level_of(bulletin.place_code), now.date())
    rules.check_times(bulletin.onset, bulletin.expires, now)
    fields = {"approved_by_id": actor.account_id, "approved_by_name": actor.name, "published_at": now}
    return advance(bulletin, "approve", actor=actor, now=now, fields=fields, event=_event(door.BulletinPublished), after=_publish)


def _publish(bulletin: Bulletin, _move: Move, gathered: Change) -> None:
    earlier = bulletin.changes
    if earlier is not None and earlier.state != "published":
        raise rules.NotLive(state=str(earlier.get_state_label()))
    bulletin.identifier = _free_identifier(bulletin, gathered.now)
    alert = message.as_alert(bulletin, cap.decode(bytes(earlier.message)) if earlier is not None and earlier.message else None)
    bulletin.message = cap.encode(alert)
    bulletin.message_digest = hashlib.sha256(bulletin.message).hexdigest()
    bulletin.save(update_fields=["identifier", "message", "message_digest"])
    gathered.facts["message_digest"] = bulletin.message_digest
    if earlier is not None:
        move = "lift" if bulletin.message_kind == MessageKind.CANCEL else "supersede"
        event = _event(door.BulletinLifted) if move == "lift" else None
        # The approver's act carries the change of the earlier bulletin; his post need not hold the housekeeping action itself.
        advance(earlier, move, actor=_housekeeper(gathered.actor), now=gathered.now, reason=bulletin.identifier, event=event)


def _free_identifier(bulletin: Bulletin, now: datetime) -> str:
    local = now.astimezone(message.BEIJING)
    for serial in range(10):
        candidate = rules.identifier(bulletin.place_code, local, serial)
        if not Bulletin.objects.filter(identifier=candidate).exists():
            return candidate
    raise TooManyAtOnce


class TooManyAtOnce(Refusal):
    code = "bulletin_too_many_at_once"
    sentence = N_("同一单位同一秒内已发布 10 条预警，请一秒后再批准。")


def send_back(bulletin: Bulletin, *, actor: Actor, now: datetime, reason: str) -> Bulletin:
    """Return a submitted bulletin to its writer with a reason."""
    return advance(bulletin, "return", actor=actor, now=now, reason=reason, event=_event(door.BulletinReturned))


def recall(bulletin: Bulletin, *, actor: Actor, now: datetime) -> Bulletin:
    """Take a submitted bulletin back to change it."""
    return advance(bulletin, "recall", actor=actor, now=now)


def discard(bulletin: Bulletin, *, actor: Actor, now: datetime, reason: str) -> Bulletin:
    """Throw a draft away, with a reason."""
    return advance(bulletin, "discard", actor=actor, now=now, reason=reason)


def draft_follower(bulletin: Bulletin, kind: MessageKind, *, actor: Actor, now: datetime, **content: Any) -> Bulletin:
    """Draft the update or the cancellation of a live bulletin; it needs a second person like any other. Raises :class:`rules.NotLive`."""
    if bulletin.state != "published":
        raise rules.NotLive(state=str(bulletin.get_state_label()))
    values = {name: getattr(bulletin, name) for name in CONTENT_FIELDS} | content
    return draft(
        actor=actor,
        now=now,
        exercise=bulletin.exercise,
        place_code=bulletin.place_code,
        message_kind=kind,
        changes=bulletin,
        **values,
    )


def expire_due(now: datetime) -> int:
    """Move every live bulletin whose time has passed to expired; returns how many."""
    keeper = system_actor("bulletins")
    due = Bulletin.objects.filter(state="published", expires__lte=now)
    for bulletin in due:
        advance(bulletin, "expire", actor=keeper, now=now, event=_event(door.BulletinExpired))
    return len(due)


def _housekeeper(approver: Actor) -> Actor:
    keeper = system_actor("bulletins")
    return Actor(
        account_id=approver.account_id,
        name=approver.name,
        post=approver.post,
        level=approver.level,
        place_code=approver.place_code,
        grants=keeper.grants,
        kind=approver.kind,
    )


def _complete(bulletin: Bulletin, now: datetime) -> None:
    """Fill what follows from the rest and check what can be checked before approval; every wrong field is named at once."""
    wrong: dict[str, Refusal | str] = {}

    def attempt(field: str, check: Any, *values: Any) -> None:
        try:
            check(*values)
        except Refusal as refusal:
            wrong[field] = refusal

    if bulletin.event_code not in {row.code for row in rules.event_types()}:
        wrong["event_code"] = UnknownCode(value=bulletin.event_code)
    else:
        attempt("event_code", rules.check_authority, bulletin.event_code, level_of(bulletin.place_code), _day(now))
    if bulletin.level not in {row.code for row in rules.levels()}:
        wrong["level"] = UnknownCode(value=bulletin.level)
    attempt("area_codes", rules.check_area, bulletin.place_code, bulletin.area_codes, bulletin.circle)
    attempt("expires", rules.check_times, bulletin.onset, bulletin.expires, now)
    for code in bulletin.area_codes:
        if not places.exists(code):
            wrong["area_codes"] = UnknownCode(value=code)
    if wrong:
        raise Invalid(fields=wrong)
    bulletin.area_description = describe_area(bulletin)


class UnknownCode(Refusal):
    code = "bulletin_unknown_code"
    sentence = N_("“{value}”不在现行代码表中，请从列表中选择。")
    status = 422


def _day(now: datetime) -> date:
    return now.astimezone(message.BEIJING).date()


def describe_area(bulletin: Bulletin) -> str:
    """The warned area in words: place names, and the circle around its county."""
    parts = [places.full_name(code) for code in bulletin.area_codes]
    if bulletin.circle is not None:
        longitude, latitude, radius = bulletin.circle
        county = places.county_at(longitude, latitude)
        name = places.full_name(county.code) if county else ""
        parts.append(f"{name}（{longitude:.4f}，{latitude:.4f}）周边 {radius:g} 公里")
    return "、".join(parts)[:500]


def _event(event_class: type[Event]) -> Any:
    def build(bulletin: Bulletin, _move: Move, gathered: Change) -> Event:
        facts: dict[str, Any] = {"headline": bulletin.headline, "level": bulletin.level}
        if event_class is door.BulletinPublished:
            facts |= {"message_kind": bulletin.message_kind, "incident_id": str(bulletin.incident_id or "")}
        return event_class(
            subject_id=bulletin.pk,
            place_code=bulletin.place_code,
            at=gathered.now,
            exercise=bulletin.exercise,
            **facts,
        )

    return build


def link_incident(bulletin_id: UUID, incident_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Say which incident a bulletin belongs to; for rooms above."""
    bulletin = Bulletin.objects.get(pk=bulletin_id)
    with change(actor, "bulletins.edit", now=now, record=bulletin):
        bulletin.incident_id = incident_id
        bulletin.save(update_fields=["incident_id"])
