"""What rooms above may ask of channels, and what they hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ReceiptGiven(Event):
    """Somebody confirmed having read a bulletin; the subject is the bulletin."""

    kind: ClassVar[str] = "channels.receipt"
    action: ClassVar[str] = "bulletins.view"
    by: str


@dataclass(frozen=True)
class DispatchInfo:
    """How one bulletin went out over one channel."""

    channel: str
    label: str
    state: str
    state_label: str
    sent_at: object
    receipts: int


def dispatches(bulletin_id: UUID) -> list[DispatchInfo]:
    """Every dispatch of a bulletin with the number of receipts."""
    from anlan.warn.channels import queries

    return queries.dispatches(bulletin_id)
