"""A county with a chlor-alkali works, people on duty, and posts about it."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.rooms.jinan import (  # noqa: F401
    actor,
    city_officer,
    county_leader,
    county_officer,
    nation_officer,
    other_county_officer,
    plant,
    world,
)

from anlan.ground.places import index
from anlan.sense.opinion import services, words

NOW = datetime(2026, 11, 26, 1, 20, tzinfo=UTC)  # 09:20 in China


@pytest.fixture
def net(world, plant, clock):  # noqa: F811
    """The works of 历下 in the register, the clock on a morning."""
    clock.set(NOW)
    index.forget()
    words.forget()
    yield clock
    words.forget()


def raw(text, minutes=30, **more):
    """A post of so many minutes ago, as a collector sends it."""
    return {"platform": "微博", "text": text, "published_at": (NOW - timedelta(minutes=minutes)).isoformat(), **more}


def take(actor, *posts, now=NOW):  # noqa: F811
    """Take posts in by hand."""
    return services.take(posts, via="接口", actor=actor, now=now)
