"""An enterprise with products and places, its own system with a key that may write, and another enterprise beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from tests.accounts import actor_of, make_account

from anlan.desk.braking import Brake
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.people import keyring, queries, services
from anlan.ground.people.catalogue import sendable_actions
from anlan.kernel import clock as kernel_clock
from anlan.ledger.models import Announcement, AuditEntry

READS = ("enterprises.view", "dangers.view", "permits.view")


@pytest.fixture(autouse=True)
def fresh_brakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "guesses", Brake(keyring.GUESSES_A_MINUTE, keyring.GUESSES_A_MINUTE))
    monkeypatch.setattr(keyring, "requests", Brake(1, 10_000))
    monkeypatch.setattr(keyring.requests, "set_pace", lambda *_: None)


@dataclass
class System:
    """A system of an enterprise: its account, its key, and how it asks."""

    account: Any
    issued: Any
    security: Any

    @property
    def header(self) -> dict[str, str]:
        """How it signs in."""
        return {"Authorization": f"Bearer {self.issued.key.username}.{self.issued.secret}"}

    def ask(self, method: str, address: str, content: object = None, client: Client | None = None, **headers: str) -> Any:
        """One request below ``/api/v1/own``."""
        body = content if isinstance(content, str | bytes) else json.dumps(content) if content is not None else ""
        return (client or Client()).generic(
            method, f"/api/v1/own{address}", body, content_type="application/json", headers={**self.header, **headers}
        )

    def put(self, address: str, content: object, **headers: str) -> Any:
        """Send one content."""
        return self.ask("PUT", address, content, **headers)

    def get(self, address: str, **headers: str) -> Any:
        """Read."""
        return self.ask("GET", address, **headers)


def system(
    name: str, enterprise: Any, *, writes: tuple[str, ...] | None = None, actions: tuple[str, ...] = READS, kind: str = "enterprise_manager"
) -> System:
    """A system with an account of its own at the enterprise; by default it may send everything that can be sent."""
    now = kernel_clock.now()
    account = make_account(name, kind, enterprise.place_code, enterprise_id=enterprise.id)
    security = actor_of(make_account(f"{name}-security", "security_admin", enterprise.place_code))
    (holding,) = queries.holdings_of(account.id, now)
    issued = services.issue_key(
        holding.id,
        label=f"{name} 系统",
        actions=actions,
        writes=sendable_actions() if writes is None else writes,
        expires_at=now + timedelta(days=30),
        actor=security,
        now=now,
    )
    return System(account, issued, security)


@dataclass
class Plant:
    """Two enterprises, and who else acts."""

    own: Enterprise
    other: Enterprise

    def account(self, kind: str) -> Any:
        """Somebody with a post of ``kind``: at the own enterprise, or in its county."""
        mine = self.own.pk if kind.startswith("enterprise_") else None
        return make_account(f"person-{kind.replace('_', '-')}", kind, self.own.place_code, enterprise_id=mine)


@pytest.fixture
def plant(db: None, clock: ModuleType) -> Plant:
    return Plant(
        Enterprise.objects.create(uscc="91370102MA00000A0X", name="示范化工有限公司", place_code="370102"),
        Enterprise.objects.create(uscc="913701030000000014", name="邻县水厂", place_code="370103"),
    )


@pytest.fixture
def erp(plant: Plant) -> System:
    return system("erp", plant.own)


def told() -> tuple[int, int]:
    """How many audit entries and announcements there are: neither grows when nothing changed."""
    return AuditEntry.objects.count(), Announcement.objects.count()
