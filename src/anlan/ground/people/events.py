"""What people announce: live streams end with their session, pages of accounts refresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Event):
    """An account was created, changed, locked or given another post. ``subject_id`` is the account."""

    kind: ClassVar[str] = "people.account_changed"
    action: ClassVar[str] = "people.view"


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(Event):
    """Some or all sessions of an account ended. ``subject_id`` is the account: its live streams must look at their session again."""

    kind: ClassVar[str] = "people.sessions_ended"
    action: ClassVar[str] = "people.view"
