"""What stories that try every address share."""

from __future__ import annotations

from functools import cache

import pytest

from anlan.ground.people import middleware, queries


@pytest.fixture
def quick_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who a session belongs to is read once: thousands of requests are made by few sessions, none of which ends meanwhile."""
    monkeypatch.setattr(middleware.queries, "standing", cache(queries.standing))
    monkeypatch.setattr(middleware.services, "touch", lambda *_: None)
