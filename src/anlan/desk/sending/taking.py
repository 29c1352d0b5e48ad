"""Taking what a system sends: the same content again changes nothing, other content changes the record once, two at once make one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model
from pydantic import ValidationError

from anlan.desk.sending import refusals
from anlan.desk.sending.declare import Body, Sendable, Sent
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted, Refusal
from anlan.ledger import references
from anlan.ledger.models import ExternalReference
from anlan.ledger.references import Number

CREATED, CHANGED, SAME, SUPERSEDED = "created", "changed", "same", "superseded"
"""What became of a content: a new record; a record that changed; nothing, because it says nothing new; nothing, because it is older than what was
taken before."""
MOST_ITEMS = 500
_EXTERNAL_ID = re.compile(r"[^\x00-\x1f\x7f/]{1,120}")
_DEEPEST = 12
_UNREADABLE = "\x00"


@dataclass(frozen=True)
class Taken:
    """One content that was taken: what became of it, and the record as it is now."""

    external_id: str
    result: str
    record: Model


def whose(actor: Actor) -> tuple[UUID, str]:
    """The enterprise for which ``actor`` acts, and the name of the system: its account, the same for every key of it. Raises ``OfEnterpriseOnly``."""
    if actor.enterprise_id is None:
        raise refusals.OfEnterpriseOnly
    return actor.enterprise_id, str(actor.facts.get("account") or actor.facts.get("username") or actor.account_id)[:64]


def numbered(sendable: Sendable[Any, Any], external_id: str, actor: Actor) -> Number:
    """The number that ``actor``'s system means. Raises ``ExternalIdWrong``, ``OfEnterpriseOnly``."""
    enterprise_id, source = whose(actor)
    fits = _EXTERNAL_ID.fullmatch(external_id) and external_id == external_id.strip() and external_id != "batch" and _storable(external_id)
    if not fits:
        raise refusals.ExternalIdWrong(value=external_id.encode("utf-8", "replace").decode()[:40].replace(_UNREADABLE, ""))
    return Number(enterprise_id, source, sendable.code, external_id)


def digest_of(body: Body) -> str:
    """The digest of what was sent, without the revision."""
    return references.digest(body.model_dump(mode="json", exclude_unset=True, exclude={"revision"}))


def take(sendable: Sendable[Any, Any], external_id: str, content: object, *, actor: Actor, now: datetime) -> Taken:
    """Take one content in one transaction. Needs the action of ``sendable`` for the enterprise.

    Raises ``NotPermitted``, ``Invalid`` naming every wrong field, ``ExternalIdWrong``, ``RevisionReused``, ``NumberedAlready``, ``NotFound`` for a
    record that was taken away since, and what the room refuses; then nothing of it is kept.
    """
    number = numbered(sendable, external_id, actor)
    if not sendable.write or not actor.may(sendable.write, enterprise_id=number.enterprise_id):
        raise NotPermitted(action=sendable.write or sendable.view)
    body = read(sendable, content)
    digest = digest_of(body)
    with transaction.atomic():
        held = references.hold(number)
        record = _meant(sendable, number, held, body, actor)
        if held is not None and record is not None and (settled := _settled(held, digest, body.revision)):
            return Taken(external_id, settled, record)
        assert sendable.put is not None
        kept, changed = sendable.put(Sent(number.enterprise_id, external_id, record, body, actor, now))
        if changed:
            kept.refresh_from_db()
        try:
            with transaction.atomic():
                references.keep(number, held, record_id=kept.pk, content=digest, revision=body.revision, now=now)
        except IntegrityError as error:
            raise refusals.NumberedAlready(external_id=references.number_of(kept.pk, number) or number.external_id) from error
    return Taken(external_id, CREATED if record is None else CHANGED if changed else SAME, kept)


def _meant(sendable: Sendable[Any, Any], number: Number, held: ExternalReference | None, body: Body, actor: Actor) -> Model | None:
    if held is not None and not sendable.only:
        found: Model | None = sendable.rows(actor, number.enterprise_id).filter(pk=held.record_id).first()
        if found is None:
            raise NotFound(what=number.external_id)
        return found
    like = sendable.like(number.enterprise_id, number.external_id, body) if sendable.like is not None else None
    if like is not None and (known := references.number_of(like.pk, number)) not in (None, number.external_id):
        raise refusals.NumberedAlready(external_id=known)
    return like


