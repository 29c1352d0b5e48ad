"""Reading back: one record by the number it has in the asking system, and everything that changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.utils import timezone

from anlan.desk.resource.addresses import record_url
from anlan.desk.resource.registry import find_for_model
from anlan.desk.sending import refusals
from anlan.desk.sending.declare import Sendable
from anlan.desk.sending.taking import numbered, whose
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger import references

MOST_ROWS, USUAL_ROWS = 500, 100


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next ones begin (empty: there are no more)."""

    items: list[dict[str, Any]]
    next: str


def one(sendable: Sendable[Any, Any], external_id: str, actor: Actor) -> Model:
    """The record that the asking system calls so. Raises ``NotFound``, ``ExternalIdWrong``, ``OfEnterpriseOnly``."""
    number = numbered(sendable, external_id, actor)
    held = references.find(number)
    found: Model | None = None
    if held is not None and not sendable.only:
        found = sendable.rows(actor, number.enterprise_id).filter(pk=held.record_id).first()
    elif sendable.like is not None:
        # Not sent yet, but there all the same: the one file of the enterprise, a unit by its code.
        like = sendable.like(number.enterprise_id, external_id, None)
        found = sendable.rows(actor, number.enterprise_id).filter(pk=like.pk).first() if like is not None else None
    if found is None:
        raise NotFound(what=external_id)
    return found


def changed(sendable: Sendable[Any, Any], actor: Actor, *, updated_since: str, after: str, limit: str) -> Page:
    """Records of the enterprise that ``actor`` may see, the longest unchanged first, also those that no system sent. Raises ``CursorWrong``."""
    enterprise_id, source = whose(actor)
    rows = sendable.rows(actor, enterprise_id).order_by("updated_at", "pk")
    if updated_since:
        rows = rows.filter(updated_at__gte=_moment("updated_since", updated_since))
    if after:
        at, key = _place(after)
        rows = rows.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=key))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:6]) <= MOST_ROWS:
        raise refusals.CursorWrong(name="limit", most=MOST_ROWS)
    found = list(rows[: int(limit) + 1])
    shown = found[: int(limit)]
    numbers = references.numbers_of((row.pk for row in shown), enterprise_id, source, sendable.code)
    more = len(found) > len(shown)
    return Page(
        [told(sendable, row, actor, numbers.get(row.pk)) for row in shown],
        f"{shown[-1].updated_at.astimezone(UTC).isoformat()}~{shown[-1].pk}" if more else "",
    )


def told(sendable: Sendable[Any, Any], record: Any, actor: Actor, external_id: str | None) -> dict[str, Any]:
    """One record as it is answered."""
    resource = find_for_model(type(record))
    return {
        "id": str(record.pk),
        "external_id": external_id,
        "updated_at": record.updated_at.isoformat(),
        "url": record_url(resource, record.pk) if resource is not None else None,
        "record": sendable.told(record, actor),
    }


def _moment(name: str, text: str) -> datetime:
    try:
        # A plus sign that was not escaped in the address arrives as a blank.
        found = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        found = found if found.tzinfo is not None else timezone.make_aware(found)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusals.CursorWrong(name=name, most=MOST_ROWS) from error


def _place(text: str) -> tuple[datetime, UUID]:
    at, _sign, key = text.partition("~")
    try:
        return _moment("after", at), UUID(key)
    except ValueError as error:
        raise refusals.CursorWrong(name="after", most=MOST_ROWS) from error
