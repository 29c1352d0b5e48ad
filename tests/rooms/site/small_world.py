"""A demonstration small enough for a test: the works of the exercise, its people, and one enterprise of a few trades."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from anlan.site.demo import trades as every
from anlan.site.demo import world


def built(
    monkeypatch: pytest.MonkeyPatch, settings: Any, home: Path, *, now: datetime, trades: Collection[str], records: bool = False
) -> list[Any]:
    """Build it; what was told of the building. ``records``: with what enterprises keep."""
    if not records:
        monkeypatch.setattr(world, "RECORDS", ())
    settings.ANLAN = {**settings.ANLAN, "DEMO": True, "HOME": home}
    monkeypatch.setattr(world, "TRADES", tuple(replace(trade, count=1) for trade in every.TRADES if trade.code in trades))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    told: list[Any] = []
    assert world.build(lambda *progress: told.append(progress), now=now)
    return told
