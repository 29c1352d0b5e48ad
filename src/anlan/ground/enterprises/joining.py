"""Verbs of onboarding: a bureau invites, the enterprise fills in and submits by its link, the bureau accepts or returns."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.desk.refusals import sentence
from anlan.desk.resource import Sheet
from anlan.desk.resource.importing import reading
from anlan.ground.enterprises import certifying, intake, onboarding, queries, rules, services
from anlan.ground.enterprises.door import InvitationMoved
from anlan.ground.enterprises.models import Enterprise, Invitation
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day

JOINER = system_actor("enterprises.join")
"""In whose name the holder of a link writes; the audit keeps from which address."""
FIELDS = (
    "legal_representative",
    "registered_address",
    "longitude",
    "latitude",
    "industry_code",
    "sector_code",
    "scale",
    "staff_count",
    "founded_on",
    "business_scope",
)
ROLES = ("principal", "safety_manager", "control_room")
_NEEDED = {"legal_representative": _("法定代表人"), "registered_address": _("注册地址")}


def invite(
    *, name: str, uscc: str, place_code: str, contact_name: str, contact_phone: str, actor: Actor, now: datetime
) -> tuple[Invitation, str]:
    """Invite an enterprise. Returns the invitation and the token of its link, which is kept nowhere else.

    Needs ``enterprises.register`` at the place. Raises ``Invalid`` naming wrong fields, among them an invitation that is open already.
    """
    checks = {
        "name": intake.text(120),
        "uscc": rules.credit_code,
        "place_code": intake.place,
        "contact_name": intake.text(60),
        "contact_phone": intake.phone,
    }
    given = {"name": name, "uscc": uscc, "place_code": place_code, "contact_name": contact_name, "contact_phone": contact_phone}
    values: dict[str, Any] = intake.clean(given, checks)
    labels = {"name": _("企业名称"), "contact_name": _("联系人")}
    empty = {field: rules.MissingValue(field=label) for field, label in labels.items() if not values[field]}
    if empty:
        raise Invalid(dict(empty))
    token = onboarding.new_token()
    with change(actor, "enterprises.register", now=now, place_code=values["place_code"]) as made:
        if Invitation.objects.filter(uscc=values["uscc"], state__in=onboarding.OPEN_STATES).exists():
            raise Invalid({"uscc": onboarding.InvitedAlready(uscc=values["uscc"])})
        row = Invitation(
            **values,
            state=onboarding.INVITED,
            invited_by_name=actor.name,
            token_digest=onboarding.digest_of(token),
            expires_at=_expiry(now),
            created_at=now,
            updated_at=now,
            opened_at=now,
        )
        row.save(force_insert=True)
        made.subject = row
        open_case(row, actor=actor, now=now)
    return row, token


def renew_link(invitation_id: UUID, *, actor: Actor, now: datetime) -> tuple[Invitation, str]:
    """A new link for an open invitation; the old one is dead from now on. Raises ``NotFound``, ``NotPermitted``, ``LinkDead``."""
    token = onboarding.new_token()
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
        if row is None:
            raise NotFound(what=str(invitation_id))
        with change(actor, "enterprises.register", now=now, record=row) as made:
            if row.state not in onboarding.OPEN_STATES:
                raise onboarding.LinkDead
            row.token_digest, row.expires_at = onboarding.digest_of(token), _expiry(now)
            row.save()
            made.facts["reason"] = "link"
    return row, token


def by_token(token: str, now: datetime) -> Invitation:
    """The open invitation of a link. Raises :class:`~.onboarding.LinkDead`, without saying whether there ever was one."""
    row = Invitation.objects.filter(token_digest=onboarding.digest_of(token), state__in=onboarding.OPEN_STATES).first()
    if row is None or row.expires_at < now:
        raise onboarding.LinkDead
    return row


def save_draft(token: str, values: Mapping[str, str], contacts: Mapping[str, Mapping[str, str]], *, now: datetime) -> Invitation:
    """Keep what was typed, right or wrong, so that nothing is lost. Raises ``LinkDead``, ``AlreadySubmitted``."""
    with transaction.atomic():
        row = _writable(token, now)
        with change(JOINER, "enterprises.join", now=now, record=row):
            row.draft = {
                **row.draft,
                "values": {name: str(values.get(name) or "")[:4000] for name in FIELDS},
                "contacts": {
                    role: {part: str(contacts.get(role, {}).get(part) or "")[:60] for part in ("name", "phone")} for role in ROLES
                },
            }
            row.save()
    return row


def upload_rows(token: str, file: UploadedFile, sheet: Sheet, *, now: datetime) -> tuple[int, list[tuple[int, str, str]]]:
    """Licences and certificates from a spreadsheet: good rows join the draft, bad ones are told as (row, column, sentence).

    Raises ``LinkDead``, ``AlreadySubmitted``, ``UploadTooLarge`` and the refusals of :mod:`anlan.desk.resource.importing.reading`.
    """
    if (file.size or 0) > onboarding.LARGEST_UPLOAD:
        raise onboarding.UploadTooLarge(limit=onboarding.LARGEST_UPLOAD // 1024 // 1024)
    suffix = Path(file.name or "").suffix.lower()
    if suffix not in reading.SUFFIXES:
        raise reading.UnknownKindOfFile(name=file.name or "")
    with tempfile.NamedTemporaryFile(suffix=suffix) as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        contents = reading.read(Path(kept.name), sheet)
    labels = {column.name: str(column.label) for column in sheet.columns}
    good: list[dict[str, str]] = []
    bad: list[tuple[int, str, str]] = []
    for number, texts in contents.cells():
        try:
            certifying.cleaned(texts)
            good.append(texts)
        except Invalid as refusal:
            bad += [
                (number, labels.get(name, name), sentence(why) if isinstance(why, Refusal) else str(why))
                for name, why in refusal.fields.items()
            ]
    with transaction.atomic():
        row = _writable(token, now)
        with change(JOINER, "enterprises.join", now=now, record=row):
            held = {(one["kind"], one["number"]): one for one in row.draft.get("certificates", [])}
            held |= {
                (certifying.CHECKS["kind"](one["kind"]), one["number"]): {**one, "kind": certifying.CHECKS["kind"](one["kind"])}
                for one in good
            }
            row.draft = {**row.draft, "certificates": list(held.values())[: onboarding.MOST_ROWS]}
            row.save()
    return len(good), bad


def submit(token: str, *, now: datetime) -> Invitation:
    """Hand the draft to the bureau. Raises ``Invalid`` naming every wrong field (contacts as ``principal_name`` …), ``LinkDead``, ``AlreadySubmitted``."""
    row = _writable(token, now)
    _checked(row)
    return advance(row, "submit", actor=JOINER, now=now, fields={"submitted_at": now, "reasons": {}}, event=_event)


def give_back(invitation_id: UUID, reasons: Mapping[str, str], *, actor: Actor, now: datetime) -> Invitation:
    """Return what was submitted with what is wrong with which field. Raises ``NothingToReturn``, ``NotPermitted``, ``WrongState``."""
    told = {name: " ".join(why.split())[:300] for name, why in reasons.items() if why.strip()}
    if not told:
        raise onboarding.NothingToReturn
    return advance(_one(invitation_id), "return", actor=actor, now=now, fields={"reasons": told}, event=_event)


def accept(invitation_id: UUID, *, actor: Actor, now: datetime) -> Invitation:
    """Publish what was submitted as the file of the enterprise, new or already there, with people to call and certificates.

    All of it or nothing. Raises ``Invalid``, ``NotPermitted``, ``WrongState``.
    """
    with transaction.atomic():
        row = _one(invitation_id, lock=True)
        row.flow.check("accept", row.state, {}, actor.account_id, {}, "")
        values, contacts = _checked(row)
        held = Enterprise.objects.filter(uscc=row.uscc).first()
        given: dict[str, Any] = {**values, "name": row.name, "place_code": row.place_code, "source": rules.SOURCE_ENTERPRISE}
        if held is None:
            file = services.register_enterprise(actor=actor, now=now, uscc=row.uscc, **given)
        else:
            file = services.change_enterprise(held.pk, actor=actor, now=now, **given)
        there = set(queries.contacts(file.pk).values_list("role", "name", "phone"))
        for role, one in contacts.items():
            if (role, one["name"], one["phone"]) not in there:
                services.add_contact(file.pk, actor=actor, now=now, role=role, **one)
        known = set(queries.certificates_of(file.pk).values_list("kind", "number"))
        for texts in row.draft.get("certificates", []):
            if (texts["kind"], texts["number"]) not in known:
                certifying.add_certificate(file.pk, actor=actor, now=now, **texts)
        return advance(row, "accept", actor=actor, now=now, fields={"enterprise_id": file.pk}, event=_event)


def withdraw(invitation_id: UUID, reason: str, *, actor: Actor, now: datetime) -> Invitation:
    """Take an invitation back; its link is dead. Raises ``ReasonRequired``, ``NotPermitted``, ``WrongState``."""
    return advance(_one(invitation_id), "withdraw", actor=actor, now=now, reason=reason)


def sweep(now: datetime) -> int:
    """Close invitations whose link is over and that were never submitted. Returns how many."""
    rows = list(Invitation.objects.filter(state__in=onboarding.FILLING, expires_at__lt=now)[:1000])
    for row in rows:
        advance(row, "lapse", actor=JOINER, now=now)
    return len(rows)


def _expiry(now: datetime) -> datetime:
    return now + timedelta(days=onboarding.parameter("link_days", law_day(now)))


def _writable(token: str, now: datetime) -> Invitation:
    row = by_token(token, now)
    if row.state not in onboarding.FILLING:
        raise onboarding.AlreadySubmitted
    return row


def _one(invitation_id: UUID, *, lock: bool = False) -> Invitation:
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    row = rows.filter(pk=invitation_id).first()
    if row is None:
        raise NotFound(what=str(invitation_id))
    return row


def _checked(row: Invitation) -> tuple[dict[str, object], dict[str, dict[str, str]]]:
    """The draft as the file takes it. Raises ``Invalid`` naming every wrong field."""
    typed: dict[str, str] = row.draft.get("values", {})
    wrong: dict[str, Refusal | str] = {name: rules.MissingValue(field=label) for name, label in _NEEDED.items() if not typed.get(name)}
    values: dict[str, object] = dict(typed)
    try:
        intake.enterprise({**values, "uscc": row.uscc, "name": row.name, "place_code": row.place_code})
    except Invalid as refusal:
        wrong = {**refusal.fields, **wrong}
    contacts: dict[str, dict[str, str]] = {}
    for role in ROLES:
        one = row.draft.get("contacts", {}).get(role, {})
        if role != "principal" and not (one.get("name") or one.get("phone")):
            continue
        try:
            intake.contact({"role": role, "name": one.get("name", ""), "phone": one.get("phone", "")})
            contacts[role] = {"name": one["name"], "phone": one["phone"]}
        except Invalid as refusal:
            wrong |= {f"{role}_{name}": why for name, why in refusal.fields.items()}
    if wrong:
        raise Invalid(wrong)
    return values, contacts


def _event(row: Invitation, _move: Move, made: Change) -> InvitationMoved:
    return InvitationMoved(
        subject_id=row.pk,
        place_code=row.place_code,
        enterprise_id=row.enterprise_id,
        classification=Classification(row.classification),
        at=made.now,
        name=row.name,
        state=row.state,
    )