def _settled(held: ExternalReference, digest: str, revision: int | None) -> str:
    """What became of it without asking the room; empty when the room must decide."""
    if revision is not None and held.revision is not None:
        if revision < held.revision:
            return SUPERSEDED
        if revision == held.revision and digest != held.digest:
            raise refusals.RevisionReused(external_id=held.external_id, revision=revision)
    if digest != held.digest:
        return ""
    if revision is not None and revision != held.revision:
        held.revision = revision
        held.save(update_fields=["revision"])
    return SAME


def take_many(
    sendable: Sendable[Any, Any], items: object, *, actor: Actor, now: Callable[[], datetime]
) -> list[tuple[str, Taken | Refusal]]:
    """Take up to :data:`MOST_ITEMS` contents, each in a transaction of its own and in their order: what is refused takes nothing with it.

    Returns what became of each, by its number. Raises ``BatchUnreadable``, and what refuses the whole request.
    """
    whose(actor)
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise refusals.BatchUnreadable(most=MOST_ITEMS)
    known = _known(sendable, items, actor)
    answers: list[tuple[str, Taken | Refusal]] = []
    for item in items:
        external_id = item.get("external_id") if isinstance(item, dict) else None
        try:
            if not isinstance(item, dict) or not isinstance(external_id, str) or item.keys() - {"external_id", "content"}:
                raise refusals.BatchUnreadable(most=MOST_ITEMS)
            # Whatever comes a second time in one batch is looked up anew.
            taken = _unchanged(sendable, external_id, item.get("content"), known.pop(external_id, None), actor)
            answers.append((external_id, taken or take(sendable, external_id, item.get("content"), actor=actor, now=now())))
        except Refusal as refusal:
            answers.append((str(external_id or "")[:120], refusal))
    return answers


def _known(sendable: Sendable[Any, Any], items: list[Any], actor: Actor) -> dict[str, tuple[ExternalReference, Model]]:
    """What a batch names and is known already, in two queries: a nightly batch says little that is new."""
    numbers = []
    for item in items:
        try:
            numbers.append(numbered(sendable, str(item["external_id"]), actor))
        except (Refusal, KeyError, TypeError):
            # Refused in its place, beside the others.
            continue
    held = references.find_many(numbers)
    enterprise_id, _source = whose(actor)
    rows = sendable.rows(actor, enterprise_id).filter(pk__in=[row.record_id for row in held.values()])
    records = {row.pk: row for row in rows}
    return {number: (row, records[row.record_id]) for number, row in held.items() if row.record_id in records}


def _unchanged(
    sendable: Sendable[Any, Any], external_id: str, content: object, known: tuple[ExternalReference, Model] | None, actor: Actor
) -> Taken | None:
    """What needs no lock because it says nothing new; ``None`` for everything else."""
    if known is None or not actor.may(sendable.write, enterprise_id=known[0].enterprise_id):
        return None
    held, record = known
    body = read(sendable, content)
    same = digest_of(body) == held.digest and body.revision in (None, held.revision)
    return Taken(external_id, SAME, record) if same else None


# --- reading what came -----------------------------------------------------------------------------------------------------------


def parsed(raw: bytes) -> Any:
    """The JSON value of a request. Raises ``BodyUnreadable``."""
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refusals.BodyUnreadable from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def read(sendable: Sendable[Any, Any], content: object) -> Body:
    """A content as its declared body. Raises ``BodyUnreadable``, ``Invalid`` naming every wrong field."""
    if not isinstance(content, Mapping) or not _whole(content):
        raise refusals.BodyUnreadable
    assert sendable.body is not None
    try:
        return sendable.body.model_validate(content)
    except ValidationError as error:
        wrong: dict[str, Refusal | str] = {}
        for each in error.errors(include_url=False, include_input=False, include_context=False):
            name = ".".join(str(part) for part in each["loc"])
            wrong[name] = refusals.FieldNotSent() if name in sendable.never else _why(each["type"], each["msg"])
        raise Invalid(wrong) from error


def _why(kind: str, words: str) -> Refusal:
    match kind:
        case "extra_forbidden":
            return refusals.FieldUnknown()
        case "missing":
            return refusals.FieldMissing()
    return refusals.FieldMalformed(why=words)


def _whole(value: object, depth: int = 0) -> bool:
    """Whether every text in a JSON value can be stored: no NUL, no half of a surrogate pair."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, Mapping):
        return all(_whole(name, depth + 1) and _whole(each, depth + 1) for name, each in value.items())
    return not isinstance(value, list) or all(_whole(each, depth + 1) for each in value)


def _storable(text: str) -> bool:
    return _UNREADABLE not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
