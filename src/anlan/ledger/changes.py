"""One mutation: permission checked, change made, audited and announced, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import models, transaction

from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotPermitted
from anlan.kernel.events import Event
from anlan.ledger import audit
from anlan.ledger.events import announce as _announce

_UNTOLD = {"updated_at", "version", "search_text", "search_tokens", "password", "totp_secret"}
"""Columns left out of the audit's before and after: bookkeeping, and secrets."""

_HIDDEN = "…"
"""What stands for a value of a model's ``personal_columns``: the log never forgets, and a person has a right to be forgotten. That it changed is told."""


@dataclass
class Change:
    """What a mutation gathers while it runs."""

    actor: Actor
    action: str
    now: datetime
    subject: models.Model | None = None
    place_code: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def announce(self, event: Event) -> None:
        """Tell the rooms above of this change, after it was audited, if the transaction commits."""
        self.events.append(event)


def snapshot(record: models.Model) -> dict[str, object]:
    """Column values of ``record`` by field name, without bookkeeping and secrets; bytes are told by their SHA-256."""
    return {f.name: _told(f.value_from_object(record)) for f in record._meta.concrete_fields if f.name not in _UNTOLD}


def _told(value: object) -> object:
    return f"sha256:{sha256(value).hexdigest()}" if isinstance(value, bytes | memoryview) else value


def permit(
    actor: Actor,
    action: str,
    *,
    record: Any = None,
    place_code: str | None = None,
    enterprise_id: UUID | None = None,
    classification: Classification | int | None = None,
) -> None:
    """Raise :class:`NotPermitted` unless ``actor`` may do ``action`` on ``record`` (or at the place given)."""
    if record is not None:
        place_code = place_code if place_code is not None else getattr(record, "place_code", "")
        if enterprise_id is None:
            is_enterprise = isinstance(record, models.Model) and record._meta.label_lower == "enterprises.enterprise"
            enterprise_id = record.pk if is_enterprise else getattr(record, "enterprise_id", None)
        if classification is None:
            classification = getattr(record, "classification", Classification.PUBLIC)
    if not actor.may(
        action, place_code=place_code or "", enterprise_id=enterprise_id, classification=classification or Classification.PUBLIC
    ):
        raise NotPermitted(action=action)


@contextmanager
def change(
    actor: Actor,
    action: str,
    *,
    now: datetime,
    record: models.Model | None = None,
    place_code: str | None = None,
    enterprise_id: UUID | None = None,
) -> Iterator[Change]:
    """Run one mutation. Inside the block change and save; set ``subject`` when the record is made there.

    Give ``record`` when it exists, else ``place_code`` (and ``enterprise_id``) of what is about to be made. A record that is moved
    to another place inside the block must be permitted at both places. On exit the audit entry is written with what changed, then
    the announcements. Raises :class:`NotPermitted`; any exception inside rolls everything back.
    """
    with transaction.atomic():
        permit(actor, action, record=record, place_code=place_code, enterprise_id=enterprise_id)
        before = snapshot(record) if record is not None else {}
        gathered = Change(actor=actor, action=action, now=now, subject=record)
        gathered.place_code = place_code or getattr(record, "place_code", "") or ""
        yield gathered
        subject = gathered.subject
        after = snapshot(subject) if subject is not None else {}
        if subject is not None and before.get("place_code", after.get("place_code")) != after.get("place_code"):
            permit(actor, action, record=subject)
        changed = {name: [before.get(name), value] for name, value in after.items() if name not in before or before[name] != value}
        for name in changed.keys() & getattr(type(subject), "personal_columns", frozenset()):
            changed[name] = [_HIDDEN if filled else "" for filled in changed[name]]
        if record is not None and changed and hasattr(record, "version"):
            type(record)._default_manager.filter(pk=record.pk).update(version=models.F("version") + 1, updated_at=now)
        audit.append(
            actor=actor,
            action=action,
            subject_type=subject._meta.label_lower if subject is not None else "",
            subject_id=subject.pk if subject is not None else "",
            place_code=getattr(subject, "place_code", "") or gathered.place_code,
            content={"changed": changed, "facts": gathered.facts},
            at=now,
        )
        for event in gathered.events:
            _announce(event)
