"""Verbs of bulletins. Publishing is one act: the second person's approval fixes the words, the identifier and the bytes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Conflict, Refusal
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.words import N_
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.flows import advance, open_case
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import attaching, checking, door, hygiene, message, rules, signing
from anlan.warn.bulletins.models import Bulletin, HandedArea, MessageKind
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
    "texts",
    "area_codes",
    "circle_longitude",
    "circle_latitude",
    "circle_radius_km",
    "area",
    "area_drawn",
    "area_origin",
    "subject",
    "onset",
    "expires",
    "issuer_name",
    "contact",
    "incident_id",
    "accepted",
    "answers",
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

    ``content``: the fields of :data:`CONTENT_FIELDS`; ``area_codes`` a list of place codes; the circle in degrees and km; ``area`` GeoJSON.
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
        hands=[actor.account_id] if actor.kind == "person" else [],
        **content,
    )
    checking.complete(bulletin, now)
    with change(actor, "bulletins.draft", now=now, place_code=place_code) as gathered:
        bulletin.save(force_insert=True)
        gathered.subject = bulletin
        open_case(bulletin, actor=actor, now=now)
    return bulletin


def edit(bulletin: Bulletin, *, actor: Actor, now: datetime, seen: int | None = None, **content: Any) -> Bulletin:
    """Change a draft as it stands now; whoever changes it may not approve it. ``seen``: the version that was on the screen.

    Raises ``WrongState`` once it was submitted, ``Conflict`` when somebody else changed it; the refusals of :func:`draft`.
    """
    with transaction.atomic():
        locked = _locked(bulletin, seen)
        with change(actor, "bulletins.edit", now=now, record=locked):
            Bulletin.flow.check("submit", locked.state, dict.fromkeys(rules.CONTENT, "."), actor.account_id, {})
            for name, value in content.items():
                if name not in CONTENT_FIELDS:
                    raise TypeError(f"unknown content: {name}")
                setattr(locked, name, value)
            locked.hands = _with_hand(locked, actor)
            checking.complete(locked, now)
            locked.save()
    return _as_stored(bulletin)


def _locked(bulletin: Bulletin, seen: int | None = None) -> Bulletin:
    locked = Bulletin.objects.select_for_update(of=("self",)).select_related("changes").get(pk=bulletin.pk)
    if seen is not None and locked.version != seen:
        raise Conflict(what=locked.headline)
    return locked


def _as_stored(bulletin: Bulletin) -> Bulletin:
    bulletin.refresh_from_db()
    return bulletin


def _with_hand(bulletin: Bulletin, actor: Actor) -> list[UUID]:
    known = list(bulletin.hands)
    return known if actor.account_id in known or actor.kind != "person" else [*known, actor.account_id]


def submit(bulletin: Bulletin, *, actor: Actor, now: datetime) -> Bulletin:
    """Send a draft to approval. What it says is checked once more, since time has passed, and every doubt must have been answered.

    Where the answer to a live bulletin was to update it, the draft becomes its update; where it was to lift it, the lifting is drafted and
    submitted beside this one. Raises what ``checking.complete`` and ``checking.check_final`` raise.
    """
    with transaction.atomic():
        locked = _locked(bulletin)
        checking.complete(locked, now)
        others = checking.check_final(locked, now)
        fields: dict[str, object] = {
            "area_description": locked.area_description,
            "submitted_by_id": actor.account_id,
            "submitted_by_name": actor.name,
            "submitted_at": now,
            "hands": _with_hand(locked, actor),
            "attachments": attaching.frozen(locked, actor),
        }
        for other in others:
            if locked.answers[str(other.pk)]["answer"] == hygiene.UPDATE:
                fields |= {"changes_id": other.pk, "message_kind": MessageKind.UPDATE}
        advance(bulletin, "submit", actor=actor, now=now, fields=fields, event=_event(door.BulletinSubmitted))
        for other in others:
            if locked.answers[str(other.pk)]["answer"] == hygiene.CANCEL:
                _lift_beside(other, actor=actor, now=now)
    return _as_stored(bulletin)


def _lift_beside(other: Bulletin, *, actor: Actor, now: datetime) -> None:
    if other.followers.filter(message_kind=MessageKind.CANCEL, state__in=("draft", "pending")).exists():
        return
    submit(draft_follower(other, MessageKind.CANCEL, actor=actor, now=now), actor=actor, now=now)


def approve(bulletin: Bulletin, *, actor: Actor, now: datetime, seen: int | None = None) -> Bulletin:
    """Approve and publish. The actor must have had no hand in it, and his post and level must carry the authority.

    ``seen``: the version that was on the screen. Raises ``FourEyes``, ``WrongState``, ``Conflict``, :class:`rules.SamePerson`,
    :class:`rules.MayNotApprove`, :class:`rules.MayNotIssue`, :class:`rules.ImpossibleTimes`, and ``hygiene.NotAnswered`` when a bulletin that
    says otherwise went out since the submission.
    """
    fields = {"approved_by_id": actor.account_id, "approved_by_name": actor.name, "published_at": now}
    with transaction.atomic():
        locked = _locked(bulletin, seen)
        permit(actor, "bulletins.approve", record=locked)
        checking.check_approval(locked, actor, now)
        advance(bulletin, "approve", actor=actor, now=now, fields=fields, event=_event(door.BulletinPublished), after=_publish)
    return bulletin


def _publish(bulletin: Bulletin, _move: Move, gathered: Change) -> None:
    earlier = bulletin.changes
    if earlier is not None and earlier.state != "published":
        raise rules.NotLive(state=str(earlier.get_state_label()))
    bulletin.identifier = _free_identifier(bulletin, gathered.now)
    alert = message.as_alert(bulletin, cap.decode(bytes(earlier.message)) if earlier is not None and earlier.message else None)
    signed = signing.sign(alert, gathered.now)
    bulletin.message, bulletin.signed_by = signed.data, signed.fingerprint
    bulletin.message_digest = hashlib.sha256(signed.data).hexdigest()
    bulletin.save(update_fields=["identifier", "message", "message_digest", "signed_by"])
    gathered.facts |= {"message_digest": bulletin.message_digest, "signed_by": bulletin.signed_by}
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
    values = {name: getattr(bulletin, name) for name in CONTENT_FIELDS} | {"accepted": {}, "answers": {}} | content
    if kind == MessageKind.CANCEL:
        values.setdefault("headline", bulletin.headline)
        # A lifting is read for as long as the warning would have stood, and at least for a while.
        values["expires"] = max(bulletin.expires, now + LIFTING_STANDS)
    return draft(
        actor=actor,
        now=now,
        exercise=bulletin.exercise,
        place_code=bulletin.place_code,
        message_kind=kind,
        changes=bulletin,
        **values,
    )


LIFTING_STANDS = timedelta(hours=1)
"""How long an all-clear is shown at least (project default)."""


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
    """Say which incident a bulletin belongs to; for rooms above. Before it is out, that is a hand in what it says."""
    with transaction.atomic():
        bulletin = Bulletin.objects.select_for_update().get(pk=bulletin_id)
        with change(actor, "bulletins.edit", now=now, record=bulletin):
            bulletin.incident_id = incident_id
            if bulletin.published_at is None:
                bulletin.hands = _with_hand(bulletin, actor)
            bulletin.save(update_fields=["incident_id", "hands"])


def hand_over_area(area: Any, *, place_code: str, actor: Actor, now: datetime, **facts: Any) -> str:
    """See :func:`anlan.warn.bulletins.door.hand_over_area`."""
    told = area if isinstance(area, str | dict) else {"type": "MultiPolygon", "coordinates": area}
    kept = HandedArea(place_code=place_code, area=areas.geojson(areas.read(told).shape), created_at=now, **facts)
    with change(actor, "bulletins.draft", now=now, place_code=place_code) as gathered:
        kept.save(force_insert=True)
        gathered.subject = kept
    return f"{reverse('bulletins:create')}?handed={kept.pk}"
