"""What the tests of enterprises, hazard sources and evidence share: officers of Jinan and invented enterprises at real places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest

from anlan.ground.enterprises import rules, services
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, Classification, Grant, system_actor
from anlan.kernel.levels import level_of, prefix_of

NOW = datetime(2026, 11, 22, 1, 18, tzinfo=UTC)
SPACE = UUID("3c0a4c2e-6a43-4bb4-9ad5-0f6d6a3f9d11")
LIXIA = {"place_code": "370102", "longitude": "117.0765", "latitude": "36.6665"}
"""历下区 with a point well inside it."""


def officer(
    place_code: str,
    *actions: str,
    enterprise_id: UUID | None = None,
    classification: Classification = Classification.INTERNAL,
) -> Actor:
    """Somebody at a place with ``actions`` (by default everything about enterprises, hazard sources and evidence)."""
    granted = actions or ("enterprises.*", "risksources.*", "evidence.*")
    prefix = prefix_of(place_code) if enterprise_id is None else ""
    return Actor(
        account_id=uuid5(SPACE, f"{place_code}{granted}{enterprise_id}"),
        name=f"officer of {place_code}",
        post="tests",
        level=level_of(place_code),
        place_code=place_code,
        enterprise_id=enterprise_id,
        grants=tuple(Grant(action, prefix, enterprise_id, classification) for action in granted),
    )


def values(number: int = 1, **more: Any) -> dict[str, Any]:
    """The fields of an invented enterprise with a valid code."""
    return {
        "uscc": rules.complete_credit_code(f"91370102MA{number:07d}"),
        "name": f"济南示范{number}号化工有限公司",
        **LIXIA,
        **more,
    }


@pytest.fixture
def clerk(jinan_places: None) -> Actor:
    return officer("370102")


@pytest.fixture
def make(jinan_places: None) -> Callable[..., Enterprise]:
    """Registers an invented enterprise."""

    def made(number: int = 1, **more: Any) -> Enterprise:
        return services.register_enterprise(actor=system_actor("tests"), now=NOW, **values(number, **more))

    return made
