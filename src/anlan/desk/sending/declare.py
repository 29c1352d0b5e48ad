"""How a room declares what an enterprise's own system may send or read back. Filled once at start from the rooms' ``sending.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, Field

from anlan.kernel.access import Actor


class Body(BaseModel):
    """Base of every content. What is not sent stays as it is; an unknown name is refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    revision: int | None = Field(
        None,
        ge=0,
        le=2**63 - 1,
        description="optional: a number that grows with every change in the sending system; what is older than the last one taken changes nothing",
    )

    def values(self) -> dict[str, Any]:
        """What was sent, by name, without the revision."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "revision"}


B = TypeVar("B", bound=Body)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Sent(Generic[B, M]):
    """One content on its way to a room. ``record``: what the number means already, not locked; ``None``: to be made.

    ``external_id`` for what a room shows of it; who it is was decided before.
    """

    enterprise_id: UUID
    external_id: str
    record: M | None
    body: B
    actor: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Sendable(Generic[B, M]):
    """One kind of thing below ``/api/v1/own/<code>``.

    ``put(sent)`` makes or changes one record in a transaction that is open already, and returns it and whether anything changed;
    ``like(enterprise_id, external_id, body)`` finds the record that is meant although the system never named it before (the same site by its name),
    so that nothing is entered twice. Without ``body`` it is only read. ``only``: there is one for an enterprise, found by ``like`` whatever the body,
    and its address has no number. ``never``: names that a person enters or the bureau keeps, refused with that reason.
    """

    code: str
    label: str | Promise
    view: str
    rows: Callable[[Actor, UUID], QuerySet[M]]
    told: Callable[[M, Actor], dict[str, Any]]
    write: str = ""
    body: type[B] | None = None
    put: Callable[[Sent[B, M]], tuple[M, bool]] | None = None
    like: Callable[[UUID, str, B | None], M | None] | None = None
    never: tuple[str, ...] = ()
    only: bool = False


_sendables: dict[str, Sendable[Any, Any]] = {}


def register(sendable: Sendable[Any, Any]) -> None:
    """Add one kind. Raises ``ImproperlyConfigured`` for a code that is taken."""
    if _sendables.get(sendable.code, sendable) is not sendable:
        raise ImproperlyConfigured(f"what systems send under {sendable.code!r} is declared twice")
    _sendables[sendable.code] = sendable


def all_sendables() -> tuple[Sendable[Any, Any], ...]:
    """Every kind, in the order of registration (rooms bottom-up)."""
    return tuple(_sendables.values())
